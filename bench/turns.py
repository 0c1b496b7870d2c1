"""`fieldline bench turns`: how long until the agent answers, and whether it lets the caller finish.

A lab phone in a real room says utterances of nine kinds over an 8 kHz line; the same ones to our agent and to LiveKit's
starter agent, once with the bundled turn detector and once with voice activity detection alone. All use the same
stand-ins of Deepgram, OpenAI and ElevenLabs, one after the other on the same machine. Voice to voice is measured in
samples of the phone's recording: from the caller's last sound to the agent's first.

After the turns come long answers that the caller nods at ("uh-huh") and then speaks over. `--short` takes one utterance
of each kind, one tool turn and one long answer: about four minutes, too few for a p95 that means anything.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from bench.chart import bars, save
from bench.listening import Turn, spoken_s, stopped_after, take_turn
from bench.plain import VARIANTS
from bench.report import Row, beside, console, p50, p95, row
from bench.stage import OURS, Stage, stage
from bench.utterances import BARGE_INS, LONG_REQUEST, NODS, TOOL_TURNS, Utterance, said_once, utterances
from fieldline.lab.audio import first_audio, seconds
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.lab.providers import Delays

SYSTEMS = (OURS, *VARIANTS)
#: What a caller hears at best: transcript, first token, the rest of a short sentence, first sound.
DELAYS = Delays(seed=7)
WORDS_OF_ANSWER = 7
FLOOR_S = DELAYS.stt_final + DELAYS.llm_first + WORDS_OF_ANSWER * DELAYS.llm_token + DELAYS.tts_first
#: A tool turn asks the model for a call, which is about as long as an answer. The starter then asks it for the words
#: too; ours says what the tool has said.
ASKED_AGAIN_S = DELAYS.llm_first + WORDS_OF_ANSWER * DELAYS.llm_token
#: After so many turns comes one that uses a tool; our line gives a call up in which nothing is done for more than six.
TOOL_EVERY, SHORT_TOOL_EVERY = 4, 6
GREETINGS = 5
COMPLETE, IN_ONE_BREATH = "complete sentences", ("short answer", "digits", "question", "request", "noise")
#: Progress is told every so many turns.
TOLD_EVERY = 6
#: The agent has spoken for so long when somebody speaks over it, seconds.
INTO_SPEECH_S = 2.0
#: A first frame may be a click: so much later it is known to be speech.
SURE_S = 0.3
#: After a nod the agent has so long to hold its breath; then it speaks, or was cut off: seconds, and the share of them.
AFTER_NOD_S, SPEAKS_S, CUT_SHARE = 1.5, 1.5, 0.5
#: What is said over the agent is answered within so long.
ANSWERED_S = 10.0


@dataclass
class Measured:
    """Everything one system did."""

    turns: list[Turn] = field(default_factory=list)
    greetings: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    nods: list[bool] = field(default_factory=list)  # was cut off by it

    def of(self, kind: str) -> list[Turn]:
        """The turns of one kind; "all kinds" without the tool turns, "complete sentences" without those with pauses."""
        if kind == "all kinds":
            return [turn for turn in self.turns if turn.kind != "tool turn"]
        return [turn for turn in self.turns if turn.kind == kind or (kind == COMPLETE and turn.kind in IN_ONE_BREATH)]


async def run(*, short: bool = False) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name), delays=DELAYS) as running:
            script = await asyncio.to_thread(_script, running, short)
            measured = {system: await _measure(running, system, script) for system in SYSTEMS}
    rows = table(measured)
    if not short:
        save("turns", bars("Voice to voice by kind of turn, p50", "s", by_kind(measured), SYSTEMS))
    beside(
        "Turns: voice to voice, over an 8 kHz line",
        rows,
        f"{script.turns} utterances, tool turns among them, for each system; flite speaks",
        "stand-ins: transcript 0.15 s after speech, first token 0.3 s, 0.02 s a token, first sound 0.12 s later",
        f"floor = the sum of those on the path: {FLOOR_S:.2f} s; the starter asks the model twice for a tool turn, "
        f"which adds {ASKED_AGAIN_S:.2f} s",
        "cut-offs: the agent spoke before the caller had finished; missed: no answer within 8 s",
    )
    return rows


@dataclass(frozen=True)
class Script:
    """What a caller does to each system: says something, or nods at a long answer and then speaks over it."""

    steps: list[Utterance | tuple[Utterance, Utterance]]
    request: Utterance
    greetings: int

    @property
    def turns(self) -> int:
        return sum(isinstance(step, Utterance) for step in self.steps)


def _script(running: Stage, short: bool) -> Script:
    make = running.clouds
    tools = cycle([said_once(make, "tool turn", text) for text in TOOL_TURNS])
    nods, over = ([said_once(make, "long", text) for text in texts] for texts in (NODS, BARGE_INS))
    rounds = list(zip(nods, cycle(over), strict=False))[: 1 if short else None]
    every = SHORT_TOOL_EVERY if short else TOOL_EVERY
    steps: list[Utterance | tuple[Utterance, Utterance]] = []
    without_tool = 0
    for step in (*utterances(make, per_kind=1 if short else None), *rounds):
        without_tool += 1 if isinstance(step, Utterance) else 2
        if without_tool > every:
            steps.append(next(tools))
            without_tool = 1 if isinstance(step, Utterance) else 2
        steps.append(step)
    return Script(steps, said_once(make, "long", LONG_REQUEST), 2 if short else GREETINGS)


async def _measure(running: Stage, system: str, script: Script) -> Measured:
    found, began = Measured(), time.monotonic()
    waiting = list(script.steps)
    while waiting:
        async with running.call(system, greeted=lambda phone: _greeted(phone, found)) as phone:
            try:
                while waiting:
                    await _step(phone, system, waiting.pop(0), script, found)
            except PhoneError as error:
                console.print(f"  {system}: {error}", style="yellow")
    while len(found.greetings) < script.greetings:
        async with LabPhone(running.server, running.leg(system)) as phone:
            await _greeted(phone, found)
    _progress(system, found, time.monotonic() - began)
    return found


async def _step(
    phone: LabPhone, system: str, step: Utterance | tuple[Utterance, Utterance], script: Script, found: Measured
) -> None:
    if not isinstance(step, Utterance):
        await _long_answer(phone, script.request, *step, found)
        return
    turn = await take_turn(phone, step.kind, step.pcm)
    found.turns.append(turn)
    if turn.cut_off or turn.missed:
        console.print(f"  {system}: {'cut off' if turn.cut_off else 'not answered'}: {step.text}", style="yellow")
    if len(found.turns) % TOLD_EVERY == 0:
        console.print(f"  {system}: {len(found.turns)} of {script.turns} turns", style="dim")


async def _greeted(phone: LabPhone, found: Measured) -> None:
    """Wait for the greeting's first sound, from now on: the call has just been answered."""
    answered = phone.recording.now()
    await phone.first_sound()
    await asyncio.sleep(SURE_S)
    first = first_audio(phone.recording.heard_tape.since(answered))
    if first is not None:
        found.greetings.append(seconds(first))


