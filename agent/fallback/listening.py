"""One call's sound through a chain of ears: heard along by streaming ones, kept for those that come next."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, LanguageCode, stt
from livekit.agents.utils import AudioBuffer

from agent.fallback.links import Link, reason_of

if TYPE_CHECKING:
    from agent.fallback.ears import EarsChain

#: Sound from before the moment at which speech was noticed.
BEFORE_S = 0.6
#: The longest stretch of speech that is kept, a dictation of half a minute; what is kept behind words that come without
#: their time; and speech without any words, by which ears show that they went deaf after the last ones.
KEPT_S, GOES_ON_S, UNHEARD_S = 30.0, 1.5, 1.5
#: Words that are not there so long after speech ended (by the session's own VAD) are asked for elsewhere: four times
#: what a streaming recogniser needs. Shorter sounds are coughs and doors.
LATE_S, SPEECH_S = 0.8, 0.4

Event = stt.SpeechEvent
Trial = asyncio.Future[None]
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT


def text_of(event: Event) -> str:
    """The words of an event."""
    return event.alternatives[0].text.strip() if event.alternatives else ""


async def hear_whole(link: Link[stt.STT], buffer: AudioBuffer, limit_s: float | None) -> Event:
    """One attempt at a whole utterance. Raises whatever goes wrong, TimeoutError after `limit_s`."""
    options = APIConnectOptions(max_retry=0, timeout=link.attempt_s)
    async with asyncio.timeout(limit_s):
        if link.part.capabilities.offline_recognize:
            return await link.part.recognize(buffer, conn_options=options)
        return await _hear_streaming(link.part, buffer, options)


async def _hear_streaming(ears: stt.STT, buffer: AudioBuffer, options: APIConnectOptions) -> Event:
    """A whole utterance by ears that only stream: all that they take for said, in one event."""
    heard: list[str] = []
    async with ears.stream(conn_options=options) as stream:
        for frame in buffer if isinstance(buffer, list) else [buffer]:
            stream.push_frame(frame)
        stream.end_input()
        async for event in stream:
            if event.type == FINAL and text_of(event):
                heard.append(text_of(event))
    data = stt.SpeechData(language=LanguageCode(""), text=" ".join(heard))
    return stt.SpeechEvent(type=FINAL, alternatives=[data])


class Listening(stt.RecognizeStream):
    """One call's sound through the chain."""

    _stt: EarsChain

    def __init__(self, chain: EarsChain, conn_options: APIConnectOptions) -> None:
        self._links = chain.links
        self._kept: deque[rtc.AudioFrame] = deque()
        self._kept_s = self._given_s = 0.0
        self._speaking = False
        self._spoke_at = 0.0
        #: Utterances by number: the one that is or was last spoken, and the last whose words came as a whole.
        self._utterance = self._answered = 0
        self._understood = True
        #: Set while nobody speaks and all words are there.
        self._settled = asyncio.Event()
        self._settled.set()
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
        self._given_s += frame.duration
        self._keep_last(KEPT_S if self._speaking or not self._understood else BEFORE_S)

    def _keep_last(self, longest_s: float) -> None:
        while self._kept and self._kept_s > longest_s:
            self._kept_s -= self._kept.popleft().duration

    def _forget(self, final: Event, stream: stt.RecognizeStream, began_s: float) -> None:
        """These words are handed on: ears that come next must not hear them again."""
        end_s = final.alternatives[0].end_time - stream.start_time_offset
        self._keep_last(self._given_s - began_s - end_s if end_s > 0 else GOES_ON_S)

    def _background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the session's VAD says

    def caller(self, speaking: bool) -> None:
        if speaking and not self._speaking:
            self._spoke_at = time.monotonic()
            self._utterance += 1
            self._note(understood=False)
        elif self._speaking and not speaking:
            long_enough = time.monotonic() - self._spoke_at >= SPEECH_S
            if self._kept_s > UNHEARD_S:
                self._note(understood=False)
            self._background(self._after_speech(list(self._kept), long_enough))
        self._speaking = speaking
        self._note(understood=self._understood)

    def _note(self, *, understood: bool) -> None:
        self._understood = understood
        if understood and not self._speaking:
            self._settled.set()
        else:
            self._settled.clear()

    async def _after_speech(self, utterance: list[rtc.AudioFrame], long_enough: bool) -> None:
        """Words of streaming ears should be there soon; the other ears get the utterance now."""
        serving, number = self._links.serving(), self._utterance
        if self._main is not None:
            await asyncio.sleep(LATE_S)
            if self._understood or self._speaking:
                return
            if long_enough:
                await self._second_opinion(serving, number, utterance)
        else:
            with contextlib.suppress(APIConnectionError):  # the session says that it has not understood
                self._hand_on_once(number, await self._stt.recognise(utterance, self._links.order()))
        self._note(understood=True)

    async def _second_opinion(self, silent: Link[stt.STT], number: int, utterance: list[rtc.AudioFrame]) -> None:
        """Ears that said nothing to a whole utterance are deaf if others hear words in it; else it was noise."""
        others = [link for link in self._links.order() if link is not silent]
        with contextlib.suppress(APIConnectionError):
            event = await self._stt.recognise(utterance, others)
            # Otherwise the first ears were late and not deaf.
            if text_of(event) and not self._understood:
                self._links.failed(silent, "too slow")
                self._listen()
                self._hand_on_once(number, event)

    # Streaming ears

    def _listen(self) -> None:
        """Hear along with the ears that serve, if they stream."""
        serving = self._links.serving()
        self._main = self._open(serving) if serving.part.capabilities.streaming else None
        if self._main is not None:
            again = list(self._kept) if not self._understood or self._speaking else []
            for frame in again:
                _push(self._main, frame)
            self._background(self._read(serving, self._main, began_s=self._given_s - sum(f.duration for f in again)))

    def _open(self, link: Link[stt.STT]) -> stt.RecognizeStream:
        stream = link.part.stream(conn_options=APIConnectOptions(max_retry=0, timeout=link.attempt_s))
        stream.start_time_offset = self.start_time_offset + time.time() - self._began_at
        return stream

    async def _read(
        self, link: Link[stt.STT], stream: stt.RecognizeStream, trial: Trial | None = None, *, began_s: float
    ) -> None:
        """Hand on what streaming ears hear while they serve. On `trial` they only show that they understand.

        `began_s` is the place in the call's sound at which theirs begins.
        """
        try:
            async with stream:
                async for event in stream:
                    if self._main is stream:
                        self._hand_on(event)
                        if event.type == FINAL and text_of(event):
                            self._forget(event, stream, began_s)
                    elif trial is None:
                        return
                    elif event.type == FINAL and text_of(event) and not trial.done():
                        trial.set_result(None)
            error: Exception = APIConnectionError("the stream ended")
        except Exception as raised:  # noqa: BLE001 - a plugin may raise anything; the next ears go on
            error = raised
        if trial is not None and not trial.done():
            trial.set_exception(error)
        elif self._main is stream and not self._input_ch.closed:
            self._links.failed(link, reason_of(error))
            self._listen()
            if self._main is None and not self._understood and not self._speaking:
                await self._after_speech(list(self._kept), long_enough=True)

    def _hand_on_once(self, number: int, event: Event) -> None:
        """A stream that breaks while other ears are already asked makes two ask for the same utterance."""
        if number > self._answered:
            self._answered = number
            self._hand_on(event)

    def _hand_on(self, event: Event) -> None:
        if event.type == stt.SpeechEventType.RECOGNITION_USAGE:
            return
        if text_of(event):
            self._note(understood=event.type == FINAL)
        with contextlib.suppress(Exception):
            self._event_ch.send_nowait(event)

    # Back again

    async def try_again(self, link: Link[stt.STT]) -> None:
        """Return when failed ears work again. Raises when they do not."""
        if not link.part.capabilities.streaming:
            await hear_whole(link, list(self._kept), link.attempt_s)
            return
        stream, trial = self._open(link), asyncio.get_running_loop().create_future()
        self._beside.append(stream)
        self._background(self._read(link, stream, trial, began_s=self._given_s))
        try:
            await trial
            # What they have just understood, the ears that serve have too: they take over between two utterances.
            await self._settled.wait()
        except BaseException:
            await stream.aclose()
            raise
        finally:
            self._beside.remove(stream)
        link.up = True
        before, self._main = self._main, stream
        if before is not None:
            await before.aclose()


def _push(stream: stt.RecognizeStream, item: rtc.AudioFrame | Any) -> None:
    with contextlib.suppress(RuntimeError):  # it has ended, and whoever reads it knows
        if isinstance(item, rtc.AudioFrame):
            stream.push_frame(item)
        else:
            stream.flush()
