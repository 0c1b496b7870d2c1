"""Sound as lab phones use it: 16 kHz, mono, 16-bit samples in numpy arrays.

Levels are in dBFS, decibels below a full-scale square wave. Positions and lengths are in samples of 16 kHz
unless a name ends in `_s` (seconds).
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

RATE = 16_000
WINDOW = RATE // 100  # levels are taken over 10 ms
FULL_SCALE = 32_768.0
#: Above it somebody speaks. Phones' own line noise is 25 dB below, soft ends of words 10 dB above.
VOICE_DBFS = -50.0
LINE_NOISE_DBFS = -75.0
SILENCE: Pcm = np.zeros(0, np.int16)


def seconds(samples: int) -> float:
    """Length in seconds of so many samples."""
    return samples / RATE


def from_bytes(data: bytes) -> Pcm:
    """Raw little-endian 16-bit samples as an array; an odd last byte is dropped."""
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)


def resample(pcm: Pcm, rate: int, wanted: int = RATE) -> Pcm:
    """The same sound at another rate in Hz, by LiveKit's resampler (soxr)."""
    if rate == wanted or not len(pcm):
        return pcm
    resampler = rtc.AudioResampler(rate, wanted, quality=rtc.AudioResamplerQuality.HIGH)
    frames = resampler.push(rtc.AudioFrame(pcm.tobytes(), rate, 1, len(pcm))) + resampler.flush()
    return np.concatenate([np.asarray(frame.data, np.int16) for frame in frames] or [SILENCE])


def read_wav(path: Path) -> Pcm:
    """A 16-bit WAV file of any rate and number of channels, mixed down to 16 kHz mono.

    Raises:
        ValueError: when the file is no 16-bit PCM WAV.
        OSError: when it cannot be read.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise ValueError(f"{path}: 16-bit samples are needed, these have {8 * file.getsampwidth()}")
            channels, rate = file.getnchannels(), file.getframerate()
            samples = from_bytes(file.readframes(file.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path}: not a PCM WAV file ({error})") from None
    mono = samples if channels == 1 else samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return resample(mono, rate)


def write_wav(path: Path, *channels: Pcm) -> None:
    """Write 16 kHz WAV, one array per channel; shorter ones are filled up with silence."""
    length = max(len(channel) for channel in channels)
    padded = [np.pad(channel, (0, length - len(channel))) for channel in channels]
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack(padded, axis=1).astype("<i2").tobytes())


def mix(into: Pcm, sound: Pcm) -> Pcm:
    """The sum of two equally long sounds, clipped as a telephone would."""
    return np.clip(into.astype(np.int32) + sound, -32_768, 32_767).astype(np.int16)


def line_noise(samples: int, seed: int = 0) -> Pcm:
    """Faint white noise: no telephone line is digitally silent."""
    amplitude = FULL_SCALE * 10 ** (LINE_NOISE_DBFS / 20)
    return np.round(np.random.default_rng(seed).normal(0, amplitude, samples)).astype(np.int16)


def tone(hertz: float, length_s: float, dbfs: float = -20.0) -> Pcm:
    """A sine wave: cheap speech for tests that only ask who hears whom."""
    at = np.arange(int(length_s * RATE)) / RATE
    return (np.sin(2 * np.pi * hertz * at) * FULL_SCALE * 10 ** (dbfs / 20)).astype(np.int16)


def level(pcm: Pcm) -> float:
    """Root mean square in dBFS; -120 for digital silence."""
    if not len(pcm):
        return -120.0
    rms = float(np.sqrt(np.mean(np.square(pcm.astype(np.float64)))))
    return max(-120.0, 20 * float(np.log10(max(rms, 1e-9) / FULL_SCALE)))


def loud_windows(pcm: Pcm, dbfs: float = VOICE_DBFS) -> NDArray[np.bool_]:
    """For each whole 10 ms of `pcm`: is it above `dbfs`?"""
    windows = pcm[: len(pcm) // WINDOW * WINDOW].astype(np.float64).reshape(-1, WINDOW)
    rms = np.sqrt(np.mean(np.square(windows), axis=1))
    return rms > FULL_SCALE * 10 ** (dbfs / 20)


def loud_s(pcm: Pcm, dbfs: float = VOICE_DBFS) -> float:
    """Seconds of `pcm` that are above `dbfs`."""
    return seconds(int(np.count_nonzero(loud_windows(pcm, dbfs))) * WINDOW)


def first_audio(pcm: Pcm, start: int = 0, dbfs: float = VOICE_DBFS) -> int | None:
    """Position of the first sound at or after `start`, exact to the sample; None when there is none.

    A sound is two loud windows in a row, so that a click does not count.
    """
    loud = loud_windows(pcm[start:], dbfs)
    pairs = np.flatnonzero(loud[:-1] & loud[1:])
    if not len(pairs):
        return None
    window = start + int(pairs[0]) * WINDOW
    above = np.flatnonzero(np.abs(pcm[window : window + WINDOW].astype(np.int32)) > FULL_SCALE * 10 ** (dbfs / 20))
    return window + int(above[0])


def last_audio(pcm: Pcm, dbfs: float = VOICE_DBFS) -> int:
    """Position just after the last loud window; 0 when nothing is loud."""
    loud = np.flatnonzero(loud_windows(pcm, dbfs))
    return (int(loud[-1]) + 1) * WINDOW if len(loud) else 0