async def _long_answer(phone: LabPhone, request: Utterance, nod: Utterance, over: Utterance, found: Measured) -> None:
    """Ask for a long answer, nod at it, and then speak over it."""
    await _asked(phone, request)
    await phone.play(nod.pcm)
    await asyncio.sleep(AFTER_NOD_S)
    begin = phone.recording.now()
    await asyncio.sleep(SPEAKS_S)
    cut = spoken_s(phone.recording.heard_tape.since(begin)) < CUT_SHARE * SPEAKS_S
    found.nods.append(cut)
    if cut:
        await phone.hear(ANSWERED_S, quiet=1.5)
        await _asked(phone, request)
    begin = phone.recording.now()
    await phone.play(over.pcm)
    await phone.hear(ANSWERED_S, quiet=0.8)
    voice = begin + (first_audio(phone.recording.said_tape.since(begin)) or 0)
    stopped = stopped_after(phone.recording.heard_tape.since(voice))
    if stopped is not None:
        found.stops.append(stopped)


async def _asked(phone: LabPhone, request: Utterance) -> None:
    await phone.play(request.pcm)
    await phone.first_sound(within=15)
    await asyncio.sleep(INTO_SPEECH_S)


def _progress(system: str, found: Measured, took_s: float) -> None:
    delays = [turn.delay_s for turn in found.of("all kinds") if turn.delay_s is not None]
    cut, missed = (sum(getattr(turn, name) for turn in found.turns) for name in ("cut_off", "missed"))
    found_s = f"p50 {p50(delays):.2f} s, p95 {p95(delays):.2f} s" if delays else "no answer in time"
    console.print(f"  {system}: {found_s}, {cut} cut-offs, {missed} missed, measured in {took_s:.0f} s")


def table(measured: dict[str, Measured]) -> list[Row]:
    """Rows named "kind: figure / baseline"."""
    ours = measured[OURS]
    rows: list[Row] = []
    kinds = list(dict.fromkeys(["all kinds", COMPLETE, *(turn.kind for turn in ours.turns)]))
    for baseline in (system for system in measured if system != OURS):
        theirs = measured[baseline]
        for kind in kinds:
            rows += _of_kind(kind, ours.of(kind), theirs.of(kind), baseline)
        rows += _rest(ours, theirs, baseline)
    return rows


def _of_kind(kind: str, ours: list[Turn], theirs: list[Turn], baseline: str) -> list[Row]:
    mine, other = ([turn.delay_s for turn in turns if turn.delay_s is not None] for turns in (ours, theirs))
    rows: list[Row] = []
    if mine and other:
        rows.append(row(f"{kind}: p50 / {baseline}", "s", len(mine), p50(mine), p50(other), FLOOR_S))
        rows.append(row(f"{kind}: p95 / {baseline}", "s", len(mine), p95(mine), p95(other), FLOOR_S))
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
    rows.append(row(f"nods: cut-offs / {baseline}", "turns", len(ours.nods), sum(ours.nods), sum(theirs.nods)))
    return rows


def by_kind(measured: dict[str, Measured]) -> dict[str, dict[str, float]]:
    """p50 by kind and system, for the chart."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for system, one in measured.items():
        for kind in dict.fromkeys(turn.kind for turn in one.turns):
            delays = [turn.delay_s for turn in one.of(kind) if turn.delay_s is not None]
            if delays:
                found[kind][system] = p50(delays)
    return dict(found)
