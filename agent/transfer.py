"""Connecting a caller: by a tool of a line, for somebody in danger, or because the office takes over.

The caller goes to a HoldLine, which rings people and comes back to the line before it, or leaves the two to each other.
The call's session stays the caller's the whole time (agent/consultation.py says why).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import uuid4

from livekit import api, rtc
from livekit.agents.voice import SpeechHandle

from agent.call import Call, Facts
from agent.floor import API_ERRORS, is_office
from agent.ringing import End
from fieldline.errors import StoreError

logger = logging.getLogger(__name__)

EMERGENCY_NUMBER = "911"


def emergency_number(call: Call) -> str:
    """What this company tells callers to call when somebody is in danger."""
    return call.facts.get("company", {}).get("settings", {}).get("emergency_number") or EMERGENCY_NUMBER


def may_connect(call: Call) -> bool:
    """Whether somebody can be rung on this call: not on a text call, nor while it is being done already."""
    return _free(call) and call.hold_line is not None and call.hold is None


def _free(call: Call) -> bool:
    return call.connected is None and not call.ended.is_set()


def connect(call: Call, request_id: str, plan: Facts) -> asyncio.Future[End]:
    """Put the caller on hold and ring the people of `plan` (facts of transfer_begin, asked with `request_id`).

    Returns what is known when somebody has taken the call, or nobody will.
    """
    assert call.session is not None and call.hold_line is not None
    line: Any = call.session.current_agent
    call.hold = call.hold_line(line.after_hold(), request_id, plan)
    call.hand_over(call.hold)
    return call.hold.finished


async def ring_on_call(call: Call, about: str, warning: SpeechHandle) -> bool:
    """Somebody is in danger: ring the people on call, at any hour. Returns whether the caller talks with somebody.

    Who is on hold waits for less urgent people: they are let go for those on call. Else the caller hears the `warning`
    first. When nobody takes the call, or nobody can be rung, the line before goes on with the caller and has said so.
    """
    if call.hold is None:
        await warning.wait_for_playout()
    return await _ring(call, about=about, emergency=True)


async def take_over(call: Call, employee_id: str) -> bool:
    """The office wants this caller: ring the employee who takes over. Returns whether they took the call."""
    return await _ring(call, employee_id=employee_id)


async def _ring(call: Call, **whom: Any) -> bool:
    if not _may_ring(call, whom):
        return False
    request_id = f"transfer-{uuid4()}"
    try:
        plan = await call.work.finish_write(call.store.transfer_begin(call_id=call.id, request_id=request_id, **whom))
    except StoreError as error:
        logger.warning("nobody could be rung", extra={"code": error.code})
        return False
    if not _may_ring(call, whom):
        return call.connected is not None
    plan = {**plan, "emergency_number": emergency_number(call)}
    ringing = call.hold.ring_instead(request_id, plan) if call.hold else connect(call, request_id, plan)
    return (await ringing).why == "accepted"


def _may_ring(call: Call, whom: Facts) -> bool:
    if call.hold is None or not whom.get("emergency"):
        return may_connect(call)
    return _free(call) and not call.hold.urgent


async def take_up(call: Call, room: rtc.Room, lk: api.LiveKitAPI) -> bool:
    """Go on with a call whose job died. Returns whether caller and employee are talking, so that nobody must speak.

    A telephone that the dead job was ringing, or somebody it was briefing, is let go: their attempt has failed.
    """
    try:
        state = await call.store.transfer_resume(call_id=call.id)
    except StoreError as error:
        logger.warning("it is not known whether somebody took the call", extra={"code": error.code})
        state = {}
    legs = [person for person in room.remote_participants.values() if is_office(person)]
    if state.get("connected") and legs:
        call.connected = legs[0].identity
        room.local_participant.set_track_subscription_permissions(allow_all_participants=False)
        return True
    for leg in legs:
        try:
            await lk.room.remove_participant(api.RoomParticipantIdentity(room=room.name, identity=leg.identity))
        except API_ERRORS:
            logger.info("a leg was gone already")
    return False
