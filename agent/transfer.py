"""Connecting a caller: by a tool of a line, for somebody in danger, or because the office takes over.

The caller goes to a HoldLine, which rings people and comes back to the line before it, or leaves the two to each other.
The call's session stays the caller's the whole time (agent/consultation.py says why).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from livekit import api, rtc

from agent.call import Call, Facts
from agent.emergency import emergency_number
from agent.floor import API_ERRORS, is_office
from fieldline.errors import StoreError

if TYPE_CHECKING:
    from agent.lines.hold import HoldLine

logger = logging.getLogger(__name__)


def may_connect(call: Call) -> bool:
    """Whether somebody can be rung on this call: not on a text call, nor while it is being done already."""
    return call.exchange is not None and not call.on_hold and call.connected is None and not call.ended.is_set()


def connect(call: Call, request_id: str, plan: Facts) -> HoldLine:
    """Put the caller on hold and ring the people of `plan` (facts of transfer_begin, asked with `request_id`)."""
    # Every line has a tool that comes here.
    from agent.lines.hold import HoldLine

    assert call.session is not None and call.exchange is not None
    line: Any = call.session.current_agent
    hold = HoldLine(call, call.exchange, line.after_hold(), request_id, plan)
    call.hand_over(hold)
    return hold


async def ring_on_call(call: Call, about: str) -> bool:
    """Somebody is in danger: ring the people on call, at any hour. Returns whether one of them took the call.

    When nobody does, or nobody can be rung, the line before goes on with the caller and has said so.
    """
    return await _ring(call, about=about, emergency=True)


async def take_over(call: Call, employee_id: str) -> bool:
    """The office wants this caller: ring the employee who takes over. Returns whether they took the call."""
    return await _ring(call, employee_id=employee_id)


async def _ring(call: Call, **whom: Any) -> bool:
    if not may_connect(call):
        return False
    request_id = f"transfer-{uuid4()}"
    try:
        plan = await call.work.finish_write(call.store.transfer_begin(call_id=call.id, request_id=request_id, **whom))
    except StoreError as error:
        logger.warning("nobody could be rung", extra={"code": error.code})
        return False
    if not may_connect(call):
        return False
    plan = {**plan, "emergency_number": emergency_number(call)}
    return (await connect(call, request_id, plan).finished).why == "accepted"


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
