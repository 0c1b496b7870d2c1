"""Calls whose worker fell silent are taken over, also when no other worker is alive to notice."""

from __future__ import annotations

from livekit import api

from fieldline.rescue import rescue
from fieldline.store import LineStore

#: Under this name the duties ask; they serve no room themselves.
ASKER = "duties"


class LostCalls:
    """Asks the database for lost calls and rescues them."""

    def __init__(self, lk: api.LiveKitAPI, store: LineStore, agent_name: str) -> None:
        self._lk = lk
        self._store = store
        self._agent_name = agent_name

    async def look(self) -> None:
        """One round."""
        answer = await self._store.worker_beat(worker=ASKER, rooms=[], load=0.0)
        await rescue(self._lk, self._store, answer["lost"], self._agent_name)
