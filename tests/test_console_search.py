"""Finding a call among thousands by what was said, and somebody in a directory that is longer than a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from tests.support.console import CSRF, visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

#: Calls that all say the same: more than were ever looked through, and more ids than fit into an address.
MANY_CALLS = 600
#: More people than the database gives at once.
MANY_PEOPLE = 1100


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def fill_calls(office: Office) -> None:
    """A call on 1 February and many of a month later, in which the same is said."""
    await office.rows(
        "with calls as (insert into call_logs"
        " (company_id, line, from_number, to_number, room, started_at, ended_at, status, caller_name)"
        " select %s, 'reception', '+12025550' || (100 + n %% 900), '+12025550100', 'many-' || n, at, at, 'completed',"
        "  case n when 0 then 'Old Caller' else 'Caller ' || n end"
        " from (select n, case n when 0 then timestamptz '2026-02-01 15:00Z' else '2026-03-01 15:00Z'"
        "  end + n * interval '1 second' as at from generate_series(0, %s) n) x returning id, company_id, started_at),"
        " sessions as (insert into voice_agent_sessions"
        " (company_id, call_id, session_start, session_end, is_active)"
        " select company_id, id, started_at, started_at, false from calls returning id, company_id, call_id)"
        " insert into voice_agent_interactions (company_id, session_id, sequence, interaction_type, content)"
        " select company_id, id, 1, 'agent', 'Hello, 100%% automated assistant.' from sessions",
        NORTHGATE,
        MANY_CALLS,
    )


async def test_common_words_are_looked_for_in_all_calls(office: Office) -> None:
    await fill_calls(office)
    async with visitor(office, "viewer") as browser:
        for query, total in {
            "text=automated": MANY_CALLS + 1,
            "text=automated&offset=550": MANY_CALLS + 1,
            "text=automated&day=2026-02-01": 1,
            "text=automated&person=old caller": 1,
            "text=automated&outcome=failed": 0,
            "text=100%25 AUTO": MANY_CALLS + 1,
            "text=1%25 automated": 0,
            "text=hello_": 0,
        }.items():
            answer = await browser.get(f"/console/calls?{query}")
            assert answer.status_code == 200, query
            told = re.search(r"of (\d+)</span>", answer.text)
            rows = len(re.findall(r'<th scope="row">', answer.text))
            assert (int(told[1]) if told else rows) == total, query
    async with visitor(office, "otto") as browser:
        assert "Old Caller" not in (await browser.get("/console/calls?text=automated")).text


async def fill_directory(office: Office) -> None:
    """Many people of one department; all can be reached."""
    await office.rows(
        "insert into employees (company_id, department_id, name, phone, routing_priority)"
        " select company_id, id, 'Person ' || lpad(n::text, 4, '0'), '+1202' || (6000000 + n), 1000 + n"
        " from departments, generate_series(1, %s) n where company_id = %s and name = 'Dispatch'",
        MANY_PEOPLE,
        NORTHGATE,
    )


async def test_long_directory_has_pages_and_a_search(office: Office) -> None:
    await fill_directory(office)
    last = f"Person {MANY_PEOPLE}"
    async with visitor(office, "dispatcher") as browser:
        first = (await browser.get("/console/directory")).text
        assert last not in first and 'rel="next"' in first
        found = (await browser.get("/console/directory", params={"q": last})).text
        assert last in found and "Person 0001" not in found and "Not active" not in found
        assert "Nobody works here yet" not in found
        assert "Nobody fits that" in (await browser.get("/console/directory?q=nobody of that name")).text
        seen = 0
        for offset in range(0, MANY_PEOPLE + 200, 200):
            page = (await browser.get(f"/console/directory?offset={offset}")).text
            assert "Not active" not in page
            seen += len(set(re.findall(r"Person \d{4}</a>", page)))
    assert seen == MANY_PEOPLE


async def test_somebody_of_a_long_directory_is_moved_in_one_piece(office: Office) -> None:
    await fill_directory(office)
    key = (await office.rows("select id from employees where name = %s", f"Person {MANY_PEOPLE}"))[0][0]
    async with visitor(office, "dispatcher") as browser:
        answer = await browser.post(f"/console/directory/people/{key}/move", data={"to": "0", "csrf": CSRF})
        assert answer.status_code == 303
    order = "select e.name from employees e join departments d on d.id = e.department_id and d.name = 'Dispatch'"
    rung = await office.rows(f"{order} order by e.routing_priority, e.name")
    assert [name for (name,) in rung[:3]] == [f"Person {MANY_PEOPLE}", "Karen Miller", "Tom Baker"]
    assert rung[-1] == (f"Person {MANY_PEOPLE - 1}",)
