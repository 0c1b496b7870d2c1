"""Technicians at the same instant: every rule that two callers could slip through together, on committed rows."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import psycopg

from fieldline.errors import Refusal
from tests.support.lines import DEMO, MIKE, SARAH, Connection, TechnicianCall, ask, call_as, value

AT_ONCE = 40
T = TypeVar("T")


async def at_once(url: str, asked: Sequence[tuple[TechnicianCall, str, dict[str, Any]]]) -> list[Any]:
    """Every call asks its function on a connection of its own, all at once; facts or refusals."""
    start = asyncio.Barrier(len(asked))

    async def one_of(call: TechnicianCall, function: str, arguments: dict[str, Any]) -> Any:
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await start.wait()
            given = {"call_id": call.call_id, "request_id": uuid.uuid4().hex, **arguments}
            try:
                return await ask(connection, function, given)
            except Refusal as refusal:
                return refusal

    return await asyncio.gather(*(one_of(*question) for question in asked))


async def together(url: str, calls: Sequence[TechnicianCall], function: str, **arguments: Any) -> list[Any]:
    """All calls ask the same."""
    return await at_once(url, [(call, function, arguments) for call in calls])


async def prepared(url: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Committed before the race begins."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await work(connection)


async def at_work(url: str, badge: str, truck: int, number: int) -> TechnicianCall:
    async def work(connection: Connection) -> TechnicianCall:
        call = await call_as(connection, badge)
        await call.do("clock_in", truck=truck)
        await call.do("arrive", number=number)
        return call

    return await prepared(url, work)


async def count(url: str, query: str) -> Any:
    return await prepared(url, lambda connection: value(connection, query))


async def test_of_forty_technicians_one_gets_the_truck(database: str) -> None:
    async def crew(connection: Connection) -> list[TechnicianCall]:
        await connection.execute(
            """insert into technicians (company_id, badge, name, phone)
            select %s, 500 + n, 'Technician ' || n, '+1202555' || 1000 + n from generate_series(1, %s) n""",
            [DEMO, AT_ONCE],
        )
        return [await call_as(connection, str(500 + n)) for n in range(1, AT_ONCE + 1)]

    answers = await together(database, await prepared(database, crew), "clock_in", truck=204)
    assert Counter(getattr(answer, "reason", "in") for answer in answers) == {"in": 1, "truck_taken": AT_ONCE - 1}
    open_records = """select count(*) from technician_clock_records r join trucks t on t.id = r.truck_id
        where t.number = 204 and r.clock_out_time is null"""
    assert await count(database, open_records) == 1


async def test_one_technician_clocking_in_forty_times_is_in_once(database: str) -> None:
    mike = await prepared(database, lambda connection: call_as(connection, MIKE))
    answers = await together(database, [mike] * AT_ONCE, "clock_in", truck=201)
    assert sorted(answer["already"] for answer in answers) == [False] + [True] * (AT_ONCE - 1)


async def test_one_technician_on_two_calls_gets_one_of_two_trucks(database: str) -> None:
    calls = [await prepared(database, lambda connection: call_as(connection, MIKE)) for _ in range(2)]
    answers = await at_once(database, [(calls[0], "clock_in", {"truck": 201}), (calls[1], "clock_in", {"truck": 204})])
    assert Counter(getattr(answer, "reason", "in") for answer in answers) == {"in": 1, "already_clocked_in": 1}


async def test_two_technicians_cannot_use_the_same_last_part(database: str) -> None:
    """Two calls of one truck's technician stand for two hands in one box: five cameras, three each."""
    mike = await at_work(database, MIKE, 201, 1057)
    other = await prepared(database, lambda connection: call_as(connection, MIKE))
    answers = await together(database, [mike, other], "use_part", part="dome camera", quantity=3, number=1057)
    assert Counter(getattr(answer, "reason", "used") for answer in answers) == {"used": 1, "not_enough": 1}
    left = """select s.quantity from truck_inventory s join trucks t on t.id = s.truck_id
        join inventory_items i on i.id = s.item_id where t.number = 201 and i.name = 'IP Dome Camera'"""
    assert await count(database, left) == 2


