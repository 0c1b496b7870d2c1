"""Settings: what callers are told, when the company is open, and how the line behaves."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from admin_api.console import hours
from admin_api.console.forms import Unfit, checked, unfit
from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import go, render
from admin_api.database import Row
from admin_api.problems import Problem, invalid
from admin_api.resource import etag, stale
from admin_api.shapes import Body, Facts, Hours, Name, Text100, Text500, partial

router = APIRouter(prefix="/settings")
HOME = "/console/settings"


class CompanyBody(Body):
    """What a company may change about itself; the database has the last word on hours and settings."""

    company_name: Name
    greeting_message: Text500
    timezone: Text100
    business_hours: Hours
    settings: Facts


CompanyChange = partial(CompanyBody)
#: Settings that are one number, with what they are when nothing is set (agent and database agree on these).
NUMBERS = {
    "transfer_ring_seconds": ("Ring an employee for", 25, "seconds, 5 to 120", 5, 120),
    "max_call_minutes": ("Longest call", 30, "minutes, 1 to 240", 1, 240),
    "recording_days": ("Keep recordings for", 90, "days", 1, 3650),
    "message_sound_days": ("Keep the sound of messages for", 90, "days", 1, 3650),
}
TEXTS = ("recording_announcement", "fallback_number", "emergency_number", "address")
LISTS = ("services", "office_emails", "office_numbers")
SWITCHES = ("recording", "language_switch")


@router.get("")
async def settings(request: Request, office: Office) -> Response:
    """Everything that a company may settle."""
    return await _page(request, office, await _info(office), {})


async def _info(office: OfficeUser) -> Row:
    row = await office.db.first("company_info", where=office.mine())
    assert row is not None, "every company has its row"
    return row


async def _page(request: Request, office: OfficeUser, row: Row, problems: dict[str, str]) -> Response:
    numbers, locked = await asyncio.gather(
        office.db.select("phone_numbers", where=office.mine(), order=["number"]),
        _wrong_pins(office),
    )
    return render(
        request,
        "settings.html",
        office,
        row=row,
        version=etag(row),
        settings=row["settings"],
        phone_numbers=numbers.rows,
        wrong_pins=locked,
        number_settings=NUMBERS,
        zones=sorted(
            zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
        ),
        hours=hours,
        problems=problems,
        status=422 if problems else 200,
    )


async def _wrong_pins(office: OfficeUser) -> list[Row]:
    """The newest wrong tries, for who may see them."""
    if not office.may("dispatcher"):
        return []
    columns = "from_number,created_at,succeeded"
    found = await office.db.select(
        "pin_attempts", columns, where=office.mine(succeeded=False), order=["-created_at"], limit=5
    )
    return found.rows


@router.post("")
async def change(request: Request, office: Office, data: Form) -> Response:
    """Change one part of the page; the others stay as they are."""
    office.must("admin")
    row = await _info(office)
    if (seen := text(data, "version")) and seen != etag(row):
        raise stale()
    part = text(data, "part")
    try:
        values = checked(CompanyChange, PARTS[part](data, row) if part in PARTS else {})
        await _write(office, values)
    except Unfit as error:
        return await _page(request, office, row, error.problems)
    except Problem as problem:
        return await _page(request, office, row, unfit(problem).problems)
    request.app.state.frames.clear()
    return go(HOME, "Saved. The next call goes by it.")


async def _write(office: OfficeUser, values: dict[str, Any]) -> None:
    for column, function in (("business_hours", "hours_problem"), ("settings", "settings_problem")):
        if column in values:
            argument = function.removesuffix("_problem")
            if why := await office.db.rpc(function, **{argument: values[column]}):
                raise invalid("", str(why))
    if values:
        await office.db.update("company_info", values, where=office.mine(), columns="company_id")


def _callers(data: FormData, row: Row) -> dict[str, Any]:
    return {name: text(data, name) for name in ("company_name", "greeting_message", "timezone")}


def _hours(data: FormData, row: Row) -> dict[str, Any]:
    return {"business_hours": hours.from_form(data, with_holidays=True)}


def _line(data: FormData, row: Row) -> dict[str, Any]:
    """Only the settings that the form shows; others that the company has stay."""
    found: Row = {
        name: value for name, value in row["settings"].items() if name not in (*NUMBERS, *TEXTS, *LISTS, *SWITCHES)
    }
    for name in NUMBERS:
        if typed := text(data, name):
            if not typed.isascii() or not typed.isdigit():
                raise invalid(name, "type a whole number")
            found[name] = int(typed)
    for name in TEXTS:
        if typed := text(data, name):
            found[name] = re.sub(r"[\s()./-]", "", typed) if name.endswith("_number") else typed
    for name in LISTS:
        if typed := [part.strip() for part in re.split(r"[,\n]", str(data.get(name) or "")) if part.strip()]:
            found[name] = typed
    for name in SWITCHES:
        found[name] = data.get(name) == "yes"
    return {"settings": found}


PARTS = {"callers": _callers, "hours": _hours, "line": _line}


@router.post("/numbers/{key}")
async def change_number(office: Office, data: Form, key: UUID) -> Response:
    """What a number is called, and whether calls to it are answered."""
    office.must("admin")
    values = {"label": text(data, "label") or "main", "active": data.get("active") == "yes"}
    await office.db.update("phone_numbers", values, where=office.mine(id=str(key)), columns="id")
    return go(HOME, "The number was changed.")


@router.post("/unlock")
async def unlock(office: Office, data: Form) -> Response:
    """Let a number try PINs again."""
    office.must("dispatcher")
    await office.db.rpc("unlock_number", number=text(data, "number"))
    return go(HOME, "That number may try again.")
