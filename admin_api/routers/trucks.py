"""Trucks, what they carry, and the ledger of every change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field, model_validator

from admin_api.crud import add_children, router_for
from admin_api.deps import Db, Member, needs
from admin_api.resource import Resource
from admin_api.shapes import BIGGEST_ID, Body, Id, Line, Paging, Searching, answered, partial, sorted_by

MOST_PIECES = 1_000_000


class TruckBody(Body):
    """A truck, as the office writes it."""

    number: Annotated[int, Field(ge=1, le=999_999)] = Field(description="What people say", examples=[205])
    name: Line = Field(examples=["Truck 205"], description="What stands on it")
    is_office_truck: bool = Field(False, description="The one that carries no stock and takes nobody to work")
    active: bool = Field(True, description="Whether it can be taken to work")


class TruckFilters(Searching):
    """Filters of the list."""

    active: bool | None = Field(None, description="Only trucks in service, or only others")
    number: Annotated[int, Field(ge=1, le=999_999)] | None = Field(None, description="The truck with this number")
    sort: str = sorted_by("number", "number", "name", "created_at", "updated_at")


trucks = Resource(
    noun="truck",
    table="trucks",
    body=TruckBody,
    change=partial(TruckBody),
    answer=answered("Truck", "A truck.", TruckBody, id=int, created_at=datetime, updated_at=datetime),
    filters=TruckFilters,
    search=("name",),
    add="dispatcher",
    edit="dispatcher",
)


class Stock(BaseModel):
    """How much of a part is on a truck."""

    id: int
    truck_id: int
    item_id: int
    quantity: int
    last_updated: datetime
    item_name: str = Field(examples=["Cat6 Cable"])
    unit: str = Field(examples=["feet"])
    standard_quantity: int
    is_low: bool = Field(description="At or below the mark at which the office is told")
    truck_number: int = Field(examples=[201])
    truck_name: str = Field(examples=["Truck 201"])


class StockFilters(Searching):
    """Filters of the list."""

    item_id: Id | None = Field(None, description="Only this part")
    truck_id: Id | None = Field(None, description="Only this truck")
    is_low: bool | None = Field(None, description="Only what is low, or only what is not")
    sort: str = sorted_by("item_name", "item_name", "truck_number", "quantity", "last_updated")


class Movement(BaseModel):
    """One change of a truck's stock."""

    id: int
    truck_id: int
    item_id: int
    change: int = Field(examples=[-2])
    quantity_after: int
    reason: str = Field(examples=["used"], description="used, taken, given, restocked, counted or undone")
    work_order_id: int | None
    technician_id: int | None
    created_by_type: str
    created_by_id: str | None
    created_at: datetime


class MovementFilters(Paging):
    """Filters of the list."""

    item_id: Id | None = Field(None, description="Only this part")
    reason: Literal["used", "taken", "given", "restocked", "counted", "undone"] | None = Field(
        None, description="Only changes for this reason"
    )
    sort: str = sorted_by("-id", "id")


stock = Resource(
    noun="stock", table="truck_stock", answer=Stock, filters=StockFilters, search=("item_name", "truck_name")
)
movements = Resource(noun="movement", table="stock_movements", answer=Movement, filters=MovementFilters)

router = router_for(trucks, "trucks")
add_children(router, trucks, stock, "stock", "truck_id")
add_children(router, trucks, movements, "movements", "truck_id")


class StockChange(Body):
    """Parts that were put on a truck, or how many were counted there."""

    item_id: Id = Field(examples=[5], description="The part")
    add: Annotated[int, Field(ge=1, le=MOST_PIECES)] | None = Field(
        None, description="So many were put on it", examples=[100]
    )
    counted: Annotated[int, Field(ge=0, le=MOST_PIECES)] | None = Field(None, description="So many are on it")

    @model_validator(mode="after")
    def _one_of_both(self) -> StockChange:
        if (self.add is None) == (self.counted is None):
            raise ValueError("say either add or counted")
        return self


@router.post("/{id}/stock", dependencies=[needs("dispatcher")])
async def restock(
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID, examples=[2])], body: StockChange, member: Member, db: Db
) -> Movement | None:
    """Put parts on a truck, or correct what it carries to a count. Answers with the ledger's entry; null when the
    count agrees with what was thought."""
    entry: dict[str, Any] | None = await db.rpc(
        "move_truck_stock",
        company_id=member.company_id,
        truck_id=id,
        item_id=body.item_id,
        change=body.add,
        counted=body.counted,
    )
    return Movement.model_validate(entry) if entry and entry.get("id") else None
