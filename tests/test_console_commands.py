"""Taking a live call over from the console: written down under the person's own rights, and answered on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest

from admin_api.console.feed import Feed
from fieldline.tables import TablesPool
from tests.support.console import CSRF, live_call, visitor
from tests.support.office import NORTHGATE, Office, open_office, token
from tests.support.stacks import Supabase

TAKEN = (
    "select k.kind, e.name, k.result from call_commands k join employees e on e.id::text = k.payload ->> 'employee_id'"
)


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def shown(office: Office, *words: str) -> str:
    """What the stream of live calls says once it has all of these words."""
    pool = TablesPool.open(office.settings)
    stream = Feed(NORTHGATE, ZoneInfo("America/New_York"), every_s=0.05).watch(
        pool.acting_as(token(office.settings, "viewer"))
    )
    try:
        async for piece in stream:
            if all(word in piece for word in words):
                return piece
    finally:
        await stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]
        await pool.aclose()
    raise AssertionError("the stream ended")


@pytest.mark.parametrize(
    ("result", "said"),
    [({"ok": True}, "Done"), ({"ok": False, "reason": "declined"}, "Not done: declined")],
    ids=["taken", "declined"],
)
async def test_take_over_is_written_down_and_its_result_is_shown(
    office: Office, supabase: Supabase, result: dict[str, object], said: str
) -> None:
    [[tom]] = await office.rows("select id from employees where name = 'Tom Baker'")
    form = {"kind": "take_over", "employee_id": str(tom), "csrf": CSRF}
    async with live_call(supabase) as call, visitor(office, "dispatcher") as browser:
        assert (await browser.post(f"/console/calls/{call.id}/commands", data=form)).status_code == 200
        assert await office.rows(TAKEN) == [("take_over", "Tom Baker", None)]
        await shown(office, "Take over by Tom Baker", ">Sent<")
        [command] = await call.commands()
        assert command["payload"] == {"employee_id": str(tom)}
        await shown(office, "Take over by Tom Baker", ">At it<")
        await call.settle(command["id"], result)
        await shown(office, "Take over by Tom Baker", said)
        await call.end()
        page = (await browser.get(f"/console/calls/{call.id}")).text
    assert "What the office asked for" in page and said.rpartition(": ")[2].casefold() in page.casefold()


async def test_who_may_only_look_takes_nothing_over(office: Office, supabase: Supabase) -> None:
    [[tom]] = await office.rows("select id from employees where name = 'Tom Baker'")
    form = {"kind": "take_over", "employee_id": str(tom), "csrf": CSRF}
    async with live_call(supabase) as call:
        for name, status in (("viewer", 403), ("otto", 404)):
            async with visitor(office, name) as browser:
                assert (await browser.post(f"/console/calls/{call.id}/commands", data=form)).status_code == status
    assert await office.rows(TAKEN) == []


async def test_nobody_is_asked_to_take_over_who_cannot_be_rung(office: Office, supabase: Supabase) -> None:
    await office.rows("update employees set phone = null where name = 'Tom Baker'")
    [[tom]] = await office.rows("select id from employees where name = 'Tom Baker'")
    async with live_call(supabase) as call, visitor(office, "dispatcher") as browser:
        form = {"kind": "take_over", "employee_id": str(tom), "csrf": CSRF}
        answer = await browser.post(f"/console/calls/{call.id}/commands", data=form)
    assert answer.status_code == 409 and "no telephone number" in answer.json()["problem"]
    assert await office.rows(TAKEN) == []
