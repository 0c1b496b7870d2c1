"""Calls whose worker fell silent are taken over, also when no other worker is alive to notice."""

from __future__ import annotations

from livekit import api

from fieldline.errors import StoreError
from fieldline.rescue import Contact, rescue
from fieldline.store import LineStore

#: Under this name the duties ask; they serve no room themselves.
ASKER = "duties"


class LostCalls:
    """Asks the database for lost calls and rescues them."""

    def __init__(self, lk: api.LiveKitAPI, store: LineStore, agent_name: str, contact: Contact | None = None) -> None:
        self._lk = lk
        self._store = store
        self._agent_name = agent_name
        self._contact = contact or Contact()

    async def look(self) -> None:
        """One round."""
        try:
            answer = await self._store.worker_beat(worker=ASKER, rooms=[], load=0.0)
        except StoreError:
            self._contact.failed()
            raise
        if self._contact.trusted():
            await rescue(self._lk, self._store, answer["lost"], self._agent_name)
