"""Stock: what each truck carries, what runs low, and the last movements."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from admin_api.console.office import Form, Office, text
from admin_api.console.pages import go, render
from admin_api.problems import invalid

router = APIRouter(prefix="/stock")
HOME = "/console/stock"


@router.get("")
async def stock(request: Request, office: Office, truck: Annotated[int, Query(ge=0)] = 0) -> Response:
    """One truck's parts, the lowest first."""
    trucks = await office.db.select(
        "trucks", "id,number,name", where=office.mine(is_office_truck=False, active=True), order=["number"]
    )
    chosen = next((row for row in trucks.rows if row["number"] == truck), trucks.rows[0] if trucks.rows else None)
    if chosen is None:
        return render(request, "stock.html", office, trucks=[], chosen=None, rows=[], moves=[])
    parts, held, moves = await asyncio.gather(
        office.db.select("inventory_items", where=office.mine(), order=["category", "name"], limit=1000),
        office.db.select("truck_inventory", "item_id,quantity", where=office.mine(truck_id=chosen["id"]), limit=1000),
        office.db.select(
            "stock_movements",
            "change,reason,quantity_after,created_at,inventory_items(name,unit),technicians(name),work_orders(number)",
            where=office.mine(truck_id=chosen["id"]),
            order=["-created_at", "-id"],
            limit=30,
        ),
    )
    quantities = {row["item_id"]: row["quantity"] for row in held.rows}
    rows = [{**part, "quantity": quantities.get(part["id"], 0)} for part in parts.rows]
    for row in rows:
        mark = row["low_quantity"] if row["low_quantity"] is not None else row["standard_quantity"] // 5
        row["low"] = row["quantity"] <= mark
    rows.sort(key=lambda row: (not row["low"], row["category"] or "", row["name"]))
    return render(request, "stock.html", office, trucks=trucks.rows, chosen=chosen, rows=rows, moves=moves.rows)


@router.post("/move")
async def move(office: Office, data: Form) -> Response:
    """Say how many there are, or how many were put on the truck."""
    office.must("dispatcher")
    try:
        truck, item, amount = (int(text(data, name) or "") for name in ("truck", "item", "amount"))
    except ValueError:
        raise invalid("amount", "type a whole number") from None
    how = {"counted": amount} if data.get("how") == "counted" else {"change": amount}
    await office.db.rpc("move_truck_stock", company_id=office.company_id, truck_id=truck, item_id=item, **how)
    return go(f"{HOME}?truck={text(data, 'number') or ''}", "The stock was changed.")
