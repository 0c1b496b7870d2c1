"""Importing a list of people: every line is checked first, and either all of them are taken or none.

A browser with scripts is told how far it is: the answer is then a stream of events with lines and people counted, and
its last one is what the page shows in the end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from admin_api.console.office import Form, Office, OfficeUser
from admin_api.console.pages import fragment, go, render
from admin_api.problems import FieldProblem, Problem, from_store, invalid
from admin_api.routers.phonebooks import LOOK_S, PEOPLE, EmployeeRow, Imported, Progress, taken
from fieldline.errors import StoreError

router = APIRouter(prefix="/directory/import")

#: More than these are not shown; who has so many mends a column, not lines.
SHOWN = 100
EMPTY = FieldProblem(location="line 1", field="", detail="there are no people in this file")
EVENTS = "text/event-stream"


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
    content, trial = await file.read(), data.get("trial") == "yes"
    if EVENTS in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_steps(request, office, content, trial), media_type=EVENTS, headers=headers)
    done = await _taken(request, office, content, trial)
    if done.problems or trial:
        return _page(request, office, done)
    return go("/console/directory", f"{done.added:,} added, {done.changed:,} changed.")


async def _taken(
    request: Request, office: OfficeUser, content: bytes, trial: bool, progress: Progress | None = None
) -> Imported:
    done = await taken(request, office.member, content, *PEOPLE, trial, progress)
    if not (done.added or done.changed or done.problems):
        done.problems = [EMPTY]
    return done


async def _steps(request: Request, office: OfficeUser, content: bytes, trial: bool) -> AsyncIterator[str]:
    """How far it is, whenever that has changed; then what came of it. Who leaves before it is written ends it."""
    progress = Progress()
    work = asyncio.create_task(_taken(request, office, content, trial, progress))
    said: dict[str, Any] = {}
    try:
        while not work.done():
            now = {"phase": progress.phase, "done": progress.done, "total": progress.total}
            if now != said:
                yield _event(now)
            said = now
            await asyncio.wait([work], timeout=LOOK_S)
        yield _event(_end(work))
    finally:
        work.cancel()


def _end(work: asyncio.Task[Imported]) -> dict[str, Any]:
    try:
        return {"html": fragment("_imported.html", **_shown(work.result()))}
    except Problem as problem:
        return {"problem": problem.detail}
    except StoreError as error:
        return {"problem": from_store(error).detail}


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"


def _page(request: Request, office: OfficeUser, done: Imported | None) -> Response:
    return render(
        request,
        "import.html",
        office,
        columns=EmployeeRow.model_fields,
        **_shown(done),
        status=422 if done and done.problems else 200,
    )


def _shown(done: Imported | None) -> dict[str, Any]:
    problems = done.problems if done else []
    return {
        "done": done,
        "wrong": [(problem.location.removeprefix("line "), problem) for problem in problems[:SHOWN]],
        "total": len(problems),
    }
