"""POST that is safe to repeat: an `Idempotency-Key` is taken by one request, and its answer kept for the others.

The database's insert of the key is the lock, so it holds between processes. Keys belong to the person who sent them and
are kept for a day. Who has written nothing for certain gives its key back; where the way to the database broke after
something may have been written, the key stays, and a repeat is told so instead of doing it twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from starlette.routing import Match
from starlette.types import Scope

from admin_api import limits
from admin_api.auth import BadToken, User
from admin_api.database import Tables
from admin_api.deps import Needs, chosen, memberships_of
from admin_api.problems import KEY_REUSED, LOST, RUNNING, Problem, invalid
from fieldline.errors import StoreError
from fieldline.tables import watched_writes

logger = logging.getLogger(__name__)

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
            user = await _user(request)
            if user is None:
                # Without a valid token the handler answers, with the words that it has for that.
                return await handler(request)
            # Before the key is looked up, or repeats would cost the database and nobody a place in the limits.
            await limits.count_address(request)
            await limits.count_user(request, user.id)
            db = request.app.state.database.acting_as(user.token, request_id=request.state.request_id)
            kept = await _taken(request, db, key)
            if kept is None:
                return await _once(request, handler, db, key)
            await self._still_may(request, user, db)
            return kept

        return repeatable

    async def _still_may(self, request: Request, user: User, db: Tables) -> None:
        """The kept answer is for who may still ask for it: a role may have been taken away since."""
        for needed in (d.dependency for d in self.dependencies if isinstance(d.dependency, Needs)):
            company = request.headers.get("x-company-id")
            rows = await memberships_of(request, user, db, fresh=True)
            await needed(request, chosen(user, rows, UUID(company) if company else None), db)


class RepeatableRouter(APIRouter):
    """A router of such routes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, route_class=RepeatableRoute)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a route of this router is meant. Sixteen routers are asked for every request: most need not look."""
        return super().matches(scope) if self.prefix in scope["path"] else (Match.NONE, {})


async def _taken(request: Request, db: Tables, key: str) -> Response | None:
    """The answer that is kept under this key, or None when the key is now this request's."""
    state = await db.rpc("begin_request", key=key, fingerprint=await _fingerprint(request))
    match state["state"]:
        case "another":
            raise Problem(KEY_REUSED, "Another request was sent with this key: take a new one.")
        case "running":
            raise Problem(RUNNING, headers={"Retry-After": "1"})
        case "lost":
            raise Problem(
                LOST, "The answer to the first request was lost: look whether it was done, then take a new key."
            )
        case "done":
            headers = {**state["headers"], "Idempotent-Replayed": "true"}
            return JSONResponse(state["body"], state["status"], headers=headers)
    return None


async def _once(request: Request, handler: Handler, db: Tables, key: str) -> Response:
    with watched_writes() as writes:
        try:
            response = await handler(request)
        except BaseException as error:
            # A problem of ours is a decision not to do it; everything else may have come after a write.
            refused = isinstance(error, Problem) and error.kind.status < 500
            # Where this cannot be said either, the key waits until the request must be over, and counts as lost.
            with suppress(StoreError):
                await db.rpc("lose_request" if writes.possible and not refused else "forget_request", key=key)
            raise
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = json.loads(bytes(response.body) or b"null")
    try:
        await db.rpc("end_request", key=key, status=response.status_code, headers=headers, body=body)
    except StoreError as error:
        # It is done, and who asked for it is to hear that; a repeat will be told that its answer was lost.
        logger.warning("the answer to a request could not be kept", extra={"error": str(error)})
    return response


async def _user(request: Request) -> User | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer":
        return None
    try:
        return await request.app.state.verifier.user(token)
    except BadToken:
        return None


async def _fingerprint(request: Request) -> str:
    parts = [request.method, request.url.path, request.headers.get("x-company-id", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + await request.body()).hexdigest()
