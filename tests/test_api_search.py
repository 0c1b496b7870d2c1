"""Searching and sorting: a list that offers it does it, and every list offers what its rows allow."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from admin_api.app import RESOURCES, create_app
from admin_api.resource import Resource
from admin_api.shapes import Searching
from fieldline.settings import load_settings
from tests.support.office import NORTHGATE, Office, open_office
from tests.support.stacks import Supabase

V1 = "/api/v1"
CALL = "0ca11000-0000-4000-8000-000000000001"
#: What happened is told in its order.
IN_ITS_ORDER = {f"{V1}/call-logs/{{id}}/transcript", f"{V1}/call-logs/{{id}}/timeline"}


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        await office.rows(
            "insert into public.call_logs (id, company_id, line, to_number, room, started_at)"
            f" values ('{CALL}', '{NORTHGATE}', 'reception', '+12025550100', 'searched', '2026-03-04 14:00Z')"
        )
        await office.rows(
            "with s as (insert into public.voice_agent_sessions (company_id, call_id, session_start)"
            f" values ('{NORTHGATE}', '{CALL}', '2026-03-04 14:00Z') returning id)"
            " insert into public.voice_agent_interactions (company_id, session_id, sequence, interaction_type, content)"
            f" select '{NORTHGATE}', s.id, w.n, 'user', w.said from s,"
            " (values (1, 'My gate is stuck.'), (2, 'Since Tuesday.')) w (n, said)"
        )
        yield office
        await session_supabase.reset()


def resources() -> list[Resource]:
    return [found for module in RESOURCES for found in vars(module).values() if isinstance(found, Resource)]


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.noun)
def test_list_takes_a_search_where_it_has_columns_to_search(resource: Resource) -> None:
    assert issubclass(resource.filters, Searching) == bool(resource.search)


def test_every_list_can_be_sorted() -> None:
    paths = create_app(load_settings()).openapi()["paths"]
    taken = {
        path: {parameter["name"] for parameter in operations["get"].get("parameters", [])}
        for path, operations in paths.items()
        if "get" in operations
    }
    unsorted = {path for path, names in taken.items() if "offset" in names and "sort" not in names}
    assert unsorted == IN_ITS_ORDER


@pytest.mark.parametrize(
    ("path", "words", "found"),
    [
        (f"call-logs/{CALL}/transcript", "GATE", 1),
        (f"call-logs/{CALL}/transcript", "fence", 0),
        (f"call-logs/{CALL}/timeline", "tuesday", 1),
        ("inventory/1/aliases", "dome", 2),
        ("inventory/1/aliases", "fence", 0),
        ("work-orders/1/history", "fence", 0),
        ("technicians/1/pin-attempts", "fence", 0),
    ],
)
async def test_what_is_searched_for_is_found_and_nothing_else(
    office: Office, path: str, words: str, found: int
) -> None:
    answer = await office["dispatcher"].get(f"{V1}/{path}", params={"q": words})
    assert (answer.status_code, answer.json()["total"]) == (200, found), answer.text


async def test_search_where_there_are_no_words_is_refused(office: Office) -> None:
    assert (await office["viewer"].get(f"{V1}/trucks/1/movements", params={"q": "x"})).status_code == 422


async def test_members_are_sorted(office: Office) -> None:
    async def emails(sort: str) -> list[str]:
        answer = await office["viewer"].get(f"{V1}/members", params={"sort": sort})
        return [row["email"] for row in answer.json()["items"]]

    assert await emails("email") == sorted(await emails("role"))
    assert await emails("-email") == list(reversed(await emails("email")))
    assert (await office["viewer"].get(f"{V1}/members", params={"sort": "token"})).status_code == 422
