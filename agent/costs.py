"""What a call used of its providers, by model, and what that costs where the operator has said what he pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livekit.agents import AgentSession

from agent.providers import Prices, Providers

#: livekit-agents' names of the kinds, and ours.
KINDS = {"stt_usage": "stt", "llm_usage": "llm", "tts_usage": "tts"}
Usage = dict[str, Any]


def usage_of(session: AgentSession[Any], providers: Providers | None = None) -> Usage:
    """What the session counted, by model, zeros left out; with the names and prices of `providers`."""
    counted = [usage.model_dump(mode="json") for usage in session.usage.model_usage]
    return {"models": [_priced({name: v for name, v in usage.items() if v}, providers) for usage in counted]}


def _priced(usage: Usage, providers: Providers | None) -> Usage:
    kind = KINDS.get(usage.get("type", ""))
    if providers is None or kind is None:
        return usage
    for link_kind, link in providers.links():
        if link_kind == kind and link.options.get("model") == usage.get("model"):
            named = {**usage, "provider": link.provider}
            return named if link.prices is None else {**named, "cost": round(cost(usage, link.prices), 6)}
    return usage


def cost(usage: Mapping[str, Any], prices: Prices) -> float:
    """The price of one model's usage, in the currency of `prices`."""
    return (
        usage.get("audio_duration", 0.0) / 60 * prices.per_minute
        + usage.get("input_tokens", 0) / 1e6 * prices.per_million_input_tokens
        + usage.get("output_tokens", 0) / 1e6 * prices.per_million_output_tokens
        + usage.get("characters_count", 0) / 1e6 * prices.per_million_characters
    )
