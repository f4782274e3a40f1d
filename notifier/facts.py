"""What letters state: frozen values built by ``intake``, kept as JSON in the outbox row, turned into text by ``notifier.compose``.

Rules: a letter states what was known when it was decided, so everything its text needs stands here; nothing is looked up later.
Codes (classes, reasons, notes) are the contract's; their Vietnamese is data in ``notifier/texts/vi``. Names, labels, titles and
reasons given by people come in ready to print. Moments are aware; figures are decimal text, never floats; None is never 0.

- an agency's letter: ``AcknowledgementFacts`` (acknowledgement, result, correction), ``ReminderFacts`` (reminder),
  ``MissingFacts`` (missing_notice, escalation to a head), ``RequestFacts`` (request);
- the secretariat's and the operator's: ``notifier.facts_of_many``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from notifier.fact import Fact


@dataclass(frozen=True, slots=True)
class FigureFact(Fact):
    """One line of the form as read, beside last period's."""

    key: str  # "received"
    label: str  # "Tổng số hồ sơ đã tiếp nhận"
    raw: str = ""  # as written, "1.625"
    value: str | None = None  # decimal text "1625" or "95.5"; None is never 0
    state: str = "number"  # number | zero | nil | blank | unreadable | absent
    flags: tuple[str, ...] = ()  # approximate, ocr, hidden, scope
    last: str | None = None  # last period's value as decimal text, None when there is none
    core: bool = False  # the form marks the line core and it is asked of this agency
    section: str = ""  # "I", "II.2"; printed as a group heading when it changes
    percent: bool = False  # a percentage line: "95.5" prints 95,5%


@dataclass(frozen=True, slots=True)
class FindingFact(Fact):
    """Something the agency is asked to check."""

    code: str  # "W03"
    severity: str = "warning"  # info | ask | warning | error; info is not counted as something to check
    title: str = ""  # one line heading
    message: str = ""  # the figures and the formula, one sentence
    fix: str = ""  # how to put it right; "" = the standard sentence
    example: str = ""  # an explanation one may answer with: "W03: 05 hồ sơ do người nộp đề nghị rút"
    file: str = ""  # name of the file it stands in
    place: str = ""  # the line or cell as text
    page: int | None = None
    section: str = ""  # "I", "II.2"
    table: int | None = None
    row: int | None = None
    cell: int | None = None
    explanation: str = ""  # what the agency has said of it; then it asks for nothing more


@dataclass(frozen=True, slots=True)
class ExplainedFact(Fact):
    """A finding an agency has explained."""

    code: str
    reason: str  # the agency's words
    title: str = ""  # the finding's heading
    receipt: str = ""
    type: str = ""
    period: str | None = None
    agency_name: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Change(Fact):
    """One figure that differs from the revision before."""

    key: str
    label: str
    before: str | None  # decimal text; None where no number was stated
    after: str | None
    before_state: str = ""  # of a figure without a number: nil | blank | unreadable | absent
    after_state: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class ReportFact(Fact):
    """One report of a mail with its verdict; also one attempt that could not be read (``outcome`` refused or in_review)."""

    receipt: str  # "CCHC-20170721-W-STC-r1"
    type: str  # weekly | monthly | …
    outcome: str  # accepted | accepted_with_warnings | incomplete | refused | in_review | withdrawn
    due_class: str = ""  # on_time | cured | late | incomplete | in_review; of the due once this revision counts
    revision: int | None = None
    period: str | None = None  # "weekly:2017-07-21"
    how: str = (
        ""  # how the period was recognised: window, window+receipt, stated, answer, inferred, unread, person, guess
    )
    agency_how: str = ""  # how the agency was recognised: address, letterhead, forwarded, successor, person …
    agency_name: str = ""  # whose due it is when not the reader's own: the agency a successor writes for
    timing: str = "unknown"  # on_time | late | unknown: this revision against the due moment
    late_seconds: int = 0  # positive: late, negative: early
    due_at: dt.datetime | None = None
    due_original: dt.datetime | None = None
    due_why: str | None = None  # "holiday:2018-02-16", "override: <reason>", "extended: <reason>"
    at_cutoff: str = "on_time"  # on_time | late: what the cutoff second itself counts as
    received_at: dt.datetime | None = None  # the deciding moment when a person set one; None: the mail's
    number: str = ""  # "245/BC-STC"
    date: dt.date | None = None
    window_from: dt.date | None = None
    window_to: dt.date | None = None
    file: str = ""  # name of the file it was read from
    figures: tuple[FigureFact, ...] = ()
    findings: tuple[FindingFact, ...] = ()
    notes: tuple[str, ...] = ()  # only_last_credited, inferred, successor, moved, same_content_as …
    reason: str | None = None  # of the contract's list, when refused or in review
    cure_until: dt.datetime | None = None
    next_due_at: dt.datetime | None = None  # cutoff of the next period it owes
    duplicate_of: str | None = None  # receipt whose content it repeats
    basis: str = ""  # legal basis of the report type
    changes: tuple[Change, ...] = ()  # against the revision before
    decided_by: str = ""  # receipt of the revision the class rests on, when it is not this one
    changes_since: str = ""  # receipt of the revision the changes are against
    candidates: tuple[str, ...] = ()  # names of the agencies it may belong to (ambiguous_agency)
    paper: bool = False  # a paper copy is owed as well
    waits_for: str = ""  # receipt of another revision of the due that waits for a person
    same_content: str = ""  # receipt of the report for another due that has this very content
    tasks: tuple[TaskFact, ...] = ()  # of a list, as read


