"""Who is heard: how long a tone sounds in a recording. Every party of a measured call is a tone of its own."""

from __future__ import annotations

import numpy as np

from fieldline.lab.audio import FULL_SCALE, RATE, Pcm

#: Windows of 20 ms tell tones apart that are 50 Hz from each other.
WINDOW_S = 0.02
#: A tone below this is codec noise; telephones of the lab speak at -20.
HEARD_DBFS = -45.0


def tone_s(pcm: Pcm, hertz: float, dbfs: float = HEARD_DBFS) -> float:
    """Seconds of `pcm` (16 kHz) in which the tone of `hertz` is louder than `dbfs`, in steps of 20 ms."""
    length = int(RATE * WINDOW_S)
    frames = pcm[: len(pcm) // length * length].astype(np.float64).reshape(-1, length) / FULL_SCALE
    wave = np.exp(-2j * np.pi * hertz * np.arange(length) / RATE)
    # The correlation with a sine of amplitude a is a/2; its level is that of a sine's root mean square, a/√2.
    amplitude = 2 * np.abs(frames @ wave) / length
    return float(np.count_nonzero(amplitude / np.sqrt(2) > 10 ** (dbfs / 20))) * WINDOW_S
