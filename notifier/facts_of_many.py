"""What letters to many state: the secretariat's digests, summaries and escalations, and the operator's alarms.

Rules and the facts of an agency's own letters: ``notifier.facts``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from notifier.fact import Fact
from notifier.facts import ExplainedFact, FigureFact, TaskFact


@dataclass(frozen=True, slots=True)
class LineFact(Fact):
    """One due on the board."""

    agency: str  # code
    name: str
    due_class: str  # on_time cured late incomplete in_review missing waived not_applicable not_yet_due
    group: str = ""
    level: str = ""
    received_at: dt.datetime | None = None
    late_seconds: int | None = None
    receipt: str | None = None
    revision: int | None = None
    number: str = ""  # "245/BC-STC"
    findings: int = 0
    letters: str = ""  # kinds of letters sent about this due, by spaces: "reminder acknowledgement"
    paper: str = "not_required"  # not_required | awaited | received
    paper_number: str = ""
    streak: int = 0  # periods missed in a row, this one included; 0 when not missing
    owed: tuple[str, ...] = ()  # keys of earlier periods still missing
    contact_name: str = ""
    contact_phone: str = ""
    note: str = ""
    arrived: str | None = None  # not_yet_due: the class it would have now
    due_at: dt.datetime | None = None  # its own, when moved or extended
    waiting: int = 0  # mails of the agency that wait for a person and may hold what seems missing, or is in review


@dataclass(frozen=True, slots=True)
class ReviewFact(Fact):
    """Something the secretariat must decide."""

    what: str  # agency name, or what is known of it
    reason: str  # of the contract's list, or a review kind
    receipt: str = ""
    from_: str = ""
    detail: str = ""
    since: dt.datetime | None = None  # when it began to wait


@dataclass(frozen=True, slots=True)
class TotalFact(Fact):
    """One figure of the province: the sum over those that stated it."""

    key: str
    label: str
    value: str | None
    n: int  # agencies that stated it
    expected: int
    percent: bool = False
    about: int = 0  # of these, how many only about (gần, hơn, khoảng)


@dataclass(frozen=True, slots=True)
class AgencyFigures(Fact):
    """One agency's figures of the period, latest acceptable revision; no values: nothing acceptable."""

    agency: str
    name: str
    receipt: str | None = None
    values: dict[str, FigureFact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShareFact(Fact):
    """Pooled sides of a share, and how many of the reports due stand behind them."""

    part: str | None  # decimal text; None: nobody stated it
    whole: str | None
    n: int  # reports that state both sides
    expected: int


@dataclass(frozen=True, slots=True)
class ResultFact(Fact):
    """One result beside punctuality."""

    key: str
    label: str
    goal: str  # per cent, "" = none
    now: ShareFact
    year: ShareFact  # since 1 January
    last: ShareFact | None = None  # the period or periods before


@dataclass(frozen=True, slots=True)
class DifficultyFact(Fact):
    """What one agency's report says of difficulties and proposals, or its reports of several periods alike."""

    name: str
    text: str
    periods: tuple[str, ...] = ()  # keys of those that say so, where several are gathered


@dataclass(frozen=True, slots=True)
class CoverageFact(Fact):
    """Days of an agency no report covers, or two cover; spans as "2017-07-21..2017-07-23"."""

    name: str
    uncovered: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationFacts(Fact):
    """Agencies that have missed several periods in a row, for the secretariat's list."""

    type: str
    period: str
    at: dt.datetime
    due_at: dt.datetime
    lines: tuple[LineFact, ...]  # in protocol order; ``streak`` and ``owed`` say how long


@dataclass(frozen=True, slots=True)
class MovedFact(Fact):
    """A due whose class is another one than in the digest before."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DigestFacts(Fact):
    """The board of a period at a moment, as the secretariat reads it."""

    type: str
    period: str
    at: dt.datetime
    due_at: dt.datetime
    expected: int
    classes: dict[str, int]  # the six classes; they sum to expected
    provisional: bool = False
    last_good_poll: dt.datetime | None = None
    waived: int = 0
    not_applicable: int = 0
    not_yet_due: int = 0
    received: int = 0  # expected dues for which anything came
    lines: tuple[LineFact, ...] = ()  # in protocol order
    review: tuple[ReviewFact, ...] = ()
    totals: tuple[TotalFact, ...] = ()
    figures: tuple[AgencyFigures, ...] = ()
    set_aside: tuple[str, ...] = ()  # mails set aside, a line each
    letters_failed: tuple[str, ...] = ()  # letters that could not be delivered, a line each
    difficulties: tuple[str, ...] = ()  # confinement degraded, tools missing …
    explained: tuple[ExplainedFact, ...] = ()  # what agencies said of findings of this period
    results: tuple[ResultFact, ...] = ()
    told: tuple[DifficultyFact, ...] = ()  # difficulties and proposals of the reports, in protocol order
    tasks: tuple[TaskFact, ...] = ()  # of a list form: every task as it stands
    days: tuple[CoverageFact, ...] = ()  # of the reports of this period against those before, in protocol order
    beside: tuple[str, ...] = ()  # reports of agencies without a due in this period, a line each; counted nowhere
    follow_up: bool = False  # what changed since the digest after the cutoff
    since: dt.datetime | None = None  # moment of the digest before this one
    moved: tuple[MovedFact, ...] = ()  # in protocol order
    recipient: str = ""  # "Lãnh đạo Sở Nội vụ"; "" = the wording's default
    log_seq: int | None = None
    log_hash: str = ""
    due_why: str | None = None
    due_original: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PeriodFact(Fact):
    """One period of a summary: a point of its trend."""

    key: str
    due_at: dt.datetime
    expected: int
    classes: dict[str, int]  # the six classes; they sum to expected
    waived: int = 0
    not_applicable: int = 0
    changed: bool = False  # another number of agencies owed than in the period before: the trend breaks here


@dataclass(frozen=True, slots=True)
class StandingFact(Fact):
    """One agency of a league table."""

    name: str
    rank: int | None  # None: stands apart
    expected: int
    classes: dict[str, int]
    waived: int = 0
    apart: str = ""  # part waived in_review nothing


@dataclass(frozen=True, slots=True)
class TypeSummaryFact(Fact):
    """One report type over the span of a summary."""

    type: str
    periods: tuple[PeriodFact, ...]
    standings: tuple[StandingFact, ...] = ()
    results: tuple[ResultFact, ...] = ()
    told: tuple[DifficultyFact, ...] = ()  # of the last period's reports


@dataclass(frozen=True, slots=True)
class BounceFact(Fact):
    """An address our letters came back from."""

    agency_name: str
    address: str
    n: int


@dataclass(frozen=True, slots=True)
class SummaryFacts(Fact):
    """A month or a quarter as the secretariat reads it."""

    span: str  # "monthly:2017-07", "quarterly:2017-Q3": named like the period of a report
    at: dt.datetime  # as of
    first: dt.date
    last: dt.date
    types: tuple[TypeSummaryFact, ...] = ()
    bounces: tuple[BounceFact, ...] = ()
    log_seq: int | None = None
    log_hash: str = ""


@dataclass(frozen=True, slots=True)
class AlarmFacts(Fact):
    """Something is wrong with the service itself."""

    what: str  # a code of matters.toml, or words
    since: dt.datetime
    detail: str = ""
    recovered: bool = False
    at: dt.datetime | None = None  # when it was found or recovered
    numbers: dict[str, int | str] = field(default_factory=dict)  # for the details in matters.toml: {"letters": 3}
