"""`fieldline bench outage`: each provider fails in each way in the middle of a call, and the caller goes on talking.

A run is a call: a caller is greeted, then the fault begins (for ears in the middle of his sentence, for the model as he
speaks, for the voice in the middle of the agent's), and stays. Measured in the phone's recording: the longest silence
from there to the end of the answer; the caller's words that never came into the call's transcript; the agent's words
that were not heard; and whether the call survived, which is to say that the next question was answered too, with the
fault still there.

The baseline is the starter agent with the same providers, one of each. `--runs N` (10 unless told) repeats each kind, a
few calls at the same time, since a fault is everybody's; the starter is asked twice at most. `--short` takes three
faults once, in less than three minutes.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

from bench.broken_call import GIVEN_UP_S, NEXT_QUESTION, QUESTION, Run, Together, call_with_fault
from bench.report import Row, beside, console, p95, row
from bench.stage import DELAYS, FLOOR_S, OURS, Stage, stage
from bench.utterances import LONG_REQUEST, Utterance, said_once
from fieldline.lab.audio import RATE
from fieldline.lab.providers import FAULTS, Fault, ProviderStandIns, Service

BASELINE = "vad"
SYSTEMS = (OURS, BASELINE)
RUNS = 10
#: The starter has nobody to take over: what happens to it does not change from call to call.
BASELINE_RUNS = 2
#: So many calls see a fault together; more would measure the machine.
AT_ONCE = 3
#: What fails, and the services behind it. "all" is every cloud at once.
PLACES: dict[str, tuple[Service, ...]] = {
    "ears": ("deepgram_stt",),
    "model": ("openai_llm",),
    "voice": ("elevenlabs_tts",),
    "all": ("deepgram_stt", "groq_stt", "openai_llm", "groq_llm", "elevenlabs_tts", "deepgram_tts"),
}
SHORT: tuple[tuple[str, Fault], ...] = (("ears", "hang"), ("model", "500"), ("voice", "cut"))
SILENCE_AIM_S = 1.5
#: The silence that is left when whoever takes over is asked at once: the second ears hear the sentence as a file, and
#: a voice that takes over in a sentence needs its first sound. Without any cloud there is none to wait for.
FLOORS_S = {
    "ears": FLOOR_S - DELAYS.stt_final + DELAYS.stt_file,
    "model": FLOOR_S,
    "voice": DELAYS.tts_first,
}


Heard = dict[tuple[str, str, str], list[Run]]


async def run(*, short: bool = False, runs: int | None = None) -> list[Row]:
    """Measure, print, and return the rows.

    Raises:
        FieldlineError: a part cannot be started, or nobody can speak (NoVoice).
    """
    runs = runs or (1 if short else RUNS)
    found: Heard = {}
    with tempfile.TemporaryDirectory(prefix="fieldline-bench-") as name:
        async with stage(Path(name), (BASELINE,)) as running:
            said = await asyncio.to_thread(_said, running.clouds)
            for place, fault in SHORT if short else tuple(product(PLACES, FAULTS)):
                for system in SYSTEMS:
                    count = runs if system == OURS else min(runs, BASELINE_RUNS)
                    found[place, fault, system] = await _runs(running, system, place, fault, said, count)
                _progress(found, place, fault)
    rows = table(found)
    beside(
        "Outages: a provider fails in mid-call and stays away",
        rows,
        f"{runs} calls for each kind; the starter has one provider of each kind, and at most {BASELINE_RUNS} calls",
        f"aims: every call survives, no silence over {SILENCE_AIM_S} s",
        "silence: the longest without a sound, from the fault (ears and model: the end of the question) to the end of "
        "the answer",
        f"a call without an answer counts {GIVEN_UP_S:.0f} s; floor = the delays of who takes over, asked at once",
    )
    return rows


def _said(clouds: ProviderStandIns) -> dict[str, Utterance]:
    texts = {"question": QUESTION, "next": NEXT_QUESTION, "long": LONG_REQUEST}
    return {name: said_once(clouds, "outage", text) for name, text in texts.items()}


async def _runs(
    running: Stage, system: str, place: str, fault: Fault, said: dict[str, Utterance], count: int
) -> list[Run]:
    clouds = running.clouds

    def fail() -> None:
        for service in PLACES[place]:
            clouds.fail(service, fault)

    runs: list[Run] = []
    half_s = len(said["question"].pcm) / 2 / RATE if place in ("ears", "all") else 0.0
    while len(runs) < count:
        calls = min(AT_ONCE, count - len(runs))
        clouds.mend()
        # Together the callers begin to speak, or have let the agent speak for a while.
        together = Together(calls, fail if place == "voice" else lambda: _later(half_s, fail))
        group = [call_with_fault(running, system, number, place, said, together) for number in range(1, calls + 1)]
        runs += await asyncio.gather(*group)
    clouds.mend()
    return runs


def _later(after_s: float, act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(after_s, act)


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
            floor = FLOORS_S.get(place) if unit == "s" else None
            rows.append(row(f"{name}: {figure} / starter", unit, len(ours), of(ours), of(theirs), floor))
    return rows


def _progress(found: Heard, place: str, fault: Fault) -> None:
    for system in SYSTEMS:
        runs = found[place, fault, system]
        lived, silent = sum(r.survived for r in runs), max(r.silence_s for r in runs)
        console.print(f"  {place} {fault}, {system}: {lived} of {len(runs)} calls live, silence up to {silent:.1f} s")
