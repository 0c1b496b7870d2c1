"""Work that belongs to a call: in the background, and writes that nothing may cut in two."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: A write that is on its way when the caller hangs up has this long to finish: three tries of the store.
WRITE_GRACE_S = 10.0


class Work:
    """Tasks of one call."""

    def __init__(self) -> None:
        self._writes: set[asyncio.Future[Any]] = set()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._watches: set[asyncio.Future[Any]] = set()

    def background(self, work: Coroutine[Any, Any, None], *, lasting: bool = False) -> None:
        """Run work that belongs to the call; it is stopped when the call ends, and its errors are logged.

        `lasting` work waits for the caller or the clock most of the time.
        """
        task = asyncio.create_task(work)
        (self._watches if lasting else self._tasks).add(task)
        task.add_done_callback(self._forget)

    def working(self) -> set[asyncio.Future[Any]]:
        """What is being done right now."""
        return self._writes | self._tasks

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._watches.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work for the call failed", exc_info=error)

    async def finish_write(self, write: Awaitable[T]) -> T:
        """Await a write that a hang-up or an interruption must not cut in two."""
        task = asyncio.ensure_future(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Stop the background work and let writes finish."""
        for task in self._tasks | self._watches:
            task.cancel()
        if self._writes:
            await asyncio.wait(set(self._writes), timeout=WRITE_GRACE_S)
