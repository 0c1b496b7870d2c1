"""What has been kept long enough goes: sound first, then the row's word of it; and deliveries that are long settled."""

from __future__ import annotations

import logging

from fieldline.errors import NotStored
from fieldline.storage import Storage
from fieldline.upkeep_functions import UpkeepFunctions

logger = logging.getLogger(__name__)

#: At once; the next round goes on.
AT_MOST = 100


class Retention:
    """Deletes by each company's days (`message_sound_days`, `recording_days`)."""

    def __init__(self, store: UpkeepFunctions, storage: Storage) -> None:
        self._store = store
        self._storage = storage

    async def look(self) -> None:
        """One round.

        Raises:
            NotStored, StoreUnavailable: one of them is down. A row lets go only of a file that is gone.
        """
        paths = (await self._store.old_sounds(at_most=AT_MOST))["sounds"]
        for path in paths:
            try:
                await self._storage.delete(path)
            except NotStored as error:
                # A name that cannot be a key was never a file.
                if not error.missing:
                    raise
            await self._store.forget_sound(path=path)
        pruned = (await self._store.prune_deliveries())["pruned"]
        if paths or pruned:
            logger.info("deleted what was kept long enough", extra={"sounds": len(paths), "deliveries": pruned})
