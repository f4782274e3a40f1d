"""What an agency still owes: of the periods already closed, and how many in a row it has missed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime

from intake.board import due_class, period_of
from intake.book import Law, due_state
from intake.desk import Desk
from intake.rules.values import Agency, DueState, Period, ReportType
from notifier.facts import OwedFact
from storage.queries import Queries

WEEKS_BACK = 8  # periods looked at for what an agency still owes and how long it has been silent


def owed_fact(
    desk: Desk, period: Period, due: DueState | None = None, at: datetime | None = None, *, incomplete: bool = False
) -> OwedFact:
    """One report an agency is asked for; ``incomplete``: one came and does not meet what is asked."""
    report_type = desk.report_type(period.type)
    due_at = due.due_at if due else period.due_at
    return OwedFact(
        period.type,
        period.key,
        period.window_from,
        period.window_to,
        due_at,
        period.due_original,
        (due.due_why if due else None) or period.due_why,
        paper=bool(due and due.paper == "awaited"),
        basis=report_type.basis if report_type else "",
        overdue=bool(at and due_at < at),
        incomplete=incomplete,
    )


def owed(desk: Desk, q: Queries, law: Law, agency: Agency, at: datetime) -> tuple[OwedFact, ...]:
    """What the agency still owes of the periods already closed, newest last, looking back over the recent ones."""
    found = []
    for report_type in desk.calendar.types:
        for period in recent_periods(q, law, report_type, at):
            due = due_state(q, period.key, agency.code)
            if not law.owes(agency.code, report_type.type, period) or (due or period).due_at > at:
                continue
            came = due_class(q, law, period, agency.code, at)
            if came in ("missing", "incomplete"):
                found.append(owed_fact(desk, period, due, at, incomplete=came == "incomplete"))
    return tuple(sorted(found, key=lambda o: str(o.due_at)))


def recent_periods(q: Queries, law: Law, report_type: ReportType, at: datetime) -> list[Period]:
    """The latest opened periods of a type, oldest first, as the ledger froze them."""
    rows = [row for row in q.periods(report_type.type, until=at) if not row.skipped]
    keys = [row.key for row in sorted(rows, key=lambda row: row.due_at)[-WEEKS_BACK:]]
    return [period_of(q, law.calendar, key) for key in keys]


def streak(
    q: Queries,
    law: Law,
    agency: str,
    period: Period,
    periods: Iterable[Period],
    at: datetime,
    waiting: Mapping[str, Container[str]],
) -> tuple[int, tuple[str, ...]]:
    """How many periods in a row up to this one are missing, and the keys of all earlier missing ones.

    A due extended to a moment still ahead is not missing and breaks no row. ``waiting``: period → agencies of which a mail may be
    the report and waits at the office; an earlier one of theirs is not missing.
    """
    count, earlier, unbroken = 0, [], True
    ordered = sorted(periods, key=lambda p: p.due_at, reverse=True)
    for past in ordered:
        doubted = {} if past.key == period.key else waiting
        missing = _missed(q, law, agency, past, at, doubted) if past.due_at <= period.due_at else None
        if missing is None:
            continue
        unbroken = unbroken and missing
        count += unbroken
        if missing and past.key != period.key:
            earlier.append(past.key)
    if (
        unbroken and len(ordered) >= WEEKS_BACK
    ):  # the row began before the recent ones: a number told is the whole number
        count += _missed_before(q, law, agency, ordered[-1], at)
    return count, tuple(reversed(earlier))


def _missed(
    q: Queries, law: Law, agency: str, past: Period, at: datetime, waiting: Mapping[str, Container[str]]
) -> bool | None:
    """Whether a period is missing without a doubt; None for one that says nothing: not owed, or extended to a moment ahead."""
    due = due_state(q, past.key, agency)
    if not law.owes(agency, past.type, past) or (due and due.due_at > at):
        return None
    return due_class(q, law, past, agency, at) == "missing" and agency not in waiting.get(past.key, ())


def _missed_before(q: Queries, law: Law, agency: str, first: Period, at: datetime) -> int:
    """How many periods in a row before this one are missing as well."""
    count = 0
    for row in reversed(q.periods(first.type, until=first.due_at)):
        if row.skipped or row.key == first.key:
            continue
        missing = _missed(q, law, agency, period_of(q, law.calendar, row.key), at, {})
        if missing is False:
            break
        count += bool(missing)
    return count
