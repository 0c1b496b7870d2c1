"""Who is signed in, and where."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.database import eq
from admin_api.deps import CurrentUser, Db

router = APIRouter(prefix="/me", tags=["me"])


class OwnMembership(BaseModel):
    """A company that the person belongs to."""

    company_id: UUID
    company_name: str = Field(examples=["Northgate Security"])
    role: Literal["admin", "dispatcher", "viewer"]


class Me(BaseModel):
    """The person behind the token."""

    id: UUID
    email: str = Field(examples=["ana@northgate.example"])
    companies: list[OwnMembership]


@router.get("", name="read me")
async def read_me(user: CurrentUser, db: Db) -> dict[str, Any]:
    """The person behind the token, and the companies they belong to. Needs no membership."""
    rows = (await db.select("memberships", "company_id,role,companies(name)", where=eq(user_id=user.id))).rows
    companies = [
        {"company_id": row["company_id"], "role": row["role"], "company_name": row["companies"]["name"]} for row in rows
    ]
    return {"id": user.id, "email": user.email, "companies": companies}
