"""Who looks at a page: what every handler of the console asks for, as names.

`Office` is a signed-in person in one company; `Form` is a form that this person's own page sent.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cachetools import TTLCache
from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from admin_api import limits
from admin_api.auth import BadToken
from admin_api.console.sessions import EARLY_S, Session
from admin_api.database import Row, Tables, eq
from admin_api.deps import Membership, Role
from admin_api.problems import FORBIDDEN, Problem

#: Seconds for which names of companies and roles are remembered for the page's frame; the database decides afresh.
FRAME_KEPT_S = 5
MEMBERSHIPS = "company_id,role,companies(name,company_info(timezone,company_name))"


class SignInFirst(Exception):
    """Nobody is signed in; `back` is where they wanted to go."""

    def __init__(self, back: str = "/console") -> None:
        self.back = back


class NoCompany(Exception):
    """Somebody who signed in and belongs to no company."""


@dataclass(frozen=True)
class OfficeUser:
    """A person in one company, for one request."""

    member: Membership
    session: Session
    db: Tables
    company: str
    zone: ZoneInfo
    others: tuple[Row, ...]

    @property
    def company_id(self) -> str:
        return self.member.company_id

    def may(self, role: Role) -> bool:
        """Whether the role reaches that far."""
        return self.member.at_least(role)

    def must(self, role: Role) -> None:
        """Raise the refusal for who may not."""
        if not self.may(role):
            raise Problem(FORBIDDEN, f"This needs the role {role}; yours is {self.member.role}. Ask an administrator.")

    def mine(self, **more: object) -> list[Any]:
        """Conditions for the company's own rows."""
        return eq(company_id=self.company_id, **more)


def remember_frames() -> TTLCache[str, list[Row], float]:
    """The short memory of one application."""
    return TTLCache(10_000, FRAME_KEPT_S, time.monotonic)


async def signed_in(request: Request) -> Session:
    """The browser's session, renewed when it is about to end. Raises SignInFirst."""
    session = Session.read(request)
    back = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    first = SignInFirst(back if request.method == "GET" else "/console")
    if session is None or not session.access:
        raise first
    if session.ends_in_s < EARLY_S:
        session = await request.app.state.auth_server.renew(session)
        if session is None:
            raise first
        keep(request, session)
    return session


def keep(request: Request, session: Session) -> None:
    """Have the session written with whatever answers this request."""
    carrier = Response()
    session.write(carrier, secure=request.app.state.settings.env == "production")
    given = getattr(request.state, "answer_headers", {})
    request.state.answer_headers = {**given, "Set-Cookie": carrier.headers["set-cookie"]}


async def office(request: Request) -> OfficeUser:
    """The person and company of this request."""
    session = await signed_in(request)
    try:
        user = await request.app.state.verifier.user(session.access)
    except BadToken:
        raise SignInFirst from None
    await limits.count_user(request, user.id)
    db: Tables = request.app.state.database.acting_as(user.token, request_id=request.state.request_id)
    frames: TTLCache[str, list[Row], float] = request.app.state.frames
    if (rows := frames.get(user.id)) is None:
        rows = (await db.select("memberships", MEMBERSHIPS, where=eq(user_id=user.id), order=["company_id"])).rows
        frames[user.id] = rows
    if not rows:
        raise NoCompany
    row = next((row for row in rows if row["company_id"] == session.company), rows[0])
    info = _info(row)
    return OfficeUser(
        member=Membership(user, row["company_id"], row["role"]),
        session=session,
        db=db,
        company=info.get("company_name") or row["companies"]["name"],
        zone=ZoneInfo(info.get("timezone") or "UTC"),
        others=tuple(other for other in rows if other is not row),
    )


def _info(row: Row) -> Row:
    info = row["companies"].get("company_info") or {}
    return info[0] if isinstance(info, list) else info


Office = Annotated[OfficeUser, Depends(office)]


async def form(request: Request, session: Session | None = None) -> FormData:
    """The form of a request, if one of our own pages sent it."""
    session = session or Session.read(request)
    site = request.headers.get("sec-fetch-site", "same-origin")
    data = await request.form()
    token = request.headers.get("x-csrf-token") or str(data.get("csrf") or "")
    if session is None or site not in ("same-origin", "none") or not secrets.compare_digest(token, session.csrf):
        raise Problem(
            FORBIDDEN, "This form is not valid any more. Go back, load the page again, and repeat what you did."
        )
    return data


async def _office_form(request: Request, office: Office) -> FormData:
    return await form(request, office.session)


Form = Annotated[FormData, Depends(_office_form)]


def text(data: FormData, name: str) -> str | None:
    """What was typed into a field, or None for nothing."""
    value = data.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def switched(session: Session, company: str) -> Session:
    """The session in another company."""
    return replace(session, company=company)
