"""A caller who waits without an agent gets one: the worker was busy, starting, or is gone."""

from __future__ import annotations

import time
from collections.abc import Callable

from livekit import api

from fieldline.rescue import AGENT, SIP, people_in, send_agent

#: A caller may be without an agent for this long; a warm worker joins after 0.3 s.
WAIT_S = 2.0
#: After a dispatch an agent has this long to come before the next one is tried.
PATIENCE_S = 6.0


class DispatchWatch:
    """Looks at the rooms of calls. `clock` gives seconds that only go forward."""

    def __init__(self, lk: api.LiveKitAPI, agent_name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lk = lk
        self._agent_name = agent_name
        self._clock = clock
        self._alone_since: dict[str, float] = {}
        self._sent_at: dict[str, float] = {}

    async def look(self) -> None:
        """One round over all rooms."""
        now = self._clock()
        rooms = (await self._lk.room.list_rooms(api.ListRoomsRequest())).rooms
        names = {room.name for room in rooms if room.num_participants}
        self._alone_since = {room: since for room, since in self._alone_since.items() if room in names}
        self._sent_at = {room: at for room, at in self._sent_at.items() if room in names}
        for room in names:
            if not await self._alone(room):
                self._alone_since.pop(room, None)
                continue
            since = self._alone_since.setdefault(room, now)
            if now - since >= WAIT_S and now - self._sent_at.get(room, -PATIENCE_S) >= PATIENCE_S:
                self._sent_at[room] = now
                await send_agent(self._lk, room, self._agent_name)

    async def _alone(self, room: str) -> bool:
        people = await people_in(self._lk, room)
        # Whom the line has rung is alone too when caller and agent are gone: send_agent lets them go.
        waits = any(person.kind == SIP for person in people)
        return waits and not any(person.kind == AGENT for person in people)
