"""Deliveries: what went out by SMS and e-mail, to whom, and what did not; in local mode as it lies in the mailbox."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from admin_api.console.office import Form, Office
from admin_api.console.pages import go, render
from admin_api.database import Row, Where
from admin_api.shapes import BIGGEST_ID
from fieldline.mailbox import mail_of
from fieldline.settings import Settings

router = APIRouter(prefix="/deliveries")
HOME = "/console/deliveries"
PAGE = 50
COLUMNS = "*,messages(from_caller),notifications(notification_type),manual_notifications(technicians(name))"
#: What can be looked for: its name, and the condition.
SHOWS = {
    "failed": ("Not delivered", Where("state", "eq", "failed")),
    "waiting": ("On their way", Where("state", "in", ["queued", "sending"])),
    "sms": ("SMS", Where("channel", "eq", "sms")),
    "email": ("E-mail", Where("channel", "eq", "email")),
}


@router.get("")
async def deliveries(
    request: Request,
    office: Office,
    show: Annotated[str, Query(max_length=20)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """What leaves the house, newest first."""
    show = show if show in SHOWS else ""
    where = [*office.mine(), *([SHOWS[show][1]] if show else [])]
    found = await office.db.select(
        "deliveries", COLUMNS, where=where, order=["-id"], limit=PAGE, offset=offset, count=True
    )
    settings: Settings = request.app.state.settings
    for row in found.rows:
        row["about"] = _about(row)
        row["file"] = None
        if settings.env == "local":
            _as_it_lies_there(row, settings)
    return render(
        request,
        "deliveries.html",
        office,
        rows=found.rows,
        total=found.total or 0,
        limit=PAGE,
        offset=offset,
        show=show,
        shows=SHOWS,
        local=settings.env == "local",
        query=f"show={show}" if show else "",
    )


@router.post("/{key}/retry")
async def retry(office: Office, data: Form, key: Annotated[int, Path(ge=1, le=BIGGEST_ID)]) -> Response:
    """Try again what failed."""
    office.must("dispatcher")
    await office.db.rpc("retry_delivery", delivery_id=key)
    return go(HOME, "It is being sent again.")


def _about(row: Row) -> str:
    """What it tells of, in words."""
    if row["messages"]:
        return f"Message from {row['messages']['from_caller']}"
    if row["notifications"]:
        return f"Notice: {row['notifications']['notification_type'].replace('_', ' ')}"
    told = (row["manual_notifications"] or {}).get("technicians")
    return f"Word to {told['name']}" if told else "Word to a technician"


def _as_it_lies_there(row: Row, settings: Settings) -> None:
    mail = mail_of(settings.home, row["id"])
    # A file of another database, whose numbers began anew, is not ours.
    if mail and mail.address == row["address"]:
        row["body"], row["file"] = mail.body, mail.file.name
