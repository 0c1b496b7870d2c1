"""Who has signed in at the console: a cookie that scripts cannot read, renewed here before it expires.

The cookie holds the tokens of Supabase Auth, so the console keeps no session of its own, and the database decides
with the person's rights. Its path is the console's: the API never takes it, so another site cannot use it there.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import jwt
from cachetools import TTLCache
from fastapi import Request, Response

from fieldline.errors import FieldlineError
from fieldline.settings import Settings

logger = logging.getLogger(__name__)

COOKIE, PATH = "fieldline_session", "/console"
#: Seconds: the auth server forgets a refresh token that nobody used for so long, or sooner.
KEPT_S = 14 * 86_400
#: Seconds before its end at which a token is renewed.
EARLY_S = 60
#: Pages of one browser that renew at the same moment share one renewal for so long.
SHARED_S = 60
PATIENCE_S = 10.0


class SignInRefused(FieldlineError):
    """The auth server said no, in words fit for whoever signs in."""


@dataclass(frozen=True)
class Session:
    """A browser's session; without an access token it only guards the forms before sign-in."""

    csrf: str
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    company: str = ""

    @classmethod
    def new(cls) -> Session:
        """A session that has not signed in."""
        return cls(secrets.token_urlsafe(24))

    @classmethod
    def read(cls, request: Request) -> Session | None:
        """What the browser sent, or None when that is nothing of ours."""
        try:
            fields = json.loads(base64.urlsafe_b64decode(request.cookies.get(COOKIE, "")))
            return cls(**{name: str(value) for name, value in fields.items()})
        except (binascii.Error, ValueError, TypeError, AttributeError):
            return None

    def write(self, response: Response, *, secure: bool) -> None:
        """Give the session to the browser."""
        value = base64.urlsafe_b64encode(json.dumps(self.__dict__).encode()).decode()
        response.set_cookie(COOKIE, value, max_age=KEPT_S, path=PATH, httponly=True, samesite="lax", secure=secure)

    @property
    def ends_in_s(self) -> float:
        """Seconds until the access token ends; it is checked elsewhere."""
        try:
            return jwt.decode(self.access, options={"verify_signature": False})["exp"] - time.time()
        except (jwt.PyJWTError, KeyError, TypeError):
            return 0.0


def forget(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path=PATH)


class AuthServer:
    """Supabase Auth, as the console uses it."""

    def __init__(self, settings: Settings) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{settings.supabase_url}/auth/v1",
            headers={"apikey": settings.supabase_publishable_key or ""},
            timeout=PATIENCE_S,
        )
        self._renewals: TTLCache[str, asyncio.Task[Session | None], float] = TTLCache(10_000, SHARED_S, time.monotonic)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def sign_in(self, email: str, password: str) -> Session:
        """A new session; never the one before, which somebody else may have planted.

        Raises:
            SignInRefused: wrong, unknown, or the auth server is down.
        """
        tokens = await self._ask("/token?grant_type=password", {"email": email, "password": password})
        return self._session(Session.new(), tokens)

    async def sign_up(self, email: str, password: str) -> Session:
        """An account that does not exist yet. Raises SignInRefused."""
        tokens = await self._ask("/signup", {"email": email, "password": password})
        if "access_token" not in tokens:
            raise SignInRefused(
                "Confirm your e-mail address with the link that was sent to you, then open this page again."
            )
        return self._session(Session.new(), tokens)

    async def renew(self, session: Session) -> Session | None:
        """The session with fresh tokens; None when it has ended."""
        task = self._renewals.get(session.refresh)
        if task is None:
            task = self._renewals[session.refresh] = asyncio.create_task(self._renew(session))
        return await asyncio.shield(task)

    async def sign_out(self, session: Session) -> None:
        """End the session at the auth server, too; that it does not answer keeps nobody signed in here."""
        try:
            await self._http.post("/logout?scope=local", headers={"Authorization": f"Bearer {session.access}"})
        except httpx.HTTPError as error:
            logger.info("the auth server did not hear of a sign-out", extra={"reason": type(error).__name__})

    async def _renew(self, session: Session) -> Session | None:
        try:
            tokens = await self._ask("/token?grant_type=refresh_token", {"refresh_token": session.refresh})
        except SignInRefused:
            return None
        return self._session(session, tokens)

    async def _ask(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._http.post(path, json=body)
        except httpx.HTTPError:
            raise SignInRefused("Sign-in is out of reach right now. Try again in a moment.") from None
        if answer.status_code == 429:
            raise SignInRefused("Too many tries. Wait a minute, then try again.")
        if answer.status_code >= 500:
            raise SignInRefused("Sign-in is out of order right now. Try again in a moment.")
        if answer.status_code >= 400:
            raise SignInRefused(_why(answer))
        return answer.json()

    @staticmethod
    def _session(session: Session, tokens: dict[str, Any]) -> Session:
        return replace(session, access=tokens["access_token"], refresh=tokens.get("refresh_token") or "")


def _why(answer: httpx.Response) -> str:
    """Never which of the two was wrong: that would tell who has an account."""
    said = answer.text.lower()
    if "weak" in said or ("password" in said and "short" in said):
        return "That password is too weak: take at least ten characters."
    if "registered" in said or "exists" in said:
        return "There is an account with this e-mail address: sign in with its password."
    return "E-mail address or password is wrong."
