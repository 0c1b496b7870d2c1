"""Inventory: the company's parts, the other names that people say for them, and which trucks carry them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, status
from pydantic import BaseModel, Field

from admin_api.crud import add_children, router_for
from admin_api.deps import Db, Member, needs
from admin_api.problems import not_found
from admin_api.resource import Resource
from admin_api.routers.trucks import MOST_PIECES, stock
from admin_api.shapes import BIGGEST_ID, Body, Line, Searching, Text100, Text2000, answered, partial, sorted_by

Pieces = Annotated[int, Field(ge=0, le=MOST_PIECES)]


class ItemBody(Body):
    """A part, as the office writes it."""

    name: Line = Field(examples=["Door Strike"], description="As people say it; unique")
    description: Text2000 | None = Field(None, description="What it is", examples=["For wooden doors, 12 volts"])
    category: Text100 | None = Field(None, examples=["access control"], description="A word to sort by")
    unit: Literal["units", "feet"] = Field("units", description="What is counted")
    standard_quantity: Pieces = Field(0, description="What a full truck carries", examples=[10])
    low_quantity: Pieces | None = Field(
        None, description="At or below this the office is told; null: a fifth of the standard quantity"
    )


class ItemFilters(Searching):
    """Filters of the list."""

    category: Text100 | None = Field(None, description="Only this category")
    sort: str = sorted_by("name", "name", "category", "standard_quantity", "created_at", "updated_at")


class AliasBody(Body):
    """Another name of a part."""

    alias: Line = Field(examples=["strike"], description="As people say it; one name may stand for several parts")


class AliasFilters(Searching):
    """Filters of the list."""

    sort: str = sorted_by("alias", "alias", "created_at")


class Alias(BaseModel):
    """Another name of a part."""

    id: int
    item_id: int
    alias: str = Field(examples=["strike"])
    created_at: datetime


items = Resource(
    noun="part",
    table="inventory_items",
    body=ItemBody,
    change=partial(ItemBody),
    answer=answered("Item", "A part.", ItemBody, id=int, created_at=datetime, updated_at=datetime),
    filters=ItemFilters,
    search=("name", "description", "category"),
    add="dispatcher",
    edit="dispatcher",
    remove="admin",
)
aliases = Resource(
    noun="alias",
    table="item_aliases",
    body=AliasBody,
    answer=Alias,
    filters=AliasFilters,
    search=("alias",),
    add="dispatcher",
)
router = router_for(items, "inventory")
add_children(router, items, aliases, "aliases", "item_id")
add_children(router, items, stock, "stock", "item_id")
_Id = Path(ge=1, le=BIGGEST_ID, examples=[1])


@router.delete("/{id}/aliases/{alias_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[needs("dispatcher")])
async def remove_alias(id: Annotated[int, _Id], alias_id: Annotated[int, _Id], member: Member, db: Db) -> None:
    """Forget another name of a part."""
    if not await db.delete("item_aliases", where=aliases.mine(member, id=alias_id, item_id=id), columns="id"):
        raise not_found()
