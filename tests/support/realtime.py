"""A stand-in of Supabase Realtime: what its client sends and expects of the Phoenix protocol, version 1.0.0."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

MISSING = "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given schema"


class Join(NamedTuple):
    """One `phx_join`."""

    topic: str
    bindings: list[dict[str, Any]]
    token: str


class RealtimeStandIn:
    """One server. Its attributes may be changed while it runs."""

    def __init__(self) -> None:
        self.joins: asyncio.Queue[Join] = asyncio.Queue()
        self.tokens: asyncio.Queue[str] = asyncio.Queue()
        self.left: asyncio.Queue[str] = asyncio.Queue()
        #: Answers to the websocket's upgrade, or None to accept it.
        self.refusal: HTTPStatus | None = None
        #: Whether the tables are in the publication.
        self.published = True
        self.knocks = 0
        self._joined: dict[ServerConnection, tuple[str, list[dict[str, Any]]]] = {}
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """As SUPABASE_URL."""
        assert self._server
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        return f"http://{host}:{port}"

    async def change(self, table: str) -> None:
        """A row of a table was written, and everybody who joined may see it."""
        for connection, (topic, bindings) in list(self._joined.items()):
            ids = [binding["id"] for binding in bindings if binding["table"] == table]
            data = {
                "schema": "public",
                "table": table,
                "commit_timestamp": "2026-01-05T12:00:00Z",
                "type": "UPDATE",
                "errors": None,
                "columns": [],
                "record": {},
                "old_record": {},
            }
            await _send(connection, topic, "postgres_changes", {"data": data, "ids": ids})

    async def drop(self) -> None:
        """Every connection breaks off, without a farewell."""
        for connection in list(self._joined):
            connection.transport.abort()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[RealtimeStandIn]:
        async with serve(self._talk, "127.0.0.1", 0, process_request=self._door) as self._server:
            yield self

    def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        self.knocks += 1
        where = urlsplit(request.path)
        assert where.path == "/realtime/v1/websocket"
        assert parse_qs(where.query)["apikey"]
        return connection.respond(self.refusal, "") if self.refusal else None

    async def _talk(self, connection: ServerConnection) -> None:
        try:
            async for text in connection:
                await self._answer(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            if joined := self._joined.pop(connection, None):
                self.left.put_nowait(joined[0])

    async def _answer(self, connection: ServerConnection, said: dict[str, Any]) -> None:
        match said["event"]:
            case "heartbeat":
                await _reply(connection, said, {})
            case "access_token":
                self.tokens.put_nowait(said["payload"]["access_token"])
            case "phx_join":
                await self._join(connection, said)

    async def _join(self, connection: ServerConnection, said: dict[str, Any]) -> None:
        topic, payload = said["topic"], said["payload"]
        bindings = [{"id": 100 + i, **given} for i, given in enumerate(payload["config"]["postgres_changes"])]
        await _reply(connection, said, {"postgres_changes": bindings})
        status, words = ("ok", "Subscribed to PostgreSQL") if self.published else ("error", MISSING)
        if self.published:
            self._joined[connection] = (topic, bindings)
        about = {"channel": topic.removeprefix("realtime:"), "extension": "postgres_changes"}
        await _send(connection, topic, "system", {**about, "message": words, "status": status})
        self.joins.put_nowait(Join(topic, payload["config"]["postgres_changes"], payload["access_token"]))


async def _reply(connection: ServerConnection, said: dict[str, Any], response: dict[str, Any]) -> None:
    await _send(connection, said["topic"], "phx_reply", {"status": "ok", "response": response}, said["ref"])


async def _send(
    connection: ServerConnection, topic: str, event: str, payload: dict[str, Any], ref: str | None = None
) -> None:
    await connection.send(json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref}))
