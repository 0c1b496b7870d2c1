"""Work orders: who goes where and when, what was noted, and how the status moves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import BaseModel, Field

from admin_api.crud import IfMatch, add_children, router_for
from admin_api.deps import Db, Member, needs
from admin_api.resource import Resource, tag
from admin_api.shapes import (
    BIGGEST_ID,
    Body,
    Id,
    Line,
    Moment,
    Searching,
    Story,
    Text500,
    Text2000,
    answered,
    partial,
    sorted_by,
)

OrderType = Literal["new_installation", "system_upgrade", "maintenance", "repair"]
Status = Literal["pending", "scheduled", "in_progress", "completed", "cancelled"]


class WorkOrderBody(Body):
    """An order, as the office writes it. Its status moves by `POST …/status` and `POST …/schedule`."""

    customer_id: Id = Field(examples=[1], description="Where the work is")
    title: Line = Field(examples=["Camera repair"], description="What it is called on the line")
    brief_description: Text500 = Field(examples=["One camera has no picture."], description="Short enough to be said")
    full_summary: Story | None = Field(None, description="The whole story, read out on request")
    order_type: OrderType = Field("maintenance", description="What kind of work")
    assigned_technician_id: Id | None = Field(None, description="Who goes", examples=[1])
    scheduled_for: Moment | None = Field(None, description="When it begins", examples=["2026-03-05T14:00:00Z"])
    ends_at: Moment | None = Field(None, description="When it should be done")


class NewWorkOrder(WorkOrderBody):
    """An order, as the office writes it."""

    follow_up_of: Id | None = Field(None, description="The order that this one follows")


class WorkOrderFilters(Searching):
    """Filters of the list."""

    status: Status | None = Field(None, description="Only orders in this state")
    order_type: OrderType | None = Field(None, description="Only this kind of work")
    customer_id: Id | None = Field(None, description="Only orders of this customer")
    assigned_technician_id: Id | None = Field(None, description="Only orders of this technician")
    number: Id | None = Field(None, description="The order with this number", examples=[1057])
    scheduled_for_from: Moment | None = Field(None, description="That begin at this moment or later")
    scheduled_for_until: Moment | None = Field(None, description="That begin before this moment")
    sort: str = sorted_by(
        "-scheduled_for", "scheduled_for", "number", "status", "customer_name", "created_at", "updated_at"
    )


work_orders = Resource(
    noun="work order",
    table="work_orders",
    body=NewWorkOrder,
    change=partial(WorkOrderBody),
    answer=answered(
        "WorkOrder",
        "A visit to a customer.",
        NewWorkOrder,
        id=int,
        number=(int, Field(description="What people say", examples=[1057])),
        status=(str, Field(description="pending, scheduled, in_progress, completed or cancelled")),
        started_at=datetime | None,
        completed_at=datetime | None,
        completion_summary=str | None,
        cancel_reason=str | None,
        created_by_type=str,
        created_by_id=str | None,
        created_at=datetime,
        updated_at=datetime,
        customer_name=(str, Field(examples=["City Bank"])),
        customer_address=(str, Field(examples=["100 Main Street, Washington"])),
        technician_name=(str | None, Field(examples=["Mike Johnson"])),
        technician_badge=(str | None, Field(examples=["101"])),
    ),
    filters=WorkOrderFilters,
    search=("title", "brief_description", "customer_name", "technician_name"),
    add="dispatcher",
    edit="dispatcher",
    view="work_order_board",
)
WorkOrder: Any = work_orders.answer


class NoteBody(Body):
    """A note of the office on an order."""

    note_text: Text2000 = Field(examples=["The key is with the porter."], description="What to know")


class NoteFilters(Searching):
    """Filters of the list."""

    alert_office: bool | None = Field(None, description="Only notes that alert the office, or only others")
    sort: str = sorted_by("created_at", "created_at")


class Note(BaseModel):
    """A note on an order."""

    id: int
    work_order_id: int
    technician_id: int | None = Field(description="Null when the office wrote it")
    note_text: str
    alert_office: bool
    best_effort: bool = Field(description="The words are a guess: listen to the sound before relying on them")
    audio_path: str | None
    deleted_at: datetime | None = Field(description="Struck by its author; the text is kept")
    created_at: datetime


class ChangeFilters(Searching):
    """Filters of the list."""

    field_changed: Line | None = Field(None, description="Only changes of this field", examples=["status"])
    sort: str = sorted_by("created_at", "created_at")


class Change(BaseModel):
    """One changed field of an order."""

    id: int
    work_order_id: int
    changed_by_type: str = Field(examples=["technician"])
    changed_by_id: str | None
    field_changed: str = Field(examples=["status"])
    old_value: str | None
    new_value: str | None
    created_at: datetime


notes = Resource(
    noun="note",
    table="work_order_notes",
    body=NoteBody,
    answer=Note,
    filters=NoteFilters,
    search=("note_text",),
    add="dispatcher",
)
history = Resource(
    noun="change",
    table="work_order_history",
    answer=Change,
    filters=ChangeFilters,
    search=("field_changed", "old_value", "new_value"),
)
router = router_for(work_orders, "work-orders")
add_children(router, work_orders, notes, "notes", "work_order_id")
add_children(router, work_orders, history, "history", "work_order_id")
OrderId = Annotated[int, Path(alias="id", ge=1, le=BIGGEST_ID, examples=[1])]


class Schedule(Body):
    """When an order is done, and by whom."""

    scheduled_for: Moment = Field(examples=["2026-03-05T14:00:00Z"], description="When it begins")
    ends_at: Moment | None = Field(None, description="Two hours later, when it is not said")
    technician_id: Id | None = Field(None, examples=[1], description="Who goes; stays as it is, when it is not said")


class NextStatus(Body):
    """Where an order goes next."""

    status: Status = Field(examples=["cancelled"])
    reason: Text2000 | None = Field(
        None,
        examples=["The customer asked for another week."],
        description="Needed to cancel; to complete, what was done",
    )


@router.post("/{id}/schedule", response_model=WorkOrder, dependencies=[needs("dispatcher")])
async def schedule(
    id: OrderId, body: Schedule, member: Member, db: Db, response: Response, if_match: IfMatch = None
) -> Any:
    """Give a pending or scheduled order its time and technician. A pending one becomes scheduled."""
    sent = body.model_dump(mode="json")
    await db.rpc(
        "schedule_order",
        order_id=id,
        starts=sent["scheduled_for"],
        ends=sent["ends_at"],
        technician_id=sent["technician_id"],
        seen=await work_orders.seen(db, member, id, if_match),
    )
    return tag(response, await work_orders.one(db, member, id))


@router.post("/{id}/status", response_model=WorkOrder, dependencies=[needs("dispatcher")])
async def move(
    id: OrderId, body: NextStatus, member: Member, db: Db, response: Response, if_match: IfMatch = None
) -> Any:
    """Move an order to its next status. Which may follow which is the database's one rule; 409 when it may not."""
    seen = await work_orders.seen(db, member, id, if_match)
    await db.rpc("set_order_status", order_id=id, status=body.status, reason=body.reason, seen=seen)
    return tag(response, await work_orders.one(db, member, id))
