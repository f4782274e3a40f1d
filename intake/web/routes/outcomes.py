"""What leaders ask beside punctuality: results of a period, each down to its receipts, and difficulties on one page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.web import outcomes
from intake.web.access import Reader, console_of
from intake.web.pages import page

router = APIRouter()


@router.get("/results/{key}")
def results(request: Request, visitor: Reader, key: str) -> Response:
    """The results of a period. Raises ``NoSuchPeriod``, ``NotFound``."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        found = outcomes.outcomes(console.reader, q, key, console.now())
    return page(request, "results.html", found=found)


@router.get("/results/{key}/{name}")
def behind(request: Request, visitor: Reader, key: str, name: str) -> Response:
    """The agencies and the periods behind one result. Raises ``NoSuchPeriod``, ``NotFound``."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        found = outcomes.behind(console.reader, q, key, name, console.now())
    return page(request, "result.html", found=found)
