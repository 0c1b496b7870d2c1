"""Try it: call your own line from the browser, and hear the greeting before callers do.

The browser gets a token that makes it a telephone: kind SIP, the attributes that the SIP service would set, and the
agent's dispatch. In local mode the caller's number is chosen; in production it is withheld, so nobody can pass for
somebody else, and the room's name marks the call as a test.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from livekit import api

from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import livekit_address, render
from admin_api.problems import UNAVAILABLE, Problem, invalid
from fieldline.lab.sip import Server, SipLeg
from fieldline.live import SPEAK_PREFIX, TEST_ROOM_PREFIX
from fieldline.settings import Settings

router = APIRouter()

#: Nobody of the seeded companies has this number.
STRANGER = "+12025559999"
LONGEST_TEXT = 500


@router.get("/try")
async def page(request: Request, office: Office) -> Response:
    """A telephone in the browser."""
    settings: Settings = request.app.state.settings
    office_numbers = await office.db.select(
        "phone_numbers", "number,label", where=office.mine(active=True), order=["number"]
    )
    return render(
        request,
        "try.html",
        office,
        numbers=office_numbers.rows,
        local=settings.env == "local",
        may=may_call(settings, office),
        callers=await callers(office) if settings.env == "local" else [],
        livekit=livekit_address(settings),
    )


def may_call(settings: Settings, office: OfficeUser) -> bool:
    """Calls cost money in production, so there they are an administrator's."""
    return office.may("admin" if settings.env == "production" else "dispatcher")


async def callers(office: OfficeUser) -> list[dict[str, str]]:
    """Who can be played in local mode."""
    people, staff, customers = await asyncio.gather(
        office.db.select("technicians", "name,phone,badge", where=office.mine(active=True), order=["badge"], limit=20),
        office.db.select("employees", "name,phone", where=office.mine(active=True), order=["name"], limit=20),
        office.db.select("customers", "name,phone", where=office.mine(), order=["id"], limit=20),
    )
    found = [
        {"number": row["phone"], "name": f"{row['name']}, technician, badge {row['badge']}"} for row in people.rows
    ]
    found += [{"number": row["phone"], "name": f"{row['name']}, customer"} for row in customers.rows]
    found += [{"number": row["phone"], "name": f"{row['name']}, office"} for row in staff.rows if row["phone"]]
    return [*found, {"number": STRANGER, "name": "A stranger"}, {"number": "", "name": "A withheld number"}]


@router.post("/try")
async def call(request: Request, office: Office, data: Form) -> Response:
    """A token with which the browser is a telephone that calls this company."""
    settings: Settings = request.app.state.settings
    if not may_call(settings, office):
        office.must("admin" if settings.env == "production" else "dispatcher")
    to_number = text(data, "to") or ""
    numbers = await office.db.select("phone_numbers", "number", where=office.mine(active=True))
    if to_number not in [row["number"] for row in numbers.rows]:
        raise invalid("to", "this is no number of your company")
    from_number = ""
    if settings.env == "local":
        from_number = text(data, "from") or ""
        if from_number not in [caller["number"] for caller in await callers(office)]:
            raise invalid("from", "choose one of the callers")
    leg = SipLeg(
        from_number,
        to_number,
        agent_name=settings.agent_name,
        room=f"{TEST_ROOM_PREFIX}call-{secrets.token_hex(8)}",
        identity=f"sip_console_{secrets.token_hex(4)}",
    )
    return JSONResponse({"url": livekit_address(settings), "token": leg.token(_server(settings))})


@router.post("/hear")
async def hear(request: Request, office: Office, data: Form) -> Response:
    """A token for a room in which the agent's voice speaks one text."""
    office.must("admin")
    settings: Settings = request.app.state.settings
    words = text(data, "text") or ""
    if not 0 < len(words) <= LONGEST_TEXT:
        raise invalid("text", f"type 1 to {LONGEST_TEXT} characters")
    server = _server(settings)
    job = api.RoomAgentDispatch(agent_name=settings.agent_name, metadata=SPEAK_PREFIX + words)
    token = (
        api.AccessToken(server.key, server.secret)
        .with_identity(f"console_{secrets.token_hex(4)}")
        .with_grants(_listening(f"{TEST_ROOM_PREFIX}speak-{secrets.token_hex(8)}"))
        .with_room_config(api.RoomConfiguration(agents=[job], empty_timeout=10, departure_timeout=2))
    )
    return JSONResponse({"url": livekit_address(settings), "token": token.to_jwt()})


def _listening(room: str) -> Any:
    return api.VideoGrants(room_join=True, room=room, can_publish=False, can_publish_data=False)


def _server(settings: Settings) -> Server:
    secret = settings.livekit_api_secret
    if not (settings.livekit_url and settings.livekit_api_key and secret):
        raise Problem(UNAVAILABLE, "LiveKit is not set up here, so there is nobody to answer.")
    return Server(settings.livekit_url, settings.livekit_api_key, secret.get_secret_value())
