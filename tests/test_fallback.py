"""Chains of providers, each link failing for real: the real plugins, stand-ins for their services, no room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.agents import APIConnectOptions, llm, tts, utils

from agent.fallback import links as links_module
from agent.fallback.ears import EarsChain
from agent.fallback.links import Link, Switch
from agent.fallback.model import ModelChain
from agent.fallback.sentences import complete
from agent.fallback.voice import VoiceChain
from fieldline.lab.providers import Answer, Delays, Fault, ProviderStandIns
from tests.support.clouds import (
    ONCE,
    Rules,
    answered,
    aura_voice,
    eleven_voice,
    groq_model,
    openai_model,
)

SENTENCES = "Your next job is ten fifty seven. It is at Riverside Mall. Drive carefully."
#: Everything that can go wrong with a request or a connection that is open.
ALL: list[Fault] = ["refuse", "hang", "429", "500", "cut", "trickle", "garbage", "wrong_key"]


class Tone(tts.TTS):
    """The last voice: a second of nothing much for each sentence, and it remembers them."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=24_000, num_channels=1)
        self.spoken: list[str] = []

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = ONCE) -> tts.ChunkedStream:
        self.spoken.append(text)
        return _Hum(tts=self, input_text=text, conn_options=conn_options)


class _Hum(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id="hum", sample_rate=24_000, num_channels=1, mime_type="audio/pcm")
        output_emitter.push(b"\1\0" * int(24_000 * (0.5 + len(self._input_text) / 15)))
        output_emitter.flush()


async def mind(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Answer:
    if tools:
        return Answer(calls=(("note", {"text": "water in the camera"}),))
    return Answer(SENTENCES)


@pytest.fixture
async def clouds(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProviderStandIns]:
    monkeypatch.setattr(links_module, "PROBE_FIRST_S", 0.05)
    monkeypatch.setattr(links_module, "PROBE_LONGEST_S", 0.2)
    async with utils.http_context.open(), ProviderStandIns(Delays.none(), mind=mind) as running:
        yield running


def models(clouds: ProviderStandIns, attempt_s: float = 0.6) -> ModelChain:
    return ModelChain([Link("openai", openai_model(clouds), attempt_s), Link("offline", Rules(), attempt_s)])


def voices(clouds: ProviderStandIns) -> tuple[VoiceChain, Tone]:
    last = Tone()
    links: list[Link[tts.TTS]] = [
        Link("elevenlabs", eleven_voice(clouds), 0.6),
        Link("deepgram", aura_voice(clouds), 0.6),
        Link("offline", last, 10.0),
    ]
    return VoiceChain(links), last


def switches_of(chain: EarsChain | ModelChain | VoiceChain) -> list[Switch]:
    found: list[Switch] = []
    chain.links.listeners.append(found.append)
    return found


async def recovered(chain: ModelChain | VoiceChain, provider: str = "") -> None:
    back = asyncio.Event()
    chain.links.listeners.append(lambda switch: back.set() if switch.up else None)
    if not all(link.up for link in chain.links.all if link.name.startswith(provider)):
        await back.wait()


# Models


@pytest.mark.parametrize("fault", ALL)
async def test_failed_model_costs_one_attempt_and_is_skipped_until_it_is_back(
    clouds: ProviderStandIns, fault: Fault
) -> None:
    chain = models(clouds)
    found = switches_of(chain)
    clouds.fail("openai_llm", fault)
    first = await answered(chain, "hi")
    assert first.text.endswith("Rules say so.")
    assert [(s.provider, s.up, s.now) for s in found] == [("openai", False, "offline")]
    requests = clouds.openai_llm.gate.refused + len(clouds.openai_llm.requests)
    assert (await answered(chain, "and now")).text == "Rules say so."
    asked_with_tools = [r for r in clouds.openai_llm.requests if r["messages"][-1]["content"] == "and now"]
    assert not asked_with_tools and requests <= 1
    clouds.mend()
    await recovered(chain)
    assert found[-1].up
    assert (await answered(chain, "back again")).text == SENTENCES
    await chain.aclose()


async def test_hanging_model_is_given_up_within_its_attempt(clouds: ProviderStandIns) -> None:
    chain = models(clouds, attempt_s=0.5)
    clouds.fail("openai_llm", "hang")
    began = time.monotonic()
    await answered(chain, "hi")
    assert 0.4 < time.monotonic() - began < 2.0
    await chain.aclose()


async def test_answer_that_breaks_off_leaves_whole_sentences_only(clouds: ProviderStandIns) -> None:
    chain = models(clouds)
    clouds.fail("openai_llm", "cut")
    answer = await answered(chain, "hi")
    assert answer.text == "Rules say so."
    await chain.aclose()


async def test_tool_call_that_is_complete_ends_the_turn_even_if_the_model_dies_then(clouds: ProviderStandIns) -> None:
    chain = models(clouds)

    @llm.function_tool
    async def note(text: str) -> None:
        """Write a note."""

    context = llm.ChatContext.empty()
    context.add_message(role="user", content="note it")
    seen: list[llm.ChatChunk] = []
    async with chain.chat(chat_ctx=context, tools=[note]) as stream:
        async for chunk in stream:
            seen.append(chunk)
            if chunk.delta and chunk.delta.tool_calls:
                clouds.fail("openai_llm", "refuse")
    calls = [call.name for chunk in seen if chunk.delta for call in chunk.delta.tool_calls]
    assert calls == ["note"]
    assert not any(chunk.delta and chunk.delta.content for chunk in seen)
    await chain.aclose()


@pytest.mark.parametrize("fault", ALL)
async def test_second_model_that_fails_as_well_is_followed_by_the_third(clouds: ProviderStandIns, fault: Fault) -> None:
    links: list[Link[llm.LLM]] = [
        Link("openai", openai_model(clouds), 0.6),
        Link("groq", groq_model(clouds), 0.6),
        Link("offline", Rules(), 0.6),
    ]
    chain = ModelChain(links)
    found = switches_of(chain)
    clouds.fail("openai_llm", "refuse")
    clouds.fail("groq_llm", fault)
    assert (await answered(chain, "hi")).text.endswith("Rules say so.")
    assert [(s.provider, s.now) for s in found] == [("openai", "groq"), ("groq", "offline")]
    clouds.mend("groq_llm")
    await recovered(chain, "groq")
    assert (await answered(chain, "back again")).text == SENTENCES
    await chain.aclose()


async def test_each_of_two_links_of_one_name_is_tried_until_the_call_ends(clouds: ProviderStandIns) -> None:
    links: list[Link[llm.LLM]] = [Link("openai", openai_model(clouds), 0.6) for _ in range(2)]
    chain = ModelChain([*links, Link("offline", Rules(), 0.6)])
    clouds.fail("openai_llm", "refuse")
    await answered(chain, "hi")
    assert not any(link.up for link in links)
    await chain.aclose()
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("probe ")] == []


