"""Call logs: who called, what was said and done, and how it ended. Nobody writes here: the line does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field

from admin_api.crud import add_children, router_for
from admin_api.database import eq
from admin_api.deps import Db, Member, needs
from admin_api.resource import Listing, Resource
from admin_api.routers.timeline import Entry, Turn, timeline_of, transcript_of
from admin_api.shapes import Id, Moment, Phone, Searching, sorted_by


class CallLog(BaseModel):
    """A call."""

    id: UUID
    direction: str = Field(examples=["inbound"])
    line: str = Field(examples=["technician"], description="Who answered it")
    from_number: str | None = Field(examples=["+12025550101"], description="Null when it was withheld")
    to_number: str = Field(examples=["+12025550100"])
    caller_name: str | None = Field(description="A guess by the number, until technician_id is set")
    employee_id: UUID | None
    customer_id: int | None
    technician_id: int | None = Field(description="Who proved themselves by badge and PIN")
    verified_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    status: str = Field(
        examples=["completed"], description="in_progress, completed, transferred, message_taken, missed or failed"
    )
    end_reason: str | None = Field(examples=["caller_hung_up"])
    summary: str | None
    usage: dict[str, Any] = Field(description="What the providers counted")


class CallFilters(Searching):
    """Filters of the list."""

    status: Literal["in_progress", "completed", "transferred", "message_taken", "missed", "failed"] | None = Field(
        None, description="How it stands or ended"
    )
    line: str | None = Field(None, max_length=20, description="Who answered it", examples=["technician"])
    end_reason: str | None = Field(None, max_length=30, description="Why it ended", examples=["silence"])
    from_number: Phone | None = Field(None, description="Calls from this number")
    technician_id: Id | None = Field(None, description="Calls of this technician")
    customer_id: Id | None = Field(None, description="Calls of this customer")
    employee_id: UUID | None = Field(None, description="Calls of, or taken by, this employee")
    started_at_from: Moment | None = Field(None, description="That began at this moment or later")
    started_at_until: Moment | None = Field(None, description="That began before this moment")
    sort: str = sorted_by("-started_at", "started_at", "ended_at", "status")


class Transfer(BaseModel):
    """One attempt to connect the caller to somebody."""

    id: UUID
    attempt: int
    employee_id: UUID
    department_id: UUID | None
    about: str | None = Field(description="What they were told")
    emergency: bool
    started_at: datetime
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: str | None = Field(examples=["accepted"], description="Null while it is going on")


class TransferFilters(Searching):
    """Filters of the list."""

    sort: str = sorted_by("started_at", "started_at", "attempt")


calls = Resource(
    noun="call",
    table="call_logs",
    key=UUID,
    answer=CallLog,
    filters=CallFilters,
    search=("caller_name", "from_number", "summary"),
)
transfers = Resource(
    noun="transfer", table="transfers", key=UUID, answer=Transfer, filters=TransferFilters, search=("about", "outcome")
)
router = router_for(calls, "call-logs")
add_children(router, calls, transfers, "transfers", "call_id")
CallId = Annotated[UUID, Path(alias="id", examples=["7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"])]
AnyPage = Annotated[Searching, Query()]
#: Seconds for which a link to a recording plays.
LINK_S = 600


class Recording(BaseModel):
    """A part of the call's sound; a call that was resumed has several."""

    id: UUID
    seconds: float
    created_at: datetime
    url: str = Field(description="Plays it, to whoever holds the address, until `expires_in` has run out")
    expires_in: int = Field(examples=[LINK_S], description="Seconds")


@router.get("/{id}/transcript", dependencies=[needs("viewer")])
async def read_transcript(id: CallId, member: Member, db: Db, page: AnyPage) -> Listing[Turn]:
    """What caller and agent said, in order."""
    await calls.one(db, member, id)
    return _paged(await transcript_of(db, member.company_id, id), page)


@router.get("/{id}/timeline", dependencies=[needs("viewer")])
async def read_timeline(id: CallId, member: Member, db: Db, page: AnyPage) -> Listing[Entry]:
    """Everything that happened, in order: speech, keys, tools with their results, transfers, messages."""
    await calls.one(db, member, id)
    return _paged(await timeline_of(db, member.company_id, id), page)


@router.get("/{id}/recording", dependencies=[needs("viewer")])
async def read_recording(id: CallId, member: Member, db: Db, request: Request) -> list[Recording]:
    """Links to the call's sound, in order; none when the company does not record, or no longer keeps it."""
    await calls.one(db, member, id)
    rows = (
        await db.select("call_recordings", where=eq(company_id=member.company_id, call_id=id), order=["created_at"])
    ).rows
    storage = request.app.state.storage
    return [
        Recording(
            id=row["id"],
            seconds=row["seconds"],
            created_at=row["created_at"],
            url=await storage.link(row["path"], LINK_S),
            expires_in=LINK_S,
        )
        for row in rows
    ]


def _paged(entries: Sequence[Turn | Entry], page: Searching) -> Listing[Any]:
    entries = [entry for entry in entries if (page.q or "").lower() in entry.text.lower()]
    shown = entries[page.offset : page.offset + page.limit]
    return Listing(items=shown, total=len(entries), limit=page.limit, offset=page.offset)
