"""What leaders ask beside punctuality, defined as data (``results.toml``): shares of pooled figures.

Rules:

1. A share is made of the reports that state both sides exactly, for the whole agency and the period itself (a cumulative figure would
   be counted again each week); nil counts as nothing. Who does not state them is missing, never 0: n/E stands beside every share.
2. Sums pool figures, shares are never averaged. Only the top level is summed: its reports hold their subordinates' figures.
3. A pair is taken whole or not at all: a figure without the one it is a share of belongs to neither side.
4. Sums of a period are remembered until a verdict, a figure stated by a person, a due or a roster changes them.
5. ``as_of`` T: the latest acceptable revision of every due as the log knew it at T, people's figures laid over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from intake.board import dues_of, period_of
from intake.book import Law
from intake.desk import Desk
from intake.opening import OWING
from intake.people import with_stated
from intake.questioning import stated
from intake.rules import near
from intake.rules.plausibility import Stated
from intake.rules.values import Period
from notifier.facts_of_many import ResultFact, ShareFact
from parsers.form import Form
from storage.ledger import Ledger
from storage.queries import Queries

_Known = dict[str, tuple[object, "dict[str, Sum]"]]  # period → what it was made of, its sums
_REMEMBERED: WeakKeyDictionary[Ledger, _Known] = (
    WeakKeyDictionary()
)  # a year's weeks are not read again for each digest


_ZONES = timedelta(days=2)  # a local day begins and ends within these


@dataclass(frozen=True, slots=True)
class Result:
    """One result of ``results.toml``."""

    key: str
    label: str
    pairs: tuple[tuple[str, str], ...]
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """Pooled sides of one result, and how many dues stand behind them."""

    part: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)
    n: int = 0  # dues whose reports state both sides
    expected: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.part + other.part, self.whole + other.whole, self.n + other.n, self.expected + other.expected)

    @property
    def fact(self) -> ShareFact:
        """As a letter states it: no sums where nobody stated them."""
        part, whole = (str(self.part), str(self.whole)) if self.n else (None, None)
        return ShareFact(part, whole, self.n, self.expected)


Kept = Mapping[str, Mapping[str, Sum]]  # period → result → its sums
NONE_KEPT: Kept = MappingProxyType({})


@cache
def _keys(asked: tuple[Result, ...]) -> tuple[str, ...]:
    """Every figure some of these results is made of."""
    return tuple(dict.fromkeys(key for one in asked for pair in one.pairs for key in pair))


@cache
def definitions() -> tuple[Result, ...]:
    """The results asked for."""
    return tuple(
        Result(r["key"], r["label"], tuple((p, w) for p, w in r["pairs"]), r["goal"]) for r in _data()["result"]
    )


def asked_of(form: Form) -> tuple[Result, ...]:
    """The results this form holds figures for: the others are not asked of its reports."""
    keys = {line.key for line in form.lines}
    return tuple(one for one in definitions() if any({part, whole} <= keys for part, whole in one.pairs))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("intake").joinpath("results.toml").read_text("utf-8"))


def of_period(desk: Desk, q: Queries, law: Law, period: Period, as_of: datetime) -> dict[str, Sum]:
    """The sums of one period by key of the result."""
    form = desk.form(period.type)
    if form is None:
        return {}
    known = _REMEMBERED.setdefault(desk.ledger, {})
    version = (q.reports_version(period.key, as_of), _counted_version(q, law, period, as_of))
    if known.get(period.key, (None, {}))[0] != version:
        known[period.key] = version, _sums(q, form, period, as_of, counted_in(q, law, period, as_of))
    return known[period.key][1]


def _counted_version(q: Queries, law: Law, period: Period, as_of: datetime) -> object:
    """Changes whenever ``counted_in`` may: with its dues, its roster, and the moment as long as a due of it lies ahead."""
    last, until = q.dues_version(period.key, as_of)
    if until is None:  # none frozen yet: people may have decided of them all the same
        return frozenset(counted_in(q, law, period, as_of))
    return last, None if until <= as_of else as_of, law.calendar.day(period.due_at), law.roster_for(period).version


def added_up(desk: Desk, q: Queries, law: Law, period: Period, as_of: datetime) -> dict[str, Sum]:
    """The same, added up and not remembered here: for who keeps it elsewhere."""
    form = desk.form(period.type)
    return _sums(q, form, period, as_of, counted_in(q, law, period, as_of)) if form else {}


def counted_in(q: Queries, law: Law, period: Period, as_of: datetime) -> set[str]:
    """Whose reports a period's sums are made of: agencies of the top level whose due moment has passed."""
    day, roster = law.calendar.day(period.due_at), law.roster_for(period)
    owing = {due.agency for due in dues_of(q, roster, period, as_of) if due.status in OWING and due.due_at <= as_of}
    return {agency for agency in owing if near.top_level(roster, agency, day)}


