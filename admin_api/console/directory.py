"""Directory: departments and people, when they can be reached, and in which order they are rung."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from admin_api.console import hours
from admin_api.console.forms import Unfit, checked, told
from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import go, render
from admin_api.database import Row
from admin_api.problems import Problem
from admin_api.resource import etag, searched
from admin_api.routers.departments import DepartmentBody, departments
from admin_api.routers.employees import EmployeeBody, employees
from admin_api.shapes import partial

router = APIRouter(prefix="/directory")
HOME = "/console/directory"
#: People on one page.
PAGE = 200
STEPS = {"up": -1, "down": 1}
EmployeeChange, DepartmentChange = partial(EmployeeBody), partial(DepartmentBody)
PEOPLE = "id,name,phone,email,department_id,office,roles,status,availability_hours,routing_priority,active,updated_at"


@router.get("")
async def directory(
    request: Request,
    office: Office,
    q: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Everybody, by department, in the order in which they are rung; of many people a page, or who was looked for."""
    parts, people, info = await asyncio.gather(
        office.db.select("departments", where=office.mine(), order=["routing_priority", "name"]),
        office.db.select(
            "employees",
            PEOPLE,
            where=office.mine(),
            any_of=searched(("name", "phone", "email", "office"), q.strip()),
            order=["department_id", "routing_priority", "name", "id"],
            limit=PAGE,
            offset=offset,
            count=True,
        ),
        office.db.first("company_info", "business_hours", where=office.mine()),
    )
    total = people.total or 0
    whole = not q.strip() and total <= PAGE
    groups: list[tuple[Row | None, list[Row]]]
    groups = [(part, [row for row in people.rows if row["department_id"] == part["id"]]) for part in parts.rows]
    groups.append((None, [row for row in people.rows if row["department_id"] is None]))
    return render(
        request,
        "directory.html",
        office,
        groups=[group for group in groups if (whole and group[0]) or group[1]],
        now=await office.db.rpc(
            "directory_now", company_id=office.company_id, people=[row["id"] for row in people.rows]
        ),
        hours=hours,
        company_hours=(info or {}).get("business_hours"),
        anybody=bool(total or parts.rows or q),
        whole=whole,
        asked=q,
        query=urlencode({"q": q}) if q else "",
        total=total,
        limit=PAGE,
        offset=offset,
    )


@router.get("/people/new")
async def new_person(request: Request, office: Office) -> Response:
    """An empty form."""
    office.must("admin")
    return await _person_form(request, office, {"status": "available", "active": True, "roles": []}, {})


@router.get("/people/{key}")
async def person(request: Request, office: Office, key: UUID) -> Response:
    """The form of one person."""
    return await _person_form(request, office, await employees.one(office.db, office.member, str(key)), {})


@router.post("/people/new")
async def add_person(request: Request, office: Office, data: Form) -> Response:
    """Add somebody; they can be called at once."""
    office.must("admin")
    try:
        values = checked(EmployeeBody, _person(data))
        row = await employees.create(office.db, office.member, values)
    except (Unfit, Problem) as error:
        return await _person_form(request, office, _typed(data), told(error), data)
    return go(HOME, f"{row['name']} is in the directory.")


@router.post("/people/{key}")
async def change_person(request: Request, office: Office, data: Form, key: UUID) -> Response:
    """Change somebody, unless another editor was quicker."""
    office.must("dispatcher")
    try:
        values = checked(EmployeeChange, _person(data))
        row = await employees.patch(office.db, office.member, str(key), values, text(data, "version"))
    except (Unfit, Problem) as error:
        return await _person_form(request, office, {**_typed(data), "id": str(key)}, told(error), data)
    return go(HOME, f"{row['name']} was changed.")


@router.post("/people/{key}/status")
async def change_status(office: Office, data: Form, key: UUID) -> Response:
    """Switch somebody to available, busy, away or offline."""
    office.must("dispatcher")
    values = {"status": text(data, "status")}
    try:
        row = await employees.patch(office.db, office.member, str(key), checked(EmployeeChange, values), None)
    except Unfit:
        return go(HOME, problem="There is no such status.")
    return go(HOME, f"{row['name']} is {row['status']} now.")


@router.post("/people/{key}/remove")
async def remove_person(office: Office, data: Form, key: UUID) -> Response:
    """Take somebody out. Who has calls or messages stays, not active any more, so that these keep their name."""
    office.must("admin")
    try:
        await employees.delete(office.db, office.member, str(key))
    except Problem as problem:
        if problem.kind.slug != "in-use":
            raise
        row = await employees.patch(office.db, office.member, str(key), {"active": False}, None)
        return go(HOME, f"{row['name']} is not called any more. Calls and messages keep the name.")
    return go(HOME, "Removed.")


