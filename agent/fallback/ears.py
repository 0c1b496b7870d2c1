"""A chain of ears. The sound of what is being said is kept until its words are there, so the next ears can hear it
too."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectionError,
    APIConnectOptions,
    NotGivenOr,
    stt,
)
from livekit.agents.utils import AudioBuffer
from livekit.plugins import deepgram

from agent.fallback.links import Chain, Link, Links, reason_of
from agent.fallback.listening import Event, Listening, hear_whole


def takes_keyterms(part: stt.STT) -> bool:
    """Whether ears can be told names; of Deepgram's v1 models only nova-3, the others refuse the connection then."""
    return not isinstance(part, deepgram.STT) or part.model.startswith("nova-3")


class EarsChain(Chain[stt.STT], stt.STT):
    """The ears of a call, one behind the other: streaming ones hear along, the others get each utterance as a whole.

    `caller(speaking)` has to be told what the session's VAD says: it cuts utterances, and shows that ears which say
    nothing are deaf.
    """

    def __init__(self, links: Sequence[Link[stt.STT]]) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=True, keyterms=True),
        )
        self.serve_by(Links("stt", links, self._probe))
        self._streams: list[Listening] = []

    def _update_session_keyterms(self, keyterms: list[str]) -> None:
        for link in self.links.all:
            if takes_keyterms(link.part):
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
        return Listening(self, conn_options)

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
            return event
        raise APIConnectionError("no ears hear") from last

    async def _probe(self, link: Link[stt.STT]) -> None:
        """Streaming ears are back when they have understood the caller beside those that serve, others by an answer."""
        if not self._streams:
            raise APIConnectionError("nobody to listen to")
        await self._streams[-1].try_again(link)
