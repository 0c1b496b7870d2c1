"""Behaviours of a call, each attached to its session by one line: the record, silence, length, trouble."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agent.call import Call
from agent.metrics import TURN_SECONDS
from agent.turns.patience import SOONEST_S as VAD_SILENCE_S

logger = logging.getLogger(__name__)

#: A caller who says nothing for this long is asked; after two questions the call ends.
SILENCE_S = 8.0
SILENCE_SENTENCES = ("silence_first", "silence_second")
#: The caller is warned this long before the longest call ends.
WARNING_S = 60.0
#: Speech that brought no words for this long was not understood.
NOT_HEARD_S = 2.5
#: Shorter sounds are coughs and doors.
SPEECH_S = 0.5


def attach_record(call: Call, session: AgentSession[Call]) -> None:
    """Every turn goes to the call's record, with its timings."""

    @session.on("conversation_item_added")
    def record(event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or item.role not in ("user", "assistant") or not item.text_content:
            return
        timings = {name: round(value, 3) for name, value in _timings(item).items()}
        if (answer_s := timings.get("e2e_latency")) is not None:
            TURN_SECONDS.observe(answer_s)
        call.recorder.add(
            "user" if item.role == "user" else "agent",
            item.text_content.strip(),
            timings=timings or None,
            interrupted=item.interrupted or None,
            confidence=item.transcript_confidence,
        )


def _timings(message: llm.ChatMessage) -> dict[str, float]:
    """Seconds; the points in time that the library also keeps there are left out."""
    return {
        name: value
        for name, value in (message.metrics or {}).items()
        if isinstance(value, float) and not name.endswith("_at")
    }


def attach_silence(call: Call, session: AgentSession[Call]) -> None:
    """Ask a silent caller twice, then end the call politely."""
    asked = 0

    async def ask() -> None:
        nonlocal asked
        if call.quiet:
            session.reset_away_timer()
            return
        if asked == len(SILENCE_SENTENCES):
            call.end("silence", after=call.say("silence_end"))
            return
        words = call.say(SILENCE_SENTENCES[asked])
        asked += 1
        await words.wait_for_playout()
        session.reset_away_timer()

    def stirred() -> None:
        nonlocal asked
        asked = 0
        session.reset_away_timer()

    call.stirred = stirred

    @session.on("user_state_changed")
    def silent(event: UserStateChangedEvent) -> None:
        nonlocal asked
        if event.new_state == "away":
            call.work.background(ask())
        elif event.new_state == "speaking":
            asked = 0


def attach_length(call: Call, session: AgentSession[Call]) -> None:
    """Warn before the longest time of a call, then end it."""

    async def watch() -> None:
        minutes = min(call.settings.max_call_minutes, call.company["settings"]["max_call_minutes"])
        longest_s = minutes * 60.0
        await asyncio.sleep(longest_s - WARNING_S)
        if call.connected is None:
            call.say("max_length_warning", {"minutes": 1})
        await asyncio.sleep(WARNING_S)
        if call.connected is not None:
            # Two people talk: how long is their business.
            return
        call.stop_speaking()
        call.end("max_length", after=call.say("max_length_end", interruptible=False))

    call.work.background(watch(), lasting=True)


def attach_filler(call: Call, session: AgentSession[Call]) -> None:
    """Ears that are late are covered too: until the words are there, nobody else knows that somebody waits."""
    spoke_at, words = 0.0, False
    waiting: asyncio.TimerHandle | None = None

    def stop() -> None:
        if waiting is not None:
            waiting.cancel()

    def fill() -> None:
        if session.agent_state in ("listening", "idle") and not call.quiet and not call.ended.is_set():
            call.say_filler()

    @session.on("user_state_changed")
    def state(event: UserStateChangedEvent) -> None:
        nonlocal spoke_at, waiting, words
        stop()
        if event.new_state == "speaking":
            spoke_at, words = event.created_at, False
            call.silence.broken()
        elif event.old_state == "speaking":
            call.silence.began(ago_s=VAD_SILENCE_S)
            # Cloud ears may be done before the end of speech is noticed: then the caller is thinking, and not waiting.
            if event.created_at - spoke_at >= SPEECH_S and not words:
                waiting = asyncio.get_running_loop().call_later(call.silence.due_s(), fill)

    @session.on("agent_state_changed")
    def answering(event: AgentStateChangedEvent) -> None:
        if event.old_state == "speaking":
            call.silence.ended()

    @session.on("user_input_transcribed")
    def heard(event: UserInputTranscribedEvent) -> None:
        nonlocal words
        if event.is_final:
            words = True
            stop()


def attach_trouble(call: Call, session: AgentSession[Call]) -> None:
    """A turn that fails or is not heard is answered: silence would be taken for a dead line."""

    @session.on("error")
    def failed(event: ErrorEvent) -> None:
        error: Any = event.error
        if getattr(error, "recoverable", False):
            return
        kind = getattr(error, "type", "error")
        logger.error("a part of the voice failed", extra={"kind": kind, "part": type(event.source).__name__})
        call.recorder.event("trouble", kind=kind)
        if kind != "tts_error" and not call.ended.is_set() and call.connected is None:
            call.say("internal_error")

    @session.on("user_transcription_timeout")
    def not_heard(_: object) -> None:
        nodded, call.nodded = call.nodded, False
        if session.agent_state in ("listening", "idle") and not call.quiet and not nodded:
            call.unproductive += 1
            call.say("not_understood", {"count": call.unproductive})
