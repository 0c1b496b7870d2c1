"""Tones in recordings: the right one is found, for as long as it sounds, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fieldline.lab.audio import RATE, line_noise, mix, read_wav, tone
from fieldline.lab.tones import tone_s

SPEECH = Path(__file__).parent / "audio" / "alex-clock-in.wav"


def test_a_tone_in_noise_is_measured_to_20_ms() -> None:
    silence = np.zeros(RATE, np.int16)
    recording = mix(np.concatenate([silence, tone(430, 1.5), silence]), line_noise(int(RATE * 3.5)))

    assert tone_s(recording, 430) == pytest.approx(1.5, abs=0.04)
    assert tone_s(recording, 1230) == 0


def test_speech_is_no_tone() -> None:
    assert tone_s(read_wav(SPEECH), 430) == 0
    assert tone_s(read_wav(SPEECH), 1230) == 0


def test_a_click_of_a_tone_counts_only_when_asked_for() -> None:
    recording = np.concatenate([np.zeros(RATE, np.int16), tone(430, 0.1), np.zeros(RATE, np.int16)])

    assert tone_s(recording, 430) == 0
    assert tone_s(recording, 430, at_least_s=0) == pytest.approx(0.1, abs=0.04)
