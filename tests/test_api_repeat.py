"""Repeated requests when answers get lost: what may have been done is not done twice, and the limits count it all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from admin_api.limits import RateLimits
from fieldline.wire import Wire
from tests.support.office import NORTHGATE, Office, open_office, user_id
from tests.support.stacks import Supabase

ORDERS = "/api/v1/work-orders"
ORDER = {"customer_id": 1, "title": "Gate repair", "brief_description": "The gate does not open."}
KEY = {"Idempotency-Key": "once"}
LOST = "urn:fieldline:problem:outcome-unknown"
Cut = Callable[[str], None]


@pytest.fixture(scope="module")
async def office(session_supabase: Supabase) -> AsyncIterator[Office]:
    await session_supabase.reset()
    async with open_office(session_supabase) as office:
        yield office
        await session_supabase.reset()


@pytest.fixture(autouse=True)
async def nothing_kept(office: Office) -> None:
    await office.rows("delete from public.request_keys")
    await office.rows("delete from public.work_orders where title = 'Gate repair'")


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    """Let the database answer, once, to a request whose method and address contain this, and lose the answer."""
    ask: Callable[..., Awaitable[Any]] = Wire.request
    lost: list[str] = []

    async def request(self: Wire, method: str, url: Any, **given: Any) -> Any:
        answer = await ask(self, method, url, **given)
        if lost and lost[0] in f"{method} {url}":
            lost.pop(0)
            raise httpx.ReadError("the connection broke")
        return answer

    monkeypatch.setattr(Wire, "request", request)
    return lost.append


async def post(office: Office, **body: Any) -> httpx.Response:
    return await office["dispatcher"].post(ORDERS, json={**ORDER, **body}, headers=KEY)


async def orders(office: Office) -> int:
    [[count]] = await office.rows("select count(*) from public.work_orders where title = 'Gate repair'")
    return count


@pytest.mark.parametrize("answer", ["POST {}/work_orders", "GET {}/work_order_board"], ids=["of the write", "after it"])
async def test_order_whose_answer_was_lost_is_not_written_again(office: Office, cut: Cut, answer: str) -> None:
    # A reading is asked once more by itself.
    for _ in range(2 if answer.startswith("GET") else 1):
        cut(answer.format(f"{office.settings.supabase_url}/rest/v1"))
    first = await post(office)
    again = await post(office)
    assert (first.status_code, again.status_code, again.json()["type"]) == (503, 409, LOST), first.text + again.text
    assert await orders(office) == 1


async def test_order_whose_answer_could_not_be_kept_is_told_and_not_written_again(office: Office, cut: Cut) -> None:
    await office.rows("alter function public.end_request(text, integer, jsonb, jsonb) rename to gone")
    try:
        first = await post(office)
        again = await post(office)
    finally:
        await office.rows("alter function public.gone(text, integer, jsonb, jsonb) rename to end_request")
    assert (first.status_code, again.status_code) == (201, 409), again.text
    assert await orders(office) == 1


async def test_key_is_free_when_the_database_was_not_reached(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ask: Callable[..., Awaitable[Any]] = Wire.request

    async def request(self: Wire, method: str, url: Any, **given: Any) -> Any:
        if str(url).endswith("/work_orders"):
            raise httpx.ConnectError("nobody listens")
        return await ask(self, method, url, **given)

    with monkeypatch.context() as broken:
        broken.setattr(Wire, "request", request)
        first = await post(office)
    again = await post(office)
    assert (first.status_code, again.status_code) == (503, 201), again.text


async def test_server_where_nobody_listens_is_told_from_a_broken_connection() -> None:
    wire = Wire("http://127.0.0.1:1", connections=1, timeout_s=30)
    try:
        with pytest.raises(httpx.ConnectError):
            await wire.request("POST", "http://127.0.0.1:1/rest/v1/employees", headers=httpx.Headers())
    finally:
        await wire.aclose()


async def test_key_of_a_refusal_in_the_databases_words_is_free(office: Office) -> None:
    hours = {"mon": [["13:00", "17:00"], ["08:00", "12:00"]]}
    where = "/api/v1/departments"
    refused = await office["admin"].post(where, json={"name": "Dawn", "available_hours": hours}, headers=KEY)
    again = await office["admin"].post(where, json={"name": "Dawn"}, headers=KEY)
    assert (refused.status_code, again.status_code) == (422, 201), again.text


async def test_import_that_takes_minutes_is_not_begun_a_second_time(office: Office) -> None:
    await post(office)
    await office.rows("update public.request_keys set status = null, created_at = created_at - interval '130 seconds'")
    assert (await post(office)).json()["type"] == "urn:fieldline:problem:request-running"


async def test_repeats_are_counted_and_say_what_is_left(office: Office) -> None:
    await post(office)
    kept = office.app.state.rate_limits
    try:
        office.app.state.rate_limits = RateLimits(office.settings.model_copy(update={"rate_limit_per_user": 2}))
        answers = [await post(office) for _ in range(3)]
    finally:
        office.app.state.rate_limits = kept
    assert [a.status_code for a in answers] == [201, 201, 429]
    assert [a.headers["RateLimit-Remaining"] for a in answers] == ["1", "0", "0"]
    assert answers[0].headers["Idempotent-Replayed"] == "true"


async def test_request_with_a_key_counts_once(office: Office) -> None:
    kept = office.app.state.rate_limits
    try:
        office.app.state.rate_limits = RateLimits(office.settings.model_copy(update={"rate_limit_per_user": 9}))
        assert (await post(office)).headers["RateLimit-Remaining"] == "8"
    finally:
        office.app.state.rate_limits = kept


async def test_answer_is_not_given_again_to_whose_role_was_taken_away(office: Office) -> None:
    assert (await post(office)).status_code == 201
    role = f"where company_id = '{NORTHGATE}' and user_id = '{user_id('dispatcher')}'"
    await office.rows(f"update public.memberships set role = 'viewer' {role}")
    try:
        answer = await post(office)
        await office.rows(f"delete from public.memberships {role}")
        stranger = await post(office)
    finally:
        office.app.state.memberships.clear()
        await office.rows(f"delete from public.memberships {role}")
        await office.rows(
            f"insert into public.memberships (company_id, user_id, role)"
            f" values ('{NORTHGATE}', '{user_id('dispatcher')}', 'dispatcher')"
        )
    assert (answer.status_code, stranger.status_code) == (403, 403), answer.text
    assert "customer_id" not in answer.json()
