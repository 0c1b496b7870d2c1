"""What a lab phone's recording says about a turn: when the answer came, whether it came too early, or never."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.speech import speech
from fieldline.lab.audio import RATE, WINDOW, Pcm, first_audio, loud_windows, seconds
from fieldline.lab.phone import LabPhone, PhoneError

#: An answer that has not begun by then never comes; the longest wait of any agent here is 3 s.
MISSED_S = 8.0
#: An answer that has begun is heard out, however long: what is said over it would count as cut off.
ANSWER_S = 40.0
#: Between turns the agent has been silent for so long.
QUIET_S = 0.8
FILLERS = tuple(speech("en").FILLERS)


@dataclass(frozen=True)
class Turn:
    """One turn of a caller. `delay_s` is voice to voice; None when the agent cut in, or never answered.

    `silence_s` is the longest that the caller heard nothing, from his last sound to the end of the answer; None when
    the agent cut in.
    """

    kind: str
    delay_s: float | None
    cut_off: bool = False
    missed: bool = False
    filler: bool = False
    silence_s: float | None = None


def judged(kind: str, heard: Pcm, spoken: int, words: str = "") -> Turn:
    """A turn from what was heard since it began; the caller's last sound was `spoken` samples after that.

    `words` is the agent's own transcript: an answer that a filler announces is marked.
    """
    first = first_audio(heard)
    if first is None:
        return Turn(kind, None, missed=True, silence_s=seconds(len(heard) - spoken))
    if first < spoken:
        return Turn(kind, None, cut_off=True)
    filler = words.strip().startswith(FILLERS)
    return Turn(kind, seconds(first - spoken), filler=filler, silence_s=longest_silence(heard[spoken:], MISSED_S))


async def take_turn(phone: LabPhone, kind: str, pcm: Pcm) -> Turn:
    """Say something and hear the answer out. Raises PhoneError when the call is over."""
    begin = phone.recording.now()
    await phone.play(pcm)
    spoken = phone.turn_at - begin
    try:
        await phone.first_sound(MISSED_S)
        await phone.hear(ANSWER_S, quiet=QUIET_S)
    except PhoneError:
        if phone.ended.is_set():
            raise
    if phone.ended.is_set():
        raise PhoneError(f"The call ended ({phone.end_reason}).")
    words = " ".join(phone.transcript.said_by("agent", phone.turn_at))
    return judged(kind, phone.recording.heard_tape.since(begin), spoken, words)


def stopped_after(heard: Pcm, quiet_s: float = 0.3) -> float | None:
    """Seconds until the agent, who was speaking, had stopped: the start of the first silence that lasts."""
    loud = loud_windows(heard)
    needed = int(quiet_s * RATE / WINDOW)
    run = 0
    for index, is_loud in enumerate(loud):
        run = 0 if is_loud else run + 1
        if run == needed:
            return seconds((index + 1 - needed) * WINDOW)
    return None


def longest_silence(heard: Pcm, never_s: float) -> float:
    """Seconds of the longest stretch without a sound, up to the last sound; `never_s` when there is none."""
    at = np.flatnonzero(loud_windows(heard))
    if not len(at):
        return never_s
    return float(np.max(np.diff(at, prepend=0))) * WINDOW / RATE


def spoken_s(heard: Pcm) -> float:
    """How long somebody spoke, seconds of loud sound."""
    return float(np.count_nonzero(loud_windows(heard))) * WINDOW / RATE
