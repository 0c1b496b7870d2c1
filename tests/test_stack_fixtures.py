"""The fixtures that other tests stand on."""

from __future__ import annotations

import psycopg
import pytest

from fieldline.stack.web import request
from tests.support import required
from tests.support.stacks import Supabase


async def test_clock_starts_on_a_wednesday_morning(sql: psycopg.AsyncConnection) -> None:
    found = await sql.execute("select to_char(fieldline_now() at time zone 'America/New_York', 'Dy HH24:MI')")
    row = await found.fetchone()
    # It runs on from nine o'clock while the session's tests do.
    assert row and row[0].startswith(("Wed 09:", "Wed 10:"))


async def test_each_test_has_its_own_database(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("create table public.spoiled (id int)")


async def test_supabase_rows_are_put_back(supabase: Supabase) -> None:
    for expected in (1, 0, 1):
        async with await psycopg.AsyncConnection.connect(supabase.database_url) as owner:
            row = await (await owner.execute("select count(*) from public.line_accounts")).fetchone()
            assert row == (expected or 1,)
            await owner.execute("delete from public.line_accounts")
        await supabase.reset()
    info = supabase.info
    status, body = await request(
        "POST",
        f"{info.supabase_url}/auth/v1/token?grant_type=password",
        headers={"apikey": info.supabase_publishable_key},
        body={"email": info.line_email, "password": info.line_password},
    )
    assert status == 200
    headers = {"apikey": info.supabase_publishable_key, "Authorization": f"Bearer {body['access_token']}"}
    status, body = await request("POST", f"{info.supabase_url}/rest/v1/rpc/line_ping", headers=headers, body={})
    assert status == 200 and body["now"].startswith("2026-03-04T14:0")


async def test_livekit_answers(livekit: Supabase) -> None:
    status, _ = await request("GET", livekit.info.livekit_url.replace("ws", "http", 1))
    assert status == 200
    assert livekit.settings.livekit_api_key == livekit.info.livekit_api_key


def build_skip(item: pytest.Item, reason: str) -> pytest.TestReport:
    longrepr = (str(item.path), 1, f"Skipped: {reason}")
    return pytest.TestReport(item.nodeid, item.location, {}, "skipped", longrepr, "setup")


@pytest.mark.room
def test_skip_of_a_required_test_fails(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = build_skip(request.node, "no livekit-server")
    monkeypatch.delenv("FIELDLINE_REQUIRE", raising=False)
    required.refuse_skip(request.node, skipped)
    assert skipped.skipped
    monkeypatch.setenv("FIELDLINE_REQUIRE", "browser,room")
    required.refuse_skip(request.node, skipped)
    assert skipped.failed and "no livekit-server" in str(skipped.longrepr)
