"""Figures held against the agency's own history: what looks odd is asked about, never refused and never corrected.

Rules (the plan asks for figures week after week; real reports do not add up, so these ask and no more):

1. P01, from eight earlier periods: a figure further from their median than 3.5 robust deviations (1.4826 × the median absolute
   deviation, and never less than a twentieth of the median, or one).
2. P02, from one earlier period: more than five times more or less than last time; below eight periods also than their median.
   Back to the median after a last time that was itself so far from it is what one would expect, and asks nothing.
3. P03: every figure stated is the same as last time.
4. P04: a cumulative figure lower than the agency's last cumulative one of the same year.
5. What the agency explained is asked again where it goes more than five times further the same way than what was explained. P03 and
   P04 compare one period with the one before: their explanation stands for that period alone.
6. Only exact figures of the whole agency are compared, period with period and cumulative with cumulative. Differences below ten
   are noise. What P01 asks, P02 does not ask again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Literal

POINTS = 8  # earlier periods from which median and MAD say something
DEVIATIONS = Decimal("3.5")  # Iglewicz and Hoaglin's bound for the modified z-score
_SCALE = Decimal("1.4826")  # MAD × this is a standard deviation where figures are normal
TIMES = 5
NOISE = Decimal(10)
SAME_FROM = 5  # figures other than 0 that must be the same before a report looks copied

OF_ONE_PERIOD = ("P03", "P04")  # what a later period shows again is another matter

Way = Literal["up", "down", "same"]


@dataclass(frozen=True, slots=True)
class Stated:
    """One exact figure of a report."""

    value: Decimal
    cumulative: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """The figures of one earlier period."""

    period: str  # its key; keys of one type sort by time
    figures: Mapping[str, Stated]


@dataclass(frozen=True, slots=True)
class Oddity:
    """One thing to ask about."""

    code: str  # P01 … P04
    key: str  # the figure; "" where the whole report is meant
    way: Way
    value: Decimal = Decimal(0)
    last: Decimal | None = None  # last time, or the bound the message names
    low: Decimal | None = None  # P01: what earlier periods would lead one to expect
    high: Decimal | None = None
    usual: bool = False  # P02: ``last`` is the median of earlier periods, not the last one

    @property
    def about(self) -> str:
        """What an explanation of it is remembered by."""
        return f"{self.key}:{self.way}"


def oddities(now: Mapping[str, Stated], period: str, history: Sequence[Past]) -> tuple[Oddity, ...]:
    """Everything odd about a report, by code, then in the order of its figures."""
    earlier = sorted((past for past in history if past.period < period), key=lambda past: past.period)
    if not earlier:
        return ()
    found: list[Oddity] = []
    for key, stated in now.items():
        points = [past.figures[key].value for past in earlier if _same_kind(past.figures.get(key), stated)]
        if stated.cumulative:
            found += _sinking(key, stated, period, earlier)
        elif points:
            found += _outlying(key, stated.value, points) or _leaping(key, stated.value, points)
    found += _copied(now, earlier[-1])
    return tuple(sorted(found, key=lambda oddity: oddity.code))


def _same_kind(past: Stated | None, now: Stated) -> bool:
    return past is not None and past.cumulative == now.cumulative


def expected(points: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The range earlier figures would lead one to expect: median ± 3.5 robust deviations, not below zero."""
    middle = median(points)
    spread = median([abs(point - middle) for point in points])
    reach = DEVIATIONS * max(_SCALE * spread, middle / 20, Decimal(1))
    return max(middle - reach, Decimal(0)), middle + reach


def _outlying(key: str, value: Decimal, points: Sequence[Decimal]) -> list[Oddity]:
    if len(points) < POINTS:
        return []
    low, high = expected(points)
    if low <= value <= high or abs(value - median(points)) < NOISE:
        return []
    return [Oddity("P01", key, "up" if value > high else "down", value, points[-1], low, high)]


def _leaping(key: str, value: Decimal, points: Sequence[Decimal]) -> list[Oddity]:
    last, middle = points[-1], Decimal(median(points))
    if _way(last, middle) and not _way(value, middle):
        return []
    beside = [(last, False)] if len(points) >= POINTS else [(last, False), (middle, True)]
    return [
        Oddity("P02", key, way, value, other, usual=usual) for other, usual in beside if (way := _way(value, other))
    ][:1]


def _way(value: Decimal, other: Decimal) -> Way | None:
    """Which way a figure lies from another when it is more than five times more or less; None when it is not."""
    if value > TIMES * max(other, NOISE):
        return "up"
    return "down" if other > TIMES * max(value, NOISE) else None


def explained_by(oddity: Oddity, explained: Decimal | None, *, same_period: bool = False) -> bool:
    """Whether the explanation of an earlier figure stands for this one: it goes no more than five times further the same way."""
    if oddity.code in OF_ONE_PERIOD:
        return same_period
    return explained is None or _way(oddity.value, explained) != oddity.way


def _sinking(key: str, stated: Stated, period: str, earlier: Sequence[Past]) -> list[Oddity]:
    this_year = [past for past in earlier if _year(past.period) == _year(period) and _year(period)]
    points = [past.figures[key].value for past in this_year if _same_kind(past.figures.get(key), stated)]
    return [Oddity("P04", key, "down", stated.value, points[-1])] if points and stated.value < points[-1] else []


def _year(period: str) -> str:
    """The year of a period's key, "" for one that names none."""
    year = period.partition(":")[2][:4]
    return year if year.isdecimal() else ""


def _copied(now: Mapping[str, Stated], last: Past) -> list[Oddity]:
    telling = sum(1 for stated in now.values() if stated.value)
    return [Oddity("P03", "", "same")] if telling >= SAME_FROM and dict(now) == dict(last.figures) else []
