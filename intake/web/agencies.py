"""What the page of one agency shows: its periods, its timeliness, its figures over time, its addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from intake.asking import NotFound
from intake.board import period_of
from intake.desk import Desk
from intake.people import with_decisions
from intake.rules.calendar import Calendar
from intake.rules.values import Agency
from intake.waiting import waiting_over
from intake.web.standing import Standing
from storage.queries import Queries
from storage.records import Json, Letter, Mail, PeriodRow, Verdict

RECENT = 26  # periods of each type
AHEAD = timedelta(days=366)  # how far ahead a period is looked for; none is open longer before its cutoff
FIGURES = 12  # of them with figures


@dataclass(frozen=True, slots=True)
class Row:
    """One period of the agency."""

    period: PeriodRow
    due_class: str
    verdict: Verdict | None
    mail_id: int | None
    waiting: tuple[Mail, ...] = ()  # where it seems missing: the agency's mails that wait and may be the report

    @property
    def missed(self) -> bool:
        """Whether nothing came, and no mail that waits may be it."""
        return self.due_class == "missing" and not self.waiting

    @property
    def against(self) -> int | None:
        """Seconds after the due moment of the latest submission, negative before."""
        if self.verdict is None or self.verdict.due_at is None:
            return None
        return int((self.verdict.received_at - self.verdict.due_at).total_seconds())


@dataclass(frozen=True, slots=True)
class TypeView:
    """One report type the agency owes."""

    type: str
    rows: tuple[Row, ...]  # oldest first
    on_time: int
    expected: int
    streak: int  # periods on time in a row up to the last
    missing_streak: int
    figures: tuple[tuple[str, tuple[object, ...]], ...]  # label, value of each of the last periods
    figure_periods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgencyView:
    """One agency, whole."""

    agency: Agency
    history: tuple[Agency, ...]  # its rows of the roster
    types: tuple[TypeView, ...]
    returned: tuple[Letter, ...]


def agency_view(desk: Desk, q: Queries, standing: Standing, code: str, now: datetime) -> AgencyView:
    """Everything of one agency. Raises ``NotFound``."""
    roster = desk.roster(q)
    agency = roster.latest(code)
    if agency is None:
        raise NotFound(code)
    rows = tuple(row for row in roster.agencies if row.code == code)
    types = [t.type for t in desk.calendar.types]
    views = tuple(view for t in types if (view := _type(desk, q, standing, code, t, now)).rows)
    return AgencyView(agency, rows, views, q.returned_letters(code, 20))


def _type(desk: Desk, q: Queries, standing: Standing, code: str, report_type: str, now: datetime) -> TypeView:
    periods = q.recent_periods(report_type, now + AHEAD, RECENT)
    classes = standing.of(desk, q, {(p.key, code) for p in periods}, now)
    words = q.words_of_agency(code, [p.key for p in periods])
    waiting = _waiting(
        q, desk.calendar_of(q), code, [p.key for p in periods if classes.get((p.key, code)) == "missing"], now
    )
    rows = []
    for period in periods:
        verdict, mail_id = words.get(period.key, (None, None))
        if due_class := classes.get((period.key, code), ""):
            rows.append(Row(period, due_class, verdict, mail_id, waiting.get(period.key, ())))
    counted = [row for row in rows if row.due_class not in ("waived", "not_applicable", "not_yet_due")]
    labels, keys = _figures(desk, q, report_type, rows)
    return TypeView(
        report_type,
        tuple(rows),
        sum(row.due_class == "on_time" for row in counted),
        len(counted),
        run([row.due_class == "on_time" for row in counted]),
        run([row.missed for row in counted]),
        labels,
        keys,
    )


def _waiting(
    q: Queries, calendar: Calendar, code: str, missing: list[str], now: datetime
) -> dict[str, tuple[Mail, ...]]:
    """Period → the agency's mails that wait and may be its report, of those in which it seems silent."""
    periods = [period_of(q, calendar, key) for key in missing]
    return {key: mails.get(code, ()) for key, mails in waiting_over(q, calendar, periods, now).items()}


def run(wanted: Sequence[bool]) -> int:
    """How many in a row up to the last."""
    return next((n for n, one in enumerate(reversed(wanted)) if not one), len(wanted))


def _figures(
    desk: Desk, q: Queries, report_type: str, rows: list[Row]
) -> tuple[tuple[tuple[str, tuple[object, ...]], ...], tuple[str, ...]]:
    """Core figures of the last periods, those of reports that count."""
    form = desk.form(report_type)
    shown = [row for row in rows if row.verdict and row.verdict.acceptable][-FIGURES:]
    if form is None or not shown:
        return (), ()
    reports = q.stated_in([row.verdict.submission_id for row in shown if row.verdict])
    read = [reports.get(row.verdict.submission_id) if row.verdict else None for row in shown]
    contents: list[Mapping[str, Json]] = [
        with_decisions(*found).get("figures") or {} if found else {} for found in read
    ]
    lines = [line for line in form.figures if line.core or line.on_form]
    found = []
    for line in lines:
        values = tuple((content.get(line.key) or {}).get("value") for content in contents)
        if any(value is not None for value in values):
            found.append((line.label, values))
    return tuple(found), tuple(row.period.key for row in shown)
