"""Importing a list of people: every line is checked first, and either all of them are taken or none."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from admin_api.console.forms import Unfit, checked
from admin_api.console.office import Form, Office
from admin_api.console.pages import go, render
from admin_api.problems import invalid
from admin_api.routers.employees import EmployeeBody

router = APIRouter(prefix="/directory/import")

COLUMNS = ("name", "phone", "email", "department", "office", "roles", "status", "routing_priority", "active")
#: What a file from another program may call a column.
ALSO = {
    "telephone": "phone",
    "mobile": "phone",
    "e-mail": "email",
    "mail": "email",
    "role": "roles",
    "team": "department",
    "place": "office",
    "location": "office",
    "priority": "routing_priority",
    "full name": "name",
}
MOST_LINES = 50_000
#: More than these are not shown; who has so many mends a column, not lines.
SHOWN = 100
NO = {"no", "false", "0", "n"}


class Wrong(NamedTuple):
    """What keeps a line from being taken."""

    line: int
    field: str
    detail: str


@router.get("")
async def page(request: Request, office: Office) -> Response:
    """Where a file is chosen."""
    office.must("admin")
    return render(request, "import.html", office, columns=COLUMNS, wrong=None, more=0, summary=None)


@router.post("")
async def take(request: Request, office: Office, data: Form) -> Response:
    """Check a file, and take it when it was not only to be tried."""
    office.must("admin")
    file = data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid("file", "choose a file first")
    # Fifty thousand lines take seconds to read: not on the thread that answers everybody else.
    people, wrong = await asyncio.to_thread(read, await file.read())
    trial = data.get("trial") == "yes"
    summary: dict[str, Any] = {"added": 0, "changed": 0}
    if people:
        asked = {"company_id": office.company_id, "entries": people, "dry_run": trial or bool(wrong)}
        token, request_id = office.member.user.token, request.state.request_id
        patient = request.app.state.database.acting_as(token, request_id=request_id, patient=True)
        summary = await patient.rpc("import_employees", **asked)
        wrong += [Wrong(found["line"], found["field"], found["detail"]) for found in summary["problems"]]
    elif not wrong:
        wrong = [Wrong(1, "", "there are no people in this file")]
    if wrong or trial:
        wrong.sort()
        more = max(0, len(wrong) - SHOWN)
        return render(
            request,
            "import.html",
            office,
            columns=COLUMNS,
            wrong=wrong[:SHOWN],
            more=more,
            summary=summary,
            status=422 if wrong else 200,
        )
    return go("/console/directory", f"{summary['added']} added, {summary['changed']} changed.")


def read(content: bytes) -> tuple[list[dict[str, Any]], list[Wrong]]:
    """The people of a CSV file, and what is wrong with lines. UTF-8 with or without its mark, else Latin-1."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    people: list[dict[str, Any]] = []
    wrong: list[Wrong] = []
    try:
        names = [_column(cell) for cell in next(lines, [])]
        if "name" not in names:
            return [], [Wrong(1, "name", f"the first line has to name the columns: {', '.join(COLUMNS)}")]
        wrong += [Wrong(1, name, "this column is not known") for name in names if name and name not in COLUMNS]
        for number, cells in _numbered(lines):
            if len(people) >= MOST_LINES:
                return people, [*wrong, Wrong(number, "", f"at most {MOST_LINES:,} people at a time")]
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name in COLUMNS}
            try:
                people.append({"line": number, **_person(row)})
            except Unfit as error:
                wrong += [Wrong(number, field, detail) for field, detail in error.problems.items()]
    except csv.Error as error:
        wrong.append(Wrong(lines.line_num, "", f"this is no CSV: {error}"))
    return people, wrong


def _numbered(lines: Any) -> Iterator[tuple[int, list[str]]]:
    for cells in lines:
        if any(cell.strip() for cell in cells):
            yield lines.line_num, cells


def _delimiter(text: str) -> str:
    """Comma, or what spreadsheets of other countries write."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(cell: str) -> str:
    name = cell.strip().lower()
    return ALSO.get(name, name.replace(" ", "_"))


def _person(row: dict[str, str]) -> dict[str, Any]:
    """A line as the model of the API takes it; the department is a name here, and looked up with all the others."""
    values: dict[str, Any] = {name: row.get(name) or None for name in ("phone", "email", "office")}
    values |= {"name": row.get("name") or None, "status": (row.get("status") or "available").lower()}
    values["roles"] = [role.strip() for role in row.get("roles", "").replace(";", ",").split(",") if role.strip()]
    values["routing_priority"] = row.get("routing_priority") or 100
    values["active"] = row.get("active", "").lower() not in NO
    return {**checked(EmployeeBody, values), "department": row.get("department") or None}
