"""The gateway before the real parts: sign-in and a line function through it, with the client that the worker uses.

Compose's PostgREST and auth server listen without the prefixes that the gateway takes off; the embedded API has them.
A second Caddy in between puts them on again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import jwt
import pytest

from fieldline.errors import StoreError
from fieldline.store import LineStore
from tests.support.gateway import Gateway, free_ports, run_caddy, run_gateway
from tests.support.stacks import Supabase

PREFIXES = """
{{
	admin off
	auto_https off
}}
http://127.0.0.1:{rest} {{
	rewrite * /rest/v1{{uri}}
	reverse_proxy {api}
}}
http://127.0.0.1:{auth} {{
	rewrite * /auth/v1{{uri}}
	reverse_proxy {api}
}}
"""


@pytest.fixture(scope="module")
def gateway(session_supabase: Supabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    info = session_supabase.info
    folder = tmp_path_factory.mktemp("gateway")
    rest, auth, api = free_ports(3)
    prefixes = folder / "Caddyfile"
    prefixes.write_text(PREFIXES.format(rest=rest, auth=auth, api=info.supabase_url.removeprefix("http://")))
    claims = {"role": "service_role", "iss": "fieldline", "exp": int(time.time()) + 3600}
    keys = {
        "SUPABASE_PUBLISHABLE_KEY": info.supabase_publishable_key,
        "SUPABASE_SECRET_KEY": info.supabase_secret_key,
        "SUPABASE_SERVICE_JWT": jwt.encode(claims, info.supabase_jwt_secret, "HS256"),
    }
    upstreams = {"rest": f"127.0.0.1:{rest}", "auth": f"127.0.0.1:{auth}", "api": f"127.0.0.1:{api}"}
    with run_caddy(prefixes, folder, {}):
        yield from run_gateway(folder, upstreams, keys)


async def test_the_line_signs_in_and_asks_through_it(supabase: Supabase, gateway: Gateway) -> None:
    settings = supabase.settings.model_copy(update={"supabase_url": gateway.inside})
    store = await LineStore.open(settings)
    try:
        assert (await store.line_ping())["now"].startswith("2026-03-04T")
    finally:
        await store.aclose()


async def test_a_wrong_key_is_a_clear_refusal(supabase: Supabase, gateway: Gateway) -> None:
    settings = supabase.settings.model_copy(
        update={"supabase_url": gateway.inside, "supabase_publishable_key": "sb_publishable_wrong"}
    )
    store = await LineStore.open(settings)
    try:
        with pytest.raises(StoreError, match="Invalid API key"):
            await store.line_ping()
    finally:
        await store.aclose()


async def test_the_publishable_key_alone_reads_and_calls_nothing(supabase: Supabase, gateway: Gateway) -> None:
    key = supabase.info.supabase_publishable_key
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=gateway.inside, headers=headers) as client:
        read = await client.get("/rest/v1/technicians")
        called = await client.post("/rest/v1/rpc/line_ping", json={})
    assert read.status_code in (401, 403) or read.json() == []
    assert called.status_code >= 400


async def test_the_secret_key_is_the_service_role(supabase: Supabase, gateway: Gateway) -> None:
    key = supabase.info.supabase_secret_key
    async with httpx.AsyncClient(base_url=gateway.inside) as client:
        for headers in ({"apikey": key}, {"apikey": key, "Authorization": f"Bearer {key}"}):
            answer = await client.get("/rest/v1/companies?select=name", headers=headers)
            assert answer.status_code == 200 and len(answer.json()) >= 2
