"""What the office wants of a call that is going on: say something, note something, hand it over, end it.

A command is a row (`call_commands`). LiveKit data tells the job to look; without it the job looks every few seconds.
What came of a command is written beside it, and the console shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from livekit import rtc

from agent.call import LAST_WORDS_S, Call, Facts
from agent.offline.rules import RuleLLM
from agent.transfer import may_connect, take_over
from fieldline.errors import StoreError
from fieldline.live import COMMAND_TOPIC

logger = logging.getLogger(__name__)

#: The net under a lost nudge: one small question to the database per call and five seconds.
LOOK_EVERY_S = 5.0


def attach_commands(call: Call, room: rtc.Room | None) -> None:
    """Carry out what the office asks for, as long as the call lasts. Without a room there are no nudges."""
    look = asyncio.Event()

    def nudged(packet: rtc.DataPacket) -> None:
        # Only the server's own data has no sender: a caller's phone cannot make the job ask and ask.
        if packet.topic == COMMAND_TOPIC and packet.participant is None:
            look.set()

    if room is not None:
        room.on("data_received", nudged)
    call.work.background(_watch(call, look), lasting=True)


async def _watch(call: Call, look: asyncio.Event) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await look.wait()
        look.clear()
        try:
            found = await call.store.claim_call_commands(call_id=call.id)
        except StoreError as error:
            logger.warning("cannot ask what the office wants", extra={"code": error.code})
            continue
        for command in found["commands"]:
            if command["kind"] == "take_over":
                # A telephone may ring for half a minute, and the office may want to end the call meanwhile.
                call.work.background(carry_out(call, command), lasting=True)
            else:
                await carry_out(call, command)


async def carry_out(call: Call, command: Facts) -> None:
    """Do one command and write down what came of it."""
    kind = command["kind"]
    call.recorder.event("office", command=kind)
    if (handler := HANDLERS.get(kind)) is None:
        result: Facts = {"ok": False, "reason": "not_possible"}
    else:
        try:
            result = await handler(call, command["payload"])
        except (RuntimeError, TimeoutError) as error:
            # The session is closing, or speech does not come to an end.
            logger.warning("a command of the office failed", extra={"kind": kind, "reason": type(error).__name__})
            result = {"ok": False, "reason": "failed"}
    with contextlib.suppress(StoreError):
        await call.work.finish_write(call.store.settle_call_command(id=command["id"], result=result))
    if kind == "end":
        _hang_up(call)


def _hang_up(call: Call) -> None:
    if call.connected is not None:
        # The agent has left the two to each other and has no voice any more.
        call.end("ended_by_office")
        return
    call.stop_speaking()
    call.end("ended_by_office", after=call.say("ended_by_office", interruptible=False))


def _with_people(call: Call) -> bool:
    """Whether the caller is on hold or talks with somebody of the office."""
    return call.hold is not None or call.connected is not None


async def _end(_call: Call, _payload: Facts) -> Facts:
    # The answer is written first: the last words may outlive the job's way to the database.
    return {"ok": True}


async def _say(call: Call, payload: Facts) -> Facts:
    if _with_people(call):
        return {"ok": False, "reason": "not_now"}
    return await _speak(call, "office_says", payload)


async def _note(call: Call, payload: Facts) -> Facts:
    """For the model's eyes; rules read no notes, so they say it."""
    assert call.session is not None
    if _with_people(call):
        return {"ok": False, "reason": "not_now"}
    if isinstance(call.session.llm, RuleLLM):
        return await _speak(call, "office_note", payload)
    agent: Any = call.session.current_agent
    context = agent.chat_ctx.copy()
    context.add_message(
        role="system",
        content=f"A note from the office, for you and not to be read out word by word: {payload['text']}",
    )
    await agent.update_chat_ctx(context)
    return {"ok": True, "said": False}


async def _take_over(call: Call, payload: Facts) -> Facts:
    if not may_connect(call):
        return {"ok": False, "reason": "not_now"}
    took = await take_over(call, payload["employee_id"])
    return {"ok": True} if took else {"ok": False, "reason": "not_taken"}


async def _speak(call: Call, sentence: str, payload: Facts) -> Facts:
    words = call.say(sentence, payload, interruptible=False)
    async with asyncio.timeout(LAST_WORDS_S * 2):
        await words.wait_for_playout()
    return {"ok": not words.interrupted, "said": True}


HANDLERS: dict[str, Callable[[Call, Facts], Awaitable[Facts]]] = {
    "end": _end,
    "say": _say,
    "note": _note,
    "take_over": _take_over,
}
