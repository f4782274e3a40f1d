"""The days of a period's reports held against those of the periods before: what no report covers, and what two cover."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from intake.book import Law
from intake.owing import recent_periods
from intake.rules.coverage import Coverage, Days, coverage
from intake.rules.values import Period, ReportType
from storage.queries import Queries


def covered_days(
    q: Queries,
    law: Law,
    report_type: ReportType,
    period: Period,
    as_of: datetime | None,
    received_by: datetime | None = None,
) -> dict[str, Coverage]:
    """Agency → what is odd about the days its report of this period covers; others are left out. ``as_of`` None: all there is."""
    earlier: dict[str, list[Days]] = defaultdict(list)
    past = [one.key for one in recent_periods(q, law, report_type, period.due_at) if _before(one, period)]
    windows = q.windows([*past, period.key], as_of, received_by)
    for key in past:
        for agency, window in windows[key].items():
            earlier[agency].append(window)
    found = {
        agency: coverage(window, earlier[agency], law.calendar.working_day)
        for agency, window in windows[period.key].items()
    }
    return {agency: one for agency, one in found.items() if one.uncovered or one.twice}


def _before(one: Period, period: Period) -> bool:
    return one.key != period.key and one.due_at < period.due_at
