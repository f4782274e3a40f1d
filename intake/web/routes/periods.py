"""The calendar, one period's figures down to the receipts behind them, and changes of dues."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from intake import due_changes
from intake.asking import NotFound
from intake.board import class_as_of, period_of
from intake.book import law_of
from intake.decisions import NeedsSecond, Refused
from intake.desk import Desk
from intake.foreseen import DueChange
from intake.rules.values import Period
from intake.web import proposing
from intake.web.access import Decider, Form, Reader, Visitor, console_of, field_of, seen_of
from intake.web.consolidated import period_figures
from intake.web.deciding import Changed, last_about, proposed, unchanged_since
from intake.web.noting import is_list
from intake.web.outcomes import has_results
from intake.web.pages import page
from intake.web.routes.board import moment, standing_of
from intake.web.routes.desk import people_of
from intake.yearly import cutoffs
from storage.records import Entry

router = APIRouter()
CHANGES = ("waive", "extend", "not-applicable", "reopen", "paper")


@router.get("/periods")
def periods(request: Request, visitor: Reader, year: str = "", change: str = "", done: str = "") -> Response:
    """Every cutoff of a year with its reason, and what came of it; ``change``: the period whose form stands open."""
    del visitor
    return _periods(request, year, change, done=done if done in ("done", "proposed") else "")


def _periods(
    request: Request,
    year: str,
    changing: str = "",
    *,
    done: str = "",
    said: str = "",
    since: tuple[Entry, ...] = (),
    given: FormData | None = None,
    status: int = 200,
) -> Response:
    console = console_of(request)
    now = console.now()
    today = console.desk.calendar.day(now)
    chosen = int(year) if year.isdecimal() and 1900 < int(year) < 2200 else today.year
    with console.ask() as q:
        rows = cutoffs(console.reader, q, chosen)
        opened = {row.key for row in q.periods() if row.due_at.year in (chosen - 1, chosen, chosen + 1)}
        closed = [row.key for row in rows if row.key in opened and row.due_at <= now]
        counts = standing_of(request).counts(console.reader, q, closed, now)
        seen, people = last_about(q, [f"period:{changing}"]), people_of(q)
        waits = proposed(q, f"period:{changing}")
    past = [row for row in rows if row.key in opened and not row.skipped]
    kinds = [kind for kind in dict.fromkeys(row.type for row in past) if console.reader.form(kind) is not None]
    return page(
        request,
        "periods.html",
        status,
        rows=rows,
        year=chosen,
        opened=opened,
        counts=counts,
        today=today,
        months=_months(rows),
        changing=changing,
        done=done,
        said=said,
        since=since,
        given=given or {},
        seen=seen,
        people=people,
        waits=waits,
        ranges=[(kind, [row.key for row in past if row.type == kind]) for kind in kinds],
    )


@router.get("/period/{key}")
def period(request: Request, visitor: Reader, key: str) -> Response:
    """The totals of one period."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        found = period_figures(console.reader, q, key, console.now())
    return page(request, "period.html", found=found, figure="", **_beside(console.reader, found.period))


@router.get("/period/{key}/figure/{figure}")
def behind(request: Request, visitor: Reader, key: str, figure: str) -> Response:
    """The reports behind one total."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        found = period_figures(console.reader, q, key, console.now(), figure)
    return page(request, "period.html", found=found, figure=figure, **_beside(console.reader, found.period))


def _beside(desk: Desk, period: Period) -> dict[str, bool]:
    """Which further pages there are of this period."""
    return {"tasks": is_list(desk, period), "results": has_results(desk, period)}


@router.get("/due/{key}/{code}")
def due(request: Request, visitor: Reader, key: str, code: str) -> Response:
    """One due with its history, and the form that changes it."""
    del visitor
    return _due(request, key, code)


@router.post("/due/{key}/{code}")
def change_due(request: Request, visitor: Decider, form: Form, key: str, code: str) -> Response:
    """Change one due; a secretary's change, and any after the cutoff, waits for a lead."""
    try:
        said = _change_due(request, visitor, form, key, code)
    except Changed as changed:
        return _due(request, key, code, given=form, since=changed.since, status=409)
    except Refused as refused:
        return _due(request, key, code, str(refused), given=form, status=422)
    return RedirectResponse(f"/due/{key}/{code}?done={said}", 303)


