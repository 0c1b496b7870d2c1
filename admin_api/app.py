"""The admin API: who it is, what it is made of, whether it lives, and whether it could do its work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from admin_api import limits, openapi, problems, webhooks
from admin_api.auth import Verifier
from admin_api.console.app import mount_console
from admin_api.deps import remember_memberships
from admin_api.frame import Frame
from admin_api.limits import RateLimits
from admin_api.readiness import Readiness
from admin_api.routers import (
    audit_log,
    call_logs,
    company,
    customers,
    deliveries,
    departments,
    disaster,
    docs,
    employees,
    files,
    health,
    inventory,
    me,
    members,
    messages,
    notifications,
    phonebooks,
    technicians,
    trucks,
    usage,
    work_orders,
)
from fieldline.errors import SettingsError
from fieldline.settings import Settings
from fieldline.storage import open_storage
from fieldline.tables import TablesPool

#: Everything under /api/v1, in the order of the documentation.
RESOURCES = (
    me,
    company,
    phonebooks,
    employees,
    departments,
    call_logs,
    messages,
    deliveries,
    technicians,
    trucks,
    inventory,
    customers,
    work_orders,
    notifications,
    members,
    usage,
    audit_log,
)


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings; connections open when it starts and close when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.readiness = await Readiness.open(settings)
        app.state.database = _database(settings)
        try:
            async with webhooks.opened(app, settings):
                yield
        finally:
            await app.state.readiness.aclose()
            await app.state.database.aclose()
            await app.state.auth_server.aclose()

    app = FastAPI(
        title="Fieldline admin API", version=version("fieldline"), lifespan=lifespan, docs_url=None, redoc_url=None
    )
    problems.install(app)
    if settings.cors_origins:
        _allow_origins(app, settings)
    app.add_middleware(Frame, production=settings.env == "production")
    # Outermost: whoever looks at the address or the scheme sees the caller's, not the web server's before us.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    app.state.settings = settings
    app.state.verifier = Verifier(settings)
    app.state.rate_limits = RateLimits(settings)
    app.state.memberships = remember_memberships()
    app.state.twilio_auth_token = settings.twilio_auth_token
    app.state.storage = open_storage(settings)
    app.include_router(health.router)
    app.include_router(disaster.router)
    app.include_router(files.router)
    app.include_router(docs.router)
    app.mount("/docs/assets", docs.assets())
    mount_console(app)
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(limits.count_address)])
    for resource in RESOURCES:
        api.include_router(resource.router)
    app.include_router(api)
    openapi.install(app)
    webhooks.include(app, settings)
    return app


def _database(settings: Settings) -> TablesPool | _Unset:
    try:
        return TablesPool.open(settings)
    except SettingsError as error:
        return _Unset(error)


class _Unset:
    """In the place of a database that is not configured: the process lives, and says so when it is asked."""

    def __init__(self, error: SettingsError) -> None:
        self._error = error

    def acting_as(self, _token: str, **_about: str) -> None:
        raise self._error

    async def aclose(self) -> None:
        """Nothing to close."""


def _allow_origins(app: FastAPI, settings: Settings) -> None:
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        # A browser sends no cookie or token to an API that anyone may call.
        allow_credentials="*" not in settings.cors_origins,
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Company-Id", "X-Request-Id"],
        expose_headers=[*openapi.EXPOSED, *openapi.LIMIT_HEADERS],
    )
