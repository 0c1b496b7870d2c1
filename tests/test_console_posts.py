"""Every form of the console: whose role is too low changes nothing, nor does another company; who may, does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest

from tests.support.console import CSRF, visitor
from tests.support.office import Office, open_office
from tests.support.posts import POSTS
from tests.support.stacks import Supabase

RANK = ("viewer", "dispatcher", "admin")


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as running:
        yield running


async def one(office: Office, query: str) -> Any:
    return (await office.rows(query.replace("%", "%%")))[0][0]


@pytest.mark.parametrize("name", POSTS)
async def test_form_is_for_its_roles_and_its_company(office: Office, name: str) -> None:
    post = POSTS[name]
    if post.given:
        for statement in post.given.split("; "):
            await office.rows(statement)
    key = await one(office, post.key) if post.key else ""
    form = {
        field: str(await one(office, f"select {value}")) if value.startswith("(") else value
        for field, value in post.form.items()
    }
    address = f"/console/{post.path.format(key)}"

    async def send(who: str) -> int:
        async with visitor(office, who) as browser:
            return (await browser.post(address, data={"csrf": CSRF, **form})).status_code

    for role in RANK[: RANK.index(post.least)]:
        assert await send(role) == 403, role
    if post.ones:
        await send("otto")
    assert await one(office, post.asks) == post.before
    assert await send(post.least) == 303
    assert await one(office, post.asks) == post.after


async def test_number_that_was_locked_may_try_again(office: Office) -> None:
    asks = "select count(*) from pin_attempts where forgiven_at is null and not succeeded"
    await office.rows(
        "with call as (insert into call_logs (company_id, line, from_number, to_number, room)"
        " select company_id, 'technician', '+12025550101', '+12025550100', 'call-wrong' from departments"
        " where name = 'Dispatch' returning company_id, id)"
        " insert into pin_attempts (company_id, call_id, technician_id, from_number, succeeded)"
        " select c.company_id, c.id, t.id, '+12025550101', false from call c join technicians t"
        " on t.company_id = c.company_id and t.name = 'Mike Johnson'"
    )
    key = await one(office, "select id from technicians where name = 'Mike Johnson'")
    for path, form in (("settings/unlock", {"number": "+12025550101"}), (f"work/technicians/{key}/unlock", {})):
        await office.rows("update pin_attempts set forgiven_at = null")
        for who, left in (("viewer", 1), ("otto", 1), ("dispatcher", 0)):
            async with visitor(office, who) as browser:
                await browser.post(f"/console/{path}", data={"csrf": CSRF, **form})
            assert await one(office, asks) == left, (path, who)


async def test_pin_that_is_refused_leaves_the_technician_and_is_not_shown(office: Office) -> None:
    form = {"csrf": CSRF, "name": "Nina Cole", "phone": "+12025550177", "badge": "177", "pin": "1111", "active": "yes"}
    async with visitor(office, "dispatcher") as browser:
        answer = await browser.post("/console/work/technicians/new", data=form)
        page = (await browser.get(answer.headers["location"])).text
        assert "without a PIN" in page and "1111" not in page
        wrong = await browser.post("/console/work/technicians/new", data={**form, "badge": "x", "pin": "4826"})
    assert wrong.status_code == 422 and "4826" not in wrong.text


async def test_in_production_an_administrator_alone_tries_the_line_and_withholds_the_number(supabase: Supabase) -> None:
    async with open_office(supabase) as office:
        office.app.state.settings = office.settings.model_copy(update={"env": "production"})
        form = {"csrf": CSRF, "from": "+12025550101", "to": "+12025550100"}
        found: dict[str, int] = {}
        said = ""
        for role in RANK:
            async with visitor(office, role) as browser:
                answer = await browser.post("/console/try", data=form)
                found[role] = answer.status_code
                said = str(
                    jwt.decode(answer.json()["token"], options={"verify_signature": False}) if role == "admin" else ""
                )
        assert found == {"viewer": 403, "dispatcher": 403, "admin": 200}
    assert "+12025550101" not in said and "+12025550100" in said
