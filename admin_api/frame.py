"""Around every request: an id, a limit to its size, security headers, one log line, and an answer whatever happens."""

from __future__ import annotations

import logging
import re
import secrets
import time

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.problems import INTERNAL, TOO_LARGE, Problem, answer
from fieldline.logs import call_fields

logger = logging.getLogger(__name__)

#: Bytes of a request's body; the largest work order fits many times.
BODY_LIMIT = 256 * 1024
#: Files to import: 50,000 people are about 5 MB.
IMPORT_LIMIT = 12 * 1024 * 1024
REQUEST_ID = re.compile(r"^[\w.-]{8,64}$")

#: A page that needs more says so itself; an answer of the API needs nothing.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "geolocation=(), camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


class Frame:
    """ASGI middleware, the outermost of ours."""

    def __init__(self, app: ASGIApp, *, production: bool) -> None:
        self._app = app
        self._headers = {**SECURITY_HEADERS, **({"Strict-Transport-Security": HSTS} if production else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        sent = request.headers.get("x-request-id", "")
        request.state.request_id = sent if REQUEST_ID.match(sent) else secrets.token_hex(8)
        call_fields.set({"request_id": request.state.request_id})
        exchange = _Exchange(request, send, self._headers)
        try:
            limited = _limited(receive, IMPORT_LIMIT if scope["path"].endswith("/import") else BODY_LIMIT)
            await self._app(scope, limited if _announced(scope) else receive, exchange.send)
        except Exception as error:
            logger.exception("a request failed", exc_info=error)
            if exchange.status == 0:
                await answer(request, Problem(INTERNAL))(scope, receive, exchange.send)
        finally:
            exchange.log()


class _Exchange:
    """One request and its answer."""

    def __init__(self, request: Request, send: Send, headers: dict[str, str]) -> None:
        self._request, self._send, self._headers = request, send, headers
        self._started = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            if self._request.url.path.startswith("/api/"):
                headers.setdefault("Cache-Control", "no-store")
            for name, value in getattr(self._request.state, "answer_headers", {}).items():
                _add(headers, name, value)
            headers["X-Request-Id"] = self._request.state.request_id
        await self._send(message)

    def log(self) -> None:
        route = self._request.scope.get("route")
        logger.info(
            "request",
            extra={
                "method": self._request.method,
                # The pattern, not the address: numbers and names may stand in a query.
                "route": getattr(route, "path", "none"),
                "status": self.status,
                "ms": round((time.perf_counter() - self._started) * 1000, 1),
            },
        )


def _add(headers: MutableHeaders, name: str, value: str) -> None:
    """A header that the answer has not set itself; of cookies there may be several, each of another name."""
    cookie = value.partition("=")[0] if name.lower() == "set-cookie" else None
    if cookie is None:
        headers.setdefault(name, value)
    elif not any(given.partition("=")[0] == cookie for given in headers.getlist(name)):
        headers.append(name, value)


def _announced(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "content-length" in headers or "transfer-encoding" in headers


def _limited(receive: Receive, limit: int) -> Receive:
    read = 0

    async def counting() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            # FastAPI lets this one through where it would turn others into 400.
            raise HTTPException(TOO_LARGE.status, f"At most {limit // 1024} KiB.", {"Connection": "close"})
        return message

    return counting
