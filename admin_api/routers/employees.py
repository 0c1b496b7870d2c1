"""Employees: the people of the office, as callers ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from admin_api.crud import router_for
from admin_api.resource import Resource
from admin_api.shapes import (
    Body,
    Email,
    Hours,
    Name,
    Phone,
    Priority,
    Searching,
    Tag,
    Text100,
    answered,
    partial,
    sorted_by,
)

Status = Literal["available", "busy", "away", "offline"]
Channel = Literal["sms", "email"]


class EmployeeBody(Body):
    """An employee, as the office writes it."""

    name: Name = Field(description="As callers say it", examples=["Karen Miller"])
    phone: Phone | None = Field(
        None, description="Stored as E.164; one active person per number", examples=["+12025550110"]
    )
    email: Email | None = Field(None, examples=["karen@northgate.example"], description="For messages")
    department_id: UUID | None = Field(None, description="Where they work")
    office: Text100 | None = Field(None, examples=["Washington"], description="Place, as callers say it")
    roles: Annotated[list[Tag], Field(max_length=20)] = Field(
        default_factory=list, description="Words that callers use, and `on-call`", examples=[["billing", "payments"]]
    )
    status: Status = Field("available", description="Whether calls may be put through now")
    availability_hours: Hours | None = Field(None, description="Own hours; null: whenever the department is open")
    routing_priority: Priority = Field(100, description="Order within the department, lowest first", examples=[10])
    message_channels: Annotated[list[Channel], Field(min_length=1, max_length=2)] = Field(
        default_factory=lambda: ["sms", "email"], description="How messages reach them", examples=[["email"]]
    )
    active: bool = Field(True, description="Inactive people are not in the directory; their calls and messages stay")


class EmployeeFilters(Searching):
    """Filters of the list."""

    status: Status | None = Field(None, description="Only people with this status")
    department_id: UUID | None = Field(None, description="Only people of this department")
    active: bool | None = Field(None, description="Only active, or only inactive, people")
    sort: str = sorted_by("name", "name", "routing_priority", "status", "office", "created_at", "updated_at")


employees = Resource(
    noun="employee",
    table="employees",
    key=UUID,
    body=EmployeeBody,
    change=partial(EmployeeBody),
    answer=answered(
        "Employee",
        "Somebody of the office.",
        EmployeeBody,
        id=UUID,
        created_at=datetime,
        updated_at=datetime,
    ),
    filters=EmployeeFilters,
    search=("name", "phone", "email", "office"),
    add="admin",
    edit="dispatcher",
    remove="admin",
    explained={"availability_hours": "hours_problem"},
)
router = router_for(employees, "employees")
