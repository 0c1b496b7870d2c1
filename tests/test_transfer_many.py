"""Ten transfers at once on one worker: all get the person they asked for, and nobody hears what is not theirs.

Category: rooms (marker `room`). The calls are light: tones and typed words, no speech to be understood.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest

from fieldline.lab.hearing import CALLER_HZ, EMPLOYEE_HZ, humming, tone_ms
from fieldline.lab.office_phone import OfficePhone, answers
from tests.support.callers import TALK_MS, WITHIN_S, Callers, callers
from tests.support.calls import COMPANY, no_rooms, rows, until
from tests.support.stacks import Supabase
from tests.support.transfers import numbers, settle

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

PEOPLE = (
    *("Walter Abbott", "Monica Fisher", "Stanley Kramer", "Beatrice Lambert", "Gordon Pruitt"),
    *("Harriet Osborne", "Douglas Whitfield", "Lorraine Vance", "Clifford Munro", "Theresa Quigley"),
)
#: So many are being transferred at the same time: processes that start and telephones that ring are heavy, people who
#: talk are light.
TRANSFERRED_TOGETHER = 2


def number_of(person: int) -> str:
    return f"+12025553{person:03}"


async def hire(stack: Supabase) -> None:
    async with await psycopg.AsyncConnection.connect(stack.database_url) as owner:
        await owner.cursor().executemany(
            "insert into employees (company_id, name, phone, department_id)"
            " select company_id, %s, %s, id from departments where name = 'Sales'",
            [(name, number_of(n)) for n, name in enumerate(PEOPLE)],
        )


class Together:
    """What the callers wait for: a turn to be transferred, and each other before they hang up."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(TRANSFERRED_TOGETHER)
        self.hang_up = asyncio.Barrier(len(PEOPLE))


async def one_call(stack: Supabase, n: int, name: str, people: Callers, together: Together) -> None:
    async with AsyncExitStack() as on_the_line:
        async with together.turn:
            before = numbers(stack).calls_to(number_of(n))
            await people.do(n, "call", **_call(stack, n, name))
            office = (await asyncio.wait_for(numbers(stack).next_call(number_of(n), after=before), WITHIN_S)).phone
            await on_the_line.enter_async_context(humming(office, EMPLOYEE_HZ, office.answered))
            await office.first_sound(WITHIN_S)
            await office.connected(within=WITHIN_S)
            accepted = time.monotonic()
            overheard = tone_ms(office.recording.heard, CALLER_HZ)
            await office.keys("1")
            first, _ = await asyncio.gather(people.do(n, "hear"), _hear(office))
            assert (overheard, first > accepted) == (0, True), name
        await together.hang_up.wait()
        await asyncio.gather(people.do(n, "hear"), _hear(office))
        if n % 2:
            await people.do(n, "hang_up")
            await asyncio.wait_for(office.ended.wait(), WITHIN_S)
        else:
            await office.hang_up()
            await people.do(n, "ended")


def _call(stack: Supabase, n: int, name: str) -> dict[str, Any]:
    info = stack.settings
    assert info.livekit_api_secret
    secret = info.livekit_api_secret.get_secret_value()
    return {
        "server": {"url": info.livekit_url, "key": info.livekit_api_key, "secret": secret},
        "leg": {"from_number": f"+12025554{n:03}", "to_number": COMPANY, "agent_name": "fieldline"},
        "wish": f"connect me to {name}",
    }


async def _hear(office: OfficePhone) -> None:
    """Until the employee hears the caller from now on."""
    since = office.recording.now()

    async def heard() -> bool:
        return tone_ms(office.recording.heard_tape.since(since), CALLER_HZ) > TALK_MS

    await until(heard)


async def test_ten_calls_at_once_are_transferred_and_nobody_overhears(stack: Supabase) -> None:
    await settle(stack, transfer_ring_seconds=60)
    await hire(stack)
    for n in range(len(PEOPLE)):
        numbers(stack).number(number_of(n), answers())
    together = Together()
    async with callers() as people, asyncio.TaskGroup() as calls:
        for n, name in enumerate(PEOPLE):
            calls.create_task(one_call(stack, n, name, people, together))

    await until(lambda: _all_settled(stack))
    got = await rows(
        stack,
        "select c.from_number, t.number, t.outcome, c.status, t.talk_seconds is not null"
        " from transfers t join call_logs c on c.id = t.call_id order by 1",
    )
    assert got == [(f"+12025554{n:03}", number_of(n), "accepted", "transferred", True) for n in range(len(PEOPLE))]
    await no_rooms(stack)


async def _all_settled(stack: Supabase) -> bool:
    return not await rows(stack, "select 1 from call_logs where status = 'in_progress'")
