"""Who forgot to clock out is listed to the office, each day of work once."""

from __future__ import annotations

from fieldline.upkeep_functions import UpkeepFunctions

#: The longest shift that nobody has to ask about.
AFTER_HOURS = 12


class ForgottenClockOuts:
    """Asks the database, which knows the companies' clocks."""

    def __init__(self, store: UpkeepFunctions) -> None:
        self._store = store

    async def look(self) -> None:
        """One round."""
        await self._store.tell_forgotten_clock_outs(after_hours=AFTER_HOURS)
