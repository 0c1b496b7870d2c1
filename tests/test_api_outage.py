"""The database goes away under the API, and comes back."""

from __future__ import annotations

from pathlib import Path

import httpx

from admin_api.app import create_app
from fieldline.settings import load_settings
from fieldline.stack import Stack
from fieldline.stack.commands import settings_of
from fieldline.stack.supervisor import until

DEADLOCK_S = 90


async def test_database_that_restarts_is_told_with_503_and_then_served_again(tmp_path: Path) -> None:
    async with Stack(tmp_path / "home", scratch=True, parts=["rest"], settings=load_settings()) as stack:
        app = create_app(settings_of(stack.info))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {stack.info.admin_token}"}
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as admin,
        ):

            async def served() -> bool:
                return (await admin.get("/api/v1/employees")).status_code == 200

            assert await until(served, DEADLOCK_S)
            await stack.stop_part("postgres")
            read = await admin.get("/api/v1/employees")
            written = await admin.post("/api/v1/employees", json={"name": "Paula Reyes"})
            await stack.start_part("postgres")
            for answer in (read, written):
                assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2"), answer.text
                assert answer.json()["type"] == "urn:fieldline:problem:unavailable"
            assert await until(served, DEADLOCK_S)
