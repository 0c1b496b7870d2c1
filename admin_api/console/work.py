"""Work: today's orders by technician, one order with its history, and messages to technicians."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import go, local, parsed, render
from admin_api.database import Row, Where
from admin_api.problems import invalid, not_found
from admin_api.resource import etag
from admin_api.routers.work_orders import work_orders

router = APIRouter(prefix="/work")
HOME = "/console/work"
ORDER = "id,number,title,status,order_type,scheduled_for,ends_at,assigned_technician_id,customers(name,address)"
#: Of an order that had no time so far.
USUAL_LENGTH = timedelta(hours=2)
#: Statuses that the office may set by hand, with the words on the button.
MOVES = {"pending": "Back to pending", "cancelled": "Cancel this order"}


@router.get("")
async def board(request: Request, office: Office, day: Annotated[str, Query(max_length=10)] = "") -> Response:
    """A day's orders under the technicians who have them."""
    today = datetime.fromisoformat(await office.db.rpc("fieldline_now")).astimezone(office.zone).date()
    try:
        shown = date.fromisoformat(day) if day else today
    except ValueError:
        shown = today
    orders, loose, people, clocks, trucks, drives, notes = await _day(office, shown)
    travelling = {row["work_order_id"] for row in drives}
    for row in [*orders, *loose]:
        row["shown"] = "travelling" if row["id"] in travelling else row["status"]
    nobodys = [row for row in orders if row["assigned_technician_id"] is None]
    return render(
        request,
        "work.html",
        office,
        lanes=_lanes(orders, people, clocks, trucks),
        nobodys=[*nobodys, *loose] if shown == today else nobodys,
        notes=notes,
        shown=shown,
        today=today,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
    )


async def _day(office: OfficeUser, day: date) -> list[list[Row]]:
    """Of a day: orders, orders without a day, technicians, who is clocked in, trucks, who is on the way, notices."""
    begin, end = _bounds(office, day)
    span = [Where("scheduled_for", "gte", begin), Where("scheduled_for", "lt", end)]
    clock = "technician_id,clock_in_time,truck_id"
    drive = "technician_id,work_order_id,travel_start_time"
    mine, db = office.mine, office.db
    pages = await asyncio.gather(
        db.select("work_orders", ORDER, where=[*mine(), *span], order=["scheduled_for"], limit=500),
        db.select("work_orders", ORDER, where=mine(status="pending", scheduled_for=None), order=["number"], limit=50),
        db.select("technicians", "id,name,badge,phone", where=mine(active=True), order=["name"]),
        db.select("technician_clock_records", clock, where=mine(clock_out_time=None)),
        # Not as a part of the clock records: corrections name both, so there are two ways from one to the other.
        db.select("trucks", "id,number", where=mine()),
        db.select("travel_logs", drive, where=mine(travel_end_time=None)),
        db.select("notifications", where=mine(is_read=False, technician_id=None), order=["-created_at"], limit=20),
    )
    return [page.rows for page in pages]


def _lanes(orders: list[Row], people: list[Row], clocks: list[Row], trucks: list[Row]) -> list[Row]:
    """A technician each, with their clock, their truck and their orders."""
    numbers = {truck["id"]: truck["number"] for truck in trucks}
    at_work = {clock["technician_id"]: {**clock, "truck": numbers.get(clock["truck_id"])} for clock in clocks}
    return [
        {
            **person,
            "clock": at_work.get(person["id"]),
            "orders": [row for row in orders if row["assigned_technician_id"] == person["id"]],
        }
        for person in people
    ]


def _bounds(office: OfficeUser, day: date) -> tuple[str, str]:
    """The day in the company's time, as moments."""
    begin = datetime.combine(day, time.min, office.zone)
    end = datetime.combine(day + timedelta(days=1), time.min, office.zone)
    return begin.isoformat(), end.isoformat()


@router.get("/orders/{number}")
async def order(request: Request, office: Office, number: int) -> Response:
    """One order, by the number that people say, with everything that happened to it."""
    columns = "*,customers(name,address,phone)"
    row = await office.db.first("work_orders", columns, where=office.mine(number=number))
    if row is None:
        raise not_found()
    where = office.mine(work_order_id=row["id"])
    history, notes, drives, parts, people = await asyncio.gather(
        office.db.select("work_order_history", where=where, order=["created_at"], limit=500),
        office.db.select("work_order_notes", where=where, order=["created_at"], limit=200),
        office.db.select("travel_logs", where=where, order=["travel_start_time"], limit=50),
        office.db.select(
            "stock_movements",
            "change,reason,created_at,technician_id,inventory_items(name,unit),trucks(number)",
            where=where,
            order=["created_at"],
            limit=200,
        ),
        office.db.select("technicians", "id,name", where=office.mine(), order=["name"]),
    )
    names = {str(person["id"]): person["name"] for person in people.rows}
    return render(
        request,
        "order.html",
        office,
        row=row,
        story=_story(history.rows, notes.rows, drives.rows, parts.rows, names),
        technician=names.get(str(row["assigned_technician_id"])),
        people=people.rows,
        moves=MOVES,
        starts=_typed_time(row["scheduled_for"], office),
        length=_length(row),
        version=etag(row),
    )


