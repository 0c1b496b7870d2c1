"""Five transfers at once on one worker: all get the person they asked for, and nobody hears what is not theirs.

Category: rooms (marker `room`). The calls are light: tones and typed words, no speech to be understood.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import psycopg
import pytest

from fieldline.lab.hearing import humming
from fieldline.lab.office_phone import answers
from tests.support.calls import no_rooms, phone, rows, until
from tests.support.stacks import Supabase
from tests.support.transfers import NOTHING, numbers, ringing, settle, talk

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

PEOPLE = (
    "Walter Abbott",
    "Monica Fisher",
    "Stanley Kramer",
    "Beatrice Lambert",
    "Gordon Pruitt",
)
#: So many are being transferred at the same time: processes that start and telephones that ring are heavy, people who
#: talk are light. With more than ten telephones in this one process the telephones themselves fall behind.
TRANSFERRED_TOGETHER = 2
WITHIN_S = 120.0


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


async def one_call(stack: Supabase, n: int, name: str, together: Together) -> None:
    number = number_of(n)
    async with AsyncExitStack() as on_the_line:
        async with together.turn:
            caller = await on_the_line.enter_async_context(phone(stack, f"+12025554{n:03}"))
            await caller.first_sound(WITHIN_S)
            wish = caller.type(f"connect me to {name}")
            try:
                on = await on_the_line.enter_async_context(ringing(stack, caller, wish, number))
            except TimeoutError as error:
                raise AssertionError(f"{name} was not rung: {caller.conversation()}") from error
            await on_the_line.enter_async_context(humming(on.office, *on.office_hums))
            await on.briefed()
            await on.office.connected()
            assert on.leaked() == NOTHING, name
            await on.office.keys("1")
            await talk(on)
        await together.hang_up.wait()
        await talk(on)
        await (caller if n % 2 else on.office).hang_up()
        await asyncio.wait_for((on.office if n % 2 else caller).ended.wait(), WITHIN_S)


async def test_five_calls_at_once_are_transferred_and_nobody_overhears(stack: Supabase) -> None:
    await settle(stack, transfer_ring_seconds=60)
    await hire(stack)
    for n in range(len(PEOPLE)):
        numbers(stack).number(number_of(n), answers())
    together = Together()
    async with asyncio.TaskGroup() as calls:
        for n, name in enumerate(PEOPLE):
            calls.create_task(one_call(stack, n, name, together))

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
