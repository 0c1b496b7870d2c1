"""Customers who book at the same instant, with each other and with technicians: forty connections, committed rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fieldline.errors import Refusal
from tests.support.customers import clear_calendar, customer, newcomer
from tests.support.lines import DEMO, MIKE, Connection, TechnicianCall, call_as, one
from tests.test_technician_races import AT_ONCE, at_once, count, prepared, together

TENTH = {"day": "2026-03-10", "time": "10:00"}
BOOKING = {"reason": "a repair", "day": "2026-03-10", "time_of_day": "10:00", "confirmed": True}
#: Pairs of orders of one technician that lie over each other.
OVERLAPS = f"""select count(*) from work_orders a join work_orders b
    on b.assigned_technician_id = a.assigned_technician_id and b.id > a.id
    where a.company_id = '{DEMO}' and a.status <> 'cancelled' and b.status <> 'cancelled'
      and a.scheduled_for < b.ends_at and b.scheduled_for < a.ends_at"""
#: The most orders that a technician has on a day of those that are booked in these tests.
FULLEST = f"""select max(n) from (
    select count(*) as n from work_orders where company_id = '{DEMO}' and status <> 'cancelled'
      and scheduled_for > '2026-03-05' group by assigned_technician_id,
      (scheduled_for at time zone 'America/New_York')::date) d"""


async def customers(url: str, how_many: int) -> list[TechnicianCall]:
    """Calls of so many new customers, on a calendar with room in it."""

    async def work(sql: Connection) -> list[TechnicianCall]:
        await clear_calendar(sql)
        return [await newcomer(sql, f"+1303555{1000 + n}", f"Customer {n}") for n in range(how_many)]

    return await prepared(url, work)


def outcomes(answers: list[Any]) -> Counter[str]:
    return Counter(answer.reason if isinstance(answer, Refusal) else "booked" for answer in answers)


async def test_of_forty_who_want_one_time_as_many_get_it_as_there_are_technicians(database: str) -> None:
    calls = await customers(database, AT_ONCE)
    answers = await together(database, calls, "book_visit", **BOOKING)
    assert outcomes(answers) == {"booked": 4, "slot_taken": AT_ONCE - 4}
    taken = """select count(distinct assigned_technician_id), count(distinct number) from work_orders
        where created_by_type = 'agent'"""
    assert await prepared(database, lambda sql: one(sql, taken)) == (4, 4)
    assert await count(database, OVERLAPS) == 0


async def test_a_day_has_room_for_two_orders_of_each_technician(database: str) -> None:
    calls = await customers(database, AT_ONCE)
    answers = await together(database, calls, "book_visit", reason="a repair", day="2026-03-10", confirmed=True)
    assert outcomes(answers) == {"booked": 8, "no_slot": AT_ONCE - 8}
    assert await count(database, OVERLAPS) == 0
    assert await count(database, FULLEST) == 2


async def test_forty_next_free_times_are_forty_visits_without_overlap(database: str) -> None:
    calls = await customers(database, AT_ONCE)
    answers = await together(database, calls, "book_visit", reason="a repair", confirmed=True)
    assert outcomes(answers) == {"booked": AT_ONCE}
    assert await count(database, OVERLAPS) == 0
    assert await count(database, FULLEST) == 2


async def test_bookings_moves_and_follow_ups_at_once_respect_each_other(database: str) -> None:
    """Ten move their visit to where twenty others book, while four technicians book their follow-ups there."""
    calls = await customers(database, 30)
    movers, bookers = calls[:10], calls[10:]

    async def stage(sql: Connection) -> list[TechnicianCall]:
        for n, mover in enumerate(movers):
            late = {"reason": "a repair", "day": f"2026-03-{20 + n // 8}", "confirmed": True}
            await TechnicianCall(sql, mover.call_id, 0).do("book_visit", **late)
        return [await call_as(sql, badge) for badge in ("101", "102", "103", "104")]

    technicians = await prepared(database, stage)
    numbers = {"101": 1057, "102": 1059, "103": 1061, "104": 1063}
    asked = [
        *((call, "move_visit", {"day": "2026-03-10", "time_of_day": "10:00", "confirmed": True}) for call in movers),
        *((call, "book_visit", BOOKING) for call in bookers),
        *(
            (call, "book_follow_up", {"day": "2026-03-10", "time_of_day": "10:30", "number": number})
            for call, number in zip(technicians, numbers.values(), strict=True)
        ),
    ]
    answers = await at_once(database, asked)
    reasons = outcomes(answers)
    assert set(reasons) <= {"booked", "slot_taken", "time_taken", "day_full"}, reasons
    assert reasons["booked"] == 4, reasons
    assert await count(database, OVERLAPS) == 0
    on_the_day = """select count(*) from work_orders where status = 'scheduled'
        and (scheduled_for at time zone 'America/New_York')::date = '2026-03-10'"""
    assert await count(database, on_the_day) == 4


async def test_forty_repeats_of_a_booking_are_one_visit(database: str) -> None:
    [call] = await customers(database, 1)
    answers = await together(database, [call] * AT_ONCE, "book_visit", **BOOKING)
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * (AT_ONCE - 1)
    assert await count(database, "select count(*) from work_orders where created_by_type = 'agent'") == 1


async def test_forty_retries_of_one_request_are_one_visit(database: str) -> None:
    [call] = await customers(database, 1)
    answers = await together(database, [call] * AT_ONCE, "book_visit", **BOOKING, request_id="same", again=True)
    assert all(answer == answers[0] for answer in answers)
    assert await count(database, "select count(*) from work_orders where created_by_type = 'agent'") == 1


async def test_forty_registrations_on_one_call_are_one_customer(database: str) -> None:
    async def call(sql: Connection) -> TechnicianCall:
        return await newcomer(sql, "+13035550001")

    jane = await prepared(database, call)
    answers = await together(
        database, [jane] * AT_ONCE, "register_customer", name="Jane Doe", address="14 Elm Street", confirmed=True
    )
    assert all(answer["already"] for answer in answers)
    assert await count(database, "select count(*) from customers where name = 'Jane Doe'") == 1


async def test_a_visit_is_cancelled_once_while_its_technician_sets_out(database: str) -> None:
    async def stage(sql: Connection) -> tuple[TechnicianCall, TechnicianCall]:
        await clear_calendar(sql)
        mike = await call_as(sql, MIKE)
        await mike.do("clock_in", truck=201)
        return await customer(sql), mike

    flats, mike = await prepared(database, stage)
    cancel = (flats, "cancel_visit", {"visit": "1057", "reason": "no", "confirmed": True})
    answers = await at_once(database, [cancel, (mike, "arrive", {"number": 1057})])
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 1, answers