async def test_one_uses_what_the_other_takes_and_nothing_goes_below_zero(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    sarah = await prepared(database, lambda connection: call_as(connection, SARAH))
    five = {"part": "dome camera", "quantity": 5}
    answers = await at_once(database, [(mike, "use_part", five), (sarah, "take_part", five | {"from_truck": 201})])
    reasons = Counter(getattr(answer, "reason", "done") for answer in answers)
    assert reasons["done"] == 1 and sum(reasons.values()) == 2
    assert await count(database, "select count(*) from truck_inventory where quantity < 0") == 0


async def test_two_who_take_from_each_other_do_not_block_each_other(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    sarah = await prepared(database, lambda connection: call_as(connection, SARAH))
    one = {"part": "rj45", "quantity": 1, "again": True}
    swap = [(mike, "take_part", one | {"from_truck": 202}), (sarah, "take_part", one | {"from_truck": 201})]
    answers = await at_once(database, swap * 10)
    assert all(isinstance(answer, dict) for answer in answers), answers


async def test_forty_repeats_of_a_note_are_one_note(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    answers = await together(database, [mike] * AT_ONCE, "add_note", note="Gate code 4412")
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * (AT_ONCE - 1)
    assert await count(database, "select count(*) from work_order_notes where note_text = 'Gate code 4412'") == 1


async def test_forty_retries_of_one_request_are_one_note(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    answers = await together(
        database, [mike] * AT_ONCE, "add_note", note="Gate code 4412", request_id="same", again=True
    )
    assert all(answer == answers[0] for answer in answers)
    assert await count(database, "select count(*) from work_order_notes where note_text = 'Gate code 4412'") == 1


async def test_a_day_takes_two_visits_however_many_are_booked_at_once(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    calls = [mike, *[await prepared(database, lambda connection: call_as(connection, MIKE)) for _ in range(5)]]
    answers = await together(database, calls, "book_follow_up", day="2026-03-20")
    assert Counter(getattr(answer, "reason", "booked") for answer in answers) == {"booked": 2, "day_full": 4}
    assert await count(database, "select count(distinct number) from work_orders where follow_up_of is not null") == 2


async def test_a_job_completed_on_two_calls_is_completed_once(database: str) -> None:
    mike = await at_work(database, MIKE, 201, 1057)
    other = await prepared(database, lambda connection: call_as(connection, MIKE))
    answers = await together(database, [mike, other], "complete_job", summary="Done.", number=1057, confirmed=True)
    assert Counter(getattr(answer, "reason", "done") for answer in answers) == {"done": 1, "job_wrong_state": 1}
    assert await count(database, "select count(*) from customer_history where notes = 'Done.'") == 1


async def test_who_takes_from_a_truck_waits_for_the_lower_truck_first(database: str) -> None:
    """While somebody holds truck 201's cameras, Sarah (202) who takes from it waits and holds nothing herself."""
    sarah = await prepared(database, lambda connection: call_as(connection, SARAH))
    cameras = """select from truck_inventory s
        join trucks t on t.id = s.truck_id join inventory_items i on i.id = s.item_id
        where i.name = 'IP Dome Camera' and t.number = %s for update of s nowait"""
    async with (
        await psycopg.AsyncConnection.connect(database) as holder,
        await psycopg.AsyncConnection.connect(database) as watcher,
    ):
        await holder.execute(cameras, [201])
        taking = asyncio.create_task(
            together(database, [sarah], "take_part", part="dome camera", quantity=1, from_truck=201)
        )
        waiting = "select count(*) from pg_locks where not granted and %s = any (pg_blocking_pids(pid))"
        while not await value(watcher, waiting, holder.info.backend_pid):
            assert not taking.done(), taking.result()
        await watcher.execute(cameras, [202])
        await watcher.rollback()
        await holder.rollback()
        assert (await taking)[0]["have"] == 6
