"""Importing a list of people: every line is checked first, and either all of them are taken or none."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from admin_api.console.office import Form, Office, OfficeUser
from admin_api.console.pages import go, render
from admin_api.problems import FieldProblem, invalid
from admin_api.routers.phonebooks import PEOPLE, EmployeeRow, Imported, taken

router = APIRouter(prefix="/directory/import")

#: More than these are not shown; who has so many mends a column, not lines.
SHOWN = 100
EMPTY = FieldProblem(location="line 1", field="", detail="there are no people in this file")


@router.get("")
async def page(request: Request, office: Office) -> Response:
    """Where a file is chosen."""
    office.must("admin")
    return _page(request, office, None)


@router.post("")
async def take(request: Request, office: Office, data: Form) -> Response:
    """Check a file, and take it when it was not only to be tried."""
    office.must("admin")
    file = data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid("file", "choose a file first")
    trial = data.get("trial") == "yes"
    done = await taken(request, office.member, await file.read(), *PEOPLE, trial)
    if not (done.added or done.changed or done.problems):
        done.problems = [EMPTY]
    if done.problems or trial:
        return _page(request, office, done)
    return go("/console/directory", f"{done.added:,} added, {done.changed:,} changed.")


def _page(request: Request, office: OfficeUser, done: Imported | None) -> Response:
    problems = done.problems if done else []
    return render(
        request,
        "import.html",
        office,
        columns=EmployeeRow.model_fields,
        done=done,
        wrong=[(problem.location.removeprefix("line "), problem) for problem in problems[:SHOWN]],
        total=len(problems),
        status=422 if problems else 200,
    )
