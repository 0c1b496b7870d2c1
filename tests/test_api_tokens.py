"""Access tokens signed with a published key: which are taken, and every way in which one is not ours."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import SecretStr

from admin_api.auth import BadToken, Verifier
from fieldline.errors import StoreUnavailable
from fieldline.settings import load_settings

KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
OTHERS = ec.generate_private_key(ec.SECP256R1())
SECRET = "a-secret-of-forty-characters-that-nobody-has"


class AuthServer:
    """Publishes keys, as Supabase Auth does."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {f"key-{name}": key for name, key in KEYS.items()}
        self.asked = 0
        self.url = ""

    async def publish(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response({"keys": [_published(kid, key) for kid, key in self.keys.items()]})


def _published(kid: str, key: Any) -> dict[str, Any]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "ES256", "use": "sig"}
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "RS256", "use": "sig"}


@pytest.fixture
async def auth() -> AsyncIterator[AuthServer]:
    server = AuthServer()
    app = web.Application()
    app.router.add_get("/auth/v1/.well-known/jwks.json", server.publish)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    yield server
    await runner.cleanup()


def verifier(auth: AuthServer, *, secret: str | None = None) -> Verifier:
    """As production has it: a token has to name its issuer."""
    update = {
        "env": "production",
        "supabase_url": auth.url,
        "supabase_publishable_key": "published",
        "supabase_jwt_issuer": None,
        "supabase_jwt_secret": SecretStr(secret) if secret else None,
    }
    return Verifier(load_settings().model_copy(update=update))


def signed(auth: AuthServer, algorithm: str, *, key: Any = None, kid: str | None = None, **claims: Any) -> str:
    """A good token, but for what is given."""
    said = {
        "sub": "7a1c2f0e-5a52-4d1c-9c2b-0d6a3c1b9f10",
        "aud": "authenticated",
        "role": "authenticated",
        "iss": f"{auth.url}/auth/v1",
        "exp": int(time.time()) + 3600,
        **claims,
    }
    said = {name: value for name, value in said.items() if value is not None}
    headers = {"kid": kid or f"key-{algorithm}"}
    return jwt.encode(said, key or KEYS[algorithm], algorithm, headers=headers)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_token_of_a_published_key_is_taken(auth: AuthServer, algorithm: str) -> None:
    assert (await verifier(auth).user(signed(auth, algorithm))).id.startswith("7a1c2f0e")


async def test_keys_are_asked_for_once(auth: AuthServer) -> None:
    ours = verifier(auth)
    for algorithm in ("ES256", "RS256", "ES256"):
        await ours.user(signed(auth, algorithm, jti=algorithm))
    assert auth.asked == 1


async def test_unknown_keys_are_asked_for_once_more_and_not_with_every_token(auth: AuthServer) -> None:
    ours = verifier(auth)
    for number in range(5):
        with pytest.raises(BadToken):
            await ours.user(signed(auth, "ES256", kid=f"unknown-{number}"))
    assert auth.asked <= 2


async def test_key_that_was_rotated_is_found(auth: AuthServer) -> None:
    ours = verifier(auth)
    await ours.user(signed(auth, "ES256"))
    auth.keys["new"] = OTHERS
    # Half a minute later.
    assert ours._keys
    ours._keys.cooldown_duration = 0
    assert await ours.user(signed(auth, "ES256", key=OTHERS, kid="new"))


async def test_token_of_the_secret_is_taken_beside_the_keys(auth: AuthServer) -> None:
    ours = verifier(auth, secret=SECRET)
    assert await ours.user(signed(auth, "HS256", key=SECRET))
    assert await ours.user(signed(auth, "ES256"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": "nobody's"},
        {"key": OTHERS},
        {"kid": "key-RS256"},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://other.example/auth/v1"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"role": "service_role"},
        {"nbf": 4_102_444_800},
    ],
    ids=lambda wrong: " ".join(f"{name} {value}" for name, value in wrong.items())[:40],
)
async def test_token_that_is_not_ours_is_refused(auth: AuthServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        await verifier(auth, secret=SECRET).user(signed(auth, "ES256", **wrong))


async def test_unsigned_token_is_refused(auth: AuthServer) -> None:
    claims = jwt.decode(signed(auth, "ES256"), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", "none", headers={"kid": "key-ES256"})
    with pytest.raises(BadToken):
        await verifier(auth, secret=SECRET).user(unsigned)


@pytest.mark.parametrize("secret", [None, SECRET], ids=["keys only", "keys and a secret"])
@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_public_key_is_no_secret(
    auth: AuthServer, monkeypatch: pytest.MonkeyPatch, algorithm: str, secret: str | None
) -> None:
    public = KEYS[algorithm].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # PyJWT itself refuses to sign so; whoever forges does not use it.
    monkeypatch.setattr("jwt.algorithms.is_pem_format", lambda _key: False)
    forged = signed(auth, "HS256", key=public, kid=f"key-{algorithm}")
    monkeypatch.undo()
    with pytest.raises(BadToken):
        await verifier(auth, secret=secret).user(forged)


async def test_secret_of_another_project_is_refused(auth: AuthServer) -> None:
    with pytest.raises(BadToken):
        await verifier(auth, secret=SECRET).user(signed(auth, "HS256", key=SECRET.upper()))


async def test_auth_server_that_is_down_is_no_bad_token(auth: AuthServer) -> None:
    given = signed(auth, "ES256")
    auth.url = "http://127.0.0.1:1"
    with pytest.raises(StoreUnavailable):
        await verifier(auth).user(given)
