"""What a technician hears about the day: clock, jobs, travel, arrival. Wednesday, 2026-03-04, 09:00 in New York."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.lines import (
    DAVID,
    DEMO,
    LINE_USER,
    MIKE,
    SARAH,
    SECOND,
    Connection,
    TechnicianCall,
    act_as,
    ask,
    call_as,
    one,
    refused,
    value,
    wait,
)


@pytest.fixture
async def mike(sql: Connection) -> TechnicianCall:
    return await call_as(sql, MIKE)


async def test_technician_clocks_in_and_hears_the_day(mike: TechnicianCall) -> None:
    facts = await mike.do("clock_in", truck=201)
    assert facts["truck"] == 201 and facts["already"] is False and facts["jobs_today"] == 2
    assert facts["first_job"]["number"] == 1057
    assert facts["first_job"]["customer"] == "Apartment Complex" and facts["first_job"]["is_new_customer"] is True
    assert facts["unread"] == {"normal": 1, "high": 1, "urgent": 0}
    assert facts["since"].startswith("2026-03-04T14:0") and facts["since"].endswith("Z")


async def test_clocking_in_twice_on_the_same_truck_is_already_done(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    assert (await mike.do("clock_in", truck=201))["already"] is True
    assert await value(sql, "select count(*) from technician_clock_records where clock_out_time is null") == 3


@pytest.mark.parametrize(
    ("truck", "reason"),
    [(900, "truck_unknown"), (1, "office_truck"), (202, "truck_taken"), (-1, "truck_unknown")],
)
async def test_technician_is_refused_a_truck_that_is_not_free(mike: TechnicianCall, truck: int, reason: str) -> None:
    refusal = await mike.refusal("clock_in", truck=truck)
    assert refusal.reason == reason and refusal.facts["truck"] == truck and refusal.hint.endswith(".")
    if reason == "truck_taken":
        assert refusal.facts["by"] == "Sarah Williams"


async def test_technician_is_refused_a_truck_out_of_service(mike: TechnicianCall, sql: Connection) -> None:
    await sql.execute("update trucks set active = false where number = 204")
    assert (await mike.refusal("clock_in", truck=204)).code == "FL011"


async def test_technician_on_one_truck_cannot_clock_in_on_another(mike: TechnicianCall) -> None:
    await mike.do("clock_in", truck=201)
    refusal = await mike.refusal("clock_in", truck=204)
    assert refusal.code == "FL013" and refusal.facts["truck"] == 201


async def test_the_other_companys_truck_201_is_another_truck(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    dana = await call_as(sql, "101", SECOND)
    assert (await dana.do("clock_in", truck=201))["already"] is False
    assert (await dana.ask("next_job"))["job"]["customer"] in {"Lake View School", "Corner Bakery"}


async def test_clocking_out_without_being_in_is_refused(mike: TechnicianCall) -> None:
    assert (await mike.refusal("clock_out")).code == "FL014"


async def test_technician_with_a_job_open_is_warned_before_clocking_out(sql: Connection) -> None:
    sarah = await call_as(sql, SARAH)
    refusal = await sarah.refusal("clock_out")
    assert refusal.reason == "work_open" and refusal.facts["travel"] is None
    assert [job["number"] for job in refusal.facts["jobs"]] == [1059]
    await wait(sql, timedelta(hours=1))
    facts = await sarah.do("clock_out", confirmed=True)
    assert facts["truck"] == 202 and facts["hours"] >= 2 and facts["jobs_done"] == 0


async def test_clocking_out_in_mid_travel_ends_the_travel(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    await mike.do("start_travel")
    assert (await mike.refusal("clock_out")).facts["travel"]["number"] == 1057
    await mike.do("clock_out", confirmed=True)
    assert await value(sql, "select count(*) from travel_logs where travel_end_time is null") == 0


async def test_repeated_clock_out_gives_the_first_answer(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    first = await mike.do("clock_out", request_id="once")
    assert await mike.do("clock_out", request_id="once") == first
    again = await mike.do("clock_out")
    assert again == first | {"repeated": True}
    await wait(sql, timedelta(minutes=3))
    assert (await mike.refusal("clock_out")).code == "FL014"


@pytest.mark.parametrize(
    ("day", "date", "weekday"),
    [
        ("today", "2026-03-04", "Wednesday"),
        ("Wednesday", "2026-03-04", "Wednesday"),
        ("next wednesday", "2026-03-11", "Wednesday"),
        ("tuesday", "2026-03-10", "Tuesday"),
        ("on Friday", "2026-03-06", "Friday"),
        ("yesterday", "2026-03-03", "Tuesday"),
        ("TOMORROW", "2026-03-05", "Thursday"),
        ("03-10", "2026-03-10", "Tuesday"),
        ("03-03", "2027-03-03", "Wednesday"),
        ("02-29", "2028-02-29", "Tuesday"),
        ("2026-12-31", "2026-12-31", "Thursday"),
    ],
)
async def test_technician_asks_for_a_day_in_words(mike: TechnicianCall, day: str, date: str, weekday: str) -> None:
    facts = await mike.ask("my_jobs", day=day)
    assert (facts["date"], facts["weekday"]) == (date, weekday)


@pytest.mark.parametrize("day", ["", "someday", "2026-02-30", "13-01", "02-30", "'; drop table trucks; --"])
async def test_a_day_that_is_none_is_refused(mike: TechnicianCall, day: str) -> None:
    assert (await mike.no("my_jobs", day=day)).code == "FL050"


async def test_technician_hears_only_his_own_jobs_in_order(mike: TechnicianCall) -> None:
    jobs = (await mike.ask("my_jobs"))["jobs"]
    assert [job["number"] for job in jobs] == [1057, 1058]
    assert jobs[0]["local_date"] == "2026-03-04" and jobs[0]["local_time"] == "08:00"
    assert jobs[0]["scheduled_for"] == "2026-03-04T13:00:00Z"


async def test_the_day_ends_at_midnight_of_the_company_not_of_greenwich(mike: TechnicianCall, sql: Connection) -> None:
    await sql.execute("select set_clock('2026-03-04 23:59 America/New_York')")
    assert (await mike.ask("my_jobs"))["date"] == "2026-03-04"
    await sql.execute("select set_clock('2026-03-05 00:01 America/New_York')")
    assert (await mike.ask("my_jobs"))["date"] == "2026-03-05"


async def test_the_day_of_a_clock_change_has_all_its_jobs(mike: TechnicianCall, sql: Connection) -> None:
    """2026-03-08 has 23 hours: 00:30 and 23:30 of it are that day, and so is nothing of the next."""
    customer = await value(sql, "select id from customers where name = 'City Bank'")
    for time in ("2026-03-08 00:30", "2026-03-08 23:30", "2026-03-09 00:30"):
        await sql.execute(
            """insert into work_orders (company_id, customer_id, title, brief_description, status,
              assigned_technician_id, scheduled_for)
            select company_id, %s, 'At night', 'At night', 'scheduled', id,
              %s::timestamp at time zone 'America/New_York'
            from technicians where id = %s""",
            [customer, time, mike.technician_id],
        )
    times = [job["local_time"] for job in (await mike.ask("my_jobs", day="2026-03-08"))["jobs"]]
    assert times == ["00:30", "08:00", "10:30", "23:30"]


async def test_technician_travels_arrives_and_stands_where_he_is(mike: TechnicianCall, sql: Connection) -> None:
    assert (await mike.refusal("start_travel")).code == "FL014"
    await mike.do("clock_in", truck=201)
    travel = await mike.do("start_travel")
    assert travel["job"]["number"] == 1057 and travel["already"] is False
    assert (await mike.do("start_travel"))["already"] is True
    assert (await mike.refusal("start_travel", number=1058)).facts["number"] == 1057
    assert (await mike.ask("my_status"))["travelling_to"]["number"] == 1057
    await wait(sql, timedelta(minutes=25))
    arrival = await mike.do("arrive")
    assert arrival["travel_minutes"] == 25 and arrival["job"]["status"] == "in_progress"
    again = await mike.do("arrive")
    assert again["already"] is True and again["arrived_at"] == arrival["arrived_at"]
    status = await mike.ask("my_status")
    assert status["current_job"]["number"] == 1057 and status["travelling_to"] is None
    assert status["next_job"]["number"] == 1058 and status["jobs_left_today"] == 2 and status["unread"] == 2


async def test_technician_may_arrive_without_having_said_that_he_drives(mike: TechnicianCall) -> None:
    await mike.do("clock_in", truck=201)
    assert (await mike.do("arrive", number=1058))["travel_minutes"] is None


async def test_arriving_elsewhere_ends_the_drive(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    await mike.do("start_travel")
    assert (await mike.do("arrive", number=1058))["job"]["number"] == 1058
    assert await value(sql, "select count(*) from travel_logs where travel_end_time is null") == 0


async def test_nobody_arrives_at_next_weeks_job_by_saying_i_am_here(mike: TechnicianCall, sql: Connection) -> None:
    await mike.do("clock_in", truck=201)
    await sql.execute("select set_clock('2026-03-04 10:00 America/New_York')")
    for number in (1057, 1058):
        await mike.do("complete_job", number=number, summary="done", confirmed=True)
    assert (await mike.ask("next_job"))["job"]["local_date"] == "2026-03-05"
    assert (await mike.refusal("arrive")).code == "FL026"
    assert (await mike.refusal("start_travel")).code == "FL026"


async def test_two_jobs_in_progress_are_asked_about(mike: TechnicianCall) -> None:
    await mike.do("clock_in", truck=201)
    for number in (1057, 1058):
        await mike.do("arrive", number=number)
    refusal = await mike.refusal("add_note", note="Which one?")
    assert refusal.reason == "which_job"
    assert [option["number"] for option in refusal.facts["options"]] == [1057, 1058]
    assert set(refusal.facts["options"][0]) == {"number", "title", "customer"}


async def test_job_details_tell_all_that_is_needed_at_the_door(mike: TechnicianCall) -> None:
    facts = await mike.ask("job_details")
    assert facts["job"]["number"] == 1057 and facts["phone"] == "+12025550127"
    assert facts["address"] and facts["contact"] == "Apartment Complex" and facts["summary"]
    assert set(facts["preferred"]) == {"start", "end"}


async def test_somebody_elses_job_sounds_like_one_that_does_not_exist(mike: TechnicianCall) -> None:
    theirs, none = await mike.no("job_details", number=1059), await mike.no("job_details", number=9999)
    assert (theirs.code, none.code) == ("FL021", "FL020")
    assert theirs.facts == {"number": 1059} and none.facts == {"number": 9999}
    assert theirs.hint.replace("1059", "9999") == none.hint


@pytest.mark.parametrize(
    "function", ["start_travel", "arrive", "add_note", "use_part", "complete_job", "book_follow_up"]
)
async def test_technician_cannot_work_on_somebody_elses_job(
    mike: TechnicianCall, sql: Connection, function: str
) -> None:
    await mike.do("clock_in", truck=201)
    words = {
        "add_note": {"note": "x"},
        "use_part": {"part": "cat six", "quantity": 1},
        "complete_job": {"summary": "x", "confirmed": True},
        "book_follow_up": {"day": "2026-03-20"},
    }
    assert (await mike.refusal(function, number=1059, **words.get(function, {}))).code == "FL021"
    assert await one(sql, "select status from work_orders where number = 1059 and company_id = %s", DEMO) == (
        "in_progress",
    )


async def test_an_ordinary_user_cannot_use_the_line(mike: TechnicianCall, sql: Connection) -> None:
    refusal = await refused(
        ask(sql, "my_status", {"call_id": mike.call_id}, user="00000000-0000-4000-8000-0000000000ff")
    )
    assert refusal.code == "FL001"


async def test_a_forged_closed_or_unverified_call_opens_nothing(mike: TechnicianCall, sql: Connection) -> None:
    forged = await refused(ask(sql, "my_status", {"call_id": "00000000-0000-4000-8000-0000000000ff"}))
    assert forged.code == "FL002"
    david = await call_as(sql, DAVID)
    await sql.execute("update call_logs set technician_id = null, verified_at = null where id = %s", [david.call_id])
    assert (await david.no("my_status")).code == "FL004"
    await sql.execute("update technicians set active = false where id = %s", [mike.technician_id])
    assert (await mike.no("my_status")).code == "FL005"
    await ask(sql, "call_close", {"call_id": mike.call_id, "status": "completed", "end_reason": "agent_goodbye"})
    assert (await mike.refusal("clock_in", truck=201)).code == "FL003"


async def test_the_line_account_reads_no_table(sql: Connection, mike: TechnicianCall) -> None:
    await act_as(sql, LINE_USER)
    found = await sql.execute("select count(*) from technicians")
    assert await found.fetchone() == (0,)
