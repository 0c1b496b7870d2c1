"""Every operation, for every role, and for the other company: one table, which no operation can be missing from."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin_api import deps, openapi
from admin_api.app import create_app
from fieldline.settings import load_settings
from tests.support.office import NORTHGATE, Office, open_office, user_id
from tests.support.operations import OPERATIONS, build_call, send
from tests.support.stacks import Supabase

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
ROLES = ("viewer", "dispatcher", "admin")
#: What somebody may do who belongs to no company.
FOR_ANYBODY = {"GET /me", "POST /invitations/accept"}
READING = [name for name in OPERATIONS if name.startswith("GET")]
WRITING = [name for name in OPERATIONS if not name.startswith("GET") and name not in FOR_ANYBODY]


def documented() -> dict[str, list[str]]:
    """The table of docs/api.md: who may do what."""
    rows = re.findall(r"^\| `([A-Z]+ /\S+)` \| (.*) \|$", PAGE.read_text(), re.M)
    return {name: [r for r, may in zip(ROLES, cells.split(" | "), strict=True) if may == "yes"] for name, cells in rows}


#: Each write, and everybody who may not do it.
FORBIDDEN = [
    (name, person)
    for name in WRITING
    for person in ("otto", "sam", "viewer", "dispatcher")
    if person not in documented().get(name, ())
]


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        yield office


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's own checks off: it takes everybody for an admin of Northgate."""

    async def everybody(*_about: object) -> list[dict[str, str]]:
        return [{"company_id": NORTHGATE, "role": "admin"}]

    monkeypatch.setattr(deps, "memberships_of", everybody)


def test_no_operation_is_missing_from_the_table() -> None:
    app = create_app(load_settings())
    real = {f"{method} {path.removeprefix('/api/v1')}" for method, path, _route in openapi.operations(app)}
    assert set(OPERATIONS) == real


def test_the_page_says_what_the_routes_demand() -> None:
    demanded = {}
    for method, path, route in openapi.operations(create_app(load_settings())):
        least = openapi.role_of(route) or "viewer"
        demanded[f"{method} {path.removeprefix('/api/v1')}"] = list(ROLES[ROLES.index(least) :])
    assert documented() == demanded


@pytest.mark.parametrize("name", OPERATIONS)
async def test_each_role_may_do_what_the_page_says(office: Office, name: str) -> None:
    may = documented()[name]
    for role in ROLES:
        answer = await send(office, role, await build_call(office, name))
        assert answer.status_code == (OPERATIONS[name].status if role in may else 403), f"{role}: {answer.text}"


@pytest.mark.parametrize("name", OPERATIONS)
async def test_who_is_not_signed_in_or_belongs_nowhere_gets_nothing(office: Office, name: str) -> None:
    call = await build_call(office, name)
    assert (await send(office, "nobody", call)).status_code == 401
    expected = OPERATIONS[name].status if name in FOR_ANYBODY else 403
    assert (await send(office, "sam", call)).status_code == expected


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "{" in name])
async def test_what_is_anothers_answers_like_what_does_not_exist(office: Office, name: str) -> None:
    call = await build_call(office, name)
    anothers = await send(office, "otto", call)
    unknown_id = user_id("sam") if "-" in call.path.split("/")[4] else str(2**40)
    unknown = await office["otto"].request(
        call.method,
        re.sub(r"/(\d+|[0-9a-f-]{36})(?=/|$)", f"/{unknown_id}", call.path),
        json=call.body,
        params=call.query,
    )
    assert anothers.status_code == unknown.status_code == 404, f"{anothers.text} {unknown.text}"
    assert anothers.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


@pytest.mark.parametrize("name", [name for name in READING if "{" not in name and name not in FOR_ANYBODY])
async def test_a_list_shows_nothing_of_another_company(office: Office, name: str) -> None:
    call = await build_call(office, name)
    ours, theirs = (await send(office, "admin", call)).text, (await send(office, "otto", call)).text
    ids = r"[0-9a-f]{8}-[0-9a-f-]{27}|\"id\":\d+"
    assert not set(re.findall(ids, ours)) & set(re.findall(ids, theirs))


@pytest.mark.parametrize("name", [name for name in WRITING if "{" not in name])
async def test_what_is_written_lands_in_ones_own_company(office: Office, name: str) -> None:
    await send(office, "otto", await build_call(office, name))
    assert (
        await office.rows(
            "select entity from public.audit_log where company_id = %s and user_id = %s", NORTHGATE, user_id("otto")
        )
        == []
    )


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("person", ["otto", "sam"])
@pytest.mark.parametrize("name", [name for name in READING if name not in FOR_ANYBODY])
async def test_database_shows_strangers_nothing_even_when_the_api_would(office: Office, name: str, person: str) -> None:
    answer = await send(office, person, await build_call(office, name))
    if "{" in name or name in ("GET /company", "GET /company/open"):
        assert answer.status_code == 404, answer.text
    elif name.endswith(".csv"):
        assert answer.status_code == 200 and len(answer.text.splitlines()) == 1
    elif name == "GET /usage":
        assert answer.json()["calls"] == 0
    else:
        assert (answer.status_code, answer.json()["total"]) == (200, 0), answer.text


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("name", "person"), FORBIDDEN)
async def test_database_refuses_writes_even_when_the_api_would_not(office: Office, name: str, person: str) -> None:
    before = await _writes(office, person)
    call = await build_call(office, name)
    answer = await send(office, person, call)
    assert await _writes(office, person) == before, "a row was written"
    # Unlocking a number speaks of all companies of whoever asks, and of none for who has none.
    assert answer.status_code in (403, 404, 422) or answer.json().get("forgiven") == 0, answer.text


async def _writes(office: Office, person: str) -> int:
    [[count]] = await office.rows(
        "select count(*) from public.audit_log where company_id = %s and user_id = %s", NORTHGATE, user_id(person)
    )
    return count
