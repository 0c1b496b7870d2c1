"""Who hears whom, measured: every party sends a tone of its own, and recordings are searched for each.

A window of 20 ms counts when a band of 50 Hz around the tone holds a given share of its energy, so that speech, whose
energy lies in many bands, is not taken for a tone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from numpy.typing import NDArray

from fieldline.lab.audio import RATE, Pcm, loud_windows, tone
from fieldline.lab.phone import LabPhone, PhoneError

#: Above the loudest parts of speech, inside the band of a wide-band call, and 400 Hz apart.
CALLER_HZ, EMPLOYEE_HZ = 2900.0, 3300.0
WINDOW = RATE // 50
#: A tone counts at this share of a window's energy, and at this level.
SHARE, QUIETEST_DBFS = 0.5, -50.0
CHUNK_S = 0.2


def tone_windows(pcm: Pcm, hertz: float, share: float = SHARE) -> NDArray[np.bool_]:
    """For each whole 20 ms of `pcm`: is the tone in it?"""
    windows = pcm[: len(pcm) // WINDOW * WINDOW].astype(np.float64).reshape(-1, WINDOW) / 32_768
    at = np.arange(WINDOW) / RATE
    # Goertzel's question put as two products: how much of the window is this sine, in any phase.
    parts = [windows @ np.exp(-2j * np.pi * (hertz + off) * at) for off in (-25.0, 0.0, 25.0)]
    band = np.max([np.abs(part) ** 2 for part in parts], axis=0) * 2 / WINDOW
    energy = np.sum(windows**2, axis=1)
    loud = energy / WINDOW > 10 ** (QUIETEST_DBFS / 10)
    return loud & (band > share * np.maximum(energy, 1e-12))


def tone_ms(pcm: Pcm, hertz: float, share: float = SHARE) -> int:
    """Milliseconds of the tone in a recording."""
    return int(tone_windows(pcm, hertz, share).sum()) * 20


def first_tone(pcm: Pcm, hertz: float, start: int = 0) -> int | None:
    """Where the tone is first heard at or after `start`, in samples to 20 ms; None when it is not."""
    found = np.flatnonzero(tone_windows(pcm[start:], hertz))
    return start + int(found[0]) * WINDOW if len(found) else None


def last_tone(pcm: Pcm, hertz: float) -> int | None:
    """Where the tone is last heard, in samples to 20 ms; None when it is not."""
    found = np.flatnonzero(tone_windows(pcm, hertz))
    return (int(found[-1]) + 1) * WINDOW if len(found) else None


def other_ms(pcm: Pcm, hertz: float) -> int:
    """Milliseconds of anything loud that is not this tone: what else somebody hears who should hear it alone."""
    return int(_other(pcm, hertz).sum()) * 20


def first_other(pcm: Pcm, hertz: float, start: int = 0) -> int | None:
    """Where anything loud but this tone is first heard at or after `start`, in samples to 20 ms."""
    found = np.flatnonzero(_other(pcm[start:], hertz))
    return start + int(found[0]) * WINDOW if len(found) else None


def _other(pcm: Pcm, hertz: float) -> NDArray[np.bool_]:
    loud = loud_windows(pcm)
    pairs: NDArray[np.bool_] = np.min(loud[: len(loud) // 2 * 2].reshape(-1, 2), axis=1)
    is_tone = tone_windows(pcm, hertz)
    both = min(len(pairs), len(is_tone))
    if not both:
        return np.zeros(0, np.bool_)
    # The tone fades in and out over two windows, which hold less of it.
    near = np.convolve(is_tone[:both], np.ones(7))[3 : 3 + both] > 0
    return pairs[:both] & ~near


@asynccontextmanager
async def humming(phone: LabPhone, hertz: float, since: asyncio.Event | None = None) -> AsyncIterator[None]:
    """The phone sends its tone all the time, or from `since` on."""

    async def hum() -> None:
        if since is not None:
            await since.wait()
        with contextlib.suppress(PhoneError):
            while True:
                await phone.play(tone(hertz, CHUNK_S))

    task = asyncio.create_task(hum())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
