"""Changes of a company's live calls, heard by Supabase Realtime where there is one.

A change only says that it is time to ask: what there is to see still comes by the question. So a change that is lost
costs seconds and nothing else, and without Realtime the same question is asked more often. Realtime applies row level
security to the token of somebody who looks on, as the question is asked with one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Collection
from typing import Any

import jwt
from realtime import AsyncRealtimeChannel, AsyncRealtimeClient, RealtimePostgresChangesListenEvent
from realtime.exceptions import NotConnectedError
from realtime.message import SuccessSystemPayload
from realtime.types import RealtimeSubscribeStates
from websockets.exceptions import InvalidStatus, WebSocketException

from fieldline.settings import Settings

logger = logging.getLogger(__name__)

#: What `live_calls` shows of a call; the migration puts the same ones into the publication.
TABLES = ("call_logs", "voice_agent_interactions", "transfers", "call_commands")
#: Seconds before another try: doubled from the first to the longest, less up to half by chance.
FIRST_S, LONGEST_S = 1.0, 60.0
#: Seconds before its end at which a token gives way to another.
EARLY_S = 60
#: Refusals that pass: a time-out, too early, too many.
PASSING = (408, 425, 429)


class Changes:
    """What is heard of one company's calls; this kind hears nothing."""

    def __init__(self) -> None:
        #: Set by every change, and whenever `flowing` turns. Who reads it clears it.
        self.happened = asyncio.Event()
        #: Every change is heard of.
        self.flowing = False

    def lend(self, asked: str, watching: Collection[str]) -> None:
        """Listen with the rights of those who look on.

        Args:
            asked: the access token that the database took just now.
            watching: the tokens of all who look on.
        """

    def stop(self) -> None:
        """Nobody looks on any more."""


class Realtime:
    """The Realtime of one process's Supabase. Once it is known that there is none, it is not tried again."""

    def __init__(self, settings: Settings, *, first_s: float = FIRST_S) -> None:
        self.url, self.key = f"{settings.supabase_url}/realtime/v1", settings.supabase_publishable_key or ""
        self.there = settings.realtime != "off" and bool(settings.supabase_url and self.key)
        self.first_s = first_s
        self._sure = settings.realtime == "on"
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, company_id: str) -> Changes:
        """Changes of one company's calls, from the first token that is lent until `stop`."""
        return _Heard(self, company_id)

    def run(self, listening: Any) -> asyncio.Task[None]:
        """A task that is kept until it has ended, its farewell included."""
        task = asyncio.create_task(listening, name="realtime")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def refused(self, status: int) -> None:
        """The door said no; unless it was set to `on`, that means there is none."""
        if self._sure or not self.there or status >= 500 or status in PASSING:
            return
        self.there = False
        logger.info("no Realtime at the Supabase, live calls come by polling", extra={"status": status})


class _Heard(Changes):
    """One company's subscription: a socket of its own, so that no token ever speaks for another company."""

    def __init__(self, realtime: Realtime, company_id: str) -> None:
        super().__init__()
        self._realtime, self._company_id = realtime, company_id
        self._token = ""
        #: Another token, or the end of a connection.
        self.stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def lend(self, asked: str, watching: Collection[str]) -> None:
        if self._token not in watching or _ends_in_s(self._token) < EARLY_S:
            self._token = asked
            self.stirred.set()
        if self._task is None and self._realtime.there:
            self._task = self._realtime.run(self._listen())

    def stop(self) -> None:
        if self._task:
            self._task.cancel()
        self._task, self._token = None, ""

    async def _listen(self) -> None:
        wait_s, told = self._realtime.first_s, False
        while self._realtime.there:
            heard, why = await self._once()
            if heard:
                wait_s, told = self._realtime.first_s, False
            if self._realtime.there:
                if not told:
                    logger.warning("Realtime is out of reach, live calls come by polling", extra={"reason": why})
                told = True
                await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311
                wait_s = min(wait_s * 2, LONGEST_S)

    async def _once(self) -> tuple[bool, str]:
        """One connection to its end: whether changes came by it at some time, and why it ended."""
        client = AsyncRealtimeClient(self._realtime.url, self._realtime.key, auto_reconnect=False)
        line = _Line(self)
        try:
            await client.set_auth(self._token)
            await line.open(client, self._company_id)
            while not line.ended:
                if client.access_token != self._token:
                    await client.set_auth(self._token)
                await self.stirred.wait()
                self.stirred.clear()
            return line.heard, line.ended
        except InvalidStatus as error:
            self._realtime.refused(error.response.status_code)
            return line.heard, f"HTTP {error.response.status_code}"
        except (WebSocketException, OSError, NotConnectedError) as error:
            return line.heard, type(error).__name__
        finally:
            self.turn(flowing=False)
            await client.close()

    def turn(self, *, flowing: bool) -> None:
        """From now on changes are heard of, or are not; either way it is time to ask."""
        if flowing != self.flowing:
            self.flowing = flowing
            self.happened.set()


class _Line:
    """One connection's callbacks."""

    def __init__(self, changes: _Heard) -> None:
        self.heard, self.ended = False, ""
        self._changes = changes

    async def open(self, client: AsyncRealtimeClient, company_id: str) -> None:
        channel: AsyncRealtimeChannel = client.channel(f"live-calls:{company_id}")
        for table in TABLES:
            channel.on_postgres_changes(
                RealtimePostgresChangesListenEvent.All,
                lambda _: self._changes.happened.set(),
                table=table,
                schema="public",
                filter=f"company_id=eq.{company_id}",
            )
        channel.on_system(self._said)
        await channel.subscribe(self._turned)

    def _said(self, payload: SuccessSystemPayload) -> None:
        # A join is answered seconds before the database is listened to; only this says that it is.
        if payload.extension == "postgres_changes":
            self.heard = True
            logger.info("live calls come by Realtime")
            self._changes.turn(flowing=True)

    def _turned(self, state: RealtimeSubscribeStates, error: Exception | None) -> None:
        if state is not RealtimeSubscribeStates.SUBSCRIBED and not self.ended:
            self.ended = f"{state.value} {error or ''}".strip()[:200]
            self._changes.stirred.set()


def _ends_in_s(token: str) -> float:
    """Seconds until an access token ends; it is checked elsewhere."""
    try:
        return jwt.decode(token, options={"verify_signature": False})["exp"] - time.time()
    except (jwt.PyJWTError, KeyError, TypeError):
        return 0.0