@dataclass(frozen=True, slots=True)
class FileFact(Fact):
    """One file of the mail and its fate."""

    name: str
    outcome: str  # read | copy | enclosure | needs_review | unread | refused
    reason: str | None = None
    size: int = 0  # bytes
    type: str = ""  # "docx"


@dataclass(frozen=True, slots=True)
class OwedFact(Fact):
    """One report an agency still owes, or is asked for."""

    type: str
    period: str
    window_from: dt.date | None = None
    window_to: dt.date | None = None
    due_at: dt.datetime | None = None
    due_original: dt.datetime | None = None
    due_why: str | None = None
    paper: bool = False  # on paper as well
    basis: str = ""
    overdue: bool = False  # its own due moment has passed
    incomplete: bool = False  # one came that does not meet what is asked


@dataclass(frozen=True, slots=True)
class CorrectionFact(Fact):
    """An earlier letter's statement replaced: codes of classes or period keys, and why in words or as a code of notes."""

    before: str  # "late", "weekly:2017-07-14"
    after: str  # "on_time"
    why: str = (
        ""  # a code (earlier_mail, decision, deemed_at, extended, waived, calendar, figures) or a person's own words
    )
    receipt: str = ""  # the receipt it is about
    letter_seq: int | None = None  # log position of the letter corrected


@dataclass(frozen=True, slots=True)
class AcknowledgementFacts(Fact):
    """One answer about one mail; also its later ``result`` and ``correction``."""

    agency_name: str  # "Sở Tài chính"
    subject: str  # of the mail answered
    received_at: dt.datetime
    receipt: str  # of the mail: the first report's, else CCHC-X-…
    agency: str = ""  # code
    in_reply_to: str = ""  # Message-ID of the mail answered, "" when it had none
    references: tuple[str, ...] = ()
    clock: str = "internaldate"  # internaldate | border: which clock decided
    internaldate: dt.datetime | None = None  # both clocks, printed when they disagree
    border_received: dt.datetime | None = None
    reports: tuple[ReportFact, ...] = ()
    files: tuple[FileFact, ...] = ()
    owed: tuple[OwedFact, ...] = ()
    next_due_at: dt.datetime | None = (
        None  # the next cutoff it owes and has not met: "send again by …" of an unreadable mail
    )
    test: bool = False
    waiting: bool = False  # reading is not finished: a short receipt, the result follows
    owes_nothing: bool = False  # a known sender that reports to somebody else
    reports_to_name: str = ""  # "UBND huyện Đại Từ"
    outcome: str = ""  # of the mail: read needs_review no_report automatic refused test
    reason: str | None = None  # of the mail as a whole: no_report, empty_message, link_only …
    mail_sha256: str = ""
    correction: CorrectionFact | None = None
    explained: tuple[ExplainedFact, ...] = ()  # what this very mail explains
    unknown_codes: tuple[str, ...] = ()  # codes it names that no finding has
    unmet: tuple[ReportFact, ...] = ()  # reports it explains that lack core lines all the same
    confirmed_from: str = ""  # the unknown address whose mail the agency has confirmed as its own


@dataclass(frozen=True, slots=True)
class ReminderFacts(Fact):
    """What an agency still owes before a cutoff."""

    agency_name: str
    at: dt.datetime
    items: tuple[OwedFact, ...]
    agency: str = ""
    step: str = ""  # "D-1 14:00"
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class WaitingFact(Fact):
    """A mail of the agency that a person has still to look at: it may hold the report asked for."""

    received_at: dt.datetime
    receipt: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingFacts(Fact):
    """What had not come when the cutoff passed."""

    agency_name: str
    at: dt.datetime
    items: tuple[OwedFact, ...]
    agency: str = ""
    mailbox: str = ""
    test_mails: tuple[dt.datetime, ...] = ()
    streak: int = 1  # periods missed in a row, this one included
    waiting: tuple[WaitingFact, ...] = ()  # mails that may hold it: then nobody is said not to have reported
    to_head: bool = False  # written to the head of the agency, not to its clerk
    excused: str = ""  # the notice holds no longer: waived | not_applicable | not_yet_due, the due's class now
    in_reply_to: str = ""  # Message-ID of that notice


@dataclass(frozen=True, slots=True)
class RequestFacts(Fact):
    """A mail from an unknown address names this agency: its registered addresses are asked."""

    agency_name: str
    from_address: str
    received_at: dt.datetime
    agency: str = ""
    files: tuple[str, ...] = ()
    subject: str = ""
    receipt: str = ""
    mail_sha256: str = ""


@dataclass(frozen=True, slots=True)
class TaskFact(Fact):
    """A task of the plan as it stands: what its agency said of it last."""

    agency: str  # code, "" where the list names no single agency
    agency_name: str
    number: str
    task: str
    lead: str  # as written
    due: dt.date | None = None  # its last day
    due_text: str = ""
    state: str = ""  # done under_way not_begun … as the form names them, blank, unclear; "": nobody reported on it
    said: str = ""  # as written
    period: str = ""  # the period it was said for
    since: str = ""  # the period it was first reported in
    overdue: bool = False
