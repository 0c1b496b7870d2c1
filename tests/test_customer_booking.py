"""What customers may ask and change: their own visits, and nobody else's. Wednesday, 2026-03-04, 09:00 in New "
"York."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.customers import CITY_BANK, FLATS, clear_calendar, customer, newcomer
from tests.support.lines import DEMO, Connection, TechnicianCall, one, value, wait
from tests.support.reception import JANE, call_from, said

TENTH = {"day": "2026-03-10", "time_of_day": "10:00"}


@pytest.fixture
async def flats(sql: Connection) -> TechnicianCall:
    """Apartment Complex, whose visit of today Mike has not set out for."""
    await clear_calendar(sql)
    return await customer(sql)


# Booking


async def test_visit_is_read_back_then_booked(flats: TechnicianCall, sql: Connection) -> None:
    wish = {"reason": "The lobby camera is dark.", "day": "tuesday", "time_of_day": "10:00"}
    refusal = await flats.refusal("book_visit", **wish)
    assert said("confirm_booking", refusal.facts) == (
        "The visit would be Tuesday, March tenth at ten o'clock, at 1200 River Road, Takoma Park, "
        "for this: The lobby camera is dark. Shall I book it?"
    )
    assert refusal.facts["pins"] == {"day": "2026-03-10", "time": "10:00"}
    facts = await flats.do("book_visit", **wish, confirmed=True)
    assert said("book_visit", facts).startswith("It's booked: Tuesday, March tenth at ten o'clock, with ")
    row = await one(
        sql,
        """select status, created_by_type, order_type, brief_description, ends_at - scheduled_for
        from work_orders where created_by_type = 'agent'""",
    )
    assert row == ("scheduled", "agent", "repair", "The lobby camera is dark.", timedelta(hours=2))


async def test_booking_that_is_repeated_is_one_visit(flats: TechnicianCall, sql: Connection) -> None:
    wish = {"reason": "a repair", **TENTH, "confirmed": True}
    first = await flats.do("book_visit", request_id="r", **wish)
    assert await flats.do("book_visit", request_id="r", **wish) == first
    assert (await flats.do("book_visit", **{**wish, "reason": "the repair"}))["repeated"] is True
    assert (await flats.do("book_visit", **wish, again=True))["repeated"] is False
    await wait(sql, timedelta(minutes=3))
    assert (await flats.refusal("book_visit", **{**wish, "confirmed": False})).reason == "confirm_booking"
    assert await value(sql, "select count(*) from work_orders where created_by_type = 'agent'") == 2


async def test_who_was_there_last_comes_again(sql: Connection) -> None:
    await clear_calendar(sql)
    bank = await customer(sql, CITY_BANK, "City Bank")
    last = (await bank.ask("last_visit"))["visit"]["technician"]
    facts = await bank.do("book_visit", reason="a repair", **TENTH, confirmed=True)
    assert facts["visit"]["technician"] == last


async def test_day_without_room_offers_other_times(sql: Connection) -> None:
    call = await customer(sql)
    refusal = await call.refusal("book_visit", reason="a repair", day="friday")
    assert refusal.reason == "no_slot" and refusal.facts["slots"]
    assert said("no_slot", refusal.facts) == (
        "There's nothing free on Friday, March sixth. I have Thursday, March twelfth at seven o'clock or Thursday, "
        "March twelfth at noon. Which one suits you?"
    )
    taken = await call.refusal("book_visit", reason="a repair", day="friday", time_of_day="10:00")
    assert taken.reason == "slot_taken"


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"day": "yesterday"}, "date_in_past"),
        ({"day": "today", "time_of_day": "08:00"}, "date_in_past"),
        ({"day": "2026-12-01"}, "day_too_far"),
        ({"day": "the day of the dog"}, "bad_date"),
        ({"day": "2026-02-30"}, "bad_date"),
        ({"day": "tuesday", "time_of_day": "later"}, "bad_date"),
        ({"day": "tuesday", "time_of_day": "20:00"}, "outside_hours"),
        ({"day": "sunday", "time_of_day": "12:00"}, "outside_hours"),
    ],
)
async def test_what_cannot_be_is_refused(flats: TechnicianCall, wish: dict[str, Any], reason: str) -> None:
    assert (await flats.refusal("book_visit", reason="a repair", **wish, confirmed=True)).reason == reason


async def test_reason_is_needed_and_kept_short(flats: TechnicianCall) -> None:
    assert (await flats.refusal("book_visit", reason=" ", **TENTH)).code == "FL040"
    assert (await flats.refusal("book_visit", reason="x" * 301, **TENTH)).code == "FL041"


async def test_orders_a_day_and_length_are_the_companys(flats: TechnicianCall, sql: Connection) -> None:
    await sql.execute(
        """update company_info set settings = settings || '{"visits_per_day": 1, "booking_slot_minutes": 60}'
        where company_id = %s""",
        [DEMO],
    )
    for n in range(4):
        await (await newcomer(sql, f"+1202555900{n}")).do("book_visit", reason="x", **TENTH, confirmed=True)
    assert (await flats.refusal("book_visit", reason="x", **TENTH)).reason == "slot_taken"
    each = await sql.execute(
        """select count(*), count(distinct assigned_technician_id), max(ends_at - scheduled_for)
        from work_orders where created_by_type = 'agent'"""
    )
    assert await each.fetchall() == [(4, 4, timedelta(hours=1))]


async def test_five_visits_ahead_are_enough_by_telephone(flats: TechnicianCall) -> None:
    for day in ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-14"):
        await flats.do("book_visit", reason="x", day=day, confirmed=True)
    assert (await flats.refusal("book_visit", reason="x", day="2026-03-16")).reason == "too_many_bookings"


async def test_times_are_the_companys_after_the_clock_change(flats: TechnicianCall) -> None:
    before = await flats.refusal("book_visit", reason="x", day="2026-03-07", time_of_day="10:00")
    after = await flats.refusal("book_visit", reason="x", day="2026-03-08", time_of_day="10:00")
    assert (before.facts["starts_at"], after.facts["starts_at"]) == ("2026-03-07T15:00:00Z", "2026-03-08T14:00:00Z")


async def test_free_times_are_told_to_anybody(sql: Connection) -> None:
    await clear_calendar(sql)
    jane = await call_from(sql, JANE)
    facts = await jane.ask("free_slots", day="friday", time_of_day="in the afternoon")
    assert said("free_slots", facts) == (
        "I have Friday, March sixth at noon, Monday, March ninth at noon, or Tuesday, March tenth at noon. "
        "Which one suits you?"
    )
    assert FLATS not in json.dumps(facts)
