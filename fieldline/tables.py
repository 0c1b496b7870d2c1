"""The database's tables and functions, with the rights of a signed-in person: row level security decides.

`LineStore` is the same for the voice worker. One `TablesPool` serves a process; `acting_as(token)` is cheap and lasts
for one request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import httpx
from postgrest import AsyncPostgrestClient, CountMethod
from postgrest.exceptions import APIError
from postgrest.types import ReturnMethod

from fieldline.errors import Refusal, SettingsError, StoreError, StoreUnavailable
from fieldline.settings import Settings
from fieldline.store import TOKEN_CODES, UNAVAILABLE_CODES
from fieldline.wire import Wire

Row = dict[str, Any]

#: A page of the console waits no longer than this for the database; an import may take longer.
REQUEST_TIMEOUT_S = 30.0
#: Files of fifty thousand lines are written in one piece.
IMPORT_TIMEOUT_S = 130.0
#: Requests in flight to the database; more wait here. The embedded API has as many connections behind it.
CONNECTIONS = 16


class Where(NamedTuple):
    """One condition: column, PostgREST operator (eq, gte, lt, in, is, ilike …), value."""

    column: str
    operator: str
    value: Any


class Page(NamedTuple):
    """Rows and, where it was asked for, how many there are in all."""

    rows: list[Row]
    total: int | None


@dataclass
class Writes:
    """Whether anything may have been written: a write went well, or nobody knows how it went."""

    possible: bool = False


_writes: ContextVar[Writes | None] = ContextVar("writes", default=None)
#: The database was not reached, so that a write was not even begun: no connection, or none that was free.
NEVER_BEGUN = ("PGRST000", "PGRST002", "PGRST003", "53", "57P03")


@contextmanager
def watched_writes() -> Iterator[Writes]:
    """Keep in mind what is written inside, through any `Tables`."""
    token = _writes.set(watched := Writes())
    try:
        yield watched
    finally:
        _writes.reset(token)


class SessionExpired(StoreError):
    """The token is not, or no longer, accepted by the database."""


class TablesPool:
    """The connections of one process. Use `TablesPool.open(settings)` and `await pool.aclose()`."""

    def __init__(self, url: str, key: str) -> None:
        self._http = Wire(url, connections=CONNECTIONS, timeout_s=REQUEST_TIMEOUT_S)
        self._patient = Wire(url, connections=CONNECTIONS, timeout_s=IMPORT_TIMEOUT_S)
        self._url = url
        self._key = key

    @classmethod
    def open(cls, settings: Settings) -> TablesPool:
        """Connects at the first request, so a database that is down stops nothing.

        Raises:
            SettingsError: the address or the key is missing.
        """
        if not settings.supabase_url or not settings.supabase_publishable_key:
            raise SettingsError(["SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY: Project Settings > API keys in Supabase"])
        return cls(f"{settings.supabase_url}/rest/v1", settings.supabase_publishable_key)

    def acting_as(self, token: str, *, request_id: str = "", patient: bool = False) -> Tables:
        """The tables, for whom this access token belongs to; `patient` where the database may take minutes."""
        headers = {"apikey": self._key, "Authorization": f"Bearer {token}"}
        if request_id:
            headers["X-Request-Id"] = request_id
        http = self._patient if patient else self._http
        return Tables(AsyncPostgrestClient(self._url, headers=headers, http_client=http, retry_enabled=False), token)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._patient.aclose()


class Tables:
    """What one person may see and do. Every method raises `StoreError` or one of its kinds:

    Refusal: a rule of the business said no (SQLSTATE FL…);
    SessionExpired: the token is not accepted;
    StoreUnavailable: the database could not be asked.
    """

    def __init__(self, client: AsyncPostgrestClient, token: str) -> None:
        self._client = client
        #: The access token of that person.
        self.token = token

    async def select(
        self,
        table: str,
        columns: str = "*",
        *,
        where: Sequence[Where] = (),
        any_of: Sequence[Where] = (),
        order: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        count: bool = False,
    ) -> Page:
        """Rows that fulfil every condition of `where` and, when there is one, at least one of `any_of`.

        Args:
            table: a table or view.
            columns: PostgREST's select, embedded tables included.
            where: conditions that all hold.
            any_of: conditions of which one holds; their values are free of commas, brackets and quotes.
            order: columns, a leading minus for the highest first.
            limit: at most this many.
            offset: after skipping this many.
            count: say how many rows there are without limit and offset.
        """
        query = self._client.from_(table).select(columns, count=CountMethod.exact if count else None)
        for condition in where:
            query = _filtered(query, condition)
        if any_of:
            query = query.or_(",".join(f"{w.column}.{w.operator}.{w.value}" for w in any_of))
        for column in order:
            query = query.order(column.removeprefix("-"), desc=column.startswith("-"))
        if limit is not None:
            query = query.limit(limit)
        if offset:
            query = query.offset(offset)
        try:
            answer = await _read(table, query)
        except StoreError as error:
            # PostgREST refuses an offset behind the last row and says how many there are.
            if error.code == "PGRST103":
                return Page([], int(re.findall(r"\d+", error.details or "0")[-1]))
            raise
        return Page(cast(list[Row], answer.data), answer.count)

    async def first(
        self, table: str, columns: str = "*", *, where: Sequence[Where], order: Sequence[str] = ()
    ) -> Row | None:
        """The first row that fulfils every condition, or None."""
        page = await self.select(table, columns, where=where, order=order, limit=1)
        return page.rows[0] if page.rows else None

    async def insert(self, table: str, row: Mapping[str, Any], *, columns: str = "*") -> Row:
        """Add a row; answers with it as it was stored, defaults included."""
        query = self._client.from_(table).insert(dict(row), returning=ReturnMethod.representation).select(columns)
        return cast(list[Row], (await _write(table, query)).data)[0]

    async def update(
        self, table: str, values: Mapping[str, Any], *, where: Sequence[Where], columns: str = "*"
    ) -> list[Row]:
        """Change the rows that fulfil every condition; answers with those that the person could change."""
        query = self._client.from_(table).update(dict(values), returning=ReturnMethod.representation)
        for condition in where:
            query = _filtered(query, condition)
        return cast(list[Row], (await _write(table, query.select(columns))).data)

    async def delete(self, table: str, *, where: Sequence[Where], columns: str = "*") -> list[Row]:
        """Remove the rows that fulfil every condition; answers with those that the person could remove."""
        query = self._client.from_(table).delete(returning=ReturnMethod.representation)
        for condition in where:
            query = _filtered(query, condition)
        return cast(list[Row], (await _write(table, query.select(columns))).data)

    async def rpc(self, function: str, **arguments: Any) -> Any:
        """Call a database function by its arguments' names; None stands for its default."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return (await _write(function, self._client.rpc(function, given))).data


