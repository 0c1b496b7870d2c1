"""Signing in and out, accepting an invitation, and changing the company."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from admin_api import limits
from admin_api.console.office import Form, Office, form, switched, text
from admin_api.console.pages import go, render
from admin_api.console.sessions import PATH, Session, SignInRefused, forget
from admin_api.problems import from_store
from fieldline.errors import StoreError

router = APIRouter()

Back = Annotated[str, Query(max_length=500)]
#: Ten characters that nobody guesses are worth more than eight with a digit.
SHORTEST_PASSWORD = 10


def to_sign_in(back: str = "") -> Response:
    """The sign-in page, which comes back here afterwards."""
    return go(f"{PATH}/sign-in" + (f"?back={quote(back, safe='/')}" if _ours(back) else ""))


def _ours(address: str) -> bool:
    """Whether this leads to the console: an address from outside must not lead away from it."""
    return (address == PATH or address.startswith(f"{PATH}/")) and "\\" not in address and "//" not in address


def _secure(request: Request) -> bool:
    return request.app.state.settings.env == "production"


@router.get("/sign-in")
async def ask(request: Request, back: Back = "") -> Response:
    """The form."""
    return _form(request, back)


def _form(request: Request, back: str, *, email: str = "", problem: str = "", status: int = 200) -> Response:
    session = Session.read(request) or Session.new()
    response = render(
        request,
        "sign_in.html",
        csrf=session.csrf,
        back=back if _ours(back) else "",
        email=email,
        problem=problem,
        status=status,
    )
    session.write(response, secure=_secure(request))
    return response


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Ask Supabase Auth; a wrong password says no more than that."""
    await limits.count_address(request)
    data = await form(request)
    back, email = text(data, "back") or "", text(data, "email") or ""
    try:
        session = await request.app.state.auth_server.sign_in(email, str(data.get("password") or ""))
    except SignInRefused as error:
        return _form(request, back, email=email, problem=str(error), status=401)
    response = go(back if _ours(back) else f"{PATH}/")
    session.write(response, secure=_secure(request))
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session here and at the auth server."""
    await form(request)
    session = Session.read(request)
    if session is not None and session.access:
        await request.app.state.auth_server.sign_out(session)
    response = go(f"{PATH}/sign-in", "You have signed out.")
    forget(response)
    return response


@router.post("/company")
async def change_company(request: Request, office: Office, data: Form) -> Response:
    """Look at another company that one belongs to."""
    wanted = text(data, "company")
    response = go(f"{PATH}/")
    if any(other["company_id"] == wanted for other in office.others):
        switched(office.session, wanted or "").write(response, secure=_secure(request))
    return response


@router.get("/invitation")
async def invitation(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The page behind the link of an invitation."""
    return _invitation(request, token)


def _invitation(request: Request, token: str, *, email: str = "", problem: str = "", status: int = 200) -> Response:
    session = Session.read(request) or Session.new()
    response = render(
        request,
        "invitation.html",
        csrf=session.csrf,
        token=token,
        email=email,
        problem=problem,
        shortest=SHORTEST_PASSWORD,
        status=status,
    )
    session.write(response, secure=_secure(request))
    return response


@router.post("/invitation")
async def accept(request: Request) -> Response:
    """Make the account, or sign in to the one there is, and join the company."""
    await limits.count_address(request)
    data = await form(request)
    token, email, password = text(data, "token") or "", text(data, "email") or "", str(data.get("password") or "")
    auth = request.app.state.auth_server
    try:
        if data.get("account") == "new":
            if len(password) < SHORTEST_PASSWORD:
                raise SignInRefused(f"That password is too short: take at least {SHORTEST_PASSWORD} characters.")
            session = await auth.sign_up(email, password)
        else:
            session = await auth.sign_in(email, password)
        db = request.app.state.database.acting_as(session.access, request_id=request.state.request_id)
        await db.rpc("accept_invitation", token=token)
    except SignInRefused as error:
        return _invitation(request, token, email=email, problem=str(error), status=401)
    except StoreError as error:
        return _invitation(request, token, email=email, problem=from_store(error).detail, status=409)
    request.app.state.frames.clear()
    request.app.state.memberships.clear()
    response = go(f"{PATH}/", "Welcome. You have joined the company.")
    session.write(response, secure=_secure(request))
    return response
