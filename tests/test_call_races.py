"""Calls, PINs and administrators at the same instant, on committed rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from fieldline.errors import Refusal
from tests.support.lines import DEMO, LINE_USER, act_as, ask, one, value

STRANGER = "+13105550100"
NORTHGATE = "+12025550100"


@pytest.fixture
async def line(database: str) -> str:
    """The database, with the line's account in it."""
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("insert into auth.users (id, email) values (%s, 'line@people.example')", [LINE_USER])
        await owner.execute("insert into public.line_accounts (user_id) values (%s)", [LINE_USER])
    return database


async def at_once(url: str, asked: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Each function on a connection of its own, all together; facts or refusals."""
    start = asyncio.Barrier(len(asked))

    async def one_of(function: str, arguments: dict[str, Any]) -> Any:
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await start.wait()
            try:
                return await ask(connection, function, arguments)
            except Refusal as refusal:
                return refusal

    return await asyncio.gather(*(one_of(*question) for question in asked))


def opening(room: str, worker: str = "worker") -> tuple[str, dict[str, Any]]:
    return "call_open", {"room": room, "from_number": STRANGER, "to_number": NORTHGATE, "worker": worker}


async def look(url: str, query: str) -> Any:
    async with await psycopg.AsyncConnection.connect(url) as owner:
        return await value(owner, query)


async def test_twenty_guesses_at_once_are_five_guesses(line: str) -> None:
    calls = [facts["call_id"] for facts in await at_once(line, [opening(f"call-{n}") for n in range(20)])]
    guesses = [("verify_pin", {"call_id": call, "badge": "101", "pin": f"{n:04}"}) for n, call in enumerate(calls)]
    reasons = Counter(facts["reason"] for facts in await at_once(line, guesses))
    assert reasons == {"wrong": 4, "locked": 16}
    assert await look(line, "select count(*) from public.pin_attempts where not succeeded") == 5
    assert await look(line, "select count(*) from public.notifications where message ~ 'number is locked'") == 1


async def test_two_jobs_in_one_room_serve_one_call(line: str) -> None:
    facts = await at_once(line, [opening("call-one", f"worker-{n}") for n in range(8)])
    assert len({f["call_id"] for f in facts}) == 1
    assert len({f["session_id"] for f in facts}) == 8
    assert Counter(f["resumed"] for f in facts) == {False: 1, True: 7}
    assert await look(line, "select count(*) from public.voice_agent_sessions where is_active") == 1


async def test_lost_call_is_rescued_by_one_worker(line: str) -> None:
    await at_once(line, [opening("call-lost", "worker-dead")])
    async with await psycopg.AsyncConnection.connect(line) as owner:
        await owner.execute("update public.deployment set clock_offset = clock_offset + interval '6 seconds'")
    beats = [("worker_beat", {"worker": f"worker-{n}", "rooms": [], "load": 0.1}) for n in range(8)]
    lost = [call["room"] for facts in await at_once(line, beats) for call in facts["lost"]]
    assert lost == ["call-lost"]


async def test_batch_sent_twice_at_once_is_stored_once(line: str) -> None:
    (facts,) = await at_once(line, [opening("call-one")])
    items = '[{"sequence": 1, "type": "user", "content": "Hello"}, {"sequence": 2, "type": "agent", "content": "Hi"}]'
    batch = {"call_id": facts["call_id"], "session_id": facts["session_id"], "items": items}
    stored = await at_once(line, [("call_append", batch)] * 8)
    assert sum(answer["stored"] for answer in stored) == 2


async def test_two_admins_who_demote_each_other_leave_one(line: str) -> None:
    admins = ["00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2"]
    async with await psycopg.AsyncConnection.connect(line) as owner:
        for user in admins:
            await owner.execute("insert into auth.users (id, email) values (%s, %s)", [user, f"{user}@people.example"])
            await owner.execute("insert into public.memberships values (%s, %s, 'admin')", [DEMO, user])
    start = asyncio.Barrier(2)

    async def demote(actor: str, other: str) -> str:
        async with await psycopg.AsyncConnection.connect(line) as connection:
            await act_as(connection, actor)
            await connection.execute("update public.memberships set role = 'viewer' where user_id = %s", [other])
            await start.wait()
            try:
                await connection.commit()
            except psycopg.Error as error:
                return error.sqlstate or ""
        return "done"

    outcomes = await asyncio.gather(demote(*admins), demote(*reversed(admins)))
    assert sorted(outcomes) == ["FL070", "done"]
    assert await look(line, "select count(*) from public.memberships where role = 'admin'") == 1


async def test_one_time_code_opens_one_of_two_calls(line: str) -> None:
    calls = [facts["call_id"] for facts in await at_once(line, [opening(f"call-{n}") for n in range(2)])]
    async with await psycopg.AsyncConnection.connect(line) as owner:
        row = await one(owner, "select id from public.technicians where name = 'Mike Johnson'")
        await owner.execute(
            "insert into public.one_time_codes (company_id, technician_id, code_hash, expires_at) values (%s, %s,"
            " extensions.crypt('482913', extensions.gen_salt('bf', 6)), public.fieldline_now() + interval '1 hour')",
            [DEMO, row[0]],
        )
    tries = [("verify_pin", {"call_id": call, "badge": "101", "pin": "482913"}) for call in calls]
    assert Counter(facts["verified"] for facts in await at_once(line, tries)) == {True: 1, False: 1}
