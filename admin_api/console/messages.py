"""Messages: what callers left, whether it reached somebody, and that it was read."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from admin_api.console.office import Form, Office
from admin_api.console.pages import go, render
from admin_api.console.sound import playable
from admin_api.database import Where
from admin_api.problems import not_found

router = APIRouter(prefix="/messages")
HOME = "/console/messages"
PAGE = 50


@router.get("")
async def messages(
    request: Request,
    office: Office,
    show: Annotated[str, Query(max_length=20)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Messages, newest first; what nobody has read stands out."""
    where = office.mine()
    if show == "unread":
        where.append(Where("status", "neq", "read"))
    found = await office.db.select(
        "messages",
        "*,employees(name),departments(name),deliveries(id,channel,address,state,attempts,last_error,next_attempt_at)",
        where=where,
        order=["-timestamp", "id"],
        limit=PAGE,
        offset=offset,
        count=True,
    )
    sounds = await asyncio.gather(*(playable(request, row["audio_path"]) for row in found.rows))
    for row, sound in zip(found.rows, sounds, strict=True):
        row["sound"] = sound
    return render(
        request,
        "messages.html",
        office,
        rows=found.rows,
        total=found.total or 0,
        limit=PAGE,
        offset=offset,
        show=show,
        query=f"show={show}" if show == "unread" else "",
    )


@router.post("/{key}/read")
async def read(office: Office, data: Form, key: UUID) -> Response:
    """Somebody has read it."""
    office.must("dispatcher")
    changed = await office.db.update("messages", {"status": "read"}, where=office.mine(id=str(key)), columns="id")
    if not changed:
        raise not_found()
    return go(HOME, "Marked as read.")


@router.post("/{key}/resend")
async def resend(office: Office, data: Form, key: UUID) -> Response:
    """Send it again, by the ways that it went before."""
    office.must("dispatcher")
    await office.db.rpc("resend_message", message_id=str(key))
    return go(HOME, "It is being sent again.")
