"""Technicians: who may use the technician line, and the PIN that they key in. A PIN is never shown again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import FormData

from admin_api.console.forms import Unfit, checked, told
from admin_api.console.office import Form, Office, OfficeUser, text
from admin_api.console.pages import go, render
from admin_api.database import Row
from admin_api.problems import Problem, from_store
from admin_api.resource import etag
from admin_api.routers.technicians import TechnicianBody, technicians
from admin_api.shapes import BIGGEST_ID, partial
from fieldline.errors import Refusal

router = APIRouter(prefix="/work/technicians")
HOME = "/console/work"
TechnicianChange = partial(TechnicianBody)
Key = Annotated[int, Path(ge=1, le=BIGGEST_ID)]


@router.get("/new")
async def new_technician(request: Request, office: Office) -> Response:
    """An empty form."""
    office.must("dispatcher")
    return _page(request, office, {"active": True}, {})


@router.get("/{key}")
async def technician(request: Request, office: Office, key: Key) -> Response:
    """The form of one technician."""
    row = await technicians.one(office.db, office.member, key)
    return _page(request, office, row, {}, version=etag(row))


@router.post("/new")
async def add_technician(request: Request, office: Office, data: Form) -> Response:
    """Add a technician, and the PIN if one was typed."""
    office.must("dispatcher")
    try:
        row = await technicians.create(office.db, office.member, checked(TechnicianBody, _values(data)))
    except (Unfit, Problem) as error:
        return _page(request, office, _values(data), told(error))
    if text(data, "pin") and (problem := await _set_pin(office, row["id"], data)):
        return go(f"{HOME}/technicians/{row['id']}", problem=f"{row['name']} was added, without a PIN. {problem}")
    return go(HOME, f"{row['name']} may use the technician line.")


@router.post("/{key}")
async def change_technician(request: Request, office: Office, data: Form, key: Key) -> Response:
    """Change a technician, unless another editor was quicker."""
    office.must("dispatcher")
    version = text(data, "version")
    try:
        values = checked(TechnicianChange, _values(data))
        row = await technicians.patch(office.db, office.member, key, values, version)
    except (Unfit, Problem) as error:
        return _page(request, office, {**_values(data), "id": key}, told(error), version=version or "")
    return go(HOME, f"{row['name']} was changed.")


@router.post("/{key}/pin")
async def change_pin(office: Office, data: Form, key: Key) -> Response:
    """Give a technician a PIN; wrong tries so far are forgotten."""
    office.must("dispatcher")
    row = await technicians.one(office.db, office.member, key)
    if problem := await _set_pin(office, key, data):
        return go(f"{HOME}/technicians/{key}", problem=problem)
    return go(f"{HOME}/technicians/{key}", f"{row['name']} has a new PIN.")


@router.post("/{key}/unlock")
async def unlock(office: Office, data: Form, key: Key) -> Response:
    """Have the wrong PINs of a technician forgotten, from whatever numbers they came."""
    office.must("dispatcher")
    await technicians.one(office.db, office.member, key)
    freed = await office.db.rpc("unlock_technician", technician_id=key)
    return go(f"{HOME}/technicians/{key}", f"{freed['name']} may try again.")


async def _set_pin(office: OfficeUser, key: int, data: FormData) -> str:
    """Why the PIN was not taken; empty when it was."""
    try:
        await office.db.rpc("set_pin", technician_id=key, pin=text(data, "pin") or "")
    except Refusal as error:
        return from_store(error).detail
    return ""


def _values(data: FormData) -> Row:
    typed: dict[str, Any] = {name: text(data, name) for name in ("name", "phone", "badge")}
    return {**typed, "active": data.get("active") == "yes"}


def _page(request: Request, office: OfficeUser, row: Row, problems: dict[str, str], *, version: str = "") -> Response:
    empty: Row = dict.fromkeys(("id", "name", "phone", "badge"))
    status = 422 if problems else 200
    return render(
        request, "technician.html", office, row={**empty, **row}, problems=problems, version=version, status=status
    )
