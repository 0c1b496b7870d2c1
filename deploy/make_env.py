"""Prints a `.env` with fresh secrets for docker-compose.yml: `python3 deploy/make_env.py your.domain > .env`.

Needs nothing but Python. What it cannot know (keys of voice providers, a hosted Supabase or LiveKit) is added by hand;
.env.example says what there is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time

#: The service token lives as long as its signing secret is kept: renew both together.
TOKEN_YEARS = 10


def service_token(secret: str, now: float) -> str:
    """A JWT of the role service_role, signed with HS256 as the auth server and PostgREST expect it."""
    issued = int(now)
    expires = issued + TOKEN_YEARS * 365 * 86_400
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"role": "service_role", "iss": "fieldline", "iat": issued, "exp": expires}
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{_encoded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def environment(site: str) -> dict[str, str]:
    """Every variable that docker-compose.yml asks for, with a secret of its own."""
    jwt_secret = secrets.token_hex(32)
    return {
        "FIELDLINE_ENV": "production",
        "FIELDLINE_SITE": site,
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "SUPABASE_JWT_SECRET": jwt_secret,
        "SUPABASE_SERVICE_JWT": service_token(jwt_secret, time.time()),
        "SUPABASE_PUBLISHABLE_KEY": f"sb_publishable_{secrets.token_hex(24)}",
        "SUPABASE_SECRET_KEY": f"sb_secret_{secrets.token_hex(24)}",
        "LIVEKIT_API_KEY": f"API{secrets.token_hex(6)}",
        "LIVEKIT_API_SECRET": secrets.token_hex(32),
        "FIELDLINE_LINE_EMAIL": f"line@{site}",
        "FIELDLINE_LINE_PASSWORD": secrets.token_hex(24),
        "FIELDLINE_FILES_SECRET": secrets.token_hex(32),
    }


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


if __name__ == "__main__":
    for name, value in environment(sys.argv[1] if len(sys.argv) > 1 else "localhost").items():
        print(f"{name}={value}")
