"""Step 5: one read mail and the law in force → what it is, whose it is, which submissions it makes. Pure: nothing is written.

Rules, in order (each that fires leaves a line in ``trail`` for ``explain``):

1. Our own letters and bounces are told apart first; automatic mail is read on, because document systems set such headers too.
2. The sender's full address decides; unknown, several or failing senders are credited with nothing (plan, addresses of agencies).
3. A mail only a person can open (``reason`` of the envelope) makes an attempt in review, never a silent nothing.
4. Each report found is attributed on its own; a subordinate's report is an enclosure.
5. A file that could not be read is an attempt only where its name or the subject speaks of a report, or the mail answers a letter
   of ours: a decision, a plan or a photograph must not become a report (plan, documents to be attached). Its type is the one spoken
   of, unless that type was read beside it. A mail too large to be opened and one with nothing but a link are held to the same.
6. A link is the sender's to mend, never a review without end: the attempt is refused, the mail stays for a person to see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from intake.rules.reply_gate import Kind
from intake.rules.roster import Roster
from intake.rules.schedule import span_of_label
from intake.rules.values import Agency, ReportType, Sender
from intake.rules.whose import attribute
from parsers.fold import fold
from parsers.periods import SPANS, stated_label
from parsers.values import MailReading, PartReading, Report

CLOCKS_APART = 120  # seconds between the border's clock and INTERNALDATE that need a person (plan: receipt time)
LINK_ONLY = "link_only"
_RECEIPT_PERIOD = re.compile(
    r"CCHC-([0-9A-Za-z]{0,40}?)(\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)-W|-M)|(?P<part>Q\d-Q|H\d-H)|-Y)-"
)
_KINDS = {"W": "weekly", "M": "monthly", "Q": "quarterly", "H": "half", "Y": "yearly"}
_MONTH = re.compile(r"(?:(?:\bbao ?cao|\bcchc|\bbc|\bcong tac) ?|\btuan(?: \d+)? va )thang(?![a-z])")
_WEEK = re.compile(
    r"(?:\bbao ?cao|\bcchc|\bbc|\bso lieu)\b.*\btuan(?![a-z])|(?:bao ?cao|\bbc)tuan|\btuan(?: thu)? ?\d|^tuan(?: (?:docx?|xlsx?|pdf|zip|rar))?$"
)
_SPOKEN = (
    ("quarter", re.compile(r"\b(?:bao ?cao|bc|cchc) quy\b|\bquy (?:iv|i{1,3}|[1-4])\b")),
    ("half", re.compile(r"\b0?6 thang (?:dau|cuoi)\b")),
    ("month", _MONTH),
    ("week", _WEEK),
    ("year", re.compile(r"\b(?:bao ?cao|bc|cchc) (?:ca )?nam\b")),
)
_REPORT = re.compile(r"\bbao ?cao|\bbc(?![a-z])")
_SUBJECT_MATTER = re.compile(r"\bcchc\b")
_OTHER_DOCUMENT = re.compile(r"\b(?:quyet dinh|qd|ke hoach|kh|cong van|cv|to trinh|giay moi|thong bao)\b")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One submission to be recorded: a report, or an attempt at one that could not be read."""

    agency: str
    type: str
    part: PartReading | None = None
    report: Report | None = None
    candidates: tuple[str, ...] = ()
    how: str = ""
    blocked: str | None = None
    refused: str | None = None
    whole: bool = False  # a type without a form: the file itself is the report


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a mail is taken for."""

    reading: MailReading
    kind: Kind
    sender: Sender
    state: str  # the mail's terminal state
    reason: str | None
    attempts: tuple[Attempt, ...] = ()
    enclosures: frozenset[tuple[str, ...]] = frozenset()  # paths of parts that are a subordinate's report
    trail: tuple[tuple[str, str], ...] = field(default=())  # (rule, what it said)
    answers: bool = False  # it answers a letter of ours


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and under which circumstances a mail came."""

    day: date  # of receipt, office's time zone
    internaldate: datetime
    border_received: datetime | None
    decided_agency: str | None = None  # a person attributed the mail
    released: bool = False  # a person released an unverified sender or a clock that disagreed
    answers_letter: bool = False  # it answers a letter of ours


def understand(
    reading: MailReading, kind: Kind, sender: Sender, roster: Roster, types: Sequence[ReportType], occasion: Occasion
) -> Understanding:
    """Say what the mail is. See the module's rules."""
    trail = [
        ("kind", f"{kind.kind or 'ordinary'} {kind.detail}".strip()),
        ("sender", f"{sender.how} {sender.code or '-'} {sender.reason or ''}".strip()),
    ]
    if occasion.decided_agency:
        sender = replace(sender, code=occasion.decided_agency, how="address", reason=None, owes=True)
        trail.append(("person", f"attributed to {occasion.decided_agency}"))
    base = Understanding(reading, kind, sender, "recorded", None, answers=occasion.answers_letter)
    if kind.kind in ("own", "bounce") and not kind.doubted:
        return replace(base, state=kind.kind, trail=tuple(trail))
    if reading.outcome == "test":
        return replace(base, state="test", trail=(*trail, ("trial", "subject starts with a trial mark")))
    blocked = _blocked_as_a_whole(reading, kind, sender, occasion)
    if blocked:
        trail.append(("held", blocked))
    attempts, enclosures = _attempts(reading, sender, roster, types, occasion, blocked)
    trail += [("attempt", f"{a.type} {a.agency} {a.how} {a.blocked or a.refused or 'read'}") for a in attempts]
    state, reason = _state(reading, kind, sender, attempts, blocked, occasion)
    trail.append(("state", f"{state} {reason or ''}".strip()))
    return replace(base, state=state, reason=reason, attempts=attempts, enclosures=enclosures, trail=tuple(trail))


