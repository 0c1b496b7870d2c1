"""Notifications: what the system tells the office, and what the office tells a technician."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from admin_api.crud import router_for
from admin_api.deps import Db, Member, needs
from admin_api.repeat import RepeatableRouter
from admin_api.resource import Resource
from admin_api.shapes import BIGGEST_ID, Body, Id, Searching, Text2000, answered, sorted_by

Priority = Literal["normal", "high", "urgent"]


class Notification(BaseModel):
    """What the system tells."""

    id: int
    work_order_id: int | None
    technician_id: int | None = Field(description="The recipient; null: the office")
    notification_type: str = Field(examples=["low_stock"])
    message: str
    priority: str = Field(examples=["normal"])
    is_read: bool
    read_at: datetime | None
    created_at: datetime


class NotificationFilters(Searching):
    """Filters of the list."""

    is_read: bool | None = Field(None, description="Only read, or only unread, ones")
    priority: Priority | None = Field(None, description="Only of this priority")
    notification_type: str | None = Field(None, max_length=50, description="Only of this kind", examples=["low_stock"])
    work_order_id: Id | None = Field(None, description="Only about this order")
    technician_id: Id | None = Field(None, description="Only for this technician")
    sort: str = sorted_by("-id", "id", "created_at", "priority")


class WordBody(Body):
    """A word from the office to a technician: read out on their next call; by SMS too, when it is urgent."""

    technician_id: Id = Field(examples=[1], description="For whom")
    message: Text2000 = Field(examples=["Please call the office before you leave."], description="What is read out")
    priority: Priority = Field("normal", description="urgent also goes to their phone")
    work_order_id: Id | None = Field(None, description="The order that it is about")


class WordFilters(Searching):
    """Filters of the list."""

    technician_id: Id | None = Field(None, description="Only for this technician")
    is_read: bool | None = Field(None, description="Only what was read out, or only what was not")
    priority: Priority | None = Field(None, description="Only of this priority")
    sort: str = sorted_by("-id", "id", "created_at", "priority")


notifications = Resource(
    noun="notification",
    table="notifications",
    answer=Notification,
    filters=NotificationFilters,
    search=("message",),
)
words = Resource(
    noun="word to a technician",
    table="manual_notifications",
    body=WordBody,
    answer=answered(
        "TechnicianNotification",
        "What the office told a technician.",
        WordBody,
        id=int,
        created_by_type=str,
        created_by_id=str | None,
        is_read=bool,
        read_at=datetime | None,
        created_at=datetime,
    ),
    filters=WordFilters,
    search=("message",),
    add="dispatcher",
)
_notifications = router_for(notifications, "notifications")


@_notifications.post("/{id}/read", dependencies=[needs("dispatcher")])
async def mark_read(
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID, examples=[1])], member: Member, db: Db
) -> Notification:
    """Say that one of the office's notifications was read. Those for technicians are read out to them."""
    row = await notifications.patch(db, member, id, {"is_read": True}, None)
    return Notification.model_validate(row)


router = RepeatableRouter()
router.include_router(_notifications)
router.include_router(router_for(words, "technician-notifications"))
