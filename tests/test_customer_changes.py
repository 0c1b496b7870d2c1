"""A customer's visit put to another time, cancelled, or given a note. Wednesday, 2026-03-04, 09:00 in New York."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.customers import CITY_BANK, clear_calendar, customer
from tests.support.lines import DEMO, MIKE, Connection, TechnicianCall, call_as, one, value, wait
from tests.support.reception import said

TENTH = {"day": "2026-03-10", "time_of_day": "10:00"}


@pytest.fixture
async def flats(sql: Connection) -> TechnicianCall:
    """Apartment Complex, with a visit today (1057) and one that they booked for the tenth."""
    await clear_calendar(sql)
    call = await customer(sql)
    await call.do("book_visit", reason="a repair", **TENTH, confirmed=True)
    return call


async def booked(sql: Connection) -> tuple[object, ...]:
    return await one(
        sql,
        """select to_char(scheduled_for at time zone 'America/New_York', 'MM-DD HH24:MI'), status,
          ends_at - scheduled_for
        from work_orders where created_by_type = 'agent'""",
    )


async def test_move_is_read_back_then_done(flats: TechnicianCall, sql: Connection) -> None:
    wish = {"visit": "tuesday", "day": "thursday", "time_of_day": "morning"}
    refusal = await flats.refusal("move_visit", **wish)
    assert said("confirm_move", refusal.facts) == (
        "I'd move your visit from Tuesday, March tenth at ten o'clock to Thursday, March fifth at seven o'clock. "
        "Is that right?"
    )
    assert await booked(sql) == ("03-10 10:00", "scheduled", timedelta(hours=2))
    facts = await flats.do("move_visit", **wish, confirmed=True)
    assert said("move_visit", facts).endswith("comes Thursday, March fifth at seven o'clock.")
    assert await booked(sql) == ("03-05 07:00", "scheduled", timedelta(hours=2))


async def test_move_that_is_repeated_answers_already(flats: TechnicianCall) -> None:
    wish = {"day": "2026-03-11", "time_of_day": "09:00", "confirmed": True}
    first = await flats.do("move_visit", request_id="r", visit="tuesday", **wish)
    assert await flats.do("move_visit", request_id="r", visit="tuesday", **wish) == first
    again = await flats.do("move_visit", visit=str(first["visit"]["number"]), **wish)
    assert again["already"] is True


async def test_a_time_alone_stays_on_its_day(flats: TechnicianCall, sql: Connection) -> None:
    await flats.do("move_visit", visit="tuesday", time_of_day="afternoon", confirmed=True)
    assert (await booked(sql))[0] == "03-10 12:00"


async def test_move_into_its_own_time_is_no_double_booking(flats: TechnicianCall, sql: Connection) -> None:
    await flats.do("move_visit", visit="tuesday", time_of_day="10:30", confirmed=True)
    assert (await booked(sql))[0] == "03-10 10:30"


async def test_visit_of_today_becomes_a_scheduled_one(flats: TechnicianCall, sql: Connection) -> None:
    await flats.do("move_visit", visit="1057", day="thursday", confirmed=True)
    assert await value(sql, "select status from work_orders where company_id = %s and number = 1057", DEMO) == (
        "scheduled"
    )
    mike = await call_as(sql, MIKE)
    told = await mike.ask("read_notifications")
    assert any("1057 at Apartment Complex was moved" in note["message"] for note in told["notifications"])


async def test_of_several_visits_it_is_asked_which(flats: TechnicianCall) -> None:
    refusal = await flats.refusal("cancel_visit", reason="we sold it", confirmed=True)
    assert refusal.reason == "which_visit"
    assert said("which_visit", refusal.facts) == (
        "Which visit: Wednesday, March fourth at eight o'clock or Tuesday, March tenth at ten o'clock?"
    )


async def test_cancelling_is_read_back_and_keeps_the_reason(flats: TechnicianCall, sql: Connection) -> None:
    wish = {"visit": "tuesday", "reason": "we sold the house"}
    refusal = await flats.refusal("cancel_visit", **wish)
    assert said("confirm_cancellation", refusal.facts) == (
        "I'd cancel your visit of Tuesday, March tenth at ten o'clock, for this: we sold the house. Is that right?"
    )
    await flats.do("cancel_visit", **wish, confirmed=True)
    assert (await flats.do("cancel_visit", **wish, confirmed=True))["already"] is True
    row = await one(sql, "select status, cancel_reason from work_orders where created_by_type = 'agent'")
    assert row == ("cancelled", "The customer, by telephone: we sold the house")
    assert await value(sql, "select status from work_orders where company_id = %s and number = 1057", DEMO) == "pending"


@pytest.mark.parametrize("number", ["1062", "999999", "1"])
async def test_order_of_somebody_else_is_like_none(flats: TechnicianCall, number: str) -> None:
    for function, wish in (
        ("cancel_visit", {"reason": "no"}),
        ("move_visit", {"day": "friday"}),
    ):
        refusal = await flats.refusal(function, visit=number, **wish, confirmed=True)
        assert (refusal.code, refusal.facts) == ("FL104", {"heard": number})
    assert (await flats.refusal("visit_note", visit=number, note="hello")).code == "FL104"


async def test_who_is_on_the_road_is_not_turned_round(flats: TechnicianCall, sql: Connection) -> None:
    mike = await call_as(sql, MIKE)
    await mike.do("clock_in", truck=201)
    await mike.do("start_travel", number=1057)
    refusal = await flats.refusal("cancel_visit", visit="today", reason="no", confirmed=True)
    assert said("visit_underway", refusal.facts) == (
        "Mike Johnson is already on the way to you, so I can't change that visit. "
        "Shall I ask the office to call you back?"
    )
    assert (await flats.refusal("move_visit", visit="today", day="friday", confirmed=True)).code == "FL107"
    await mike.do("arrive")
    assert (await flats.refusal("move_visit", visit="1057", day="friday", confirmed=True)).code == "FL107"


async def test_past_visit_is_over(sql: Connection) -> None:
    bank = await customer(sql, CITY_BANK, "City Bank")
    number = (await bank.ask("last_visit"))["visit"]["number"]
    assert (await bank.refusal("cancel_visit", visit=str(number), reason="x", confirmed=True)).code == "FL116"


async def test_note_reaches_the_technician(flats: TechnicianCall, sql: Connection) -> None:
    facts = await flats.do("visit_note", note="Use the back gate.")
    assert said("visit_note", facts) == "I've noted it for Mike Johnson: Use the back gate."
    assert (await flats.do("visit_note", note="use the back gate"))["repeated"] is True
    assert (await flats.do("visit_note", note="use the back gate", again=True))["repeated"] is False
    mike = await call_as(sql, MIKE)
    notes = (await mike.ask("job_details", number=1057))["notes"]
    assert [(note["by"], note["text"]) for note in notes] == [
        ("the customer", "Use the back gate."),
        ("the customer", "use the back gate"),
    ]
    told = await mike.ask("read_notifications")
    assert any("Use the back gate." in note["message"] for note in told["notifications"])


async def test_customer_without_visits_can_note_nothing(flats: TechnicianCall, sql: Connection) -> None:
    await sql.execute(
        "update customers set phone = '+12025550188' where name = 'Office Complex'; "
        "update work_orders set customer_id = (select id from customers where name = 'City Bank') "
        "where customer_id = (select id from customers where name = 'Office Complex')"
    )
    call = await customer(sql, "+12025550188", "Office Complex")
    assert (await call.refusal("visit_note", note="hello")).reason == "no_visit"
    assert (await call.refusal("cancel_visit", reason="x")).reason == "no_visit"


async def test_overdue_visit_can_still_be_moved(flats: TechnicianCall, sql: Connection) -> None:
    await wait(sql, timedelta(days=2))
    facts = await flats.do("move_visit", visit="1057", day="monday", confirmed=True)
    assert facts["visit"]["local_date"] == "2026-03-09"
