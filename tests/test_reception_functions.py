"""What anybody who calls may ask: the company's facts and its people. Wednesday, 2026-03-04, 09:00 in New York."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fieldline.errors import Refusal
from tests.support.lines import Connection, TechnicianCall, ask, refused, value, wait
from tests.support.reception import HARBOR, JANE, call_from, said


@pytest.fixture
async def jane(sql: Connection) -> TechnicianCall:
    return await call_from(sql, JANE)


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
    assert said("find_person", facts) == ("Nina Patel is in. Shall I connect you?")
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


@pytest.mark.parametrize("heard", ["Sara Wiliams", "Sarah", "Mr. Williams"])
async def test_a_technician_is_named_and_no_more_is_said(jane: TechnicianCall, heard: str) -> None:
    facts = await jane.ask("find_person", heard=heard)
    assert said("find_person", facts) == (
        "Sarah Williams is one of our technicians and out on the road. The office passes messages on. "
        "Would you like to leave one?"
    )
    assert not {"phone", "badge", "truck"} & set(facts["matches"][0])


async def test_a_technician_and_a_colleague_of_one_name_are_asked_about(jane: TechnicianCall, sql: Connection) -> None:
    await sql.execute(
        "insert into employees (company_id, name, department_id)"
        " select company_id, 'David Chen', id from departments where name = 'Sales'"
    )
    facts = await jane.ask("find_person", heard="Mister Chen")
    assert said("find_person", facts) == "Which one do you mean: David Chen in Sales or David Chen, the technician?"


async def test_two_of_one_name_and_department_are_told_apart_by_their_offices(
    jane: TechnicianCall, sql: Connection
) -> None:
    await sql.execute(
        "insert into employees (company_id, name, department_id, office)"
        " select company_id, 'Karen Miller', id, 'Baltimore' from departments where name = 'Dispatch'"
    )
    facts = await jane.ask("find_person", heard="Karen Miller")
    assert said("find_person", facts) == (
        "Which one do you mean: Karen Miller in Washington or Karen Miller in Baltimore?"
    )
    narrowed = await jane.ask("find_person", heard="Karen Miller in Baltimore")
    assert [match["office"] for match in narrowed["matches"]] == ["Baltimore"]


async def test_colleague_of_the_same_department_is_named_when_somebody_is_out(
    jane: TechnicianCall, sql: Connection
) -> None:
    await sql.execute("update employees set status = 'away' where name = 'Karen Miller'")
    facts = await jane.ask("find_person", heard="Karen Miller")
    assert facts["matches"][0]["instead"] == "Tom Baker"
    assert "Tom Baker from the same department is in" in said("find_person", facts)


async def test_who_asks_for_himself_is_told_so(sql: Connection) -> None:
    tom = await call_from(sql, "+12025550111")
    assert "that's you" in said("find_person", await tom.ask("find_person", heard="Tom Baker"))


@pytest.mark.parametrize(
    "broken", ['{"mon": "always"}', '{"wed": [["25:00", "x"]]}', "[1]", '"open"', '{"holidays": 5}']
)
async def test_broken_hours_are_closed_and_nobody_falls_over_them(sql: Connection, broken: str) -> None:
    await sql.execute("alter table company_info drop constraint company_info_business_hours_check")
    await sql.execute("update company_info set business_hours = %s::jsonb", [broken])
    jane = await call_from(sql, JANE)
    facts = await jane.ask("company_facts", topic="hours")
    assert (facts["open_now"], facts["reason"]) == (False, "hours_broken")
    assert said("company_facts", facts) == "I can't see our opening hours right now. I can take a message."
    assert (await jane.ask("company_facts", topic="holidays"))["holidays"] == []
    assert (await jane.ask("find_person", heard="Karen Miller"))["matches"][0]["reachable"] is False


@pytest.mark.parametrize("heard", ["", "x" * 201, "'; drop table employees; --", "%_%", "🙂", "the of in", "(((("])
async def test_what_nobody_is_called_is_refused(jane: TechnicianCall, heard: str) -> None:
    assert (await jane.no("find_person", heard=heard)).code in {"FL040", "FL041", "FL081"}


async def test_the_other_companys_people_are_not_found(sql: Connection) -> None:
    elsewhere = await call_from(sql, JANE, HARBOR)
    assert (await elsewhere.no("find_person", heard="Karen Miller")).code == "FL081"
    assert (await refused(elsewhere.do("take_message", text="x", for_person="Karen Miller"))).code == "FL081"


async def test_a_closed_call_asks_nothing_more(jane: TechnicianCall, sql: Connection) -> None:
    await ask(sql, "call_close", {"call_id": jane.call_id, "status": "completed", "end_reason": "caller_hung_up"})
    with pytest.raises(Refusal) as refusal:
        await jane.ask("find_person", heard="Karen")
    assert refusal.value.code == "FL003"
