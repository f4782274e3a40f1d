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
    q: Queries, law: Law, report_type: ReportType, period: Period, as_of: datetime | None
) -> dict[str, Coverage]:
    """Agency → what is odd about the days its report of this period covers; others are left out. ``as_of`` None: all there is."""
    earlier: dict[str, list[Days]] = defaultdict(list)
    for past in recent_periods(q, law, report_type, period.due_at):
        if past.key != period.key and past.due_at < period.due_at:
            for agency, window in _windows(q, past.key, as_of).items():
                earlier[agency].append(window)
    found = {
        agency: coverage(window, earlier[agency], law.calendar.working_day)
        for agency, window in _windows(q, period.key, as_of).items()
    }
    return {agency: one for agency, one in found.items() if one.uncovered or one.twice}


def _windows(q: Queries, key: str, as_of: datetime | None) -> dict[str, Days]:
    """The window each agency's latest acceptable report of a period states, by order of receipt."""
    counted = [
        (s, v)
        for s, v in (q.verdicts(key, as_of=as_of) if as_of else q.verdicts(key))
        if v.acceptable and not v.duplicate_of
    ]
    return {
        verdict.agency: (submission.window_from, submission.window_to)
        for submission, verdict in sorted(counted, key=lambda pair: (pair[1].received_at, pair[0].id))
        if submission.window_from and submission.window_to
    }
