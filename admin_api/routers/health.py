"""Liveness and readiness, for load balancers, compose and people."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel

from admin_api.readiness import CheckResult, Readiness

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers; nothing is said about what it depends on."""

    status: Literal["healthy"] = "healthy"
    version: str


class Ready(BaseModel):
    """What the API depends on, asked just now."""

    status: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, CheckResult]


@router.get("/health")
async def alive(request: Request) -> Health:
    """200 as long as the process can answer, whatever else is broken."""
    return Health(version=request.app.version)


@router.get("/health/ready", responses={503: {"model": Ready, "description": "The database does not answer"}})
async def ready(request: Request, response: Response) -> Ready:
    """503 when the database does not answer; 200 and `degraded` when LiveKit does not, or deliveries are stuck."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.checks()
    if not checks["database"].ok:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Ready(status="unavailable", checks=checks)
    return Ready(status="ready" if all(c.ok for c in checks.values()) else "degraded", checks=checks)
