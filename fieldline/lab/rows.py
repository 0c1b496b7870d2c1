"""What a scenario looks at in the database, over the maintenance connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, LiteralString, cast
from uuid import UUID

import psycopg
import psycopg.rows
import psycopg.sql

from fieldline.errors import FieldlineError

SETTLE_S = 20.0  # deadlock limit for a call's row to be closed after the hang-up


class RowsError(FieldlineError):
    """The database did not become what a scenario waits for, or a check's SQL is wrong."""


class Rows:
    """Reads single values; times come as ISO text, so that they compare with what YAML says."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def value(self, sql: str, **parameters: Any) -> Any:
        """The first column of the first row, None when there is no row. Raises RowsError for wrong SQL."""
        row = await self._first(sql, parameters)
        return plain(row[0]) if row else None

    async def record(self, sql: str, **parameters: Any) -> dict[str, Any] | None:
        """The first row by column name. Raises RowsError for wrong SQL."""
        try:
            async with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
                await cursor.execute(cast(LiteralString, sql), parameters or None)
                row = await cursor.fetchone()
        except psycopg.Error as error:
            raise RowsError(f"{error}\nin: {sql}") from error
        return {name: plain(value) for name, value in row.items()} if row else None

    async def do(self, sql: str) -> None:
        """Set the stage: run SQL for its effect. Raises RowsError."""
        try:
            await self._connection.execute(cast(LiteralString, sql))
        except psycopg.Error as error:
            raise RowsError(f"{error}\nin: {sql}") from error

    async def fingerprint(self, table: str) -> str:
        """A digest of every row of `table`: equal digests, nothing was written."""
        statement = psycopg.sql.SQL(
            "select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {} t"
        ).format(psycopg.sql.Identifier("public", table))
        return str(await self.value(statement.as_string()))

    async def until(self, sql: str, wanted: Any, *, what: str, **parameters: Any) -> None:
        """Wait until `sql` gives `wanted`. Raises RowsError after 20 s, saying `what` did not happen."""
        seen = None
        try:
            async with asyncio.timeout(SETTLE_S):
                while True:
                    seen = await self.value(sql, **parameters)
                    if seen == wanted:
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise RowsError(f"{what}: waited {SETTLE_S:g} s; it is {seen!r}, not {wanted!r}") from None

    async def soon(self, sql: str, wanted: Any) -> Any:
        """What `sql` gives, as soon as it is `wanted`; after 20 s whatever it is then."""
        with contextlib.suppress(RowsError):
            await self.until(sql, wanted, what=sql)
        return await self.value(sql)

    async def _first(self, sql: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
        try:
            cursor = await self._connection.execute(cast(LiteralString, sql), parameters or None)
            return await cursor.fetchone()
        except psycopg.Error as error:
            raise RowsError(f"{error}\nin: {sql}") from error


@asynccontextmanager
async def open_rows(database_url: str, *, read_only: bool = True) -> AsyncIterator[Rows]:
    """A connection for checks; with `read_only` it cannot write even by mistake."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        if read_only:
            await connection.set_read_only(True)
        yield Rows(connection)


def plain(value: Any) -> Any:
    """A database value as YAML or JSON would write it."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return json.loads(json.dumps(value, default=str))
    return value
