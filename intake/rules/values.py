"""The frozen values the rules speak in. Moments are aware datetimes in UTC; days are dates in the office's time zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

Every = Literal["week", "month", "quarter", "half", "year", "once"]
Holiday = Literal["next", "previous", "fixed", "skip"]
DueStatus = Literal["required", "extended", "waived", "not_applicable"]
DueClass = Literal["on_time", "cured", "late", "incomplete", "in_review", "missing"]
CLASSES: tuple[DueClass, ...] = ("on_time", "cured", "late", "incomplete", "in_review", "missing")
Outcome = Literal["accepted", "accepted_with_warnings", "incomplete", "refused", "in_review", "withdrawn"]
Timing = Literal["on_time", "late", "unknown"]
How = Literal["window", "window+receipt", "stated", "answer", "inferred", "person", "guess"]


@dataclass(frozen=True, slots=True)
class ReportType:
    """One kind of report agencies owe (a [[report]] of the configuration)."""

    type: str  # "weekly"
    every: Every
    form: str  # form name; "" = enclosure only
    due: str  # as configured: "FRI 10:00", "last FRI 10:00", "before day 20", "day 20 10:00", "2017-10-05 17:00"
    cure_until: time | None = time(17, 0)  # on the next working day; None = off
    late_days: int = 3  # working days
    holiday: Holiday | None = None  # None: the calendar's
    basis: str = ""  # legal basis, for letters
    key: str = ""  # ad hoc (every = "once"): the period's own name
    title: str = ""  # what letters and pages call it: "Báo cáo kiểm soát thủ tục hành chính"; "": as everybody does
    words: tuple[str, ...] = ()  # what a file name or subject calls it: "kế hoạch CCHC năm 2018"


@dataclass(frozen=True, slots=True)
class PeriodOverride:
    """One period changed for everybody, with its reason."""

    key: str
    skip: bool = False
    due_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """[calendar] of the configuration, and the days off of the holiday table."""

    start: date  # no due exists for a cutoff before it
    timezone: str = "Asia/Ho_Chi_Minh"
    at_cutoff: Literal["on_time", "late"] = "on_time"
    grace_seconds: int = 0
    holiday: Holiday = "next"
    month_friday: Literal["last", "week_of_last_day"] = "last"
    holidays: frozenset[date] = frozenset()  # from the package, seeds only
    days_off: frozenset[date] = frozenset()  # win over the package
    days_worked: frozenset[date] = frozenset()
    overrides: tuple[PeriodOverride, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """One slot of one report type."""

    key: str  # "weekly:2017-07-21"
    type: str
    window_from: date  # weekly: the Friday before; monthly: first of the month
    window_to: date
    cutoff_day: date  # before any move
    due_original: datetime  # UTC, before any move
    due_at: datetime  # UTC
    due_why: str | None = None  # why moved: "holiday:2018-02-16", "override: <reason>", None when not moved
    skipped: bool = False
    covers: tuple[str, ...] = ()  # keys of skipped periods whose data this one also carries
    due_day: date | None = None  # day of due_at in the office's time zone; filled by the calendar


@dataclass(frozen=True, slots=True)
class Dated:
    """A text with its own validity (an address or a report type in the roster). Inclusive days, None = open."""

    text: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """One row of the roster: an agency for a stretch of time."""

    code: str
    name: str
    level: str
    parent: str
    reports_to: str
    addresses: tuple[Dated, ...]  # full addresses, lower case
    aliases: tuple[str, ...]
    reports: tuple[Dated, ...]  # report types owed; empty = known sender that owes nothing
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    order: int = 0
    group: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    head_address: str = ""
    not_applicable: tuple[str, ...] = ()  # figure keys never asked of it
    window_shift: int = 0


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose mail this is, as far as addresses and our own border can say."""

    address: str  # "" when none or ambiguous
    code: str | None  # agency credited, None: nobody
    how: Literal["address", "forwarded", "secretariat", "unknown", "none", "ambiguous"]
    reason: str | None = None  # no_from, ambiguous_from, sender_unverified, sender_unknown, loop_suspected
    owes: bool = False  # owes any report on that day
    auth: str = ""  # what our border said, for `explain`


