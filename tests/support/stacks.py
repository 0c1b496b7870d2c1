"""The stack of a test session, and databases that tests may spoil."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from fieldline.settings import Settings
from fieldline.stack import Stack, StackInfo, migrate
from fieldline.stack.commands import settings_of
from fieldline.stack.info import DATABASE
from fieldline.store import LineStore

#: A Wednesday, 09:00 in the demo company's New York: every test's clock starts here.
WEDNESDAY = "2026-03-04 09:00"

SEEDED = "template_seeded"
WITH_ACCOUNTS = "template_with_accounts"


@dataclass
class Databases:
    """PostgreSQL of the session. Templates are never connected to, so a copy takes tens of milliseconds."""

    stack: Stack

    async def keep(self, name: str) -> None:
        """Keep the live database as it is now, as template `name`."""
        await migrate.create_database(self.stack.postgres.url(), name, template=DATABASE)

    async def copy(self, template: str = SEEDED, name: str | None = None) -> str:
        """A new database, its clock at WEDNESDAY; the owner's URL."""
        name = name or f"test_{secrets.token_hex(6)}"
        await migrate.create_database(self.stack.postgres.url(), name, template=template)
        url = self.stack.postgres.url(name)
        await migrate.set_clock(url, WEDNESDAY)
        return url

    async def drop(self, url: str) -> None:
        """Drop a copy, whoever is still connected to it."""
        await migrate.drop_database(self.stack.postgres.url(), url.rpartition("/")[2])


@dataclass
class Supabase:
    """The embedded Supabase API on the live database, with the line account and the demo company's admin."""

    stack: Stack
    databases: Databases

    @property
    def info(self) -> StackInfo:
        return self.stack.info

    @property
    def database_url(self) -> str:
        """The owner's way to the same rows, for looking at what a test has left."""
        return self.stack.info.database_url

    @property
    def settings(self) -> Settings:
        """Settings as a worker of this stack reads them."""
        return settings_of(self.stack.info)

    async def reset(self) -> None:
        """Put the seeded rows and the clock back, and forget what earlier calls have left on disk.

        The API loses its connections. At rest it opens new ones; in the middle of a running worker's heartbeat it
        would die of that, so beside a worker it is stopped meanwhile.
        """
        beating = "worker" in self.stack.supervisor
        if beating:
            await self.stack.stop_part("rest")
        await self.databases.copy(WITH_ACCOUNTS, DATABASE)
        if beating:
            await self.stack.start_part("rest")
        for leftover in self.settings.spool.rglob("*.*"):
            leftover.unlink(missing_ok=True)
        async for attempt in AsyncRetrying(stop=stop_after_delay(60), wait=wait_fixed(0.1)):
            with attempt:
                store = await LineStore.open(self.settings)
                await store.line_ping()
                await store.aclose()
