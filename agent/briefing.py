"""What an employee is told before they decide: as much of it as twelve seconds hold, in the voice that says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livekit import rtc

from agent.consultation import Announcer
from agent.speech.clean import BRIEFINGS

Frames = Sequence[rtc.AudioFrame]

#: Nobody who picks up listens for longer. Voices differ in pace, so the sound is measured, not the words.
LONGEST_S = 12.0


async def short_briefing(announcer: Announcer, say: Callable[[int], str]) -> tuple[str, Frames]:
    """The words of the fullest briefing that is short enough, and their sound.

    Args:
        say: the words when something is left out, from 0 (nothing) to the last of BRIEFINGS.
    """
    words, frames = "", list[rtc.AudioFrame]()
    for brief in range(len(BRIEFINGS)):
        words = say(brief)
        frames = await announcer.prepare(words)
        if seconds_of(frames) <= LONGEST_S:
            break
    return words, frames


def seconds_of(frames: Frames) -> float:
    """How long these sound."""
    return sum(frame.duration for frame in frames)
