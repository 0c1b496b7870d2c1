"""Whole calls in real rooms: how they begin, how they end, and what survives."""

from __future__ import annotations

import asyncio
import os
import signal

import psutil

from tests.support.calls import (
    DEADLOCK_S,
    NOBODY,
    STRANGER,
    closed,
    has_heard,
    interactions,
    job_process,
    mike,
    no_rooms,
    phone,
    rows,
    until,
)
from tests.support.stacks import Supabase


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
        await until(lambda: has_heard(caller, "cut off"))
        await caller.hear()
        await caller.type("what's next")
        assert "ten fifty seven" in (await caller.hear()).text
    assert await closed(stack) == ("completed", "caller_hung_up")
    assert await rows(stack, "select count(*) from voice_agent_sessions") == [(2,)]
    assert ("user", "clock me in on truck two oh one") in await interactions(stack)


async def test_caller_whose_worker_is_killed_is_not_left_alone(stack: Supabase) -> None:
    async with mike(stack) as caller:
        await caller.type("clock me in on truck two oh one")
        await caller.hear()
        worker = next(
            p for p in psutil.Process(job_process(stack, caller.leg.room)).parents() if "start" in p.cmdline()
        )
        worker.kill()
        await until(lambda: has_heard(caller, "cut off"))
        await caller.hear()
        await caller.type("am I clocked in")
        assert "two oh one" in (await caller.hear()).text
    assert await closed(stack) == ("completed", "caller_hung_up")


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


async def test_call_that_the_database_cannot_take_is_answered_and_written_later(stack: Supabase) -> None:
    await stack.stack.stop_part("rest")
    async with phone(stack) as caller:
        await asyncio.wait_for(caller.ended.wait(), DEADLOCK_S)
        assert "can't reach our records" in caller.conversation()
        assert caller.end_reason == "room deleted"
    await stack.stack.start_part("rest")
    async with phone(stack, from_number=STRANGER) as other:
        await until(lambda: has_heard(other, "badge"))
        await until(lambda: _failed(stack))


async def _failed(stack: Supabase) -> bool:
    return await rows(stack, "select end_reason from call_logs where status = 'failed'") == [("error",)]
