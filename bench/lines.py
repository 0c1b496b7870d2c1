"""Two ways to the line functions: through the API as the worker goes, and straight to PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Float4

from bench.workday import Facts
from fieldline.settings import get_settings
from fieldline.stack import Stack
from fieldline.stack.commands import settings_of
from fieldline.store import LineStore

#: A Wednesday: the demo company is open, and yesterday and tomorrow are working days.
CLOCK = "2026-03-04 09:00"
_EXPLAINS: tuple[LiteralString, ...] = (
    "reset role",
    "load 'auto_explain'",
    "set auto_explain.log_min_duration = 0",
    "set auto_explain.log_analyze = on",
    "set auto_explain.log_timing = off",
    "set auto_explain.log_nested_statements = on",
    "set client_min_messages = log",
)


class Api:
    """LineStore, as the worker uses it."""

    def __init__(self, store: LineStore) -> None:
        self._store = store

    async def ask(self, name: str, **arguments: Any) -> Facts:
        return await getattr(self._store, name)(**arguments)

    async def ping(self) -> None:
        await self._store.line_ping()


class Direct:
    """The same functions on one PostgreSQL connection that has become the line account, as PostgREST would."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str) -> AsyncIterator[Direct]:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            found = await connection.execute("select user_id from public.line_accounts limit 1")
            user = await found.fetchone()
            assert user, "the stack makes a line account"
            claims = json.dumps({"sub": str(user[0]), "role": "authenticated"})
            # As PostgREST says it, in its newer and its older way.
            await connection.execute(
                "select set_config('request.jwt.claims', %s, false), set_config('request.jwt.claim.sub', %s, false)",
                [claims, str(user[0])],
            )
            await connection.execute("set role authenticated")
            yield cls(connection)

    async def ask(self, name: str, **arguments: Any) -> Facts:
        given = {key: _typed(value) for key, value in arguments.items()}
        named = sql.SQL(", ").join(sql.SQL("{} => {}").format(sql.Identifier(k), sql.Placeholder(k)) for k in given)
        query = sql.SQL("select {}({})").format(sql.Identifier("public", name), named)
        answer = await (await self._connection.execute(query, given)).fetchone()
        assert answer
        return answer[0]

    async def ping(self) -> None:
        await self.ask("line_ping")

    async def explain(self, tell: Callable[[str], None]) -> None:
        """From now on `tell` gets the plan of every statement, those inside functions too, as PostgreSQL ran it."""
        for statement in _EXPLAINS:
            await self._connection.execute(statement)
        self._connection.add_notice_handler(lambda notice: tell(notice.message_primary or ""))


@dataclass
class Bench:
    """A scratch stack with database and API, and the ways to it."""

    stack: Stack
    api: Api
    owner: psycopg.AsyncConnection
    today: date

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Direct]:
        async with Direct.open(self.stack.info.database_url) as direct:
            yield direct


@asynccontextmanager
async def scratch(home: Path | None = None) -> AsyncIterator[Bench]:
    """A stack with database and API, its clock at CLOCK; gone afterwards."""
    home = home or get_settings().home
    async with Stack(home, at=CLOCK, scratch=True, parts=["postgres", "rest"]) as stack:
        store = await LineStore.open(settings_of(stack.info))
        try:
            async with await psycopg.AsyncConnection.connect(stack.info.database_url, autocommit=True) as owner:
                yield Bench(stack, Api(store), owner, date.fromisoformat(CLOCK[:10]))
        finally:
            await store.aclose()


def _typed(value: Any) -> Any:
    """The value as a type that PostgreSQL takes for a function's argument without a cast."""
    if isinstance(value, float):
        return Float4(value)
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        return Jsonb(value)
    return value
