"""The documentation page, which works without the internet: its assets come from a pinned package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import RedirectResponse

router = APIRouter(prefix="/docs", include_in_schema=False)
STATIC = Path(__file__).parent.parent / "static"
#: Swagger UI writes styles into the page, and shows its arrows from data addresses.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


def assets() -> StaticFiles:
    """Swagger UI's own files, to be mounted at /docs/assets."""
    return StaticFiles(directory=str(files("fastapi_swagger") / "resources"))


@router.get("")
async def without_slash() -> RedirectResponse:
    """The page's own addresses are relative."""
    return RedirectResponse("/docs/")


@router.get("/")
async def page() -> FileResponse:
    """The page."""
    return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": POLICY})


@router.get("/start.js")
async def start() -> FileResponse:
    """What starts it."""
    return FileResponse(STATIC / "docs.js", media_type="text/javascript")
