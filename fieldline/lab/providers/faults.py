"""What goes wrong at a provider, switched on and off at any time, in the middle of a call too.

Each service has a `Gate`. A request passes it before anything else is looked at, and everything that is sent back goes
through it, so that a fault that is switched on in mid-call reaches the connections that are open.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal, get_args

from aiohttp import WSMessage, web

Service = Literal["deepgram_stt", "groq_stt", "openai_llm", "groq_llm", "elevenlabs_tts", "deepgram_tts"]
Fault = Literal["refuse", "hang", "429", "500", "cut", "trickle", "garbage", "wrong_key"]

SERVICES: tuple[Service, ...] = get_args(Service)
FAULTS: tuple[Fault, ...] = get_args(Fault)

#: HTTP status of a request, and close code of a connection that was open before: both as the services document them.
STATUS = {"429": 429, "500": 500, "wrong_key": 401}
CLOSE_CODE = {"429": 1008, "500": 1011, "wrong_key": 1008}
#: A trickle holds each message back so long: slow enough that nobody would wait for a sentence.
TRICKLE_S = 1.2
#: A connection that is cut has sent so many messages of the answer before.
MESSAGES_BEFORE_CUT = 2
GARBAGE = '{"type": "Results", "is_fi\x00\x01 <html>'


class Gate:
    """The door of one service. `fault` is what is wrong now."""

    def __init__(self, service: Service, key: str) -> None:
        self.service = service
        self.key = key
        self.fault: Fault | None = None
        self.refused = 0
        self._changed = asyncio.Event()
        self._open: set[Connection] = set()

    def fail(self, fault: Fault | None) -> None:
        """From now on this goes wrong; None mends it. Open connections feel it at once."""
        self.fault = fault
        self._changed.set()
        self._changed = asyncio.Event()
        for connection in list(self._open):
            connection.feel(fault)

    async def admit(self, request: web.Request, key: str) -> None:
        """Let a request in.

        Raises:
            web.HTTPException: the status of the fault, or 401 for a key that is not ours.
            ConnectionAbortedError: the connection was dropped without an answer.
        """
        while self.fault == "hang":
            await self._changed.wait()
        if self.fault == "refuse":
            self.refused += 1
            drop(request)
        status = STATUS.get(self.fault or "") or (None if key == self.key else 401)
        if status is not None:
            self.refused += 1
            raise _http_error(status)

    async def pace(self) -> None:
        """Wait before a message for as long as the fault holds it back."""
        while self.fault == "hang":
            await self._changed.wait()
        if self.fault == "trickle":
            await asyncio.sleep(TRICKLE_S)

    def enter(self, connection: Connection) -> None:
        """A connection opens."""
        self._open.add(connection)

    def leave(self, connection: Connection) -> None:
        """And closes."""
        self._open.discard(connection)


class Connection:
    """A websocket, or an answer that is streamed, through a gate."""

    def __init__(self, gate: Gate, request: web.Request, response: web.WebSocketResponse | web.StreamResponse) -> None:
        self._gate = gate
        self._request = request
        self._response = response
        self._sent_cut = 0
        self._closing: asyncio.Future[Any] | None = None

    async def __aenter__(self) -> Connection:
        self._gate.enter(self)
        await self._response.prepare(self._request)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._gate.leave(self)

    @property
    def response(self) -> web.StreamResponse:
        """The response itself."""
        return self._response

    @property
    def websocket(self) -> web.WebSocketResponse:
        """The response as a websocket."""
        assert isinstance(self._response, web.WebSocketResponse)
        return self._response

    async def receive(self) -> WSMessage:
        """The next message of the client."""
        return await self.websocket.receive()

    async def send(self, message: dict[str, Any] | str | bytes) -> None:
        """Send one message, or what the fault makes of it.

        Raises:
            ConnectionAbortedError: the fault has dropped the connection.
        """
        await self._gate.pace()
        if self._gate.fault == "cut":
            self._sent_cut += 1
            if self._sent_cut > MESSAGES_BEFORE_CUT:
                self.drop()
        if self._gate.fault == "garbage":
            message = _spoiled(message)
        if isinstance(self._response, web.WebSocketResponse):
            await self._send_frame(message)
        else:
            await self._response.write(message if isinstance(message, bytes) else _text(message).encode())

    async def _send_frame(self, message: dict[str, Any] | str | bytes) -> None:
        if isinstance(message, bytes):
            await self.websocket.send_bytes(message)
        else:
            await self.websocket.send_str(_text(message))

    def feel(self, fault: Fault | None) -> None:
        """A fault begins while the connection is open."""
        self._sent_cut = 0
        if fault == "refuse":
            self.abort()
        elif fault in CLOSE_CODE and isinstance(self._response, web.WebSocketResponse):
            self._closing = asyncio.ensure_future(self._response.close(code=CLOSE_CODE[fault]))
        elif fault in CLOSE_CODE:
            self.abort()

    def abort(self) -> None:
        """Close the socket without a goodbye."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def drop(self) -> None:
        """Abort, and stop the handler. Raises ConnectionAbortedError."""
        drop(self._request)


def drop(request: web.Request) -> None:
    """Close the socket under a request without an answer. Raises ConnectionAbortedError."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionAbortedError


def _spoiled(message: dict[str, Any] | str | bytes) -> str | bytes:
    """Rubbish in the place of a message; an event of a stream stays one, or nobody would look at it."""
    if isinstance(message, bytes):
        return GARBAGE.encode()
    return f"data: {GARBAGE}\n\n" if isinstance(message, str) and message.startswith("data:") else GARBAGE


def _text(message: dict[str, Any] | str | bytes) -> str:
    if isinstance(message, bytes):
        return message.decode()
    return message if isinstance(message, str) else json.dumps(message)


def _http_error(status: int) -> web.HTTPException:
    # One body for all: OpenAI's clients read error.message, Deepgram documents err_code and err_msg.
    words = {401: "Invalid credentials", 429: "Rate limit reached", 500: "Internal server error"}[status]
    body = json.dumps(
        {"error": {"message": words, "type": "error", "code": status}, "err_code": words, "err_msg": words}
    )
    classes = {401: web.HTTPUnauthorized, 429: web.HTTPTooManyRequests, 500: web.HTTPInternalServerError}
    return classes[status](text=body, content_type="application/json")
