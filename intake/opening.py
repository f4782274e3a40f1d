"""Periods opened, and which of them may still owe something: their common cutoff, and single dues moved on their own.

Rules:

1. A period opens with the first day of its data window, what is asked for once ``AHEAD`` of its cutoff; its dues are frozen then,
   with what people decided of them before.
2. It stays live until the notices and the digest of its present due moment are written and every due moved on its own was looked at.
3. What is due at the same moment stands together, in the order the report types are configured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from intake import steps
from intake.board import dues_of, period_of
from intake.book import Law, due_of_row, law_of
from intake.correcting import Cause
from intake.desk import Desk
from intake.foreseen import foreseen
from intake.rejudging import judge_and_tell
from intake.rules import near
from intake.rules.values import DueState, Period
from storage.queries import Queries
from storage.records import DueRow, PeriodRow, Step

AHEAD = timedelta(days=40)  # how far ahead periods are looked at, and what is asked for once is open
OWING = ("required", "extended")  # statuses of a due for which something must come


@dataclass(slots=True)
class Together:
    """Everything due at one moment."""

    due_at: datetime
    periods: list[Period] = field(default_factory=list)  # those whose common cutoff it is
    dues: list[tuple[Period, DueState]] = field(default_factory=list)  # single dues moved there on their own


def live_periods(desk: Desk, now: datetime, opened: list[str]) -> list[Period]:
    """Freeze every period that opens by now (noted in ``opened``); all periods that may still owe something, by due moment."""
    with desk.ledger.read() as q:
        law = law_of(desk, q)
        digested = q.finished_periods("digest") & q.finished_periods("missing")
        changed = {row.key for row in q.period_changes()} | q.extended_periods()
        changed |= {_period_of_target(decision.target) for decision in q.reopened()}
        finished = (digested - changed) | {key for key in changed if _settled(q, law, key)}
        known = {row.key for row in q.periods()}
    live: list[Period] = []
    for report_type in law.calendar.types:
        last = law.calendar.day(now + AHEAD)
        for period in law.calendar.periods(report_type.type, law.calendar.rules.start, last):
            if period.key in finished:
                continue
            if period.key not in known:
                if desk.stopping() or opens_at(law, period) > now:
                    continue
                if _freeze(desk, now, law, period):
                    opened.append(period.key)
            live.append(period)
    with desk.ledger.read() as q:
        return sorted((period_of(q, law.calendar, p.key) for p in live), key=lambda p: (p.due_at, p.key))


def _settled(q: Queries, law: Law, key: str) -> bool:
    """Whether a period somebody changed owes nothing more as it stands now."""
    found = law.calendar.period(key)
    if found is None:
        return True
    period = period_of(q, law.calendar, key)
    done = {step.step for step in q.steps(period.type, key)}
    if period.skipped:
        return "opened" in done
    own = [steps.of_period(q, period, name) for name in ("digest", "missing")]
    own += [steps.of_due(due, "missing") for due in moved_dues(q, law, period)]
    own += [step for _, step in reopened_dues(q, law, period)]
    return done.issuperset(own)


def opens_at(law: Law, period: Period) -> datetime:
    """When a period opens, in the office's time zone."""
    kind = law.calendar.report_type(period.type)
    asked_once = kind is not None and kind.every == "once"
    return near.midnight(law.calendar, period.cutoff_day - AHEAD if asked_once else period.window_from)


def _freeze(desk: Desk, now: datetime, law: Law, period: Period) -> bool:
    row = PeriodRow(
        period.key,
        period.type,
        period.window_from,
        period.window_to,
        period.due_original,
        period.due_at,
        period.due_why,
        period.skipped,
        law.calendar.version,
        law.roster_for(period).version,
    )
    codes = () if period.skipped else law.roster_for(period).expected(period)
    plain = [new_due(desk, period, code) for code in codes]
    with desk.write(now) as tx:
        new = tx.add_step(Step(period.type, period.key, "opened", now))
        if new:
            dues = foreseen(tx, period, plain)
            tx.open_period(row, dues)
            early = {(due.agency, due.type) for due, was in zip(dues, plain, strict=True) if due != was}
            judge_and_tell(desk, tx, early, now, Cause("decision"))
    return new


def new_due(desk: Desk, period: Period, agency: str) -> DueRow:
    """The due of an agency as a period opens with it."""
    report_type = desk.report_type(period.type)
    monthly = report_type and report_type.every == "month"
    paper = "awaited" if monthly and desk.settings.paper_expected(period.type) else "not_required"
    moved = (period.due_at, period.due_original, period.due_why)
    return DueRow(period.key, period.type, agency, "required", *moved, paper=paper)


def common_dues(q: Queries, law: Law, period: Period) -> list[DueState]:
    """The dues that still owe something at the period's own moment, in protocol order."""
    return [
        due for due in dues_of(q, law.roster_for(period), period) if due.status in OWING and due.due_at == period.due_at
    ]


def moved_dues(q: Queries, law: Law, period: Period) -> list[DueState]:
    """The dues that owe something at a moment of their own, in protocol order."""
    moved = [row for row in q.moved_dues().get(period.key, ()) if row.status in OWING and row.due_at != period.due_at]
    order = {code: n for n, code in enumerate(law.roster_for(period).codes)} if moved else {}
    return [due_of_row(row) for row in sorted(moved, key=lambda row: (order.get(row.agency, len(order)), row.agency))]


def reopened_dues(q: Queries, law: Law, period: Period) -> list[tuple[DueState, str]]:
    """Dues opened again after the notices of their period went, each with the name of the step that tells its agency."""
    since = [decision for decision in q.reopened() if _period_of_target(decision.target) == period.key]
    told = q.step(period.type, period.key, steps.of_period(q, period, "missing")) if since else None
    if told is None:
        return []
    again = {
        _agency_of_target(decision.target): decision.seq for decision in since if decision.at and decision.at > told.at
    }
    if not again:
        return []
    return [
        (due, steps.of_reopened(due, again[due.agency])) for due in common_dues(q, law, period) if due.agency in again
    ]


def _period_of_target(target: str) -> str:
    return target.removeprefix("due:").rpartition("/")[0]


def _agency_of_target(target: str) -> str:
    return target.rpartition("/")[2]


def due_together(q: Queries, law: Law, periods: Sequence[Period]) -> list[Together]:
    """What is due at each moment, earliest first; periods skipped for everybody are left out."""
    found: dict[datetime, Together] = {}
    for period in in_order(law, periods):
        if not period.skipped:
            found.setdefault(period.due_at, Together(period.due_at)).periods.append(period)
            for due in moved_dues(q, law, period):
                found.setdefault(due.due_at, Together(due.due_at)).dues.append((period, due))
    return sorted(found.values(), key=lambda together: together.due_at)


def in_order(law: Law, periods: Sequence[Period]) -> list[Period]:
    """Periods as letters list them: by the order of the configured report types, then by key."""
    return sorted(periods, key=lambda period: _place(law, period))


def _place(law: Law, period: Period) -> tuple[int, str]:
    return [report_type.type for report_type in law.calendar.types].index(period.type), period.key


def by_agency(law: Law, owed: Sequence[tuple[Period, DueState]]) -> dict[str, list[tuple[Period, DueState]]]:
    """What each agency owes, its items as letters list them."""
    found: dict[str, list[tuple[Period, DueState]]] = defaultdict(list)
    for period, due in owed:
        found[due.agency].append((period, due))
    return {agency: sorted(items, key=lambda item: _place(law, item[0])) for agency, items in found.items()}
