"""The one-shot service `migrate`: brings the database to the newest migration and makes the line's account.

Safe to repeat, at every start. Reads DATABASE_URL (the owner), AUTH_URL (the auth server itself, not the gateway),
SUPABASE_SERVICE_JWT, FIELDLINE_LINE_EMAIL and FIELDLINE_LINE_PASSWORD. Exit code 1 with the reason when it fails.
"""

from __future__ import annotations

import asyncio
import os
import sys

import httpx
import psycopg

from fieldline.errors import StackError
from fieldline.stack.migrate import migrate

LEDGER = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text primary key, statements text[], name text
);
"""


async def bring_up_to_date(database: str) -> list[str]:
    """Apply what is missing and tell PostgREST; the versions applied.

    Raises:
        StackError: a migration failed; none of it stays.
    """
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute(LEDGER)
    applied = await migrate(database)
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute("notify pgrst, 'reload schema'")
    return applied


async def ensure_line_account(database: str, auth: str, service_jwt: str, email: str, password: str) -> None:
    """Make the machine user that the worker signs in as, where there is none, and enter it in line_accounts.

    Raises:
        StackError: the account exists with another password, or the auth server refuses.
    """
    async with httpx.AsyncClient(base_url=auth, timeout=10) as client:
        made = await client.post(
            "/admin/users",
            headers={"Authorization": f"Bearer {service_jwt}"},
            json={"email": email, "password": password, "email_confirm": True},
        )
        if made.status_code not in (200, 201, 422):
            raise StackError(f"The auth server refused to make {email}: {made.status_code} {made.text}")
        signed_in = await client.post("/token?grant_type=password", json={"email": email, "password": password})
    if signed_in.status_code != 200:
        raise StackError(
            f"{email} cannot sign in: {signed_in.status_code}",
            hint="Set FIELDLINE_LINE_PASSWORD to the password of that account, or FIELDLINE_LINE_EMAIL to a new one.",
        )
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute(
            "insert into public.line_accounts (user_id) values (%s) on conflict do nothing",
            [signed_in.json()["user"]["id"]],
        )


async def main() -> int:
    try:
        applied = await bring_up_to_date(os.environ["DATABASE_URL"])
        print(f"migrations applied: {', '.join(applied) or 'none were missing'}")
        await ensure_line_account(
            os.environ["DATABASE_URL"],
            os.environ["AUTH_URL"],
            os.environ["SUPABASE_SERVICE_JWT"],
            os.environ["FIELDLINE_LINE_EMAIL"],
            os.environ["FIELDLINE_LINE_PASSWORD"],
        )
    except KeyError as error:
        print(f"{error.args[0]} is not set", file=sys.stderr)
        return 1
    except (StackError, psycopg.Error, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
