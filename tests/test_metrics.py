"""What Prometheus is told of providers and of a turn's stages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from livekit.agents import ConversationItemAddedEvent, llm
from livekit.rtc import EventEmitter
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from agent.fallback.links import Link, Links
from agent.outage import attach_providers
from agent.stages import attach_stages

Labels = dict[str, str]


class Line:
    """A call whose model comes from a provider of this test's own, with a session that only has events."""

    def __init__(self) -> None:
        self.provider = f"provider-{uuid4()}"
        self.links = Links("llm", [Link(self.provider, None, 1.0), Link("offline", None, 1.0)], self.probe)
        self.session: Any = EventEmitter[str]()
        pipeline: Any = SimpleNamespace(chains=[self.links])
        call: Any = SimpleNamespace(recorder=SimpleNamespace(event=lambda *_, **__: None), keys_only=True, session=None)
        attach_providers(call, self.session, pipeline)
        attach_stages(self.session, pipeline)

    async def probe(self, link: Link[None]) -> None:
        raise ConnectionError

    def says(self, **timings: Any) -> None:
        message = llm.ChatMessage(role="assistant", content=["All right."], metrics=timings)  # pyright: ignore[reportArgumentType]
        self.session.emit("conversation_item_added", ConversationItemAddedEvent(item=message))

    @property
    def up(self) -> float | None:
        return REGISTRY.get_sample_value("fieldline_provider_up", {"kind": "llm", "provider": self.provider})


async def test_provider_that_fails_is_down_and_counted_with_its_reason() -> None:
    line = Line()
    line.links.failed(line.links.all[0], "too slow")
    labels = {"kind": "llm", "provider": line.provider, "now": "offline", "reason": "too slow"}
    assert line.up == 0
    assert REGISTRY.get_sample_value("fieldline_provider_switches_total", labels) == 1
    line.says(llm_node_ttft=0.3)
    assert line.up == 0, "the answer was somebody else's"
    await line.links.aclose()


def test_turn_counts_for_the_provider_that_served_it() -> None:
    line = Line()
    assert line.up is None
    line.says(llm_node_ttft=0.3, tts_node_ttfb=0.1, started_speaking_at=1e9, e2e_latency=0.9)
    assert line.up == 1
    assert seconds_of("first_token", line.provider) == pytest.approx(0.3)
    assert seconds_of("first_sound", line.provider) is None, "the voice is another's"
    assert seconds_of("first_sound", "offline") is not None


def seconds_of(stage: str, provider: str) -> float | None:
    return REGISTRY.get_sample_value("fieldline_stage_seconds_sum", {"stage": stage, "provider": provider})


def test_of_many_calls_the_last_says_whether_a_provider_works(tmp_path: Path) -> None:
    for up in (1, 0, 1):
        code = f"from agent.metrics import PROVIDER_UP; PROVIDER_UP.labels('llm', 'openai').set({up})"
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=Path(__file__).parents[1])
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))
    families = [family for family in registry.collect() if family.name == "fieldline_provider_up"]
    assert [(sample.labels, sample.value) for family in families for sample in family.samples] == [
        ({"kind": "llm", "provider": "openai"}, 1.0)
    ]
