"""A clock-in on the wrong truck is put right: the time worked stays one record, and what it said is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.support.lines import MIKE, Connection, TechnicianCall, call_as, one, value, wait
from tests.test_technician_races import AT_ONCE, at_once, count, prepared, together


@pytest.fixture
async def mike(sql: Connection) -> TechnicianCall:
    call = await call_as(sql, MIKE)
    await call.do("clock_in", truck=201)
    return call


async def records(sql: Connection) -> Any:
    """Trucks of Mike's clock records of today, in their order."""
    query = """select array_agg(t.number order by r.id) from technician_clock_records r
        join trucks t on t.id = r.truck_id join technicians m on m.id = r.technician_id
        where m.name = 'Mike Johnson' and r.clock_in_time > fieldline_now() - interval '12 hours'"""
    return await value(sql, query)


async def corrected(sql: Connection) -> int:
    return await value(sql, "select count(*) from clock_corrections")


async def test_record_gets_the_right_truck_and_keeps_its_time(mike: TechnicianCall, sql: Connection) -> None:
    since = (await mike.ask("my_status"))["since"]
    await wait(sql, timedelta(minutes=5))
    facts = await mike.do("clock_in", truck=204, instead_of=201)
    assert (facts["truck"], facts["instead_of"], facts["already"], facts["since"]) == (204, 201, False, since)
    assert await records(sql) == [204]
    query = """select a.number, b.number, c.call_id::text from clock_corrections c
        join trucks a on a.id = c.from_truck_id join trucks b on b.id = c.to_truck_id"""
    assert await one(sql, query) == (201, 204, mike.call_id)


async def test_correction_is_made_once_however_often_it_is_said(mike: TechnicianCall, sql: Connection) -> None:
    change: dict[str, Any] = {"truck": 204, "instead_of": 201}
    first = await mike.do("clock_in", request_id="same", **change)
    assert await mike.do("clock_in", request_id="same", **change) == first
    assert (await mike.do("clock_in", **change))["already"] is True
    assert await records(sql) == [204] and await corrected(sql) == 1


async def test_another_truck_alone_changes_nothing_and_is_offered(mike: TechnicianCall, sql: Connection) -> None:
    assert (await mike.refusal("clock_in", truck=204)).facts["change_to"] == 204
    # Somebody else is on 202; nothing to offer.
    assert (await mike.refusal("clock_in", truck=202)).facts["change_to"] is None
    assert await records(sql) == [201] and await corrected(sql) == 0


async def test_somebody_elses_truck_is_not_taken_by_a_correction(mike: TechnicianCall, sql: Connection) -> None:
    refusal = await mike.refusal("clock_in", truck=202, instead_of=201)
    assert refusal.reason == "truck_taken" and refusal.facts["by"] == "Sarah Williams"
    assert await records(sql) == [201] and await corrected(sql) == 0


async def test_correction_names_the_truck_that_is_wrong(mike: TechnicianCall, sql: Connection) -> None:
    refusal = await mike.refusal("clock_in", truck=204, instead_of=203)
    assert refusal.reason == "already_clocked_in" and refusal.facts["truck"] == 201
    assert await records(sql) == [201]


async def test_after_a_quarter_of_an_hour_the_clock_in_stands(mike: TechnicianCall, sql: Connection) -> None:
    await wait(sql, timedelta(minutes=15))
    assert (await mike.refusal("clock_in", truck=204)).facts["change_to"] is None
    refusal = await mike.refusal("clock_in", truck=204, instead_of=201)
    assert (refusal.code, refusal.facts["why"], refusal.facts["truck"]) == ("FL017", "late", 201)
    assert await records(sql) == [201]


async def test_a_truck_whose_parts_were_booked_stands_until_they_are_taken_back(
    mike: TechnicianCall, sql: Connection
) -> None:
    await mike.do("arrive", number=1057)
    await mike.do("use_part", part="rj45", quantity=3, number=1057)
    refusal = await mike.refusal("clock_in", truck=204, instead_of=201)
    assert (refusal.code, refusal.facts["why"]) == ("FL017", "parts")
    await mike.do("undo_last_entry", kind="part")
    assert (await mike.do("clock_in", truck=204, instead_of=201))["truck"] == 204


async def test_who_has_clocked_out_begins_a_new_record(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_out", confirmed=True)
    assert (await mike.do("clock_in", truck=204, instead_of=201))["already"] is False
    assert await records(sql) == [201, 204] and await corrected(sql) == 0


async def test_clock_out_that_was_not_meant_is_taken_back_on_the_same_call(
    mike: TechnicianCall, sql: Connection
) -> None:
    since = (await mike.ask("my_status"))["since"]
    await mike.do("start_travel", number=1057)
    await wait(sql, timedelta(minutes=5))
    await mike.do("clock_out", confirmed=True)
    await wait(sql, timedelta(minutes=1))
    facts = await mike.do("clock_in", request_id="back", truck=201)
    assert (facts["still"], facts["already"], facts["since"]) == (True, False, since)
    assert await mike.do("clock_in", request_id="back", truck=201) == facts
    assert (await mike.do("clock_in", truck=201))["already"] is True
    assert await records(sql) == [201] and await corrected(sql) == 1
    status = await mike.ask("my_status")
    assert status["clocked_in"] and status["travelling_to"]["number"] == 1057
    assert (await mike.do("clock_out", confirmed=True))["repeated"] is False


@pytest.mark.parametrize("why", ["another call", "late"])
async def test_clock_out_of_another_call_or_of_long_ago_stands(mike: TechnicianCall, sql: Connection, why: str) -> None:
    await mike.do("clock_out", confirmed=True)
    if why == "late":
        await wait(sql, timedelta(minutes=16))
    again = await call_as(sql, MIKE) if why == "another call" else mike
    assert "still" not in await again.do("clock_in", truck=201)
    assert await records(sql) == [201, 201] and await corrected(sql) == 0


async def test_clock_out_stands_when_somebody_else_has_the_truck_by_now(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_out", confirmed=True)
    lisa = await call_as(sql, "104")
    await lisa.do("clock_in", truck=201)
    assert (await mike.refusal("clock_in", truck=201)).reason == "truck_taken"
    assert await corrected(sql) == 0


async def begun(connection: Connection) -> TechnicianCall:
    call = await call_as(connection, MIKE)
    await call.do("clock_in", truck=201)
    # So that there is a third truck to be had.
    await connection.execute(
        """update technician_clock_records r set clock_out_time = clock_in_time + interval '1 minute'
        from trucks t where t.id = r.truck_id and t.number = 203 and r.clock_out_time is null"""
    )
    return call


async def test_forty_corrections_at_once_are_one(database: str) -> None:
    mike = await prepared(database, begun)
    answers = await together(database, [mike] * AT_ONCE, "clock_in", truck=204, instead_of=201)
    assert Counter(answer["already"] for answer in answers) == {False: 1, True: AT_ONCE - 1}
    assert await count(database, "select count(*) from clock_corrections") == 1


async def test_of_two_calls_that_correct_to_different_trucks_one_is_heard(database: str) -> None:
    first = await prepared(database, begun)
    second = await prepared(database, lambda connection: call_as(connection, MIKE))
    asked = [(call, "clock_in", {"truck": truck, "instead_of": 201}) for call, truck in ((first, 203), (second, 204))]
    answers = await at_once(database, asked)
    assert Counter(getattr(answer, "reason", "in") for answer in answers) == {"in": 1, "already_clocked_in": 1}
    assert await count(database, "select count(*) from clock_corrections") == 1
