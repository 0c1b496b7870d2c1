"""Calls in real rooms: lab phones, and the rows that calls leave."""

from __future__ import annotations

import json
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
    """Mike's phone, after badge and PIN, for which he has not waited."""
    async with phone(stack) as caller:
        await caller.first_sound()
        await caller.keys("101#2010#")
        await caller.told(["what can I do for you"])
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


def job_process(stack: Supabase, room: str) -> int:
    """The process of the job that serves a room, from the worker's log."""
    log = stack.stack.home.logs / "worker.log"
    lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
    return next(line["pid"] for line in lines if line.get("room") == room and "pid" in line)


async def has_heard(caller: LabPhone, words: str) -> bool:
    """Whether the agent has said these words to this phone."""
    return words in caller.conversation()
