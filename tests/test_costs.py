"""What a call used, and what that costs where the operator has put his prices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents.metrics.usage import LLMModelUsage, STTModelUsage, TTSModelUsage

from agent.costs import usage_of
from agent.providers import Link, Providers

USED = [
    LLMModelUsage(provider="127.0.0.1:8000", model="gpt-4o-mini", input_tokens=2_000_000, output_tokens=100_000),
    STTModelUsage(provider="Deepgram", model="nova-3", audio_duration=90.0),
    TTSModelUsage(provider="offline", model="espeak-ng", characters_count=500),
]


def providers(**prices: dict[str, float]) -> Providers:
    def chain(kind: str, provider: str, model: str) -> tuple[Link, ...]:
        priced = {"prices": prices[kind]} if kind in prices else {}
        return (Link.model_validate({"provider": provider, "model": model, **priced}),)

    return Providers(
        stt=chain("stt", "deepgram", "nova-3"),
        llm=chain("llm", "openai", "gpt-4o-mini"),
        tts=chain("tts", "elevenlabs", "eleven_flash_v2_5"),
    )


def counted(known: Providers | None) -> list[dict[str, Any]]:
    session: Any = SimpleNamespace(usage=SimpleNamespace(model_usage=USED))
    return usage_of(session, known)["models"]


def test_models_are_named_by_their_provider_and_cost_nothing_known_without_prices() -> None:
    model, ears, voice = counted(providers())
    assert (model["provider"], ears["provider"], voice["provider"]) == ("openai", "deepgram", "offline")
    assert "cost" not in model and "audio_duration" not in model


def test_cost_follows_the_operators_prices() -> None:
    prices = {"per_million_input_tokens": 0.15, "per_million_output_tokens": 0.6}
    model, ears, _ = counted(providers(llm=prices, stt={"per_minute": 0.01}))
    assert model["cost"] == pytest.approx(0.36) and ears["cost"] == pytest.approx(0.015)
