"""Sound in local storage, for whoever holds a link that is signed and not expired. S3 serves its own links."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse

from fieldline.errors import NotStored
from fieldline.storage import FILES_PATH, TYPES, LocalStorage

router = APIRouter(prefix=FILES_PATH, tags=["files"], include_in_schema=False)


@router.get("/{key:path}")
async def play(
    request: Request, key: str, signature: Annotated[str, Query()] = "", expires: Annotated[int, Query()] = 0
) -> FileResponse:
    """The file. A wrong link, an old one, and one to nothing answer alike."""
    storage = request.app.state.storage
    if not isinstance(storage, LocalStorage) or not storage.signed(key, expires, signature):
        raise HTTPException(404, "no such file, or the link has expired")
    try:
        path = storage.path(key)
    except NotStored:
        raise HTTPException(404, "no such file, or the link has expired") from None
    if not path.is_file():
        raise HTTPException(404, "no such file, or the link has expired")
    return FileResponse(
        path,
        media_type=TYPES.get(path.suffix, "application/octet-stream"),
        content_disposition_type="inline",
        filename=path.name,
        headers={
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
