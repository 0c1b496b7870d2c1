"""The first accounts of a local stack: the line's own, and an administrator of the demo company.

Both are made by sign-up through the auth API, as on a hosted project, and entered in our tables by the owner.
"""

from __future__ import annotations

from typing import Any

import psycopg

from fieldline.errors import StackError
from fieldline.stack.rest import Rest
from fieldline.stack.web import request

#: The demo company is the one that answers here (supabase/seed.sql).
DEMO_NUMBER = "+12025550100"


async def ensure_accounts(rest: Rest, database: str) -> None:
    """Make what is missing of the two accounts. Safe to repeat.

    Raises:
        StackError: the auth API refused.
    """
    secrets = rest.secrets
    line = await _user_id(rest, secrets.line_email, secrets.line_password)
    admin = await _user_id(rest, secrets.admin_email, secrets.admin_password)
    async with await psycopg.AsyncConnection.connect(database) as owner:
        await owner.execute("insert into public.line_accounts (user_id) values (%s) on conflict do nothing", [line])
        await owner.execute(
            "insert into public.memberships (company_id, user_id, role)"
            " select company_id, %s, 'admin' from public.phone_numbers where number = %s on conflict do nothing",
            [admin, DEMO_NUMBER],
        )


async def sign_in(rest: Rest, email: str, password: str) -> str:
    """A fresh access token.

    Raises:
        StackError: the account is unknown or the password wrong.
    """
    return (await _token(rest, "token?grant_type=password", email, password))["access_token"]


async def _user_id(rest: Rest, email: str, password: str) -> str:
    try:
        answer = await _token(rest, "token?grant_type=password", email, password)
    except StackError:
        answer = await _token(rest, "signup", email, password)
    return answer["user"]["id"]


async def _token(rest: Rest, action: str, email: str, password: str) -> dict[str, Any]:
    status, body = await request(
        "POST",
        f"{rest.url}/auth/v1/{action}",
        headers={"apikey": rest.secrets.publishable_key},
        body={"email": email, "password": password},
    )
    if status != 200 or "user" not in body:
        raise StackError(f"The auth API refused {action} for {email}: {status} {body}")
    return body
