"""What an event of a room leads to. The event is only the reason to look: what counts is who is there now."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from livekit import api
from livekit.protocol.webhook import WebhookEvent

from fieldline.rescue import AGENT, SIP, people_in
from fieldline.upkeep_functions import UpkeepFunctions

logger = logging.getLogger(__name__)

#: The events after which somebody may be missing.
SOMEBODY_LEFT = frozenset({"participant_left", "participant_connection_aborted", "room_finished"})


class RoomEvents:
    """Settles calls whose worker is gone. `clock` gives seconds since 1970, as the server's `created_at` does."""

    def __init__(self, lk: api.LiveKitAPI, line: UpkeepFunctions, *, clock: Callable[[], float] = time.time) -> None:
        self._lk = lk
        self._line = line
        self._clock = clock

    async def happened(self, event: WebhookEvent) -> None:
        """Look at the room, and settle what no living worker will.

        Raises:
            StoreError, TwirpError: the database or livekit-server did not answer; the event may come again.
        """
        room = event.room.name
        if event.event not in SOMEBODY_LEFT or not room:
            return
        people = await people_in(self._lk, room)
        callers = [person for person in people if person.kind == SIP]
        seconds_ago = max(self._clock() - event.created_at, 0.0)
        facts = await self._line.settle_room(room=room, people=len(callers), seconds_ago=seconds_ago)
        if facts["settled"]:
            logger.warning("closed a call that its worker had lost", extra={"room": room})
        agents = any(person.kind == AGENT for person in people)
        # Of two who were connected, one is left with nobody to talk to, and no job to end the call.
        left_alone = len(callers) == 1 and facts.get("bridged") and not agents
        if left_alone or (facts["settled"] and people):
            await self._delete(room)

    async def _delete(self, room: str) -> None:
        try:
            await self._lk.room.delete_room(api.DeleteRoomRequest(room=room))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise
        logger.warning("ended a room without an agent", extra={"room": room})
