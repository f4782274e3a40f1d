"""Files of a period, of a range or of a year: board, consolidated figures, official layout, calendar. Each is noted in the log.

They are the files the digest brings along and ``cchc export`` writes, as of the moment they are asked for; that moment and the place
in the log stand inside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.asking import NotFound
from intake.board import board_of, period_of
from intake.book import law_of
from intake.consolidating import consolidate
from intake.desk import Desk
from intake.digests import digest
from intake.web.access import Reader, Visitor, console_of
from intake.web.routes.mail import noted
from intake.yearly import cutoffs
from notifier.consolidated import Consolidation
from notifier.office import Office

router = APIRouter()
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ics": "text/calendar; charset=utf-8",
}


@router.get("/board/{key}/export.xlsx")
def board_file(request: Request, visitor: Reader, key: str) -> Response:
    """The board of a period with the figures of every agency. Raises ``NoSuchPeriod``."""
    console = console_of(request)
    data = _board(console.reader, key, console.now())
    return _file(request, visitor, data, key, "xlsx", "bang-theo-doi")


@router.get("/periods/{year}.{kind}")
def calendar_file(request: Request, visitor: Reader, year: int, kind: str) -> Response:
    """Every cutoff of a year, to confirm (XLSX) or for the office's calendars (ICS)."""
    if kind not in ("xlsx", "ics") or not 1900 < year < 2200:
        raise NotFound(f"{year}.{kind}")
    console = console_of(request)
    desk, now = console.reader, console.now()
    with console.ask() as q:
        rows, version = cutoffs(desk, q, year), desk.calendar_of(q).version
    if kind == "ics":
        from intake.calendar_export import calendar_ics  # noqa: PLC0415

        data = calendar_ics(rows, desk.office.bot_domain, now)
    else:
        from notifier.calendar_sheet import calendar_workbook  # noqa: PLC0415 - heavy

        data = calendar_workbook(rows, year, version, desk.office, now)
    return _file(request, visitor, data, str(year), kind, "lich-bao-cao")


@router.get("/figures")
def span_file(request: Request, visitor: Reader, first: str = "", last: str = "", kind: str = "xlsx") -> Response:
    """The consolidated figures of a range of periods of one type, pooled. Raises ``NoSuchPeriod``, ``NotFound``."""
    if kind not in ("xlsx", "docx"):
        raise NotFound(kind)
    console = console_of(request)
    key = first if first == last else f"{first}..{last}"
    with console.ask() as q:
        found = consolidate(console.reader, q, key, console.now())
    return _file(request, visitor, _written(kind)(found, console.reader.office), key, kind, "tong-hop")


@router.get("/period/{key}/export.{kind}")
def period_file(request: Request, visitor: Reader, key: str, kind: str) -> Response:
    """The consolidated figures of a period. Raises ``NoSuchPeriod``, ``NotFound``."""
    if kind not in ("xlsx", "docx"):
        raise NotFound(kind)
    console = console_of(request)
    desk, now = console.reader, console.now()
    with console.ask() as q:
        period = period_of(q, desk.calendar_of(q), key)
        if desk.form(period.type) is None:
            raise NotFound(key)
        found = consolidate(desk, q, key, now)
    return _file(request, visitor, _written(kind)(found, desk.office), key, kind, "tong-hop")


def _written(kind: str) -> Callable[[Consolidation, Office], bytes]:
    """Who writes that kind; heavy, only for a file."""
    if kind == "docx":
        from notifier.official import official_report  # noqa: PLC0415

        return official_report
    from notifier.consolidated_book import consolidated_workbook  # noqa: PLC0415

    return consolidated_workbook


def _board(desk: Desk, key: str, now: datetime) -> bytes:
    from notifier.workbook import board_workbook  # noqa: PLC0415 - heavy

    with desk.ledger.read() as q:
        law = law_of(desk, q)
        board, period = board_of(desk, q, key, now), period_of(q, law.calendar, key)
        poll = q.meta("last_good_poll")
        ended = datetime.fromisoformat(str(poll["ended"])) if poll else None
        facts = digest(desk, q, law, board, period, now, provisional=not board.closed, last_good_poll=ended)
    return board_workbook(facts, desk.office)


def _file(request: Request, visitor: Visitor, data: bytes, key: str, kind: str, stem: str) -> Response:
    noted(request, visitor, "exported", "log", kind=kind, period=key)
    name = f"{stem}-{key.replace(':', '-')}.{kind}"
    return Response(
        data, headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": _TYPES[kind]}
    )
