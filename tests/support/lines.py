"""A technician's call straight on PostgreSQL: the line functions as the voice worker's account asks them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql as q

from fieldline.errors import Refusal

DEMO = "f1e1d000-0000-4000-8000-000000000001"
SECOND = "f1e1d000-0000-4000-8000-000000000002"
LINE_USER = "00000000-0000-4000-8000-00000000011e"
MIKE, SARAH, DAVID, ALEX = "101", "102", "103", "104"

Connection = psycopg.AsyncConnection[Any]
Facts = dict[str, Any]


async def act_as(connection: Connection, user: str | None, role: str = "authenticated") -> None:
    """Be this signed-in user until the transaction ends or `reset role`."""
    claims = json.dumps({"sub": user, "role": role}) if user else ""
    # Hosted projects read the whole of the claims, the embedded API only its own setting for the user.
    await connection.execute(
        "select set_config('request.jwt.claims', %s, true), set_config('request.jwt.claim.sub', %s, true)",
        [claims, user or ""],
    )
    await connection.execute(q.SQL("set local role {}").format(q.Identifier(role)))


async def ask(connection: Connection, function: str, arguments: Mapping[str, Any], user: str = LINE_USER) -> Facts:
    """The facts of one function, asked in a transaction (or savepoint) of its own.

    Raises:
        Refusal: when the function refuses.
    """
    # As text, so that the function's own argument types decide, as they do behind the API.
    texts = {name: _text(value) for name, value in arguments.items()}
    named = q.SQL(", ").join(q.SQL("{} => {}").format(q.Identifier(n), q.Placeholder(n)) for n in texts)
    query = q.SQL("select public.{}({})").format(q.Identifier(function), named)
    try:
        async with connection.transaction():
            await act_as(connection, user)
            row = await (await connection.execute(query, texts)).fetchone()
            await connection.execute("reset role")
    except psycopg.Error as error:
        code = error.sqlstate or ""
        if not code.startswith("FL"):
            raise
        detail, hint = error.diag.message_detail, error.diag.message_hint
        raise Refusal(code, error.diag.message_primary or "", json.loads(detail or "{}"), hint or "") from error
    assert row
    return row[0]


def _text(value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(str, value)) + "}"
    return None if value is None else str(value)


@dataclass
class TechnicianCall:
    """An open call on which a technician has proved who they are."""

    connection: Connection
    call_id: str
    technician_id: int

    async def ask(self, function: str, **arguments: Any) -> Facts:
        """A reading function."""
        return await ask(self.connection, function, {"call_id": self.call_id, **arguments})

    async def do(self, function: str, **arguments: Any) -> Facts:
        """A writing function, with a new request id unless one is given."""
        return await self.ask(function, **{"request_id": uuid.uuid4().hex, **arguments})

    async def refusal(self, function: str, **arguments: Any) -> Refusal:
        """The refusal that a writing function answers with."""
        return await refused(self.do(function, **arguments))

    async def no(self, function: str, **arguments: Any) -> Refusal:
        """The refusal that a reading function answers with."""
        return await refused(self.ask(function, **arguments))


async def refused(asked: Any) -> Refusal:
    """The refusal that must come."""
    try:
        facts = await asked
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"not refused: {facts}")


async def call_as(connection: Connection, badge: str, company: str = DEMO) -> TechnicianCall:
    """A call of this technician, past the PIN; commits nothing."""
    await connection.execute(
        "insert into auth.users (id, email) values (%s, 'line@fieldline.test') on conflict do nothing", [LINE_USER]
    )
    await connection.execute("insert into line_accounts (user_id) values (%s) on conflict do nothing", [LINE_USER])
    row = await one(
        connection,
        """
        with call as (
          insert into call_logs (company_id, line, from_number, to_number, room, technician_id, verified_at)
          select t.company_id, 'technician', t.phone, n.number, gen_random_uuid(), t.id, fieldline_now()
          from technicians t join phone_numbers n on n.company_id = t.company_id
          where t.company_id = %s and t.badge = %s
          returning id, company_id, technician_id
        ), session as (
          insert into voice_agent_sessions (company_id, call_id, technician_id)
          select company_id, id, technician_id from call
        )
        select id, technician_id from call
        """,
        company,
        badge,
    )
    return TechnicianCall(connection, str(row[0]), row[1])


async def one(connection: Connection, query: str, *values: Any) -> tuple[Any, ...]:
    """The one row of a query, as the owner."""
    row = await (await connection.execute(cast(LiteralString, query), values)).fetchone()
    assert row is not None, query
    return row


async def value(connection: Connection, query: str, *values: Any) -> Any:
    """The one value of a query, as the owner."""
    return (await one(connection, query, *values))[0]


async def wait(connection: Connection, time: timedelta) -> None:
    """Let the deployment's clock run on; nothing sleeps."""
    await connection.execute("select set_clock(fieldline_now() + %s)", [time])
