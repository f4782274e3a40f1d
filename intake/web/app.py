"""The application: routes, static files, what is answered when something is refused or breaks."""

from __future__ import annotations

from importlib.resources import files
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from intake.asking import NotFound
from intake.board import NoSuchPeriod
from intake.web.access import BadForm, Forbidden, NotSignedIn, Throttle, TooLarge, visitor_of
from intake.web.console import Console
from intake.web.headers import Guarded
from intake.web.pages import page
from intake.web.routes import ROUTERS
from storage.errors import Stale, Unavailable

LOG = structlog.get_logger()


class LongCached(StaticFiles):
    """Static files a browser may keep: their address changes with their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, kept for a year."""
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def create_app(console: Console) -> Guarded:
    """Everything together."""
    app = FastAPI(title="cchc", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = console
    app.state.throttle = Throttle()
    app.mount("/static", LongCached(directory=str(files("intake.web").joinpath("static"))), name="static")
    for router in ROUTERS:
        app.include_router(router)
    _refusals(app)
    return Guarded(app)


_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    Forbidden: (403, "forbidden"),
    BadForm: (403, "bad_form"),
    TooLarge: (413, "too_large"),
    NotFound: (404, "not_found"),
    NoSuchPeriod: (404, "not_found"),
    RequestValidationError: (400, "bad_request"),
    Stale: (409, "stale"),
}


def _refusals(app: FastAPI) -> None:
    """What is answered when a page cannot be given."""
    for kind in _REFUSALS:
        app.add_exception_handler(kind, _refused)

    @app.exception_handler(NotSignedIn)
    def sign_in(request: Request, asked: NotSignedIn) -> Response:
        if "HX-Request" in request.headers:  # the form would take the place of a part of the page
            return Response(status_code=401)
        return RedirectResponse(f"/login?to={quote(str(asked))}", 303)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        return _said(request, error.status_code, "not_found" if error.status_code == 404 else "bad_request")

    @app.exception_handler(Unavailable)
    def unavailable(request: Request, error: Unavailable) -> Response:
        LOG.warning("the database cannot be reached", error=str(error))
        return _said(request, 503, "unavailable")

    @app.exception_handler(Exception)
    def ours(request: Request, error: Exception) -> Response:
        LOG.error("our mistake; the console goes on", path=request.url.path, exc_info=error)
        return _said(request, 500, "ours")


def _refused(request: Request, error: Exception) -> Response:
    return _said(request, *next(said for kind, said in _REFUSALS.items() if isinstance(error, kind)))


def _said(request: Request, status: int, what: str) -> Response:
    if not hasattr(request.state, "visitor") and status not in (500, 503):
        request.state.visitor = visitor_of(request)
    return page(request, "refused.html", status, what=what, code=status)
