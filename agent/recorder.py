"""The record of a call: every item is on disk at once and in the database soon, off the path of the talk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.spool import CallLog, Facts, SpoolFile, append
from fieldline.errors import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

#: Items of one turn travel together: a write waits this long for company. And between tries while the database is down.
GATHER_S, RETRY_S = 0.3, 2.0
#: How long the end of a call waits for the database before the rest is left to the next start.
FLUSH_S = 5.0

#: What stands in the record for a key; the digit itself is stored nowhere.
KEY = "•"


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Recorder:
    """Collects the interactions of one job on one call.

    `add` never waits and never fails a call. `now` is the call's clock, which local mode may pin.
    """

    def __init__(self, store: CallLog, folder: Path, opening: Facts, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._file = SpoolFile(folder, opening)
        self._waiting: list[Facts] = []
        self._sequence = 0
        self._call: tuple[str, str] | None = None
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.now = now

    def opened(self, call_id: str, session_id: str, next_sequence: int) -> None:
        """The call has its row: from here on items go to the database as they come."""
        self._call = (call_id, session_id)
        self._file.write({"opened": {"call_id": call_id, "session_id": session_id}})
        for item in self._waiting:
            item["sequence"] += next_sequence
            self._file.write(item)
        self._sequence += next_sequence
        self._task = asyncio.create_task(self._keep_writing(), name="recorder")

    def add(self, type_: str, content: str, **data: Any) -> None:
        """Record one interaction: user, agent, tool_call, tool_result, key or event."""
        item: Facts = {
            "sequence": self._sequence,
            "type": type_,
            "content": content,
            "data": {name: value for name, value in data.items() if value is not None},
            "at": self.now().isoformat(),
        }
        self._sequence += 1
        self._waiting.append(item)
        if self._call is not None:
            self._file.write(item)
        self._wake.set()

    def key(self) -> None:
        """A key was pressed; which one is nobody's business."""
        self.add("key", KEY)

    def event(self, name: str, **data: Any) -> None:
        """Something happened that nobody said."""
        self.add("event", name, **data)

    async def aclose(self, ending: Facts) -> bool:
        """Write what is left and close the call's row. Returns whether the database has everything now."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._call is None:
            for item in self._waiting:
                self._file.write(item)
        self._file.write({"ending": ending})
        shipped = False
        if self._call is not None:
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self._write()
                    await self._store.call_close(call_id=self._call[0], **ending)
                shipped = True
            except (StoreError, TimeoutError) as error:
                logger.warning("the end of the call waits on disk", extra={"reason": type(error).__name__})
        self._file.close(shipped=shipped)
        return shipped

    def forget(self) -> None:
        """The call has no row and needs none; nothing is kept."""
        self._file.close(shipped=True)

    async def _keep_writing(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            try:
                await self._write()
            except StoreUnavailable:
                logger.warning("the database is away; the call's record waits on disk")
                self._wake.set()
                await asyncio.sleep(RETRY_S)
            except StoreError as error:
                logger.error("the database refused items of the call's record", extra={"code": error.code})

    async def _write(self) -> None:
        assert self._call is not None
        async with self._writing:
            items = list(self._waiting)
            await append(self._store, *self._call, items)
            del self._waiting[: len(items)]
