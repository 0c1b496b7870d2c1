"""The one-shot service `migrate` of docker-compose.yml: a database as Supabase's image makes it, brought up to date."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest

from deploy.migrate import bring_up_to_date, ensure_line_account
from fieldline.errors import StackError
from fieldline.realtime import TABLES
from fieldline.stack import migrate
from tests.support.stacks import Databases

EMAIL, PASSWORD, SERVICE_JWT = "line@company.example", "5d41402abc4b2a76", "header.service.signature"

#: What the image has and its auth server makes, as far as our migrations lean on it.
AS_THE_IMAGE = """
create schema auth;
create schema extensions;
grant usage on schema public, auth, extensions to anon, authenticated, service_role;
create table auth.users (id uuid primary key, email text unique, created_at timestamptz default now());
create function auth.jwt() returns jsonb language sql stable as
  $$ select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;
create function auth.uid() returns uuid language sql stable as $$ select (auth.jwt() ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as $$ select auth.jwt() ->> 'role' $$;
create publication supabase_realtime;
"""


class AuthServer(BaseHTTPRequestHandler):
    """The two requests of the auth server that matter here; accounts live in `server.accounts`."""

    def do_POST(self) -> None:
        accounts: dict[str, tuple[str, str]] = self.server.accounts  # pyright: ignore[reportAttributeAccessIssue]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user_id, password = accounts.get(body["email"], ("", ""))
        if self.path == "/admin/users":
            if self.headers["Authorization"] != f"Bearer {SERVICE_JWT}":
                return self._answer(403, {"msg": "not an administrator"})
            if user_id:
                return self._answer(422, {"error_code": "email_exists"})
            user_id = accounts.setdefault(body["email"], (self.server.next_id, body["password"]))[0]  # pyright: ignore[reportAttributeAccessIssue]
            return self._answer(200, {"id": user_id})
        if user_id and body["password"] == password:
            return self._answer(200, {"user": {"id": user_id}})
        return self._answer(400, {"error_code": "invalid_credentials"})

    def _answer(self, status: int, body: dict[str, str] | dict[str, dict[str, str]]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
async def as_the_image(postgres: Databases) -> AsyncIterator[str]:
    name = f"image_{uuid.uuid4().hex[:8]}"
    await migrate.create_database(postgres.stack.postgres.url(), name)
    url = postgres.stack.postgres.url(name)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as owner:
        await owner.execute(AS_THE_IMAGE)
    yield url
    await postgres.drop(url)


@pytest.fixture
def auth() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), AuthServer)
    server.accounts = {}  # pyright: ignore[reportAttributeAccessIssue]
    server.next_id = str(uuid.uuid4())  # pyright: ignore[reportAttributeAccessIssue]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


async def line_accounts(url: str) -> list[tuple[uuid.UUID]]:
    async with await psycopg.AsyncConnection.connect(url) as owner:
        return await (await owner.execute("select user_id from public.line_accounts")).fetchall()


async def test_applies_every_migration_once(as_the_image: str) -> None:
    assert await bring_up_to_date(as_the_image) == [m.version for m in migrate.migrations()]
    assert await bring_up_to_date(as_the_image) == []


async def test_what_the_console_follows_live_is_published_to_realtime(as_the_image: str) -> None:
    await bring_up_to_date(as_the_image)
    async with await psycopg.AsyncConnection.connect(as_the_image) as owner:
        rows = await owner.execute("select tablename from pg_publication_tables where pubname = 'supabase_realtime'")
        assert {name for (name,) in await rows.fetchall()} == set(TABLES)


async def test_makes_the_line_account_once(as_the_image: str, auth: ThreadingHTTPServer) -> None:
    await bring_up_to_date(as_the_image)
    user_id = auth.next_id  # pyright: ignore[reportAttributeAccessIssue]
    async with await psycopg.AsyncConnection.connect(as_the_image) as owner:
        await owner.execute("insert into auth.users (id, email) values (%s, %s)", [user_id, EMAIL])
    for _ in range(2):
        await ensure_line_account(as_the_image, address(auth), SERVICE_JWT, EMAIL, PASSWORD)
    assert [str(found) for (found,) in await line_accounts(as_the_image)] == [user_id]


async def test_says_how_to_mend_a_password_that_changed(as_the_image: str, auth: ThreadingHTTPServer) -> None:
    await bring_up_to_date(as_the_image)
    auth.accounts[EMAIL] = (str(uuid.uuid4()), "another")  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(StackError, match="FIELDLINE_LINE_PASSWORD"):
        await ensure_line_account(as_the_image, address(auth), SERVICE_JWT, EMAIL, PASSWORD)
    assert await line_accounts(as_the_image) == []


async def test_a_wrong_service_token_makes_nobody(as_the_image: str, auth: ThreadingHTTPServer) -> None:
    await bring_up_to_date(as_the_image)
    with pytest.raises(StackError, match="403"):
        await ensure_line_account(as_the_image, address(auth), "header.forged.signature", EMAIL, PASSWORD)
    assert await line_accounts(as_the_image) == []
