"""Pages from templates: every value escaped, every moment in the company's time, every number readable."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import phonenumbers
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from admin_api.console import words
from admin_api.console.office import OfficeUser
from admin_api.console.sessions import PATH
from fieldline.settings import Settings

HERE = Path(__file__).parent
STATIC = HERE / "static"
FLASH = "fieldline_flash"
FLASH_S = 30
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(Z|[+-]\d\d:?\d\d)")


def policy(settings: Settings) -> str:
    """What a page may load and whom it may talk to: us, and LiveKit for calls from the browser."""
    livekit = livekit_address(settings)
    there = f" {livekit} {livekit.replace('ws', 'http', 1)}" if livekit else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"media-src 'self' blob: https:; connect-src 'self'{there}; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def livekit_address(settings: Settings) -> str:
    """Where a browser finds LiveKit."""
    return settings.livekit_public_url or settings.livekit_url or ""


def render(
    request: Request, template: str, office: OfficeUser | None = None, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page. What was left for it by the request before (`go`) is shown once."""
    flash = _flash(request)
    html = (
        environment()
        .get_template(template)
        .render(
            request=request,
            office=office,
            flash=flash,
            csrf=context.pop("csrf", office.session.csrf if office else ""),
            path=request.url.path,
            words=words,
            **context,
        )
    )
    headers = {
        "Content-Security-Policy": policy(request.app.state.settings),
        "Cache-Control": "no-store",
        # A form that does not fit leads back to its page.
        "Referrer-Policy": "same-origin",
    }
    response = HTMLResponse(html, status, headers)
    if flash:
        response.delete_cookie(FLASH, path=PATH)
    return response


def fragment(template: str, **context: Any) -> str:
    """A part of a page, for a script to put in its place."""
    return environment().get_template(template).render(words=words, **context)


def go(address: str, done: str = "", *, problem: str = "") -> Response:
    """To another page of ours, which says once what was done or why not."""
    response = RedirectResponse(address, 303)
    if done or problem:
        value = quote(json.dumps({"kind": "problem" if problem else "done", "text": (problem or done)[:600]}))
        response.set_cookie(FLASH, value, max_age=FLASH_S, path=PATH, httponly=True, samesite="lax")
    return response


def _flash(request: Request) -> Mapping[str, str] | None:
    try:
        value = json.loads(unquote(request.cookies.get(FLASH, "")))
    except ValueError:
        return None
    return value if isinstance(value, dict) and {"kind", "text"} <= value.keys() else None


@cache
def environment() -> Environment:
    """The templates. Undefined names are errors: a page that is half empty helps nobody."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "clock": _clock,
        "day": _day,
        "moment": _moment,
        "iso": _iso,
        "phone": phone,
        "lasted": lasted,
        "fact": _fact,
    }
    found.globals |= {"asset": asset}
    return found


@cache
def asset(name: str) -> str:
    """The address of a file of ours; it changes with the file, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"{PATH}/static/{name}?{digest}"


def parsed(value: str | datetime | None) -> datetime | None:
    """A moment as the database writes it."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def local(value: str | datetime | None, zone: ZoneInfo) -> datetime | None:
    """A moment in the company's time."""
    found = parsed(value)
    return found.astimezone(zone) if found else None


def _zone(context: Context) -> ZoneInfo:
    office = context.get("office")
    return context.get("zone") or (office.zone if office else ZoneInfo("UTC"))


@pass_context
def _clock(context: Context, value: str | datetime | None) -> str:
    found = local(value, _zone(context))
    return f"{found:%H:%M}" if found else ""


@pass_context
def _day(context: Context, value: str | datetime | None) -> str:
    found = local(value, _zone(context))
    return f"{found:%a} {found.day} {found:%b}" if found else ""


@pass_context
def _moment(context: Context, value: str | datetime | None) -> str:
    found = local(value, _zone(context))
    return f"{found:%a} {found.day} {found:%b %Y, %H:%M}" if found else ""


@pass_context
def _fact(context: Context, value: str) -> str:
    """A fact of a tool; a moment in the company's time."""
    return _clock(context, value) if MOMENT.fullmatch(value) else value


def _iso(value: str | datetime | None) -> str:
    found = parsed(value)
    return found.astimezone(UTC).isoformat(timespec="seconds") if found else ""


def phone(value: str | None) -> str:
    """A number as people write it; words for a withheld one."""
    if not value:
        return "Number withheld"
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def lasted(start: str | datetime | None, end: str | datetime | None) -> str:
    """How long something took: `4 min 05 s`."""
    begin, finish = parsed(start), parsed(end)
    if begin is None or finish is None:
        return ""
    took = max(finish - begin, timedelta())
    minutes, seconds = divmod(int(took.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
