"""Every cutoff of a year with its reason, as the calendar and the changes people made have it."""

from __future__ import annotations

from datetime import date

from intake.board import period_of
from intake.desk import Desk
from intake.rules.values import Period
from storage.queries import Queries


def cutoffs(desk: Desk, q: Queries, year: int) -> list[Period]:
    """The periods whose cutoff day lies in the year, in order of due moment, skipped ones included."""
    calendar = desk.calendar_of(q)
    found = [
        period_of(q, calendar, period.key)
        for report_type in calendar.types
        for period in calendar.periods(report_type.type, date(year, 1, 1), date(year, 12, 31))
    ]
    return sorted(found, key=lambda period: (period.due_at, period.key))
