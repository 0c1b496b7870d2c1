"""Asks the database and LiveKit whether they answer, with the connections that real requests use."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
from livekit import api
from pydantic import BaseModel

from fieldline.errors import FieldlineError, SettingsError
from fieldline.settings import Settings
from fieldline.store import LineStore

logger = logging.getLogger(__name__)

#: A dependency that is slower than this is as good as down for a caller.
PATIENCE_S = 3.0
#: Anyone may ask for readiness, so answers are shared for this long instead of costing a query each.
SHARED_FOR_S = 1.0

#: Deliveries go within seconds of being due. One that waits this long says that the duties are not running.
QUEUE_PATIENCE_S = 300

Ping = Callable[[], Awaitable[object]]


class CheckResult(BaseModel):
    """One dependency. `problem` is a word for monitors; the log has the details."""

    ok: bool
    latency_ms: float
    problem: str | None = None


class Readiness:
    """The checks of one process. Use `await Readiness.open(settings)` and `await readiness.aclose()`."""

    def __init__(self, pings: dict[str, Ping], *, patience_s: float = PATIENCE_S, shared_for_s: float = SHARED_FOR_S):
        self._pings = pings
        self._patience_s = patience_s
        self._shared_for_s = shared_for_s
        self._lock = asyncio.Lock()
        self._last: dict[str, CheckResult] = {}
        self._asked_at = float("-inf")
        self._open = AsyncExitStack()

    @classmethod
    async def open(cls, settings: Settings) -> Readiness:
        """Connections for these settings. What is not configured is reported by its check, not raised here."""
        stack = AsyncExitStack()
        database, deliveries = await _database(settings, stack)
        readiness = cls({"database": database, "livekit": _livekit(settings, stack), "deliveries": deliveries})
        readiness._open = stack
        return readiness

    async def aclose(self) -> None:
        """Close the connections."""
        await self._open.aclose()

    async def checks(self) -> dict[str, CheckResult]:
        """Each dependency's answer, at most `shared_for_s` seconds old."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= self._shared_for_s:
                answers = await asyncio.gather(*(self._ask(name, ping) for name, ping in self._pings.items()))
                self._last = dict(zip(self._pings, answers, strict=True))
                self._asked_at = time.monotonic()
            return self._last

    async def _ask(self, name: str, ping: Ping) -> CheckResult:
        started = time.perf_counter()
        problem = None
        try:
            async with asyncio.timeout(self._patience_s):
                await ping()
        except TimeoutError:
            problem = "timeout"
        except SettingsError as error:
            problem = "not_configured"
            logger.warning("readiness check failed", extra={"check": name, "error": str(error)})
        except QueueStands as error:
            problem = "queue_stands"
            logger.warning("readiness check failed", extra={"check": name, "error": str(error)})
        except (FieldlineError, api.TwirpError, aiohttp.ClientError) as error:
            problem = "no_answer"
            logger.warning("readiness check failed", extra={"check": name, "error": str(error)})
        latency_ms = round((time.perf_counter() - started) * 1000, 1)
        return CheckResult(ok=problem is None, latency_ms=latency_ms, problem=problem)


class QueueStands(FieldlineError):
    """Deliveries are due and nobody sends them."""


async def _database(settings: Settings, stack: AsyncExitStack) -> tuple[Ping, Ping]:
    try:
        store = await LineStore.open(settings)
    except SettingsError as error:
        return _refusing(error), _refusing(error)
    stack.push_async_callback(store.aclose)

    async def deliveries() -> None:
        queue = await store.delivery_queue()
        if queue["oldest_seconds"] > QUEUE_PATIENCE_S:
            raise QueueStands(f"{queue['due']} deliveries are due, the oldest for {queue['oldest_seconds']} s")

    return store.line_ping, deliveries


def _livekit(settings: Settings, stack: AsyncExitStack) -> Ping:
    secret = settings.livekit_api_secret
    if not (settings.livekit_url and settings.livekit_api_key and secret):
        return _refusing(SettingsError(["LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET: needed to reach LiveKit"]))
    client = api.LiveKitAPI(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value())
    stack.push_async_callback(client.aclose)

    async def ping() -> None:
        # A room of this name does not exist: the server checks the key and looks it up, and sends nothing back.
        await client.room.list_rooms(api.ListRoomsRequest(names=["readiness"]))

    return ping


def _refusing(error: SettingsError) -> Ping:
    async def ping() -> None:
        raise error

    return ping
