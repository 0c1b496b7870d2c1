"""How well the offline ears hear: `fieldline bench ears`.

Callers are flite voices, clean at 16 kHz and over a simulated telephone leg (8 kHz mu-law). Two of its voices
(rms, slt) are clear; the third (kal16) is the robot that the acoustic model finds hardest. The baseline is
pocketsphinx with the general model of its own wheel, in the same run.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pocketsphinx

from agent.offline.choose import transcribe
from agent.offline.decoder import SAMPLE_RATE, shared_decoder
from agent.offline.ears import shared_worlds
from agent.offline.understand import Understood, understand
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation
from bench import report
from bench.ears_sentences import COMMANDS, DICTATED, NOTES, UNRELATED
from fieldline.lab.audio import Pcm, resample
from fieldline.lab.speak import Speaker

VOICES = ("rms", "slt", "kal16")
Band = Literal["16 kHz", "8 kHz mu-law"]
BANDS: tuple[Band, ...] = ("16 kHz", "8 kHz mu-law")
READS = frozenset(
    "my_status my_jobs next_job job_details read_notifications check_stock who_has customer_history".split()  # noqa: SIM905
) | {"read_last_entry", "say_goodbye", "identify"}
VOCABULARY = Vocabulary(
    people=("Mike Johnson", "Sarah Williams", "David Chen", "Alex Rodriguez"),
    customers=("City Bank", "Sunrise Dental", "Harbor Cafe"),
    parts=(
        *("Cat6 Cable", "Shielded Cat6 Cable", "RJ45 Connector", "BNC Connector", "RG59 Coax", "Dome Camera"),
        *("Bullet Camera", "PTZ Camera", "12V Power Supply", "PoE Injector", "PoE Switch 8-Port", "Cable Tester"),
        *("Crimper", "Fish Tape", "Drill Kit", "Hard Drive 2TB", "Wall Mount Bracket"),
    ),
    aliases=("cat six", "rj45", "power supply", "connector"),
    trucks=("201", "202", "203", "204"),
)


@dataclass(frozen=True)
class Try:
    """One sentence in one voice, and what came of it."""

    said: str
    voice: str
    heard: str
    general: str
    seconds: float
    general_seconds: float


async def run() -> list[report.Row]:
    """Measure, print a table, and return its rows. About ten minutes on two idle cores, most of it the baseline's."""
    rows = await asyncio.to_thread(measure)
    report.show(
        "Offline ears",
        rows,
        "synthetic callers (flite), no room noise: real telephones will do worse",
        "baseline: pocketsphinx with its own general model, the same sound, the same rules",
        "understood: the rules take from the transcript the very tool and arguments they take from the typed words",
    )
    return rows


def measure(voices: Iterable[str] = VOICES, bands: Iterable[Band] = BANDS) -> list[report.Row]:
    """All figures; blocking."""
    rows: list[report.Row] = []
    voices = tuple(voices)
    for band in bands:
        for voice in voices:
            tries = [hear(text, voice, band) for text in COMMANDS]
            rows.append(_share(f"commands understood, {voice}, {band}", tries, understood))
            rows.append(
                report.row(
                    f"seconds to hear a command, {voice}, {band}",
                    "s p50",
                    len(tries),
                    report.p50([one.seconds for one in tries]),
                    report.p50([one.general_seconds for one in tries]),
                )
            )
        spread = [(text, voices[at % len(voices)]) for at, text in enumerate(DICTATED)]
        rows.append(_errors(f"dictated command, word errors, {band}", [hear(t, v, band) for t, v in spread]))
        spread = [(text, voices[at % len(voices)]) for at, text in enumerate(NOTES)]
        free = Expectation(kind="free_text")
        rows.append(_errors(f"note, word errors, {band}", [hear(t, v, band, free) for t, v in spread]))
        tries = [hear(text, voices[at % len(voices)], band) for at, text in enumerate(UNRELATED)]
        rows.append(_share(f"unrelated talk taken for a write, {band}", tries, writes))
        rows.append(_share(f"noise taken for a write, {band}", [hear_noise(kind, band) for kind in range(12)], writes))
    return rows


def hear(text: str, voice: str, band: Band, expectation: Expectation | None = None) -> Try:
    """Say a sentence and transcribe it."""
    return _transcribed(text, voice, spoken(text, voice), band, expectation or Expectation())


def hear_noise(kind: int, band: Band) -> Try:
    """Three seconds of hiss, hum, clicks or babble, by number."""
    chance = np.random.default_rng(kind)
    length = SAMPLE_RATE * 3
    clock = np.arange(length) / SAMPLE_RATE
    sounds = (
        chance.normal(0, 900, length),
        2500 * np.sin(2 * np.pi * 120 * clock) + chance.normal(0, 100, length),
        np.where(chance.random(length) < 0.0005, 12000, 0) + chance.normal(0, 200, length),
        np.cumsum(chance.normal(0, 60, length)) % 6000 - 3000,
    )
    return _transcribed("", "noise", sounds[kind % 4].astype(np.int16), band, Expectation())


def _transcribed(text: str, voice: str, pcm: Pcm, band: Band, expectation: Expectation) -> Try:
    sound = (telephone(pcm) if band == "8 kHz mu-law" else pcm).tobytes()
    decoder = shared_decoder()
    world = shared_worlds().of(VOCABULARY)
    started = time.perf_counter()
    heard = transcribe(decoder, world, expectation, sound)
    ended = time.perf_counter()
    general = _general(sound)
    return Try(text, voice, heard.text, general, ended - started, time.perf_counter() - ended)


def understood(one: Try, words: str) -> bool:
    """Whether `words` lead to the same tool and arguments as what was said."""
    return understand(words, VOCABULARY) == understand(one.said, VOCABULARY)


def writes(one: Try, words: str) -> bool:
    """Whether `words` would write something that what was said would not."""
    outcome = understand(words, VOCABULARY)
    return isinstance(outcome, Understood) and outcome.tool not in READS and not understood(one, words)


@cache
def spoken(text: str, voice: str) -> Pcm:
    """A flite voice saying `text`, 16 kHz."""
    return Speaker(voice=voice).speak(text)


def telephone(pcm: Pcm) -> Pcm:
    """Through a telephone: 8 kHz, 8-bit mu-law (G.711's curve, mu = 255), and back."""
    narrow = resample(pcm, SAMPLE_RATE, 8000).astype(np.float64) / 32768
    bent = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log1p(255)
    coded = np.round((bent + 1) / 2 * 255) / 255 * 2 - 1
    back = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(255)) / 255
    return resample((back * 32767).clip(-32768, 32767).astype(np.int16), 8000, SAMPLE_RATE)


@cache
def _general_decoder() -> pocketsphinx.Decoder:
    return pocketsphinx.Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")


def _general(sound: bytes) -> str:
    decoder = _general_decoder()
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()
    best = decoder.hyp()
    return best.hypstr if best else ""


def word_errors(said: str, heard: str) -> int:
    """Words to insert, delete or change to come from one to the other."""
    a, b = said.split(), heard.split()
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]


def _share(name: str, tries: list[Try], test: Callable[[Try, str], bool]) -> report.Row:
    ours = sum(test(one, one.heard) for one in tries) / len(tries)
    return report.row(name, "share", len(tries), ours, sum(test(one, one.general) for one in tries) / len(tries))


def _errors(name: str, tries: list[Try]) -> report.Row:
    words = sum(len(one.said.split()) for one in tries)
    ours = sum(word_errors(one.said, one.heard) for one in tries) / words
    return report.row(name, "of words", words, ours, sum(word_errors(o.said, o.general) for o in tries) / words)
