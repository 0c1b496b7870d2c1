"""The contract suite: does this Supabase behave as Fieldline needs it to?

The store and the admin API use only what is proved here. CI runs it on the embedded API, an operator on any
other one: `fieldline doctor --contract`. It writes nothing that stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx
from postgrest import APIResponse, CountMethod
from postgrest.exceptions import APIError
from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError

from fieldline.doctor.checks import Finding
from fieldline.errors import FieldlineError, Refusal
from fieldline.settings import Settings
from fieldline.store import REQUEST_TIMEOUT_S, LineStore

#: PostgreSQL's insufficient_privilege: the grant itself is missing, before any row is looked at.
DENIED = "42501"
#: The same, where the API does not even know the table or function for this role, or the token is none.
UNSEEN = frozenset({"PGRST202", "PGRST205", "PGRST301"})
MEND = "this Supabase cannot carry Fieldline as it is; see docs/operations.md"


class Broken(Exception):
    """A clause of the contract does not hold; the text says what was seen instead."""


@dataclass(frozen=True)
class Parties:
    """Who takes part: the line, nobody, and (where credentials were given) a person of one company."""

    line: LineStore
    anon: AsyncClient
    member: AsyncClient | None


Clause = Callable[[Parties], Awaitable[None]]


async def line_functions_answer(p: Parties) -> None:
    """A line function called by the line account returns JSON with an ISO-8601 time."""
    datetime.fromisoformat((await p.line.line_ping())["now"])


async def refusals_keep_their_facts(p: Parties) -> None:
    """An SQLSTATE of ours arrives with its message, JSON detail and hint."""
    try:
        await p.line.my_status(call_id=str(uuid.uuid4()))
    except Refusal as refusal:
        _expect((refusal.code, refusal.reason) == ("FL002", "call_unknown"), f"{refusal.code} {refusal.reason}")
        _expect(bool(refusal.hint), "the refusal lost its hint")
    else:
        raise Broken("a call that does not exist was accepted")


async def anonymous_callers_reach_nothing(p: Parties) -> None:
    """The publishable key alone opens no table and no function."""
    await _denied(p.anon.table("work_orders").select("number").limit(1).execute())
    await _denied(p.anon.rpc("line_ping", {}).execute())


async def wrong_passwords_are_refused(p: Parties) -> None:
    """Sign-in says no to a wrong password."""
    try:
        await p.anon.auth.sign_in_with_password({"email": "nobody@fieldline.example", "password": "not-the-password"})
    except AuthApiError as error:
        _expect(400 <= error.status < 500, f"status {error.status}")
    else:
        raise Broken("a wrong password signed in")


async def members_read_with_filters_and_counts(p: Parties) -> None:
    """Equality, pattern, or, in, order, range, exact count and embedding work as the API uses them."""
    member = _member(p)
    every = (
        await member.table("departments")
        .select("id,name,employees(name)", count=CountMethod.exact)
        .order("name")
        .execute()
    )
    rows = _rows(every)
    _expect(every.count == len(rows) and len(rows) > 0, f"counted {every.count}, got {len(rows)}")
    _expect([r["name"] for r in rows] == sorted(r["name"] for r in rows), "not in order")
    _expect(isinstance(rows[0]["employees"], list), "no embedded rows")
    name = rows[0]["name"]
    for label, query in {
        "eq": member.table("departments").select("name").eq("name", name),
        "ilike": member.table("departments").select("name").ilike("name", name.upper()),
        "or": member.table("departments").select("name").or_(f'name.eq."{name}",name.eq."-"'),
        "in": member.table("departments").select("name").in_("name", [name, "-"]),
        "range": member.table("departments").select("name").order("name").range(0, 0),
    }.items():
        found = (await query.execute()).data
        _expect(len(found) == 1, f"{label}: {len(found)} rows instead of 1")


async def members_cannot_read_secrets(p: Parties) -> None:
    """PINs are in a table that no person's role can read."""
    await _denied(_member(p).table("technician_pins").select("*").limit(1).execute())


async def members_cannot_act_as_the_line(p: Parties) -> None:
    """Line functions refuse an ordinary user."""
    try:
        await _member(p).rpc("my_status", {"call_id": str(uuid.uuid4())}).execute()
    except APIError as error:
        _expect(error.code in {"FL001", DENIED}, f"{error.code} {error.message}")
    else:
        raise Broken("an ordinary user called a line function")


async def members_see_one_company(p: Parties) -> None:
    """Row level security leaves a person only the companies of their memberships."""
    member = _member(p)
    mine = {r["company_id"] for r in _rows(await member.table("memberships").select("company_id").execute())}
    seen = {r["company_id"] for r in _rows(await member.table("departments").select("company_id").execute())}
    _expect(bool(seen) and seen <= mine, f"memberships in {len(mine)} companies, departments of {len(seen)}")


FOR_THE_LINE: tuple[Clause, ...] = (
    line_functions_answer,
    refusals_keep_their_facts,
    anonymous_callers_reach_nothing,
    wrong_passwords_are_refused,
)
FOR_A_MEMBER: tuple[Clause, ...] = (
    members_read_with_filters_and_counts,
    members_cannot_read_secrets,
    members_cannot_act_as_the_line,
    members_see_one_company,
)


async def examine_contract(
    settings: Settings, *, email: str | None = None, password: str | None = None
) -> list[Finding]:
    """Every clause as a finding; those about a member only when credentials are given.

    Raises:
        SettingsError: when the address, key or line account is missing.
    """
    line = await LineStore.open(settings)
    anon = await _client(settings)
    member = None
    try:
        clauses = FOR_THE_LINE
        if email and password:
            member = await _client(settings)
            await member.auth.sign_in_with_password({"email": email, "password": password})
            clauses += FOR_A_MEMBER
        parties = Parties(line, anon, member)
        return [await _finding(clause, parties) for clause in clauses]
    finally:
        await line.aclose()
        for client in filter(None, (anon, member)):
            if client.options.httpx_client is not None:
                await client.options.httpx_client.aclose()


async def _client(settings: Settings) -> AsyncClient:
    assert settings.supabase_url and settings.supabase_publishable_key
    options = AsyncClientOptions(
        auto_refresh_token=False, persist_session=False, httpx_client=httpx.AsyncClient(timeout=REQUEST_TIMEOUT_S)
    )
    return await acreate_client(settings.supabase_url, settings.supabase_publishable_key, options)


async def _finding(clause: Clause, parties: Parties) -> Finding:
    name = clause.__name__.replace("_", " ")
    try:
        await clause(parties)
    except (Broken, FieldlineError, APIError, AuthApiError, httpx.HTTPError, ValueError, KeyError) as error:
        return Finding(
            name, "broken", str(error), "this Supabase cannot carry Fieldline as it is; see docs/operations.md"
        )
    return Finding(name, "ok", (clause.__doc__ or "").strip())


async def _denied(request: Awaitable[object]) -> None:
    try:
        await request
    except APIError as error:
        _expect(error.code in {DENIED, *UNSEEN}, f"refused, but with {error.code} {error.message}")
    else:
        raise Broken("it was not refused")


def _rows(response: APIResponse) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], response.data)


def _member(parties: Parties) -> AsyncClient:
    assert parties.member is not None
    return parties.member


def _expect(holds: bool, seen: str) -> None:
    if not holds:
        raise Broken(seen)
