"""Who is heard: how long a tone sounds in a recording. Every party of a measured call is a tone of its own."""

from __future__ import annotations

import numpy as np

from fieldline.lab.audio import FULL_SCALE, RATE, Pcm

#: Windows of 20 ms tell tones apart that are 50 Hz from each other.
WINDOW_S = 0.02
#: A tone below this is codec noise; telephones of the lab speak at -20.
HEARD_DBFS = -45.0
#: Harmonics of speech and notes of music touch any frequency for up to 0.2 s; a tone lasts.
STRETCH_S = 0.3


def tone_s(pcm: Pcm, hertz: float, *, at_least_s: float = STRETCH_S) -> float:
    """Seconds of `pcm` (16 kHz) in which the tone of `hertz` sounds, in steps of 20 ms.

    Only stretches of `at_least_s` count; a recording without speech and music can do with 0.
    """
    length = int(RATE * WINDOW_S)
    frames = pcm[: len(pcm) // length * length].astype(np.float64).reshape(-1, length) / FULL_SCALE
    wave = np.exp(-2j * np.pi * hertz * np.arange(length) / RATE)
    # The correlation with a sine of amplitude a is a/2; its level is that of a sine's root mean square, a/√2.
    level = 2 * np.abs(frames @ wave) / length / np.sqrt(2)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], level > 10 ** (HEARD_DBFS / 20), [False]]).astype(np.int8)))
    stretches = (edges[1::2] - edges[::2]) * WINDOW_S
    return float(np.sum(stretches[stretches >= at_least_s - 1e-9]))
