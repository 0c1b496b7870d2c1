"""Who is asking: access tokens of Supabase Auth, checked before the database sees them.

A project signs either with its HS256 secret or with a private key whose public half it publishes as JWKS; both are
taken, and no other algorithm. Sign-in itself is the auth server's (docs/api.md says how); no password comes here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
from cachetools import TTLCache

from fieldline.errors import StoreUnavailable
from fieldline.settings import Settings

logger = logging.getLogger(__name__)

AUDIENCE = "authenticated"
#: Algorithms whose keys are published; `none` and everything symmetric but HS256 are refused.
PUBLISHED = ("ES256", "RS256", "EdDSA")
#: Seconds that two clocks may differ.
LEEWAY_S = 10
#: Seconds for which published keys are kept; an unknown key id asks for them anew, but not twice in half a minute.
KEYS_KEPT_S = 300
#: Seconds for which a token that was found good is not checked again, but for its expiry.
CHECKED_S = 60


class BadToken(Exception):
    """The token is not one of ours that is valid now. The text is fit for the one who sent it."""


@dataclass(frozen=True)
class User:
    """A person who has signed in."""

    id: str
    email: str
    token: str = field(repr=False)


class Verifier:
    """Checks tokens. One serves a process."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.supabase_jwt_secret
        self._issuer = settings.supabase_jwt_issuer or f"{settings.supabase_url}/auth/v1"
        # The embedded auth server of local mode names no issuer; a token that names one must name ours everywhere.
        self._claims = ["exp", "sub", "aud", *(["iss"] if settings.env == "production" else [])]
        self._keys = _published_keys(settings)
        self._good: TTLCache[str, tuple[User, float], float] = TTLCache(10_000, CHECKED_S, time.monotonic)

    async def user(self, token: str) -> User:
        """Whose token it is.

        Raises:
            BadToken: it is forged, expired, or meant for something else.
            StoreUnavailable: the keys that would tell cannot be read.
        """
        known = self._good.get(token)
        if known is None or time.time() > known[1] + LEEWAY_S:
            known = self._good[token] = await self._checked(token)
        return known[0]

    async def _checked(self, token: str) -> tuple[User, float]:
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
            claims = self._decode(token, *await self._key(token, algorithm))
        except jwt.ExpiredSignatureError:
            raise BadToken("The token has expired: sign in again or refresh it.") from None
        except jwt.PyJWKClientConnectionError as error:
            # Whoever has signed in is not sent away because the keys cannot be read right now.
            raise StoreUnavailable(f"published keys: {error}") from error
        except (jwt.PyJWTError, ValueError) as error:
            logger.info("a token was refused", extra={"reason": type(error).__name__})
            raise BadToken("The token is not valid here.") from None
        if claims.get("role") != AUDIENCE or not isinstance(claims["sub"], str):
            raise BadToken("The token is not a person's.")
        return User(claims["sub"], str(claims.get("email") or ""), token), float(claims["exp"])

    async def _key(self, token: str, algorithm: str | None) -> tuple[Any, str]:
        if algorithm == "HS256" and self._secret is not None:
            return self._secret.get_secret_value(), algorithm
        if algorithm in PUBLISHED and self._keys is not None:
            # The client asks the auth server by a blocking request, once per key.
            key = await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)
            if key.algorithm_name == algorithm:
                return key.key, cast(str, algorithm)
        raise jwt.InvalidAlgorithmError("not an algorithm of ours")

    def _decode(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        unchecked = jwt.decode(token, options={"verify_signature": False})
        issuer = self._issuer if "iss" in unchecked or "iss" in self._claims else None
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=AUDIENCE,
            issuer=issuer,
            leeway=LEEWAY_S,
            options={"require": self._claims},
        )


def _published_keys(settings: Settings) -> jwt.PyJWKClient | None:
    if not settings.supabase_url or not settings.supabase_publishable_key:
        return None
    return jwt.PyJWKClient(
        f"{settings.supabase_url}/auth/v1/.well-known/jwks.json",
        lifespan=KEYS_KEPT_S,
        timeout=5,
        headers={"apikey": settings.supabase_publishable_key},
    )
