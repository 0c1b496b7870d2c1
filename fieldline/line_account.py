"""`fieldline line-account`: the machine user that the voice worker signs in as, on a hosted Supabase.

Needs the secret key once; afterwards the worker has only its own account, which can call the line functions
and nothing else. The local stack makes its own (`fieldline.stack.accounts`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError

from fieldline.errors import FieldlineError, SettingsError
from fieldline.settings import Settings

PASSWORD_BYTES = 32


@dataclass(frozen=True)
class LineAccount:
    """The account, and its password when it was made just now."""

    email: str
    password: str | None


async def ensure_line_account(settings: Settings, email: str) -> LineAccount:
    """Make the account if it is missing, give it the configured password, list it in `line_accounts`. Safe to repeat.

    Raises:
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing.
        FieldlineError: Supabase refused.
    """
    client = await _client(settings)
    given = settings.line_password.get_secret_value() if settings.line_password else None
    password = given or secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        user = await _find(client, email)
        made = user is None
        if user is None:
            answer = await client.auth.admin.create_user({"email": email, "password": password, "email_confirm": True})
            user = answer.user.id
    except AuthApiError as error:
        raise FieldlineError(
            f"Supabase Auth refused: {error.message}. Is SUPABASE_SECRET_KEY the secret key?"
        ) from error
    await client.table("line_accounts").upsert({"user_id": user}, ignore_duplicates=True).execute()
    return LineAccount(email, password if made and not given else None)


async def _find(client: AsyncClient, email: str) -> str | None:
    page = 1
    while users := await client.auth.admin.list_users(page=page, per_page=200):
        for user in users:
            if (user.email or "").lower() == email.lower():
                return user.id
        page += 1
    return None


async def _client(settings: Settings) -> AsyncClient:
    if not settings.supabase_url or not settings.supabase_secret_key:
        raise SettingsError(["SUPABASE_URL and SUPABASE_SECRET_KEY: needed to make the worker's account"])
    return await acreate_client(
        settings.supabase_url,
        settings.supabase_secret_key.get_secret_value(),
        AsyncClientOptions(auto_refresh_token=False, persist_session=False),
    )
