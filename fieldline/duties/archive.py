"""Completed orders that are over a year old move to the archive by themselves."""

from __future__ import annotations

import logging

from fieldline.upkeep_functions import UpkeepFunctions

logger = logging.getLogger(__name__)

#: In one transaction: it holds their rows while the line may want them.
AT_ONCE = 200


class Archive:
    """Moves them in small portions."""

    def __init__(self, store: UpkeepFunctions) -> None:
        self._store = store

    async def look(self) -> None:
        """One round, on until nothing is left."""
        archived, more = 0, True
        while more:
            answer = await self._store.archive_by_itself(at_most=AT_ONCE)
            archived, more = archived + answer["archived"], answer["more"]
        if archived:
            logger.info("archived orders", extra={"orders": archived})
