"""Ears without a cloud: pocketsphinx as a livekit-agents STT (not streaming; the session cuts turns by its VAD).

What is expected decides what is listened for, and nothing is believed only because a grammar allows nothing else:
see `choose.py`. Free speech is best effort, so the sound of the last utterance is kept beside its words.
"""

import asyncio
import logging
import time
from functools import cache

import numpy as np
from livekit import rtc
from livekit.agents import NOT_GIVEN, APIConnectOptions, LanguageCode, NotGivenOr, stt, utils

from agent.offline.choose import Quality, Transcript, transcribe
from agent.offline.decoder import SAMPLE_RATE, shared_decoder
from agent.offline.pronounce import dictionary
from agent.offline.vocabulary import Vocabulary
from agent.offline.voice import resample
from agent.offline.worlds import Worlds
from agent.turns import Expecting
from fieldline.settings import get_settings

log = logging.getLogger(__name__)


@cache
def shared_worlds() -> Worlds:
    """The searches of this process, shared by its calls."""
    return Worlds(shared_decoder(), get_settings().cache_dir / "ears")


def prewarm() -> None:
    """Load what does not depend on a company: for a process that waits for a call. Blocking, about 0.3 s."""
    dictionary()
    shared_decoder()


class OfflineSTT(stt.STT):
    """pocketsphinx with a company's vocabulary; `expecting` is shared with the line's rules."""

    def __init__(self, vocabulary: Vocabulary, expecting: Expecting) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._vocabulary = vocabulary
        self._expecting = expecting
        self.last_quality: Quality = "best_effort"
        self.last_audio = b""

    @property
    def model(self) -> str:
        """The acoustic model's name."""
        return "pocketsphinx-en-us"

    @property
    def provider(self) -> str:
        """Who provides it: nobody outside this machine."""
        return "offline"

    def prewarm(self) -> None:
        """Load the decoder and this vocabulary's searches. Blocking."""
        shared_worlds().of(self._vocabulary)

    def hear(self, pcm: bytes) -> Transcript:
        """Transcribe 16 kHz 16-bit mono samples. Blocking."""
        world = shared_worlds().of(self._vocabulary)
        return transcribe(shared_decoder(), world, self._expecting.now, pcm)

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        frame = rtc.combine_audio_frames(buffer)
        started = time.perf_counter()
        pcm = await asyncio.to_thread(resample, _mono(frame), frame.sample_rate, SAMPLE_RATE)
        heard = await asyncio.to_thread(self.hear, pcm)
        self.last_audio, self.last_quality = pcm, heard.quality
        log.debug("heard", extra={"quality": heard.quality, "seconds": time.perf_counter() - started})
        return stt.SpeechEvent(
            type=stt.SpeechEventType.FINAL_TRANSCRIPT,
            request_id=utils.shortuuid("ears_"),
            alternatives=[
                stt.SpeechData(
                    language=LanguageCode("en"), text=heard.text, confidence=heard.confidence, end_time=frame.duration
                )
            ],
        )


def _mono(frame: rtc.AudioFrame) -> bytes:
    if frame.num_channels == 1:
        return bytes(frame.data)
    samples = np.frombuffer(frame.data, dtype=np.int16).reshape(-1, frame.num_channels)
    return samples.mean(axis=1).astype(np.int16).tobytes()