@dataclass(frozen=True, slots=True)
class Claim:
    """One report (or one unreadable attempt) of one agency, as facts plus the decisions people took on it.

    The judge sees all claims of one agency and one type together, ordered by (received_at, mail_sha256, part, report).
    """

    ref: str  # "17.2.1": mail id . part . report; part 0 / report 0 for a mail or part without a report
    mail_sha256: str
    agency: str
    type: str
    received_at: datetime  # deciding moment: deemed_at if a person set one, else received_at
    window_start: date | None = None
    window_end: date | None = None
    stated_period: str | None = None  # "monthly:2017-07" from title, subject or file name
    answers: str | None = None  # period key named by the letter it answers or a receipt in its subject
    content_key: str = ""  # "" when nothing was read
    core_stated: int = 0
    core_total: int = 0  # after lines not applicable to the agency are taken away
    recognised: bool = True  # a report of this type was recognised in it
    warnings: bool = False  # has findings of severity warning or error
    blocked: str | None = None  # reason why a person must decide (clock_disagrees, ambiguous_agency, unreadable_scan …)
    refused: str | None = None  # reason why the sender must send again (encrypted, corrupt …)
    # decisions of people, latest of each kind; they win over everything automatic
    person_period: str | None = None
    person_outcome: Literal["accepted", "refused", "credited", "withdrawn", "not_a_report"] | None = None
    recorded: int = 0  # recording order inside the ledger, 0 = not yet recorded
    decided_at: datetime | None = (
        None  # when person_outcome was taken; a copy sent after a withdrawal or a refusal counts again
    )
    deemed: bool = False  # a person has said which moment counts as its receipt


@dataclass(frozen=True, slots=True)
class Assignment:
    """The judge's word on one claim."""

    ref: str
    period: str | None
    how: How
    outcome: Outcome
    timing: Timing = "unknown"
    late_seconds: int = 0
    due_at: datetime | None = None
    due_original: datetime | None = None
    due_why: str | None = None
    duplicate_of: str | None = None  # ref of the claim whose content for the same due it repeats
    same_content_as: str | None = None  # ref with the same content for ANOTHER due: a finding, not a duplicate
    acceptable: bool = False
    creditable: bool = False
    reason: str | None = None  # why in review / refused; ambiguous_period …
    notes: tuple[
        str, ...
    ] = ()  # only_last_credited, inferred, stated_elsewhere, moved …; codes, for letters and `explain`


@dataclass(frozen=True, slots=True)
class DueState:
    """One agency × one period it owes, as known at a moment."""

    period: str
    type: str
    agency: str
    status: DueStatus
    due_at: datetime  # the due's own moment: moved or extended
    due_original: datetime
    due_why: str | None = None
    paper: Literal["not_required", "awaited", "received"] = "not_required"
    after_cutoff: bool = False  # the change was made after the cutoff: shown as such
    since: datetime | None = None  # when it became so


@dataclass(frozen=True, slots=True)
class Revision:
    """A submission as the board sees it."""

    ref: str
    receipt: str
    revision: int
    received_at: datetime
    late_seconds: int
    outcome: Outcome
    acceptable: bool
    creditable: bool
    settled: bool = True  # False: whether it met the cutoff waits for a person


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One due with its class."""

    agency: str
    due_class: str  # a DueClass, or waived, not_applicable, not_yet_due
    status: DueStatus
    due_at: datetime
    received_at: datetime | None = None
    late_seconds: int | None = None
    receipt: str | None = None
    revision: int | None = None
    arrived: str | None = None  # for not_yet_due: the class it would have now, None when nothing arrived


@dataclass(frozen=True, slots=True)
class Board:
    """A period at a moment. Promise: expected is the sum of the six classes, always."""

    period: str
    due_at: datetime
    as_of: datetime
    closed: bool
    lines: tuple[BoardLine, ...]
    classes: dict[str, int] = field(default_factory=dict)
    expected: int = 0
    waived: int = 0
    not_applicable: int = 0
    not_yet_due: int = 0
    received: int = 0  # expected dues for which anything attributable came
