"""The console in a real browser, on a phone's width too: an office manager's day, and no barrier that axe knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import browser as open_browser
from tests.support.browser import picture, signed_in, violations
from tests.support.console import LiveCall, cookie, live_call, served
from tests.support.office import Office, open_office
from tests.support.stacks import Supabase

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "calls",
    "messages",
    "deliveries",
    "work",
    "work/orders/1057",
    "stock",
    "directory",
    "directory/people/new",
    "directory/import",
    "try",
    "settings",
    "usage",
    "members",
    "audit",
)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as started:
        yield started


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with served(office) as url:
        yield f"{url}/console"


async def talk(call: LiveCall) -> None:
    """A short conversation with everything that a timeline shows."""
    await call.add("agent", "Northgate Security, this is the automated assistant. Hi Mike.")
    for _ in range(4):
        await call.add("key", "•")
    await call.add("event", "verified", badge="101")
    await call.add("user", "what's my next job")
    await call.add("tool_call", "next_job", arguments={}, call="c1")
    await call.add("tool_result", "next_job", call="c1", facts={"job": {"number": 1057}})
    await call.add("agent", "Next is work order ten fifty seven.", timings={"e2e_latency": 0.93})


async def leave_a_message_that_did_not_go_out(office: Office) -> None:
    """So that no list of messages or deliveries is empty."""
    await office.rows(
        "insert into messages (company_id, from_caller, to_employee_id, message_text, urgent)"
        " select company_id, 'Jane', id, 'The gate is open', true from employees where name = 'Karen Miller'"
    )
    await office.rows("update deliveries set state = 'failed', attempts = 3, last_error = 'Twilio 30034'")


async def test_manager_adds_somebody_and_finds_them(browser: Browser, address: str, supabase: Supabase) -> None:
    async with await browser.new_context() as context:
        page = await signed_in(context, address, supabase)
        await page.get_by_role("link", name="Directory").click()
        await page.get_by_role("link", name="Add a person").click()
        await page.get_by_label("Name", exact=True).fill("Paula Reyes")
        await page.get_by_label("Telephone").fill("(202) 555-0150")
        await page.get_by_label("Department", exact=True).select_option(label="Support")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_contain_text("Paula Reyes is in the directory.")
        await expect(page.get_by_role("link", name="Paula Reyes")).to_be_visible()


async def test_live_call_appears_changes_takes_a_command_and_ends(
    browser: Browser, address: str, supabase: Supabase, office: Office
) -> None:
    async with await browser.new_context() as context:
        page = await signed_in(context, address, supabase)
        await expect(page.get_by_text("Nobody is on the line")).to_be_visible()
        await expect(page.get_by_role("heading", name="Before the first call")).to_be_visible()
        async with live_call(supabase) as call:
            card = page.locator("article.call")
            await expect(card).to_contain_text("Greeting")
            await expect(page.get_by_role("heading", name="Before the first call")).to_be_hidden()
            await talk(call)
            await expect(card).to_contain_text("Next is work order ten fifty seven.")
            await expect(card).to_contain_text("Talking with the agent")
            await card.get_by_label("Tell the caller").fill("Karen calls back")
            await card.get_by_role("button", name="Say to the caller").click()
            await expect(card).to_contain_text("Sent")
            assert await office.rows("select kind, payload ->> 'text' from call_commands") == [
                ("say", "Karen calls back")
            ]
            assert await violations(page) == []
            await picture(page, "now live")
            await call.end()
            await expect(card).to_contain_text("The caller hung up")
            await expect(card).to_contain_text("the call ended first")


async def test_call_is_found_and_read_as_a_timeline(browser: Browser, address: str, supabase: Supabase) -> None:
    async with live_call(supabase) as call:
        await talk(call)
        await call.end()
    async with await browser.new_context() as context:
        page = await signed_in(context, address, supabase)
        await page.get_by_role("link", name="Calls").click()
        await page.get_by_label("Words that were said").fill("ten fifty seven")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name="Mike Johnson").click()
        story = page.get_by_role("region", name="What was said and done")
        await expect(story).to_contain_text("Caller pressed ••••")
        await expect(story).to_contain_text("Next job Done")
        await expect(page.get_by_role("img", name="median 0.9")).to_be_visible()
        assert await violations(page) == []
        await picture(page, "call timeline")


async def test_person_is_dragged_to_another_place(
    browser: Browser, address: str, supabase: Supabase, office: Office
) -> None:
    async with await browser.new_context() as context:
        page = await signed_in(context, address, supabase)
        await page.goto(f"{address}/directory")
        dispatch = page.get_by_role("region", name="Dispatch")
        names = dispatch.locator("tbody th a")
        await expect(names).to_have_text(["Karen Miller", "Tom Baker"])
        grip = dispatch.get_by_role("row", name="Tom Baker").locator(".grip")
        async with page.expect_navigation():
            await grip.drag_to(
                dispatch.get_by_role("row", name="Karen Miller"), target_position={"x": 60, "y": 4}, steps=5
            )
        await expect(names).to_have_text(["Tom Baker", "Karen Miller"])
    assert await office.rows(
        "select e.name from employees e join departments d on d.id = e.department_id"
        " where d.name = 'Dispatch' order by e.routing_priority"
    ) == [("Tom Baker",), ("Karen Miller",)]


async def test_list_with_a_bad_row_says_which(
    browser: Browser, address: str, supabase: Supabase, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,phone\nPaula Reyes,+12025550150\nBad Number,12\n")
    async with await browser.new_context() as context:
        page = await signed_in(context, address, supabase)
        await page.goto(f"{address}/directory/import")
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_role("button", name="Import").click()
        await expect(page.get_by_role("row", name="3 phone")).to_be_visible()
        assert await violations(page) == []


async def barriers(page: Page, name: str, width: int) -> list[str]:
    """What axe finds on a page, and whether it is wider than its window."""
    found = [f"{name}: {violation}" for violation in await violations(page)]
    wide = await page.evaluate("document.documentElement.scrollWidth") > width
    return [*found, *([f"{name} is wider than {width}"] if wide else [])]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390), ("light", 390), ("dark", 1280)])
async def test_every_page_is_without_barriers_and_fits(
    browser: Browser, address: str, supabase: Supabase, office: Office, scheme: str, width: int
) -> None:
    await leave_a_message_that_did_not_go_out(office)
    viewport = {"width": width, "height": 850}
    async with await browser.new_context(color_scheme=scheme, viewport=viewport) as context:  # pyright: ignore[reportArgumentType]
        page = await signed_in(context, address, supabase)
        found: list[str] = []
        page.on("pageerror", lambda error: found.append(str(error)))
        for path in PAGES:
            await page.goto(f"{address}/{path}")
            found += await barriers(page, path or "now", width)
            await picture(page, f"{path or 'now'} {scheme} {width}")
        assert found == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
async def test_pages_of_one_thing_and_of_errors_are_without_barriers(
    browser: Browser, address: str, supabase: Supabase, office: Office, scheme: str, width: int
) -> None:
    keys = await office.rows(
        "select e.id, d.id, t.id from employees e join departments d on d.id = e.department_id"
        " join technicians t on t.company_id = e.company_id and t.badge = '101' where e.name = 'Karen Miller'"
    )
    person, department, technician = keys[0]
    one = (
        f"directory/people/{person}",
        f"directory/departments/{department}",
        f"work/technicians/{technician}",
        "work/technicians/new",
        "invitation?token=unknown",
        "nothing-of-that-name",
    )
    viewport = {"width": width, "height": 850}
    async with await browser.new_context(color_scheme=scheme, viewport=viewport) as context:  # pyright: ignore[reportArgumentType]
        page = await signed_in(context, address, supabase)
        found: list[str] = []
        for path in one:
            await page.goto(f"{address}/{path}")
            found += await barriers(page, path, width)
        await page.goto(f"{address}/directory/people/new")
        await page.get_by_label("Name", exact=True).fill("Paula Reyes")
        await page.get_by_label("Telephone").fill("12")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        found += await barriers(page, "a person that does not fit", width)
        assert found == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
async def test_page_of_who_belongs_to_no_company_is_without_barriers(
    browser: Browser, address: str, office: Office, scheme: str, width: int
) -> None:
    viewport = {"width": width, "height": 850}
    async with await browser.new_context(color_scheme=scheme, viewport=viewport) as context:  # pyright: ignore[reportArgumentType]
        await context.add_cookies(
            [{"name": "fieldline_session", "value": cookie(office.settings, "sam"), "url": address}]
        )
        page = await context.new_page()
        await page.goto(f"{address}/calls")
        await expect(page.get_by_text("belong to no company")).to_be_visible()
        assert await barriers(page, "no company", width) == []


async def test_sign_in_page_is_without_barriers(browser: Browser, address: str) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        await page.goto(f"{address}/sign-in")
        assert await violations(page) == []
