"""How early an answer may begin to be spoken, and what is kept of it when its model fails. No network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from livekit.agents import llm

from agent.fallback.links import Link
from agent.fallback.model import ModelChain
from agent.fallback.schemas import described
from agent.fallback.sentences import begun, complete, without
from agent.lines.technician import TechnicianLine
from agent.markup import spoken, without_markup
from tests.support.clouds import ONCE, answered


class Script(llm.LLM):
    """A model that sends these pieces, and then may fail."""

    def __init__(self, *pieces: str, fails: bool = False) -> None:
        super().__init__()
        self.pieces, self.fails = pieces, fails

    def chat(self, **asked: Any) -> llm.LLMStream:
        return _Pieces(self, chat_ctx=asked["chat_ctx"], tools=[], conn_options=ONCE)


class _Pieces(llm.LLMStream):
    _llm: Script

    async def _run(self) -> None:
        for piece in self._llm.pieces:
            # Each piece is a message of its own from the network: the other side runs between two of them.
            await asyncio.sleep(0)
            delta = llm.ChoiceDelta(role="assistant", content=piece)
            self._event_ch.send_nowait(llm.ChatChunk(id="script", delta=delta))
        if self._llm.fails:
            raise ConnectionError("cut")


def chain(*models: llm.LLM) -> ModelChain:
    return ModelChain([Link(f"model {number}", model, 5.0) for number, model in enumerate(models)])


async def pieces_of(model: ModelChain) -> list[str]:
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="hi")
    async with model.chat(chat_ctx=context) as stream:
        return [chunk.delta.content async for chunk in stream if chunk.delta and chunk.delta.content]


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("All right, that", "All right, "),
        ("All right,", ""),
        ("Yes, I", ""),
        ("At 10:30, we", ""),
        ("The gate is open. It", "The gate is open. "),
    ],
)
def test_a_voice_may_begin_with_the_first_clause_of_two_words(text: str, ready: str) -> None:
    assert begun(text) == (ready, text.removeprefix(ready))


async def test_first_clause_goes_out_alone_and_later_ones_with_their_sentence() -> None:
    model = chain(Script("All right,", " that", " is noted.", " Now, if you like, go", " on."))
    assert await pieces_of(model) == ["All right, ", "that is noted.", " Now, if you like, go on."]
    await model.aclose()


async def test_last_sentence_does_not_wait_for_the_end_of_the_stream() -> None:
    assert complete("It is noted.") == ("It is noted.", "")
    assert complete("It is 3.") == ("", "It is 3.")
    assert complete("Ask Dr.") == ("", "Ask Dr.")


@pytest.mark.parametrize(
    ("second", "heard"),
    [
        ("All right, that is noted. Drive on.", "All right, that is noted. Drive on."),
        ("Okay. Drive on.", "All right, Okay. Drive on."),
    ],
)
async def test_clause_at_which_a_model_broke_off_is_not_said_twice(second: str, heard: str) -> None:
    model = chain(Script("All right,", " that", fails=True), Script(second))
    assert (await answered(model, "hi")).text == heard
    await model.aclose()


def test_opening_is_taken_off_where_it_was_said() -> None:
    assert without("all right,", "All right, go on. ") == "go on. "
    assert without("all right,", "Go on.") == "Go on."


def test_described_tools_send_the_request_that_the_plugin_would_send() -> None:
    tools: Sequence[llm.Tool] = llm.find_function_tools(TechnicianLine.__new__(TechnicianLine))
    asked, ours = (llm.ToolContext(list(some)).parse_function_tools("openai") for some in (tools, described(tools)))
    assert asked == ours
    assert len(ours) > 20


async def test_markup_is_not_spoken_and_no_word_waits_for_the_next() -> None:
    async def answer() -> AsyncIterator[str]:
        yield "**Two** jobs:"
        yield " see [the page](https://example.com)"

    assert [piece async for piece in without_markup(answer())] == ["Two jobs:", " see the page"]
    assert spoken("- first\n# Second") == "first\nSecond"
    assert spoken("5 * 3, part a_b, _now_ \U0001f600") == "5 * 3, part a_b, now "
