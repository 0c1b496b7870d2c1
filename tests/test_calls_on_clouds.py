"""Whole calls in real rooms on the providers' stand-ins: a working day, and each provider failing in the middle of
it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agent.offline.vocabulary import Vocabulary
from bench.mind import RuleMind
from fieldline.lab.phone import LabPhone
from fieldline.lab.providers import Fault, ProviderStandIns, Service
from fieldline.store import LineStore
from tests.support.calls import DEADLOCK_S, closed, interactions, mike, rows, until
from tests.support.clouds import clip, worker_on_clouds
from tests.support.stacks import Supabase

CLIPS = {
    "clock-in": "good morning, clock me in on truck two oh one please",
    "next-job": "what's my next job",
    "summary": "replaced the camera and tested the picture",
}


@pytest.fixture
async def clouds(stack: Supabase) -> AsyncIterator[ProviderStandIns]:
    """The stand-ins, with the stack's worker started anew on them."""
    store = await LineStore.open(stack.settings)
    companies = (await store.line_companies())["companies"]
    await store.aclose()
    words = next(c["vocabulary"] for c in companies if c["name"].startswith("Northgate"))
    async with worker_on_clouds(stack, RuleMind(Vocabulary.from_facts(words)), CLIPS) as running:
        yield running


async def say(caller: LabPhone, name: str) -> str:
    """Play a clip; what the line answers, fillers and all."""
    await caller.play(clip(name))
    return (await caller.hear(DEADLOCK_S, quiet=2.0)).text.lower()


async def failed(stack: Supabase) -> set[tuple[str, str]]:
    """What the call's timeline says of providers that failed: kind and provider."""
    found = await rows(
        stack,
        "select data ->> 'kind', data ->> 'provider' from voice_agent_interactions where content = 'provider_failed'",
    )
    return {(kind, provider) for kind, provider in found}


async def test_technician_is_served_by_clouds_and_the_call_says_what_it_used(
    stack: Supabase, clouds: ProviderStandIns
) -> None:
    async with mike(stack) as caller:
        assert "clocked in on truck two oh one" in await say(caller, "clock-in")
        assert "ten fifty seven" in await say(caller, "next-job")
    assert await closed(stack) == ("completed", "caller_hung_up")
    keyterms = clouds.deepgram_stt.streams[-1]["keyterm"]
    assert "Mike Johnson" in keyterms and "RJ45 Connector" in keyterms
    used = {
        (kind, provider): (seconds, tokens, characters)
        for kind, provider, seconds, tokens, characters in await rows(
            stack, "select kind, provider, seconds, input_tokens, characters from usage"
        )
    }
    assert used["stt", "deepgram"][0] > 10 and used["llm", "openai"][1] > 500 and used["tts", "elevenlabs"][2] > 100


@pytest.mark.long
@pytest.mark.parametrize(
    ("service", "fault", "blamed"),
    [
        ("deepgram_stt", "refuse", ("stt", "deepgram")),
        ("deepgram_stt", "hang", ("stt", "deepgram")),
        ("openai_llm", "hang", ("llm", "openai")),
        ("openai_llm", "wrong_key", ("llm", "openai")),
        ("elevenlabs_tts", "cut", ("tts", "elevenlabs")),
        ("elevenlabs_tts", "hang", ("tts", "elevenlabs")),
    ],
)
async def test_call_goes_on_when_a_provider_fails_in_it(
    stack: Supabase, clouds: ProviderStandIns, service: Service, fault: Fault, blamed: tuple[str, str]
) -> None:
    async with mike(stack) as caller:
        assert "clocked in on truck two oh one" in await say(caller, "clock-in")
        clouds.fail(service, fault)
        assert "ten fifty seven" in await say(caller, "next-job")
    assert await closed(stack) == ("completed", "caller_hung_up")
    assert blamed in await failed(stack)


@pytest.mark.long
async def test_without_any_cloud_keys_do_what_words_did(stack: Supabase, clouds: ProviderStandIns) -> None:
    async with mike(stack) as caller:
        clouds.fail_all("refuse")
        await say(caller, "next-job")

        async def offered() -> bool:
            return "hard of hearing" in caller.conversation()

        await until(offered)
        await caller.hear(DEADLOCK_S, quiet=2.0)
        await caller.keys("4")
        assert "work order" in (await caller.hear(DEADLOCK_S, quiet=2.0)).text.lower()
    assert ("event", "clouds_out") in await interactions(stack)
