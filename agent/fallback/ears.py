"""A chain of ears. The sound of what is being said is kept until its words are there, so the next ears can hear it
too."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectionError,
    APIConnectOptions,
    NotGivenOr,
    stt,
)
from livekit.agents.utils import AudioBuffer

from agent.fallback.links import Link, Links, reason_of

#: Sound from before the moment at which speech was noticed.
BEFORE_S = 0.6
#: The longest stretch of speech that is kept, a dictation of half a minute; and what is kept of speech whose words are
#: there so far, since the next ones begin before anybody notices.
KEPT_S, GOES_ON_S = 30.0, 1.5
#: Words that are not there so long after speech ended (by the session's own VAD) are asked for elsewhere: four times
#: what a streaming recogniser needs. Shorter sounds are coughs and doors.
LATE_S, SPEECH_S = 0.8, 0.4

Event = stt.SpeechEvent
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT


class EarsChain(stt.STT):
    """The ears of a call, one behind the other: streaming ones hear along, the others get each utterance as a whole.

    `caller(speaking)` has to be told what the session's VAD says: it cuts utterances, and shows that ears which say
    nothing are deaf. `heard_by` is called with the name of the link whose words were handed on.
    """

    def __init__(self, links: Sequence[Link[stt.STT]]) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=True, keyterms=True),
        )
        self.links = Links("stt", links, self._probe)
        self.heard_by: Callable[[str], None] = lambda _: None
        self._streams: list[_Stream] = []
        for link in links:
            link.part.on("metrics_collected", self._forward)

    def _forward(self, *arguments: Any) -> None:
        self.emit("metrics_collected", *arguments)

    @property
    def model(self) -> str:
        return self.links.serving().part.model

    @property
    def provider(self) -> str:
        return self.links.serving().part.provider

    def _update_session_keyterms(self, keyterms: list[str]) -> None:
        for link in self.links.all:
            link.part._update_session_keyterms(keyterms)

    def caller(self, speaking: bool) -> None:
        """The caller has begun or ended to speak."""
        for stream in self._streams:
            stream.caller(speaking)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return _Stream(self, conn_options)

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> Event:
        return await self.recognise(buffer, self.links.order())

    async def recognise(self, buffer: AudioBuffer, links: Sequence[Link[stt.STT]]) -> Event:
        """The words of a whole utterance, by the first of `links` that can. Raises APIConnectionError."""
        last: Exception = APIConnectionError("no ears")
        for link in links:
            try:
                event = await hear_whole(link, buffer, None if link is self.links.all[-1] else link.attempt_s)
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the next one goes on
                self.links.failed(link, reason_of(error))
                last = error
                continue
            if text_of(event):
                self.heard_by(link.name)
            return event
        raise APIConnectionError("no ears hear") from last

    async def _probe(self, link: Link[stt.STT]) -> None:
        """Streaming ears are back when they have understood the caller beside those that serve, others by an answer."""
        if not self._streams:
            raise APIConnectionError("nobody to listen to")
        await self._streams[-1].try_again(link)

    async def aclose(self) -> None:
        await self.links.aclose()
        for link in self.links.all:
            link.part.off("metrics_collected", self._forward)
            await link.part.aclose()


def text_of(event: Event) -> str:
    """The words of an event."""
    return event.alternatives[0].text.strip() if event.alternatives else ""


async def hear_whole(link: Link[stt.STT], buffer: AudioBuffer, limit_s: float | None) -> Event:
    """One attempt at a whole utterance. Raises whatever goes wrong, TimeoutError after `limit_s`."""
    options = APIConnectOptions(max_retry=0, timeout=link.attempt_s)
    async with asyncio.timeout(limit_s):
        return await link.part.recognize(buffer, conn_options=options)


class _Stream(stt.RecognizeStream):
    """One call's sound through the chain."""

    _stt: EarsChain

    def __init__(self, chain: EarsChain, conn_options: APIConnectOptions) -> None:
        self._links = chain.links
        self._kept: deque[rtc.AudioFrame] = deque()
        self._kept_s = 0.0
        self._speaking = False
        self._spoke_at = 0.0
        self._understood = True
        self._main: stt.RecognizeStream | None = None
        self._beside: list[stt.RecognizeStream] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._began_at = time.time()
        super().__init__(stt=chain, conn_options=APIConnectOptions(max_retry=0, timeout=conn_options.timeout))

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # each link counts its own

    async def _run(self) -> None:
        self._stt._streams.append(self)
        try:
            self._listen()
            async for item in self._input_ch:
                if isinstance(item, rtc.AudioFrame):
                    self._keep(item)
                for stream in (self._main, *self._beside):
                    if stream is not None:
                        _push(stream, item)
        finally:
            self._stt._streams.remove(self)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, frame: rtc.AudioFrame) -> None:
        self._kept.append(frame)
        self._kept_s += frame.duration
        longest = KEPT_S if not self._understood else GOES_ON_S if self._speaking else BEFORE_S
        while self._kept_s > longest:
            self._kept_s -= self._kept.popleft().duration

    def _background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the session's VAD says

    def caller(self, speaking: bool) -> None:
        if speaking and not self._speaking:
            self._spoke_at = time.monotonic()
            self._understood = False
        elif self._speaking and not speaking:
            long_enough = time.monotonic() - self._spoke_at >= SPEECH_S
            self._background(self._after_speech(list(self._kept), long_enough))
        self._speaking = speaking

    async def _after_speech(self, utterance: list[rtc.AudioFrame], long_enough: bool) -> None:
        """Words of streaming ears should be there soon; the other ears get the utterance now."""
        serving = self._links.serving()
        if self._main is not None:
            await asyncio.sleep(LATE_S)
            if self._understood or self._speaking:
                return
            if long_enough:
                await self._second_opinion(serving, utterance)
        else:
            with contextlib.suppress(APIConnectionError):  # the session says that it has not understood
                self._hand_on(await self._stt.recognise(utterance, self._links.order()))
        self._understood = True

    async def _second_opinion(self, silent: Link[stt.STT], utterance: list[rtc.AudioFrame]) -> None:
        """Ears that said nothing to a whole utterance are deaf if others hear words in it; else it was noise."""
        others = [link for link in self._links.order() if link is not silent]
        with contextlib.suppress(APIConnectionError):
            event = await self._stt.recognise(utterance, others)
            # Otherwise the first ears were late and not deaf.
            if text_of(event) and not self._understood:
                self._links.failed(silent, "too slow")
                self._listen()
                self._hand_on(event)

    # Streaming ears

    def _listen(self) -> None:
        """Hear along with the ears that serve, if they stream."""
        serving = self._links.serving()
        self._main = self._open(serving) if serving.part.capabilities.streaming else None
        if self._main is not None:
            for frame in self._kept if not self._understood else ():
                _push(self._main, frame)
            self._background(self._read(serving, self._main))

    def _open(self, link: Link[stt.STT]) -> stt.RecognizeStream:
        stream = link.part.stream(conn_options=APIConnectOptions(max_retry=0, timeout=link.attempt_s))
        stream.start_time_offset = self.start_time_offset + time.time() - self._began_at
        return stream

    async def _read(self, link: Link[stt.STT], stream: stt.RecognizeStream) -> None:
        """Hand on what streaming ears hear, for as long as they serve."""
        try:
            async with stream:
                async for event in stream:
                    if self._main is not stream:
                        return
                    self._hand_on(event, by=link.name)
            error: Exception = APIConnectionError("the stream ended")
        except Exception as raised:  # noqa: BLE001 - a plugin may raise anything; the next ears go on
            error = raised
        if self._main is stream and not self._input_ch.closed:
            self._links.failed(link, reason_of(error))
            self._listen()
            if self._main is None and not self._understood and not self._speaking:
                await self._after_speech(list(self._kept), long_enough=True)

    def _hand_on(self, event: Event, by: str = "") -> None:
        if event.type == stt.SpeechEventType.RECOGNITION_USAGE:
            return
        if text_of(event):
            self._understood = event.type == FINAL
        if by and event.type == FINAL and text_of(event):
            self._stt.heard_by(by)
        with contextlib.suppress(Exception):
            self._event_ch.send_nowait(event)

    # Back again

    async def try_again(self, link: Link[stt.STT]) -> None:
        """Return when failed ears work again. Raises when they do not."""
        if not link.part.capabilities.streaming:
            await hear_whole(link, list(self._kept), link.attempt_s)
            return
        stream = self._open(link)
        self._beside.append(stream)
        try:
            async for event in stream:
                if event.type == FINAL and text_of(event):
                    break
            else:
                raise APIConnectionError("the stream ended")
        except BaseException:
            self._beside.remove(stream)
            await stream.aclose()
            raise
        # What they have just understood, the ears that serve have too; from here on the first ones hear along.
        self._beside.remove(stream)
        link.up = True
        if self._links.serving() is link:
            await self._take_over(link, stream)
        else:
            await stream.aclose()

    async def _take_over(self, link: Link[stt.STT], stream: stt.RecognizeStream) -> None:
        before, self._main = self._main, stream
        if before is not None:
            await before.aclose()
        self._background(self._read(link, stream))


def _push(stream: stt.RecognizeStream, item: rtc.AudioFrame | Any) -> None:
    with contextlib.suppress(RuntimeError):  # it has ended, and whoever reads it knows
        if isinstance(item, rtc.AudioFrame):
            stream.push_frame(item)
        else:
            stream.flush()
