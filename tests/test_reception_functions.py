"""What anybody who calls may ask and leave behind. Wednesday, 2026-03-04, 09:00 in New York."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from agent.speech import speech
from fieldline.errors import Refusal
from tests.support.lines import LINE_USER, Connection, TechnicianCall, ask, call_as, one, refused, value, wait

NORTHGATE, HARBOR = "+12025550100", "+12025550190"
JANE = "+12025550155"


async def call_from(sql: Connection, number: str | None, to: str = NORTHGATE) -> TechnicianCall:
    """A call from this number on which nobody has proved anything."""
    await sql.execute(
        "insert into auth.users (id, email) values (%s, 'line@x.test') on conflict do nothing", [LINE_USER]
    )
    await sql.execute("insert into line_accounts (user_id) values (%s) on conflict do nothing", [LINE_USER])
    opened = {"room": uuid.uuid4().hex, "from_number": number, "to_number": to}
    return TechnicianCall(sql, (await ask(sql, "call_open", opened))["call_id"], 0)


@pytest.fixture
async def jane(sql: Connection) -> TechnicianCall:
    return await call_from(sql, JANE)


def said(name: str, facts: dict[str, Any]) -> str:
    return speech("en").say(name, facts, "America/New_York")


async def test_caller_hears_the_hours(jane: TechnicianCall) -> None:
    facts = await jane.ask("company_facts", topic="opening hours")
    assert facts["open_now"] is True and facts["today"] == [["07:00", "16:00"]]
    assert said("company_facts", facts) == (
        "We're open now until four o'clock. Our hours are Monday to Friday seven o'clock to four o'clock "
        "and Saturday to Sunday seven o'clock to one o'clock."
    )


async def test_caller_after_hours_hears_when_it_opens_again(jane: TechnicianCall, sql: Connection) -> None:
    await wait(sql, timedelta(hours=8))
    facts = await jane.ask("company_facts", topic="are you open?")
    assert facts["open_now"] is False and facts["closes_at"] is None
    assert "closed right now. We open again Thursday, March fifth at seven o'clock" in said("company_facts", facts)


async def test_caller_hears_of_a_holiday(jane: TechnicianCall, sql: Connection) -> None:
    holidays = [{"date": "2026-03-04", "name": "Founders' Day"}, "2026-12-25", "2020-01-01"]
    await sql.execute(
        "update company_info set business_hours = jsonb_set(business_hours, '{holidays}', %s)", [json.dumps(holidays)]
    )
    facts = await jane.ask("company_facts", topic="hours")
    assert facts["open_now"] is False and facts["reason"] == "holiday" and facts["holiday"] == "Founders' Day"
    assert "closed right now for the holiday" in said("company_facts", facts)
    coming = await jane.ask("company_facts", topic="holidays")
    assert [holiday["date"] for holiday in coming["holidays"]] == ["2026-03-04", "2026-12-25"]
    assert "Wednesday, March fourth, Founders' Day; Friday, December twenty fifth" in said("company_facts", coming)


@pytest.mark.parametrize(
    ("topic", "heard"),
    [
        ("Where are you located?", "We're at 1200 Industrial Road, Washington."),
        ("services", "We offer security cameras, access control, alarm systems, and yearly maintenance."),
        ("the parking situation", "Visitors park behind the building, in the spaces marked Northgate."),
        (None, "I can tell you about hours, holidays, address, services, parking, payment, or quotes."),
    ],
)
async def test_caller_hears_what_the_company_tells(jane: TechnicianCall, topic: str | None, heard: str) -> None:
    assert said("company_facts", await jane.ask("company_facts", topic=topic)) == heard


async def test_what_the_company_does_not_tell_is_not_made_up(jane: TechnicianCall) -> None:
    refusal = await jane.no("company_facts", topic="the weather")
    assert refusal.code == "FL080" and "hours" in refusal.facts["topics"]


async def test_settings_that_callers_would_hear_are_checked(sql: Connection) -> None:
    for broken in (
        {"address": " "},
        {"services": "cameras"},
        {"facts": {"parking": 5}},
        {"facts": []},
        {"office_emails": ["nobody"]},
        {"office_numbers": ["555"]},
        {"office_emails": [None]},
    ):
        assert await value(sql, "select settings_problem(%s)", json.dumps(broken)) is not None, broken
    fine = {"address": "1 Road", "services": [], "facts": {"a": "b"}, "office_numbers": ["+12025550110"]}
    assert await value(sql, "select settings_problem(%s)", json.dumps(fine)) is None


async def test_caller_finds_a_person_and_hears_whether_they_are_there(jane: TechnicianCall) -> None:
    facts = await jane.ask("find_person", heard="Nena Patell")
    assert said("find_person", facts) == "Nina Patel is available. Shall I put you through?"
    busy = await jane.ask("find_person", heard="mister Hayes")
    assert said("find_person", busy) == "Robert Hayes is busy right now. Would you like to leave a message?"


async def test_caller_hears_when_a_person_is_back(jane: TechnicianCall, sql: Connection) -> None:
    await wait(sql, timedelta(hours=4))
    facts = await jane.ask("find_person", heard="Linda Torres")
    assert facts["matches"][0]["reachable"] is False and facts["matches"][0]["next_at"] == "2026-03-05T13:00:00Z"
    assert "can be reached Thursday, March fifth at eight o'clock" in said("find_person", facts)


async def test_two_people_of_one_name_are_asked_about(jane: TechnicianCall, sql: Connection) -> None:
    await sql.execute(
        "insert into employees (company_id, name, department_id)"
        " select company_id, 'Karen Mueller', id from departments where name = 'Sales'"
    )
    facts = await jane.ask("find_person", heard="Karen")
    assert said("find_person", facts) == "Which one do you mean: Karen Miller in Dispatch or Karen Mueller in Sales?"
    refusal = await jane.refusal("take_message", text="Call me", for_person="Karen", caller_name="Jane")
    assert refusal.code == "FL082" and len(refusal.facts["options"]) == 2
    narrowed = await jane.refusal(
        "take_message", text="Call me", for_person="Karen", department="sales", caller_name="Jane"
    )
    assert narrowed.reason == "confirm_message" and narrowed.facts["for"] == "Karen Mueller"


async def test_an_unlike_name_is_asked_about_and_not_put_through(jane: TechnicianCall) -> None:
    facts = await jane.ask("find_person", heard="Gregory Patel")
    assert facts["matches"][0]["sure"] is False
    assert said("find_person", facts) == "Do you mean Nina Patel in Support?"


async def test_an_employee_who_calls_finds_himself(sql: Connection) -> None:
    tom = await call_from(sql, "+12025550111")
    assert (await tom.ask("find_person", heard="Tom Baker"))["matches"][0]["you"] is True


@pytest.mark.parametrize("heard", ["", "x" * 201, "'; drop table employees; --", "%_%", "🙂", "the of in", "(((("])
async def test_what_nobody_is_called_is_refused(jane: TechnicianCall, heard: str) -> None:
    assert (await jane.no("find_person", heard=heard)).code in {"FL040", "FL041", "FL081"}


async def test_message_is_read_back_then_kept(jane: TechnicianCall, sql: Connection) -> None:
    words = {"text": "The gate is open.", "for_person": "Karen Miller"}
    assert (await jane.refusal("take_message", **words)).reason == "name_missing"
    refusal = await jane.refusal("take_message", **words, caller_name="Jane Doe")
    assert refusal.reason == "confirm_message"
    assert said("confirm_message", refusal.facts) == (
        "A message for Karen Miller from Jane Doe, at two zero two, five five five, zero one five five: "
        "The gate is open. Is that right?"
    )
    assert await value(sql, "select count(*) from messages") == 0
    facts = await jane.do("take_message", **words, caller_name="Jane Doe", confirmed=True)
    assert said("take_message", facts) == "I've passed your message on to Karen Miller."
    row = await one(
        sql, "select from_caller, caller_number, status, kind, urgent, to_employee_id is null from messages"
    )
    assert row == ("Jane Doe", JANE, "pending", "message", False, False)
    assert await value(sql, "select count(*) from deliveries") == 2


async def test_message_that_is_repeated_is_one_message(jane: TechnicianCall, sql: Connection) -> None:
    words = {"text": "The gate is open.", "caller_name": "Jane Doe", "department": "billing"}
    first = await jane.do("take_message", request_id="r", **words, confirmed=True)
    assert await jane.do("take_message", request_id="r", **words, confirmed=True) == first
    assert (await jane.do("take_message", **{**words, "text": "the gate is OPEN"}))["repeated"] is True
    await jane.do("take_message", **words, confirmed=True, again=True)
    await wait(sql, timedelta(minutes=3))
    assert (await jane.refusal("take_message", **words)).reason == "confirm_message"
    assert await value(sql, "select count(*) from messages") == 2


async def test_known_caller_is_not_asked_for_a_name(sql: Connection) -> None:
    number, name = await one(sql, "select phone, name from customers where phone is not null order by id limit 1")
    customer = await call_from(sql, number)
    facts = await customer.do("take_message", text="Hello", confirmed=True)
    assert facts["caller_name"] == name and facts["number"] == number and facts["for"] is None
    assert said("take_message", facts) == "I've passed your message on to the office."


@pytest.mark.parametrize(
    ("said_number", "kept"),
    [
        ("(202) 555-0177", "+12025550177"),
        ("1 202 555 0177", "+12025550177"),
        ("+44 20 7946 0958", "+442079460958"),
        ("none", None),
    ],
)
async def test_another_number_is_taken_as_it_was_said(jane: TechnicianCall, said_number: str, kept: str | None) -> None:
    facts = await jane.do("take_message", text="Hello", caller_name="Jane", number=said_number, confirmed=True)
    assert facts["number"] == kept


@pytest.mark.parametrize("number", ["five five five", "911", "12345", "+1202555017700000000"])
async def test_number_that_is_none_is_asked_for_again(jane: TechnicianCall, number: str) -> None:
    refusal = await jane.refusal("take_message", text="Hello", caller_name="Jane", number=number, confirmed=True)
    assert refusal.code == "FL085" and refusal.facts["heard"] == number


async def test_caller_who_withholds_the_number_is_asked_for_one(sql: Connection) -> None:
    hidden = await call_from(sql, None)
    refusal = await hidden.refusal("request_callback", caller_name="X", confirmed=True)
    assert refusal.code == "FL085" and refusal.facts["heard"] is None
    assert (await hidden.refusal("request_callback", caller_name="X", number="none", confirmed=True)).code == "FL085"
    assert (await hidden.do("take_message", text="Hi", caller_name="X", number="none", confirmed=True))[
        "number"
    ] is None


@pytest.mark.parametrize(("text", "code"), [("  ", "FL040"), ("word " * 500, "FL041")])
async def test_message_without_or_with_too_many_words_is_refused(jane: TechnicianCall, text: str, code: str) -> None:
    assert (await jane.refusal("take_message", text=text, caller_name="Jane")).code == code


async def test_call_back_is_asked_of_a_department(jane: TechnicianCall, sql: Connection) -> None:
    wish = {"department": "billing", "caller_name": "Jane", "reason": "An invoice", "best_time": "after four"}
    refusal = await jane.refusal("request_callback", **wish)
    assert said("confirm_callback", refusal.facts).startswith(
        "The Billing department will be asked to call Jane back, at two"
    )
    await jane.do("request_callback", **wish, confirmed=True)
    assert await one(sql, "select kind, message_text from messages") == (
        "callback",
        "An invoice\nBest time: after four",
    )


async def test_message_for_the_evening_waits_unless_it_is_urgent(jane: TechnicianCall, sql: Connection) -> None:
    await wait(sql, timedelta(hours=10))
    words = {"text": "Water on the floor", "for_person": "Karen Miller", "caller_name": "Jane", "confirmed": True}
    facts = await jane.do("take_message", **words)
    assert facts["goes_out_at"] == "2026-03-05T12:00:00Z"
    assert said("take_message", facts).endswith("It goes out Thursday, March fifth at seven o'clock.")
    assert (await jane.do("take_message", **words, urgent=True))["goes_out_at"] is None


async def test_a_flood_of_messages_is_stopped(jane: TechnicianCall, sql: Connection) -> None:
    for n in range(10):
        await jane.do("take_message", text=f"Number {n}", caller_name="Jane", confirmed=True)
    assert (await jane.refusal("take_message", text="One more", caller_name="Jane", confirmed=True)).code == "FL088"
    other = await call_from(sql, "+12025550156")
    await other.do("take_message", text="Mine", caller_name="Joe", confirmed=True)
    for _ in range(2):
        again = await call_from(sql, JANE)
        for n in range(10):
            await again.do("take_message", text=f"Number {n}", caller_name="Jane", confirmed=True)
    last = await call_from(sql, JANE)
    assert (await last.refusal("take_message", text="One more", caller_name="Jane", confirmed=True)).code == "FL088"


async def test_technician_may_leave_a_message_too(sql: Connection) -> None:
    mike = await call_as(sql, "101")
    facts = await mike.do("take_message", text="Truck needs a tyre", for_person="Karen", confirmed=True)
    assert facts["caller_name"] == "Mike Johnson" and facts["number"] == "+12025550101"


async def test_the_other_companys_people_are_not_found(sql: Connection) -> None:
    elsewhere = await call_from(sql, JANE, HARBOR)
    assert (await elsewhere.no("find_person", heard="Karen Miller")).code == "FL081"
    assert (await refused(elsewhere.do("take_message", text="x", for_person="Karen Miller"))).code == "FL081"


async def test_the_same_message_sent_at_once_from_many_sides_is_kept_once(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as sql:
        jane = await call_from(sql, JANE)
        words = {"call_id": jane.call_id, "text": "Hello", "caller_name": "Jane", "confirmed": True}

        async def leave() -> bool:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as own:
                return (await ask(own, "take_message", {**words, "request_id": uuid.uuid4().hex}))["repeated"]

        assert sorted(await asyncio.gather(*(leave() for _ in range(5)))) == [False, True, True, True, True]
        assert await value(sql, "select count(*) from messages") == 1


async def test_a_closed_call_asks_nothing_more(jane: TechnicianCall, sql: Connection) -> None:
    await ask(sql, "call_close", {"call_id": jane.call_id, "status": "completed", "end_reason": "caller_hung_up"})
    with pytest.raises(Refusal) as refusal:
        await jane.ask("find_person", heard="Karen")
    assert refusal.value.code == "FL003"
