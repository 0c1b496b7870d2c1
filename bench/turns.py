"""`fieldline bench turns`: how long until the agent answers, and whether it lets the caller finish.

A lab phone in a real room says utterances of nine kinds over an 8 kHz line; the same ones to our agent and to LiveKit's
starter agent, once with the bundled turn detector and once with voice activity detection alone. All use the same
stand-ins of Deepgram, OpenAI and ElevenLabs, one after the other on the same machine. Voice to voice is measured in
samples of the phone's recording: from the caller's last sound to the agent's first.

After them come long answers that the caller nods at ("uh-huh") and then speaks over. `--short` takes one utterance of
each kind, two tool turns and one long answer: about four minutes, too few for a p95 that means anything.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from bench.listening import Turn, take_turn
from bench.long_answer import long_answer
from bench.plain import VARIANTS
from bench.report import Row, beside, console, p50, p95, row
from bench.stage import ASKED_AGAIN_S, FLOOR_S, OURS, TOOL_FLOOR_S, Stage, stage
from bench.utterances import BARGE_INS, LONG_REQUEST, NODS, TOOL_TURNS, Utterance, said_once, utterances
from fieldline.lab.audio import first_audio, seconds
from fieldline.lab.phone import LabPhone, PhoneError

SYSTEMS = (OURS, *VARIANTS)
#: After so many turns comes one that uses a tool: our line gives a call up whose seventh turn in a row does nothing.
TOOL_EVERY, SHORT_TOOL_EVERY = 4, 5
GREETINGS = 5
TOOL_TURN = "tool turn"
COMPLETE, IN_ONE_BREATH = "complete sentences", ("short answer", "digits", "question", "request", "noise")
#: Progress is told every so many turns.
TOLD_EVERY = 6
#: A first frame may be a click: so much later it is known to be speech.
SURE_S = 0.3
#: A system that so many calls in a row get nothing from cannot be measured.
FAILED_CALLS = 3


@dataclass
class Measured:
    """Everything one system did."""

    turns: list[Turn] = field(default_factory=list)
    greetings: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    nods: list[bool] = field(default_factory=list)  # was cut off by it
    silences: list[float] = field(default_factory=list)  # the longest after each interruption

    def of(self, kind: str) -> list[Turn]:
        """The turns of one kind; "all kinds" without the tool turns, "complete sentences" without those with pauses."""
        if kind == "all kinds":
            return [turn for turn in self.turns if turn.kind != TOOL_TURN]
        return [turn for turn in self.turns if turn.kind == kind or (kind == COMPLETE and turn.kind in IN_ONE_BREATH)]

    @property
    def longest_silences(self) -> list[float]:
        """Of everything that was waited for: greetings, answers, and what came after an interruption."""
        return [*self.greetings, *self.silences, *(turn.silence_s for turn in self.turns if turn.silence_s is not None)]


async def run(*, short: bool = False) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name)) as running:
            script = await asyncio.to_thread(_script, running, short)
            measured = {system: await _measure(running, system, script) for system in SYSTEMS}
    rows = table(measured)
    beside(
        "Turns: voice to voice, over an 8 kHz line",
        rows,
        f"{script.turns} utterances, tool turns among them, for each system; flite speaks",
        "stand-ins: transcript 0.15 s after speech, first token 0.3 s, 0.02 s a token, first sound 0.12 s later",
        f"floor = the sum of those on the path: {FLOOR_S:.2f} s, {TOOL_FLOOR_S:.2f} s where the tool has the words; "
        f"the starter asks the model again for those, which adds {ASKED_AGAIN_S:.2f} s",
        "cut-offs: the agent spoke before the caller had finished; missed: no answer within 8 s, or the call ended",
    )
    return rows


#: Something to say, or a nod and what is said over the agent.
Step = Utterance | tuple[Utterance, Utterance]


@dataclass(frozen=True)
class Script:
    """What a caller does to each system: says something, or nods at a long answer and then speaks over it."""

    steps: list[Step]
    request: Utterance
    greetings: int

    @property
    def turns(self) -> int:
        return sum(isinstance(step, Utterance) for step in self.steps)


def _script(running: Stage, short: bool) -> Script:
    make = running.clouds
    tools = [said_once(make, TOOL_TURN, text) for text in TOOL_TURNS]
    nods, over = ([said_once(make, "long", text) for text in texts] for texts in (NODS, BARGE_INS))
    rounds = list(zip(nods, cycle(over), strict=False))[: 1 if short else None]
    said = (*utterances(make, per_kind=1 if short else None), *rounds)
    steps = with_tools(said, tools, SHORT_TOOL_EVERY if short else TOOL_EVERY)
    return Script(steps, said_once(make, "long", LONG_REQUEST), 2 if short else GREETINGS)


def with_tools(said: Sequence[Step], tools: Sequence[Utterance], every: int) -> list[Step]:
    """The steps with a tool turn before what would be more than `every` turns without one.

    A long answer takes up to four: it is asked for, again if the nod has ended it, and then spoken over.
    """
    steps: list[Step] = []
    next_tool, without_tool = cycle(tools), 0
    for step in said:
        turns = 1 if isinstance(step, Utterance) else 4
        if without_tool + turns > every:
            steps.append(next(next_tool))
            without_tool = 0
        without_tool += turns
        steps.append(step)
    return steps


async def _measure(running: Stage, system: str, script: Script) -> Measured:
    found, began = Measured(), time.monotonic()
    waiting, in_vain = deque(script.steps), 0
    while left := len(waiting) or max(0, script.greetings - len(found.greetings)):
        try:
            async with running.call(system, greeted=lambda phone: _greeted(phone, found)) as phone:
                while waiting and not phone.ended.is_set():
                    await _step(phone, system, waiting.popleft(), script, found)
        except PhoneError as error:
            console.print(f"  {system}: {error}", style="yellow")
        in_vain = in_vain + 1 if left == (len(waiting) or script.greetings - len(found.greetings)) else 0
        if in_vain == FAILED_CALLS:
            raise PhoneError(f"{FAILED_CALLS} calls to {system} in a row came to nothing.")
    _progress(system, found, time.monotonic() - began)
    return found


async def _step(phone: LabPhone, system: str, step: Step, script: Script, found: Measured) -> None:
    if not isinstance(step, Utterance):
        await _interrupted(phone, system, script.request, step, found)
        return
    try:
        turn = await take_turn(phone, step.kind, step.pcm)
    except PhoneError:
        found.turns.append(Turn(step.kind, None, missed=True))
        raise
    found.turns.append(turn)
    if turn.cut_off or turn.missed:
        console.print(f"  {system}: {'cut off' if turn.cut_off else 'not answered'}: {step.text}", style="yellow")
    if len(found.turns) % TOLD_EVERY == 0:
        console.print(f"  {system}: {len(found.turns)} of {script.turns} turns", style="dim")


async def _interrupted(
    phone: LabPhone, system: str, request: Utterance, said: tuple[Utterance, Utterance], found: Measured
) -> None:
    """A long answer, nodded at and spoken over (`said`). One that does not come is a missed turn."""
    try:
        answer = await long_answer(phone, request, *said)
    except PhoneError:
        found.turns.append(Turn("long answer", None, missed=True))
        raise
    found.nods.append(answer.cut)
    if answer.stopped_s is None or answer.silence_s is None:
        console.print(f"  {system}: silent already when it was spoken over", style="yellow")
        return
    found.stops.append(answer.stopped_s)
    found.silences.append(answer.silence_s)


async def _greeted(phone: LabPhone, found: Measured) -> None:
    """Wait for the greeting's first sound, from now on: the call has just been answered."""
    answered = phone.recording.now()
    await phone.first_sound()
    await asyncio.sleep(SURE_S)
    first = first_audio(phone.recording.heard_tape.since(answered))
    if first is not None:
        found.greetings.append(seconds(first))


