"""Deliveries: what leaves the house by SMS and e-mail, what became of it, and another try of what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from admin_api.crud import router_for
from admin_api.deps import Db, Member, needs
from admin_api.resource import Resource
from admin_api.shapes import BIGGEST_ID, Id, Moment, Searching, sorted_by


class Delivery(BaseModel):
    """Something that leaves the house: one way to one address. It tells of one message, notification or word."""

    id: int
    channel: str = Field(examples=["sms"])
    address: str = Field(examples=["+12025550110"])
    subject: str | None = Field(description="Of a mail")
    body: str
    message_id: UUID | None
    notification_id: int | None
    manual_notification_id: int | None = Field(description="The office's word to a technician")
    state: str = Field(examples=["sent"], description="queued, sending, sent, delivered or failed")
    attempts: int
    next_attempt_at: datetime
    last_error: str | None = Field(examples=["Twilio 30034"], description="Why the last try failed")
    sent_at: datetime | None
    created_at: datetime


class DeliveryFilters(Searching):
    """Filters of the list."""

    state: Literal["queued", "sending", "sent", "delivered", "failed"] | None = Field(None, description="How it stands")
    channel: Literal["sms", "email"] | None = Field(None, description="Only SMS, or only e-mail")
    message_id: UUID | None = Field(None, description="Only of this message")
    notification_id: Id | None = Field(None, description="Only of this notification")
    manual_notification_id: Id | None = Field(None, description="Only of this word to a technician")
    created_at_from: Moment | None = Field(None, description="Made at this moment or later")
    created_at_until: Moment | None = Field(None, description="Made before this moment")
    sort: str = sorted_by("-id", "id", "created_at", "state", "attempts")


deliveries = Resource(
    noun="delivery",
    table="deliveries",
    answer=Delivery,
    filters=DeliveryFilters,
    search=("address", "subject", "body", "last_error"),
)
router = router_for(deliveries, "deliveries")


@router.post("/{id}/retry", dependencies=[needs("dispatcher")])
async def retry(id: Annotated[int, Path(ge=1, le=BIGGEST_ID, examples=[7])], member: Member, db: Db) -> Delivery:
    """Try what failed again, from the first try; 409 while it is on its way, and when it has gone out."""
    await deliveries.one(db, member, id)
    await db.rpc("retry_delivery", delivery_id=id)
    return Delivery.model_validate(await deliveries.one(db, member, id))
