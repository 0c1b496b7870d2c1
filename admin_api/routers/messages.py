"""Messages: what callers left for somebody of the office, and how it went out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from admin_api.crud import add_children, router_for
from admin_api.deps import Db, Member, needs
from admin_api.resource import Resource
from admin_api.routers.deliveries import deliveries
from admin_api.shapes import Moment, Searching, sorted_by


class Message(BaseModel):
    """A message."""

    id: UUID
    call_id: UUID | None
    kind: str = Field(examples=["message"], description="message or callback")
    urgent: bool
    from_caller: str = Field(examples=["City Bank"])
    caller_number: str | None = Field(examples=["+12025550120"])
    to_employee_id: UUID | None
    to_department_id: UUID | None
    message_text: str
    best_effort: bool = Field(description="The words are a guess: the sound is kept with the message")
    audio_path: str | None
    delivered_via: list[str] = Field(examples=[["sms", "email"]])
    timestamp: datetime
    status: str = Field(examples=["delivered"], description="pending, delivered, failed or read")


class MessageFilters(Searching):
    """Filters of the list."""

    status: Literal["pending", "delivered", "failed", "read"] | None = Field(None, description="How it stands")
    kind: Literal["message", "callback"] | None = Field(None, description="Messages, or wishes to be called back")
    urgent: bool | None = Field(None, description="Only urgent ones, or only others")
    to_employee_id: UUID | None = Field(None, description="For this employee")
    to_department_id: UUID | None = Field(None, description="For this department")
    call_id: UUID | None = Field(None, description="Left on this call")
    timestamp_from: Moment | None = Field(None, description="Left at this moment or later")
    timestamp_until: Moment | None = Field(None, description="Left before this moment")
    sort: str = sorted_by("-timestamp", "timestamp", "status", "from_caller")


class Resent(BaseModel):
    """What was put back into the outbox."""

    deliveries: int = Field(examples=[2])


messages = Resource(
    noun="message",
    table="messages",
    key=UUID,
    answer=Message,
    filters=MessageFilters,
    search=("message_text", "from_caller", "caller_number"),
)
router = router_for(messages, "messages")
add_children(router, messages, deliveries, "deliveries", "message_id")
MessageId = Annotated[UUID, Path(alias="id", examples=["7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10"])]


@router.post("/{id}/read", dependencies=[needs("dispatcher")])
async def mark_read(id: MessageId, member: Member, db: Db) -> Message:
    """Say that a message was read. Saying it again changes nothing."""
    row: Any = await messages.patch(db, member, id, {"status": "read"}, None)
    return Message.model_validate(row)


@router.post("/{id}/resend", dependencies=[needs("dispatcher")])
async def resend(id: MessageId, member: Member, db: Db) -> Resent:
    """Send a message again, by the ways it went or failed to go; 409 while it is still on its way."""
    await messages.one(db, member, id)
    return Resent.model_validate(await db.rpc("resend_message", message_id=str(id)))
