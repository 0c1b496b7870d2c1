"""`fieldline bench turns`: how long until the agent answers, and whether it lets the caller finish.

A lab phone in a real room says utterances of nine kinds over an 8 kHz line; the same ones to our agent and to LiveKit's
starter agent, once with the bundled turn detector and once with voice activity detection alone. All use the same
stand-ins of Deepgram, OpenAI and ElevenLabs, one after the other on the same machine. Voice to voice is measured in
samples of the phone's recording: from the caller's last sound to the agent's first.

`--short` takes two utterances of each kind.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.chart import bars, save
from bench.listening import Turn, spoken_s, stopped_after, take_turn
from bench.plain import VARIANTS
from bench.report import Row, console, p50, p95, pivot, row
from bench.stage import LONG, OURS, Stage, stage
from bench.utterances import BARGE_INS, LONG_REQUEST, NODS, TOOL_TURNS, Utterance, said_once, utterances
from fieldline.lab.audio import first_audio, seconds
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.lab.providers import Delays

SYSTEMS = (OURS, *VARIANTS)
#: What a caller hears at best: transcript, first token, the rest of a short sentence, first sound.
DELAYS = Delays(seed=7)
WORDS_OF_ANSWER = 7
FLOOR_S = DELAYS.stt_final + DELAYS.llm_first + WORDS_OF_ANSWER * DELAYS.llm_token + DELAYS.tts_first
#: A tool turn asks the model twice; its call is about as long as an answer.
TOOL_FLOOR_S = FLOOR_S + DELAYS.llm_first + WORDS_OF_ANSWER * DELAYS.llm_token
SHORT_PER_KIND = 2
#: After so many turns comes one that uses a tool.
TOOL_EVERY = 4
GREETINGS, SHORT_GREETINGS = 5, 3
#: The agent has spoken for so long when somebody speaks over it, seconds.
INTO_SPEECH_S = 2.0
#: A first frame may be a click: so much later it is known to be speech.
SURE_S = 0.3
#: Less than this share of what was left to say means that a nod has cut the agent off.
CUT_SHARE = 0.6
#: A long answer lasts so long, and is waited for no longer.
LONG_S = len(LONG) / 15 + 6


@dataclass
class Measured:
    """Everything one system did."""

    turns: list[Turn] = field(default_factory=list)
    greetings: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    nods: list[bool] = field(default_factory=list)  # was cut off by it

    def of(self, kind: str) -> list[Turn]:
        """The turns of one kind; "all kinds" without the tool turns."""
        return [turn for turn in self.turns if turn.kind == kind or (kind == "all kinds" and turn.kind != "tool turn")]


async def run(*, short: bool = False) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name), delays=DELAYS) as running:
            said = await asyncio.to_thread(utterances, running.clouds, per_kind=SHORT_PER_KIND if short else None)
            extras = await asyncio.to_thread(_extras, running)
            measured = {system: await _measure(running, system, said, extras, short) for system in SYSTEMS}
    rows = table(measured)
    save("turns", bars("Voice to voice by kind of turn, p50", "s", by_kind(measured), SYSTEMS))
    pivot(
        "Turns: voice to voice, over an 8 kHz line",
        rows,
        f"{len(said)} utterances, {len(measured[OURS].of('tool turn'))} tool turns for each system; flite speaks",
        "stand-ins: transcript 0.15 s after speech, first token 0.3 s, 0.02 s a token, first sound 0.12 s later",
        f"floor = the sum of those on the path: {FLOOR_S:.2f} s, with a tool {TOOL_FLOOR_S:.2f} s",
        "cut-offs: the agent spoke before the caller had finished; missed: no answer within 8 s",
    )
    return rows


def _extras(running: Stage) -> dict[str, list[Utterance]]:
    make = running.clouds
    return {
        "tool": [said_once(make, "tool turn", text) for text in TOOL_TURNS],
        "long": [said_once(make, "long", LONG_REQUEST)],
        "barge-in": [said_once(make, "barge-in", text) for text in BARGE_INS],
        "nod": [said_once(make, "nod", text) for text in NODS],
    }


async def _measure(
    running: Stage, system: str, said: Sequence[Utterance], extras: dict[str, list[Utterance]], short: bool
) -> Measured:
    found = Measured()
    for _ in range(SHORT_GREETINGS if short else GREETINGS):
        await _greeting(running, system, found)
    tools = extras["tool"]
    mixed = [
        one
        for index, utterance in enumerate(said)
        for one in ((utterance, tools[index % len(tools)]) if index % TOOL_EVERY == 0 else (utterance,))
    ]
    await _in_calls(running, system, mixed, lambda phone, one: _turn(phone, one, found))
    await _in_calls(running, system, extras["barge-in"], lambda phone, one: _barge_in(phone, extras, one, found))
    await _in_calls(running, system, extras["nod"], lambda phone, one: _nod(phone, extras, one, found))
    _progress(system, found)
    return found


async def _in_calls(
    running: Stage, system: str, items: Sequence[Utterance], act: Callable[[LabPhone, Utterance], Awaitable[None]]
) -> None:
    """Do something with each, in one call, or in another one when the call has ended."""
    waiting = list(items)
    while waiting:
        async with running.call(system) as phone:
            try:
                while waiting:
                    one = waiting.pop(0)
                    await act(phone, one)
            except PhoneError as error:
                console.print(f"  {system}: {error}", style="yellow")


async def _greeting(running: Stage, system: str, found: Measured) -> None:
    async with LabPhone(running.server, running.leg(system)) as phone:
        answered = phone.recording.now()
        await phone.first_sound()
        await asyncio.sleep(SURE_S)
        first = first_audio(phone.recording.heard_tape.since(answered))
        if first is not None:
            found.greetings.append(seconds(first))


async def _turn(phone: LabPhone, one: Utterance, found: Measured) -> None:
    found.turns.append(await take_turn(phone, one.kind, one.pcm))


async def _into_a_long_answer(phone: LabPhone, extras: dict[str, list[Utterance]]) -> int:
    """Ask for a long answer and let the agent speak for a while; where it began, in samples."""
    await phone.play(extras["long"][0].pcm)
    await phone.first_sound(within=15)
    began = phone.turn_at + (first_audio(phone.recording.heard_tape.since(phone.turn_at)) or 0)
    await asyncio.sleep(INTO_SPEECH_S)
    return began


async def _barge_in(phone: LabPhone, extras: dict[str, list[Utterance]], one: Utterance, found: Measured) -> None:
    await _into_a_long_answer(phone, extras)
    begin = phone.recording.now()
    await phone.play(one.pcm)
    await phone.hear(LONG_S, quiet=0.8)
    voice = begin + (first_audio(phone.recording.said_tape.since(begin)) or 0)
    stopped = stopped_after(phone.recording.heard_tape.since(voice))
    if stopped is not None:
        found.stops.append(stopped)


async def _nod(phone: LabPhone, extras: dict[str, list[Utterance]], one: Utterance, found: Measured) -> None:
    began = await _into_a_long_answer(phone, extras)
    nodded = phone.recording.now()
    await phone.play(one.pcm)
    # A nod may be answered or not: what counts is whether the agent says the rest.
    await phone.hear(LONG_S, quiet=2.5)
    before = spoken_s(phone.recording.heard_tape.since(began)[: nodded - began])
    after = spoken_s(phone.recording.heard_tape.since(nodded))
    whole = len(LONG) / 15
    found.nods.append(after < CUT_SHARE * (whole - before))


def _progress(system: str, found: Measured) -> None:
    delays = [turn.delay_s for turn in found.of("all kinds") if turn.delay_s is not None]
    cut, missed = (sum(getattr(turn, name) for turn in found.turns) for name in ("cut_off", "missed"))
    console.print(f"  {system}: p50 {p50(delays):.2f} s, p95 {p95(delays):.2f} s, {cut} cut-offs, {missed} missed")


def table(measured: dict[str, Measured]) -> list[Row]:
    """Rows named "kind: figure / baseline"."""
    ours = measured[OURS]
    rows: list[Row] = []
    kinds = list(dict.fromkeys(["all kinds", *(turn.kind for turn in ours.turns)]))
    for baseline in (system for system in measured if system != OURS):
        theirs = measured[baseline]
        for kind in kinds:
            rows += _of_kind(kind, ours.of(kind), theirs.of(kind), baseline)
        rows += _rest(ours, theirs, baseline)
    return rows


def _of_kind(kind: str, ours: list[Turn], theirs: list[Turn], baseline: str) -> list[Row]:
    floor = TOOL_FLOOR_S if kind == "tool turn" else FLOOR_S
    mine, other = ([turn.delay_s for turn in turns if turn.delay_s is not None] for turns in (ours, theirs))
    rows: list[Row] = []
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
