"""What a monitor is told about the admin API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from admin_api.app import create_app
from admin_api.readiness import Readiness
from fieldline.errors import StoreUnavailable
from fieldline.settings import Settings


async def answers() -> None:
    return None


async def fails() -> None:
    raise StoreUnavailable("connection refused")


def build_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)  # pyright: ignore[reportCallIssue]


@asynccontextmanager
async def api(settings: Settings, readiness: Readiness | None = None) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        if readiness:
            await app.state.readiness.aclose()
            app.state.readiness = readiness
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
            yield client


async def test_alive_without_any_configuration(clean_environ: pytest.MonkeyPatch) -> None:
    async with api(build_settings(clean_environ)) as client:
        answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy" and answer.json()["version"]


async def test_not_ready_without_any_configuration(clean_environ: pytest.MonkeyPatch) -> None:
    async with api(build_settings(clean_environ)) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert {c["problem"] for c in answer.json()["checks"].values()} == {"not_configured"}


async def test_not_ready_when_nothing_listens(clean_environ: pytest.MonkeyPatch) -> None:
    settings = build_settings(
        clean_environ,
        SUPABASE_URL="http://127.0.0.1:9",
        SUPABASE_PUBLISHABLE_KEY="sb_publishable_0123456789",
        FIELDLINE_LINE_EMAIL="line@fieldline.local",
        FIELDLINE_LINE_PASSWORD="a-long-enough-phrase",
        LIVEKIT_URL="ws://127.0.0.1:9",
        LIVEKIT_API_KEY="key",
        LIVEKIT_API_SECRET="a-phrase-that-is-long-enough-to-sign-with",
    )
    async with api(settings) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert {c["problem"] for c in answer.json()["checks"].values()} <= {"no_answer", "timeout"}
    assert "127.0.0.1" not in answer.text, "addresses are for the log"


@pytest.mark.parametrize(
    ("database", "livekit", "status", "word"),
    [
        (answers, answers, 200, "ready"),
        (answers, fails, 200, "degraded"),
        (fails, answers, 503, "unavailable"),
        (fails, fails, 503, "unavailable"),
    ],
)
async def test_only_the_database_is_critical(
    clean_environ: pytest.MonkeyPatch, database, livekit, status: int, word: str
) -> None:
    readiness = Readiness({"database": database, "livekit": livekit})
    async with api(build_settings(clean_environ), readiness) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (status, word)
    assert all(c["latency_ms"] >= 0 for c in answer.json()["checks"].values())


async def test_answers_are_shared_between_askers() -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1

    readiness = Readiness({"database": count}, shared_for_s=3600)
    await readiness.checks()
    await readiness.checks()
    assert asked == 1


async def test_only_named_origins_may_read(clean_environ: pytest.MonkeyPatch) -> None:
    settings = build_settings(clean_environ, FIELDLINE_CORS_ORIGINS="https://console.example.org")
    async with api(settings) as client:
        named = await client.get("/health", headers={"Origin": "https://console.example.org"})
        stranger = await client.get("/health", headers={"Origin": "https://evil.example.org"})
    assert named.headers["access-control-allow-origin"] == "https://console.example.org"
    assert "access-control-allow-origin" not in stranger.headers


async def test_any_origin_gets_no_credentials(clean_environ: pytest.MonkeyPatch) -> None:
    async with api(build_settings(clean_environ, FIELDLINE_CORS_ORIGINS="*")) as client:
        answer = await client.get("/health", headers={"Origin": "https://evil.example.org"})
    assert "access-control-allow-credentials" not in answer.headers
