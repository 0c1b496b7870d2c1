"""What the admin API remembers so as not to ask at every request: tokens, memberships, and how often one has asked."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from admin_api.auth import LEEWAY_S, BadToken, Verifier
from admin_api.limits import Window
from tests.support.office import NORTHGATE, Office, open_office, token, user_id
from tests.support.stacks import Supabase


@pytest.fixture
async def office(supabase: Supabase) -> AsyncIterator[Office]:
    async with open_office(supabase) as office:
        yield office


async def _role(office: Office, role: str) -> None:
    await office.rows(
        "update memberships set role = %s where user_id = %s and company_id = %s", role, user_id("viewer"), NORTHGATE
    )


async def test_role_that_was_given_elsewhere_opens_at_once(office: Office) -> None:
    viewer = office["viewer"]
    assert (await viewer.post("/api/v1/employees", json={"name": "Paula"})).status_code == 403
    await _role(office, "admin")
    assert (await viewer.post("/api/v1/employees", json={"name": "Paula"})).status_code == 201


async def test_role_that_was_taken_elsewhere_writes_nothing(office: Office) -> None:
    viewer = office["viewer"]
    await _role(office, "admin")
    assert (await viewer.post("/api/v1/employees", json={"name": "Paula"})).status_code == 201
    await _role(office, "viewer")
    assert (await viewer.post("/api/v1/employees", json={"name": "Petra"})).status_code == 403
    assert await office.rows("select 1 from employees where name = 'Petra'") == []


async def test_somebody_who_joins_is_let_in_at_once(office: Office) -> None:
    assert (await office["sam"].get("/api/v1/employees")).status_code == 403
    await office.rows("insert into memberships values (%s, %s, 'viewer')", NORTHGATE, user_id("sam"))
    assert (await office["sam"].get("/api/v1/employees")).status_code == 200


async def test_remembered_token_ends_with_its_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Verifier(office.settings)
    given = token(office.settings, "admin", exp=int(time.time()) + 60)
    assert (await verifier.user(given)).id == user_id("admin")

    async def refused(_token: str) -> None:
        raise BadToken("checked again")

    monkeypatch.setattr(verifier, "_checked", refused)
    assert (await verifier.user(given)).id == user_id("admin")
    later = time.time() + 61 + LEEWAY_S
    monkeypatch.setattr("admin_api.auth.time.time", lambda: later)
    with pytest.raises(BadToken, match="checked again"):
        await verifier.user(given)


def test_limit_slides_with_the_minute() -> None:
    now = 600.0
    window = Window(lambda: now)
    assert [window.hit("one", 3)[:2] for _ in range(4)] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert window.hit("another", 3)[:2] == (True, 2)
    now = 660.0 + 30
    # Half of the last minute's three lie within sixty seconds: one is counted.
    assert [window.hit("one", 3)[:2] for _ in range(3)] == [(True, 1), (True, 0), (False, 0)]
    now = 780.0
    assert window.hit("one", 3)[:2] == (True, 2)
