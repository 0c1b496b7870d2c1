"""Technicians: who may use the technician line. PINs are set here and can be read nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, StringConstraints

from admin_api.crud import add_children, router_for
from admin_api.deps import Db, Member, needs
from admin_api.resource import Resource
from admin_api.shapes import BIGGEST_ID, Body, Line, Phone, Searching, answered, partial, sorted_by

Badge = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]


class TechnicianBody(Body):
    """A technician, as the office writes it."""

    badge: Badge = Field(description="Two to eight digits, keyed in on the telephone; unique", examples=["105"])
    name: Line = Field(examples=["Mike Johnson"], description="As it is said on the line")
    phone: Phone = Field(examples=["+12025550105"], description="One active technician per number")
    employee_id: UUID | None = Field(None, description="The same person among the employees")
    active: bool = Field(True, description="Inactive technicians cannot use the line")


class TechnicianFilters(Searching):
    """Filters of the list."""

    active: bool | None = Field(None, description="Only active, or only inactive, technicians")
    badge: Badge | None = Field(None, description="Whose badge this is")
    sort: str = sorted_by("name", "name", "badge", "created_at", "updated_at")


technicians = Resource(
    noun="technician",
    table="technicians",
    body=TechnicianBody,
    change=partial(TechnicianBody),
    answer=answered("Technician", "A technician.", TechnicianBody, id=int, created_at=datetime, updated_at=datetime),
    filters=TechnicianFilters,
    search=("name", "badge", "phone"),
    add="dispatcher",
    edit="dispatcher",
)


class PinAttempt(BaseModel):
    """A try at a PIN. What was keyed is not kept."""

    id: int
    call_id: UUID
    from_number: str | None = Field(examples=["+12025550101"], description="Null when it was withheld")
    succeeded: bool
    forgiven_at: datetime | None = Field(description="No longer counted since then")
    created_at: datetime


class PinAttemptFilters(Searching):
    """Filters of the list."""

    succeeded: bool | None = Field(None, description="Only right, or only wrong, tries")
    sort: str = sorted_by("-created_at", "created_at")


attempts = Resource(
    noun="try",
    table="pin_attempts",
    answer=PinAttempt,
    filters=PinAttemptFilters,
    search=("from_number",),
    read="dispatcher",
)
router = router_for(technicians, "technicians")
add_children(router, technicians, attempts, "pin-attempts", "technician_id")
TechnicianId = Annotated[int, Path(alias="id", ge=1, le=BIGGEST_ID, examples=[1])]


class Pin(Body):
    """A PIN that a technician chose."""

    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")] = Field(
        examples=["4812"],
        description="Four to eight digits, no fewer than the company's setting `pin_length`; neither the badge, nor one"
        " digit repeated, nor in a row",
    )


class Named(BaseModel):
    """Whom it was done for."""

    name: str = Field(examples=["Mike Johnson"])
    badge: str = Field(examples=["101"])


class OneTimeCode(Named):
    """A code that works once. It is shown here and nowhere else."""

    code: str = Field(examples=["482913"])
    expires_at: datetime


class Unlocked(Named):
    """How many wrong tries were forgotten."""

    forgiven: int = Field(examples=[5])


class UnlockedNumber(BaseModel):
    """How many wrong tries from a number were forgotten."""

    number: str | None = Field(examples=["+12025550101"])
    forgiven: int = Field(examples=[5])


class Number(Body):
    """A calling number."""

    number: Phone | None = Field(None, examples=["+12025550101"], description="Null stands for withheld numbers")


async def set_pin(id: TechnicianId, body: Pin, db: Db) -> Any:
    """Give a technician a PIN. Earlier wrong tries are forgotten. Sent twice it does the same twice."""
    return await db.rpc("set_pin", technician_id=id, pin=body.pin)


async def issue_code(id: TechnicianId, db: Db) -> Any:
    """A code that takes the PIN's place once, within a day; an earlier one stops working."""
    return await db.rpc("issue_one_time_code", technician_id=id)


# Plain routes: a repeat would keep an answer or the print of a request, and these are secrets.
for path, handler, model in (("pin", set_pin, Named), ("one-time-code", issue_code, OneTimeCode)):
    router.add_api_route(
        f"/{{id}}/{path}",
        handler,
        methods=["POST"],
        response_model=model,
        dependencies=[needs("dispatcher")],
        route_class_override=APIRoute,
    )


@router.post("/{id}/unlock", dependencies=[needs("dispatcher")])
async def unlock(id: TechnicianId, db: Db) -> Unlocked:
    """Forget a technician's wrong tries, from whatever numbers they came."""
    return Unlocked.model_validate(await db.rpc("unlock_technician", technician_id=id))


@router.post("/unlock-number", dependencies=[needs("dispatcher")])
async def unlock_number(body: Number, db: Db, _member: Member) -> UnlockedNumber:
    """Let a locked calling number try again."""
    return UnlockedNumber.model_validate(await db.rpc("unlock_number", number=body.number))