def _blocked_as_a_whole(reading: MailReading, kind: Kind, sender: Sender, occasion: Occasion) -> str | None:
    if reading.envelope.received_count > 100 or (kind.doubted and not occasion.released):
        return "loop_suspected"
    if sender.reason and sender.reason != "sender_unknown" and not occasion.released:
        return sender.reason
    border = occasion.border_received
    if border and abs((border - occasion.internaldate).total_seconds()) > CLOCKS_APART and not occasion.released:
        return "clock_disagrees"
    return None


def _attempts(
    reading: MailReading,
    sender: Sender,
    roster: Roster,
    types: Sequence[ReportType],
    occasion: Occasion,
    blocked: str | None,
) -> tuple[tuple[Attempt, ...], frozenset[tuple[str, ...]]]:
    """Every submission the mail makes, and the parts that are a subordinate's report."""
    attempts: list[Attempt] = []
    enclosures: set[tuple[str, ...]] = set()
    for part in reading.parts:
        asked = [report for report in part.reports if any(t.form == report.type for t in types)]
        if part.reports and not asked:
            enclosures.add(part.path)  # of a form no report type has
        for report in asked if part.outcome in ("read", "needs_review") else ():
            whose = attribute(sender, report, roster, occasion.day)
            if whose.enclosure:
                enclosures.add(part.path)
            elif whose.agency and (whose.how == "successor" or roster.reports_at_last(whose.agency, occasion.day)):
                held = blocked or whose.blocked or (part.reason if part.outcome == "needs_review" else None)
                kind = type_of(report, types, roster.reports_at_last(whose.agency, occasion.day), part.name, reading)
                attempts.append(Attempt(whose.agency, kind, part, report, whose.candidates, whose.how, blocked=held))
    owner = roster.row(sender.code, occasion.day) if sender.code else None
    owed = roster.reports_at_last(owner.code, occasion.day) if owner else ()
    if owner and owed:
        wanted = [t for t in types if t.type in owed]
        read = {a.type for a in attempts}
        attempts += _formless(reading, owner, wanted, read, blocked)
        attempts += _unread(
            reading, owner, wanted, read | {a.type for a in attempts}, blocked, answers=occasion.answers_letter
        )
    return tuple(attempts), frozenset(enclosures)


def type_of(report: Report, types: Sequence[ReportType], owed: Sequence[str], name: str, reading: MailReading) -> str:
    """The report type a report is of: of several with its form the one the file's name, the report's title, the subject speak of.

    Where none does, the first owed.
    """
    fitting = [t for t in types if t.form == report.type]
    mine = [t for t in fitting if t.type in owed] or fitting
    if len(mine) > 1:
        label = report.window.month
        titled = [t.type for t in mine if label and t.every in SPANS and span_of_label(t.every, label)]
        spoken = spoken_type(name, mine) or (titled[0] if len(titled) == 1 else None)
        spoken = spoken or spoken_type(reading.envelope.subject, mine)
        return spoken or next((t.type for t in mine if t.type == report.type), mine[0].type)
    return mine[0].type if mine else report.type


def _formless(
    reading: MailReading, owner: Agency, types: Sequence[ReportType], read: set[str], blocked: str | None
) -> list[Attempt]:
    """Reports of types without a form: a readable file that file name or subject call one; whatever stands in it is not read."""
    found: dict[str, Attempt] = {}
    for part in reading.parts:
        if part.outcome != "enclosure" or part.role in ("inline", "body"):
            continue
        kind = spoken_type(part.name, types) or spoken_type(reading.envelope.subject, types)
        if kind and kind not in read and kind not in found and not next(t.form for t in types if t.type == kind):
            found[kind] = Attempt(owner.code, kind, part, None, (), "address", blocked, whole=blocked is None)
    return list(found.values())


