"""Hours that cannot be read are told to the office: the line takes them for closed, and nobody would know why."""

from __future__ import annotations

import logging

from fieldline.upkeep_functions import UpkeepFunctions

logger = logging.getLogger(__name__)


class BrokenHours:
    """Looks at the hours of companies, departments and people."""

    def __init__(self, store: UpkeepFunctions) -> None:
        self._store = store

    async def look(self) -> None:
        """One round."""
        told = (await self._store.tell_broken_hours())["told"]
        if told:
            logger.warning("hours in the database cannot be read", extra={"told": told})
