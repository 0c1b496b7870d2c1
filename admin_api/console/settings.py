"""Settings: what callers are told, when the company is open, and how the line behaves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from admin_api.company_settings import NUMBERS, CompanySettings
from admin_api.console import hours
from admin_api.console.forms import Unfit, checked, told
from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import go, render
from admin_api.database import Row
from admin_api.problems import Problem, invalid
from admin_api.resource import etag, stale
from admin_api.shapes import Body, Hours, Name, Text100, Text500, partial

router = APIRouter(prefix="/settings")
HOME = "/console/settings"


class CompanyBody(Body):
    """What a company may change about itself; the database has the last word on hours and settings."""

    company_name: Name
    greeting_message: Text500
    timezone: Text100
    business_hours: Hours
    settings: CompanySettings


CompanyChange = partial(CompanyBody)
#: Settings that are one number, by the form that they stand in: what they are called, and of what so many.
LINE_NUMBERS = {
    "transfer_ring_seconds": ("Ring an employee for", "seconds"),
    "max_call_minutes": ("Longest call", "minutes"),
    "recording_days": ("Keep recordings for", "days"),
    "message_sound_days": ("Keep the sound of messages for", "days"),
}
PIN_NUMBERS = {
    "pin_tries": ("Lock a number after", "wrong PINs"),
    "pin_lock_minutes": ("Lock it for", "minutes"),
    "pin_length": ("Shortest PIN", "digits"),
}
TEXTS = ("recording_announcement", "fallback_number", "emergency_number", "address")
LISTS = ("services", "office_emails", "office_numbers")
SWITCHES = ("recording", "language_switch")


@router.get("")
async def settings(request: Request, office: Office) -> Response:
    """Everything that a company may settle."""
    return await _page(request, office, await _info(office))


async def _info(office: OfficeUser) -> Row:
    row = await office.db.first("company_info", where=office.mine())
    assert row is not None, "every company has its row"
    return row


async def _page(
    request: Request,
    office: OfficeUser,
    row: Row,
    problems: Mapping[str, str] | None = None,
    typed: FormData | None = None,
) -> Response:
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
        typed=typed or FormData(),
        line_numbers=LINE_NUMBERS,
        pin_numbers=PIN_NUMBERS,
        bounds=NUMBERS,
        zones=sorted(
            zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
        ),
        hours=hours,
        problems=problems or {},
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
    part = text(data, "part")
    try:
        if (seen := text(data, "version")) and seen != etag(row):
            raise stale()
        values = checked(CompanyChange, PARTS[part](data, row) if part in PARTS else {})
        await _write(office, values, row)
    except (Unfit, Problem) as error:
        return await _page(request, office, row, told(error), data)
    request.app.state.frames.clear()
    return go(HOME, "Saved. The next call goes by it.")


async def _write(office: OfficeUser, values: dict[str, Any], row: Row) -> None:
    """Change the company as it was read: settings are one column, so a change in between would be lost."""
    for column, function in (("business_hours", "hours_problem"), ("settings", "settings_problem")):
        if column in values:
            argument = function.removesuffix("_problem")
            if why := await office.db.rpc(function, **{argument: values[column]}):
                raise invalid("", str(why))
    read = office.mine(updated_at=row["updated_at"])
    if values and not await office.db.update("company_info", values, where=read, columns="company_id"):
        raise stale()


def _callers(data: FormData, row: Row) -> dict[str, Any]:
    return {name: text(data, name) for name in ("company_name", "greeting_message", "timezone")}


def _hours(data: FormData, row: Row) -> dict[str, Any]:
    return {"business_hours": hours.from_form(data, with_holidays=True)}


def _line(data: FormData, row: Row) -> dict[str, Any]:
    """Only the settings that the form shows; others that the company has stay."""
    shown = (*LINE_NUMBERS, *TEXTS, *LISTS, *SWITCHES)
    found: Row = {name: value for name, value in row["settings"].items() if name not in shown}
    found |= _whole_numbers(data, LINE_NUMBERS)
    for name in TEXTS:
        if typed := text(data, name):
            found[name] = re.sub(r"[\s()./-]", "", typed) if name.endswith("_number") else typed
    for name in LISTS:
        if typed := [part.strip() for part in re.split(r"[,\n]", str(data.get(name) or "")) if part.strip()]:
            found[name] = typed
    for name in SWITCHES:
        found[name] = data.get(name) == "yes"
    return {"settings": found}


def _pins(data: FormData, row: Row) -> dict[str, Any]:
    """The rules of PINs; an empty field goes back to ours."""
    others = {name: value for name, value in row["settings"].items() if name not in PIN_NUMBERS}
    return {"settings": others | _whole_numbers(data, PIN_NUMBERS)}


def _whole_numbers(data: FormData, names: Iterable[str]) -> dict[str, int]:
    """The numbers that were typed; all that do not fit are told at once."""
    found: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for name in names:
        low, high, _default = NUMBERS[name]
        typed = text(data, name)
        if typed is None:
            continue
        if typed.isascii() and typed.isdigit() and len(typed) < 10 and low <= int(typed) <= high:
            found[name] = int(typed)
        else:
            wrong[name] = f"Type a whole number from {low:,} to {high:,}."
    if wrong:
        raise Unfit(wrong)
    return found


PARTS = {"callers": _callers, "hours": _hours, "line": _line, "pins": _pins}


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
