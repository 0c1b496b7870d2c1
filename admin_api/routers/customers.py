"""Customers: where the work is, and what happened there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from admin_api.crud import add_children, router_for
from admin_api.resource import Resource
from admin_api.shapes import Body, Email, Id, Line, Phone, Searching, Story, Text500, answered, partial, sorted_by

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]


class CustomerBody(Body):
    """A customer, as the office writes it."""

    name: Line = Field(examples=["City Bank"], description="As people say it")
    address: Text500 = Field(examples=["100 Main Street, Washington"], description="Where technicians go")
    phone: Phone = Field(examples=["+12025550120"], description="Whom this number calls for is asked of it")
    email: Email | None = Field(None, examples=["facilities@citybank.example"], description="For confirmations")
    is_new_customer: bool = Field(True, description="Until the first order is completed")
    preferred_schedule_start: TimeOfDay | None = Field(
        None, description="Visits are welcome from, in the company's time zone", examples=["08:00"]
    )
    preferred_schedule_end: TimeOfDay | None = Field(None, description="Visits are welcome until", examples=["12:00"])


class CustomerFilters(Searching):
    """Filters of the list."""

    phone: Phone | None = Field(None, description="Whose number this is")
    is_new_customer: bool | None = Field(None, description="Only new, or only old, customers")
    sort: str = sorted_by("name", "name", "address", "created_at", "updated_at")


customers = Resource(
    noun="customer",
    table="customers",
    body=CustomerBody,
    change=partial(CustomerBody),
    answer=answered("Customer", "A customer.", CustomerBody, id=int, created_at=datetime, updated_at=datetime),
    filters=CustomerFilters,
    search=("name", "address", "phone", "email"),
    add="dispatcher",
    edit="dispatcher",
    remove="admin",
)


class RemarkBody(Body):
    """A remark about a customer."""

    notes: Story = Field(examples=["Rang twice, nobody there."], description="What happened")
    work_order_id: Id | None = Field(None, description="The order that it belongs to")


class RemarkFilters(Searching):
    """Filters of the list."""

    work_order_id: Id | None = Field(None, description="Only remarks of this order")
    sort: str = sorted_by("-created_at", "created_at")


class Remark(BaseModel):
    """What happened at a customer's."""

    id: int
    customer_id: int
    work_order_id: int | None
    notes: str
    created_by_type: str = Field(examples=["technician"])
    created_by_id: str | None
    created_at: datetime


remarks = Resource(
    noun="remark",
    table="customer_history",
    body=RemarkBody,
    answer=Remark,
    filters=RemarkFilters,
    search=("notes",),
    add="dispatcher",
)
router = router_for(customers, "customers")
add_children(router, customers, remarks, "history", "customer_id")