def _story(
    history: list[Row], notes: list[Row], drives: list[Row], parts: list[Row], names: dict[str, str]
) -> list[Row]:
    """All that happened, in order: what, by whom, when."""
    found: list[Row] = []
    for row in history:
        who = names.get(str(row["changed_by_id"])) if row["changed_by_type"] == "technician" else row["changed_by_type"]
        old, new = row["old_value"], row["new_value"]
        if row["field_changed"] == "assigned_technician_id":
            old, new = names.get(str(old), "nobody"), names.get(str(new), "nobody")
        found.append(
            {
                "at": row["created_at"],
                "who": who,
                "field": row["field_changed"],
                "old": old,
                "new": new,
                "kind": "change",
            }
        )
    for row in notes:
        who = names.get(str(row["technician_id"]), "the office")
        found.append(
            {"at": row["created_at"], "who": who, "text": row["note_text"], "struck": row["deleted_at"], "kind": "note"}
        )
    for row in drives:
        who = names.get(str(row["technician_id"]))
        found.append({"at": row["travel_start_time"], "who": who, "text": "set out", "kind": "drive"})
        if row["travel_end_time"]:
            found.append({"at": row["travel_end_time"], "who": who, "text": "arrived", "kind": "drive"})
    for row in parts:
        said = (
            f"{row['reason']} {abs(row['change'])} × {row['inventory_items']['name']} (truck {row['trucks']['number']})"
        )
        found.append(
            {"at": row["created_at"], "who": names.get(str(row["technician_id"])), "text": said, "kind": "part"}
        )
    return sorted(found, key=lambda entry: entry["at"])


def _typed_time(value: str | None, office: OfficeUser) -> str:
    found = local(value, office.zone)
    return f"{found:%Y-%m-%dT%H:%M}" if found else ""


@router.post("/orders/{number}")
async def change_order(office: Office, data: Form, number: int) -> Response:
    """Give an order to a technician and a time, or add a note of the office."""
    office.must("dispatcher")
    row = await _order(office, number)
    there = f"{HOME}/orders/{number}"
    if note := text(data, "note"):
        await office.db.insert(
            "work_order_notes", {"company_id": office.company_id, "work_order_id": row["id"], "note_text": note}
        )
        return go(there, "The note was added.")
    starts = text(data, "starts")
    values = {"assigned_technician_id": _number(text(data, "technician")), **_moved(row, starts, office)}
    await work_orders.patch(office.db, office.member, row["id"], values, text(data, "version"))
    if row["status"] == "pending" and starts:
        await office.db.rpc("set_order_status", order_id=row["id"], status="scheduled")
    return go(there, "The order was changed.")


def _moved(row: Row, starts: str | None, office: OfficeUser) -> dict[str, Any]:
    """The new time of an order, as long as it was; nothing when the time stays."""
    if starts is None or starts == _typed_time(row["scheduled_for"], office):
        return {}
    try:
        begin = datetime.fromisoformat(starts).replace(tzinfo=office.zone)
    except ValueError:
        raise invalid("time", "write it as 2026-03-04T10:00") from None
    return {"scheduled_for": begin.isoformat(), "ends_at": (begin.astimezone(UTC) + _length(row)).isoformat()}


def _length(row: Row) -> timedelta:
    begin, end = parsed(row["scheduled_for"]), parsed(row["ends_at"])
    return end - begin if begin and end else USUAL_LENGTH


@router.post("/orders/{number}/status")
async def move_order(office: Office, data: Form, number: int) -> Response:
    """Cancel an order, or put it back. The database knows which moves there are."""
    office.must("dispatcher")
    row = await _order(office, number)
    status = text(data, "status")
    if status not in MOVES:
        raise invalid("status", "there is no such status")
    reason = text(data, "reason") or ("Cancelled by the office" if status == "cancelled" else None)
    await office.db.rpc("set_order_status", order_id=row["id"], status=status, reason=reason)
    return go(f"{HOME}/orders/{number}", "The order was changed.")


async def _order(office: OfficeUser, number: int) -> Row:
    row = await office.db.first("work_orders", "id,status,scheduled_for,ends_at", where=office.mine(number=number))
    if row is None:
        raise not_found()
    return row


@router.post("/tell")
async def tell(office: Office, data: Form) -> Response:
    """A message to a technician; the line reads it out at their next call."""
    office.must("dispatcher")
    words = text(data, "message")
    if words is None:
        return go(HOME, problem="There was nothing to send. Type the message first.")
    row = {
        "company_id": office.company_id,
        "technician_id": _number(text(data, "technician")),
        "message": words,
        "priority": text(data, "priority") or "normal",
    }
    if (order_number := _number(text(data, "order"))) is not None:
        row["work_order_id"] = (await _order(office, order_number))["id"]
    await office.db.insert("manual_notifications", row, columns="id")
    return go(HOME, "Sent. The line reads it out at the technician's next call.")


@router.post("/notices/{key}")
async def seen(office: Office, data: Form, key: int) -> Response:
    """A notice to the office was read."""
    office.must("dispatcher")
    await office.db.update("notifications", {"is_read": True}, where=office.mine(id=key), columns="id")
    return go(HOME)


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() else None