def _progress(system: str, found: Measured, took_s: float) -> None:
    delays = [turn.delay_s for turn in found.of("all kinds") if turn.delay_s is not None]
    cut, missed = (sum(getattr(turn, name) for turn in found.turns) for name in ("cut_off", "missed"))
    found_s = f"p50 {p50(delays):.2f} s, p95 {p95(delays):.2f} s" if delays else "no answer in time"
    console.print(f"  {system}: {found_s}, {cut} cut-offs, {missed} missed, measured in {took_s:.0f} s")


def table(measured: dict[str, Measured]) -> list[Row]:
    """Rows named "kind: figure / baseline"."""
    ours = measured[OURS]
    rows: list[Row] = []
    kinds = list(
        dict.fromkeys(["all kinds", COMPLETE, *(turn.kind for one in measured.values() for turn in one.turns)])
    )
    for baseline in (system for system in measured if system != OURS):
        theirs = measured[baseline]
        for kind in kinds:
            rows += _of_kind(kind, ours.of(kind), theirs.of(kind), baseline)
        rows += _rest(ours, theirs, baseline)
    return rows


def _of_kind(kind: str, ours: list[Turn], theirs: list[Turn], baseline: str) -> list[Row]:
    mine, other = ([turn.delay_s for turn in turns if turn.delay_s is not None] for turns in (ours, theirs))
    rows: list[Row] = []
    floor = TOOL_FLOOR_S if kind == TOOL_TURN else FLOOR_S
    if mine and other:
        rows.append(row(f"{kind}: p50 / {baseline}", "s", len(mine), p50(mine), p50(other), floor))
        rows.append(row(f"{kind}: p95 / {baseline}", "s", len(mine), p95(mine), p95(other), floor))
    for name, figure in (("cut-offs", "cut_off"), ("missed", "missed"), ("fillers", "filler")):
        counts = [sum(getattr(turn, figure) for turn in turns) for turns in (ours, theirs)]
        rows.append(row(f"{kind}: {name} / {baseline}", "turns", len(ours), *counts))
    return rows


def _rest(ours: Measured, theirs: Measured, baseline: str) -> list[Row]:
    rows: list[Row] = []
    for name, figure in (("greeting after the answer", "greetings"), ("barge-in stops the agent", "stops")):
        mine, other = getattr(ours, figure), getattr(theirs, figure)
        if mine and other:
            rows.append(row(f"{name}: p50 / {baseline}", "s", len(mine), p50(mine), p50(other)))
            rows.append(row(f"{name}: p95 / {baseline}", "s", len(mine), p95(mine), p95(other)))
    mine, other = ours.longest_silences, theirs.longest_silences
    if mine and other:
        rows.append(row(f"anywhere: longest silence / {baseline}", "s", len(mine), max(mine), max(other), FLOOR_S))
    rows.append(row(f"nods: cut-offs / {baseline}", "turns", len(ours.nods), sum(ours.nods), sum(theirs.nods)))
    return rows
