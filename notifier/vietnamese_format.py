"""Numbers, days and moments as a Vietnamese administrative letter writes them.

Rules (wording of the letters; day and month rule: Decree 30/2020/NĐ-CP, appendix I, as in "03/8/2017", "05/01/2018"):

1. thousands by a dot, decimals by a comma: 1.625; 95,5%;
2. counts in prose 1–9 take a leading zero: 01 … 09; nought stays 0;
3. days below 10 and months 1 and 2 take a leading zero, other months do not;
4. moments are shown in the office's time zone, to the second where a receipt is stated;
5. a cutoff at 23:59:59 is the end of that day.

The words themselves are data (``texts/vi/words.toml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo


def number(value: str | int | Decimal | None) -> str:
    """Thousands by dots, decimals by a comma; "" for None; text that is no number comes back unchanged.

    >>> number("1625"), number("95.5"), number(-1200)
    ('1.625', '95,5', '-1.200')
    """
    if value is None:
        return ""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not exact.is_finite() or abs(exact.adjusted()) > 30:
        return str(value)
    return f"{exact:,f}".translate(str.maketrans(",.", ".,"))


def count(n: int) -> str:
    """A count in prose: 01 … 09, then plain; nought is 0."""
    return f"{n:02d}" if 0 < n < 10 else number(n)


def share(n: int, total: int) -> str:
    """A percentage with one decimal, "" when there is nothing to divide by; never clamped.

    >>> share(20, 29)
    '69,0%'
    """
    if total == 0:
        return ""
    exact = (Decimal(n) * 100 / Decimal(total)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{number(exact)}%"


def day(value: date) -> str:
    """21/7/2017, 03/8/2017, 05/01/2018."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"{value.day:02d}/{month}/{value.year}"


def month(value: date) -> str:
    """7/2017, 01/2018."""
    return f"{value.month:02d}/{value.year}" if value.month < 3 else f"{value.month}/{value.year}"


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments and stretches of time in words, in one time zone."""

    zone: ZoneInfo
    words: Mapping[str, Any]  # [time] of words.toml

    def local(self, moment: datetime) -> datetime:
        """The moment on the office's wall clock; naive is refused."""
        if moment.tzinfo is None:
            raise ValueError(f"naive moment: {moment!r}")
        return moment.astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """The day in the office's time zone: 21/7/2017."""
        return day(self.local(moment).date())

    def weekday(self, moment: datetime) -> str:
        """The weekday's name: thứ Sáu."""
        return str(self.words["weekdays"][self.local(moment).weekday()])

    def clock(self, moment: datetime) -> str:
        """To the second: 09 giờ 12 phút 35 giây."""
        return self._clock("clock", moment)

    def received(self, moment: datetime) -> str:
        """A receipt moment: 09 giờ 12 phút 35 giây, ngày 21/7/2017."""
        return self._words("moment", clock=self.clock(moment), day=self.day(moment))

    def at(self, moment: datetime) -> str:
        """A moment to the minute: 10 giờ 05 phút, ngày 21/7/2017."""
        return self._words("moment", clock=self._clock("clock_minutes", moment), day=self.day(moment))

    def minute(self, moment: datetime) -> str:
        """The time alone, to the minute: 10 giờ 05 phút."""
        return self._clock("clock_minutes", moment)

    def short(self, moment: datetime) -> str:
        """The time alone, for subjects: 10 giờ 05."""
        return self._clock("clock_short", moment)

    def due(self, moment: datetime) -> str:
        """A cutoff: 10 giờ 00 phút, thứ Sáu, ngày 21/7/2017; at 23:59:59 the end of the day."""
        return self._due("clock_minutes", moment)

    def due_short(self, moment: datetime) -> str:
        """A cutoff in a subject: 10 giờ 00, thứ Sáu, ngày 21/7/2017."""
        return self._due("clock_short", moment)

    def due_plain(self, moment: datetime) -> str:
        """A cutoff without its weekday: 10 giờ 00 phút, ngày 21/7/2017."""
        if self.ends_day(moment):
            return self._words("day_end_short", day=self.day(moment))
        return self.at(moment)

    def same_day(self, one: datetime, other: datetime) -> bool:
        """Whether both fall on one day of the office."""
        return self.local(one).date() == self.local(other).date()

    def stretch(self, seconds: int) -> str:
        """A stretch of time, sign dropped: 1 giờ 25 phút 10 giây; 2 ngày 3 giờ 05 phút 00 giây."""
        return " ".join(self._parts(seconds))

    def about(self, seconds: int) -> str:
        """The same without its smaller half: 2 ngày 3 giờ; 1 giờ 25 phút; 25 phút; 10 giây."""
        parts = self._parts(seconds)
        return " ".join(parts[:-1][:2] or parts)

    def _parts(self, seconds: int) -> list[str]:
        minutes, s = divmod(abs(seconds), 60)
        hours, m = divmod(minutes, 60)
        days, h = divmod(hours, 24)
        parts = [self._words("days", n=days)] if days else []
        if parts or h:
            parts.append(self._words("hours", n=h))
        if parts or m:
            parts.append(self._words("minutes" if parts else "minutes_first", n=m))
        return [*parts, self._words("seconds" if parts else "seconds_first", n=s)]

    def _due(self, clock: str, moment: datetime) -> str:
        weekday, on = self.weekday(moment), self.day(moment)
        if self.ends_day(moment):
            return self._words("day_end", weekday=weekday, day=on)
        return self._words("moment_weekday", clock=self._clock(clock, moment), weekday=weekday, day=on)

    def ends_day(self, moment: datetime) -> bool:
        """Whether a cutoff is the end of a day (rule 5)."""
        local = self.local(moment)
        return (local.hour, local.minute, local.second) == (23, 59, 59)

    def _clock(self, name: str, moment: datetime) -> str:
        local = self.local(moment)
        return self._words(name, h=local.hour, m=local.minute, s=local.second)

    def _words(self, name: str, **values: Any) -> str:
        return str(self.words[name]).format(**values)
