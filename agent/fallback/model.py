"""A chain of language models. What has been said stays said: the next model goes on with the same turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectionError,
    APIConnectOptions,
    NotGivenOr,
    llm,
    utils,
)

from agent.fallback.links import Chain, Link, Links, reason_of, within
from agent.fallback.schemas import described
from agent.fallback.sentences import begun, complete, first_sentence, without

#: A sentence may take so long after the one before; a model at work needs a third of it.
SENTENCE_S = 2.0
#: Between two pieces of an answer of which nothing can be spoken yet: a model at work sends forty in a second, one that
#: dribbles keeps the caller waiting.
PIECE_S = 0.6
#: A tool call that goes on for longer than half a minute's dictation takes is none.
CALL_S = 8.0


class ModelChain(Chain[llm.LLM], llm.LLM):
    """The models of a call, one behind the other. Each gets one attempt per turn.

    Words are handed on sentence by sentence, and of an answer the first clause by itself, so an answer that breaks off
    leaves no half thought; the next model's answer is spoken without the words that were. A tool call that has been
    handed on ends the turn, whatever happens then: nothing is written twice.
    """

    def __init__(self, links: Sequence[Link[llm.LLM]]) -> None:
        super().__init__()
        self.serve_by(Links("llm", links, probe))

    def prewarm(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        for link in self.links.all[:-1]:
            link.part.prewarm(loop=loop)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        asked = {
            "parallel_tool_calls": parallel_tool_calls,
            "tool_choice": tool_choice,
            "extra_kwargs": extra_kwargs,
        }
        options = APIConnectOptions(max_retry=0, timeout=conn_options.timeout)
        return _Answer(self, chat_ctx=chat_ctx, tools=described(tools or []), conn_options=options, asked=asked)


async def probe(link: Link[llm.LLM]) -> None:
    """Ask a model for one word. Raises whatever goes wrong."""
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="Say OK.")
    async with asyncio.timeout(link.attempt_s):
        answer = await link.part.chat(chat_ctx=context, conn_options=_once(link)).collect()
    if not answer.text:
        raise APIConnectionError("no answer")


def _once(link: Link[Any]) -> APIConnectOptions:
    return APIConnectOptions(max_retry=0, timeout=link.attempt_s)


class _Answer(llm.LLMStream):
    _llm: ModelChain
    _llm_request_span_name: ClassVar[str] = "llm_chain"
    _llm_attempt_span_name: ClassVar[str | None] = None
    _genai_operation_name: ClassVar[str | None] = None

    def __init__(self, chain: ModelChain, *, asked: dict[str, Any], **arguments: Any) -> None:
        super().__init__(chain, **arguments)
        self._asked = asked
        self._id = utils.shortuuid("chain_")
        self._said: list[str] = []
        self._before: frozenset[str] = frozenset()
        #: The clause at which an earlier model broke off.
        self._opening = ""
        self._called = False

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # each link counts its own

    async def _run(self) -> None:
        links = self._llm.links
        last: Exception = APIConnectionError("no model")
        for link in links.order():
            try:
                await self._ask(link)
                return
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the next one goes on
                links.failed(link, reason_of(error))
                self._before, last = frozenset(self._said), error
                self._opening = self._said[0] if len(self._said) == 1 else ""
            if self._called:
                return
        raise APIConnectionError("no model answers") from last

    async def _ask(self, link: Link[llm.LLM]) -> None:
        held = ""
        async with link.part.chat(
            chat_ctx=self._chat_ctx, tools=self._tools, conn_options=_once(link), **self._asked
        ) as stream:
            async for chunk in _in_time(stream, link.attempt_s):
                if chunk.delta is not None and chunk.delta.content:
                    ready, held = (complete if self._said else begun)(held + chunk.delta.content)
                    self._say(ready)
                if chunk.delta is None or chunk.delta.tool_calls:
                    self._say(held)
                    held = ""
                    self._hand_on(chunk)
        self._say(held)
        if not (self._called or self._said or link is self._llm.links.all[-1]):
            raise APIConnectionError("an answer without a word")

    def _hand_on(self, chunk: llm.ChatChunk) -> None:
        if chunk.delta is not None:
            self._called = True
            chunk.delta.content = None
        self._event_ch.send_nowait(chunk)

    def _say(self, words: str) -> None:
        """Hand sentences on, but for those that an earlier model of this turn has said."""
        while words:
            sentence, words = first_sentence(words)
            sentence = without(self._opening, sentence)
            plain = " ".join(sentence.split()).lower()
            if plain in self._before or (self._before and not plain):
                continue
            self._said.append(plain)
            delta = llm.ChoiceDelta(role="assistant", content=sentence)
            self._event_ch.send_nowait(llm.ChatChunk(id=self._id, delta=delta))


async def _in_time(stream: llm.LLMStream, first_s: float) -> AsyncIterator[llm.ChatChunk]:
    """The chunks, as long as they come in time.

    Nothing may be said or called for `first_s` seconds, or longer while pieces come one upon the other; after that
    every sentence has its limit, and a tool call may go on. Raises TimeoutError.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    until, sentence_until = began + first_s, 0.0
    held, spoken = "", False
    chunks = aiter(stream)
    while True:
        chunk = await within(until - loop.time(), _next(chunks))
        if chunk is None:
            return
        now, before = loop.time(), held
        content = (chunk.delta.content or "") if chunk.delta else ""
        ready, held = complete(held + content)
        if content and (ready or not before):
            sentence_until = now + SENTENCE_S
        spoken = spoken or bool(ready)
        if content and spoken:
            until = sentence_until
        else:
            until = max(until, min(sentence_until if content else began + CALL_S, now + PIECE_S))
        yield chunk


async def _next(chunks: AsyncIterator[llm.ChatChunk]) -> llm.ChatChunk | None:
    return await anext(chunks, None)
