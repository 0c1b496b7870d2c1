"""The audit log: every write of the office, with what stood there before and after."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from admin_api.crud import router_for
from admin_api.resource import Resource
from admin_api.shapes import Moment, Searching, sorted_by


class AuditEntry(BaseModel):
    """One write."""

    id: int
    at: datetime
    user_id: UUID
    who: str = Field(examples=["Karen Miller"], description="Name or e-mail address, as it was then")
    verb: str = Field(examples=["update"])
    entity: str = Field(examples=["employees"])
    entity_id: str = Field(examples=["7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"])
    before: dict[str, Any] | None = Field(examples=[{"status": "available"}])
    after: dict[str, Any] | None = Field(examples=[{"status": "away"}])
    request_id: str | None = Field(description="Names the request in our logs, where the database is told")


class AuditFilters(Searching):
    """Filters of the list."""

    entity: str | None = Field(None, max_length=50, description="Only writes to this table", examples=["employees"])
    entity_id: str | None = Field(None, max_length=50, description="Only writes to this row")
    verb: Literal["insert", "update", "delete"] | None = Field(None, description="Only writes of this kind")
    user_id: UUID | None = Field(None, description="Only writes of this person")
    at_from: Moment | None = Field(None, description="At this moment or later")
    at_until: Moment | None = Field(None, description="Before this moment")
    sort: str = sorted_by("-id", "id", "at", "entity")


audit = Resource(
    noun="entry of the audit log",
    table="audit_log",
    answer=AuditEntry,
    filters=AuditFilters,
    search=("who",),
    read="admin",
)
router = router_for(audit, "audit-log")
