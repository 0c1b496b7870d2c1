"""Whom the line does not ring, and what the caller hears instead. Category: lines."""

from __future__ import annotations

from agent.chat import text_call
from tests.support.calls import COMPANY, STRANGER, rows
from tests.support.stacks import Supabase


async def test_of_thirty_transfers_in_one_call_most_are_refused(supabase: Supabase) -> None:
    heard: list[str] = []
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        for _ in range(30):
            heard += [" ".join(await call.say("connect me to Karen Miller"))]
        refused = [words for words in heard if "tried as often as I can on this call" in words]
        assert len(refused) == 20 and refused == heard[10:]
        assert "Would you like to leave a message" in refused[-1]
        assert "What is your message" in " ".join(await call.say("yes"))


async def test_somebody_without_a_telephone_is_not_rung_and_a_message_is_offered(supabase: Supabase) -> None:
    await rows(supabase, "update employees set phone = null where name = 'Karen Miller' returning id")
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        said = " ".join(await call.say("connect me to Karen Miller"))
        assert "Karen Miller can't be reached by phone" in said and "Tom Baker" in said
        assert "What is your message" in " ".join(await call.say("leave a message for Karen Miller"))


async def test_a_department_without_anyone_takes_a_message(supabase: Supabase) -> None:
    await rows(
        supabase,
        "insert into departments (company_id, name) select company_id, 'Warehouse' from phone_numbers"
        " where number = '+12025550100' returning id",
    )
    async with text_call(supabase.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        said = " ".join(await call.say("connect me to the warehouse"))
        assert "Warehouse department" in said and "Would you like to leave a message" in said
        await call.say("yes")
        await call.say("the delivery is late")
        await call.say("Jane Doe")
        assert "passed your message on to the Warehouse department" in " ".join(await call.say("yes"))
