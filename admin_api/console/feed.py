"""Live calls for every viewer of a company by one shared question: every second, or when Realtime says that it is time.

However many look on, one process asks once: what changed is rendered once and handed to all. Each piece of news has
an id: a browser that comes back with the last one it saw gets what it missed, or all of it where that is too long ago.
The question is asked with the token of those who look on, in turn, so it never shows more than they may see.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from admin_api.console import timeline
from admin_api.console.pages import fragment
from admin_api.database import Row, Tables
from fieldline.errors import StoreError, StoreUnavailable
from fieldline.realtime import Changes
from fieldline.tables import SessionExpired

logger = logging.getLogger(__name__)

POLL_S = 1.0
#: While changes are heard of, the question only catches what was lost, and calls that leave the page by themselves.
UNHURRIED_S = 5.0
#: A busy company changes many times a second; its changes are asked for together.
GATHER_S = 0.2
#: Pieces of news kept for who comes back: minutes of a busy company.
KEPT = 500
#: Ids are given before rows can be seen, so a poll looks back a little; what is known is left out.
LOOK_BACK = 200
#: A line of nothing, so that proxies keep the stream open, and its reader notices when it is not.
HEARTBEAT_S = 15.0


class News(NamedTuple):
    """One event for the browser."""

    id: str
    name: str
    data: dict[str, Any]

    def encoded(self) -> str:
        """As server-sent event; JSON has no line breaks."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {json.dumps(self.data)}\n\n"


@dataclass
class LiveCall:
    """What was last shown of a call."""

    row: Row
    items: list[Row] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    head: str = ""
    commands: str = ""


@dataclass(eq=False)
class Viewer:
    """One open stream."""

    db: Tables
    news: asyncio.Queue[News | None] = field(default_factory=asyncio.Queue)


