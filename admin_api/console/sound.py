"""Sound for the pages: links that the browser who looks at a page can follow."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from fieldline.errors import NotStored
from fieldline.storage import LocalStorage

#: Seconds for which a link works.
PLAYS_S = 3600


async def playable(request: Request, key: str | None) -> str | None:
    """An address that plays what is kept under this key for an hour; none when nothing is.

    What this very server plays has no host in it: the browser may have come by another name than FIELDLINE_API_URL, and
    the pages' policy would refuse that one.
    """
    if not key:
        return None
    storage = request.app.state.storage
    try:
        link = await storage.link(key, PLAYS_S)
    except NotStored:
        return None
    return urlsplit(link)._replace(scheme="", netloc="").geturl() if isinstance(storage, LocalStorage) else link
