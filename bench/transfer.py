"""`fieldline bench transfer`: what a warm transfer costs both sides, read from two telephones' recordings in samples.

A caller and an employee with lab phones, the real worker and livekit-server, the carrier stand-in between them. Both
send a tone of their own, so the recordings say who heard whom, and when. The baseline is the aim: a plain agent has no
transfer to compare with.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench.report import Row, console, p50, p95, row, show
from fieldline.lab.audio import RATE, seconds, tone
from fieldline.lab.caller import phone_call
from fieldline.lab.dialling import Call, Dialling
from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, first_other, first_tone, humming, tone_ms
from fieldline.lab.office_phone import (
    Behaviour,
    answers,
    answers_then_hangs_up,
    busy,
    never_answers,
    rejects,
    unreachable,
    voicemail,
)
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.settings import Settings, load_settings
from fieldline.stack import Stack
from fieldline.stack.commands import settings_of

RUNS, SHORT_RUNS = 20, 2
LINE = "+12025550100"
#: Calls go on side by side, or half an hour would be more than one: whom the callers want, and that person's number.
LANES = (("Karen Miller", "+12025550110"), ("Nina Patel", "+12025550112"))
#: What the demo company plays on hold here, so that everything else at the caller is somebody's voice.
HOLD_HZ = 425.0
RING_S = 5
#: Nothing here takes that long.
LIMIT_S = 90.0
#: Figure, unit and aim, in the order of the table.
AIMS = {
    "accept, both hear each other: p95": ("ms", 300.0),
    "caller hangs up, ringing stopped: p95": ("ms", 1000.0),
    "failure, agent's voice: p95": ("ms", 2000.0),
    "one hangs up, other leg ended: p95": ("ms", 1000.0),
}


@dataclass
class Figures:
    """Samples by figure, in ms, and what leaked."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    leaks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    beeps: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass
class Rung:
    """A caller on hold and the telephone that was rung."""

    caller: LabPhone
    call: Call

    def leak(self, figures: Figures) -> None:
        """Note what each heard of the other so far."""
        figures.leaks["caller at the employee"].append(tone_ms(self.call.phone.recording.heard, CALLER_HZ))
        figures.leaks["employee at the caller"].append(tone_ms(self.caller.recording.heard, EMPLOYEE_HZ))


async def run(*, short: bool = False, runs: int | None = None) -> list[dict[str, Any]]:
    """Measure every outcome `runs` times, print, and return the rows."""
    figures = Figures()
    runs = runs or (SHORT_RUNS if short else RUNS)
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with Stack(
            Path(name),
            at="2026-03-04 09:00",
            scratch=True,
            carrier=True,
            parts=["worker", "duties"],
            settings=load_settings(),
        ) as stack:
            assert stack.carrier is not None
            await _settle(stack.info.database_url)
            settings, numbers = settings_of(stack.info), stack.carrier.numbers
            for done, (outcome, (behaviour, measure)) in enumerate(OUTCOMES.items(), 1):
                began = time.monotonic()
                for _, number in LANES:
                    numbers.number(number, behaviour)
                waiting = iter(range(runs))
                await asyncio.gather(
                    *(_lane(lane, waiting, outcome, settings, numbers, measure, figures) for lane in LANES)
                )
                took = f"{runs} runs in {time.monotonic() - began:.0f} s"
                console.print(f"  {done} of {len(OUTCOMES)}, {outcome}: {took}", style="dim")
    rows = _rows(figures)
    show(
        "transfer",
        rows,
        f"Baseline: the aim. {len(LANES)} calls at a time. Both telephones hum from their first moment in the room.",
        f"A key of the employee's is heard by the caller as one beep: {figures.beeps} keys, reported apart from leak.",
        f"Runs that came to nothing, and are in no figure: {', '.join(figures.lost) or 'none'}.",
    )
    return [dict(r) for r in rows]


async def _lane(
    lane: Lane,
    waiting: Iterator[int],
    outcome: str,
    settings: Settings,
    numbers: Dialling,
    measure: Measure,
    figures: Figures,
) -> None:
    """Call after call; one that goes wrong is said to, and does not end the hour."""
    for number in waiting:
        try:
            async with rung(lane, settings, numbers) as on:
                await asyncio.wait_for(measure(on, figures, number), LIMIT_S)
        except (TimeoutError, PhoneError) as error:
            figures.lost.append(f"{outcome} {number + 1}")
            console.print(f"  {outcome}, run {number + 1} came to nothing: {str(error) or 'timed out'}", style="red")


def _rows(figures: Figures) -> list[Row]:
    rows = []
    for name, (unit, aim) in AIMS.items():
        samples = figures.ms[name.partition(":")[0]]
        rows.append(row(f"{name} / aim", unit, len(samples), p95(samples), aim))
        rows.append(row(f"{name.replace('p95', 'p50')} / aim", unit, len(samples), p50(samples), aim))
    for name, leaked in figures.leaks.items():
        rows.append(row(f"leak, {name}: sum / aim", "ms", len(leaked), sum(leaked), 0.0))
    return rows


