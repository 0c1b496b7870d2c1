"""The console: visitors who have signed in, a server that a browser can reach, and calls as rows."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import uvicorn

from fieldline.settings import Settings
from fieldline.store import LineStore
from tests.support.calls import COMPANY, until
from tests.support.office import Office, token
from tests.support.stacks import Supabase

CSRF = "the-forms-own-token"


def cookie(settings: Settings, name: str) -> str:
    """The session of one of PEOPLE, as the console writes it."""
    fields = {"csrf": CSRF, "access": token(settings, name), "refresh": "", "company": ""}
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


@asynccontextmanager
async def visitor(office: Office, name: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts: of one of PEOPLE, or of nobody."""
    cookies = {"fieldline_session": cookie(office.settings, name)} if name else {}
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", cookies=cookies) as client:
        yield client


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The API on a port of this machine; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(office.app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))

        async def started() -> bool:
            return server.started

        await until(started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


class LiveCall:
    """A call as its worker would write it down, without a room."""

    def __init__(self, store: LineStore, facts: dict[str, Any]) -> None:
        self._store, self._sequence = store, 0
        self.id, self.session_id = facts["call_id"], facts["session_id"]

    async def add(self, kind: str, content: str, **data: Any) -> None:
        """Something was said or done."""
        self._sequence += 1
        item = {"sequence": self._sequence, "type": kind, "content": content, "data": data}
        await self._store.call_append(call_id=self.id, session_id=self.session_id, items=[item])

    async def commands(self) -> list[dict[str, Any]]:
        """What the office wants and nobody has taken up yet; now it is taken up."""
        claimed = await self._store.claim_call_commands(call_id=self.id)
        return claimed["commands"]

    async def settle(self, command_id: str, result: dict[str, Any]) -> None:
        """What came of a command."""
        await self._store.settle_call_command(id=command_id, result=result)

    async def end(self) -> None:
        """The caller hung up."""
        await self._store.call_close(call_id=self.id, status="completed", end_reason="caller_hung_up")


@asynccontextmanager
async def live_call(supabase: Supabase, from_number: str = "+12025550101", **opening: Any) -> AsyncIterator[LiveCall]:
    """A call that is going on."""
    store = await LineStore.open(supabase.settings)
    given = {"room": f"call-{uuid4().hex}", "from_number": from_number, "to_number": COMPANY, **opening}
    yield LiveCall(store, await store.call_open(**given))
    await store.aclose()
