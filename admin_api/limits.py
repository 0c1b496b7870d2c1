"""How often one may ask: per person and per address, by a sliding window, in this process's memory.

The window is counted as nginx and others do: this minute's requests, and of the last minute's the share that still lies
within sixty seconds.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil

from fastapi import Request

from admin_api.problems import TOO_MANY, Problem
from fieldline.settings import Settings

WINDOW_S = 60


class Window:
    """Requests of everybody in the last minute. Two minutes' counts are all that is kept."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._minute = 0
        self._now: Counter[str] = Counter()
        self._before: Counter[str] = Counter()

    def hit(self, who: str, limit: int) -> tuple[bool, int, float]:
        """Count a request: whether it is within the limit, how many are left, and seconds until there are more."""
        minute, into = divmod(self._clock(), WINDOW_S)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else Counter()
            self._now, self._minute = Counter(), int(minute)
        fading = self._before[who] * (1 - into / WINDOW_S) if who in self._before else 0.0
        used = int(fading) + self._now[who]
        allowed = used < limit
        if allowed:
            self._now[who] += 1
            used += 1
        return allowed, limit - used, self._more_in(who, into)

    def _more_in(self, who: str, into: float) -> float:
        """The next of the last minute's to fade, or the end of this one."""
        before = self._before.get(who, 0)
        fades = WINDOW_S / before if before else WINDOW_S
        return fades - into % fades


class RateLimits:
    """The counters of one process."""

    def __init__(self, settings: Settings) -> None:
        self._window = Window()
        self._per_user = settings.rate_limit_per_user
        self._per_address = settings.rate_limit_per_address

    def user(self, user_id: str) -> dict[str, str]:
        """Count a request of a person; the headers that say what is left.

        Raises:
            Problem: 429, the limit is reached.
        """
        return self._count(f"user {user_id}", self._per_user)

    def address(self, address: str) -> dict[str, str]:
        """Count a request from an address; the same for it."""
        return self._count(f"address {address}", self._per_address)

    def _count(self, who: str, limit: int) -> dict[str, str]:
        allowed, left, seconds = self._window.hit(who, limit)
        wait = str(max(ceil(seconds), 1))
        headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(max(left, 0)), "RateLimit-Reset": wait}
        if not allowed:
            detail = f"At most {limit} requests a minute."
            raise Problem(TOO_MANY, detail, headers={**headers, "Retry-After": wait})
        return headers


async def count_user(request: Request, user_id: str) -> None:
    """Count this request for the person, once; the answer's headers then speak of the person."""
    if _first(request, "user"):
        tell(request, request.app.state.rate_limits.user(user_id))


async def count_address(request: Request) -> None:
    """Count this request for the address it came from, once, before anything else is done for it."""
    if not _first(request, "address"):
        return
    tell(request, request.app.state.rate_limits.address(request.client.host if request.client else "unknown"))


def _first(request: Request, what: str) -> bool:
    counted: set[str] = request.scope.setdefault("fieldline.counted", set())
    if what in counted:
        return False
    counted.add(what)
    return True


def tell(request: Request, headers: Mapping[str, str]) -> None:
    """Keep headers for the answer, whoever makes it."""
    request.state.answer_headers = {**getattr(request.state, "answer_headers", {}), **headers}
