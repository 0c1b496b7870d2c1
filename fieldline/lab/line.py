"""A telephone's microphone and earpiece in a LiveKit room.

The microphone is a continuous track, paced in real time: faint noise while nobody speaks, like any telephone
line. The earpiece mixes every track that the phone is subscribed to into the call's recording.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

import numpy as np
from livekit import rtc

from fieldline.lab.audio import RATE, SILENCE, Pcm, last_audio, line_noise, mix, seconds
from fieldline.lab.recording import Recording

FRAME = RATE // 50  # 20 ms, what telephones send
AHEAD_S = 0.16  # sound kept ready in the track, so that a short stall of this process is not heard
QUEUE_MS = 1000
NOISE: Pcm = line_noise(RATE * 2)


class Microphone:
    """Sends noise, and speech when there is some."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        self._waiting: deque[tuple[Pcm, asyncio.Future[int]]] = deque()
        self._noise_at = 0
        self._said_to = 0
        self._task: asyncio.Task[None] | None = None

    async def publish(self, room: rtc.Room) -> None:
        """Publish the track as the phone's microphone and start sending."""
        track = rtc.LocalAudioTrack.create_audio_track("phone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await room.local_participant.publish_track(track, options)
        self._task = asyncio.create_task(self._send(), name="lab-phone-microphone")

    async def play(self, pcm: Pcm) -> int:
        """Send `pcm` after whatever is being sent; returns the recording's position where its last sound left.

        Returns only when that moment has come. Raises asyncio.CancelledError when the phone is closed first.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((pcm, done))
        end = await done
        await asyncio.sleep(max(0.0, seconds(end - self._recording.now())))
        return end

    async def aclose(self) -> None:
        """Stop sending; speech that waits is given up."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        while self._waiting:
            self._waiting.popleft()[1].cancel()
        await self._source.aclose()

    async def _send(self) -> None:
        while True:
            if self._waiting:
                pcm, done = self._waiting[0]
                first = last = self._said_to
                for begin in range(0, len(pcm), FRAME):
                    position = await self._push(pcm[begin : begin + FRAME])
                    first = position if begin == 0 else first
                    last = position + FRAME
                self._waiting.popleft()
                if not done.done():
                    # Stalls stretch what was sent, so count from the end: trailing silence is not speech.
                    done.set_result(max(first, last - (len(pcm) - last_audio(pcm))))
            else:
                await self._push(SILENCE)

    async def _push(self, speech: Pcm) -> int:
        """Send one frame when its time has come; returns where it stands in the recording."""
        queued = self._source.queued_duration
        if queued > AHEAD_S:
            await asyncio.sleep(queued - AHEAD_S)
        self._noise_at = (self._noise_at + FRAME) % (len(NOISE) - FRAME)
        frame = NOISE[self._noise_at : self._noise_at + FRAME]
        if len(speech):
            frame = mix(frame, np.pad(speech, (0, FRAME - len(speech))))
        position = max(self._said_to, self._recording.now() + int(self._source.queued_duration * RATE))
        await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))
        self._recording.say(frame, position)
        self._said_to = position + FRAME
        return position


class Earpiece:
    """Listens to every audio track it is given, into the recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, track: rtc.Track) -> None:
        """Start hearing `track`, again where it was lost and comes back; other kinds than audio are ignored."""
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            source = f"{track.sid}/{len(self._tasks)}"
            self._tasks.append(asyncio.create_task(self._hear(track, source), name="lab-phone-earpiece"))

    async def aclose(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _hear(self, track: rtc.Track, source: str) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                self._recording.hear(source, np.frombuffer(event.frame.data, np.int16))
        finally:
            await stream.aclose()
