"""The admin API: who it is, whether it lives, and whether it could do its work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from admin_api.readiness import Readiness
from admin_api.routers import disaster, files, health
from fieldline.settings import Settings
from fieldline.storage import open_storage


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings; connections open when it starts and close when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.readiness = await Readiness.open(settings)
        try:
            yield
        finally:
            await app.state.readiness.aclose()

    app = FastAPI(
        title="Fieldline admin API",
        version=version("fieldline"),
        lifespan=lifespan,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            # A browser sends no cookie or token to an API that anyone may call.
            allow_credentials="*" not in settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
        )
    app.state.twilio_auth_token = settings.twilio_auth_token
    app.state.storage = open_storage(settings)
    app.include_router(health.router)
    app.include_router(disaster.router)
    app.include_router(files.router)
    return app