@router.post("/period/{key}")
def change_period(request: Request, visitor: Decider, form: Form, key: str) -> Response:
    """Skip or move one period for everybody; a secretary's change, and any after the cutoff, waits for a lead."""
    year = field_of(form, "year", 4)
    try:
        done = _change_period(request, visitor, form, key)
    except Changed as changed:
        return _periods(request, year, key, given=form, since=changed.since, status=409)
    except Refused as refused:
        return _periods(request, year, key, given=form, said=str(refused), status=422)
    return RedirectResponse(f"/periods?{urlencode({'year': year, 'done': done})}", 303)


def _change_period(request: Request, visitor: Visitor, form: FormData, key: str) -> str:
    console = console_of(request)
    skip = field_of(form, "action") == "skip"
    reason = field_of(form, "reason")
    due_at = None if skip else moment(field_of(form, "due_at"), console.desk.calendar.rules.timezone)
    if not reason:
        raise Refused("reason")
    if not (skip or due_at):
        raise Refused("until")
    with console.deciding(visitor.account) as desk:
        try:
            if not visitor.may("dues"):
                raise NeedsSecond("lead")  # noqa: TRY301 - the same way as when the rules ask for it
            unchanged = unchanged_since(seen_of(form), lambda _q: [f"period:{key}"])
            due_changes.change_period(
                desk, key, skip=skip, due_at=due_at, reason=reason, second=None, unchanged=unchanged
            )
        except NeedsSecond:
            proposing.propose_period(desk, key, reason, skip=skip, due_at=due_at)
            return "proposed"
    return "done"


def _change_due(request: Request, visitor: Visitor, form: FormData, key: str, code: str) -> str:
    console = console_of(request)
    what, reason = field_of(form, "action"), field_of(form, "reason")
    until = moment(field_of(form, "until"), console.desk.calendar.rules.timezone) if what == "extend" else None
    if what not in CHANGES or not reason:
        raise Refused("reason")
    if what == "extend" and until is None:
        raise Refused("until")
    change = DueChange(what, reason, None, until, field_of(form, "paper_number", 100))
    with console.deciding(visitor.account) as desk:
        try:
            if not visitor.may("dues") and what != "paper":
                raise NeedsSecond("lead")  # noqa: TRY301 - the same way as when the rules ask for it
            unchanged = unchanged_since(seen_of(form), lambda _q: [f"due:{key}/{code}"])
            due_changes.change_due(desk, key, code, change, unchanged)
        except NeedsSecond:
            proposing.propose_due(desk, key, code, change)
            return "proposed"
    return "done"


def _due(
    request: Request,
    key: str,
    code: str,
    said: str = "",
    *,
    since: tuple[Entry, ...] = (),
    given: FormData | None = None,
    status: int = 200,
) -> Response:
    console = console_of(request)
    now = console.now()
    with console.ask() as q:
        law = law_of(console.reader, q)
        period = period_of(q, law.calendar, key)
        history = q.due_history(key, code)
        agency = law.roster.latest(code)
        if agency is None:
            raise NotFound(code)
        due_class, _arrived = class_as_of(q, law, period, code, now)
        lacking = not history and q.is_open(key) and law.owes(code, period.type, period)
        taken = q.decisions(f"due:{key}/{code}")
        people = people_of(q)
        seen, waits = last_about(q, [f"due:{key}/{code}"]), proposed(q, f"due:{key}/{code}")
    done = request.query_params.get("done", "")
    return page(
        request,
        "due.html",
        status,
        period=period,
        agency=agency,
        history=history,
        due_class=due_class if history else None,
        lacking=lacking,
        decisions=taken,
        people=people,
        said=said,
        since=since,
        given=given or {},
        seen=seen,
        waits=waits,
        done=done if done in ("done", "proposed") else "",
    )


def _months(rows: list[Period]) -> dict[date, list[Period]]:
    found: dict[date, list[Period]] = {}
    for row in rows:
        day = row.due_day or row.cutoff_day
        found.setdefault(day.replace(day=1), []).append(row)
    return found
