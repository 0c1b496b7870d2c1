"""The office: the admin API in this process, on the embedded Supabase, and people of two companies who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import psycopg
from fastapi import FastAPI

from admin_api.app import create_app
from fieldline.settings import Settings
from tests.support.stacks import Supabase

NORTHGATE = "f1e1d000-0000-4000-8000-000000000001"
HARBOR = "f1e1d000-0000-4000-8000-000000000002"
#: Who there is: company and role. Sam has signed up and belongs to nothing; Otto is Harbor's.
PEOPLE: dict[str, tuple[str, str] | None] = {
    "admin": (NORTHGATE, "admin"),
    "dispatcher": (NORTHGATE, "dispatcher"),
    "viewer": (NORTHGATE, "viewer"),
    "otto": (HARBOR, "admin"),
    "sam": None,
}
FAR_FUTURE = 4_102_444_800


def user_id(name: str) -> str:
    """The id of one of PEOPLE."""
    return f"aaaaaaaa-0000-4000-9000-{sorted(PEOPLE).index(name):012d}"


def token(settings: Settings, name: str, **claims: Any) -> str:
    """An access token as the embedded auth server would sign it."""
    assert settings.supabase_jwt_secret
    said = {
        "sub": user_id(name),
        "aud": "authenticated",
        "role": "authenticated",
        "email": f"{name}@people.example",
        "exp": FAR_FUTURE,
        **claims,
    }
    given = {key: value for key, value in said.items() if value is not None}
    return jwt.encode(given, settings.supabase_jwt_secret.get_secret_value(), "HS256")


@dataclass
class Office:
    """The running API, and a client for each of PEOPLE."""

    app: FastAPI
    settings: Settings
    clients: Mapping[str, httpx.AsyncClient]
    database_url: str

    def __getitem__(self, name: str) -> httpx.AsyncClient:
        return self.clients[name]

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the owner of the database sees."""
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as owner:
            cursor = await owner.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def open_office(supabase: Supabase, **settings: Any) -> AsyncIterator[Office]:
    """The API for a test, with PEOPLE in the database and generous rate limits unless told otherwise."""
    given = supabase.settings.model_copy(
        update={"rate_limit_per_user": 1_000_000, "rate_limit_per_address": 1_000_000, **settings}
    )
    await enter(supabase.database_url)
    app = create_app(given)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        clients = {
            name: httpx.AsyncClient(
                transport=transport, base_url="http://api", headers={"Authorization": f"Bearer {token(given, name)}"}
            )
            for name in PEOPLE
        }
        clients["nobody"] = httpx.AsyncClient(transport=transport, base_url="http://api")
        yield Office(app, given, clients, supabase.database_url)
        for client in clients.values():
            await client.aclose()


async def enter(database_url: str) -> None:
    """Put PEOPLE into the database, as its owner."""
    async with await psycopg.AsyncConnection.connect(database_url) as owner:
        for name, membership in PEOPLE.items():
            await owner.execute(
                "insert into auth.users (id, email) values (%s, %s)", [user_id(name), f"{name}@people.example"]
            )
            if membership:
                await owner.execute(
                    "insert into public.memberships (company_id, user_id, role) values (%s, %s, %s)",
                    [membership[0], user_id(name), membership[1]],
                )