class Feed:
    """The live calls of one company, in one process."""

    def __init__(
        self, company_id: str, zone: ZoneInfo, *, every_s: float = POLL_S, changes: Changes | None = None
    ) -> None:
        self._company_id, self.zone, self._every_s = company_id, zone, every_s
        self._changes = changes or Changes()
        self._epoch, self._number = secrets.token_hex(4), 0
        self._viewers: list[Viewer] = []
        self._calls: dict[str, LiveCall] = {}
        self._kept: deque[News] = deque(maxlen=KEPT)
        self._after = 0
        self._now = ""
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.polls = 0

    async def watch(self, db: Tables, last_id: str | None = None) -> AsyncIterator[str]:
        """Server-sent events until whoever reads them leaves, or their token is no longer taken."""
        viewer = Viewer(db)
        self._viewers.append(viewer)
        if self._task is None or self._task.done():
            self._ready.clear()
            self._task = asyncio.create_task(self._poll_on(), name="live-calls")
        try:
            yield "retry: 1000\n\n"
            await self._ready.wait()
            for news in self._missed(last_id):
                yield news.encoded()
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        news = await viewer.news.get()
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if news is None:
                    return
                yield news.encoded()
        finally:
            if viewer in self._viewers:
                self._viewers.remove(viewer)

    def _missed(self, last_id: str | None) -> list[News]:
        ids = [news.id for news in self._kept]
        if last_id in ids:
            return list(self._kept)[ids.index(last_id) + 1 :]
        if last_id == self._id():
            return []
        begin = News(self._id(), "reset", {"now": self._now})
        return [begin, *(News(self._id(), "call", self._card(call)) for call in self._calls.values())]

    def _id(self) -> str:
        return f"{self._epoch}-{self._number}"

    def _tell(self, name: str, data: dict[str, Any]) -> None:
        self._number += 1
        news = News(self._id(), name, data)
        self._kept.append(news)
        for viewer in self._viewers:
            viewer.news.put_nowait(news)

    # Asking

    async def _poll_on(self) -> None:
        try:
            await self._poll_while_watched()
        finally:
            self._changes.stop()

    async def _poll_while_watched(self) -> None:
        while self._viewers:
            # In turn, so that whoever is no member any more is found out.
            viewer = self._viewers.pop(0)
            self._viewers.append(viewer)
            try:
                found = await viewer.db.rpc("live_calls", company_id=self._company_id, after=self._after)
                self.polls += 1
            except SessionExpired:
                self._let_go(viewer)
                continue
            except StoreUnavailable:
                self._tell("trouble", {"text": "The database is out of reach. Trying again."})
                self._ready.set()
                await asyncio.sleep(self._every_s * 2)
                continue
            except StoreError as error:
                logger.error("cannot ask for live calls", extra={"code": error.code})
                self._let_go(viewer)
                continue
            if found["member"]:
                self._take(found)
                self._ready.set()
                self._changes.lend(viewer.db.token, {each.db.token for each in self._viewers})
                await self._pause()
            else:
                self._let_go(viewer)

    async def _pause(self) -> None:
        """Until it is time to ask again; a change that comes while the answer is on its way is asked for, too."""
        every_s = UNHURRIED_S if self._changes.flowing else self._every_s
        await asyncio.sleep(min(GATHER_S, every_s))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every_s - min(GATHER_S, every_s)):
                await self._changes.happened.wait()
        self._changes.happened.clear()

    def _let_go(self, viewer: Viewer) -> None:
        """End a stream; the browser comes back by itself, with a fresh token if it can get one."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        viewer.news.put_nowait(None)
        self._ready.set()

    # What is new

    def _take(self, found: Row) -> None:
        self._now = found["now"]
        fresh: dict[str, list[Row]] = {}
        for item in found["items"]:
            fresh.setdefault(item["call_id"], []).append(item)
            self._after = max(self._after, item["id"] - LOOK_BACK)
        commands: dict[str, list[Row]] = {}
        for command in found["commands"]:
            commands.setdefault(command["call_id"], []).append(command)
        listed = {row["id"]: row for row in found["calls"]}
        for gone in [known for known in self._calls if known not in listed]:
            del self._calls[gone]
            self._tell("gone", {"id": gone})
        for call_id, row in listed.items():
            try:
                self._take_call(row, fresh.get(call_id, []), commands.get(call_id, []))
            except Exception:
                # One call that cannot be shown must not hide the others; the next poll tries it anew.
                logger.exception("a live call cannot be shown", extra={"call_id": call_id})
                self._calls.pop(call_id, None)
        if not self._calls:
            self._kept_small()

    def _take_call(self, row: Row, items: list[Row], commands: list[Row]) -> None:
        known = self._calls.get(row["id"])
        call = known or self._calls.setdefault(row["id"], LiveCall(row))
        call.row = row
        new = [item for item in items if item["id"] not in call.seen]
        call.seen.update(item["id"] for item in new)
        call.items.extend(new)
        head = self._rendered(
            "_live_head.html", row=row, state=state_of(row, call.items), last=last_latency(call.items)
        )
        said = self._rendered("_live_commands.html", commands=commands)
        if known is None:
            call.head, call.commands = head, said
            self._tell("call", self._card(call))
            return
        if new:
            # A result changes the line of its tool, so the whole transcript goes; it is short while a call lasts.
            self._tell("items", {"id": row["id"], "html": self._transcript(call)})
        if head != call.head:
            call.head = head
            self._tell("head", {"id": row["id"], "html": head, "over": row["ended_at"] is not None})
        if said != call.commands:
            call.commands = said
            self._tell("commands", {"id": row["id"], "html": said})

    def _kept_small(self) -> None:
        if len(self._kept) == KEPT:
            self._kept.clear()

    def _card(self, call: LiveCall) -> dict[str, Any]:
        html = self._rendered(
            "_live_card.html", row=call.row, head=call.head, items=self._transcript(call), said=call.commands
        )
        return {"id": call.row["id"], "html": html, "over": call.row["ended_at"] is not None, "now": self._now}

    def _transcript(self, call: LiveCall) -> str:
        return self._rendered(
            "_entries.html", entries=timeline.entries(sorted(call.items, key=lambda item: item["id"]))
        )

    def _rendered(self, template: str, **context: Any) -> str:
        return fragment(template, zone=self.zone, office=None, **context)


class Feeds:
    """The feeds of one process, by company."""

    def __init__(self, make: Callable[[str, ZoneInfo], Feed] = Feed) -> None:
        self._make = make
        self._feeds: dict[str, Feed] = {}

    def of(self, company_id: str, zone: ZoneInfo) -> Feed:
        """The one feed of a company, in the time zone that the company has now."""
        feed = self._feeds.get(company_id)
        if feed is None:
            feed = self._feeds[company_id] = self._make(company_id, zone)
        feed.zone = zone
        return feed


def state_of(row: Row, items: list[Row]) -> tuple[str, str]:
    """What is going on, and its tone."""
    if row["ended_at"] is not None:
        return ("Ended", "idle")
    if transfer := row["transfer"]:
        name = transfer["name"]
        if transfer["connected"]:
            return (f"Talking with {name}", "good")
        if transfer["answered"]:
            return (f"On hold: {name} is hearing what it is about", "warn")
        return (f"On hold: ringing {name}", "warn")
    if not any(item["type"] == "agent" for item in items):
        return ("Greeting", "live")
    return ("Talking with the agent", "live")


def last_latency(items: list[Row]) -> float | None:
    """Seconds that the caller waited for the last answer."""
    said = [item for item in items if item["type"] == "agent"]
    timings = [(item["data"] or {}).get("timings") or {} for item in reversed(said)]
    return next((found["e2e_latency"] for found in timings if "e2e_latency" in found), None)
