"""Audit: every write of the office, with what stood there before and after."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from admin_api.console.office import Office
from admin_api.console.pages import render
from admin_api.database import Where

router = APIRouter(prefix="/audit")
PAGE = 50


@router.get("")
async def audit(
    request: Request,
    office: Office,
    entity: Annotated[str, Query(max_length=60)] = "",
    who: Annotated[str, Query(max_length=100)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """The log, newest first. For administrators."""
    office.must("admin")
    where = office.mine()
    if entity:
        where.append(Where("entity", "eq", entity))
    if who.strip():
        where.append(Where("who", "ilike", f"*{who.strip().replace('*', '')}*"))
    found = await office.db.select(
        "audit_log", where=where, order=["-at", "-id"], limit=PAGE, offset=offset, count=True
    )
    return render(
        request,
        "audit.html",
        office,
        rows=found.rows,
        total=found.total or 0,
        limit=PAGE,
        offset=offset,
        entity=entity,
        who=who,
        query=urlencode({name: value for name, value in (("entity", entity), ("who", who)) if value}),
    )
