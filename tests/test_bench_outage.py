"""How the outage bench judges a recording. The bench itself is run by hand."""

from __future__ import annotations

import asyncio

import numpy as np

from bench.broken_call import GIVEN_UP_S, Together, words_lost
from bench.listening import longest_silence
from fieldline.lab.audio import RATE, tone


def test_longest_silence_is_between_sounds_or_before_the_first() -> None:
    quiet = np.zeros(2 * RATE, np.int16)
    sound = tone(300, 1.0)
    assert abs(longest_silence(np.concatenate([sound, quiet, sound, quiet[:RATE]]), GIVEN_UP_S) - 2.0) < 0.05
    assert abs(longest_silence(np.concatenate([quiet, sound]), GIVEN_UP_S) - 2.0) < 0.05


def test_no_sound_at_all_is_silence_for_good() -> None:
    assert longest_silence(np.zeros(RATE, np.int16), GIVEN_UP_S) == GIVEN_UP_S


def test_words_are_lost_when_no_transcript_has_them() -> None:
    assert words_lost("what are your opening hours please", ["What are your", "hours, please."]) == 1
    assert words_lost("are you open", ["are you", "open"]) == 0


async def test_a_fault_waits_for_all_calls_and_not_for_those_that_never_come() -> None:
    began: list[str] = []
    together = Together(3, lambda: began.append("fault"))
    first = asyncio.create_task(together.come())
    together.leave()
    await asyncio.sleep(0)
    assert not began
    await together.come()
    await first
    assert began == ["fault"]
