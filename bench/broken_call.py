"""A call in which a provider fails: when the fault begins, how long nothing is heard, and which words are lost."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.listening import longest_silence, spoken_s
from bench.stage import LONG, Stage
from bench.utterances import Utterance
from fieldline.lab.phone import LabPhone, PhoneError

QUESTION, NEXT_QUESTION = "what are your opening hours please", "thank you and are you open on sunday"
#: No answer within so long is silence for good. And the agent has finished when it was quiet for so long.
GIVEN_UP_S, QUIET_S = 9.0, 2.5
INTO_SPEECH_S = 1.5
CHARACTERS_PER_S, CHARACTERS_PER_WORD = 15.0, 6.0


@dataclass(frozen=True)
class Run:
    """One call: the longest silence (s), the caller's and the agent's words that were lost, and whether it lived."""

    silence_s: float
    caller_lost: float
    agent_lost: float
    survived: bool


class Together:
    """Calls that wait for each other, so that one fault meets all of them at the same moment of theirs."""

    def __init__(self, calls: int, act: Callable[[], None]) -> None:
        self._waiting = calls
        self._act = act
        self._there = asyncio.Event()

    async def come(self) -> None:
        """This call is ready; the last one that is lets the fault begin."""
        self.leave()
        await self._there.wait()

    def leave(self) -> None:
        """This call is ready, or will never be: nobody waits for it."""
        self._waiting -= 1
        if self._waiting == 0:
            self._act()
            self._there.set()


async def call_with_fault(
    running: Stage, system: str, number: int, place: str, said: dict[str, Utterance], together: Together
) -> Run:
    came = False

    async def ready() -> None:
        nonlocal came
        came = True
        await together.come()

    try:
        async with running.call(system, number) as phone:
            told = await (_in_answer(phone, said, ready) if place == "voice" else _in_question(phone, said, ready))
            return Run(*told, await _answered(phone, said["next"]))
    except PhoneError:
        return Run(GIVEN_UP_S, len(QUESTION.split()), 0.0, False)
    finally:
        if not came:
            together.leave()


async def _in_question(
    phone: LabPhone, said: dict[str, Utterance], ready: Callable[[], Awaitable[None]]
) -> tuple[float, float, float]:
    """The fault begins while the caller asks; the answer is heard out."""
    await ready()
    begin = phone.recording.now()
    await phone.play(said["question"].pcm)
    await _hear_out(phone, GIVEN_UP_S)
    silence_s = longest_silence(phone.recording.heard_tape.since(phone.turn_at), GIVEN_UP_S)
    return silence_s, float(words_lost(QUESTION, phone.transcript.said_by("caller", begin))), 0.0


async def _in_answer(
    phone: LabPhone, said: dict[str, Utterance], ready: Callable[[], Awaitable[None]]
) -> tuple[float, float, float]:
    """The fault begins while the agent speaks; what it had to say is heard out."""
    await phone.play(said["long"].pcm)
    await phone.first_sound(within=GIVEN_UP_S)
    await asyncio.sleep(INTO_SPEECH_S)
    await ready()
    broke = phone.recording.now()
    await _hear_out(phone, len(LONG) / CHARACTERS_PER_S + GIVEN_UP_S)
    heard_s = spoken_s(phone.recording.heard_tape.since(phone.turn_at))
    words = max(0.0, len(LONG) / CHARACTERS_PER_S * 0.85 - heard_s) * CHARACTERS_PER_S / CHARACTERS_PER_WORD
    asked_for_it = any("Point" in text for text in phone.transcript.said_by("agent", phone.turn_at))
    return longest_silence(phone.recording.heard_tape.since(broke), GIVEN_UP_S), 0.0, words if asked_for_it else 0.0


async def _hear_out(phone: LabPhone, within_s: float) -> None:
    try:
        await phone.hear(within_s, quiet=QUIET_S)
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


def words_lost(said: str, understood: Sequence[str]) -> int:
    """How many of the caller's words are in no transcript."""
    there = Counter(re.findall(r"[a-z']+", " ".join(understood).lower()))
    return sum((Counter(re.findall(r"[a-z']+", said.lower())) - there).values())
