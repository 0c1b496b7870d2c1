"""Providers that fail in a call: told to metrics, log, timeline, and to a caller who has only the offline line left."""

from __future__ import annotations

import logging
from typing import Any

from livekit.agents import AgentSession, UserStateChangedEvent

from agent.call import Call
from agent.fallback.links import Switch
from agent.metrics import PROVIDER_SWITCHES, PROVIDER_UP
from agent.pipeline import Pipeline

logger = logging.getLogger(__name__)


def attach_providers(call: Call, session: AgentSession[Call], pipeline: Pipeline) -> None:
    """Every switch is an event; when no cloud is left, the caller is told what keys can do."""

    def switched(switch: Switch) -> None:
        PROVIDER_SWITCHES.labels(switch.kind, switch.provider, switch.now, switch.reason).inc()
        PROVIDER_UP.labels(switch.kind, switch.provider).set(1 if switch.up else 0)
        fields = {"kind": switch.kind, "provider": switch.provider, "now": switch.now, "reason": switch.reason}
        logger.warning("provider recovered" if switch.up else "provider failed", extra=fields)
        call.recorder.event("provider_recovered" if switch.up else "provider_failed", **fields)
        _menu(call, pipeline)

    for links in pipeline.chains:
        links.listeners.append(switched)

    @session.on("user_state_changed")
    def caller(event: UserStateChangedEvent) -> None:
        pipeline.caller(event.new_state == "speaking")


def _menu(call: Call, pipeline: Pipeline) -> None:
    """Keys stand for words for as long as ears and model are both the offline ones; they are offered once."""
    serving = [chain.serving().name for chain in pipeline.chains if chain.kind in ("stt", "llm")]
    before, call.keys_only = call.keys_only, bool(serving) and all(name == "offline" for name in serving)
    if call.keys_only and not before and call.session is not None:
        call.recorder.event("clouds_out")
        line: Any = call.session.current_agent
        line.offer_menu()
