"""`fieldline bench scale`: the same call on the demo's amount of data and on 100,000 orders and 1,000 technicians.

Each function's time at the large size is set beside its time at the small one, through the API and straight on
PostgreSQL, where nothing hides a slow plan. Then PostgreSQL itself says how it ran the statements inside the functions
(auto_explain), and whatever read a whole large table is named.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from bench.crowd import Caller, add_crowd, notify_all
from bench.lines import Bench, scratch
from bench.report import Row, console, p50, pivot, row
from bench.workday import Times, work

TECHNICIANS = 1_000
ORDERS_EACH = 100
ORDERS_PER_DAY = 2
#: Orders are spread from this many days before today; the earlier ones are completed.
FROM_DAY = -40
ROUNDS = 15
WARM_UP = 3
AIM_RATIO = 2.0
#: A sequential scan that looks at fewer rows than this costs less than an index.
SMALL_TABLE = 1_000


async def run() -> list[dict[str, Any]]:
    """Measure, print, and return the rows.

    Raises:
        StoreError: a line function refused or failed.
    """
    async with scratch() as bench:
        few = await add_crowd(
            bench.owner, first=0, count=2, orders_each=WARM_UP + ROUNDS, orders_per_day=ORDERS_PER_DAY
        )
        small = await _times(bench, few)
        many = await add_crowd(
            bench.owner,
            first=100,
            count=TECHNICIANS,
            orders_each=ORDERS_EACH,
            from_day=FROM_DAY,
            orders_per_day=ORDERS_PER_DAY,
            pins=3,
        )
        large = await _times(bench, many)
        sizes = await _sizes(bench)
        plans = await _plans(bench, many[2])
    rows = [_row(name, way, small[way], large[way]) for name in large["API"].ms for way in large]
    pivot(
        "Line functions at scale, p50 in milliseconds at the large size",
        rows,
        f"large: {sizes}; small: the demo's data and {len(few)} technicians more",
        "the small size's times are multiplied by how much slower the ping was at the large size",
        f"aim: every ratio at most {AIM_RATIO:.0f}; over it: {_over(rows) or 'none'}",
    )
    _show_plans(plans)
    return [dict(r) for r in rows]


def _row(name: str, way: str, small: Times, large: Times) -> Row:
    """A function at both sizes. The sizes are measured minutes apart: the ping says how much slower the machine got."""
    drift = 1.0 if name == "ping" else p50(large.ms["ping"]) / p50(small.ms["ping"])
    ms = large.ms[name]
    return row(f"{name}: {way} p50 / small {way}", "ms", len(ms), p50(ms), p50(small.ms[name]) * drift)


def _over(rows: list[Row]) -> str:
    return ", ".join(f"{r['name'].partition(' p50')[0]} {r['ratio']:.1f}" for r in rows if r["ratio"] > AIM_RATIO)


async def _times(bench: Bench, callers: list[Caller]) -> dict[str, Times]:
    """Every function's times by way: the first caller through the API, the second straight."""
    measured = {"API": Times(), "PostgreSQL": Times()}
    async with bench.direct() as direct:
        for n in range(WARM_UP + ROUNDS):
            if n == WARM_UP:
                measured = {"API": Times(), "PostgreSQL": Times()}
            await notify_all(bench.owner)
            for caller, way, times in zip(callers, (bench.api, direct), measured.values(), strict=False):
                await work(caller, range(n, n + 1), bench.today, way.ask, times, ping=way.ping)
    return measured


async def _sizes(bench: Bench) -> str:
    parts = []
    for table in ("work_orders", "technicians", "work_order_notes", "travel_logs", "stock_movements"):
        found = await (await bench.owner.execute(f"select count(*) from public.{table}")).fetchone()  # pyright: ignore
        parts.append(f"{found[0] if found else 0:,} {table}")
    return ", ".join(parts)


async def _plans(bench: Bench, caller: Caller) -> dict[str, list[str]]:
    """The plans of every statement inside each function, as PostgreSQL ran it for `caller`."""
    plans: dict[str, list[str]] = {}
    asked = ""
    async with bench.direct() as direct:
        await direct.explain(lambda text: plans.setdefault(asked, []).append(text))

        async def ask(name: str, **arguments: Any) -> Any:
            nonlocal asked
            asked = name
            return await direct.ask(name, **arguments)

        await notify_all(bench.owner)
        await work(caller, range(1), bench.today, ask, Times(), ping=direct.ping)
    return plans


def whole_table_reads(plan: str) -> Counter[str]:
    """Tables that a plan read from end to end, with the rows it looked at; small ones left out."""
    reads: Counter[str] = Counter()
    for found in re.finditer(r"Seq Scan on (\w+).*?\(actual rows=([\d.]+) loops=(\d+)\)(.*?)(?=->|\Z)", plan, re.S):
        table, rows, loops, rest = found.groups()
        removed = re.search(r"Rows Removed by Filter: (\d+)", rest)
        looked_at = (float(rows) + (int(removed[1]) if removed else 0)) * int(loops)
        if looked_at >= SMALL_TABLE:
            reads[table] = max(reads[table], int(looked_at))
    return reads


def _show_plans(plans: dict[str, list[str]]) -> None:
    inner = [(name, plan) for name, found in plans.items() for plan in found if 'select "public".' not in plan]
    console.print(f"\n[bold]Query plans[/bold] of {len(inner)} statements inside {len(plans)} functions")
    reads = {(name, table): (rows, plan) for name, plan in inner for table, rows in whole_table_reads(plan).items()}
    if not reads:
        console.print(f"  no statement reads a table of {SMALL_TABLE:,} rows or more from end to end")
    for (name, table), (rows, plan) in reads.items():
        _show(f"{name} reads all of {table}, {rows:,} rows", plan)
    slowest = max(inner, key=lambda item: _duration(item[1]), default=None)
    if slowest:
        _show(f"the slowest statement is one of {slowest[0]}", slowest[1])


def _show(title: str, plan: str) -> None:
    kept = re.sub(r"^Query Parameters: .*\n", "", plan, flags=re.M)
    console.print(f"  {title}\n{kept}\n", markup=False, soft_wrap=True)


def _duration(plan: str) -> float:
    found = re.search(r"duration: ([\d.]+) ms", plan)
    return float(found[1]) if found else 0.0
