"""The embedded API answers as a hosted project does, and gives away no more."""

from __future__ import annotations

import time
from typing import Any

import jwt
import psycopg
import pytest

from fieldline.stack.web import request
from tests.support.stacks import Supabase


async def call(supabase: Supabase, path: str, token: str | None = None, key: str | None = None, **body: Any):
    info = supabase.info
    headers = {"apikey": info.supabase_publishable_key if key is None else key}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return await request(
        "POST", f"{info.supabase_url}{path}", headers={k: v for k, v in headers.items() if v}, body=body
    )


def forged(supabase: Supabase, role: str) -> str:
    """A token with any role, signed with the real secret: as if that had leaked."""
    claims = {"sub": "0", "role": role, "aud": "authenticated", "exp": int(time.time()) + 60}
    return jwt.encode(claims, supabase.info.supabase_jwt_secret, "HS256")


async def test_request_without_key_is_refused(supabase: Supabase) -> None:
    status, _ = await call(supabase, "/rest/v1/rpc/line_ping", key="")
    assert status == 401


async def test_anon_may_do_nothing(supabase: Supabase) -> None:
    key = {"apikey": supabase.info.supabase_publishable_key}
    for method, path in (("POST", "rpc/line_ping"), ("GET", "companies"), ("GET", "line_accounts")):
        body = {} if method == "POST" else None
        status, body = await request(method, f"{supabase.info.supabase_url}/rest/v1/{path}", headers=key, body=body)
        assert status in (401, 403) and body["code"] == "42501", body


@pytest.mark.parametrize("role", ["postgres", "pg_read_all_data", "pg_execute_server_program"])
async def test_no_token_leads_to_a_mightier_role(supabase: Supabase, role: str) -> None:
    status, body = await request(
        "GET",
        f"{supabase.info.supabase_url}/rest/v1/line_accounts",
        headers={
            "apikey": supabase.info.supabase_publishable_key,
            "Authorization": f"Bearer {forged(supabase, role)}",
        },
    )
    assert status >= 400, body


async def test_the_api_does_not_log_in_as_superuser(supabase: Supabase) -> None:
    async with await psycopg.AsyncConnection.connect(supabase.database_url) as owner:
        rows = await owner.execute(
            "select rolname from pg_roles where rolsuper and rolname in"
            " (select usename from pg_stat_activity where application_name <> 'psql' and usename = 'fieldline_api')"
        )
        assert await rows.fetchall() == []


async def test_refusal_keeps_its_sqlstate_facts_and_hint(supabase: Supabase) -> None:
    status, body = await call(supabase, "/rest/v1/rpc/line_ping", token=supabase.info.admin_token)
    assert (status, body["code"], body["message"]) == (400, "FL001", "not_a_line_account")
    assert body["details"] == "{}" and body["hint"]


async def test_children_get_no_maintenance_keys(supabase: Supabase) -> None:
    environment = supabase.info.part_env(without=("SUPABASE_JWT_SECRET",))
    secret = {"DATABASE_URL", "SUPABASE_SECRET_KEY", "SUPABASE_JWT_SECRET", "SUPABASE_SERVICE_ROLE_KEY"}
    assert not secret & set(environment)
    values = set(environment.values())
    assert supabase.info.supabase_secret_key not in values and supabase.info.database_url not in values
