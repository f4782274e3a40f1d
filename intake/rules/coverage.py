"""Which days no report covers, and which two cover: the windows an agency's reports state, one behind the other. Pure.

Rules (plan 121/KH-UBND; windows as stated, whichever day a week begins with):

1. Compared is the window of a report with those of the agency's earlier dues; one that states no window says nothing.
2. No report covers the working days between the last day covered before and the first day of this window: a week that runs from
   Monday to Friday leaves no gap over its weekend.
3. Two cover the days of this window that lie in an earlier one, days off included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 120  # days looked at; a longer gap is an agency that has only begun to report again
Days = tuple[date, date]  # first and last, both inclusive


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is odd about the days a report covers."""

    uncovered: tuple[Days, ...] = ()
    twice: tuple[Days, ...] = ()


def coverage(window: Days, earlier: Sequence[Days], working: Callable[[date], bool]) -> Coverage:
    """The days before this window no report covers, and those of it that were covered already.

    >>> coverage((date(2017, 7, 24), date(2017, 7, 30)), [(date(2017, 7, 14), date(2017, 7, 20))], lambda day: day.weekday() < 5)
    Coverage(uncovered=((datetime.date(2017, 7, 21), datetime.date(2017, 7, 21)),), twice=())
    """
    first, last = window
    if last < first or (last - first).days > LONGEST:
        return Coverage()
    before = [(start, end) for start, end in earlier if start <= end and start <= first]
    if not before:
        return Coverage()
    covered = max(end for _, end in before)
    gap = _each(covered + DAY, first - DAY) if (first - covered).days <= LONGEST else ()
    into = [(start, end) for start, end in before if end >= first]  # most reach into no day of this window
    again = (day for day in _each(first, last) if any(start <= day <= end for start, end in into)) if into else ()
    return Coverage(_spans(day for day in gap if working(day)), _spans(again))


def _each(first: date, last: date) -> Iterable[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def _spans(days: Iterable[date]) -> tuple[Days, ...]:
    """Days in a row as one span."""
    spans: list[Days] = []
    for day in days:
        if spans and spans[-1][1] + DAY == day:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return tuple(spans)