def stated_by(
    q: Queries, form: Form, period: Period, as_of: datetime, counted: set[str], asked: Sequence[Result] | None = None
) -> dict[str, Mapping[str, Stated]]:
    """Agency → the exact figures of these results (None: of all) its latest acceptable report states."""
    return {
        agency: stated(form, with_stated(report, sets) if sets else report)
        for agency, (report, sets) in q.acceptable_figures(
            period.key, as_of, _keys(tuple(asked or definitions()))
        ).items()
        if agency in counted
    }


def _sums(q: Queries, form: Form, period: Period, as_of: datetime, counted: set[str]) -> dict[str, Sum]:
    found = stated_by(q, form, period, as_of, counted).values()
    return {result.key: pooled(result, found, len(counted)) for result in definitions()}


def pooled(result: Result, reports: Iterable[Mapping[str, Stated]], expected: int) -> Sum:
    """The sum of one result over the reports that state both sides."""
    total = Sum(expected=expected)
    for figures in reports:
        pairs = [(figures[p], figures[w]) for p, w in result.pairs if p in figures and w in figures]
        exact = [(p.value, w.value) for p, w in pairs if not p.cumulative and not w.cumulative]
        if exact:
            total += Sum(sum((p for p, _ in exact), Decimal(0)), sum((w for _, w in exact), Decimal(0)), 1)
    return total


def over(
    desk: Desk, q: Queries, law: Law, periods: Sequence[Period], as_of: datetime, kept: Kept = NONE_KEPT
) -> dict[str, Sum]:
    """The sums of several periods pooled."""
    total = {result.key: Sum() for result in definitions()}
    for period in periods:
        for key, one in (kept.get(period.key) or of_period(desk, q, law, period, as_of)).items():
            total[key] += one
    return total


def between(q: Queries, law: Law, report_type: str, first: date, last: date) -> tuple[Period, ...]:
    """The periods of a type that opened and whose due moment lies on these days, oldest first; skipped ones left out."""
    start, end = (datetime.combine(day, time(), tzinfo=UTC) for day in (first, last))
    near_by = q.periods(report_type, start - _ZONES, end + _ZONES)  # of forty years of weeks
    rows = [row for row in near_by if not row.skipped]
    found = [period_of(q, law.calendar, row.key) for row in rows if first <= law.calendar.day(row.due_at) <= last]
    return tuple(sorted(found, key=lambda period: (period.due_at, period.key)))


def since_january(q: Queries, law: Law, period: Period) -> tuple[Period, ...]:
    """The periods of its type that fell due in its year, up to it."""
    last_day = law.calendar.day(period.due_at)
    return between(q, law, period.type, last_day.replace(month=1, day=1), last_day)


def results(
    desk: Desk,
    q: Queries,
    law: Law,
    now: Sequence[Period],
    before: Sequence[Period],
    as_of: datetime,
    kept: Kept = NONE_KEPT,
) -> tuple[ResultFact, ...]:
    """Each result over these periods, since 1 January, and over the ones before, with its goal; ``kept``: sums already known."""
    form = desk.form(now[-1].type) if now else None
    asked = asked_of(form) if form else ()
    if not asked:
        return ()
    year = since_january(q, law, now[-1])
    here, since, past = (over(desk, q, law, periods, as_of, kept) for periods in (now, year, before))
    return tuple(
        ResultFact(r.key, r.label, r.goal, here[r.key].fact, since[r.key].fact, past[r.key].fact if before else None)
        for r in asked
    )
