"""The console as an application of its own under /console: it shares the API's state and answers errors as pages."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from admin_api.console import (
    audit,
    calls,
    deliveries,
    directory,
    imports,
    live,
    members,
    messages,
    settings,
    sign_in,
    stock,
    technicians,
    try_it,
    usage,
    work,
)
from admin_api.console.feed import Feed, Feeds
from admin_api.console.office import NoCompany, SignInFirst, remember_frames
from admin_api.console.pages import STATIC, go, render
from admin_api.console.sessions import PATH, AuthServer, Session
from admin_api.problems import INTERNAL, INVALID, NOT_FOUND, UNAUTHENTICATED, Kind, Problem, from_store
from fieldline.errors import StoreError
from fieldline.realtime import Realtime
from fieldline.tables import SessionExpired

ROUTERS = (
    *(sign_in, live, calls, messages, deliveries, technicians, work, stock, imports, directory, try_it, settings),
    *(usage, members, audit),
)
#: The addresses of files carry what is in them, so a browser may keep them for good.
KEEP = "public, max-age=31536000, immutable"


def mount_console(app: FastAPI) -> None:
    """Put the console into the API. `app.state` has settings, verifier, database and storage."""
    console = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    console.state = app.state
    app.state.auth_server = AuthServer(app.state.settings)
    app.state.frames = remember_frames()
    realtime = Realtime(app.state.settings)
    app.state.feeds = Feeds(lambda company_id, zone: Feed(company_id, zone, changes=realtime.of(company_id)))
    console.mount("/static", _Kept(directory=STATIC))
    for module in ROUTERS:
        console.include_router(module.router)
    _answer_errors(console)
    app.mount(PATH, console)


class _Kept(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = KEEP
        return response


def _answer_errors(console: FastAPI) -> None:
    @console.exception_handler(SignInFirst)
    async def _sign_in(request: Request, error: SignInFirst) -> Response:
        if request.url.path.endswith("/events"):
            # 204 tells an EventSource to stop asking.
            return Response(status_code=204)
        return sign_in.to_sign_in(error.back)

    @console.exception_handler(NoCompany)
    async def _no_company(request: Request, _error: NoCompany) -> Response:
        session = Session.read(request)
        return render(request, "no_company.html", status=403, csrf=session.csrf if session else "")

    @console.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return _page(request, error)

    @console.exception_handler(StoreError)
    async def _store(request: Request, error: StoreError) -> Response:
        if isinstance(error, SessionExpired):
            return sign_in.to_sign_in(request.url.path if request.method == "GET" else PATH)
        return _page(request, from_store(error))

    @console.exception_handler(RequestValidationError)
    async def _validation(request: Request, _error: RequestValidationError) -> Response:
        # Ids stand in addresses here, and nobody types them.
        return _page(request, Problem(NOT_FOUND, "There is nothing at this address."))

    @console.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> Response:
        # It is raised again behind this answer, and logged with the number that the page shows.
        return _page(request, Problem(INTERNAL))

    @console.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        kind = NOT_FOUND if error.status_code == 404 else Kind("http", error.status_code, "This cannot be done here")
        return _page(
            request,
            Problem(kind, "There is nothing at this address." if error.status_code == 404 else str(error.detail)),
        )


def _page(request: Request, problem: Problem) -> Response:
    if request.headers.get("x-csrf-token"):
        # A script asked.
        return JSONResponse({"problem": problem.detail}, problem.kind.status, headers=problem.headers)
    back = request.headers.get("referer", "")
    own = back.startswith(f"{request.url.scheme}://{request.url.netloc}{PATH}")
    if (
        request.method == "POST"
        and own
        and problem.kind not in (UNAUTHENTICATED, NOT_FOUND)
        and problem.kind.status < 500
    ):
        fields = "; ".join(
            f"{e.field}: {e.detail}" if e.field else e.detail for e in problem.errors if e.detail != problem.detail
        )
        words = f"{problem.detail} ({fields})" if fields and problem.kind is INVALID else problem.detail
        return go(back, problem=words)
    response = render(request, "error.html", status=problem.kind.status, problem=problem, csrf="")
    response.headers.update(problem.headers)
    return response
