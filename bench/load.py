"""`fieldline bench load`: simultaneous calls on this machine, ours beside the plain starter agent.

Every step holds so many calls at once, each caller says a few things, and each answer is timed. A step is the last when
its p95 is twice that of a single call, or turns are missed. Phones, livekit-server, stand-ins and database share the
machine. Then six calls come in the same moment, and two workers share light calls while one of them is drained.

`--short` takes two steps of two turns and shares six light calls instead of twenty: about three minutes.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.listening import Turn, take_turn
from bench.report import Row, console, p95, row, show
from bench.stage import FLOOR_S, OURS, Stage, stage
from bench.utterances import Utterance, said_once
from bench.workers import share
from fieldline.lab.audio import first_audio, seconds
from fieldline.lab.phone import LabPhone, PhoneError

PLAIN = "vad"
STEPS, SHORT_STEPS = (1, 5, 10, 15, 20), (1, 5)
SAID = ("what are your opening hours", "is anybody there today", "can you tell me where the office is")
SHORT_SAID = 2
BURST = 6
GREETED_WITHIN_S = 2.0
ANSWERED_WITHIN_S = 1.5
LIGHT_CALLS, SHORT_LIGHT_CALLS = 20, 6
GREETING_LIMIT_S = 30.0
#: Our worker takes more calls here than it would locally: where it breaks is what is measured.
WORKER_CALLS = 40


@dataclass(frozen=True)
class Step:
    """One number of simultaneous calls: the turns, processor seconds per second of call, and memory per call (MiB)."""

    calls: int
    turns: list[Turn]
    cpu: float
    memory: float

    @property
    def p95(self) -> float:
        delays = [turn.delay_s for turn in self.turns if turn.delay_s is not None]
        return p95(delays) if delays else float("inf")

    @property
    def missed(self) -> int:
        return sum(turn.missed for turn in self.turns)


async def run(*, short: bool = False) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name), variants=(PLAIN,), worker_calls=WORKER_CALLS) as running:
            texts = SAID[: SHORT_SAID if short else None]
            said = [await asyncio.to_thread(said_once, running.clouds, "load", text) for text in texts]
            steps = {system: await _steps(running, system, said, short) for system in (OURS, PLAIN)}
            bursts = {system: await _burst(running, system) for system in (OURS, PLAIN)}
            light = SHORT_LIGHT_CALLS if short else LIGHT_CALLS
            console.print(f"  two workers share {light} light calls", style="dim")
            shared = await share(running.stack, light)
    rows = table(steps, bursts)
    show(
        "Load: simultaneous calls",
        rows,
        "baseline: the starter agent with VAD alone; phones, server, stand-ins and database share the machine",
        f"floor = the sum of the providers' delays: {FLOOR_S:.2f} s; up to {steps[OURS][-1].calls} calls were tried",
        f"two workers, {shared.calls} light calls, one drained in the middle: {shared.greeted} greeted, {shared.lost} "
        f"lost; it had {shared.second}, took {shared.second_later} after it was told, and ended with "
        f"{shared.exit_code}",
    )
    return [*rows, row("light calls on two workers: lost", "calls", shared.calls, shared.lost, 0)]


async def _steps(running: Stage, system: str, said: Sequence[Utterance], short: bool) -> list[Step]:
    steps: list[Step] = []
    for calls in SHORT_STEPS if short else STEPS:
        steps.append(await _step(running, system, said, calls))
        last = steps[-1]
        console.print(
            f"  {system}, {calls} calls: p95 {last.p95:.2f} s, {last.missed} missed, {last.cpu:.2f} cores a call"
        )
        if last.missed or last.p95 > 2 * steps[0].p95:
            break
    return steps


async def _step(running: Stage, system: str, said: Sequence[Utterance], calls: int) -> Step:
    worker = psutil.Process(running.pids[system])
    idle = await asyncio.to_thread(_memory, worker)
    async with AsyncExitStack() as lines:
        phones = [await _answered(running, system, number, lines) for number in range(1, calls + 1)]
        used, began = _cpu(worker), time.monotonic()
        turns = await asyncio.gather(*(_talk(phone, said) for phone in phones))
        cpu = (_cpu(worker) - used) / (time.monotonic() - began) / calls
        memory = (await asyncio.to_thread(_memory, worker) - idle) / calls
    return Step(calls, [turn for one in turns for turn in one], cpu, memory)


async def _answered(running: Stage, system: str, number: int, lines: AsyncExitStack) -> LabPhone:
    phone = await lines.enter_async_context(LabPhone(running.server, running.leg(system, number)))
    await phone.first_sound(GREETING_LIMIT_S)
    return phone


async def _talk(phone: LabPhone, said: Sequence[Utterance]) -> list[Turn]:
    turns: list[Turn] = []
    try:
        await phone.hear(GREETING_LIMIT_S)
        for one in said:
            turns.append(await take_turn(phone, one.kind, one.pcm))
    except PhoneError:
        turns.append(Turn("load", None, missed=True))
    return turns


async def _burst(running: Stage, system: str) -> list[float]:
    """Seconds until each of the callers who come at once is greeted."""

    async def one(number: int) -> float:
        async with LabPhone(running.server, running.leg(system, number)) as phone:
            answered = phone.recording.now()
            try:
                await phone.first_sound(GREETING_LIMIT_S)
            except PhoneError:
                return GREETING_LIMIT_S
            await asyncio.sleep(0.3)
            return seconds(first_audio(phone.recording.heard_tape.since(answered)) or 0)

    waited = list(await asyncio.gather(*(one(number) for number in range(101, 101 + BURST))))
    console.print(f"  {system}, {BURST} calls at once: greeted after {min(waited):.2f} to {max(waited):.2f} s")
    return waited


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    """Processor seconds of a worker and its jobs, those that have ended left out."""
    total = 0.0
    for one in _family(process):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _memory(process: psutil.Process) -> float:
    """Proportional set size of a worker and its jobs, MiB; resident size where there is none."""
    total = 0
    for one in _family(process):
        try:
            info = one.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        total += getattr(info, "pss", info.rss)
    return total / 2**20


def _capacity(steps: Sequence[Step]) -> int:
    """The most simultaneous calls that were answered in time, all of them."""
    return max((step.calls for step in steps if not step.missed and step.p95 < ANSWERED_WITHIN_S), default=0)


def table(steps: dict[str, list[Step]], bursts: dict[str, list[float]]) -> list[Row]:
    """The rows; steps that only one of the two reached have no row."""
    ours, plain = steps[OURS], steps[PLAIN]
    held, cores = (_capacity(ours), _capacity(plain)), os.cpu_count() or 1
    rows = [
        row(f"calls at once, p95 under {ANSWERED_WITHIN_S} s", "calls", 1, *held),
        row("the same for each core", "calls a core", 1, *(calls / cores for calls in held)),
    ]
    for mine, other in zip(ours, plain, strict=False):
        rows += [
            row(f"{mine.calls} calls, p95", "s", len(mine.turns), mine.p95, other.p95, FLOOR_S),
            row(f"{mine.calls} calls, missed", "turns", len(mine.turns), mine.missed, other.missed),
            row(f"{mine.calls} calls, processor", "cores a call", mine.calls, mine.cpu, other.cpu),
            row(f"{mine.calls} calls, memory", "MiB a call", mine.calls, mine.memory, other.memory),
        ]
    late = [sum(waited > GREETED_WITHIN_S for waited in bursts[system]) for system in (OURS, PLAIN)]
    rows.append(row(f"burst of {BURST}, slowest greeting", "s", BURST, max(bursts[OURS]), max(bursts[PLAIN])))
    rows.append(row(f"burst of {BURST}, greeted after {GREETED_WITHIN_S:g} s", "calls", BURST, *late))
    return rows
