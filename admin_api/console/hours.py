"""Opening hours on a page: the picture of a week, and a form of seven lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from admin_api.problems import invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|—|to|until)\s*(\d{1,2})(?::(\d{2}))?", re.IGNORECASE)
#: One day is 24 units wide, so an hour is one.
WEEK = 7 * 24


def bars(hours: Mapping[str, Any] | None) -> list[tuple[float, float]]:
    """Open spans as (begin, width) in hours since Monday; one that passes Sunday's midnight comes back on Monday."""
    found: list[tuple[float, float]] = []
    for place, day in enumerate(DAYS):
        for begin, end in (hours or {}).get(day, []):
            start, stop = _hour(begin), _hour(end)
            width = stop - start if stop > start else 24 - start + stop
            at = place * 24 + start
            found.append((at, min(width, WEEK - at)))
            if at + width > WEEK:
                found.append((0.0, at + width - WEEK))
    return [(round(at, 2), round(width, 2)) for at, width in found]


def said(hours: Mapping[str, Any] | None) -> str:
    """The week in words, for who cannot see the picture."""
    if hours is None:
        return "No hours of their own"
    days = [f"{NAMES[day]} {spans(hours, day)}" for day in DAYS if hours.get(day)]
    return "; ".join(days) or "Closed all week"


def spans(hours: Mapping[str, Any] | None, day: str) -> str:
    """A day's spans as they are typed: `08:00-12:00, 13:00-17:00`."""
    return ", ".join(f"{begin}-{end}" for begin, end in (hours or {}).get(day, []))


def fields(hours: Mapping[str, Any] | None, typed: FormData | None = None) -> dict[str, str]:
    """What the fields of a week show, by their names: the hours that are kept, or what was typed and does not fit."""
    if typed is not None:
        return {name: str(typed.get(name) or "") for name in ("own_hours", *(f"hours_{day}" for day in DAYS))}
    shown = {f"hours_{day}": spans(hours, day) for day in DAYS}
    return {"own_hours": "no" if hours is None else "yes", **shown}


def holidays(hours: Mapping[str, Any] | None) -> str:
    """Holidays as they are typed: one per line, `2026-12-24 08:00-12:00 Christmas Eve`."""
    lines = []
    for holiday in (hours or {}).get("holidays", []):
        entry = holiday if isinstance(holiday, dict) else {"date": holiday}
        times = ", ".join(f"{begin}-{end}" for begin, end in entry.get("hours") or [])
        lines.append(" ".join(part for part in (entry["date"], times, entry.get("name") or "") if part))
    return "\n".join(lines)


def from_form(data: FormData, *, with_holidays: bool = False) -> dict[str, Any] | None:
    """Hours as a form has them; None when it says that there are none of their own.

    Raises:
        Problem: something is no span of time.
    """
    if data.get("own_hours") == "no":
        return None
    hours: dict[str, Any] = {}
    for day in DAYS:
        if typed := str(data.get(f"hours_{day}") or "").strip():
            hours[day] = _spans(typed, NAMES[day])
    if with_holidays:
        hours["holidays"] = [_holiday(line) for line in str(data.get("holidays") or "").splitlines() if line.strip()]
    return hours


def _spans(typed: str, day: str) -> list[list[str]]:
    found = [_span(part, day) for part in re.split(r"[,;]", typed) if part.strip()]
    return [span for span in found if span]


def _span(typed: str, day: str) -> list[str]:
    match = SPAN.fullmatch(typed.strip())
    if match is None:
        raise invalid(day, f"“{typed.strip()}” is no span of time; write it as 08:00-12:00, 13:00-17:00")
    begin_hour, begin_minute, end_hour, end_minute = match.groups()
    return [f"{int(begin_hour):02}:{begin_minute or '00'}", f"{int(end_hour):02}:{end_minute or '00'}"]


def _holiday(line: str) -> str | dict[str, Any]:
    day, _, rest = line.strip().partition(" ")
    times: list[list[str]] = []
    while match := re.match(rf"\s*,?\s*({SPAN.pattern})", rest, re.IGNORECASE):
        times.append(_span(match[1], day))
        rest = rest[match.end() :]
    if not times and not rest.strip():
        return day
    entry: dict[str, Any] = {"date": day, "hours": times}
    return {**entry, "name": rest.strip()} if rest.strip() else entry


def _hour(clock: str) -> float:
    hour, _, minute = clock.partition(":")
    return int(hour) + int(minute) / 60
