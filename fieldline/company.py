"""`fieldline company add`: a company, its number, hours to begin with, and a link for its first administrator."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from postgrest.exceptions import APIError
from supabase import acreate_client

from fieldline.errors import FieldlineError, Refusal, SettingsError, StoreError, StoreUnavailable
from fieldline.phone import to_e164
from fieldline.settings import Settings

#: Office hours until the administrator says otherwise: Monday to Friday, eight to five.
HOURS = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
#: Path of the console page that takes an invitation. The token is the fragment: no server logs it.
INVITATION_PATH = "/invitation"
LINK_DAYS = 7


@dataclass(frozen=True)
class CompanyAdded:
    """What was done. `link` works once, within a week; None when the company has an administrator already."""

    company_id: str
    created: bool
    link: str | None


async def add_company(
    settings: Settings, name: str, *, number: str, timezone: str, admin_email: str, console_url: str | None = None
) -> CompanyAdded:
    """Make the company that is dialled at `number`, or find it; with a new link while it has no administrator.

    Args:
        settings: with SUPABASE_URL and SUPABASE_SECRET_KEY.
        name: as callers hear it.
        number: E.164, or national of the United States.
        timezone: IANA name such as America/New_York.
        admin_email: whom the link is for.
        console_url: where the console is; the admin API's own address by default.

    Raises:
        SettingsError: the address or the secret key is missing.
        FieldlineError: an argument does not fit, or the database refused or could not be reached.
    """
    dialled = _checked(number, timezone, admin_email)
    token = secrets.token_urlsafe(32)
    answer = await _rpc(
        settings,
        "add_company",
        {
            "name": name,
            "number": dialled,
            "timezone": timezone,
            "admin_email": admin_email,
            "token_hash": hashlib.sha256(token.encode()).hexdigest(),
            "business_hours": HOURS,
            "greeting": f"Thank you for calling {name}. This is the automated assistant.",
        },
    )
    console = (console_url or f"http://{settings.api_host}:{settings.api_port}/console").rstrip("/")
    link = f"{console}{INVITATION_PATH}#{token}" if answer["invited"] else None
    return CompanyAdded(answer["company_id"], answer["created"], link)


def _checked(number: str, timezone: str, admin_email: str) -> str:
    dialled = to_e164(number)
    if dialled is None:
        raise FieldlineError(f"{number!r} is not a telephone number such as +12025550100.")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise FieldlineError(f"{timezone!r} is not a time zone such as America/New_York.") from None
    user, at, host = admin_email.partition("@")
    if not (user and at and host) or " " in admin_email:
        raise FieldlineError(f"{admin_email!r} is not an e-mail address.")
    return dialled


async def _rpc(settings: Settings, function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if not settings.supabase_url or not settings.supabase_secret_key:
        raise SettingsError(["SUPABASE_URL, SUPABASE_SECRET_KEY: Project Settings > API keys in Supabase"])
    client = await acreate_client(settings.supabase_url, settings.supabase_secret_key.get_secret_value())
    try:
        return cast(dict[str, Any], (await client.rpc(function, arguments).execute()).data)
    except APIError as error:
        code = str(error.code or "")
        if code.startswith("FL"):
            raise Refusal(code, error.message or code, json.loads(error.details or "{}"), error.hint or "") from error
        raise StoreError(code, f"{function}: {error.message}") from error
    except httpx.TransportError as error:
        raise StoreUnavailable(f"{function}: {error!r}") from error
    finally:
        await client.postgrest.aclose()
