"""The roster as of a day: who reports, to whom, what, from which addresses, since when."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from intake.asking import NotFound
from intake.decisions import Refused
from intake.roster_file import roster_text
from intake.rules.roster import RosterError
from intake.web import enrolling, proposing
from intake.web.access import Decider, Reader, Upload, Visitor, console_of, field_of
from intake.web.enrolling import Draft
from intake.web.pages import page, t
from intake.web.routes.mail import noted
from storage.errors import Stale

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAME_MOST = 120


@router.get("/roster")
def roster(request: Request, visitor: Reader, day: str = "", done: str = "") -> Response:
    """Every agency in force that day, in protocol order; those begun or ended besides are named with their dates."""
    del visitor
    console = console_of(request)
    wanted = _day(day) or console.desk.calendar.day(console.now())
    with console.ask() as q:
        found = console.reader.roster(q, day=wanted)
        version = q.roster(day=wanted)
        history = enrolling.history(q)
        people = {account.actor: account.shown or account.name for account in q.accounts()}
    rows = [row for code in found.codes if (row := found.get(code, wanted))]
    return page(
        request,
        "roster.html",
        day_shown=wanted,
        rows=rows,
        reports={row.code: found.reports(row.code, wanted) for row in rows},
        names={row.code: row.name for row in found.agencies},
        addresses={row.code: found.addresses(row.code, wanted) for row in rows},
        version=version,
        history=history,
        people=people,
        done=done if done in ("imported", "proposed") else "",
    )


@router.get("/roster/file.xlsx")
def roster_file(request: Request, visitor: Reader, day: str = "") -> Response:
    """The roster of a day as a sheet to edit and bring back. Raises ``NotFound``."""
    from notifier.roster_sheet import roster_workbook  # noqa: PLC0415 - heavy

    console = console_of(request)
    wanted = _day(day) or console.desk.calendar.day(console.now())
    with console.ask() as q:
        version = q.roster(day=wanted)
    if version is None:
        raise NotFound("roster")
    noted(request, visitor, "exported", "log", kind="roster", day=wanted.isoformat())
    name = f'attachment; filename="danh-sach-don-vi-{wanted}.xlsx"'
    return Response(roster_workbook(version.csv), headers={"Content-Disposition": name, "Content-Type": _XLSX})


@router.get("/roster/import")
def new_roster(request: Request, visitor: Decider) -> Response:
    """Where a file is chosen."""
    del visitor
    return _asked(request)


@router.post("/roster/import")
def bring_roster(request: Request, visitor: Decider, form: Upload) -> Response:
    """Show what a file would change; or, once looked at, import it, or keep it for a lead."""
    effective = _day(field_of(form, "effective", 10))
    if effective is None:
        return _asked(request, said="effective")
    try:
        if field_of(form, "action", 20) != "import":
            return _looked(request, visitor, _brought(request, form, effective))
        return _carried_out(request, visitor, form, effective)
    except RosterError as wrong:
        return _asked(request, effective, wrong=wrong)
    except Refused as refused:
        return _asked(request, effective, said=str(refused))


def _carried_out(request: Request, visitor: Visitor, form: FormData, effective: date) -> Response:
    console, reason = console_of(request), field_of(form, "reason", 500)
    text, against = enrolling.unpacked(_field(form, "packed")), field_of(form, "against", 20)
    draft = Draft(text, field_of(form, "name", _NAME_MOST), effective, int(against) if against.isdecimal() else 0)
    if not reason:
        return _looked(request, visitor, draft, said="reason", status=422)
    try:
        with console.deciding(visitor.account) as desk:
            if enrolling.waits(desk, visitor, draft):
                proposing.propose_roster(desk, draft, reason)
                return RedirectResponse("/roster?done=proposed", 303)
            enrolling.bring(desk, draft, reason)
    except Stale:
        return _looked(request, visitor, _afresh(request, draft), said="roster_stale", status=409)
    return RedirectResponse(f"/roster?done=imported&day={effective}", 303)


def _brought(request: Request, form: FormData, effective: date) -> Draft:
    """The file of the form. Raises ``RosterError``, ``Refused``."""
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise Refused("file")
    name = given.filename.replace("\\", "/").rpartition("/")[2][-_NAME_MOST:]
    return _afresh(request, Draft(roster_text(name, given.file.read()), name, effective, 0))


def _afresh(request: Request, draft: Draft) -> Draft:
    with console_of(request).ask() as q:
        return Draft(draft.csv, draft.name, draft.effective, enrolling.last(q))


def _looked(request: Request, visitor: Visitor, draft: Draft, *, said: str = "", status: int = 200) -> Response:
    console = console_of(request)
    with console.ask() as q:
        found = enrolling.look(console.reader, q, draft)
    waits = enrolling.waits(console.desk, visitor, draft)
    return page(request, "roster_look.html", status, draft=draft, found=found, waits=waits, said=said)


def _asked(request: Request, day: date | None = None, *, wrong: RosterError | None = None, said: str = "") -> Response:
    console = console_of(request)
    today = console.desk.calendar.day(console.now())
    faults = [(fault.line, t(f"roster_problem.{fault.code}", **fault.said)) for fault in wrong.faults] if wrong else []
    status = 422 if wrong or said else 200
    return page(request, "roster_import.html", status, effective=day or today, faults=faults, said=said)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
