"""Who else asks for a transfer: a technician, the office itself, and somebody in danger.

Category: rooms (marker `room`).
"""

from __future__ import annotations

import asyncio

import pytest

from fieldline.lab.hearing import tone_ms
from fieldline.lab.office_phone import answers, busy, never_answers
from fieldline.stack.migrate import set_clock
from tests.support.calls import DEADLOCK_S, closed, mike, phone, rows, until
from tests.support.stacks import Supabase
from tests.support.taking import employee, take
from tests.support.transfers import (
    CALLER,
    HOLD_HZ,
    KAREN,
    NOTHING,
    TOM,
    OnHold,
    ask_office,
    numbers,
    ringing,
    settle,
)

pytestmark = pytest.mark.timeout(300)


async def told(stack: Supabase) -> str:
    """What the last employee was told before the question."""

    async def there() -> bool:
        return bool(await rows(stack, "select 1 from voice_agent_interactions where content = 'employee_told'"))

    await until(there)
    found = await rows(
        stack,
        "select data ->> 'words' from voice_agent_interactions where content = 'employee_told' order by created_at",
    )
    return found[-1][0]


async def test_a_technician_gets_the_office_which_hears_of_the_job(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with mike(stack) as caller:
        for words in ("clock me in on truck two oh one", "I've arrived"):
            await caller.type(words)
            await caller.hear()
        async with ringing(stack, caller, caller.type("get me the office")) as on:
            await on.briefed()
            assert on.leaked() == NOTHING
            words = await told(stack)
            await take(on)

    assert "Mike Johnson" in words and "work order ten fifty seven" in words
    assert await closed(stack) == ("transferred", "caller_hung_up")


async def test_the_office_takes_a_call_over(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(TOM, busy())
    numbers(stack).number(KAREN, answers())
    async with phone(stack, CALLER) as caller:
        await caller.first_sound()
        trying = ask_office(stack, "take_over", employee_id=await employee(stack, TOM))
        async with ringing(stack, caller, trying, TOM) as refused:
            await refused.hears("Tom Baker is on another call. Would you like to leave a message?")
        await caller.type("no")
        await caller.hear()
        taking = ask_office(stack, "take_over", employee_id=await employee(stack, KAREN))
        async with ringing(stack, caller, taking) as on:
            await on.briefed()
            await take(on)

    assert await closed(stack) == ("transferred", "caller_hung_up")
    results = await rows(stack, "select result from call_commands order by created_at")
    assert [result for (result,) in results] == [{"ok": False, "reason": "not_taken"}, {"ok": True}]


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "nobody takes it"])
async def test_danger_rings_who_is_on_call_at_any_hour_and_asks_nobody_to_wait(stack: Supabase, taken: bool) -> None:
    await settle(stack, hold_music="melody", on_call=[await employee(stack, KAREN)])
    await set_clock(stack.database_url, "2026-03-04 23:30")
    numbers(stack).number(KAREN, answers() if taken else busy())
    async with phone(stack, CALLER) as caller:
        await caller.first_sound()
        async with ringing(stack, caller, caller.type("I smell gas in my kitchen")) as on:
            if taken:
                await on.briefed()
                assert tone_ms(caller.recording.heard, HOLD_HZ) > 0, "music asks somebody in danger to stay"
                words = await told(stack)
                await take(on)
                assert words.startswith("Urgent: ") and "I smell gas in my kitchen" in words
            else:
                await on.hears("couldn't reach our person on duty")
        said = caller.conversation()

    warned = said.index("Leave the building right now")
    assert warned < said.index("call nine one one") < said.index("Meanwhile I'm ringing our person on duty")
    assert "hold the line" not in said and "Stay on the line" not in said
    assert (await on.outcome())[0] == ("accepted" if taken else "busy")
    assert await rows(stack, "select emergency from transfers") == [(True,)]


async def test_danger_on_hold_lets_go_who_is_rung_for_who_is_on_call(stack: Supabase) -> None:
    await settle(stack, transfer_ring_seconds=60, on_call=[await employee(stack, TOM)])
    numbers(stack).number(KAREN, never_answers())
    numbers(stack).number(TOM, answers())
    async with phone(stack, CALLER) as caller:
        await caller.first_sound()
        async with ringing(stack, caller, caller.type("connect me to Karen Miller")) as first:
            before = numbers(stack).calls_to(TOM)
            await caller.type("I smell gas in my kitchen")
            await asyncio.wait_for(first.office.ended.wait(), DEADLOCK_S)
            call = await asyncio.wait_for(numbers(stack).next_call(TOM, after=before), DEADLOCK_S)
            on = OnHold(stack, caller, call)
            await on.briefed()
            assert on.leaked() == NOTHING
            words = await told(stack)
            await take(on)
        said = caller.conversation()

    assert said.index("Leave the building right now") < said.index("Meanwhile I'm ringing our person on duty")
    assert words.startswith("Urgent: ")
    assert await rows(stack, "select outcome, emergency from transfers order by attempt") == [
        ("superseded", False),
        ("accepted", True),
    ]
    assert await closed(stack) == ("transferred", "caller_hung_up")
