"""A transfer whose job dies: the caller is not left alone, nobody is rung twice, and two who talk are not disturbed.

Category: rooms (marker `room`).
"""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from fieldline.lab.hearing import humming
from fieldline.lab.office_phone import answers, never_answers
from tests.support.calls import DEADLOCK_S, closed, has_heard, job_process, no_rooms, rows, until
from tests.support.stacks import Supabase
from tests.support.transfers import KAREN, NOTHING, TOM, OnHold, numbers, ringing, rung, settle, talk

pytestmark = pytest.mark.timeout(300)


def kill_job(on: OnHold) -> None:
    os.kill(job_process(on.stack, on.caller.leg.room), signal.SIGKILL)


@pytest.mark.parametrize("when", ["ringing", "briefing"])
async def test_a_caller_whose_job_dies_on_hold_gets_a_voice_back(stack: Supabase, when: str) -> None:
    await settle(stack, transfer_ring_seconds=60)
    numbers(stack).number(KAREN, never_answers() if when == "ringing" else answers())
    numbers(stack).number(TOM, answers())
    async with rung(stack) as on:
        if when == "briefing":
            await on.briefed()
        before = numbers(stack).calls_to(KAREN)
        kill_job(on)
        await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
        await on.hears("cut off")
        assert on.leaked() == NOTHING
        assert (await on.outcome())[0] == "failed"
        assert numbers(stack).calls_to(KAREN) == before, "rung twice"
        async with ringing(stack, on.caller, on.caller.type("connect me to Tom Baker"), TOM) as again:
            await again.briefed()
            await again.office.connected()
            await again.office.keys("2")
            await again.hears("Tom Baker can't take the call")

    assert await rows(stack, "select outcome from transfers order by attempt") == [("failed",), ("declined",)]
    assert await closed(stack) == ("completed", "caller_hung_up")


async def connect(on: OnHold) -> None:
    """The employee takes the call, and the row says so."""
    await on.briefed()
    await on.office.connected()
    await on.office.keys("1")
    await talk(on)
    assert (await on.outcome())[0] == "accepted"


@pytest.mark.parametrize("leaves", ["caller", "employee"])
async def test_two_who_talk_are_left_alone_by_the_job_that_follows(stack: Supabase, leaves: str) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with rung(stack) as on:
        await connect(on)
        before = numbers(stack).calls_to(KAREN)
        kill_job(on)
        await until(lambda: _sessions(stack, 2))
        await talk(on)
        assert not await has_heard(on.caller, "cut off")
        assert numbers(stack).calls_to(KAREN) == before, "rung twice"
        await (on.caller if leaves == "caller" else on.office).hang_up()
        await asyncio.wait_for((on.office if leaves == "caller" else on.caller).ended.wait(), DEADLOCK_S)

    assert (await closed(stack))[0] == "transferred"
    assert await rows(stack, "select outcome, talk_seconds is not null from transfers") == [("accepted", True)]
    await no_rooms(stack)


async def _sessions(stack: Supabase, number: int) -> bool:
    return await rows(stack, "select count(*) from voice_agent_sessions") == [(number,)]


async def test_when_every_worker_is_gone_the_end_of_one_is_the_end_of_both(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    try:
        async with rung(stack) as on, humming(on.office, *on.office_hums):
            await connect(on)
            os.killpg(stack.stack.supervisor.pids["worker"], signal.SIGKILL)
            await stack.stack.stop_part("worker")  # before it is started again
            await on.caller.hang_up()
            await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
        await no_rooms(stack)
    finally:
        await stack.stack.start_part("worker")

    await closed(stack)
    assert await rows(stack, "select outcome, ended_at is not null from transfers") == [("accepted", True)]
