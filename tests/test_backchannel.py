"""An "uh-huh" over the agent's voice goes no further than the ears; everything else does. No room, no sound."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import Agent, LanguageCode, ModelSettings, stt

from agent.call import Call
from agent.dialled import Dialled
from agent.lines.base import Line
from fieldline.settings import load_settings

FINAL, INTERIM = stt.SpeechEventType.FINAL_TRANSCRIPT, stt.SpeechEventType.INTERIM_TRANSCRIPT


def heard(text: str, kind: stt.SpeechEventType = FINAL) -> stt.SpeechEvent:
    return stt.SpeechEvent(kind, alternatives=[stt.SpeechData(language=LanguageCode("en"), text=text)])


async def past_the_ears(
    monkeypatch: pytest.MonkeyPatch, call: Call, events: Sequence[stt.SpeechEvent], speech: Any
) -> list[tuple[str, bool]]:
    """The words that the session gets, each with whether a nod came before them."""

    async def ears(*_: Any) -> AsyncIterator[stt.SpeechEvent]:
        for event in events:
            yield event

    monkeypatch.setattr(Agent.default, "stt_node", ears)
    monkeypatch.setattr(Line, "session", property(lambda _: SimpleNamespace(current_speech=speech)))
    line = Line(call, instructions="")
    got = line.stt_node(cast("Any", None), ModelSettings())
    return [(event.alternatives[0].text, call.nodded) async for event in got]


@pytest.fixture
def call() -> Call:
    built = Call(load_settings(), cast("Any", None), Dialled(room="room", from_number=None, to_number=None))
    built.saying = "Your next job is at Riverside Mall."
    return built


SPEAKING = SimpleNamespace(interrupted=False)


async def test_nod_over_the_agents_voice_reaches_nobody(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    events = [heard("uh-huh", INTERIM), heard("uh-huh")]
    assert await past_the_ears(monkeypatch, call, events, SPEAKING) == []
    assert call.nodded


async def test_words_after_a_nod_are_a_turn_of_their_own(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    events = [heard("uh-huh"), heard("wait, which mall")]
    assert await past_the_ears(monkeypatch, call, events, SPEAKING) == [("wait, which mall", False)]


async def test_nod_is_an_answer_when_the_agent_asks_or_has_stopped(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    for saying, speech in (
        ("Is that right?", SPEAKING),
        (call.saying, None),
        (call.saying, SimpleNamespace(interrupted=True)),
    ):
        call.saying = saying
        assert await past_the_ears(monkeypatch, call, [heard("uh-huh")], speech) == [("uh-huh", False)]
