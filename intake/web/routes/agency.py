"""The page of one agency."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.web.access import Reader, console_of
from intake.web.agencies import agency_view
from intake.web.pages import page
from intake.web.routes.board import standing_of

router = APIRouter()


@router.get("/agency/{code}")
def agency(request: Request, visitor: Reader, code: str) -> Response:
    """Its periods, its figures, its addresses."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        view = agency_view(console.reader, q, standing_of(request), code, console.now())
    return page(request, "agency.html", view=view)