def _filtered(query: Any, condition: Where) -> Any:
    column, operator, value = condition
    if operator == "in":
        return query.in_(column, list(value))
    return query.filter(column, operator, "null" if value is None else value)


async def _read(about: str, query: Any) -> Any:
    """As `_execute`, and once more where the connection broke: the other side may close an idle one as we take it."""
    try:
        return await _execute(about, query)
    except StoreUnavailable as error:
        if not isinstance(error.__cause__, httpx.TransportError):
            raise
        return await _execute(about, query)


async def _write(about: str, query: Any) -> Any:
    watched = _writes.get() or Writes()
    # Until the database has said no, it may have written; so it may when this request is ended from outside.
    before, watched.possible = watched.possible, True
    try:
        return await _execute(about, query)
    except StoreError as error:
        if not isinstance(error, StoreUnavailable) or _never_begun(error):
            watched.possible = before
        raise


def _never_begun(error: StoreUnavailable) -> bool:
    match error.__cause__:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return True
        case APIError(code=code):
            return str(code or "").startswith(NEVER_BEGUN)
    return False


async def _execute(about: str, query: Any) -> Any:
    try:
        return await query.execute()
    except APIError as error:
        raise _translated(about, error) from error
    except httpx.TransportError as error:
        raise StoreUnavailable(f"{about}: {error!r}") from error


def _translated(about: str, error: APIError) -> StoreError:
    code, details = str(error.code or ""), error.details
    message = f"{about}: {error.message}"
    if code.startswith("FL"):
        facts = details if isinstance(details, dict) else json.loads(details or "{}")
        return Refusal(code, error.message or code, facts, error.hint or "")
    if code in TOKEN_CODES:
        return SessionExpired(code, message)
    if not code or code == "SUP" or code.startswith(UNAVAILABLE_CODES):
        return StoreUnavailable(message)
    return StoreError(code, message, details=details if isinstance(details, str) else None)
