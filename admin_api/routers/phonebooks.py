"""Import and export of people and departments."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from admin_api import csv_files
from admin_api.database import Row, Tables
from admin_api.deps import Db, Member, Membership, needs
from admin_api.problems import INVALID, FieldProblem, Problem
from admin_api.repeat import RepeatableRouter
from admin_api.resource import Resource
from admin_api.routers.departments import departments
from admin_api.routers.employees import employees
from admin_api.shapes import Email, Name, Phone, Priority, Tag, Text100, Text2000
from fieldline.errors import StoreError

#: What the REST layer gives at once (supabase/config.toml).
AT_ONCE = 1000
#: Seconds between two looks at how far an import is.
LOOK_S = 0.5
DryRun = Annotated[bool, Query(description="Check only: say what would be done, and what is wrong")]
Roles = Annotated[
    list[Tag], BeforeValidator(lambda v: [w for w in re.split("[;,]", v) if w.strip()]), Field(max_length=20)
]
Status = Annotated[Literal["available", "busy", "away", "offline"], BeforeValidator(str.lower)]


class EmployeeRow(BaseModel):
    """A person of a file. Who has the phone, else the e-mail, else the name, is changed; others are added, and the
    defaults are theirs alone."""

    name: Name
    phone: Phone | None = None
    email: Email | None = None
    department: Name | None = None
    office: Text100 | None = None
    roles: Roles = Field(default_factory=list)
    status: Status = "available"
    routing_priority: Priority = 100
    active: bool = True


class DepartmentRow(BaseModel):
    """A department of a file. The one of this name is changed, or it is added."""

    name: Name
    description: Text2000 | None = None
    routing_priority: Priority = 100


class Imported(BaseModel):
    """What was done, or, in a dry run, what would be."""

    dry_run: bool
    added: int = Field(examples=[12])
    changed: int = Field(examples=[3])
    problems: list[FieldProblem] = Field(description="Only in a dry run: with problems, nothing else is written")


@dataclass
class Progress:
    """How far an import is; whoever waits for it looks here."""

    phase: Literal["reading", "checking", "writing"] = "reading"
    #: Lines that were read, or people who were written, and how many there are. Checking is one question to the
    #: database, so it has a size and no steps.
    done: int = 0
    total: int = 0
    key: str = field(default_factory=lambda: str(uuid4()))

    def reach(self, phase: Literal["reading", "checking", "writing"], done: int, total: int) -> None:
        """It has come this far."""
        self.phase, self.done, self.total = phase, done, total


#: The database function that takes a file's rows, what a row is, and columns in which no value may stand twice.
PEOPLE = ("import_employees", EmployeeRow, ("phone", "email"))
DEPARTMENTS = ("import_departments", DepartmentRow, ("name",))
CSV_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
}
CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
router = RepeatableRouter()


@router.get(
    "/employees.csv", tags=["employees"], response_class=Response, responses=CSV_ANSWER, dependencies=[needs("viewer")]
)
async def export_employees(member: Member, db: Db) -> Response:
    """Everybody of the office, as a file that can be imported again."""
    names = {row["id"]: row["name"] for row in await _all(db, member, departments)}
    rows = [{**row, "department": names.get(row["department_id"])} for row in await _all(db, member, employees)]
    return _file("employees.csv", csv_files.write(list(EmployeeRow.model_fields), rows))


@router.get(
    "/departments.csv",
    tags=["departments"],
    response_class=Response,
    responses=CSV_ANSWER,
    dependencies=[needs("viewer")],
)
async def export_departments(member: Member, db: Db) -> Response:
    """The departments, as a file that can be imported again."""
    rows = await _all(db, member, departments)
    return _file("departments.csv", csv_files.write(list(DepartmentRow.model_fields), rows))


@router.post("/employees/import", tags=["employees"], openapi_extra=CSV_BODY, dependencies=[needs("admin")])
async def import_employees(request: Request, member: Member, dry_run: DryRun = False) -> Imported:
    """Add and change people by a CSV file with the columns name, phone, email, department, office, roles (with
    semicolons between), status, routing_priority, active: all of it, or, with a single problem, nothing. Of people who
    are there already, columns that the file does not have stay as they are."""
    return await _import(request, member, *PEOPLE, dry_run)


@router.post("/departments/import", tags=["departments"], openapi_extra=CSV_BODY, dependencies=[needs("admin")])
async def import_departments(request: Request, member: Member, dry_run: DryRun = False) -> Imported:
    """Add and change departments by a CSV file with the columns name, description, routing_priority: all of it, or,
    with a single problem, nothing. Columns that the file does not have stay as they are."""
    return await _import(request, member, *DEPARTMENTS, dry_run)


async def _import(
    request: Request,
    member: Membership,
    function: str,
    model: type[BaseModel],
    unique: tuple[str, ...],
    dry_run: bool,
) -> Imported:
    done = await taken(request, member, await request.body(), function, model, unique, dry_run)
    if done.problems and not dry_run:
        raise Problem(INVALID, "Nothing was written: the file has lines that do not fit.", errors=done.problems)
    return done


async def taken(
    request: Request,
    member: Membership,
    content: bytes,
    function: str,
    model: type[BaseModel],
    unique: tuple[str, ...],
    dry_run: bool,
    progress: Progress | None = None,
) -> Imported:
    """Check a file, and write all of it when nothing is wrong and it is not only to be tried; API and console.

    Args:
        progress: is kept up to date, for who imports people and wants to see it.
    """
    told = partial(progress.reach, "reading") if progress else _nobody
    # Fifty thousand telephone numbers take seconds to read: not on the thread that answers everybody else.
    sheet = await asyncio.to_thread(csv_files.read, content, model, unique=unique, told=told)
    report: dict[str, Any] = {"added": 0, "changed": 0, "problems": []}
    if sheet.rows:
        acting = partial(request.app.state.database.acting_as, member.user.token, request_id=request.state.request_id)
        values = {
            "company_id": member.company_id,
            "entries": sheet.rows,
            "dry_run": dry_run or bool(sheet.problems),
            **({"progress_key": progress.key} if progress else {}),
        }
        async with _watched(acting(), progress, len(sheet.rows)):
            report = await acting(patient=True).rpc(function, **values)
    for found in report["problems"]:
        sheet.wrong(found["line"], found["field"], found["detail"])
    problems = sorted(sheet.problems, key=lambda problem: int(problem.location.split()[-1]))
    return Imported(dry_run=dry_run, added=report["added"], changed=report["changed"], problems=problems)


def _nobody(_line: int, _of: int) -> None:
    """Nobody waits to be told."""


@asynccontextmanager
async def _watched(db: Tables, progress: Progress | None, people: int) -> AsyncIterator[None]:
    """Keep looking how many people the database has written."""
    if progress is None:
        yield
        return
    progress.reach("checking", 0, people)
    watching = asyncio.create_task(_watch(db, progress))
    try:
        yield
    finally:
        watching.cancel()


async def _watch(db: Tables, progress: Progress) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        # A look that fails hides how far it is; whether it went well, the import itself says.
        with suppress(StoreError):
            if (written := await db.rpc("import_progress", progress_key=progress.key)) is not None:
                progress.reach("writing", written, progress.total)


async def _all(db: Tables, member: Membership, resource: Resource) -> list[Row]:
    rows: list[Row] = []
    while True:
        page = await db.select(
            resource.table,
            resource.columns,
            where=resource.mine(member),
            order=["name", "id"],
            limit=AT_ONCE,
            offset=len(rows),
        )
        rows += page.rows
        if len(page.rows) < AT_ONCE:
            return rows


def _file(name: str, content: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