async def _settle(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute(
            "update company_info set settings = settings || %s",
            [Jsonb({"hold_music": "tones", "transfer_ring_seconds": RING_S})],
        )


@asynccontextmanager
async def rung(lane: Lane, settings: Settings, numbers: Dialling) -> AsyncIterator[Rung]:
    """A caller has asked for somebody whose telephone is in the room; both hum from now on."""
    name, number = lane
    before = numbers.calls_to(number)
    # Of one number no more than sixty transfers a day are taken.
    async with phone_call(settings, f"+1202557{len(numbers.calls):04}", LINE) as caller:
        await caller.phone.first_sound()
        await caller.phone.type(f"connect me to {name}")
        call = await asyncio.wait_for(numbers.next_call(number, after=before), LIMIT_S)
        async with humming(call.phone, EMPLOYEE_HZ, call.phone.answered):
            yield Rung(caller.phone, call)


async def _accepted(on: Rung, figures: Figures, number: int) -> None:
    """Accepted by key as soon as the briefing is heard; then one of the two hangs up, in turns."""
    office, caller = on.call.phone, on.caller
    caller.on("sip_dtmf_received", lambda _: setattr(figures, "beeps", figures.beeps + 1))
    async with humming(caller, CALLER_HZ):
        await office.answered.wait()
        await _until(lambda: office.recording.last_heard is not None)
        await office.connected()
        on.leak(figures)
        pressed, at_office = caller.recording.now(), office.recording.now()
        await office.keys("1")
        await _until(lambda: _first(office, CALLER_HZ, at_office) and _first(caller, EMPLOYEE_HZ, pressed))
        heard = (_first(office, CALLER_HZ, at_office) - at_office, _first(caller, EMPLOYEE_HZ, pressed) - pressed)
        figures.ms["accept, both hear each other"].append(seconds(max(heard)) * 1000)
        leaves, stays = (caller, office) if number % 2 else (office, caller)
        await _ended(leaves, stays, figures, "one hangs up, other leg ended")


async def _caller_leaves(on: Rung, figures: Figures, _: int) -> None:
    """A second into the ringing, or as soon as the briefing is heard."""
    await asyncio.sleep(1)
    if on.call.phone.answered.is_set():
        await _until(lambda: on.call.phone.recording.last_heard is not None)
    await _ended(on.caller, on.call.phone, figures, "caller hangs up, ringing stopped")
    on.leak(figures)


async def _fails(on: Rung, figures: Figures, _: int) -> None:
    """Whatever the reason, the caller hears a voice again: the first sound that is not the hold signal."""
    caller = on.caller
    async with humming(caller, CALLER_HZ):
        await asyncio.wait({on.call.outcome})
        if on.call.phone.answered.is_set():
            await on.call.phone.ended.wait()
        at = caller.recording.now()
        await _until(lambda: first_other(caller.recording.heard, HOLD_HZ, at) is not None)
    voice = first_other(caller.recording.heard, HOLD_HZ, at)
    assert voice is not None
    figures.ms["failure, agent's voice"].append(seconds(voice - at) * 1000)
    on.leak(figures)


async def _ended(leaves: LabPhone, stays: LabPhone, figures: Figures, name: str) -> None:
    began = time.monotonic()
    _, ended = await asyncio.gather(leaves.hang_up(), _when(stays.ended))
    figures.ms[name].append((ended - began) * 1000)


async def _when(event: asyncio.Event) -> float:
    await event.wait()
    return time.monotonic()


def _first(phone: LabPhone, hertz: float, start: int) -> int:
    return first_tone(phone.recording.heard[: start + RATE * 20], hertz, start) or 0


async def _until(holds: Callable[[], Any]) -> None:
    while not holds():  # noqa: ASYNC110 - recordings grow without an event
        await asyncio.sleep(0.05)


Lane = tuple[str, str]
Measure = Callable[[Rung, Figures, int], Awaitable[None]]
OUTCOMES: dict[str, tuple[Behaviour, Measure]] = {
    "accepted": (answers(), _accepted),
    "caller hangs up while it rings": (never_answers(), _caller_leaves),
    "caller hangs up in the briefing": (answers(), _caller_leaves),
    "busy": (busy(), _fails),
    "declined": (rejects(), _fails),
    "no answer": (never_answers(), _fails),
    "unreachable": (unreachable(), _fails),
    "trunk down": (unreachable(503), _fails),
    "hangs up in the briefing": (answers_then_hangs_up(1.5), _fails),
    "declined by key": (Behaviour(keys="2"), _fails),
    "wants a message": (Behaviour(keys="3"), _fails),
    "voicemail": (voicemail(tone(700.0, 6.0)), _fails),
}
