"""Importing people in the console: it tells how far it is, and in the end what came of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.async_api import expect
from psycopg.types.json import Jsonb

from admin_api import csv_files
from admin_api.routers.phonebooks import EmployeeRow
from tests.support.browser import browser as open_browser
from tests.support.browser import picture, signed_in, violations
from tests.support.console import CSRF, served, visitor
from tests.support.lines import act_as
from tests.support.office import NORTHGATE, Office, open_office, user_id
from tests.support.stacks import Supabase

COUNT = "select count(*) from employees where name like 'Person %%'"


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


def phonebook(rows: int) -> bytes:
    return "\n".join(["name,phone", *(f"Person {n},+1303{n + 2_000_000:07d}" for n in range(rows))]).encode()


async def told(office: Office, content: bytes, who: str = "admin", **fields: str) -> list[dict[str, Any]]:
    """What a browser with scripts is told while a file is imported."""
    async with visitor(office, who) as browser:
        answer = await browser.post(
            "/console/directory/import",
            data={"csrf": CSRF, **fields},
            files={"file": ("people.csv", content, "text/csv")},
            headers={"Accept": "text/event-stream"},
            timeout=300,
        )
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    return [json.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n") if event]


def test_reader_tells_the_lines_of_the_file_that_it_has_read() -> None:
    seen: list[tuple[int, int]] = []
    csv_files.read(phonebook(600), EmployeeRow, unique=("phone",), told=lambda *step: seen.append(step))
    assert seen == [(251, 601), (501, 601)]


async def test_people_who_are_written_but_not_yet_there_are_counted_for_admins(office: Office) -> None:
    key = str(uuid4())
    people = [
        {"line": n, "name": f"Person {n}", "roles": [], "status": "away", "routing_priority": 9, "active": True}
        for n in range(3)
    ]

    async def progress(who: str, of: str = key) -> int | None:
        async with await psycopg.AsyncConnection.connect(office.database_url) as asking:
            await act_as(asking, user_id(who))
            return (await (await asking.execute("select import_progress(%s)", [of])).fetchone() or [None])[0]

    async with await psycopg.AsyncConnection.connect(office.database_url) as writing:
        await act_as(writing, user_id("admin"))
        await writing.execute("select import_employees(%s, %s, false, %s)", [NORTHGATE, Jsonb(people), key])
        assert await office.rows(COUNT) == [(0,)]
        seen = [await progress("admin"), await progress("admin", str(uuid4())), await progress("viewer")]
        await writing.commit()
        seen.append(await progress("admin"))
    assert seen == [3, None, None, None]
    assert await office.rows(COUNT) == [(3,)]


async def test_stream_ends_with_what_came_of_it(office: Office) -> None:
    *steps, end = await told(office, phonebook(1200))
    assert "1,200 added, 0 changed" in end["html"] and steps[0]["phase"] == "reading"
    assert await office.rows(COUNT) == [(1200,)]
    *_, again = await told(office, phonebook(1200), trial="yes")
    assert "0 would be added, 1,200 changed" in again["html"]


async def test_stream_ends_with_the_lines_that_do_not_fit_as_text_and_nothing_is_written(office: Office) -> None:
    *_, end = await told(office, b"name,phone\nPerson One,+12025550150\n<b>Bad</b>,12\nEve,,<i>\n")
    assert "Nothing was imported: 2 places need another look" in end["html"] and "<td>3</td>" in end["html"]
    assert "<i>" not in end["html"] and await office.rows(COUNT) == [(0,)]


async def test_stream_says_why_when_the_database_refuses_the_whole(office: Office) -> None:
    await office.rows("alter function import_employees(uuid, jsonb, boolean, uuid) rename to gone")
    try:
        *_, end = await told(office, phonebook(10))
    finally:
        await office.rows("alter function gone(uuid, jsonb, boolean, uuid) rename to import_employees")
    assert end["problem"] and await office.rows(COUNT) == [(0,)]


@pytest.mark.browser
async def test_page_imports_a_list_and_shows_the_result(office: Office, supabase: Supabase, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(phonebook(2000))
    async with served(office) as address, open_browser() as browser, await browser.new_context() as context:
        page = await signed_in(context, f"{address}/console", supabase)
        await page.goto(f"{address}/console/directory/import")
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_role("button", name="Import").click()
        await expect(page.get_by_text("2,000 added, 0 changed.")).to_be_visible(timeout=60_000)
        await expect(page.get_by_role("progressbar")).to_be_hidden()
        await expect(page.get_by_role("button", name="Import")).to_be_enabled()
        assert await violations(page) == []
    assert await office.rows(COUNT) == [(2000,)]


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.timeout(400)
async def test_fifty_thousand_people_come_in_and_the_page_counts_them(
    office: Office, supabase: Supabase, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(phonebook(50_000))
    seen: list[str] = []
    async with served(office) as address, open_browser() as browser, await browser.new_context() as context:
        page = await signed_in(context, f"{address}/console", supabase)
        await page.goto(f"{address}/console/directory/import")
        await page.expose_function("told", lambda text: seen.append(text))
        await page.evaluate(
            "new MutationObserver(() => told(document.querySelector('.busy p').innerText))"
            ".observe(document.getElementById('count'), {childList: true})"
        )
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_role("button", name="Import").click()
        await expect(page.locator("#count")).to_contain_text("of 50,000", timeout=120_000)
        await picture(page, "import under way")
        await expect(page.get_by_text("50,000 added, 0 changed.")).to_be_visible(timeout=240_000)
    figures = [int(text.split(":")[1].split(" of ")[0].replace(",", "")) for text in seen if "Writing" in text]
    assert len(set(figures)) > 1 and figures == sorted(figures), seen
    assert any(text.startswith("Reading and checking lines: ") for text in seen)
    assert await office.rows(COUNT) == [(50_000,)]
    await office.rows("delete from public.employees where name like 'Person %%'")
