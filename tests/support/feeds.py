"""Streams of the console's live calls, as browsers read them."""

from __future__ import annotations

import json
from typing import Any

from admin_api.console.feed import Feed
from fieldline.tables import Tables

News = tuple[str, str, dict[str, Any]]


def parsed(piece: str) -> News | None:
    fields = dict(line.split(": ", 1) for line in piece.strip().splitlines() if ": " in line)
    return (fields["id"], fields["event"], json.loads(fields["data"])) if "event" in fields else None


class Reader:
    """One browser's stream."""

    def __init__(self, feed: Feed, db: Tables, last_id: str | None = None) -> None:
        self._stream = feed.watch(db, last_id)

    async def until(self, name: str, words: str = "") -> News:
        async for piece in self._stream:
            news = parsed(piece)
            if news and news[1] == name and words in json.dumps(news[2]):
                return news
        raise AssertionError(f"the stream ended before {name}")

    async def rest(self) -> list[News]:
        """Whatever comes until the stream ends."""
        return [news async for piece in self._stream if (news := parsed(piece))]

    async def close(self) -> None:
        await self._stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]
