"""What handlers ask for, as names: `CurrentUser`, `Db`, `Member`, and `needs("dispatcher")` for a role.

Roles are checked here to answer early and clearly. They are not what protects anything: the database checks the same
with row level security, on the user's own token.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cachetools import TTLCache
from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from admin_api import limits
from admin_api.auth import BadToken, User
from admin_api.database import Row, Tables, eq
from admin_api.problems import BAD_REQUEST, FORBIDDEN, UNAUTHENTICATED, Problem

Role = Literal["viewer", "dispatcher", "admin"]
RANK: dict[str, int] = {"viewer": 1, "dispatcher": 2, "admin": 3}

#: Seconds for which a person's memberships are remembered. The database asks afresh each time, so a role that was
#: taken away opens nothing meanwhile: only the words of the refusal differ. Before a refusal they are read again, so
#: one that was given opens at once.
MEMBERSHIPS_KEPT_S = 60
_bearer = HTTPBearer(auto_error=False, description="Access token of Supabase Auth", bearerFormat="JWT")


@dataclass(frozen=True)
class Membership:
    """In whose name the request acts: a person, in one company, with a role."""

    user: User
    company_id: str
    role: Role

    def at_least(self, role: Role) -> bool:
        """Whether the role reaches that far."""
        return RANK[self.role] >= RANK[role]


def remember_memberships() -> TTLCache[str, list[Row], float]:
    """The short memory of one application."""
    return TTLCache(10_000, MEMBERSHIPS_KEPT_S, time.monotonic)


async def current_user(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> User:
    """Who sent the token; 401 without a valid one, 429 for who asks too often."""
    if credentials is None:
        raise _unauthenticated("Send `Authorization: Bearer <access token>`.")
    try:
        user = await request.app.state.verifier.user(credentials.credentials)
    except BadToken as error:
        raise _unauthenticated(str(error)) from None
    await limits.count_user(request, user.id)
    return user


def _unauthenticated(detail: str) -> Problem:
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})


CurrentUser = Annotated[User, Depends(current_user)]


async def tables(request: Request, user: CurrentUser) -> Tables:
    """The database with the user's rights."""
    return request.app.state.database.acting_as(user.token, request_id=request.state.request_id)


Db = Annotated[Tables, Depends(tables)]


def forget_member(request: Request, user_id: object) -> None:
    """Have a person's memberships read again: they have just been changed here."""
    request.app.state.memberships.pop(str(user_id), None)


async def memberships_of(request: Request, user: User, db: Tables, *, fresh: bool = False) -> list[Row]:
    """The companies in which a person has a role, as the database says, or said a moment ago."""
    kept: TTLCache[str, list[Row], float] = request.app.state.memberships
    rows = [] if fresh else kept.get(user.id, [])
    if not rows:
        rows = (await db.select("memberships", "company_id,role", where=eq(user_id=user.id))).rows
        kept[user.id] = rows
    return rows


async def member(
    request: Request,
    user: CurrentUser,
    db: Db,
    x_company_id: Annotated[
        uuid.UUID | None, Header(description="Which company is meant; needed by who belongs to several")
    ] = None,
) -> Membership:
    """The company and role that the request acts with; 403 for who has none there."""
    return chosen(user, await memberships_of(request, user, db), x_company_id)


def chosen(user: User, rows: list[Row], x_company_id: uuid.UUID | None) -> Membership:
    """Of a person's memberships the one that a request means.

    Raises:
        Problem: 403, there is none; 400, there are several and none was named.
    """
    if x_company_id is not None:
        rows = [row for row in rows if row["company_id"] == str(x_company_id)]
    if not rows:
        raise Problem(FORBIDDEN, "You do not belong to this company.")
    if len(rows) > 1:
        raise Problem(BAD_REQUEST, "You belong to several companies: name one in the header X-Company-Id.")
    return Membership(user, rows[0]["company_id"], rows[0]["role"])


Member = Annotated[Membership, Depends(member)]


class Needs:
    """A dependency that lets through who has at least this role. `openapi.py` and the table of roles read it."""

    def __init__(self, role: Role) -> None:
        self.role: Role = role

    async def __call__(self, request: Request, member: Member, db: Db) -> None:
        if member.at_least(self.role):
            return
        rows = await memberships_of(request, member.user, db, fresh=True)
        if not any(row["company_id"] == member.company_id and RANK[row["role"]] >= RANK[self.role] for row in rows):
            raise Problem(FORBIDDEN, f"This needs the role {self.role}; yours is {member.role}.")


def needs(role: Role) -> Any:
    """For `dependencies=[needs("admin")]` of a route."""
    return Depends(Needs(role))


Handler = Callable[..., Coroutine[Any, Any, Any]]
