"""What callers leave behind: messages and wishes to be called back. Wednesday, 2026-03-04, 09:00 in New York."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from fieldline.errors import Refusal
from fieldline.store import LineStore
from tests.support.lines import Connection, TechnicianCall, ask, call_as, one, value, wait
from tests.support.reception import JANE, NORTHGATE, call_from, said
from tests.support.stacks import Supabase


@pytest.fixture
async def jane(sql: Connection) -> TechnicianCall:
    return await call_from(sql, JANE)


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


@pytest.mark.parametrize(("text", "code"), [("  ", "FL040"), ("x " * 60_000, "FL041")])
async def test_message_without_words_or_with_a_books_is_refused(jane: TechnicianCall, text: str, code: str) -> None:
    assert (await jane.refusal("take_message", text=text, caller_name="Jane")).code == code


async def test_of_a_message_of_twenty_minutes_the_beginning_is_kept_and_the_caller_hears_so(
    jane: TechnicianCall, sql: Connection
) -> None:
    words = {"text": "The gate is open. " + "and so on " * 1700, "caller_name": "Jane"}
    refusal = await jane.refusal("take_message", **words)
    assert refusal.facts["cut"] is True
    assert "longer than I can keep: I have the beginning, The gate is open" in said("confirm_message", refusal.facts)
    await jane.do("take_message", **words, confirmed=True)
    kept = await value(sql, "select message_text from messages")
    assert 1900 < len(kept) <= 2000 and kept.endswith(" …")


async def test_message_for_a_technician_goes_by_way_of_the_office(jane: TechnicianCall, sql: Connection) -> None:
    words = {"text": "The gate is open", "for_person": "Mike Jonson", "caller_name": "Jane"}
    refusal = await jane.refusal("take_message", **words)
    assert said("confirm_message", refusal.facts).startswith(
        "A message for Mike Johnson, by way of the office from Jane"
    )
    facts = await jane.do("take_message", **words, confirmed=True)
    assert said("take_message", facts) == "I've passed your message on to Mike Johnson, by way of the office."
    row = await one(sql, "select to_employee_id, to_department_id, message_text from messages")
    assert row == (None, None, "For Mike Johnson, technician:\nThe gate is open")


async def test_two_technicians_of_one_name_are_asked_about(jane: TechnicianCall, sql: Connection) -> None:
    await sql.execute(
        "insert into technicians (company_id, badge, name, phone)"
        " select company_id, '909', 'Mike Jansen', '+12025550909' from technicians"
        " where badge = '101' and name = 'Mike Johnson'"
    )
    refusal = await jane.refusal("take_message", text="Hello", for_person="Mike", caller_name="Jane")
    assert refusal.reason == "person_ambiguous" and len(refusal.facts["options"]) == 2


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


async def test_sound_of_a_wish_to_be_called_back_goes_with_it(jane: TechnicianCall, sql: Connection) -> None:
    wish = {"caller_name": "Jane", "reason": "the gay is open", "best_effort": True, "audio_path": "messages/1.wav"}
    await jane.do("request_callback", **wish, confirmed=True)
    assert await one(sql, "select kind, best_effort, audio_path from messages") == ("callback", True, "messages/1.wav")


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


async def test_the_same_message_sent_at_once_from_many_sides_is_kept_once(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as sql:
        jane = await call_from(sql, JANE)
        words = {"call_id": jane.call_id, "text": "Hello", "caller_name": "Jane", "confirmed": True}

        async def leave() -> bool:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as own:
                return (await ask(own, "take_message", {**words, "request_id": uuid.uuid4().hex}))["repeated"]

        assert sorted(await asyncio.gather(*(leave() for _ in range(5)))) == [False, True, True, True, True]
        assert await value(sql, "select count(*) from messages") == 1


async def test_the_whole_goes_through_the_api(supabase: Supabase) -> None:
    store = await LineStore.open(supabase.settings)
    call = (await store.call_open(room="call-1", from_number=JANE, to_number=NORTHGATE))["call_id"]
    assert (await store.company_facts(call_id=call, topic="address"))["address"] == "1200 Industrial Road, Washington"
    assert (await store.find_person(call_id=call, heard="Nena Patell"))["matches"][0]["name"] == "Nina Patel"
    with pytest.raises(Refusal) as refusal:
        await store.take_message(call_id=call, request_id="1", text="Hello", for_person="Nina", caller_name="Jane")
    assert refusal.value.reason == "confirm_message" and refusal.value.facts["for"] == "Nina Patel"
    words: dict[str, Any] = {"for_person": "Nina", "caller_name": "Jane", "number": "202 555 0177"}
    left = await store.take_message(
        call_id=call, request_id="2", text="Hello", urgent=True, confirmed=True, again=False, **words
    )
    assert left["number"] == "+12025550177"
    await store.request_callback(call_id=call, request_id="3", best_time="noon", confirmed=True, **words)
    claimed = (await store.claim_deliveries(worker="w"))["deliveries"]
    assert {delivery["channel"] for delivery in claimed} == {"sms", "email"} and len(claimed) == 4
    await store.aclose()
