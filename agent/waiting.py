"""Job processes that wait for calls: how many there are, and when those that were taken are replaced.

A process that gets ready takes a core for a second or two. Callers who come in one moment would share the processor
with the replacements of their own processes, so these wait until the callers have been greeted.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from livekit.agents import AgentServer

from agent.capacity import calls_of
from fieldline.settings import Settings

#: Each costs about 100 MB. Three are enough for a laptop; in production six callers may come at once.
LOCAL_WAITING, WAITING = 3, 6
#: Processes are replaced when no call has come for so long; where calls keep coming, after the longer time.
GREETED_S, LONGEST_S = 2.0, 6.0


def waiting_of(settings: Settings) -> int:
    """The number of job processes that wait for a call."""
    if settings.worker_waiting is not None:
        return settings.worker_waiting
    return LOCAL_WAITING if settings.env == "local" else min(WAITING, calls_of(settings))


class Pool(Protocol):
    """What livekit-agents calls its process pool."""

    def set_target_idle_processes(self, num_idle_processes: int) -> None:
        """Keep so many processes waiting; a call for which none waits gets one all the same."""
        ...


class Replacing:
    """Holds the replacing of processes back while callers wait for their greeting."""

    def __init__(self, pool: Pool, waiting: int) -> None:
        self._pool, self._waiting = pool, waiting
        self._held_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def call_came(self, _: object = None) -> None:
        """A waiting process was taken."""
        loop = asyncio.get_running_loop()
        if self._held_since is None:
            self._held_since = loop.time()
            self._pool.set_target_idle_processes(0)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(min(loop.time() + GREETED_S, self._held_since + LONGEST_S), self._replace)

    def _replace(self) -> None:
        self._held_since = self._timer = None
        self._pool.set_target_idle_processes(self._waiting)


def attach_replacing(server: AgentServer, waiting: int) -> None:
    """Hold back the replacements of this worker's processes."""

    def started() -> None:
        # The pool is private and made when the server starts.
        pool = server._proc_pool
        pool.on("process_job_launched", Replacing(pool, waiting).call_came)

    server.on("worker_started", started)
