"""Departments: where a caller can be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from admin_api.crud import router_for
from admin_api.resource import Resource
from admin_api.shapes import Body, Hours, Name, Priority, Searching, Text2000, answered, partial, sorted_by


class DepartmentBody(Body):
    """A department, as the office writes it."""

    name: Name = Field(description="As callers say it; unique", examples=["Billing"])
    description: Text2000 | None = Field(None, description="What it is for", examples=["Invoices and payments."])
    available_hours: Hours | None = Field(None, description="When it takes calls; null: whenever the company is open")
    routing_priority: Priority = Field(100, description="Tried in this order, lowest first", examples=[10])


class DepartmentFilters(Searching):
    """Filters of the list."""

    sort: str = sorted_by("routing_priority", "name", "routing_priority", "created_at", "updated_at")


departments = Resource(
    noun="department",
    table="departments",
    key=UUID,
    body=DepartmentBody,
    change=partial(DepartmentBody),
    answer=answered(
        "Department",
        "A department.",
        DepartmentBody,
        id=UUID,
        created_at=datetime,
        updated_at=datetime,
    ),
    filters=DepartmentFilters,
    search=("name", "description"),
    add="admin",
    edit="admin",
    remove="admin",
    explained={"available_hours": "hours_problem"},
)
router = router_for(departments, "departments")
