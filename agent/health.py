"""Is the worker alive, and could it take a call? The database and livekit-server are asked, not assumed."""

from __future__ import annotations

import asyncio
from typing import Self

import aiohttp
from aiohttp import web
from livekit import api
from livekit.agents import AgentServer

from fieldline.errors import StoreError
from fieldline.settings import Settings
from fieldline.store import LineStore

#: A part that does not answer within this is not ready.
ASK_S = 3.0


class Health:
    """`GET /health` (this process lives) and `GET /ready` (it is registered, and both neighbours answer)."""

    def __init__(self, settings: Settings, store: LineStore, lk: api.LiveKitAPI, server: AgentServer) -> None:
        self._settings = settings
        self._store = store
        self._lk = lk
        self._server = server
        self._registered = False
        server.on("worker_registered", self._on_registered)
        app = web.Application()
        app.add_routes([web.get("/health", self._alive), web.get("/ready", self._ready)])
        self._runner = web.AppRunner(app, access_log=None)

    def _on_registered(self, *_: object) -> None:
        self._registered = True

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        host = "127.0.0.1" if self._settings.env == "local" else None
        await web.TCPSite(self._runner, host, self._settings.worker_port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _ready(self, _: web.Request) -> web.Response:
        database, livekit = await asyncio.gather(self._database(), self._livekit())
        parts = {
            "registered": self._registered and not self._server.draining,
            "database": database,
            "livekit": livekit,
        }
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    async def _database(self) -> bool:
        try:
            async with asyncio.timeout(ASK_S):
                await self._store.line_ping()
        except (StoreError, TimeoutError):
            return False
        return True

    async def _livekit(self) -> bool:
        try:
            async with asyncio.timeout(ASK_S):
                await self._lk.room.list_rooms(api.ListRoomsRequest(names=["health"]))
        except (api.TwirpError, aiohttp.ClientError, TimeoutError):
            return False
        return True
