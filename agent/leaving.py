"""Who leaves a call's room: gone for good, or a connection that is being mended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from livekit import rtc

from agent.call import Call

logger = logging.getLogger(__name__)

#: Ways of leaving of somebody who hangs up; any other loss of a leg may be a connection that is being mended.
LEFT = frozenset(
    {
        rtc.DisconnectReason.CLIENT_INITIATED,
        rtc.DisconnectReason.USER_REJECTED,
        rtc.DisconnectReason.USER_UNAVAILABLE,
        rtc.DisconnectReason.PARTICIPANT_REMOVED,
        rtc.DisconnectReason.ROOM_DELETED,
    }
)
#: A leg whose connection broke has this long to come back.
COME_BACK_S = 4.0


class Leaving:
    """Ends the call when the caller, or who took the call, has left and does not come back."""

    def __init__(self, call: Call, caller: str) -> None:
        self._call, self._caller = call, caller
        self._lost: dict[str, asyncio.TimerHandle] = {}

    def left(self, person: rtc.RemoteParticipant) -> None:
        """Somebody is no longer in the room."""
        end = {self._caller: "caller_hung_up", self._call.connected: "ended_by_office"}.get(person.identity)
        if end is None:
            return
        # On hold the caller who came back would be new to the room, and heard by who is being briefed.
        if person.disconnect_reason in LEFT or self._call.hold is not None:
            self._call.end(end)
            return
        logger.warning("a leg was lost", extra={"reason": person.disconnect_reason})
        self._lost[person.identity] = asyncio.get_running_loop().call_later(COME_BACK_S, self._call.end, end)

    def came(self, person: rtc.RemoteParticipant) -> None:
        """Somebody is in the room, perhaps again."""
        if (lost := self._lost.pop(person.identity, None)) is not None:
            lost.cancel()
            logger.info("the leg is back")

    @contextmanager
    def watching(self, room: rtc.Room) -> Iterator[None]:
        """Be told by the room who leaves and comes."""
        room.on("participant_disconnected", self.left)
        room.on("participant_connected", self.came)
        try:
            yield
        finally:
            room.off("participant_disconnected", self.left)
            room.off("participant_connected", self.came)
            for lost in self._lost.values():
                lost.cancel()
