"""[calendar], [[report]] and [[period]] of config.toml as the values the rules speak in.

The holiday table of the ``holidays`` package only seeds the calendar: future years are guesses and swapped days are missing, so
``days_off`` and ``days_worked`` win over it.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from functools import cache

from intake import config_values as read
from intake.config_table import Table
from intake.rules.calendar import Calendar
from intake.rules.values import CalendarRules, Every, Holiday, PeriodOverride, ReportType
from intake.starter import starter

COUNTRY = "VN"
SEED_BEFORE, SEED_AFTER = 1, 15  # years around calendar.start whose holidays are looked up

_EVERY: tuple[Every, ...] = ("week", "month", "quarter", "half", "year", "once")
_HOLIDAY: tuple[Holiday, ...] = ("next", "previous", "fixed", "skip")
_CURE: time | None = time(17, 0)
_NO_DAYS: tuple[date, ...] = ()
_NO_WORDS: tuple[str, ...] = ()
_LATE_DAYS: dict[Every, int] = {"week": 3, "month": 10, "quarter": 20, "half": 20, "year": 20, "once": 3}
# what the plan says of each type; other types state both themselves
_USUAL: dict[str, tuple[Every, str, str]] = {  # every, due, form
    "weekly": ("week", "FRI 10:00", "weekly"),
    "monthly": ("month", "last FRI 10:00", "monthly"),
    "quarterly": ("quarter", "before day 20", ""),
}
_UNUSUAL: tuple[Every, str, str] = ("once", "", "")


def read_reports(top: Table) -> tuple[tuple[ReportType, ...], frozenset[str]]:
    """The report types, and which of them also come on paper. Without any [[report]]: those of the packaged starter."""
    if "report" not in top:
        top = Table("", {"report": tomllib.loads(starter(date.min)["config.toml"])["report"]}, top.problems)
    tables = top.tables("report")
    reports: list[ReportType] = []
    paper: set[str] = set()
    for table in tables:
        report = _report(table)
        if report.type in {other.type for other in reports}:
            table.problem("type", f"expected each type once, {report.type!r} stands twice")
            continue
        reports.append(report)
        if table.take("paper", read.flag, default=False):
            paper.add(report.type)
        table.done()
    if not tables:
        top.problem("report", "expected at least one [[report]]")
    return tuple(reports), frozenset(paper)


def _report(table: Table) -> ReportType:
    kind = table.need("type", read.name, "", "a name such as weekly")
    every, due, form = _USUAL.get(kind, _UNUSUAL)
    rhythm = read.one_of(*_EVERY)
    if kind in _USUAL:
        every = table.take("every", rhythm, every)
    else:
        every = table.need("every", rhythm, every, f"one of {', '.join(_EVERY)}")
    if not due or "due" in table:
        due = table.need("due", read.due(every), due, "when it is due")
    return ReportType(
        type=kind,
        every=every,
        form=table.take("form", lambda value: read.name(value) if value != "" else "", form),
        due=due,
        cure_until=table.take("cure_until", read.cure, _CURE),
        late_days=table.take("late_days", read.whole(0, 366), _LATE_DAYS[every]),
        holiday=table.take("holiday", read.one_of(*_HOLIDAY), "previous" if due.lower().startswith("before") else None),
        basis=table.take("basis", read.text, ""),
        key=table.take("key", read.name, kind) if every == "once" else "",
        title=table.take("title", read.text, ""),
        words=table.take("words", read.several(read.words), _NO_WORDS),
    )


def read_calendar(top: Table, reports: Sequence[ReportType]) -> CalendarRules:
    """[calendar] with the holidays seeded, and the [[period]] tables that change single periods."""
    table = top.table("calendar")
    start = table.need("start", read.day, date.min, "the first day answered for, such as 2017-07-17")
    zone = table.take("timezone", read.timezone, "Asia/Ho_Chi_Minh")
    off = frozenset(table.take("days_off", read.several(read.day), _NO_DAYS))
    worked = frozenset(table.take("days_worked", read.several(read.day), _NO_DAYS))
    if off & worked:
        days = ", ".join(sorted(map(str, off & worked)))
        table.problem("days_worked", f"expected each day once, {days} also stands in days_off")
    rules = CalendarRules(
        start=start,
        timezone=zone,
        at_cutoff=table.take("at_cutoff", read.one_of("on_time", "late"), "on_time"),
        grace_seconds=table.take("grace_seconds", read.whole(0, 86_400), 0),
        holiday=table.take("holiday", read.one_of(*_HOLIDAY), "next"),
        month_friday=table.take("month_friday", read.one_of("last", "week_of_last_day"), "last"),
        holidays=_holidays(start),
        days_off=off,
        days_worked=worked,
    )
    table.done()
    return replace(rules, overrides=_overrides(top, reports, rules))


@cache
def _holidays(start: date) -> frozenset[date]:
    """Public holidays of the years around; computed once for each start: a fifth of what a short command costs."""
    if start == date.min:
        return frozenset()  # the mistake is noted already
    import holidays  # noqa: PLC0415 - 0.2 s that --help need not pay

    years = range(start.year - SEED_BEFORE, start.year + SEED_AFTER + 1)
    found = frozenset(holidays.country_holidays(COUNTRY, years=years))
    for name in [name for name in sys.modules if name.partition(".")[0] == "holidays"]:
        del sys.modules[name]  # it loads every country of the world: 11 MB that nobody needs again
    return found


def _overrides(top: Table, reports: Sequence[ReportType], rules: CalendarRules) -> tuple[PeriodOverride, ...]:
    tables = top.tables("period")
    calendar = None if top.problems else Calendar(reports, rules)  # mended first: a wrong due names no period
    overrides: dict[str, PeriodOverride] = {}
    for table in tables:
        override = _override(table, rules.timezone)
        if override.key in overrides:
            table.problem("key", "expected each period once, it stands twice")
        if calendar and override.key and calendar.period(override.key) is None:
            table.problem(
                "key", "expected a period of the [[report]] types such as weekly:2017-07-21 or monthly:2017-07"
            )
        overrides[override.key] = override
    return tuple(overrides.values())


def _override(table: Table, zone: str) -> PeriodOverride:
    override = PeriodOverride(
        key=table.need("key", read.words, "", "a period such as weekly:2017-07-21"),
        skip=table.take("skip", read.flag, default=False),
        due_at=table.take("due_at", read.moment(zone), None),
        reason=table.need("reason", read.words, "", "why, for the log and the letters"),
    )
    if override.skip == ("due_at" in table):
        table.problem("", "expected either skip = true or due_at")
    table.done()
    return override
