"""The words a report type is configured with (``due``, ``cure_until``, reminders), as values; and the spans they fall in.

Rules:

1. Weeks: ``FRI 10:00``. Months, quarters, halves, years, in the period's last month: ``last FRI 10:00`` (both forms: "thứ
   Sáu tuần cuối cùng của tháng"), ``day 20 10:00``, ``before day 20`` (23:59:59 of the day before; quarterly reports
   "trước ngày 20"). Once: ``2017-10-05 17:00``, or ``2017-10-05`` (no hour = end of day).
2. Labels of spans: ``2017-07``, ``2017-Q3``, ``2017-H2``, ``2017``; a week is labelled by its cutoff day before any move.
3. Words that are not understood are a ``ValueError`` saying what is expected; a day the month lacks is its last day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from intake.rules.values import Every

END_OF_DAY = time(23, 59, 59)
DAY = timedelta(days=1)
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_CLOCK = r"(\d{1,2}:\d{2}(?::\d{2})?)"
_WEEKLY = re.compile(rf"([A-Z]{{3}})\s+{_CLOCK}")
_LAST = re.compile(rf"LAST\s+([A-Z]{{3}})\s+{_CLOCK}")
_DAY = re.compile(rf"DAY\s+(\d{{1,2}})\s+{_CLOCK}")
_BEFORE = re.compile(r"BEFORE\s+DAY\s+(\d{1,2})")
_ONCE = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})(?:[\sT]+{_CLOCK})?")
_REMINDER = re.compile(rf"D(?:-(\d))?\s+{_CLOCK}")
_EXPECTED = {
    "week": '"FRI 10:00"',
    "month": '"last FRI 10:00", "day 20 10:00" or "before day 20"',
    "quarter": '"before day 20", "day 20 10:00" or "last FRI 10:00"',
    "half": '"before day 20", "day 20 10:00" or "last FRI 10:00"',
    "year": '"before day 20", "day 20 10:00" or "last FRI 10:00"',
    "once": '"2017-10-05 17:00" or "2017-10-05"',
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A ``due`` expression understood."""

    kind: Literal["weekday", "last", "day", "before", "once"]
    clock: time  # local
    weekday: int = 0  # 0 = Monday; kinds weekday and last
    day: int = 0  # of the month; kinds day and before
    once: date | None = None

    @property
    def whole_day(self) -> bool:
        """Whether the last second of the day belongs to it, so that ``at_cutoff`` has nothing to say."""
        return self.kind == "before" or (self.kind == "once" and self.clock == END_OF_DAY)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of whole months: the data window of a report that is not weekly."""

    label: str  # "2017-07", "2017-Q3", "2017-H2", "2017"
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ReminderSpec:
    """When to remind, relative to the due day after any move."""

    days: int  # working days before the due day
    clock: time


def parse_due(text: str, every: Every) -> Schedule:
    """Understand a ``due`` expression of a report of that rhythm. Raises ``ValueError`` saying what is expected."""
    if every not in _EXPECTED:
        raise ValueError(f'every = "{every}": expected one of {", ".join(_EXPECTED)}')
    words = text.strip().upper()
    schedule = (
        _parse_once(words) if every == "once" else _parse_weekly(words) if every == "week" else _parse_monthly(words)
    )
    if schedule is None:
        raise ValueError(f'due = "{text}": for every = "{every}" expected {_EXPECTED[every]}')
    return schedule


def _parse_weekly(words: str) -> Schedule | None:
    match = _WEEKLY.fullmatch(words)
    if not match or match[1] not in _WEEKDAYS:
        return None
    return Schedule("weekday", parse_clock(match[2]), weekday=_WEEKDAYS.index(match[1]))


def _parse_monthly(words: str) -> Schedule | None:
    if (match := _LAST.fullmatch(words)) and match[1] in _WEEKDAYS:
        return Schedule("last", parse_clock(match[2]), weekday=_WEEKDAYS.index(match[1]))
    if match := _DAY.fullmatch(words):
        return Schedule("day", parse_clock(match[2]), day=_day_of_month(match[1]))
    if match := _BEFORE.fullmatch(words):
        return Schedule("before", END_OF_DAY, day=_day_of_month(match[1]))
    return None


def _parse_once(words: str) -> Schedule | None:
    match = _ONCE.fullmatch(words)
    if not match:
        return None
    try:
        day = date.fromisoformat(match[1])
    except ValueError:
        raise ValueError(f'"{match[1]}" is not a day of the calendar') from None
    return Schedule("once", parse_clock(match[2]) if match[2] else END_OF_DAY, once=day)


def _day_of_month(text: str) -> int:
    day = int(text)
    if not 1 <= day <= 31:
        raise ValueError(f"day {day}: expected 1 to 31")
    return day


def parse_clock(text: str) -> time:
    """A time of day: "10:00" or "10:00:30". Raises ``ValueError``."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text.strip())
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (24, 0, 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f'"{text}" is not a time of day; expected HH:MM, 00:00 to 23:59')
    return time(hour, minute, second)


def parse_cure(text: str) -> time | None:
    """The end of the cure window on the next working day; "" = off. Raises ``ValueError``."""
    return parse_clock(text) if text.strip() else None


def parse_reminder(text: str) -> ReminderSpec:
    """A reminder: "D-1 14:00" (working day before) or "D 08:00". Raises ``ValueError``."""
    match = _REMINDER.fullmatch(text.strip().upper())
    if not match:
        raise ValueError(f'"{text}" is not a reminder; expected "D-1 14:00" or "D 08:00"')
    return ReminderSpec(int(match[1] or 0), parse_clock(match[2]))


# ---- spans of months and the cutoff day in them ----------------------------------------------------------------------
def spans(every: Every, first: date, last: date) -> tuple[Span, ...]:
    """The spans that hold any day of first..last, in order."""
    size = _MONTHS[every]
    indexes = range(_month_index(first) // size, _month_index(last) // size + 1)
    return tuple(_span(every, index) for index in indexes)


def span_of_label(every: Every, label: str) -> Span | None:
    """The span of that label, None when it is not one of this rhythm."""
    pattern = {
        "month": r"(\d{4})-(\d{2})",
        "quarter": r"(\d{4})-Q([1-4])",
        "half": r"(\d{4})-H([12])",
        "year": r"(\d{4})()",
    }
    match = re.fullmatch(pattern[every], label)
    if not match or not 1 <= (number := int(match[2] or 1)) <= 12 or not 1 <= int(match[1]) < 9999:
        return None
    return _span(every, int(match[1]) * 12 // _MONTHS[every] + number - 1)


def _month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _span(every: Every, index: int) -> Span:
    size = _MONTHS[every]
    year, month = divmod(index * size, 12)
    first = date(year, month + 1, 1)
    end_month = month + size
    last = date(year, end_month, monthrange(year, end_month)[1])
    number = month // size + 1
    label = {"month": f"{year:04d}-{number:02d}", "quarter": f"{year:04d}-Q{number}", "half": f"{year:04d}-H{number}"}
    return Span(label.get(every, f"{year:04d}"), first, last)


def cutoff_day(schedule: Schedule, span: Span, *, week_of_last_day: bool) -> date:
    """The day a span is due, before any move. ``week_of_last_day``: the weekday of the Monday–Sunday week of its last day."""
    if schedule.kind == "last":
        back = (span.last.weekday() - schedule.weekday) % 7
        if week_of_last_day:
            back = span.last.weekday() - schedule.weekday
        return span.last - back * DAY
    day = span.last.replace(day=min(schedule.day, span.last.day))
    return day - DAY if schedule.kind == "before" else day
