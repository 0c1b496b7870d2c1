"""What the stand-ins' voices say: a murmur with the length and rhythm of the text, cheap to make.

It is made of tones, so that a phone's recording tells voices apart and a hundred calls cost nothing. A real voice can
be put in its place: any `Voice`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

#: Text and sample rate (Hz) to 16-bit mono samples.
Voice = Callable[[str, int], bytes]

#: English is read aloud at about 15 characters a second, with a pause after each sentence.
CHARACTERS_PER_S = 15.0
PAUSE_S = 0.18
AMPLITUDE = 6000


def murmur(hertz: float) -> Voice:
    """A voice at a pitch of its own: one swell of tone for each word."""

    def speak(text: str, rate: int) -> bytes:
        parts = [_word(word, rate, hertz) for word in re.findall(r"\S+", text)]
        return b"".join(part.tobytes() for part in parts)

    return speak


def _word(word: str, rate: int, hertz: float) -> NDArray[np.int16]:
    length = int(rate * (len(word) + 1) / CHARACTERS_PER_S)
    at = np.arange(length) / rate
    # Louder in the middle of a word, never quite silent between words: a listener hears one stretch of speech.
    swell = 0.35 + 0.65 * np.sin(np.pi * np.arange(length) / max(1, length))
    tone = np.sin(2 * np.pi * hertz * at) + 0.4 * np.sin(2 * np.pi * 2.1 * hertz * at)
    pcm = (tone * swell * AMPLITUDE).astype(np.int16)
    if word[-1] in ".!?":
        pcm = np.concatenate([pcm, np.zeros(int(rate * PAUSE_S), np.int16)])
    return pcm
