"""Members: who of the office may do what, and how somebody becomes one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response, status
from pydantic import BaseModel, Field

from admin_api.crud import IfMatch, router_for
from admin_api.database import eq
from admin_api.deps import CurrentUser, Db, Member, forget_member, needs
from admin_api.problems import FORBIDDEN, Problem, not_found
from admin_api.repeat import RepeatableRouter
from admin_api.resource import Listing, Resource, etag, stale, tag
from admin_api.shapes import Body, Email, Searching, sorted_by
from fieldline.company import INVITATION_PATH
from fieldline.storage import api_url

Role = Literal["admin", "dispatcher", "viewer"]
UserId = Annotated[UUID, Path(examples=["7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"])]


class OfficeMember(BaseModel):
    """Somebody of the office."""

    user_id: UUID
    email: str = Field(examples=["ana@northgate.example"])
    role: str = Field(examples=["dispatcher"])
    employee_id: UUID | None = Field(description="The employee who signs in here: changes are recorded as theirs")
    created_at: datetime
    updated_at: datetime


class MemberFilters(Searching):
    """Filters of the list."""

    role: Role | None = Field(None, description="Only people with this role")
    sort: str = sorted_by("email", "email", "role", "created_at", "updated_at")


class MemberChange(Body):
    """Only the fields to change."""

    role: Role = Field(default_factory=lambda: "viewer", description="What they may do", examples=["dispatcher"])
    employee_id: UUID | None = Field(None, description="The employee who signs in here")


class InvitationBody(Body):
    """Whom to invite, as what."""

    email: Email = Field(examples=["tom@northgate.example"], description="Where the link goes, and nowhere else")
    role: Role = Field(examples=["dispatcher"], description="What they will be")


class InvitationFilters(Searching):
    """Filters of the list."""

    role: Role | None = Field(None, description="Only invitations as this")
    sort: str = sorted_by("-created_at", "created_at", "expires_at", "email")


class Invitation(BaseModel):
    """An invitation. Its link went to the address and is kept nowhere."""

    id: UUID
    email: str
    role: str
    created_at: datetime
    expires_at: datetime = Field(description="In the past: it was not used in time, or taken back")
    accepted_at: datetime | None
    invited_by: UUID | None


class Token(Body):
    """What stands in the link after the #."""

    token: str = Field(min_length=16, max_length=200, examples=["9f2c…"], description="From the link")


class Joined(BaseModel):
    """The company that one belongs to now."""

    company_id: UUID
    role: str = Field(examples=["dispatcher"])


invitations = Resource(
    noun="invitation",
    table="invitations",
    key=UUID,
    answer=Invitation,
    filters=InvitationFilters,
    search=("email",),
    read="admin",
)
router = RepeatableRouter()
_members = RepeatableRouter(prefix="/members", tags=["members"])
_invitations = router_for(invitations, "invitations")


async def _all(db: Any, member: Any) -> list[dict[str, Any]]:
    return await db.rpc("company_members", company_id=member.company_id)


async def _one(db: Any, member: Any, user_id: UUID) -> dict[str, Any]:
    found = [row for row in await _all(db, member) if row["user_id"] == str(user_id)]
    if not found:
        raise not_found()
    return found[0]


@_members.get("", dependencies=[needs("viewer")])
async def list_members(member: Member, db: Db, page: Annotated[MemberFilters, Query()]) -> Listing[OfficeMember]:
    """Who belongs to the company, by the address that they sign in with."""
    rows = [
        row
        for row in await _all(db, member)
        if page.role in (None, row["role"]) and (page.q or "").lower() in row["email"].lower()
    ]
    column = page.sort.removeprefix("-")
    # The id settles the order of equals, or pages would overlap.
    rows.sort(key=lambda row: (row[column], row["user_id"]), reverse=page.sort.startswith("-"))
    shown = [OfficeMember.model_validate(row) for row in rows[page.offset : page.offset + page.limit]]
    return Listing(items=shown, total=len(rows), limit=page.limit, offset=page.offset)


@_members.get("/{user_id}", dependencies=[needs("viewer")])
async def read_member(user_id: UserId, member: Member, db: Db, response: Response) -> OfficeMember:
    """Somebody of the office."""
    return OfficeMember.model_validate(tag(response, await _one(db, member, user_id)))


@_members.patch("/{user_id}", dependencies=[needs("admin")])
async def change_member(
    user_id: UserId,
    body: MemberChange,
    request: Request,
    member: Member,
    db: Db,
    response: Response,
    if_match: IfMatch = None,
) -> OfficeMember:
    """Change what somebody may do, or which employee they are. The last admin stays one."""
    row = await _one(db, member, user_id)
    where = eq(company_id=member.company_id, user_id=user_id)
    if if_match is not None:
        if if_match not in ("*", etag(row)):
            raise stale()
        where += eq(updated_at=row["updated_at"])
    values = body.model_dump(mode="json", exclude_unset=True)
    if values and not await db.update("memberships", values, where=where, columns="user_id"):
        raise stale() if if_match else Problem(FORBIDDEN)
    forget_member(request, user_id)
    return OfficeMember.model_validate(tag(response, await _one(db, member, user_id)))


@_members.delete("/{user_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs("admin")])
async def remove_member(user_id: UserId, request: Request, member: Member, db: Db, if_match: IfMatch = None) -> None:
    """Take somebody out of the company, oneself included; 409 for the last admin. Their account stays theirs."""
    where = eq(company_id=member.company_id, user_id=user_id)
    if if_match not in (None, "*"):
        row = await _one(db, member, user_id)
        if if_match != etag(row):
            raise stale()
        where += eq(updated_at=row["updated_at"])
    if not await db.delete("memberships", where=where, columns="user_id"):
        raise stale() if len(where) > 2 else not_found()
    forget_member(request, user_id)


@_invitations.post("", status_code=status.HTTP_201_CREATED, dependencies=[needs("admin")])
async def invite(body: InvitationBody, request: Request, member: Member, db: Db, response: Response) -> Invitation:
    """Invite somebody by e-mail, with a link that works once within a week. An earlier one to that address ends."""
    link = f"{api_url(request.app.state.settings)}/console{INVITATION_PATH}"
    row = await db.rpc("invite_member", company_id=member.company_id, email=body.email, as_role=body.role, link=link)
    response.headers["Location"] = f"/api/v1/invitations/{row['id']}"
    return Invitation.model_validate(row)


@_invitations.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs("admin")])
async def cancel(id: UUID, member: Member, db: Db) -> None:
    """Take an open invitation back: the link stops working, and its mail is not sent any more."""
    await invitations.one(db, member, id)
    await db.rpc("cancel_invitation", invitation_id=str(id))


@_invitations.post("/accept")
async def accept(body: Token, request: Request, user: CurrentUser, db: Db) -> Joined:
    """Join the company of an invitation, after signing up or in. Needs no membership; works once."""
    joined = Joined.model_validate(await db.rpc("accept_invitation", token=body.token))
    forget_member(request, user.id)
    return joined


router.include_router(_members)
router.include_router(_invitations)
