"""What customers may ask and change: their own visits, and nobody else's. Wednesday, 2026-03-04, 09:00 in New "
"York."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fieldline.customer_functions import CustomerFunctions
from tests.support.customers import CITY_BANK, clear_calendar, customer, newcomer
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
    await sql.execute("select set_clock('2026-03-04 09:00 America/New_York')")
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
