"""POST that is safe to repeat: an `Idempotency-Key` is taken by one request, and its answer kept for the others.

The database's insert of the key is the lock, so it holds between processes. Keys belong to the person who sent them and
are kept for a day. What failed with a problem has done nothing and gives its key back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from starlette.routing import Match
from starlette.types import Scope

from admin_api.auth import BadToken
from admin_api.database import Tables
from admin_api.problems import KEY_REUSED, RUNNING, Problem, invalid

HEADER = "Idempotency-Key"
LONGEST = 200
#: Headers that belong to the kept answer.
KEPT_HEADERS = ("etag", "location")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class RepeatableRoute(APIRoute):
    """A route whose POST honours Idempotency-Key."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def repeatable(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return await handler(request)
            if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
                raise invalid(HEADER, f"it has 1 to {LONGEST} printable characters", location="header")
            db = await _tables(request)
            # Without a valid token the handler answers, with the words that it has for that.
            return await handler(request) if db is None else await _once(request, handler, db, key)

        return repeatable


class RepeatableRouter(APIRouter):
    """A router of such routes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, route_class=RepeatableRoute)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a route of this router is meant. Sixteen routers are asked for every request: most need not look."""
        return super().matches(scope) if self.prefix in scope["path"] else (Match.NONE, {})


async def _once(request: Request, handler: Handler, db: Tables, key: str) -> Response:
    state = await db.rpc("begin_request", key=key, fingerprint=await _fingerprint(request))
    if state["state"] == "another":
        raise Problem(KEY_REUSED, "Another request was sent with this key: take a new one.")
    if state["state"] == "running":
        raise Problem(RUNNING, headers={"Retry-After": "1"})
    if state["state"] == "done":
        headers = {**state["headers"], "Idempotent-Replayed": "true"}
        return JSONResponse(state["body"], state["status"], headers=headers)
    try:
        response = await handler(request)
    except BaseException:
        await db.rpc("forget_request", key=key)
        raise
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = json.loads(bytes(response.body) or b"null")
    await db.rpc("end_request", key=key, status=response.status_code, headers=headers, body=body)
    return response


async def _tables(request: Request) -> Tables | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer":
        return None
    try:
        await request.app.state.verifier.user(token)
    except BadToken:
        return None
    return request.app.state.database.acting_as(token, request_id=request.state.request_id)


async def _fingerprint(request: Request) -> str:
    parts = [request.method, request.url.path, request.headers.get("x-company-id", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + await request.body()).hexdigest()
