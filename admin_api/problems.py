"""Errors as `application/problem+json` (RFC 9457): a stable type, a sentence, the fields concerned, no internals."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from fieldline.errors import Refusal, SettingsError, StoreError, StoreUnavailable
from fieldline.tables import SessionExpired

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: Seconds after which a database that restarts is worth asking again.
RETRY_AFTER_S = 2


class FieldProblem(BaseModel):
    """One thing that is wrong with the request."""

    location: str = Field(examples=["body"], description="body, query, path, header, or the line of a file")
    field: str = Field(examples=["availability_hours.mon.0"], description="Path of the field; empty for the whole")
    detail: str = Field(examples=["this is no telephone number"])


class ProblemBody(BaseModel):
    """What went wrong, after RFC 9457. `type` is stable: programs may branch on it."""

    type: str = Field(examples=["urn:fieldline:problem:duplicate"])
    title: str = Field(examples=["There is one already"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["An active employee has this telephone number."])
    request_id: str = Field(examples=["5f0f6f5e4f7a4a0e"], description="Names this request in our logs")
    errors: list[FieldProblem] = Field(default_factory=list)


class Kind(NamedTuple):
    """A kind of problem: the end of its type, its status, and its title."""

    slug: str
    status: int
    title: str


BAD_REQUEST = Kind("bad-request", 400, "The request cannot be read")
UNAUTHENTICATED = Kind("unauthenticated", 401, "Sign in first")
FORBIDDEN = Kind("forbidden", 403, "Your role does not allow this")
NOT_FOUND = Kind("not-found", 404, "There is no such thing")
METHOD = Kind("method-not-allowed", 405, "This cannot be done here")
DUPLICATE = Kind("duplicate", 409, "There is one already")
IN_USE = Kind("in-use", 409, "Something still needs it")
STALE = Kind("stale-version", 409, "Somebody changed it meanwhile")
REFUSED = Kind("refused", 409, "A rule of the business says no")
RUNNING = Kind("request-running", 409, "The same request is still being worked on")
LOST = Kind("outcome-unknown", 409, "Nobody knows whether the first request did it")
TOO_LARGE = Kind("too-large", 413, "The request is too large")
MEDIA = Kind("unsupported-media-type", 415, "This kind of content is not understood here")
INVALID = Kind("invalid", 422, "The request does not fit")
KEY_REUSED = Kind("idempotency-key-reused", 422, "This Idempotency-Key belongs to another request")
TOO_MANY = Kind("too-many-requests", 429, "Too many requests")
INTERNAL = Kind("internal", 500, "Something went wrong on our side")
UNAVAILABLE = Kind("unavailable", 503, "The database cannot be reached right now")

KINDS = [value for value in globals().copy().values() if isinstance(value, Kind)]


class Problem(Exception):
    """Raised anywhere in a request, answered as problem+json."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.detail = detail or f"{kind.title}."
        self.errors = list(errors)
        self.headers = headers or {}
        super().__init__(self.detail)


def not_found() -> Problem:
    """The one answer for what does not exist and for what belongs to somebody else."""
    return Problem(NOT_FOUND, "There is nothing with this id in your company.")


