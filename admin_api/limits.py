"""How often one may ask: per person and per address, by a moving window, in this process's memory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import ceil

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from admin_api.problems import TOO_MANY, Problem
from fieldline.settings import Settings


class RateLimits:
    """The counters of one process."""

    def __init__(self, settings: Settings) -> None:
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._per_user = RateLimitItemPerMinute(settings.rate_limit_per_user)
        self._per_address = RateLimitItemPerMinute(settings.rate_limit_per_address)

    async def user(self, user_id: str) -> dict[str, str]:
        """Count a request of a person; the headers that say what is left.

        Raises:
            Problem: 429, the limit is reached.
        """
        return await self._count(self._per_user, f"user {user_id}")

    async def address(self, address: str) -> dict[str, str]:
        """Count a request from an address; the same for it."""
        return await self._count(self._per_address, f"address {address}")

    async def _count(self, item: RateLimitItem, who: str) -> dict[str, str]:
        allowed = await self._window.hit(item, who)
        stats = await self._window.get_window_stats(item, who)
        wait = str(max(ceil(stats.reset_time - time.time()), 1))
        headers = {
            "RateLimit-Limit": str(item.amount),
            "RateLimit-Remaining": str(max(stats.remaining, 0)),
            "RateLimit-Reset": wait,
        }
        if not allowed:
            detail = f"At most {item.amount} requests a minute."
            raise Problem(TOO_MANY, detail, headers={**headers, "Retry-After": wait})
        return headers


async def count_user(request: Request, user_id: str) -> None:
    """Count this request for the person; the answer's headers then speak of the person."""
    tell(request, await request.app.state.rate_limits.user(user_id))


async def count_address(request: Request) -> None:
    """Count this request for the address it came from, before anything else is done for it."""
    tell(request, await request.app.state.rate_limits.address(request.client.host if request.client else "unknown"))


def tell(request: Request, headers: Mapping[str, str]) -> None:
    """Keep headers for the answer, whoever makes it."""
    request.state.answer_headers = {**getattr(request.state, "answer_headers", {}), **headers}
