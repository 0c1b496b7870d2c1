"""What a tool has said is said to the caller at once: a model that only repeats it costs a third of a second and more.

The model is asked all the same, beneath the sentence, for what else it was told to do ("undo that, then book four");
its words would be the same again and are not spoken. The conversation holds the tool's call, its output and the
sentence as it was spoken, as with a model that repeats it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

from livekit.agents import APIError, FlushSentinel, ModelSettings, llm

from agent.call import Call
from agent.lines.base import Line
from agent.offline.rules import RuleLLM
from agent.turns import NOTHING

logger = logging.getLogger(__name__)

#: Tools that tell more than was asked: which of it is the answer, the model says in its own words.
CHOSEN_FROM = frozenset(
    {
        "company_facts",
        "check_stock",
        "customer_history",
        "find_person",
        "job_details",
        "my_jobs",
        "my_visits",
        "read_last_entry",
        "read_notifications",
    }
)


class TellingLine(Line):
    """A line that speaks for its tools. Rules do so by themselves, in the order in which they call."""

    def __init__(self, call: Call, *, instructions: str) -> None:
        super().__init__(call, instructions=instructions)
        self._finished: set[str] = set()

    def finished(self, call_id: str, tool: str) -> None:
        """The output of this tool call is a sentence for the caller, a question or a refusal perhaps."""
        if tool in CHOSEN_FROM:
            self._finished.discard(call_id)
        else:
            self._finished.add(call_id)

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncIterator[llm.ChatChunk | str | FlushSentinel]:
        """The sentences of the tools that have just run, or the model's answer."""
        outputs = [output for output in _just_returned(chat_ctx) if output.output]
        told = " ".join(output.output for output in outputs)
        rules = isinstance(self.session.llm, RuleLLM)
        if rules or not told or not all(output.call_id in self._finished for output in outputs):
            async for part in super().llm_node(chat_ctx, tools, model_settings):
                yield part
            return
        yield told
        yield FlushSentinel()
        # A question or a refusal ends what was asked for in the same breath.
        if self.call.expecting.now == NOTHING and not any(output.is_error for output in outputs):
            async for chunk in self._calls(self.model_node(chat_ctx, tools, model_settings)):
                yield chunk

    async def _calls(self, answer: Any) -> AsyncIterator[llm.ChatChunk]:
        """The tool calls of a model's answer. Without an answer nothing more is done: the caller has his sentence."""
        try:
            async for chunk in answer:
                if isinstance(chunk, llm.ChatChunk) and (chunk.delta is None or chunk.delta.tool_calls):
                    if chunk.delta is not None:
                        chunk.delta.content = None
                    yield chunk
        except APIError as error:
            logger.warning("nobody said whether more was to be done", extra={"reason": type(error).__name__})


def _just_returned(chat_ctx: llm.ChatContext) -> list[llm.FunctionCallOutput]:
    """The outputs at the end of a conversation, in the order of their calls; none after words."""
    outputs: dict[str, llm.FunctionCallOutput] = {}
    calls: dict[str, float] = {}
    for item in reversed(chat_ctx.items):
        if isinstance(item, llm.ChatMessage):
            break
        if isinstance(item, llm.FunctionCallOutput):
            outputs[item.call_id] = item
        elif isinstance(item, llm.FunctionCall):
            calls[item.call_id] = item.created_at
    # The conversation has them as they ended; they were begun as they were asked for.
    return [outputs[call_id] for call_id in sorted(calls, key=lambda call_id: calls[call_id]) if call_id in outputs]