# Voices


async def spoken_by(chain: VoiceChain, text: str = SENTENCES) -> float:
    async with chain.stream() as stream:
        stream.push_text(text)
        stream.end_input()
        return sum([audio.frame.duration async for audio in stream])


@pytest.mark.parametrize("fault", ALL)
async def test_failed_voice_is_followed_by_the_next_from_that_sentence(clouds: ProviderStandIns, fault: Fault) -> None:
    chain, _ = voices(clouds)
    found = switches_of(chain)
    clouds.fail("elevenlabs_tts", fault)
    seconds = await spoken_by(chain)
    assert clouds.deepgram_tts.spoken == [
        "Your next job is ten fifty seven.",
        "It is at Riverside Mall.",
        "Drive carefully.",
    ]
    assert seconds >= 0.8 * len(SENTENCES) / 15
    assert found[0].provider == "elevenlabs" and found[0].now == "deepgram" and not found[0].up
    clouds.mend()
    await recovered(chain)
    clouds.elevenlabs_tts.spoken.clear()
    await spoken_by(chain)
    assert " ".join(clouds.elevenlabs_tts.spoken) == SENTENCES
    await chain.aclose()


async def test_voice_that_dies_in_the_second_sentence_is_followed_from_there(clouds: ProviderStandIns) -> None:
    chain, last = voices(clouds)
    clouds.fail("deepgram_tts", "500")
    heard = 0.0
    async with chain.stream() as stream:
        stream.push_text("Your next job is ten fifty seven. ")
        stream.push_text("It is at Riverside Mall. ")
        async for audio in stream:
            heard += audio.frame.duration
            if heard > 0.2 and clouds.elevenlabs_tts.gate.fault is None and len(clouds.elevenlabs_tts.spoken) == 2:
                clouds.fail("elevenlabs_tts", "refuse")
                stream.push_text("Drive carefully.")
                stream.end_input()
    assert last.spoken and last.spoken[-1] == "Drive carefully."
    assert "Your next job is ten fifty seven." not in last.spoken
    await chain.aclose()


async def test_all_clouds_out_leaves_the_offline_voice(clouds: ProviderStandIns) -> None:
    chain, last = voices(clouds)
    clouds.fail_all("refuse")
    frame = await chain.synthesize("Note added.").collect()
    assert last.spoken == ["Note added."] and frame.duration > 1.0
    await chain.aclose()


@pytest.mark.parametrize(
    ("text", "sentences", "rest"),
    [
        ("Clocked in. Next", "Clocked in. ", "Next"),
        ("It is at 4 p.m. today", "", "It is at 4 p.m. today"),
        ("Ask Dr. Smith. Now", "Ask Dr. Smith. ", "Now"),
        ("Done.", "Done.", ""),
    ],
)
def test_sentence_is_complete_at_its_end(text: str, sentences: str, rest: str) -> None:
    assert complete(text) == (sentences, rest)
