"""What customers may ask and change: their own visits, and nobody else's. Wednesday, 2026-03-04, 09:00 in New "
"York."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fieldline.customer_functions import CustomerFunctions
from tests.support.customers import CITY_BANK, FLATS, clear_calendar, customer, newcomer
from tests.support.lines import DEMO, MIKE, Connection, TechnicianCall, call_as, one, value, wait
from tests.support.reception import HARBOR, JANE, call_from, said

TENTH = {"day": "2026-03-10", "time_of_day": "10:00"}


@pytest.fixture
async def flats(sql: Connection) -> TechnicianCall:
    """Apartment Complex, whose visit of today Mike has not set out for."""
    await clear_calendar(sql)
    return await customer(sql)


# Who is calling


async def test_store_has_a_method_for_every_function_of_the_customer(sql: Connection) -> None:
    found = await sql.execute(
        r"""select proname from pg_proc where pronamespace = 'public'::regnamespace
        and proname !~ '^_' and prosrc ~ '_line_customer\('"""
    )
    methods = {name for name in vars(CustomerFunctions) if not name.startswith("_")}
    open_to_all = {"confirm_customer", "register_customer", "free_slots"}
    assert {row[0] for row in await found.fetchall()} | open_to_all == methods


async def test_nothing_private_is_told_before_the_name_fits(sql: Connection) -> None:
    call = await call_from(sql, CITY_BANK)
    private = {
        "my_visits": {},
        "last_visit": {},
        "book_visit": {"request_id": "r", "reason": "a repair"},
        "move_visit": {"request_id": "r", "day": "friday"},
        "cancel_visit": {"request_id": "r", "reason": "no"},
        "visit_note": {"request_id": "r", "note": "hello"},
    }
    for function, arguments in private.items():
        refusal = await call.no(function, **arguments)
        assert (refusal.code, refusal.facts) == ("FL100", {}), function


@pytest.mark.parametrize("heard", ["City Bank", "sitty bank", "this is Tom from City Bank", "the city bank please"])
async def test_name_is_recognised_as_it_sounds(sql: Connection, heard: str) -> None:
    call = await call_from(sql, CITY_BANK)
    assert (await call.ask("confirm_customer", heard_name=heard))["confirmed"] is True


@pytest.mark.parametrize("heard", ["100 Main Street", "one hundred main", "a hundred main street in Washington"])
async def test_address_is_as_good_as_the_name(sql: Connection, heard: str) -> None:
    call = await call_from(sql, CITY_BANK)
    assert (await call.ask("confirm_customer", heard_address=heard))["confirmed"] is True


@pytest.mark.parametrize(
    "heard",
    [
        "Medical Center",
        "bank",
        "city",
        "Washington",
        "200 Main Street",
        "100",
        "%",
        "' or true --",
        "a b c d e f g h i j k l m n",
    ],
)
async def test_name_of_somebody_else_fits_nothing(sql: Connection, heard: str) -> None:
    call = await call_from(sql, CITY_BANK)
    facts = await call.ask("confirm_customer", heard_name=heard)
    assert facts == {"confirmed": False, "reason": "wrong", "tries_left": 2}
    assert (await call.no("my_visits")).code == "FL100"


async def test_of_two_customers_behind_one_number_the_name_decides(sql: Connection) -> None:
    await sql.execute(
        "insert into customers (company_id, name, address, phone) values (%s, 'Sun Cafe', '2 Dock Lane', %s)",
        [DEMO, CITY_BANK],
    )
    call = await call_from(sql, CITY_BANK)
    assert (await call.ask("confirm_customer", heard_name="sun café"))["name"] == "Sun Cafe"
    assert (await call.ask("my_visits"))["visits"] == []


async def test_wrong_names_are_counted_and_then_end_it(sql: Connection) -> None:
    call = await call_from(sql, CITY_BANK)
    answers = [await call.ask("confirm_customer", heard_name="Wrong Name") for _ in range(4)]
    assert [answer["reason"] for answer in answers] == ["wrong", "wrong", "locked", "locked"]
    assert (await call.ask("confirm_customer", heard_name="City Bank"))["confirmed"] is False
    assert (await call.no("my_visits")).code == "FL102"
    assert await value(sql, "select count(*) from notifications where notification_type = 'lockout'") == 1


async def test_strange_number_cannot_become_a_customer_by_name(sql: Connection) -> None:
    call = await call_from(sql, JANE)
    facts = await call.ask("confirm_customer", heard_name="City Bank", heard_address="100 Main Street, Washington")
    assert facts["reason"] == "unknown"
    assert (await call.no("my_visits")).code == "FL101"


async def test_customer_of_one_company_is_a_stranger_at_the_other(sql: Connection) -> None:
    call = await call_from(sql, CITY_BANK, HARBOR)
    assert (await call.ask("confirm_customer", heard_name="City Bank"))["reason"] == "unknown"
    assert (await call.no("last_visit")).code == "FL101"


async def test_technician_is_no_customer(sql: Connection) -> None:
    mike = await call_as(sql, MIKE)
    assert (await mike.no("my_visits")).code == "FL101"


# New customers


async def test_new_caller_becomes_a_customer_after_the_read_back(sql: Connection) -> None:
    await clear_calendar(sql)
    call = await call_from(sql, JANE)
    who = {"name": "Jane Doe", "address": "14 Elm Street, Arlington"}
    refusal = await call.refusal("register_customer", **who)
    assert said("confirm_registration", refusal.facts) == (
        "I have Jane Doe, 14 Elm Street, Arlington, and the number two zero two, five five five, zero one five five. "
        "Is that right?"
    )
    assert await value(sql, "select count(*) from customers where name = 'Jane Doe'") == 0
    await call.do("register_customer", **who, confirmed=True)
    assert (await call.do("register_customer", **who, confirmed=True))["already"] is True
    row = await one(sql, "select phone, is_new_customer, company_id::text from customers where name = 'Jane Doe'")
    assert row == (JANE, True, DEMO)
    facts = await call.do("book_visit", reason="the gate is stuck", **TENTH, confirmed=True)
    assert facts["visit"]["technician"]
    line = await one(sql, "select line, caller_name, customer_confirmed_at is not null from call_logs")
    assert line == ("customer", "Jane Doe", True)


async def test_registering_with_a_customers_number_opens_nothing_of_theirs(sql: Connection) -> None:
    call = await call_from(sql, None)
    thief = {"name": "City Bank", "address": "100 Main Street, Washington", "number": CITY_BANK}
    await call.do("register_customer", **thief, confirmed=True)
    assert (await call.ask("my_visits"))["visits"] == []
    assert (await call.ask("last_visit"))["visit"] is None
    bank = await call_from(sql, CITY_BANK)
    assert (await bank.ask("confirm_customer", heard_name="City Bank"))["confirmed"]
    assert (await bank.ask("last_visit"))["visit"]


async def test_withheld_number_is_asked_for(sql: Connection) -> None:
    call = await call_from(sql, None)
    refusal = await call.refusal("register_customer", name="Jane Doe", address="14 Elm Street")
    assert refusal.code == "FL085"


async def test_a_number_registers_three_customers_a_day(sql: Connection) -> None:
    for n in range(3):
        await newcomer(sql, JANE, f"Jane Doe {n}")
    call = await call_from(sql, JANE)
    refusal = await call.refusal("register_customer", name="Jane Doe 4", address="14 Elm Street", confirmed=True)
    assert refusal.reason == "too_many_bookings"


# Where is he


async def test_customer_hears_where_the_technician_is(flats: TechnicianCall, sql: Connection) -> None:
    waiting = await flats.ask("my_visits")
    assert said("my_visits", waiting) == (
        "Your visit was planned for today at eight o'clock, and Mike Johnson is not on the way yet. I'm sorry. "
        "Shall I ask the office to call you back?"
    )
    mike = await call_as(sql, MIKE)
    await mike.do("clock_in", truck=201)
    await mike.do("start_travel", number=1057)
    on_the_way = await flats.ask("my_visits")
    assert said("my_visits", on_the_way) == "Mike Johnson is on the way to you and left at nine o'clock."
    await wait(sql, timedelta(minutes=25))
    await mike.do("arrive")
    assert said("my_visits", await flats.ask("my_visits")) == (
        "Mike Johnson arrived at nine twenty five and is with you now."
    )
    await wait(sql, timedelta(minutes=90))
    await mike.do("complete_job", summary="Two cameras are up.", confirmed=True)
    assert said("my_visits", await flats.ask("my_visits")) == "Mike Johnson finished today at ten fifty five."
    last = said("last_visit", await flats.ask("last_visit"))
    assert last == "Mike Johnson was with you on Wednesday, March fourth. Two cameras are up."


async def test_drive_is_told_by_what_drives_took_and_only_then(sql: Connection) -> None:
    bank = await customer(sql, CITY_BANK, "City Bank")
    await sql.execute(
        """insert into travel_logs (company_id, work_order_id, technician_id)
        select company_id, id, assigned_technician_id from work_orders where company_id = %s and number = 1062""",
        [DEMO],
    )
    facts = await bank.ask("my_visits")
    visit = next(visit for visit in facts["visits"] if visit["number"] == 1062)
    assert (visit["state"], visit["usual_minutes"]) == ("on_the_way", 30)
    assert "The drive to you usually takes about thirty minutes." in said("my_visits", {**facts, "visits": [visit]})


async def test_that_he_is_elsewhere_does_not_tell_where(sql: Connection) -> None:
    bank = await customer(sql, CITY_BANK, "City Bank")
    facts = await bank.ask("my_visits")
    assert facts["visits"][0]["elsewhere"] is True
    assert "David Chen is still at another job." in said("my_visits", facts)
    others = await sql.execute("select name, address from customers where name <> 'City Bank'")
    assert not any(text in json.dumps(facts) for row in await others.fetchall() for text in row)


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
