"""The links of a chain: who serves, who has failed and why, and how a failed one is tried in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from livekit.agents import APIConnectionError, APIStatusError, APITimeoutError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Kind = Literal["stt", "llm", "tts"]

#: Seconds until a failed link is tried for the first time; doubled after each failure up to the longest.
PROBE_FIRST_S, PROBE_LONGEST_S = 2.0, 60.0
#: A timer that fires so much too late shows that this process had no time.
STALL_S = 0.1


@dataclass
class Link(Generic[T]):
    """One provider of a chain. `attempt_s` is the longest that one attempt may keep a caller waiting."""

    name: str
    part: T
    attempt_s: float
    up: bool = True
    #: What the part was built with, beyond what it shows of itself.
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A provider failed, or is back. `now` serves instead."""

    kind: Kind
    provider: str
    up: bool
    now: str
    reason: str

    @property
    def offline(self) -> bool:
        """Whether no cloud is left in this chain."""
        return self.now == "offline"


class Links(Generic[T]):
    """The links in their order. The last one never counts as failed: there is nobody behind it."""

    def __init__(self, kind: Kind, links: Sequence[Link[T]], probe: Callable[[Link[T]], Awaitable[None]]) -> None:
        self.kind: Kind = kind
        self.all = list(links)
        self.listeners: list[Callable[[Switch], None]] = []
        #: How often a link has failed or come back.
        self.switches = 0
        self._probe = probe
        #: By link, for two may share a name.
        self._probing: dict[int, asyncio.Task[None]] = {}
        self._closed = False

    def serving(self) -> Link[T]:
        """The first that works."""
        return next((link for link in self.all if link.up), self.all[-1])

    def order(self) -> list[Link[T]]:
        """Those that work, first one first; the last one is always among them."""
        return [link for link in self.all if link.up or link is self.all[-1]]

    def failed(self, link: Link[T], reason: str) -> None:
        """Leave a link out from now on, and try it in the background until it works again."""
        if link is self.all[-1] or not link.up:
            return
        link.up = False
        self._tell(link, reason)
        if not self._closed:
            self._probing[id(link)] = asyncio.create_task(self._recover(link), name=f"probe {link.name}")

    async def _recover(self, link: Link[T]) -> None:
        wait_s = PROBE_FIRST_S
        while True:
            await asyncio.sleep(wait_s)
            try:
                await self._probe(link)
            except Exception as error:  # noqa: BLE001 - whatever it is, the provider is not back
                logger.debug("still out", extra={"provider": link.name, "reason": reason_of(error)})
                wait_s = min(PROBE_LONGEST_S, wait_s * 2)
                continue
            link.up = True
            self._tell(link, "recovered")
            return

    def _tell(self, link: Link[T], reason: str) -> None:
        self.switches += 1
        switch = Switch(self.kind, link.name, link.up, self.serving().name, reason)
        for listener in self.listeners:
            listener(switch)

    async def aclose(self) -> None:
        """Stop probing."""
        self._closed = True
        for task in self._probing.values():
            task.cancel()
        await asyncio.gather(*self._probing.values(), return_exceptions=True)


class Chain(Generic[T]):
    """What chains of ears, models and voices share: they show whoever serves as themselves, and pass its metrics on.

    Mixed into the plugin class of its kind. The last part is closed with the call unless `lends_last` is set.
    """

    links: Links[T]
    lends_last = False

    def serve_by(self, links: Links[T]) -> None:
        """Take these links; called once, by the chain's constructor."""
        self.links = links
        for part in self._parts():
            part.on("metrics_collected", self._forward)

    def _parts(self) -> list[Any]:
        return [link.part for link in self.links.all]

    def _forward(self, *arguments: Any) -> None:
        chain: Any = self
        chain.emit("metrics_collected", *arguments)

    @property
    def model(self) -> str:
        """The model that serves now."""
        part: Any = self.links.serving().part
        return part.model

    @property
    def provider(self) -> str:
        """The provider that serves now."""
        part: Any = self.links.serving().part
        return part.provider

    async def aclose(self) -> None:
        """Stop probing and close the parts."""
        await self.links.aclose()
        parts = self._parts()
        for part in parts:
            part.off("metrics_collected", self._forward)
        for part in parts[:-1] if self.lends_last else parts:
            await part.aclose()


async def within(limit_s: float, work: Awaitable[T]) -> T:
    """The result of `work`, if it comes in time.

    A loop that stood still itself (a busy machine, a long collection) may find the answer only after the limit, so it
    looks once more: that is no fault of the provider's. Raises TimeoutError.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    limit_s = max(limit_s, STALL_S)
    try:
        while limit_s > 0:
            due = loop.time() + limit_s
            if (await asyncio.wait({task}, timeout=limit_s))[0]:
                return task.result()
            late_s = loop.time() - due
            limit_s = late_s if late_s > STALL_S else 0.0
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


def reason_of(error: BaseException) -> str:
    """A few fixed words for what went wrong, fit for a metric's label."""
    if isinstance(error, APIStatusError):
        known = {401: "wrong key", 403: "wrong key", 402: "quota", 429: "rate limit"}
        return known.get(error.status_code, "server error" if error.status_code >= 500 else "broken off")
    if isinstance(error, APITimeoutError | TimeoutError):
        return "too slow"
    if isinstance(error, APIConnectionError):
        return "no connection"
    return "bad answer"
