"""`fieldline bench outage`: each provider fails in each way in the middle of a call, and the caller goes on talking.

A run is a call: a caller is greeted, then the fault begins (for ears in the middle of his sentence, for the model as he
speaks, for the voice in the middle of the agent's), and stays. Measured in the phone's recording: the longest silence
from there to the end of the answer; the caller's words that never came into the call's transcript; the agent's words
that were not heard; and whether the call survived, which is to say that the next question was answered too, with the
fault still there.

The baseline is the starter agent with the same providers, one of each. `--runs N` (10 unless told) repeats each kind;
`--short` takes three faults once.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.listening import spoken_s
from bench.report import Row, console, p95, pivot, row
from bench.stage import LONG, OURS, Stage, stage
from bench.utterances import LONG_REQUEST, Utterance, said_once
from fieldline.lab.audio import RATE, WINDOW, Pcm, loud_windows
from fieldline.lab.phone import LabPhone, PhoneError
from fieldline.lab.providers import FAULTS, Delays, Fault, ProviderStandIns, Service

BASELINE = "vad"
SYSTEMS = (OURS, BASELINE)
RUNS = 10
SHORT_FAULTS: tuple[Fault, ...] = ("hang", "500", "cut")
#: What fails, and the services behind it. "all" is every cloud at once.
PLACES: dict[str, tuple[Service, ...]] = {
    "ears": ("deepgram_stt",),
    "model": ("openai_llm",),
    "voice": ("elevenlabs_tts",),
    "all": ("deepgram_stt", "groq_stt", "openai_llm", "groq_llm", "elevenlabs_tts", "deepgram_tts"),
}
QUESTION, NEXT_QUESTION = "what are your opening hours please", "thank you and are you open on sunday"
#: No answer within so long is silence for good. And the agent has finished when it was quiet for so long.
GIVEN_UP_S, QUIET_S = 15.0, 2.5
INTO_SPEECH_S = 1.5
CHARACTERS_PER_S, CHARACTERS_PER_WORD = 15.0, 6.0
SILENCE_AIM_S = 1.5


@dataclass(frozen=True)
class Run:
    """One call: the longest silence (s), the caller's and the agent's words that were lost, and whether it lived."""

    silence_s: float
    caller_lost: float
    agent_lost: float
    survived: bool


Heard = dict[tuple[str, str, str], list[Run]]


async def run(*, short: bool = False, runs: int | None = None) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    runs = runs or (1 if short else RUNS)
    found: Heard = {}
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name), (BASELINE,), Delays(seed=7)) as running:
            said = await asyncio.to_thread(_said, running.clouds)
            for place in PLACES:
                for fault in SHORT_FAULTS if short else FAULTS:
                    for system in SYSTEMS:
                        found[place, fault, system] = [
                            await _call(running, system, place, fault, said) for _ in range(runs)
                        ]
                    _progress(found, place, fault)
    rows = table(found)
    pivot(
        "Outages: a provider fails in mid-call and stays away",
        rows,
        f"{runs} calls for each kind and system; the starter has one provider of each kind",
        f"aims: every call survives, no silence over {SILENCE_AIM_S} s",
        "silence: the longest without a sound, from the fault (ears and model: the end of the question) to the end of "
        "the answer",
        f"a call without an answer counts {GIVEN_UP_S:.0f} s",
    )
    return rows


def _said(clouds: ProviderStandIns) -> dict[str, Utterance]:
    texts = {"question": QUESTION, "next": NEXT_QUESTION, "long": LONG_REQUEST}
    return {name: said_once(clouds, "outage", text) for name, text in texts.items()}


async def _call(running: Stage, system: str, place: str, fault: Fault, said: dict[str, Utterance]) -> Run:
    clouds = running.clouds
    clouds.mend()

    def fail() -> None:
        for service in PLACES[place]:
            clouds.fail(service, fault)

    try:
        async with running.call(system, number=1) as phone:
            told = await (_in_answer(phone, said, fail) if place == "voice" else _in_question(phone, place, said, fail))
            return Run(*told, await _answered(phone, said["next"]))
    except PhoneError:
        return Run(GIVEN_UP_S, len(QUESTION.split()), 0.0, False)
    finally:
        clouds.mend()


async def _in_question(
    phone: LabPhone, place: str, said: dict[str, Utterance], fail: Callable[[], None]
) -> tuple[float, float, float]:
    """The fault begins while the caller asks; the answer is heard out."""
    question, begin = said["question"], phone.recording.now()
    half = len(question.pcm) // 2 if place in ("ears", "all") else 0
    asyncio.get_running_loop().call_later(half / RATE, fail)
    await phone.play(question.pcm)
    await _hear_out(phone)
    silence_s = longest_silence(phone.recording.heard_tape.since(phone.turn_at))
    return silence_s, float(words_lost(QUESTION, phone.transcript.said_by("caller", begin))), 0.0


async def _in_answer(
    phone: LabPhone, said: dict[str, Utterance], fail: Callable[[], None]
) -> tuple[float, float, float]:
    """The fault begins while the agent speaks; what it had to say is heard out."""
    await phone.play(said["long"].pcm)
    await phone.first_sound(within=GIVEN_UP_S)
    await asyncio.sleep(INTO_SPEECH_S)
    broke = phone.recording.now()
    fail()
    await _hear_out(phone)
    heard_s = spoken_s(phone.recording.heard_tape.since(phone.turn_at))
    words = max(0.0, len(LONG) / CHARACTERS_PER_S * 0.85 - heard_s) * CHARACTERS_PER_S / CHARACTERS_PER_WORD
    asked_for_it = any("Point" in text for text in phone.transcript.said_by("agent", phone.turn_at))
    return longest_silence(phone.recording.heard_tape.since(broke)), 0.0, words if asked_for_it else 0.0


async def _hear_out(phone: LabPhone) -> None:
    try:
        await phone.hear(len(LONG) / CHARACTERS_PER_S + GIVEN_UP_S, quiet=QUIET_S)
    except PhoneError:
        if phone.ended.is_set():
            raise


async def _answered(phone: LabPhone, question: Utterance) -> bool:
    if phone.ended.is_set():
        return False
    await phone.play(question.pcm)
    try:
        await phone.first_sound(within=GIVEN_UP_S)
    except PhoneError:
        return False
    return not phone.ended.is_set()


def longest_silence(heard: Pcm) -> float:
    """Seconds of the longest stretch without a sound, up to the last sound; GIVEN_UP_S when there is none."""
    at = np.flatnonzero(loud_windows(heard))
    if not len(at):
        return GIVEN_UP_S
    return float(np.max(np.diff(at, prepend=0))) * WINDOW / RATE


def words_lost(said: str, understood: Sequence[str]) -> int:
    """How many of the caller's words are in no transcript."""
    there = Counter(re.findall(r"[a-z']+", " ".join(understood).lower()))
    return sum((Counter(re.findall(r"[a-z']+", said.lower())) - there).values())


def table(found: Heard) -> list[Row]:
    """Rows named "place, fault: figure / starter"."""
    rows: list[Row] = []
    for place, fault in dict.fromkeys((place, fault) for place, fault, _ in found):
        ours, theirs = (found[place, fault, system] for system in SYSTEMS)
        name = f"{place}, {fault}"
        for figure, of in (
            ("silence p95", lambda runs: p95([r.silence_s for r in runs])),
            ("caller's words lost", lambda runs: sum(r.caller_lost for r in runs) / len(runs)),
            ("agent's words lost", lambda runs: sum(r.agent_lost for r in runs) / len(runs)),
            ("survived", lambda runs: 100 * sum(r.survived for r in runs) / len(runs)),
        ):
            unit = {"silence p95": "s", "survived": "%"}.get(figure, "words")
            rows.append(row(f"{name}: {figure} / starter", unit, len(ours), of(ours), of(theirs)))
    return rows


def _progress(found: Heard, place: str, fault: Fault) -> None:
    for system in SYSTEMS:
        runs = found[place, fault, system]
        lived, silent = sum(r.survived for r in runs), max(r.silence_s for r in runs)
        console.print(f"  {place} {fault}, {system}: {lived} of {len(runs)} calls live, silence up to {silent:.1f} s")
