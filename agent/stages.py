"""How long each stage of a turn took and whose it was, for Prometheus; the total is `fieldline_turn_seconds`."""

from __future__ import annotations

from livekit.agents import AgentSession, ConversationItemAddedEvent, llm

from agent.call import Call
from agent.fallback.links import Kind
from agent.metrics import PROVIDER_UP, STAGE_SECONDS
from agent.pipeline import Pipeline
from agent.providers import OFFLINE

#: What livekit-agents measures on a message: the stage, and whose work it is.
STAGES: dict[str, tuple[str, Kind]] = {
    "transcription_delay": ("transcript", "stt"),
    "end_of_turn_delay": ("end_of_turn", "stt"),
    "llm_node_ttft": ("first_token", "llm"),
    "tts_node_ttfb": ("first_sound", "tts"),
}


def attach_stages(session: AgentSession[Call], pipeline: Pipeline) -> None:
    """Every turn counts for the providers that served it, which shows too that they work."""

    @session.on("conversation_item_added")
    def measure(event: ConversationItemAddedEvent) -> None:
        if not isinstance(event.item, llm.ChatMessage) or not event.item.metrics:
            return
        serving = {links.kind: links.serving() for links in pipeline.chains}
        for name, seconds in event.item.metrics.items():
            if name not in STAGES or not isinstance(seconds, float):
                continue
            stage, kind = STAGES[name]
            provider = serving[kind].name if kind in serving else OFFLINE
            STAGE_SECONDS.labels(stage, provider).observe(seconds)
            if provider != OFFLINE and serving[kind].up:
                PROVIDER_UP.labels(kind, provider).set(1)
