"""Hands HTTP requests and WebSockets on to another server, unchanged."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

#: Said by each connection for itself.
HOP_BY_HOP = {
    *("connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length", "te", "trailer"),
    *("sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept"),
}


class Proxy:
    """Everything that reaches `handle` goes to `url` (http, https, ws or wss)."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._base = url.replace("ws", "http", 1) if url.startswith("ws") else url
        self._session = session

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, or one WebSocket for as long as both ends keep it open."""
        url = f"{self._base.rstrip('/')}{request.raw_path}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._websocket(request, url, headers)
        try:
            async with self._session.request(
                request.method, url, headers=headers, data=await request.read(), allow_redirects=False
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
        except aiohttp.ClientError as error:
            return web.Response(status=502, text=f"{self._base}: {error}")

    async def _websocket(self, request: web.Request, url: str, headers: dict[str, str]) -> web.StreamResponse:
        try:
            async with self._session.ws_connect(url, headers=headers, autoping=False, max_msg_size=0) as there:
                here = web.WebSocketResponse(autoping=False, max_msg_size=0)
                await here.prepare(request)
                pumps = {asyncio.create_task(_pump(here, there)), asyncio.create_task(_pump(there, here))}
                _, left = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in left:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                await here.close(code=there.close_code or aiohttp.WSCloseCode.OK)
                return here
        except aiohttp.WSServerHandshakeError as error:
            # The client then asks /rtc/validate for the reason, as it does with the server itself.
            return web.Response(status=error.status, text=error.message)
        except aiohttp.ClientError as error:
            return web.Response(status=502, text=f"{self._base}: {error}")


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _pump(source: Socket, sink: Socket) -> None:
    """Copy messages, pings among them, until one end has closed."""
    async for message in source:
        match message.type:
            case aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
            case aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            case aiohttp.WSMsgType.PING:
                await sink.ping(message.data)
            case aiohttp.WSMsgType.PONG:
                await sink.pong(message.data)
            case _:
                return
