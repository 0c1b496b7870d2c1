"""The employee answers the briefing in words: heard by ears of their own, and by nobody else in the room.

Category: rooms (marker `room`).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fieldline.lab.hearing import humming, other_ms
from fieldline.lab.office_phone import answers
from tests.support.calls import DEADLOCK_S, closed, interactions, phone, rows
from tests.support.stacks import Supabase
from tests.support.transfers import CALLER, HOLD_HZ, KAREN, NOTHING, OnHold, numbers, ringing, settle, talk

pytestmark = pytest.mark.timeout(300)

WORDS = Path(__file__).parent / "audio" / "office"


async def answer(on: OnHold, name: str) -> None:
    """The employee hears the briefing out and says what they want; the caller hears nothing of either."""
    await on.briefed()
    await on.office.hear()
    began = on.caller.recording.now()
    await on.office.play(WORDS / f"{name}.wav")
    meanwhile = on.caller.recording.heard[began:]
    assert other_ms(meanwhile, HOLD_HZ) == 0, "the employee's words reached the caller"
    assert on.leaked() == NOTHING


async def said_by_the_employee(stack: Supabase) -> str:
    found = await rows(
        stack, "select data ->> 'words' from voice_agent_interactions where content = 'employee_said' order by sequence"
    )
    return " / ".join(words for (words,) in found)


async def test_who_says_yes_is_connected_with_the_caller(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with phone(stack, CALLER) as caller:
        await caller.hear()
        async with ringing(stack, caller, caller.type("connect me to Karen Miller")) as on:
            await answer(on, "accepted")
            await on.hears("You're connected with Karen")
            async with humming(on.office, *on.office_hums):
                await talk(on)
                await on.office.hang_up()
                await asyncio.wait_for(caller.ended.wait(), DEADLOCK_S)

    assert (await on.outcome())[0] == "accepted"
    assert await closed(stack) == ("transferred", "ended_by_office")
    assert "through" in await said_by_the_employee(stack)
    assert not [words for kind, words in await interactions(stack) if kind == "user" and "through" in words]


@pytest.mark.parametrize(
    ("outcome", "told"), [("declined", "can't take the call"), ("message", "What shall I pass on")]
)
async def test_who_says_no_or_asks_for_a_message_does_not_get_the_caller(
    stack: Supabase, outcome: str, told: str
) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with phone(stack, CALLER) as caller:
        await caller.hear()
        async with ringing(stack, caller, caller.type("connect me to Karen Miller")) as on:
            await answer(on, outcome)
            await on.hears(told)
            assert (await on.outcome())[0] == outcome
            await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
            assert on.leaked() == NOTHING
    assert await said_by_the_employee(stack)
