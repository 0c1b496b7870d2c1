"""What an employee is told before they decide is short, in whatever is stored: measured on the voice's own sound.

No network, no database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.briefing import LONGEST_S, seconds_of, short_briefing
from agent.consultation import Announcer
from agent.offline.voice import OfflineTTS
from agent.speech import speech
from agent.speech.clean import BRIEFINGS

NUMBER = "+12025550177"
SMOKE = "danger: there is smoke coming out of the electrical cabinet on the third floor and everybody is in the yard"
KEYS = {"en": "one to take it, two to decline, three for a message.", "es": "dos para rechazar, tres para un mensaje."}


@pytest.fixture
async def voice() -> AsyncIterator[OfflineTTS]:
    voice = OfflineTTS()
    yield voice
    await voice.aclose()


async def told(voice: OfflineTTS, language: str, ring: dict[str, Any]) -> tuple[str, float]:
    """The words for somebody who is rung, and how many seconds they take."""
    voice.speak_in(language)
    announcer = Announcer(voice)

    def say(brief: int) -> str:
        return speech(language).say("briefing", {**ring, "brief": brief}, "UTC")

    words, frames = await short_briefing(announcer, say)
    await announcer.aclose()
    return words, seconds_of(frames)


LONG: list[dict[str, Any]] = [
    {"caller": {"name": "Bartholomew Featherstonehaugh-Cholmondeley the Third", "number": NUMBER}, "about": SMOKE},
    {
        "caller": {"name": "W" * 200, "number": "+442079460123"},
        "about": "0123456789 " * 40,
        "job": {"number": 98765432},
    },
    {"caller": {"number": "+8613912345678901"}, "about": "x" * 300, "job": {"number": 1057}},
    {"caller": {"name": "<b>Ann</b>\n\n" * 30, "number": NUMBER}, "about": "https://a.example/" + "b" * 250},
    {"caller": {}, "about": None, "job": {"number": 9_007_199_254_740_993}},
]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("emergency", [False, True])
async def test_no_briefing_is_longer_than_twelve_seconds(voice: OfflineTTS, language: str, emergency: bool) -> None:
    for ring in LONG:
        words, seconds = await told(voice, language, {**ring, "emergency": emergency})
        assert 0 < seconds <= LONGEST_S, words
        assert words.endswith(KEYS[language]), words


async def test_what_is_short_is_said_in_full(voice: OfflineTTS) -> None:
    ring = {"caller": {"name": "Mike Johnson", "number": NUMBER}, "about": "the gate", "job": {"number": 1057}}
    words, _ = await told(voice, "en", ring)
    assert words.startswith("Mike Johnson, two zero two, five five five, zero one seven seven, about the gate on work ")


async def test_the_subject_goes_last_of_what_is_left_out(voice: OfflineTTS) -> None:
    words, _ = await told(voice, "en", {**LONG[0], "job": {"number": 1057}, "emergency": True})
    assert words.startswith("Urgent: ") and "zero one seven seven" in words and "smoke" in words
    assert "work order" not in words and "and so on" not in words


def test_the_last_resort_leaves_nothing_but_the_number_and_the_question() -> None:
    words = speech("en").say("briefing", {**LONG[1], "brief": len(BRIEFINGS) - 1}, "UTC")
    assert words.startswith("A caller, four four two")
    assert words.count(".") == 2
