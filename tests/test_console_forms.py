"""The console's forms: what was typed survives an error, and of two editors the second overwrites nothing."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import httpx
import pytest

from admin_api.console.feed import Feeds
from tests.support.console import CSRF, visitor
from tests.support.office import NORTHGATE, Office, open_office, user_id
from tests.support.stacks import Supabase

STALE = "Somebody else has changed it"


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(office, "admin") as client:
        yield client


def fields(page: str, form: int = 0) -> dict[str, str]:
    """What a browser would send of a page's form: the one with a version that comes `form`-th."""
    forms = [part for part in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="version"' in part]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", forms[form]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in said and (said.get("type") not in ("radio", "checkbox") or " checked" in tag):
            found[said["name"]] = html.unescape(said.get("value", ""))
    for name, inner in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', forms[form], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected|<option selected>([^<]*)', inner)
        found[name] = html.unescape(chosen[1] or chosen[2]) if chosen else ""
    for name, inner in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', forms[form], re.DOTALL):
        found[name] = html.unescape(inner)
    return found


async def address_of(office: Office, table: str, name: str) -> str:
    key = (await office.rows(f"select id from {table} where name = %s", name))[0][0]
    return f"/console/directory/{'people' if table == 'employees' else table}/{key}"


async def test_typed_hours_survive_a_wrong_telephone_number(office: Office, browser: httpx.AsyncClient) -> None:
    there = await address_of(office, "employees", "Karen Miller")
    sent = fields((await browser.get(there)).text)
    sent |= {"own_hours": "yes", "hours_mon": "09:00-11:30", "phone": "12", "active": "yes"}
    refused = await browser.post(there, data=sent)
    assert refused.status_code == 422
    mended = fields(refused.text) | {"phone": "+12025550110"}
    assert (await browser.post(there, data=mended)).status_code == 303
    kept = await office.rows("select availability_hours -> 'mon' from employees where name = 'Karen Miller'")
    assert kept == [([["09:00", "11:30"]],)]


async def test_hours_that_are_no_hours_are_shown_as_they_were_typed(office: Office, browser: httpx.AsyncClient) -> None:
    there = await address_of(office, "departments", "Dispatch")
    sent = fields((await browser.get(there)).text) | {
        "own_hours": "yes",
        "hours_tue": "noon",
        "hours_wed": "08:00-12:00",
    }
    refused = await browser.post(there, data=sent)
    assert refused.status_code == 422
    again = fields(refused.text)
    assert again == sent
    again["hours_tue"] = ""
    assert (await browser.post(there, data=again)).status_code == 303
    kept = await office.rows("select available_hours from departments where name = 'Dispatch'")
    assert kept[0][0]["wed"] == [["08:00", "12:00"]]


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        (0, {"greeting_message": "Good day.", "company_name": ""}),
        (1, {"hours_mon": "16:00 - noon", "hours_tue": "08:00-12:00", "holidays": "2026-12-25"}),
        (2, {"services": "alarms\nlocks", "transfer_ring_seconds": "soon", "address": "Pier 4"}),
    ],
)
async def test_settings_that_do_not_fit_are_shown_as_they_were_typed(
    browser: httpx.AsyncClient, form: int, typed: dict[str, str]
) -> None:
    sent = fields((await browser.get("/console/settings")).text, form) | typed
    refused = await browser.post("/console/settings", data=sent)
    assert refused.status_code == 422
    assert fields(refused.text, form) == sent


@pytest.mark.parametrize(("table", "name"), [("employees", "Karen Miller"), ("departments", "Dispatch")])
async def test_second_editor_who_saves_twice_still_overwrites_nothing(
    office: Office, browser: httpx.AsyncClient, table: str, name: str
) -> None:
    there = await address_of(office, table, name)
    late = fields((await browser.get(there)).text)
    assert (await browser.post(there, data={**late, "name": "First"})).status_code == 303
    first = await browser.post(there, data={**late, "name": "Second"})
    again = await browser.post(there, data=fields(first.text))
    assert (first.status_code, again.status_code) == (422, 422)
    assert STALE in again.text
    assert await office.rows(f"select count(*) from {table} where name = 'First'") == [(1,)]


async def test_second_editor_of_settings_is_told_and_loses_no_word(office: Office, browser: httpx.AsyncClient) -> None:
    late = fields((await browser.get("/console/settings")).text)
    assert (await browser.post("/console/settings", data={**late, "greeting_message": "First."})).status_code == 303
    refused = await browser.post("/console/settings", data={**late, "greeting_message": "Second."})
    assert refused.status_code == 422 and STALE in refused.text and "Second." in refused.text
    assert (await browser.post("/console/settings", data=fields(refused.text))).status_code == 422
    assert await office.rows("select greeting_message from company_info where company_id = %s", NORTHGATE) == [
        ("First.",)
    ]


async def test_second_editor_of_a_plan_or_a_member_is_told(office: Office, browser: httpx.AsyncClient) -> None:
    plan = fields((await browser.get("/console/work/orders/1057")).text)
    mine = f"/console/members/{user_id('viewer')}"
    members = (await browser.get("/console/members")).text
    versions = dict(re.findall(r'action="([^"]+)" id="m\d+".*?name="version" value="([^"]*)"', members))
    member = {"csrf": CSRF, "role": "dispatcher", "version": html.unescape(versions[mine])}
    plan["technician"] = ""
    for address, form in (("/console/work/orders/1057", plan), (mine, member)):
        assert (await browser.post(address, data=form)).status_code == 303
    told = await browser.post("/console/work/orders/1057", data={**plan, "starts": "2026-03-06T09:00"})
    assert STALE in told.text
    await browser.post(mine, data={**member, "role": "admin"})
    assert STALE in (await browser.get("/console/members")).text
    assert await office.rows("select role from memberships where user_id = %s", user_id("viewer")) == [("dispatcher",)]


async def test_order_that_is_moved_or_given_to_somebody_stays_as_long_as_it_was(
    office: Office, browser: httpx.AsyncClient
) -> None:
    await office.rows("update work_orders set ends_at = scheduled_for + interval '4 hours' where number = 1057")
    query = "select scheduled_for, ends_at - scheduled_for from work_orders where number = 1057"
    before = (await office.rows(query))[0]
    plan = fields((await browser.get("/console/work/orders/1057")).text)
    assert (await browser.post("/console/work/orders/1057", data={**plan, "technician": ""})).status_code == 303
    assert (await office.rows(query))[0] == before
    plan = fields((await browser.get("/console/work/orders/1057")).text) | {"starts": "2026-03-06T09:00"}
    assert (await browser.post("/console/work/orders/1057", data=plan)).status_code == 303
    after = (await office.rows(query))[0]
    assert after[0] != before[0] and after[1] == before[1]


def test_live_calls_are_shown_in_the_time_zone_that_the_company_has_now() -> None:
    feeds = Feeds()
    feeds.of(NORTHGATE, ZoneInfo("UTC"))
    assert feeds.of(NORTHGATE, ZoneInfo("America/New_York")).zone == ZoneInfo("America/New_York")