@router.post("/people/{key}/move")
async def move_person(office: Office, data: Form, key: UUID) -> Response:
    """Earlier or later in the order of the department."""
    office.must("dispatcher")
    await employees.one(office.db, office.member, str(key))
    await _reorder(office, "move_employee", str(key), text(data, "to"))
    return go(HOME)


@router.post("/departments")
async def add_department(office: Office, data: Form) -> Response:
    """Add a department."""
    office.must("admin")
    try:
        values = checked(DepartmentBody, {"name": text(data, "name"), "description": text(data, "description")})
    except Unfit as error:
        return go(HOME, problem="; ".join(error.problems.values()))
    row = await departments.create(office.db, office.member, values)
    return go(HOME, f"{row['name']} was added. Now say who works there.")


@router.post("/departments/{key}/move")
async def move_department(office: Office, data: Form, key: UUID) -> Response:
    """Earlier or later among the departments."""
    office.must("admin")
    await departments.one(office.db, office.member, str(key))
    await _reorder(office, "move_department", str(key), text(data, "to"))
    return go(HOME)


@router.post("/departments/{key}/remove")
async def remove_department(office: Office, data: Form, key: UUID) -> Response:
    """Remove a department that nobody works in."""
    office.must("admin")
    await departments.delete(office.db, office.member, str(key))
    return go(HOME, "Removed.")


@router.get("/departments/{key}")
async def department(request: Request, office: Office, key: UUID) -> Response:
    """The form of one department."""
    row = await departments.one(office.db, office.member, str(key))
    return render(request, "department.html", office, row=row, version=etag(row), problems={}, hours=hours, typed=None)


@router.post("/departments/{key}")
async def change_department(request: Request, office: Office, data: Form, key: UUID) -> Response:
    """Change name, description and hours."""
    office.must("admin")
    values = {"name": text(data, "name"), "description": text(data, "description")}
    try:
        fit = checked(DepartmentChange, {**values, "available_hours": hours.from_form(data)})
        row = await departments.patch(office.db, office.member, str(key), fit, text(data, "version"))
    except (Unfit, Problem) as error:
        return render(
            request,
            "department.html",
            office,
            row={**values, "id": str(key), "available_hours": None},
            version=text(data, "version") or "",
            problems=told(error),
            hours=hours,
            typed=data,
            status=422,
        )
    return go(HOME, f"{row['name']} was changed.")


async def _reorder(office: OfficeUser, function: str, key: str, to: str | None) -> None:
    """Move one up, down, or to a place counted from 0, in one piece; anything else moves nothing."""
    if to in STEPS:
        await office.db.rpc(function, id=key, step=STEPS[to])
    elif to and to.isascii() and to.isdigit() and len(to) < 6:
        await office.db.rpc(function, id=key, place=int(to))


def _person(data: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {name: text(data, name) for name in ("name", "phone", "email", "department_id", "office")}
    roles = [word.strip() for word in (text(data, "roles") or "").split(",") if word.strip()]
    values |= {"roles": roles, "status": text(data, "status") or "available", "active": data.get("active") == "yes"}
    return {**values, "availability_hours": hours.from_form(data)}


def _typed(data: FormData) -> Row:
    """The form as it was sent, for showing it again; its hours are shown from the form itself."""
    row: Row = {name: text(data, name) for name in ("name", "phone", "email", "department_id", "office", "status")}
    return {**row, "roles": [text(data, "roles") or ""], "active": data.get("active") == "yes"}


async def _person_form(
    request: Request, office: OfficeUser, row: Row, problems: dict[str, str], typed: FormData | None = None
) -> Response:
    parts = await office.db.select("departments", "id,name", where=office.mine(), order=["name"])
    # Shown again, a form keeps the version that its editor has seen: saving it twice does not overwrite anybody.
    version = (text(typed, "version") or "") if typed else _version(row)
    empty: Row = dict.fromkeys(("id", "name", "phone", "email", "department_id", "office", "availability_hours"))
    status = 422 if problems else 200
    return render(
        request,
        "person.html",
        office,
        row={**empty, **row},
        departments=parts.rows,
        problems=problems,
        version=version,
        hours=hours,
        typed=typed,
        status=status,
    )


def _version(row: Row) -> str:
    return etag(row) if row.get("updated_at") else ""
