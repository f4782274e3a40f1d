"""The roster as of a day: who reports, to whom, what, from which addresses, since when."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.rules.values import Agency
from intake.web.access import Reader, console_of
from intake.web.pages import page

router = APIRouter()


@router.get("/roster")
def roster(request: Request, visitor: Reader, day: str = "") -> Response:
    """Every agency in force that day, in protocol order; those begun or ended besides are named with their dates."""
    del visitor
    console = console_of(request)
    wanted = _day(day) or console.desk.calendar.day(console.now())
    with console.ask() as q:
        found = console.reader.roster(q, day=wanted)
        version = q.roster(day=wanted)
    rows = [row for code in found.codes if (row := found.get(code, wanted))]
    return page(
        request,
        "roster.html",
        day_shown=wanted,
        rows=rows,
        reports={row.code: found.reports(row.code, wanted) for row in rows},
        names={row.code: row.name for row in found.agencies},
        addresses={row.code: _addresses(row, wanted) for row in rows},
        version=version,
    )


def _addresses(row: Agency, day: date) -> list[str]:
    """Its addresses in force that day."""
    return [
        one.text
        for one in row.addresses
        if (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or day <= one.valid_to)
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
