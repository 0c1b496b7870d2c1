"""What a caller hears on hold: a quiet loop that is worked out here, so that nobody's recording is needed."""

from __future__ import annotations

import asyncio
import contextlib
from functools import cache

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from agent.floor import HOLD

Pcm = NDArray[np.int16]

RATE = 16_000
FRAME = RATE // 50
#: Sound that is ready ahead: little, so that a pause is heard at once.
QUEUE_MS = 100
#: Peak of the loop: about 20 dB below full scale, beneath any voice.
PEAK = 0.10
#: Seconds per note, and the notes of four bars: broken chords of C, A minor, F and G, in Hz.
NOTE_S = 0.42
CHORDS = (
    (261.63, 329.63, 392.00, 523.25),
    (220.00, 261.63, 329.63, 440.00),
    (174.61, 220.00, 261.63, 349.23),
    (196.00, 246.94, 293.66, 392.00),
)
ORDER = (0, 2, 1, 3, 2, 1, 2, 1)
#: The plain signal for companies that want no music: one soft tone of 425 Hz, a second long, every three.
TONE_HZ, TONE_S, EVERY_S = 425.0, 1.0, 3.0


@cache
def loop(kind: str = "melody") -> Pcm:
    """One round of the sound, `melody` or `tones`; its end fits its beginning."""
    return _tones() if kind == "tones" else _melody()


def _melody() -> Pcm:
    step = int(NOTE_S * RATE)
    notes = [chord[index] for chord in CHORDS for index in ORDER]
    sound = np.zeros(step * len(notes))
    # A plucked string: three partials that fade, each note ringing on under the next three.
    at = np.arange(step * 4) / RATE
    fade = np.exp(-2.2 * at) * np.minimum(1.0, at / 0.01)
    for index, hertz in enumerate(notes):
        pluck = sum(np.sin(2 * np.pi * hertz * partial * at) / partial**2 for partial in (1, 2, 3)) * fade
        places = (index * step + np.arange(len(pluck))) % len(sound)
        np.add.at(sound, places, pluck)
    return _quiet(sound)


def _tones() -> Pcm:
    at = np.arange(int(TONE_S * RATE)) / RATE
    edges = np.minimum(1.0, np.minimum(at, TONE_S - at) / 0.05)
    return np.concatenate(
        [_quiet(np.sin(2 * np.pi * TONE_HZ * at) * edges), np.zeros(int((EVERY_S - TONE_S) * RATE), np.int16)]
    )


def _quiet(sound: NDArray[np.float64]) -> Pcm:
    return (sound / np.abs(sound).max() * PEAK * 32_767).astype(np.int16)


class HoldMusic:
    """Plays the loop into a track of its own. `play` and `pause` may come in any order, any number of times."""

    def __init__(self, kind: str) -> None:
        self._loop = loop(kind)
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        self._at = 0
        self._playing: asyncio.Task[None] | None = None

    def choose(self, kind: str) -> None:
        """What is played from the next time on."""
        self._loop, self._at = loop(kind), 0

    async def publish(self, room: rtc.Room) -> None:
        """Put the track into the room; who may hear it is the floor's business."""
        await room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track(HOLD, self._source))

    def play(self) -> None:
        """Begin, or go on where it was paused."""
        if self._playing is None:
            self._playing = asyncio.create_task(self._play(), name="hold-music")

    async def pause(self) -> None:
        """Silence, at once."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
            self._source.clear_queue()

    async def aclose(self) -> None:
        """Stop for good."""
        await self.pause()
        await self._source.aclose()

    async def _play(self) -> None:
        while True:
            frame = self._loop[self._at : self._at + FRAME]
            self._at = (self._at + FRAME) % (len(self._loop) // FRAME * FRAME)
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))
