"""The employee's side of a transfer: they are told who waits, and answer by voice or key. The caller has no part in it.

Apart from the call's session on purpose: its voice, its ears and its turns stay the caller's for as long as nobody has
taken the call, and what is said to the employee goes into a track that no caller is ever granted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from livekit import rtc
from livekit.agents import APIError, stt, tts, vad

from agent.floor import BRIEFING
from agent.offline.ears import OfflineSTT
from agent.offline.understand.office import OfficeAnswer, is_machine, office_answer
from agent.offline.vocabulary import Vocabulary
from agent.turns import Expectation, Expecting

logger = logging.getLogger(__name__)

Answer = OfficeAnswer | Literal["voicemail"]

#: After the briefing, and after the question is put once more, somebody has this long to answer.
ANSWER_S = 7.0
#: People say a word or two when they pick up. So much speech in so long a time is a machine's greeting.
GREETING_S, GREETING_WITHIN_S = 4.0, 7.0
#: What is said sooner after the pick-up is "yes, hello?" and no answer.
HELLO_S = 2.0
KEYS: dict[str, OfficeAnswer] = {"1": "accepted", "2": "declined", "3": "message"}
#: What offline ears listen for when somebody has been asked.
ASKED = Expectation("anything", slot="office_answer")
EARS_RATE = 16_000


class Announcer:
    """A voice with a track of its own, for the employee's ear."""

    def __init__(self, voice: tts.TTS) -> None:
        self._voice = voice
        self._source = rtc.AudioSource(voice.sample_rate, 1, queue_size_ms=200)

    async def publish(self, room: rtc.Room) -> None:
        """Put the track into the room; who may hear it is the floor's business."""
        await room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track(BRIEFING, self._source))

    async def prepare(self, words: str) -> list[rtc.AudioFrame]:
        """The sound of `words`, made ahead; empty when no voice is to be had."""
        try:
            return [part.frame async for part in self._voice.synthesize(words)]
        except APIError as error:
            logger.warning("a sentence could not be made", extra={"reason": type(error).__name__})
            return []

    async def play(self, frames: Sequence[rtc.AudioFrame]) -> None:
        """Say it; returns when it has been said. Cancelling stops the voice at once."""
        try:
            for frame in frames:
                await self._source.capture_frame(frame)
            await self._source.wait_for_playout()
        finally:
            self._source.clear_queue()

    async def aclose(self) -> None:
        """Never to speak again."""
        await self._source.aclose()


def office_ears(hears: stt.STT, detector: vad.VAD) -> stt.STT:
    """Ears for the employee: the call's own provider, or offline ones that listen for the few answers."""
    if not isinstance(hears, OfflineSTT):
        return hears if hears.capabilities.streaming else stt.StreamAdapter(stt=hears, vad=detector)
    expecting = Expecting()
    expecting.expect(ASKED)
    return stt.StreamAdapter(stt=OfflineSTT(Vocabulary(), expecting), vad=detector)


@dataclass
class Consultation:
    """One person on the telephone who has been asked to take a call.

    `words` gets what they say, for the record; they are asked in `language`. `answered` is set once, by whatever came
    first.
    """

    announcer: Announcer
    ears: stt.STT
    words: Callable[[str], None]
    language: str = "en"
    answered: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    picked_up: float = field(default_factory=time.monotonic)
    _unclear: asyncio.Event = field(default_factory=asyncio.Event)
    _spoken_s: float = 0.0
    _began: float | None = None

    def press(self, key: str) -> None:
        """A key of the employee's telephone."""
        if key in KEYS:
            self._answer(KEYS[key])
        else:
            self._unclear.set()

    async def ask(self, briefing: Sequence[rtc.AudioFrame], again: Sequence[rtc.AudioFrame]) -> Answer:
        """Tell who waits, and wait for the answer. Silence is put down to a machine; the question is put twice."""
        talk = asyncio.create_task(self._talk(briefing, again))
        try:
            await asyncio.wait({talk, self.answered}, return_when=asyncio.FIRST_COMPLETED)
            return self.answered.result() if self.answered.done() else talk.result()
        finally:
            talk.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await talk

    async def _talk(self, briefing: Sequence[rtc.AudioFrame], again: Sequence[rtc.AudioFrame]) -> Answer:
        for words in (briefing, again):
            self._unclear.clear()
            await self.announcer.play(words)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await self._unclear.wait()
        return "declined" if self._unclear.is_set() else "voicemail"

    async def listen(self, track: rtc.RemoteTrack) -> None:
        """Hear a microphone until cancelled: a leg that reconnects brings a new one."""
        sound = rtc.AudioStream.from_track(track=track, sample_rate=EARS_RATE, num_channels=1)
        stream = self.ears.stream()

        async def feed() -> None:
            async for event in sound:
                stream.push_frame(event.frame)

        feeding = asyncio.create_task(feed())
        try:
            async for event in stream:
                self._heard(event)
        except APIError as error:
            logger.warning("the employee is not heard; keys still count", extra={"reason": type(error).__name__})
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await stream.aclose()
            await sound.aclose()

    def _heard(self, event: stt.SpeechEvent) -> None:
        now = time.monotonic()
        match event.type:
            case stt.SpeechEventType.START_OF_SPEECH:
                self._began = now
            case stt.SpeechEventType.END_OF_SPEECH if self._began is not None:
                self._spoken_s += now - self._began
                if self._spoken_s > GREETING_S and now - self.picked_up < GREETING_WITHIN_S + GREETING_S:
                    self._answer("voicemail")
            case stt.SpeechEventType.FINAL_TRANSCRIPT if event.alternatives and event.alternatives[0].text.strip():
                self._understand(event.alternatives[0].text, now)

    def _understand(self, text: str, now: float) -> None:
        self.words(text)
        if is_machine(text, self.language):
            self._answer("voicemail")
        elif (self._began or now) - self.picked_up < HELLO_S:
            return
        elif (answer := office_answer(text, self.language)) is not None:
            self._answer(answer)
        else:
            self._unclear.set()

    def _answer(self, answer: Answer) -> None:
        if not self.answered.done():
            self.answered.set_result(answer)
