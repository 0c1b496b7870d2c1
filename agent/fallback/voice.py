"""A chain of voices. Each sentence is spoken by the first voice that works; one that dies in it is followed by the
next, from the beginning of that sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectionError, APIConnectOptions, tts, utils

from agent.fallback.links import Chain, Link, Links, reason_of, within
from agent.fallback.sentences import begun, complete, first_sentence

#: A voice that falls so far behind what has been played of it has died: the caller hears nothing meanwhile.
BEHIND_S = 0.4
#: Sound that is shorter than this share of what a reader needs was cut off. English is read at 15 characters a second.
TOO_SHORT, CHARACTERS_PER_S = 0.25, 15.0
PROBE_WORDS = "Hello."

Push = Callable[[rtc.AudioFrame], None]
Frames = AsyncGenerator[rtc.AudioFrame, None]


class VoiceChain(Chain[tts.TTS], tts.TTS):
    """The voices of a call, one behind the other; the last one is the process's own and outlives it."""

    lends_last = True

    def __init__(self, links: Sequence[Link[tts.TTS]]) -> None:
        rate = max(link.part.sample_rate for link in links)
        super().__init__(capabilities=tts.TTSCapabilities(streaming=True), sample_rate=rate, num_channels=1)
        self.serve_by(Links("tts", links, probe))

    def prewarm(self) -> None:
        for link in self.links.all[:-1]:
            link.part.prewarm()

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Whole(tts=self, input_text=text, conn_options=APIConnectOptions(max_retry=0))

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> tts.SynthesizeStream:
        return _Stream(tts=self, conn_options=APIConnectOptions(max_retry=0))

    async def speak(self, sentence: str, push: Push) -> None:
        """Speak one sentence with the first voice that can. Raises APIConnectionError when none can."""
        last: Exception = APIConnectionError("no voice")
        for link in self.links.order():
            try:
                await self._speak(link, sentence, push)
                return
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the next one goes on
                self.links.failed(link, reason_of(error))
                last = error
        raise APIConnectionError("no voice speaks") from last

    async def _speak(self, link: Link[tts.TTS], sentence: str, push: Push) -> None:
        rate = link.part.sample_rate
        resampler = rtc.AudioResampler(rate, self.sample_rate) if rate != self.sample_rate else None
        async with aclosing(in_time(_sound(link, sentence), link.attempt_s, sentence)) as frames:
            async for frame in frames:
                for ready in resampler.push(frame) if resampler else (frame,):
                    push(ready)
        for ready in resampler.flush() if resampler else ():
            push(ready)


async def probe(link: Link[tts.TTS]) -> None:
    """Let a voice say one word. Raises whatever goes wrong."""
    async with aclosing(in_time(_sound(link, PROBE_WORDS), link.attempt_s, PROBE_WORDS)) as frames:
        async for _ in frames:
            pass


async def _sound(link: Link[tts.TTS], sentence: str) -> Frames:
    options = APIConnectOptions(max_retry=0, timeout=link.attempt_s)
    if not link.part.capabilities.streaming:
        async with link.part.synthesize(sentence, conn_options=options) as whole:
            async for audio in whole:
                yield audio.frame
        return
    async with link.part.stream(conn_options=options) as stream:
        stream.push_text(sentence)
        stream.end_input()
        async for audio in stream:
            yield audio.frame


async def in_time(frames: Frames, first_s: float, sentence: str) -> Frames:
    """The frames, as long as they come before they are needed.

    Raises:
        TimeoutError: the first one is late, or what has come would have been played by now.
        APIConnectionError: the sound ends long before the sentence could.
    """
    loop = asyncio.get_running_loop()
    began_at, spoken_s = None, 0.0
    until = loop.time() + first_s
    try:
        while True:
            frame = await within(until - loop.time(), anext(frames, None))
            if frame is None:
                break
            began_at = began_at or loop.time()
            spoken_s += frame.duration
            until = max(loop.time(), min(loop.time() + first_s, began_at + spoken_s)) + BEHIND_S
            yield frame
    finally:
        await frames.aclose()
    if spoken_s < TOO_SHORT * len(sentence) / CHARACTERS_PER_S:
        raise APIConnectionError("the sound is too short for the sentence")


class _Whole(tts.ChunkedStream):
    _tts: VoiceChain
    _tts_request_span_name: ClassVar[str] = "tts_chain"
    _tts_attempt_span_name: ClassVar[str | None] = None

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # each link counts its own

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        _begin(self._tts, output_emitter, stream=False)
        rest = self._input_text
        while rest.strip():
            sentence, rest = first_sentence(rest)
            await self._tts.speak(sentence.strip(), output_emitter.push_frame)


class _Stream(tts.SynthesizeStream):
    _tts: VoiceChain
    _tts_request_span_name: ClassVar[str] = "tts_chain"
    _tts_attempt_span_name: ClassVar[str | None] = None

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # each link counts its own

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        _begin(self._tts, output_emitter, stream=True)
        output_emitter.start_segment(segment_id=utils.shortuuid("segment_"))
        held, split = "", begun
        async for piece in self._input_ch:
            flush = not isinstance(piece, str)
            ready, held = (held, "") if flush else split(held + piece)
            split = complete if ready else split
            await self._say(ready, output_emitter)
        await self._say(held, output_emitter)
        output_emitter.end_segment()

    async def _say(self, text: str, output_emitter: tts.AudioEmitter) -> None:
        while text:
            sentence, text = first_sentence(text)
            if any(char.isalnum() for char in sentence):
                self._mark_started()
                await self._tts.speak(sentence.strip(), output_emitter.push_frame)


def _begin(voice: VoiceChain, output_emitter: tts.AudioEmitter, *, stream: bool) -> None:
    output_emitter.initialize(
        request_id=utils.shortuuid("voice_"),
        sample_rate=voice.sample_rate,
        num_channels=1,
        mime_type="audio/pcm",
        stream=stream,
    )
