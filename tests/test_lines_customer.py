"""Text calls to the customer's line: the real agent, rules and database, without sound. 2026-03-04, 09:00."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from agent.chat import TextCall, text_call
from agent.lines import CustomerLine, NewcomerLine
from tests.support.calls import COMPANY, MIKE, STRANGER, rows
from tests.support.customers import CITY_BANK, FLATS, clear_calendar
from tests.support.stacks import Supabase


@asynccontextmanager
async def calling(supabase: Supabase, number: str | None, *said: str) -> AsyncIterator[TextCall]:
    """A call that has heard the greeting and said these things."""
    async with text_call(supabase.settings, from_number=number, to_number=COMPANY) as call:
        await call.answer()
        for words in said:
            await call.say(words)
        yield call


async def say(call: TextCall, words: str) -> str:
    return " ".join(await call.say(words))


@pytest.fixture
async def room(supabase: Supabase) -> Supabase:
    """A database whose technicians have time from tomorrow on."""
    async with await psycopg.AsyncConnection.connect(supabase.database_url) as owner:
        await clear_calendar(owner)
    return supabase


# Who is calling


async def test_known_number_is_served_as_a_customer_without_being_named(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=CITY_BANK, to_number=COMPANY) as call:
        said = " ".join(await call.answer())
        assert isinstance(call.call.session and call.call.session.current_agent, CustomerLine)
    assert "automated assistant" in said and "when your technician is coming" in said
    assert "City Bank" not in said


async def test_who_is_asked_for_the_name_gets_the_answer_with_it(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        asked = await say(call, "where is my technician")
        assert "what name is your account under" in asked and "David" not in asked
        said = await say(call, "City Bank")
    assert "I have you as City Bank." in said and "today at two o'clock, with David Chen" in said


async def test_forged_name_hears_nothing_and_is_offered_a_message(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK, "when is my technician coming") as call:
        for name in ("Medical Center", "School District"):
            assert "doesn't fit" in await say(call, name)
        assert "leave a message for the office" in await say(call, "Office Complex")
        assert "What is your message" in await say(call, "yes please")
    spoken = await rows(supabase, "select content from voice_agent_interactions where interaction_type = 'agent'")
    assert not any("two o'clock" in content or "David" in content for (content,) in spoken)


async def test_other_wish_instead_of_a_name_is_heard(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK, "when is my technician coming") as call:
        assert "We're open now" in await say(call, "what are your hours")
        assert await rows(supabase, "select count(*) from customer_checks") == [(0,)]


async def test_technician_on_a_customers_phone_is_let_in(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        assert "badge number" in await say(call, "I'm one of your technicians")
        assert "Thanks, Alex" in " ".join(await call.keys("104#2040#"))


async def test_customer_who_touched_a_key_comes_back_to_the_customers_line(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        await call.keys("5")
        said = await say(call, "I'm a customer, I have no badge")
        assert "I can help you with a visit" in said
        assert isinstance(call.call.session and call.call.session.current_agent, CustomerLine)


async def test_zero_is_a_person(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        said = " ".join(await call.keys("0"))
    assert "connect" in said and "leave a message" in said


async def test_company_facts_and_messages_are_there_too(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        assert "1200 Industrial Road" in await say(call, "where are you located")
        assert "What is your message" in await say(call, "leave a message for Karen Miller")
        said = await say(call, "please send the invoice again")
    assert "A message for Karen Miller from City Bank" in said


# Visits


async def test_technician_on_the_road_is_seen_by_the_customer(supabase: Supabase) -> None:
    async with text_call(supabase.settings, from_number=MIKE, to_number=COMPANY) as mike:
        await mike.answer()
        await mike.keys("101#2010#")
        await mike.say("clock me in on truck two oh one")
        await mike.say("I'm on my way")
        async with calling(supabase, FLATS, "where is my technician") as call:
            assert "Mike Johnson is on the way to you and left at nine" in await say(call, "apartment complex")
            await mike.say("I've arrived")
            assert "is with you now" in await say(call, "is he here yet")
            assert "can't change that visit" in await say(call, "cancel today's visit because we are out")


async def test_visit_is_booked_after_the_read_back(room: Supabase) -> None:
    async with calling(room, FLATS, "I need to book a repair", "apartment complex") as call:
        assert "Friday, March sixth at noon" in await say(call, "no, Friday afternoon would be better")
        assert await rows(room, "select count(*) from work_orders where created_by_type = 'agent'") == [(0,)]
        assert "It's booked: Friday, March sixth at noon" in await say(call, "yes please")
    [(at, reason)] = await rows(
        room,
        "select scheduled_for at time zone 'America/New_York', brief_description from work_orders"
        " where created_by_type = 'agent'",
    )
    assert (f"{at:%m-%d %H:%M}", reason) == ("03-06 12:00", "a repair")


async def test_yes_books_what_was_read_back_even_if_an_earlier_time_is_free_by_then(room: Supabase) -> None:
    async with calling(room, FLATS, "book a visit for Thursday because a camera is dark") as call:
        assert "Thursday, March fifth at seven" in await say(call, "apartment complex")
        async with await psycopg.AsyncConnection.connect(room.database_url) as owner:
            await owner.execute(
                """update company_info set business_hours = business_hours || '{"thu": [["06:00", "16:00"]]}'"""
            )
        assert "Thursday, March fifth at seven" in await say(call, "yes")


async def test_free_times_are_offered_and_one_is_chosen(room: Supabase) -> None:
    async with calling(room, FLATS, "where is my technician", "apartment complex") as call:
        assert "Which one suits you" in await say(call, "what times do you have on Friday")
        assert "What is the visit for" in await say(call, "the second one")
        said = await say(call, "the gate is stuck")
    assert "Friday, March sixth at noon" in said and "the gate is stuck" in said


async def test_visit_is_moved_and_cancelled(room: Supabase) -> None:
    async with calling(room, FLATS, "where is my technician", "apartment complex") as call:
        assert "to Thursday, March fifth at seven" in await say(call, "can we do Thursday morning instead")
        assert "Mike Johnson comes Thursday, March fifth" in await say(call, "yes")
        assert "May I ask why" in await say(call, "cancel my appointment")
        assert "we fixed it ourselves. Is that right?" in await say(call, "we fixed it ourselves")
        assert "is cancelled" in await say(call, "yes")
    assert await rows(
        room, "select status, cancel_reason from work_orders where number = 1057 and cancel_reason is not null"
    ) == [("cancelled", "The customer, by telephone: we fixed it ourselves")]


async def test_no_leaves_everything_as_it_is(room: Supabase) -> None:
    async with calling(room, FLATS, "cancel my appointment", "no reason", "apartment complex") as call:
        assert "left it as it is" in await say(call, "no")
    assert await rows(room, "select status from work_orders where number = 1057 and title like 'New camera%'") == [
        ("pending",)
    ]


async def test_word_for_the_technician_is_noted(supabase: Supabase) -> None:
    async with calling(supabase, FLATS, "tell him to use the back gate") as call:
        assert "I've noted it for Mike Johnson: use the back gate" in await say(call, "apartment complex")
    assert await rows(supabase, "select note_text from work_order_notes where from_customer") == [
        ("use the back gate",)
    ]


# Newcomers


async def test_stranger_becomes_a_customer_and_books(room: Supabase) -> None:
    async with text_call(room.settings, from_number=STRANGER, to_number=COMPANY) as call:
        await call.answer()
        assert isinstance(call.call.session and call.call.session.current_agent, NewcomerLine)
        assert "What is your name" in await say(call, "my front door camera is broken")
        assert "house number" in await say(call, "Jane Doe")
        assert "Is that right" in await say(call, "14 Elm Street in Arlington")
        said = await say(call, "yes")
        assert "in our books now" in said and "my front door camera is broken" in said
        assert "It's booked" in await say(call, "yes")
    assert await rows(
        room,
        "select c.name, c.phone, w.brief_description from work_orders w join customers c on c.id = w.customer_id"
        " where w.created_by_type = 'agent'",
    ) == [("Jane Doe", STRANGER, "my front door camera is broken")]
    assert await rows(room, "select line, caller_name from call_logs") == [("customer", "Jane Doe")]


async def test_stranger_who_asks_for_a_technician_hears_of_nobodys_visits(supabase: Supabase) -> None:
    async with calling(supabase, STRANGER) as call:
        said = await say(call, "when is my technician coming")
    assert "I don't know this number" in said and "new customer" in said


async def test_withheld_number_is_asked_for_and_read_back(room: Supabase) -> None:
    async with calling(room, None, "I need to book a repair", "Jane Doe") as call:
        assert "Which number" in await say(call, "14 Elm Street in Arlington")
        said = await say(call, "two oh two five five five oh one six six")
        assert "zero one six six" in said and "Is that right" in said
        assert "in our books now" in await say(call, "yes")
    assert await rows(room, "select phone from customers where name = 'Jane Doe'") == [("+12025550166",)]


async def test_going_in_circles_ends(supabase: Supabase) -> None:
    async with calling(supabase, CITY_BANK) as call:
        for _ in range(12):
            if call.call.ended.is_set():
                break
            await say(call, "when is my technician coming")
        assert call.call.ended.is_set()
