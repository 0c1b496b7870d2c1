"""Whole calls in real rooms: how they begin, how they end, and what survives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from livekit import api
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from fieldline.lab.phone import LabPhone
from fieldline.lab.sip import Server, SipLeg
from tests.support.stacks import Supabase

COMPANY, MIKE, STRANGER, NOBODY = "+12025550100", "+12025550101", "+12025550177", "+12025550999"
#: Nothing here takes that long; a test that waits for it has found a deadlock.
DEADLOCK_S = 60


@asynccontextmanager
async def phone(
    stack: Supabase, from_number: str = MIKE, to_number: str = COMPANY, **leg: Any
) -> AsyncIterator[LabPhone]:
    info = stack.settings
    assert info.livekit_url and info.livekit_api_key and info.livekit_api_secret
    server = Server(info.livekit_url, info.livekit_api_key, info.livekit_api_secret.get_secret_value())
    async with LabPhone(server, SipLeg(from_number, to_number, **{"agent_name": "fieldline", **leg})) as caller:
        yield caller


@asynccontextmanager
async def mike(stack: Supabase) -> AsyncIterator[LabPhone]:
    """Mike's phone, after badge and PIN."""
    async with phone(stack) as caller:
        await caller.hear()
        await caller.keys("101#")
        await caller.hear()
        await caller.keys("2010#")
        await caller.hear()
        yield caller


async def rows(stack: Supabase, query: LiteralString) -> list[tuple[Any, ...]]:
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        return await (await owner.execute(query)).fetchall()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that another process does."""
    async for attempt in AsyncRetrying(stop=stop_after_delay(DEADLOCK_S), wait=wait_fixed(0.1)):
        with attempt:
            assert await holds()


async def closed(stack: Supabase) -> tuple[str, str]:
    """How the one call ended, once it has."""
    found: list[tuple[Any, ...]] = []

    async def settled() -> bool:
        found[:] = await rows(stack, "select status, end_reason from call_logs where status <> 'in_progress'")
        return bool(found)

    await until(settled)
    assert len(found) == 1
    return found[0][0], found[0][1]


async def no_rooms(stack: Supabase) -> None:
    """Every room is gone."""
    settings = stack.settings
    secret = settings.livekit_api_secret
    assert secret
    async with api.LiveKitAPI(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value()) as lk:

        async def none() -> bool:
            return not (await lk.room.list_rooms(api.ListRoomsRequest())).rooms

        await until(none)


async def interactions(stack: Supabase) -> list[tuple[str, str]]:
    return [
        (kind, content)
        for kind, content in await rows(
            stack,
            "select i.interaction_type, i.content from voice_agent_interactions i"
            " join voice_agent_sessions s on s.id = i.session_id order by s.session_start, i.sequence",
        )
    ]


async def test_call_ends_in_a_closed_row_and_no_room(stack: Supabase) -> None:
    async with mike(stack) as caller:
        await caller.type("clock me in on truck two oh one")
        assert "clocked in" in (await caller.hear()).text
        await caller.type("goodbye")
        assert "Goodbye" in (await caller.hear()).text
        await asyncio.wait_for(caller.ended.wait(), DEADLOCK_S)
    assert await closed(stack) == ("completed", "agent_goodbye")
    await no_rooms(stack)


async def test_hang_up_closes_the_row(stack: Supabase) -> None:
    async with phone(stack) as caller:
        await caller.first_sound()
    assert await closed(stack) == ("completed", "caller_hung_up")
    await no_rooms(stack)


async def test_number_of_nobody_is_answered_and_kept_as_unrouted(stack: Supabase) -> None:
    async with phone(stack, to_number=NOBODY) as caller:
        await asyncio.wait_for(caller.ended.wait(), DEADLOCK_S)
        assert caller.transcript.said_by("agent", 0)
    assert await rows(stack, "select to_number from unrouted_calls") == [(NOBODY,)]
    assert await rows(stack, "select count(*) from call_logs") == [(0,)]
    await no_rooms(stack)


async def test_key_stops_the_greeting(stack: Supabase) -> None:
    async with phone(stack) as caller:
        await caller.first_sound()
        await caller.keys("101#")
        assert "PIN" in (await caller.hear()).text


async def test_speech_stops_the_agent(stack: Supabase) -> None:
    async with mike(stack) as caller:
        await caller.type("help")
        await caller.first_sound()
        await caller.say("what's next")
        assert "ten fifty seven" in (await caller.hear()).text
    await closed(stack)
    interrupted = await rows(stack, "select 1 from voice_agent_interactions where data ->> 'interrupted' = 'true'")
    assert interrupted


async def test_silent_caller_is_asked_twice_and_then_let_go(stack: Supabase) -> None:
    async with phone(stack, from_number=STRANGER) as caller:
        await asyncio.wait_for(caller.ended.wait(), DEADLOCK_S * 2)
    assert await closed(stack) == ("completed", "silence")
    said = " ".join(content for kind, content in await interactions(stack) if kind == "agent")
    assert said.index("Are you still there") < said.index("I can't hear you") < said.index("I'll hang up now")


async def test_call_without_an_agent_gets_one(stack: Supabase) -> None:
    async with phone(stack, agent_name=None) as caller:
        assert "automated assistant" in (await caller.hear(within=DEADLOCK_S)).text


async def test_call_that_comes_while_the_worker_starts_is_answered(stack: Supabase) -> None:
    await stack.stack.stop_part("worker")
    async with phone(stack) as caller:
        await stack.stack.start_part("worker")
        assert "automated assistant" in (await caller.hear(within=DEADLOCK_S)).text


async def test_caller_whose_job_is_killed_is_not_left_alone(stack: Supabase) -> None:
    async with mike(stack) as caller:
        await caller.type("clock me in on truck two oh one")
        await caller.hear()
        os.kill(job_process(stack, caller.leg.room), signal.SIGKILL)
        await until(lambda: _is(len(caller.transcript.said_by("agent", 0)) > 0 and "cut off" in caller.conversation()))
        await caller.hear()
        await caller.type("what's next")
        assert "ten fifty seven" in (await caller.hear()).text
    assert await closed(stack) == ("completed", "caller_hung_up")
    assert await rows(stack, "select count(*) from voice_agent_sessions") == [(2,)]
    assert ("user", "clock me in on truck two oh one") in await interactions(stack)


async def test_words_said_while_the_database_is_down_are_in_the_record_afterwards(stack: Supabase) -> None:
    async with mike(stack) as caller:
        await stack.stack.stop_part("rest")
        await caller.type("clock me in on truck two oh one")
        assert "can't reach our records" in (await caller.hear(within=DEADLOCK_S)).text
        await stack.stack.start_part("rest")
        await caller.type("clock me in on truck two oh one")
        assert "clocked in" in (await caller.hear(within=DEADLOCK_S)).text
    assert await closed(stack) == ("completed", "caller_hung_up")
    said = [content for kind, content in await interactions(stack) if kind == "user"]
    assert said == ["clock me in on truck two oh one"] * 2


def job_process(stack: Supabase, room: str) -> int:
    """The process of the job that serves a room, from the worker's log."""
    log = stack.stack.home.logs / "worker.log"
    lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
    return next(line["pid"] for line in lines if line.get("room") == room and "pid" in line)


async def _is(value: bool) -> bool:
    return value
