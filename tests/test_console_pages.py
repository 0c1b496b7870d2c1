"""The console's pages: what each role sees and may do, and that text is never anything but text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from admin_api.console import calls
from tests.support.console import CSRF, live_call, visitor
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

PAGES = {
    "/": "viewer",
    "/calls": "viewer",
    "/messages": "viewer",
    "/deliveries": "viewer",
    "/work": "viewer",
    "/work/orders/1057": "viewer",
    "/work/technicians/new": "dispatcher",
    "/stock": "viewer",
    "/directory": "viewer",
    "/directory/people/new": "admin",
    "/directory/import": "admin",
    "/try": "viewer",
    "/settings": "viewer",
    "/usage": "viewer",
    "/members": "viewer",
    "/audit": "admin",
}
RANK = {"viewer": 1, "dispatcher": 2, "admin": 3}
HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}'; drop table employees; --"


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def id_of(office: Office, name: str) -> str:
    return str((await office.rows("select id from employees where name = %s", name))[0][0])


@pytest.mark.parametrize("role", ["viewer", "dispatcher", "admin"])
async def test_each_page_opens_for_its_roles_and_no_others(office: Office, role: str) -> None:
    async with visitor(office, role) as browser:
        found = {path: (await browser.get(f"/console{path}")).status_code for path in PAGES}
    assert found == {path: 200 if RANK[role] >= RANK[least] else 403 for path, least in PAGES.items()}


async def test_whoever_has_not_signed_in_is_asked_to_and_comes_back(office: Office) -> None:
    async with visitor(office, None) as browser:
        for path in PAGES:
            answer = await browser.get(f"/console{path}")
            assert answer.status_code == 303 and answer.headers["location"].startswith("/console/sign-in?back=/console")


async def test_who_belongs_to_no_company_is_told_so(office: Office) -> None:
    async with visitor(office, "sam") as browser:
        answer = await browser.get("/console/calls")
    assert answer.status_code == 403 and "belong to no company" in answer.text


async def test_pages_carry_no_inline_script_and_say_so_to_the_browser(office: Office) -> None:
    async with visitor(office, "admin") as browser:
        for path in PAGES:
            answer = await browser.get(f"/console{path}")
            assert "script-src 'self';" in answer.headers["content-security-policy"]
            assert not re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", answer.text), path


async def test_forms_without_their_token_change_nothing(office: Office) -> None:
    karen = await id_of(office, "Karen Miller")
    async with visitor(office, "admin") as browser:
        forged = await browser.post(f"/console/directory/people/{karen}/status", data={"status": "away"})
        elsewhere = await browser.post(
            f"/console/directory/people/{karen}/status",
            data={"status": "away", "csrf": CSRF},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
    assert (forged.status_code, elsewhere.status_code) == (403, 403)
    assert await office.rows("select status from employees where id = %s", karen) == [("available",)]


async def test_dispatcher_switches_a_status_and_a_viewer_does_not(office: Office) -> None:
    karen = await id_of(office, "Karen Miller")
    for role, status in (("viewer", 403), ("dispatcher", 303)):
        async with visitor(office, role) as browser:
            address = f"/console/directory/people/{karen}/status"
            answer = await browser.post(address, data={"status": "away", "csrf": CSRF})
            assert answer.status_code == status
    assert await office.rows("select status from employees where id = %s", karen) == [("away",)]


async def test_people_of_another_company_do_not_exist(office: Office) -> None:
    karen = await id_of(office, "Karen Miller")
    async with visitor(office, "otto") as browser:
        assert (await browser.get(f"/console/directory/people/{karen}")).status_code == 404
        answer = await browser.post(f"/console/directory/people/{karen}/status", data={"status": "away", "csrf": CSRF})
        assert answer.status_code == 404
        assert "Karen" not in (await browser.get("/console/directory")).text


async def test_what_is_typed_is_shown_as_it_was_typed(office: Office, supabase: Supabase) -> None:
    async with live_call(supabase) as call, visitor(office, "admin") as browser:
        await call.add("user", HOSTILE)
        form = {"name": HOSTILE, "csrf": CSRF, "own_hours": "no", "active": "yes"}
        assert (await browser.post("/console/directory/people/new", data=form)).status_code == 303
        for path in ("/directory", f"/calls/{call.id}"):
            page = (await browser.get(f"/console{path}")).text
            assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
            assert "{{ 7 * 7 }}" in page


async def test_a_wrong_number_is_told_beside_its_field_and_nothing_is_lost(office: Office) -> None:
    async with visitor(office, "admin") as browser:
        form = {"name": "Paula Reyes", "phone": "12", "csrf": CSRF, "own_hours": "no", "active": "yes"}
        answer = await browser.post("/console/directory/people/new", data=form)
    assert answer.status_code == 422
    assert "no telephone number" in answer.text and "Paula Reyes" in answer.text


async def test_second_editor_is_told_and_overwrites_nothing(office: Office) -> None:
    karen = await id_of(office, "Karen Miller")
    async with visitor(office, "admin") as browser:
        page = (await browser.get(f"/console/directory/people/{karen}")).text
        version = re.search(r'name="version" value="([^"]+)"', page)
        assert version
        seen = version[1].replace("&#34;", '"')
        form = {"name": "Karen Smith", "csrf": CSRF, "own_hours": "no", "active": "yes", "version": seen}
        form["phone"] = "+12025550110"
        assert (await browser.post(f"/console/directory/people/{karen}", data=form)).status_code == 303
        late = await browser.post(f"/console/directory/people/{karen}", data={**form, "name": "Karen Jones"})
    assert late.status_code == 422 and "Somebody else has changed it" in late.text
    assert await office.rows("select name from employees where id = %s", karen) == [("Karen Smith",)]


async def test_people_are_rung_in_the_order_of_the_buttons(office: Office) -> None:
    tom = await id_of(office, "Tom Baker")
    async with visitor(office, "dispatcher") as browser:
        await browser.post(f"/console/directory/people/{tom}/move", data={"to": "up", "csrf": CSRF})
    order = "select e.name from employees e join departments d on d.id = e.department_id and d.name = 'Dispatch' "
    assert await office.rows(order + "order by e.routing_priority") == [("Tom Baker",), ("Karen Miller",)]


@pytest.mark.parametrize("to", ["0", "1", "99999", "-1", "²", "first", "999999999999", ""])
async def test_place_that_was_dragged_to_is_kept_within_the_list(office: Office, to: str) -> None:
    tom = await id_of(office, "Tom Baker")
    async with visitor(office, "dispatcher") as browser:
        answer = await browser.post(f"/console/directory/people/{tom}/move", data={"to": to, "csrf": CSRF})
    assert answer.status_code == 303
    order = "select e.name from employees e join departments d on d.id = e.department_id and d.name = 'Dispatch' "
    first = "Tom Baker" if to == "0" else "Karen Miller"
    assert (await office.rows(order + "order by e.routing_priority, e.name"))[0] == (first,)


async def test_list_with_a_bad_line_is_refused_whole(office: Office) -> None:
    file = "name,phone,department\nPaula Reyes,+12025550150,Dispatch\nBad Number,12,Nowhere\n"
    async with visitor(office, "admin") as browser:
        send = {"data": {"csrf": CSRF}, "files": {"file": ("people.csv", file.encode("utf-8-sig"), "text/csv")}}
        refused = await browser.post("/console/directory/import", **send)
        assert refused.status_code == 422 and "<td>3</td>" in refused.text and "no telephone number" in refused.text
        assert await office.rows("select 1 from employees where name = 'Paula Reyes'") == []
        good = file.rpartition("Bad")[0].encode("latin-1")
        send["files"] = {"file": ("people.csv", good, "text/csv")}
        assert (await browser.post("/console/directory/import", **send)).status_code == 303
    assert await office.rows("select count(*) from employees where name = 'Paula Reyes'") == [(1,)]


async def test_calls_are_found_by_number_person_day_outcome_and_words(office: Office, supabase: Supabase) -> None:
    async with live_call(supabase) as call:
        await call.add("user", "the door camera has water inside")
        await call.end()
    async with visitor(office, "viewer") as browser:
        for query, found in {
            "number=5550101": True,
            "number=5550199": False,
            "person=mike": True,
            "person=sarah": False,
            "day=2026-03-04": True,
            "day=2026-03-03": False,
            "outcome=completed": True,
            "outcome=failed": False,
            "text=water inside": True,
            "text=wine inside": False,
        }.items():
            page = (await browser.get(f"/console/calls?{query}")).text
            assert (str(call.id) in page) is found, query


async def test_settings_are_saved_in_parts_and_the_rest_stays(office: Office) -> None:
    async with visitor(office, "admin") as browser:
        form = {"part": "line", "csrf": CSRF, "transfer_ring_seconds": "40", "recording": "yes"}
        assert (await browser.post("/console/settings", data=form)).status_code == 303
        wrong = {"part": "hours", "csrf": CSRF, "hours_mon": "16:00 - noon"}
        refused = await browser.post("/console/settings", data=wrong)
        assert refused.status_code == 422 and "no span of time" in refused.text
    query = "select settings -> 'transfer_ring_seconds', settings -> 'recording', settings ? 'facts' from company_info"
    assert await office.rows(query + " where company_id = %s", NORTHGATE) == [(40, True, True)]


async def test_invitation_is_written_for_the_outbox_and_taken_back(office: Office) -> None:
    async with visitor(office, "admin") as browser:
        form = {"email": "new@people.example", "role": "viewer", "csrf": CSRF}
        assert (await browser.post("/console/members/invite", data=form)).status_code == 303
        assert "new@people.example" in (await browser.get("/console/members")).text
        key = (await office.rows("select id from invitations where email = 'new@people.example'"))[0][0]
        await browser.post(f"/console/members/invitations/{key}/cancel", data={"csrf": CSRF})
        assert "new@people.example" not in (await browser.get("/console/members")).text


async def test_only_calls_to_ones_own_numbers_can_be_tried(office: Office) -> None:
    async with visitor(office, "dispatcher") as browser:
        form = {"from": "+12025550101", "to": "+12025550190", "csrf": CSRF}
        assert (await browser.post("/console/try", data=form)).status_code == 422
        form |= {"from": "+12025550999", "to": "+12025550100"}
        assert (await browser.post("/console/try", data=form)).status_code == 422


async def test_fault_of_ours_is_told_with_a_number_to_pass_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_about: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(calls, "conditions", fault)
    async with visitor(office, "viewer") as browser:
        answer = await browser.get("/console/calls")
    assert answer.status_code == 500 and "secret" not in answer.text
    assert "Something went wrong on our side" in answer.text and answer.headers["X-Request-ID"] in answer.text


async def test_usage_of_a_month_is_added_up(office: Office) -> None:
    await office.rows(
        "insert into call_logs (company_id, line, to_number, room, started_at, ended_at, status, usage) values"
        f" ('{NORTHGATE}', 'technician', '+12025550100', 'u1', '2026-02-10 10:00Z', '2026-02-10 10:03Z', 'completed',"
        """ '{"models": [{"provider": "openai", "model": "gpt", "input_tokens": 1200}]}')"""
    )
    async with visitor(office, "viewer") as browser:
        february = (await browser.get("/console/usage?month=2026-02")).text
        january = (await browser.get("/console/usage?month=2026-01")).text
        odd = [
            (await browser.get(f"/console/usage?month={month}")).status_code for month in ("2026-13", "0000-01", "x")
        ]
    assert "Usage in February 2026" in february and "<dd>3.0</dd>" in february and "<dd>1,200</dd>" in february
    assert "No calls in January 2026" in january
    assert odd == [200, 200, 404]


async def test_board_says_who_is_at_work_in_which_truck(office: Office) -> None:
    async with visitor(office, "viewer") as browser:
        assert "At work, truck 202" in (await browser.get("/console/work")).text
