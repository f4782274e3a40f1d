"""The calendar: which periods exist, when each is due, and what moved it.

Rules:

1. Keys: ``weekly:2017-07-21`` (its cutoff day before any move), ``monthly:2017-07``, ``quarterly:2017-Q3``, ``half:2017-H2``,
   ``yearly:2017``; ad hoc, its own name. A monthly slot stays tied to the reported month even if its due moves into the next.
2. "trước 10 giờ" and "chậm nhất 10 giờ" (plan body and forms): received ≤ due to the second, unless ``at_cutoff = late``;
   ``grace_seconds`` are added. A whole-day due ("trước ngày 20", or a date without an hour) ends with 23:59:59.
3. A due on a day off moves by the type's policy (next, previous, fixed, skip). A moved weekly due with fewer than 3 working
   days strictly between it and the next cutoff day is skipped; the next week carries the days of every skipped one.
4. The office's ``days_off`` and ``days_worked`` win over the holiday table; a period may be skipped or moved for everybody.
5. No period exists for a cutoff before ``calendar.start``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from intake.rules import schedule as words
from intake.rules.schedule import DAY, Schedule, Span
from intake.rules.values import CalendarRules, Holiday, Period, PeriodOverride, ReportType

_REST_BETWEEN = 3  # working days wanted between a moved weekly due and the next cutoff day
_FAR = 366  # days looked ahead for a working day before the calendar is called wrong


class Calendar:
    """Every period of every report type. Immutable; answers are remembered."""

    def __init__(self, types: Sequence[ReportType], rules: CalendarRules) -> None:
        self.types = tuple(types)
        self.rules = rules
        self._zone = ZoneInfo(rules.timezone)
        self._types = {t.type: t for t in self.types}
        self._schedules = {t.type: words.parse_due(t.due, t.every) for t in self.types}
        self._overrides = {o.key: o for o in rules.overrides}
        self._weeks: dict[tuple[str, date], Period] = {}
        self._spans: dict[tuple[str, str], Period] = {}
        self._changed: Calendar | None = None  # the last one made by ``with_overrides``

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change whenever any date could, and not with what a type is called or rests on."""
        rules = self.rules
        types = [replace(kind, basis="", title="", words=()) for kind in self.types]
        days = [sorted(map(str, s)) for s in (rules.holidays, rules.days_off, rules.days_worked)]
        frozen = replace(rules, holidays=frozenset(), days_off=frozenset(), days_worked=frozenset(), overrides=())
        overrides = [self._overrides[key] for key in sorted(self._overrides)]
        return hashlib.sha256(repr((types, frozen, days, overrides)).encode()).hexdigest()[:12]

    def with_overrides(self, overrides: Sequence[PeriodOverride]) -> Calendar:
        """The same calendar with single periods changed; these win over earlier changes of the same period."""
        changed = (*self.rules.overrides, *overrides)
        if self._changed is None or self._changed.rules.overrides != changed:  # asked for again and again: built once
            self._changed = Calendar(self.types, replace(self.rules, overrides=changed))
        return self._changed

    # ---- days and moments --------------------------------------------------------------------------------------------
    def local(self, moment: datetime) -> datetime:
        """The moment in the office's time zone. Raises ``ValueError`` for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a moment without an offset cannot be judged")
        return moment.astimezone(self._zone)

    def day(self, moment: datetime) -> date:
        """The office's day of a moment."""
        return self.local(moment).date()

    def moment(self, day: date, clock: time) -> datetime:
        """The moment (UTC) of a wall-clock time of a day."""
        return datetime.combine(day, clock, tzinfo=self._zone).astimezone(UTC)

    def working_day(self, day: date) -> bool:
        """Whether the office works that day: its own tables first, then weekends and the holiday table."""
        if day in self.rules.days_off:
            return False
        return day in self.rules.days_worked or not (day.weekday() >= 5 or day in self.rules.holidays)

    def next_working_day(self, day: date) -> date:
        """The first working day after that day."""
        return self._step(day, DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day before that day."""
        return self._step(day, -DAY)

    def _step(self, day: date, step: timedelta) -> date:
        for n in range(1, _FAR + 1):
            if self.working_day(day + n * step):
                return day + n * step
        raise ValueError(f"no working day within a year of {day}: check days_off")

    def working_days(self, after: date, until: date) -> int:
        """How many working days lie after the first day, up to and including the second."""
        return sum(self.working_day(after + n * DAY) for n in range(1, (until - after).days + 1))

    # ---- on time? ----------------------------------------------------------------------------------------------------
    def is_on_time(self, received: datetime, due_at: datetime, report_type: str | ReportType) -> bool:
        """Whether a mail received then met the due, to the second."""
        arrived = self.local(received).replace(microsecond=0)
        if self.at_cutoff(report_type) == "late":
            return arrived < due_at + timedelta(seconds=self.rules.grace_seconds)
        return arrived <= due_at + timedelta(seconds=self.rules.grace_seconds)

    def late_seconds(self, received: datetime, due_at: datetime) -> int:
        """Whole seconds after the due, 0 when not after it."""
        return max(0, int((self.local(received).replace(microsecond=0) - due_at).total_seconds()))

    def rule(self, report_type: str | ReportType, clock: str = "internaldate") -> str:
        """The rule applied, as stored and printed with each verdict: "internaldate<=due"."""
        grace = f"+{self.rules.grace_seconds}s" if self.rules.grace_seconds else ""
        return f"{clock}{'<' if self.at_cutoff(report_type) == 'late' else '<='}due{grace}"

    def at_cutoff(self, report_type: str | ReportType) -> Literal["on_time", "late"]:
        """What the second of the cutoff itself counts as; the last second of a whole day always belongs to it."""
        schedule = self._schedules.get(_name(report_type))
        return "on_time" if schedule and schedule.whole_day else self.rules.at_cutoff

    def cure_until(self, report_type: str | ReportType, due_at: datetime) -> datetime | None:
        """The end of the cure window: that hour of the next working day after the due day; None = off."""
        clock = self._types[_name(report_type)].cure_until
        return self.moment(self.next_working_day(self.day(due_at)), clock) if clock else None

    def reminders(self, period: Period, specs: Sequence[str]) -> tuple[tuple[str, datetime], ...]:
        """When to remind, each with its spec, in order of time; relative to the due day after any move."""
        found = []
        for spec in specs:
            wanted = words.parse_reminder(spec)
            day = self.day(period.due_at)
            for _ in range(wanted.days):
                day = self.previous_working_day(day)
            found.append((spec, self.moment(day, wanted.clock)))
        return tuple(sorted(found, key=lambda pair: pair[1]))

    # ---- periods -----------------------------------------------------------------------------------------------------
    def report_type(self, name: str) -> ReportType | None:
        """The report type of that name."""
        return self._types.get(name)

    def periods(self, report_type: str | ReportType, first: date, last: date) -> tuple[Period, ...]:
        """The periods whose cutoff day (before any move) lies in first..last, skipped ones included, in order."""
        name = _name(report_type)
        every, plan = self._types[name].every, self._schedules[name]
        first = max(first, self.rules.start)
        if every == "once":
            found = [self._once(name)]
        elif every == "week":
            start = first + (plan.weekday - first.weekday()) % 7 * DAY
            found = [self._week(name, start + n * 7 * DAY) for n in range((last - start).days // 7 + 1)]
        else:  # a cutoff may lie in the week after its span
            found = (
                [self._span(name, span) for span in words.spans(every, first - 7 * DAY, last)] if first <= last else []
            )
        return tuple(p for p in found if first <= p.cutoff_day <= last)

    def period(self, key: str) -> Period | None:
        """The period of that key; None when there is none, or its cutoff lies before ``calendar.start``."""
        try:
            found = self._by_key(key)
        except OverflowError:  # its days would lie before the first or behind the last day there is
            return None
        return found if found and found.cutoff_day >= self.rules.start else None

    def _by_key(self, key: str) -> Period | None:
        name, _, label = key.partition(":")
        kind = self._types.get(name)
        if kind is None or kind.every == "once":
            owner = next((t.type for t in self.types if t.every == "once" and key == (t.key or t.type)), None)
            return self._once(owner) if owner else None
        if kind.every == "week":
            try:
                day = date.fromisoformat(label)
            except ValueError:
                return None
            return (
                self._week(name, day) if str(day) == label and day.weekday() == self._schedules[name].weekday else None
            )
        span = words.span_of_label(kind.every, label)
        return self._span(name, span) if span else None

    def _once(self, name: str) -> Period:
        day = self._schedules[name].once
        assert day is not None  # parse_due gave it
        return self._placed(self._types[name].key or name, name, (day, day), day)

    def _span(self, name: str, span: Span) -> Period:
        known = self._spans.get((name, span.label))
        if known is None:
            other = self.rules.month_friday == "week_of_last_day"
            day = words.cutoff_day(self._schedules[name], span, week_of_last_day=other)
            known = self._spans[name, span.label] = self._placed(
                f"{name}:{span.label}", name, (span.first, span.last), day
            )
        return known

    def _week(self, name: str, cutoff: date) -> Period:
        """A week with the days of the skipped weeks right before it."""
        known = self._weeks.get((name, cutoff))
        if known is None:
            known = self._one_week(name, cutoff)
            before = self._one_week(name, cutoff - 7 * DAY)
            while not known.skipped and before.skipped and before.cutoff_day >= self.rules.start:
                known = replace(known, window_from=before.window_from, covers=(before.key, *known.covers))
                before = self._one_week(name, before.cutoff_day - 7 * DAY)
            self._weeks[name, cutoff] = known
        return known

    def _one_week(self, name: str, cutoff: date) -> Period:
        placed = self._placed(f"{name}:{cutoff}", name, (cutoff - 7 * DAY, cutoff - DAY), cutoff)
        moved = placed.due_day
        if placed.key in self._overrides or moved is None or moved == cutoff:
            return placed
        rest = self.working_days(moved, cutoff + 6 * DAY)
        return replace(placed, skipped=True) if rest < _REST_BETWEEN else placed

    def _placed(self, key: str, name: str, window: tuple[date, date], cutoff: date) -> Period:
        """The period with its due moment after overrides and days off."""
        plan = self._schedules[name]
        original = self.moment(cutoff, plan.clock)
        base = Period(key, name, *window, cutoff, original, original, due_day=cutoff)
        override = self._overrides.get(key)
        if override:
            why = override.reason if override.reason.startswith("override:") else f"override: {override.reason}"
            due_at = override.due_at or original
            return replace(base, due_at=due_at, due_day=self.day(due_at), due_why=why, skipped=override.skip)
        policy = self._policy(name, plan)
        if self.working_day(cutoff) or policy == "fixed":
            return base
        why = f"{'weekend' if self._plain_weekend(cutoff) else 'holiday'}:{cutoff}"
        if policy == "skip":
            return replace(base, due_why=why, skipped=True)
        day = self.next_working_day(cutoff) if policy == "next" else self.previous_working_day(cutoff)
        return replace(base, due_at=self.moment(day, plan.clock), due_day=day, due_why=why)

    def _policy(self, name: str, plan: Schedule) -> Holiday:
        return self._types[name].holiday or ("previous" if plan.kind == "before" else self.rules.holiday)

    def _plain_weekend(self, day: date) -> bool:
        return day.weekday() >= 5 and day not in self.rules.holidays | self.rules.days_off


def _name(report_type: str | ReportType) -> str:
    return report_type if isinstance(report_type, str) else report_type.type
