"""Members: who of the office may sign in, as what; and inviting others."""

from __future__ import annotations

import asyncio
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response

from admin_api.console.forms import Unfit, checked
from admin_api.console.office import Form, Office, text
from admin_api.console.pages import go, render
from admin_api.database import Where
from admin_api.deps import forget_member
from admin_api.problems import not_found
from admin_api.resource import etag, stale
from admin_api.shapes import Body, Email
from fieldline.company import INVITATION_PATH
from fieldline.storage import api_url

router = APIRouter(prefix="/members")
HOME = "/console/members"
ROLES = ("admin", "dispatcher", "viewer")


class InvitationBody(Body):
    """Whom to invite, as what."""

    email: Email
    role: Literal["admin", "dispatcher", "viewer"]


@router.get("")
async def members(request: Request, office: Office) -> Response:
    """Everybody who may sign in; for administrators also who was invited."""
    people, employees = await asyncio.gather(
        office.db.rpc("company_members", company_id=office.company_id),
        office.db.select("employees", "id,name", where=office.mine(active=True), order=["name"], limit=1000),
    )
    invited = []
    if office.may("admin"):
        now = await office.db.rpc("fieldline_now")
        found = await office.db.select(
            "invitations",
            "id,email,role,expires_at,accepted_at",
            where=[*office.mine(accepted_at=None), Where("expires_at", "gt", now)],
            order=["-created_at"],
            limit=100,
        )
        invited = found.rows
    return render(
        request,
        "members.html",
        office,
        people=people,
        employees=employees.rows,
        invited=invited,
        roles=ROLES,
        version=etag,
    )


@router.post("/invite")
async def invite(request: Request, office: Office, data: Form) -> Response:
    """Send somebody a link that works once within a week."""
    office.must("admin")
    try:
        body = checked(InvitationBody, {"email": text(data, "email"), "role": text(data, "role")})
    except Unfit as error:
        return go(HOME, problem="; ".join(error.problems.values()))
    link = f"{api_url(request.app.state.settings)}/console{INVITATION_PATH}"
    await office.db.rpc(
        "invite_member", company_id=office.company_id, email=body["email"], as_role=body["role"], link=link
    )
    return go(HOME, f"An invitation is on its way to {body['email']}. Its link works once, within a week.")


@router.post("/invitations/{key}/cancel")
async def cancel(office: Office, data: Form, key: UUID) -> Response:
    """Take an invitation back."""
    office.must("admin")
    await office.db.rpc("cancel_invitation", invitation_id=str(key))
    return go(HOME, "The invitation was taken back; its link does not work any more.")


@router.post("/{user_id}")
async def change(request: Request, office: Office, data: Form, user_id: UUID) -> Response:
    """What somebody may do, and which employee they are."""
    office.must("admin")
    role = text(data, "role")
    if role not in ROLES:
        return go(HOME, problem="There is no such role.")
    row = await office.db.first("memberships", "updated_at", where=office.mine(user_id=str(user_id)))
    if row is None:
        raise not_found()
    if (seen := text(data, "version")) and seen != etag(row):
        return go(HOME, problem=stale().detail)
    values = {"role": role, "employee_id": text(data, "employee_id")}
    read = office.mine(user_id=str(user_id), updated_at=row["updated_at"])
    changed = await office.db.update("memberships", values, where=read, columns="user_id")
    request.app.state.frames.clear()
    forget_member(request, user_id)
    return go(HOME, "Changed.") if changed else go(HOME, problem=stale().detail)


@router.post("/{user_id}/remove")
async def remove(request: Request, office: Office, data: Form, user_id: UUID) -> Response:
    """Take somebody out of the company. The last administrator stays: the database sees to it."""
    office.must("admin")
    gone = await office.db.delete("memberships", where=office.mine(user_id=str(user_id)), columns="user_id")
    request.app.state.frames.clear()
    forget_member(request, user_id)
    if not gone:
        raise not_found()
    return go(HOME, "Removed. Their account is theirs; it opens nothing of this company any more.")
