"""Now: calls as they happen, and what a dispatcher may do about them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import aiohttp
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from livekit import api

from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import render
from admin_api.problems import from_store, not_found
from fieldline.errors import StoreError
from fieldline.live import COMMAND_TOPIC
from fieldline.rescue import livekit_api

logger = logging.getLogger(__name__)
router = APIRouter()

#: Seconds after which a stream ends and the browser opens the next, with a role that was asked for afresh.
STREAM_S = 300
#: A nudge that takes longer is given up: the job looks by itself.
NUDGE_S = 2.0


@router.get("/")
async def now(request: Request, office: Office) -> Response:
    """The live calls, or what to do before there can be any."""
    numbers, people, steps = await asyncio.gather(
        office.db.select("phone_numbers", "number", where=office.mine(active=True), order=["number"]),
        office.db.select("employees", "id,name,phone", where=office.mine(active=True), order=["name"], limit=500),
        first_steps(office),
    )
    all_done = all(step["done"] for step in steps)
    return render(
        request,
        "now.html",
        office,
        numbers=[row["number"] for row in numbers.rows],
        people=[row for row in people.rows if row["phone"]],
        steps=[] if all_done else steps,
        all_done=all_done,
    )


async def first_steps(office: OfficeUser) -> list[dict[str, Any]]:
    """What a company needs before its line is of use, and whether it is there."""
    info, number, person, call = await asyncio.gather(
        office.db.first("company_info", "business_hours", where=office.mine()),
        office.db.first("phone_numbers", "id", where=office.mine(active=True)),
        office.db.first("employees", "id", where=office.mine(active=True)),
        office.db.first("call_logs", "id", where=office.mine()),
    )
    hours = (info or {}).get("business_hours") or {}
    steps = (
        (number, "/console/settings", "A telephone number", "Callers reach you by it; your operator connects it."),
        (person, "/console/directory/people/new", "People of the office", "Add who can be called, or import a list."),
        (
            any(hours.get(day) for day in hours if day != "holidays"),
            "/console/settings",
            "Opening hours",
            "When you answer in person.",
        ),
        (call, "/console/try", "A test call", "Hear what your callers hear."),
    )
    return [
        {"done": bool(done), "address": address, "title": title, "text": said} for done, address, title, said in steps
    ]


@router.get("/events")
async def events(request: Request, office: Office, last_event_id: Annotated[str | None, Header()] = None) -> Response:
    """Server-sent events of the company's live calls, resumed after the one that was seen last."""
    feed = request.app.state.feeds.of(office.company_id, office.zone)
    until = time.monotonic() + min(STREAM_S, max(office.session.ends_in_s, 1))

    async def stream() -> AsyncIterator[str]:
        async for piece in feed.watch(office.db, last_event_id):
            yield piece
            if time.monotonic() > until:
                return

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


@router.post("/calls/{call_id}/commands")
async def command(request: Request, call_id: UUID, office: Office, data: Form) -> Response:
    """Write a command for the agent of a live call, and nudge it. What came of it comes by the stream."""
    office.must("dispatcher")
    call = await office.db.first("call_logs", "id,room", where=office.mine(id=str(call_id)))
    if call is None:
        raise not_found()
    kind = text(data, "kind") or ""
    payload = {name: value for name in ("text", "employee_id") if (value := text(data, name)) is not None}
    row = {"company_id": office.company_id, "call_id": call["id"], "kind": kind, "payload": payload}
    try:
        written = await office.db.insert("call_commands", row, columns="id")
    except StoreError as error:
        problem = from_store(error)
        return JSONResponse({"problem": problem.detail}, problem.kind.status)
    await nudge(request, call["room"])
    return JSONResponse({"id": written["id"]})


async def nudge(request: Request, room: str) -> None:
    """Have the job look at once. A lost nudge costs seconds, so failures are only logged."""
    settings = request.app.state.settings
    if not (settings.livekit_url and settings.livekit_api_key):
        return
    client = livekit_api(settings)
    try:
        async with asyncio.timeout(NUDGE_S):
            await client.room.send_data(
                api.SendDataRequest(
                    room=room, data=json.dumps({}).encode(), kind=api.DataPacket.Kind.RELIABLE, topic=COMMAND_TOPIC
                )
            )
    except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
        logger.info("the job was not nudged", extra={"reason": type(error).__name__})
    finally:
        await client.aclose()