def _unread(
    reading: MailReading,
    owner: Agency,
    types: Sequence[ReportType],
    read: set[str],
    blocked: str | None,
    *,
    answers: bool,
) -> list[Attempt]:
    """Attempts at reports that could not be read: one for each type, the part that only we could not read first."""
    subject = reading.envelope.subject
    told = answers or speaks_of_report(subject)  # what came with it is meant as a report
    found: dict[str, Attempt] = {}
    candidates = [
        p for p in reading.parts if p.outcome in ("needs_review", "refused") and not p.reports and p.role != "inline"
    ]
    for part in sorted(candidates, key=_likeliest_first):
        if not (told or speaks_of_report(part.name)):
            continue
        beside = next(
            (t for t in spoken_types(subject, types) if t not in read), None
        )  # beside a report read: another type
        guess = spoken_type(part.name, types) or beside or (None if read else _first_type(types))
        if guess is None or guess in read or guess in found:
            continue
        held = blocked or (part.reason if part.outcome == "needs_review" else None)
        found[guess] = Attempt(owner.code, guess, part, None, (), "address", held, None if held else part.reason)
    whole = reading.reason if reading.outcome in ("needs_review", "refused") and not candidates else None
    senders = reading.outcome == "refused" or whole == LINK_ONLY  # the sender must send again
    guess = spoken_type(subject, types) or _first_type(types)
    if whole and guess and not read and not found and (told or not senders):
        held = blocked or (None if senders else whole)
        found[guess] = Attempt(owner.code, guess, None, None, (), "address", held, None if held else whole)
    return list(found.values())


def _likeliest_first(part: PartReading) -> tuple[bool, bool, bool]:
    """Documents that call themselves something else last, what only we could not read first, named reports before the nameless."""
    named = speaks_of_report(part.name)
    return (not named and bool(_OTHER_DOCUMENT.search(_plain(part.name))), part.outcome != "needs_review", not named)


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-.,:;()\[\]/]+", " ", fold(text)).strip()


def speaks_of_report(text: str) -> bool:
    """Whether a file name or subject speaks of a report: by its type, as "báo cáo" or "BC", or of CCHC and of nothing else.

    >>> speaks_of_report("BC_tuan 30.rar"), speaks_of_report("QĐ 12.doc"), speaks_of_report("Kế hoạch CCHC 2017.doc")
    (True, False, False)
    """
    plain = _plain(text)
    if any(words.search(plain) for words in (_MONTH, _WEEK, _REPORT)):
        return True
    return bool(_SUBJECT_MATTER.search(plain)) and not _OTHER_DOCUMENT.search(plain)


def spoken_type(text: str, types: Sequence[ReportType]) -> str | None:
    """The report type a file name or subject speaks of, among these; None when it speaks of none."""
    return next(iter(spoken_types(text, types)), None)


def spoken_types(text: str, types: Sequence[ReportType]) -> tuple[str, ...]:
    """Every report type a text speaks of, the likeliest first."""
    plain = _plain(text)
    found = []
    for report_type in types:
        called = (
            *report_type.words,
            *((report_type.title,) if report_type.every == "once" and report_type.title else ()),
        )
        if any(_plain(words) in plain for words in called):
            found.append(report_type.type)
    for every, spoken in _SPOKEN:
        if spoken.search(plain):
            found += [t.type for t in types if t.every == every][:1]
    return tuple(dict.fromkeys(found))


def _first_type(types: Sequence[ReportType]) -> str | None:
    return types[0].type if types else None


def _state(
    reading: MailReading,
    kind: Kind,
    sender: Sender,
    attempts: Sequence[Attempt],
    blocked: str | None,
    occasion: Occasion,
) -> tuple[str, str | None]:
    """The mail's state and reason once everything in it is known."""
    held = next((a.blocked for a in attempts if a.blocked), None)
    if attempts:
        refused = next((a.refused for a in attempts if a.refused), None)
        if held or refused == LINK_ONLY:
            return "needs_review", held or refused
        return "recorded", refused if all(a.refused for a in attempts) else None
    if kind.kind in ("automatic", "list"):
        return "automatic", None
    if blocked and not (kind.doubted and sender.code is None):
        return "needs_review", blocked
    if sender.code is None:
        doubtful = any(p.outcome == "needs_review" or p.reports for p in reading.parts)
        return ("needs_review", sender.reason or "sender_unknown") if doubtful else ("not_a_report", "sender_unknown")
    if not sender.owes:
        return "recorded", None
    if reading.outcome == "needs_review" or (reading.outcome == "refused" and not reading.parts):
        return "needs_review", reading.reason
    if reading.outcome == "refused":
        return "not_a_report", "no_report"
    return ("needs_review", "no_report") if occasion.answers_letter else ("not_a_report", reading.reason or "no_report")


def receipt_period(subject: str) -> str | None:
    """The period key a receipt number in the subject names.

    >>> receipt_period("Re: [CCHC-20170721-W-STC-r1]")
    'weekly:2017-07-21'
    >>> receipt_period("Re: [CCHC-tasks201707-M-STC-r1]")
    'tasks:2017-07'
    """
    match = _RECEIPT_PERIOD.search(subject)
    if not match:
        return None
    kind = match[1] or _KINDS[match[0][-2]]
    return f"{kind}:{'-'.join(filter(None, (match[2], match['month'], match['day'], (match['part'] or '')[:2])))}"


def stated_period(report_type: str, label: str | None, *texts: str, every: str = "month") -> str | None:
    """The period a report of a month, quarter, half or year states: its title's, else the first a file name or subject speaks of.

    >>> stated_period("monthly", None, "bao cao.docx", "Báo cáo tháng 7/2017")
    'monthly:2017-07'
    """
    found = label or next(filter(None, (stated_label(text, every) for text in texts)), None)
    return f"{report_type}:{found}" if found else None
