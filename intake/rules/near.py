"""Which period comes next, which came before, and who stands at the top: small questions asked of calendar and roster together."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from intake.rules.calendar import Calendar
from intake.rules.roster import Roster
from intake.rules.values import Period

_LOOK = timedelta(days=400)  # a yearly report's neighbours lie this far


def midnight(calendar: Calendar, day: date) -> datetime:
    """The moment a day begins in the office's time zone, in UTC; the first day there is stays in range."""
    return calendar.moment(max(day, date.min + timedelta(days=2)), time(0, 0))


def coming(calendar: Calendar, report_type: str, after: datetime) -> Period | None:
    """The next period of a type whose due moment is not before ``after``; None when there is none within a year."""
    day = calendar.day(after)
    found = calendar.periods(report_type, day - timedelta(days=31), day + _LOOK)
    return next((p for p in sorted(found, key=lambda p: p.due_at) if not p.skipped and p.due_at >= after), None)


def before(calendar: Calendar, period: Period) -> Period | None:
    """The period of the same type before this one, skipped ones passed over; None when the calendar begins with it."""
    earlier = calendar.periods(period.type, period.cutoff_day - _LOOK, period.cutoff_day - timedelta(days=1))
    return next((p for p in reversed(earlier) if not p.skipped), None)


def top_level(roster: Roster, code: str, day: date) -> bool:
    """Whether an agency reports to nobody of the roster: only these are summed, for theirs hold their subordinates' figures."""
    row = roster.row(code, day)
    return row is not None and roster.get(row.reports_to, day) is None