def invalid(field: str, detail: str, *, location: str = "body") -> Problem:
    """One field that does not fit."""
    return Problem(INVALID, detail, errors=[FieldProblem(location=location, field=field, detail=detail)])


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The problem as it goes over the wire."""
    body = ProblemBody(
        type=f"urn:fieldline:problem:{problem.kind.slug}",
        title=problem.kind.title,
        status=problem.kind.status,
        detail=problem.detail,
        request_id=getattr(request.state, "request_id", ""),
        errors=problem.errors,
    )
    return JSONResponse(body.model_dump(), problem.kind.status, headers=problem.headers, media_type=MEDIA_TYPE)


#: Refusals that are about a field of the request rather than about the state of things.
FIELDS_OF_REFUSALS = {"phone_taken": "phone", "bad_pin": "pin", "text_empty": "", "text_too_long": ""}


def from_store(error: StoreError) -> Problem:
    """What the database said, for the outside."""
    if isinstance(error, StoreUnavailable):
        return Problem(UNAVAILABLE, headers={"Retry-After": str(RETRY_AFTER_S)})
    if isinstance(error, SessionExpired):
        return Problem(UNAUTHENTICATED, "Your session has ended.", headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, Refusal):
        return _from_refusal(error)
    code, constraint = error.code, _constraint(str(error))
    if code == "23505":
        field = _field(constraint)
        return Problem(DUPLICATE, f"Another one has this {field or 'value'} already.", errors=_about(field, "taken"))
    if code == "23503" and error.details and "still referenced" in error.details:
        return Problem(IN_USE, "Other entries still refer to it: move or remove them first.")
    if code == "23503":
        field = _field(constraint)
        return Problem(INVALID, "It refers to something that is not there.", errors=_about(field, "there is none"))
    if code == "23514":
        return Problem(INVALID, "A value does not fit.", errors=_about(_field(constraint), "this value does not fit"))
    if code == "42501":
        return Problem(FORBIDDEN)
    if code.startswith(("22", "23", "PGRST1")):
        return Problem(INVALID, "A value does not fit.")
    if code.startswith("40"):
        return Problem(UNAVAILABLE, headers={"Retry-After": "1"})
    logger.error("the database refused a request", extra={"code": code, "error": str(error)})
    return Problem(INTERNAL)


def _from_refusal(error: Refusal) -> Problem:
    if error.code in {"FL071", "FL073", "FL020"}:
        return not_found()
    if error.code == "FL162":
        return Problem(STALE, error.hint)
    if error.reason in FIELDS_OF_REFUSALS:
        kind = DUPLICATE if error.reason == "phone_taken" else INVALID
        return Problem(kind, error.hint, errors=_about(FIELDS_OF_REFUSALS[error.reason], error.hint))
    return Problem(REFUSED, error.hint or error.reason)


def _constraint(message: str) -> str:
    named = re.search(r'constraint "(\w+)"(?: on table "(\w+)")?', message)
    _code, table, *_said = [*message.split(": ", 2), ""]
    return named[1].removeprefix(f"{table}_") if named else ""


def _field(constraint: str) -> str:
    """`availability_hours_check` → `availability_hours`; `company_id_department_id_fkey` → `department_id`."""
    return re.sub(r"_(check|key|fkey|idx)\d*$", "", constraint).removeprefix("company_id_")


def _about(field: str, detail: str) -> list[FieldProblem]:
    return [FieldProblem(location="body", field=field, detail=detail)]


def install(app: FastAPI) -> None:
    """Answer every error of this application as a problem."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(StoreError)
    async def _store(request: Request, error: StoreError) -> JSONResponse:
        return answer(request, from_store(error))

    @app.exception_handler(SettingsError)
    async def _settings(request: Request, error: SettingsError) -> JSONResponse:
        logger.error("the API is not configured", extra={"error": str(error)})
        return answer(request, Problem(UNAVAILABLE, "This service is not set up yet."))

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, Problem(INVALID, errors=[_wrong(item) for item in error.errors()]))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        known = {kind.status: kind for kind in (BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD)}
        kind = known.get(error.status_code) or Kind("http", error.status_code, HTTPStatus(error.status_code).phrase)
        detail = error.detail if error.status_code != HTTPStatus.NOT_FOUND else "There is nothing at this address."
        return answer(request, Problem(kind, detail, headers=dict(error.headers or {})))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.exception("a request failed", exc_info=error)
        return answer(request, Problem(INTERNAL))


def _wrong(item: dict[str, Any]) -> FieldProblem:
    location, *path = [str(part) for part in item["loc"]] or [""]
    detail = item["msg"].removeprefix("Value error, ")
    if item["type"] == "json_invalid":
        path, detail = [], "this is not JSON"
    return FieldProblem(location=location, field=".".join(path), detail=detail)
