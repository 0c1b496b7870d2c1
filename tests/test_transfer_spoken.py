"""The employee answers the briefing in words: heard by ears of their own, and by nobody else in the room.

Category: rooms (marker `room`).
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from fieldline.lab.hearing import humming, other_ms
from fieldline.lab.office_phone import answers
from fieldline.lab.phone import PhoneError
from tests.support.calls import DEADLOCK_S, closed, interactions, phone, rows
from tests.support.stacks import Supabase
from tests.support.transfers import CALLER, HOLD_HZ, KAREN, NOTHING, OnHold, numbers, ringing, settle, talk

pytestmark = pytest.mark.timeout(300)

WORDS = Path(__file__).parent / "audio" / "office"


async def answer(on: OnHold, name: str) -> None:
    """The employee hears the briefing out and says what they want, once more when they are asked once more.

    The caller hears nothing of either.
    """
    await on.briefed()
    await on.office.hear()
    began = on.caller.recording.now()
    decided = asyncio.create_task(on.outcome())
    await say(on, name)
    meanwhile = on.caller.recording.heard[began:]
    assert other_ms(meanwhile, HOLD_HZ) == 0, "the employee's words reached the caller"
    assert on.leaked() == NOTHING
    asked_again = asyncio.create_task(on.office.hear())
    await asyncio.wait({decided, asked_again}, return_when=asyncio.FIRST_COMPLETED)
    asked_again.cancel()
    if not decided.done():
        await say(on, name)
        await decided


async def say(on: OnHold, name: str) -> None:
    """The employee's words; who is understood at once is let go before the last of their breath has left."""
    with contextlib.suppress(PhoneError):
        await on.office.play(WORDS / f"{name}.wav")


async def said_by_the_employee(stack: Supabase) -> str:
    found = await rows(
        stack, "select data ->> 'words' from voice_agent_interactions where content = 'employee_said' order by sequence"
    )
    return " / ".join(words for (words,) in found)


async def test_who_says_yes_is_connected_with_the_caller(stack: Supabase) -> None:
    await settle(stack)
    numbers(stack).number(KAREN, answers())
    async with phone(stack, CALLER) as caller:
        await caller.first_sound()
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
        await caller.first_sound()
        async with ringing(stack, caller, caller.type("connect me to Karen Miller")) as on:
            await answer(on, outcome)
            await on.hears(told)
            assert (await on.outcome())[0] == outcome
            await asyncio.wait_for(on.office.ended.wait(), DEADLOCK_S)
            assert on.leaked() == NOTHING
    assert await said_by_the_employee(stack)
