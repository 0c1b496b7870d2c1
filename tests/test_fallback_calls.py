"""Models that are slow over a tool call: at work, or dead. The real plugin, stand-ins, no room."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.agents import llm

from agent.fallback import model as model_module
from agent.fallback.links import Link
from agent.fallback.model import ModelChain
from fieldline.lab.providers import Answer, Delays, ProviderStandIns
from fieldline.lab.providers import faults as faults_module
from tests.support.clouds import Rules, answered, openai_model


def models(clouds: ProviderStandIns, attempt_s: float = 0.6) -> ModelChain:
    return ModelChain([Link("openai", openai_model(clouds), attempt_s), Link("offline", Rules(), attempt_s)])


async def note_it(chain: ModelChain) -> llm.CollectedResponse:
    @llm.function_tool
    async def note(text: str) -> None:
        """Write a note."""

    return await answered(chain, "note it", [note])


async def test_long_tool_call_after_a_preamble_is_no_dead_model(monkeypatch: pytest.MonkeyPatch) -> None:
    async def long_note(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Answer:
        return Answer("One moment, I write that down.", calls=(("note", {"text": "water in the camera " * 20}),))

    monkeypatch.setattr(model_module, "SENTENCE_S", 0.5)
    slow = Delays(llm_first=0, llm_token=0.025, spread=0)
    async with ProviderStandIns(slow, mind=long_note) as patient:
        chain = models(patient)
        answer = await note_it(chain)
        assert [call.name for call in answer.tool_calls] == ["note"]
        assert chain.links.serving().name == "openai"
        await chain.aclose()


async def test_tool_call_that_dribbles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def note(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Answer:
        return Answer(calls=(("note", {}),))

    monkeypatch.setattr(faults_module, "TRICKLE_S", 0.4)
    monkeypatch.setattr(model_module, "PIECE_S", 0.15)
    async with ProviderStandIns(Delays.none(), mind=note) as dribbling:
        dribbling.fail("openai_llm", "trickle")
        chain = models(dribbling, attempt_s=0.5)
        answer = await note_it(chain)
        assert (answer.text, answer.tool_calls) == ("Rules say so.", [])
        await chain.aclose()
