"""Consolidated figures as values: what the workbook and the official report are made from. Gathered by ``intake.consolidating``.

Rules (definitions of the plan's assessment):

1. A figure nobody stated is missing, never 0; every sum stands beside n/E: how many reports stated it, of how many due.
2. The province's totals add up the top level only: a district's report already holds its communes' figures.
3. Ranges pool sums; percentages are computed from pooled sums and never averaged; nothing is clamped.
4. A cumulative figure is shown and never added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from notifier.facts import TaskFact


@dataclass(frozen=True, slots=True)
class Column:
    """One line of the form."""

    key: str  # "received"
    label: str
    kind: str  # count | ratio | percentage | text
    section: str = ""  # "I", "II.2"
    core: bool = False
    over: str | None = None  # ratio: key of the denominator


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of one agency over the periods asked for."""

    value: Decimal | None  # None is never 0
    state: str  # number zero nil blank unreadable absent; over several periods the sum's own
    stated: int = 0  # reports that stated it
    flags: tuple[str, ...] = ()  # approximate ocr hidden scope person cumulative
    last: Decimal | None = None  # the period before


@dataclass(frozen=True, slots=True)
class Source:
    """The report figures come from: the latest acceptable revision of one due."""

    receipt: str
    period: str
    due_class: str
    received_at: datetime
    number: str  # "245/BC-STC"
    report: str  # "17.2.1", as ``cchc show`` takes it
    sha256: str  # of the raw mail


@dataclass(frozen=True, slots=True)
class Passage:
    """What an agency wrote on one text line."""

    key: str
    period: str
    text: str
    receipt: str
    says: bool = True  # False: only that there is nothing to say ("Không có khó khăn, vướng mắc")


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One agency that had something due."""

    code: str
    name: str
    level: str
    group: str
    top: bool  # counted in the province's totals
    classes: Mapping[str, int]  # class → its dues
    figures: Mapping[str, Figure] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def expected(self) -> int:
        """Its dues that are classed."""
        return sum(self.classes.values())


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum with n/E, and the same of the period before."""

    value: Decimal | None
    n: int  # reports that stated it
    expected: int  # dues
    last: Decimal | None = None
    last_n: int = 0
    last_expected: int = 0
    about: int = 0  # reports that stated only about how many

    @property
    def whole(self) -> bool:
        """Whether every report due stated it."""
        return self.n == self.expected

    @property
    def change(self) -> Decimal | None:
        """Against the period before; None unless both sums are of everybody."""
        both = self.value is not None and self.last is not None
        if not both or not self.whole or self.last_n != self.last_expected:
            return None
        return (self.value or Decimal(0)) - (self.last or Decimal(0))


@dataclass(frozen=True, slots=True)
class Share:
    """Numerator and denominator over the reports that stated both."""

    part: Decimal
    whole: Decimal
    n: int
    expected: int


@dataclass(frozen=True, slots=True)
class Group:
    """A roll-up: everybody of a level or a group."""

    kind: str  # level | group
    name: str
    agencies: int
    top: int  # of them counted in the province's totals
    classes: Mapping[str, int]
    sums: Mapping[str, Sum]

    @property
    def expected(self) -> int:
        """Dues classed."""
        return sum(self.classes.values())


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One period of a range."""

    key: str
    due_at: datetime
    classes: Mapping[str, int]
    beside: Mapping[str, int]  # waived, not_applicable, not_yet_due
    sums: Mapping[str, Sum]
    skipped: bool = False

    @property
    def expected(self) -> int:
        """Dues classed."""
        return sum(self.classes.values())


@dataclass(frozen=True, slots=True)
class TypeSheet:
    """Everything of one report type."""

    type: str
    title: str
    first: date  # data window
    last: date
    columns: tuple[Column, ...]  # figures, in the form's order
    texts: tuple[Column, ...]  # text lines
    rows: tuple[AgencyRow, ...]  # protocol order
    totals: Mapping[str, Sum]
    shares: Mapping[str, Share]  # ratio key → pooled share
    groups: tuple[Group, ...]
    periods: tuple[PeriodLine, ...]
    missing: tuple[tuple[str, str], ...]  # (period, agency's name) of dues for which nothing came
    open: tuple[tuple[str, str], ...]  # … incomplete or in review, nothing of it in the sums
    waiting: tuple[tuple[str, str], ...] = ()  # of the missing: those of whom a mail still waits for a person
    doubted: tuple[tuple[str, str], ...] = ()  # … in review, a report of it in the sums all the same
    provisional: bool = False  # our own polling is in doubt: nobody is said not to have reported
    tasks: tuple[TaskFact, ...] = ()  # of a list form: every task as it stands

    @property
    def not_received(self) -> tuple[tuple[str, str], ...]:
        """The missing of whom nothing waits: only these may be said not to have reported."""
        return tuple(pair for pair in self.missing if pair not in self.waiting)

    @property
    def classes(self) -> dict[str, int]:
        """Class → dues, pooled over the periods."""
        names = self.periods[0].classes if self.periods else {}
        return {name: sum(p.classes[name] for p in self.periods) for name in names}

    @property
    def beside(self) -> dict[str, int]:
        """Waived, not applicable, not yet due, pooled."""
        names = self.periods[0].beside if self.periods else {}
        return {name: sum(p.beside[name] for p in self.periods) for name in names}

    @property
    def expected(self) -> int:
        """Dues classed."""
        return sum(p.expected for p in self.periods)

    @property
    def whole(self) -> bool:
        """Whether every report due is in the sums."""
        return self.summed == self.expected

    @property
    def summed(self) -> int:
        """Dues whose report is in the sums, those in review with one beside the acceptable ones."""
        return sum(self.classes.get(name, 0) for name in ("on_time", "cured", "late")) + len(self.doubted)


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What was asked for: one period, a range, a month, quarter, half or year."""

    span: str  # "weekly:2017-07-21", "weekly:2017-07-21..weekly:2017-08-11", "2017-Q3"
    at: datetime  # as of
    sheets: tuple[TypeSheet, ...]
    log_seq: int | None = None
    log_hash: str = ""
