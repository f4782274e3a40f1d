"""Search and log: every filter of ``cchc log`` in the address, pages by key, files. Searches and files are noted in the log."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.asking import NotFound
from intake.rules.values import CLASSES
from intake.web.access import Reader, console_of
from intake.web.pages import page, texts
from intake.web.routes.board import standing_of
from intake.web.routes.mail import noted
from intake.web.searching import Wanted, exported, page_of

router = APIRouter()
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/log")
def log(request: Request, visitor: Reader) -> Response:
    """One page of the log."""
    console = console_of(request)
    wanted = Wanted.of(request.query_params)
    with console.ask() as q:
        found = page_of(console.reader, q, standing_of(request), wanted, console.now())
        roster = console.reader.roster(q)
        periods = [
            p.key for t in console.desk.calendar.types for p in reversed(q.recent_periods(t.type, console.now(), 12))
        ]
    if wanted.asks and not wanted.before:
        noted(request, visitor, "searched", "log", query={k: v for k, v in asdict(wanted).items() if v})
    return page(
        request,
        "log.html",
        found=found,
        wanted=wanted,
        agencies=[(code, row.name) for code in roster.codes if (row := roster.latest(code))],
        names={code: row.name for code in roster.codes if (row := roster.latest(code))},
        types=[t.type for t in console.desk.calendar.types],
        periods=periods if wanted.period in ("", *periods) else [wanted.period, *periods],
        states=list(texts()["mail_state"]),
        classes=(*CLASSES, "waived", "not_applicable", "not_yet_due"),
    )


@router.get("/log/export.{kind}")
def export(request: Request, visitor: Reader, kind: str) -> Response:
    """The same rows as a file."""
    if kind not in _KINDS:
        raise NotFound(kind)
    console = console_of(request)
    wanted, now = Wanted.of(request.query_params), console.now()
    with console.ask() as q:
        data, count = exported(console.reader, q, wanted, kind, now)
    noted(
        request, visitor, "exported", "log", query={k: v for k, v in asdict(wanted).items() if v}, kind=kind, rows=count
    )
    name = f"nhat-ky-{console.desk.calendar.local(now):%Y%m%d-%H%M%S}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": _KINDS[kind]}
    return Response(data, headers=headers)
