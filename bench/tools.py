"""`fieldline bench tools`: every line function through the API, beside a bare RPC ping and beside PostgreSQL itself.

One caller: each answer's time, a ping before each. Sixteen at once: all sixteen ask the same function in the same
moment, then sixteen pings, and so on through the whole call; throughput is answers per second of that. The same call
straight on PostgreSQL gives the floor.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable
from datetime import date
from functools import partial
from typing import Any

from bench.crowd import Caller, add_crowd, notify_all
from bench.lines import Api, Bench, scratch
from bench.report import Row, p50, p95, pivot, row
from bench.workday import Facts, Step, Times, round_of, work

ROUNDS = 40
AT_ONCE = 16
ROUNDS_AT_ONCE = 6
#: Each function is asked this often before anything is measured: connections open, plans are made.
WARM_UP = 3
AIM_P50_MS = 25.0
AIM_THROUGHPUT = 0.9

#: By function: how long the answers of all callers took, and the pings before them, in seconds.
Walls = dict[str, list[tuple[float, float]]]


async def run() -> list[dict[str, Any]]:
    """Measure, print, and return the rows.

    Raises:
        StoreError: a line function refused or failed; the bench asks for nothing that should be refused.
    """
    async with scratch() as bench:
        one, straight, *crowd = await add_crowd(
            bench.owner, first=0, count=AT_ONCE + 2, orders_each=WARM_UP + ROUNDS, orders_per_day=2
        )
        alone = await _one_caller(bench, one, straight)
        together = await _at_once(bench, crowd)
    pivot(
        "Line functions, milliseconds",
        alone,
        f"one caller, {ROUNDS} calls, everything on this machine; floor is the function straight on PostgreSQL",
        f"aim: p50 at most {AIM_P50_MS:.0f} ms",
    )
    pivot(
        f"Line functions, {AT_ONCE} callers at once, answers per second",
        together,
        f"{ROUNDS_AT_ONCE} calls each; a refusal or a failure would have ended the bench: no errors",
        f"aim: at least {AIM_THROUGHPUT} of the ping's throughput",
    )
    return [dict(r) for r in (*alone, *together)]


async def _one_caller(bench: Bench, one: Caller, straight: Caller) -> list[Row]:
    times, floors = Times(), Times()
    async with bench.direct() as direct:
        for n in range(WARM_UP + ROUNDS):
            if n == WARM_UP:
                times, floors = Times(), Times()
            await notify_all(bench.owner)
            await work(one, range(n, n + 1), bench.today, bench.api.ask, times, ping=bench.api.ping)
            await work(straight, range(n, n + 1), bench.today, direct.ask, floors, ping=direct.ping)
    rows = []
    times.ms["ping"] = times.ms.pop("ping")
    for name, ms in times.ms.items():
        for word, figure in (("p50", p50), ("p95", p95)):
            if name != "ping":
                ping, floor = figure(times.ms["ping"]), figure(floors.ms[name])
                rows.append(row(f"{name}: {word} / ping", "ms", len(ms), figure(ms), ping, floor))
        rows.append(row(f"{name}: p50 / PostgreSQL", "ms", len(ms), p50(ms), p50(floors.ms[name])))
    return rows


async def _at_once(bench: Bench, crowd: list[Caller]) -> list[Row]:
    walls: Walls = defaultdict(list)
    for n in range(1 + ROUNDS_AT_ONCE):
        if n == 1:
            walls.clear()
        await notify_all(bench.owner)
        await _round_at_once(bench.api, crowd, n, bench.today, walls)
    rows = [_throughput(name, pairs) for name, pairs in walls.items()]
    return [_throughput("all functions", [pair for pairs in walls.values() for pair in pairs]), *rows]


def _throughput(name: str, pairs: list[tuple[float, float]]) -> Row:
    """Answers per second of a function, beside that of the pings that came just before."""
    answers = AT_ONCE * len(pairs)
    ours, ping = (answers / sum(walls) for walls in zip(*pairs, strict=True))
    return row(f"{name}: {AT_ONCE} at once / ping", "answers/s", answers, ours, ping)


async def _round_at_once(api: Api, crowd: list[Caller], n: int, today: date, walls: Walls) -> None:
    """One call of everybody in step: a ping of all, then the same function of all."""
    answers: list[Facts] = [{} for _ in crowd]
    calls = [round_of(caller, n, today, partial(answers.__getitem__, i)) for i, caller in enumerate(crowd)]
    while steps := await _next_of_each(calls):
        ping, _ = await _wall([api.ping() for _ in crowd])
        name = steps[0][0]
        ours, answers[:] = await _wall([api.ask(name, **arguments) for name, arguments in steps])
        walls[name].append((ours, ping))


async def _next_of_each(calls: list[AsyncIterator[Step]]) -> list[Step]:
    steps = [await anext(call, None) for call in calls]
    return [step for step in steps if step is not None]


async def _wall(asked: list[Awaitable[Any]]) -> tuple[float, list[Any]]:
    started = time.perf_counter()
    answers = await asyncio.gather(*asked)
    return time.perf_counter() - started, answers
