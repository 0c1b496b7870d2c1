"""Usage: what the calls of a month came to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from admin_api.console.office import Office
from admin_api.console.pages import render

router = APIRouter(prefix="/usage")
#: Days that lead out of any month, counted from its first.
INTO_NEXT = timedelta(days=31)


@router.get("")
async def usage(
    request: Request, office: Office, month: Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d\d)?$")] = ""
) -> Response:
    """Calls, minutes, and what the providers counted, of one month; without one, of this."""
    today = datetime.fromisoformat(await office.db.rpc("fieldline_now")).astimezone(office.zone).date()
    try:
        first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    except ValueError:
        first = today.replace(day=1)
    first = min(max(first, date(2000, 1, 1)), date(2099, 12, 1))
    following = (first + INTO_NEXT).replace(day=1)
    span = {"from_day": first.isoformat(), "to_day": (following - timedelta(days=1)).isoformat()}
    counted = await office.db.rpc("company_usage", company_id=office.company_id, **span)
    before = (first - timedelta(days=1)).replace(day=1)
    return render(
        request,
        "usage.html",
        office,
        used=counted,
        title=f"{first:%B %Y}",
        before=f"{before:%Y-%m}",
        following=f"{following:%Y-%m}" if following <= today else None,
    )
