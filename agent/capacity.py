"""How many calls a worker takes: by their number, decided anew for each call.

livekit-agents looks at the processor, whose load a compile can fill for minutes and a burst of calls only after the
fact; and of calls that come in the same second it refuses all beyond the idle processes. Calls are what callers wait
for, so calls are counted, those on their way too. A refused call goes to another worker at once.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from livekit.agents import AgentServer, JobRequest

from fieldline.settings import Settings

logger = logging.getLogger(__name__)

#: In local mode a worker takes so many calls, on whatever machine that is.
LOCAL_CALLS = 10
#: In production, for each core, unless FIELDLINE_WORKER_CALLS says otherwise (docs/scaling.md).
CALLS_PER_CORE = 4
#: A call that was accepted is on its way for at most this long; then it is there, or will not come.
COMING_S = 20.0


def calls_of(settings: Settings) -> int:
    """The number of calls that a worker takes."""
    if settings.worker_calls is not None:
        return settings.worker_calls
    return LOCAL_CALLS if settings.env == "local" else CALLS_PER_CORE * (os.cpu_count() or 1)


class Capacity:
    """The calls of one worker, those on their way included. `now` is a steady clock in seconds."""

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._coming: dict[str, float] = {}
        self._server: AgentServer | None = None

    def attach(self, server: AgentServer) -> None:
        """Count the calls of this server."""
        self._server = server

    def load(self) -> float:
        """The share of the calls that are taken; what livekit-server balances its workers by."""
        return self.calls() / self.limit

    def calls(self) -> int:
        """Calls that go on, and those that were accepted and are not there yet."""
        there = {job.job.id for job in self._server.active_jobs} if self._server else set[str]()
        horizon = self._now() - COMING_S
        self._coming = {job: at for job, at in self._coming.items() if job not in there and at > horizon}
        return len(there) + len(self._coming)

    async def decide(self, request: JobRequest) -> None:
        """Take a call, or leave it to another worker."""
        if self.calls() >= self.limit:
            logger.warning("full, the call goes elsewhere", extra={"room": request.room.name, "limit": self.limit})
            await request.reject(terminate=False)
            return
        self._coming[request.id] = self._now()
        await request.accept()
