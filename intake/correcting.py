"""What a letter said and what holds now: a ``correction`` where they differ, a ``result`` where nobody was told yet.

Rules:

1. Compared is what the last letter about a report stated (period, class of the due, outcome) with the same today, for every
   report of the dues touched; nothing a letter stated changes in silence.
2. A newer mail of the agency changes the class of its due as well; its own acknowledgement says so, the older ones stay. From then
   on the class of the due is corrected where it was told last, and once.
3. When a person finds another agency, the old addressee learns only that; the result goes to the new agency's address.
4. A letter that promised a result (still waiting, in review) is followed by one ``result``; what changes after it is a correction.
5. An agency that has ended is still called by its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from intake import letters
from intake.board import due_class, period_of
from intake.book import Law, Ruling
from intake.desk import Desk
from intake.outgoing import put_out
from intake.owing import owed
from notifier.facts import AcknowledgementFacts, CorrectionFact, ReportFact
from notifier.wording import ELSEWHERE, NOT_A_REPORT
from storage.ledger import Tx
from storage.records import Letter, Mail, Submission

KINDS = ("acknowledgement", "correction", "result")
GONE = ("declined", "withdrawn", NOT_A_REPORT)  # a report told of before that a person has taken out of the due


@dataclass(frozen=True, slots=True)
class Told:
    """What the last letter about a report said."""

    letter: Letter
    report: dict[str, Any]
    agency: str  # the report was thought to be of then

    @property
    def words(self) -> tuple[str | None, str, str]:
        """Period, class of the due, outcome."""
        return self.report.get("period"), self.report.get("due_class") or "", _plain(self.report.get("outcome") or "")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why verdicts are looked at again."""

    why: str  # a code of the wording, or a person's own words
    mine: Collection[str] = ()  # refs of the mail being answered right now
    received_at: datetime | None = None  # of that mail
    about_mail: int = 0  # the mail a person decided on, or had read again: its result is owed
    answering: Mail | None = None  # the agency's own answer that brought this about: the result goes into its thread


def tell(desk: Desk, tx: Tx, law: Law, rulings: Sequence[Ruling], now: datetime, cause: Cause) -> None:
    """Write the corrections and results these rulings owe."""
    touched = {r.verdict.period for r in rulings if r.changed or r.before is None or r.submission.ref in cause.mine}
    touched |= {r.before.period for r in rulings if r.before and r.changed}
    results: dict[int, list[Ruling]] = defaultdict(list)
    told_last: dict[str | None, int] = {}  # period → the letter that told its class last
    class_only: list[tuple[Ruling, Told]] = []
    corrected: set[str | None] = set()
    for ruling in rulings:
        if ruling.submission.ref in cause.mine or (cause.mine and ruling.verdict.period not in touched):
            continue
        if cause.why == "reread" and ruling.verdict.outcome == "withdrawn":
            continue  # the attempt gave way to the report read from the same mail, which has a letter of its own
        told = told_of(tx, ruling.submission)
        if told is None:
            if ruling.submission.mail_id == cause.about_mail and ruling.verdict.outcome != "in_review":
                results[ruling.submission.mail_id].append(ruling)
            continue
        told_last[ruling.verdict.period] = max(told_last.get(ruling.verdict.period, 0), told.letter.seq)
        if not _holds_no_longer(tx, law, ruling, told, now, cause):
            continue
        if _promised(tx, law, ruling, told, now):
            results[ruling.submission.mail_id].append(ruling)
        elif _says_otherwise(ruling, told):
            _correct(desk, tx, law, ruling, told, now, cause)
            corrected.add(ruling.verdict.period)
        else:
            class_only.append((ruling, told))
    for ruling, told in class_only:
        if ruling.verdict.period not in corrected and told.letter.seq == told_last[ruling.verdict.period]:
            _correct(desk, tx, law, ruling, told, now, cause)
    for owed_results in results.values():
        _result(desk, tx, law, owed_results, now, cause.answering)


def _says_otherwise(ruling: Ruling, told: Told) -> bool:
    """Whether what holds no longer is the report's own word; else it is the class of its due alone."""
    period, _, outcome = told.words
    verdict = ruling.verdict
    own = (period, outcome, told.agency) == (verdict.period, _plain(verdict.outcome), verdict.agency)
    return not own or _moved(ruling)


def _moved(ruling: Ruling) -> bool:
    """Whether the moment it counts as received is another one now."""
    return ruling.before is not None and ruling.before.received_at != ruling.verdict.received_at


def _promised(tx: Tx, law: Law, ruling: Ruling, told: Told, now: datetime) -> bool:
    """Whether the agency waits for this very result: its letter said "in review", and nothing of it is any more."""
    if told.letter.kind != "acknowledgement" or told.agency != ruling.verdict.agency:
        return False
    said_waiting = "in_review" in (told.report.get("outcome"), told.report.get("due_class"))
    return said_waiting and "in_review" not in (ruling.verdict.outcome, _class_now(tx, law, ruling, now))


def told_of(tx: Tx, submission: Submission) -> Told | None:
    """The last letter that told about a report; None when none did (or none left the house)."""
    receipts = {v.receipt: v.agency for v in tx.verdicts_of(submission.id) if v.receipt}
    for letter in reversed(tx.letters(about=f"mail:{submission.mail_id}")):
        if letter.kind in KINDS and letter.state not in ("withheld", "failed"):
            for report in letter.facts.get("reports", ()):
                if (agency := receipts.get(report.get("receipt"))) is not None:
                    return Told(letter, report, agency)
    return None


def _holds_no_longer(tx: Tx, law: Law, ruling: Ruling, told: Told, now: datetime, cause: Cause) -> bool:
    verdict = ruling.verdict
    today = _class_now(tx, law, ruling, now)
    if cause.received_at and not ruling.changed and cause.received_at >= ruling.submission.received_at:
        return False  # a newer mail of the agency: its own letter says what changed
    held = told.agency == verdict.agency and told.words == (verdict.period, today, _plain(verdict.outcome))
    return not held or _moved(ruling)


def _class_now(tx: Tx, law: Law, ruling: Ruling, now: datetime) -> str:
    verdict = ruling.verdict
    if not verdict.period:
        return ""
    return due_class(tx, law, period_of(tx, law.calendar, verdict.period), verdict.agency, now)


def _plain(outcome: str) -> str:
    return "accepted" if outcome.startswith("accepted") else outcome


def _correct(desk: Desk, tx: Tx, law: Law, ruling: Ruling, told: Told, now: datetime, cause: Cause) -> None:
    mail = tx.mail(ruling.submission.mail_id)
    if mail is None:
        return
    report = letters.report_fact(desk, tx, law, ruling, now)
    correction = CorrectionFact(*_words(told, report), cause.why, told.report.get("receipt") or "", told.letter.seq)
    if told.agency != ruling.verdict.agency:
        old = told.letter.agency or told.agency
        gone = CorrectionFact(_words(told, report)[0], ELSEWHERE, "agency", correction.receipt, told.letter.seq)
        facts = _owing(desk, tx, law, _facts(law, mail, old, (), gone, now), now)
        _post(desk, tx, mail, "correction", told.letter.to, facts)
        _result(desk, tx, law, [ruling], now)
        return
    addressed = _addressed(law, told, ruling.verdict.agency, now)
    reports = _reports_to(law, addressed, (report,), ruling.verdict.agency)
    facts = _owing(desk, tx, law, _facts(law, mail, addressed, reports, correction, now), now)
    _post(desk, tx, mail, "correction", told.letter.to, facts, ruling.verdict.period)


def _addressed(law: Law, told: Told | None, agency: str, now: datetime) -> str:
    """Whom a letter about a report of that agency speaks to: the agency, or its successor where that was told, or is all there is."""
    heir = told.letter.agency if told and told.agency == agency else law.roster.heir(agency, law.calendar.day(now))
    return heir if heir and law.roster.succeeds(heir, agency) else agency


def _reports_to(law: Law, addressed: str, reports: tuple[ReportFact, ...], agency: str) -> tuple[ReportFact, ...]:
    """These reports as told to whoever is addressed: to a successor as its predecessor's."""
    if addressed == agency:
        return reports
    name = letters.latest_name(law, agency)
    return tuple(replace(report, agency_how=letters.SUCCESSOR, agency_name=name) for report in reports)


def tell_again(desk: Desk, tx: Tx, law: Law, rulings: Sequence[Ruling], now: datetime, why: str) -> None:
    """What a letter said beside the class holds no longer (an explanation was taken back): the report is told anew."""
    for ruling in rulings:
        told = told_of(tx, ruling.submission)
        if told is not None and ruling.verdict.outcome != "withdrawn":
            _correct(desk, tx, law, ruling, told, now, Cause(why))


def _words(told: Told, report: ReportFact) -> tuple[str, str]:
    """What was said and what is said now, as codes of the wording.

    The period when it moved; what became of the report itself when a person refused it or it was withdrawn; else the class.
    """
    period, said_class, _ = told.words
    before, after = (
        _own_word(told.report.get("outcome") or "", told.report.get("reason")),
        _own_word(report.outcome, report.reason),
    )
    if period != report.period and NOT_A_REPORT not in (before, after):
        return period or said_class, report.period or report.due_class
    if after in GONE and before != after:
        return before or (said_class if said_class != report.due_class else "recorded"), after
    if said_class and said_class != report.due_class:
        return said_class, report.due_class
    return before or said_class, after or report.due_class


def _own_word(outcome: str, reason: str | None) -> str:
    """The word of a report that does not stand, "" for one that does: what a person refused was read and has a word of its own."""
    if outcome == "refused" and reason in (None, "", "no_report"):
        return NOT_A_REPORT if reason else "declined"
    return outcome if outcome in ("refused", "withdrawn", "in_review", "incomplete") else ""


def _result(
    desk: Desk, tx: Tx, law: Law, rulings: Sequence[Ruling], now: datetime, answering: Mail | None = None
) -> None:
    """The verdict on a mail: to whoever was told to wait for it, else to the registered address of the agency it was found to be of.

    Of an agency that has ended, to the one that came after it. One ``result`` a mail; a second report of it settled later is told as a correction.
    """
    mail = tx.mail(rulings[0].submission.mail_id)
    agency = rulings[0].verdict.agency
    told = told_of(tx, rulings[0].submission)
    addressed = agency if answering else _addressed(law, told, agency, now)
    to = law.roster.addresses(addressed, law.calendar.day(now))[:1]
    if answering:
        to = (answering.from_address,)
    elif told and told.agency == agency:
        to = told.letter.to
    if mail is None or not to:
        return
    read = tuple(letters.report_fact(desk, tx, law, ruling, now) for ruling in rulings)
    reports = _reports_to(law, addressed, read, agency)
    facts = _owing(desk, tx, law, _facts(law, mail, addressed, reports, None, now), now)
    if answering:
        facts = replace(facts, in_reply_to=answering.message_id or "", confirmed_from=mail.from_address)
    kind = "correction" if tx.letters(about=f"mail:{mail.id}", kind="result") else "result"
    _post(desk, tx, mail, kind, to, facts, rulings[0].verdict.period)


def nothing_in_it(desk: Desk, tx: Tx, law: Law, mail: Mail, now: datetime) -> None:
    """A mail whose sender was told to wait held no report after all: its ``result``, to whom that was told."""
    told = _told_to_wait(tx, mail)
    if told is None or tx.letters(about=f"mail:{mail.id}", kind="result"):
        return
    facts = _facts(law, mail, told.agency or "", (), None, now)
    facts = replace(_owing(desk, tx, law, facts, now), outcome="no_report", reason="no_report")
    _post(desk, tx, mail, "result", told.to, facts)


def _told_to_wait(tx: Tx, mail: Mail) -> Letter | None:
    """The letter that said a person looks at this mail: its acknowledgement, else a notice that named it instead of "nothing came"."""
    sender, receipt = str(mail.facts.get("sender") or ""), letters.mail_receipt(mail)
    notices = tx.letters(kind="missing_notice", agency=sender) if sender else ()
    named = (x for x in notices if any(one["receipt"] == receipt for one in x.facts.get("waiting", ())))
    answered = tx.letters(about=f"mail:{mail.id}", kind="acknowledgement")
    said = (*(x for x in answered if x.facts.get("outcome") == "needs_review"), *named)
    return next((x for x in said if x.state not in ("withheld", "failed")), None)


def _owing(desk: Desk, tx: Tx, law: Law, facts: AcknowledgementFacts, now: datetime) -> AcknowledgementFacts:
    """The same with what the agency still owes."""
    agency = law.roster.get(facts.agency, law.calendar.day(now))
    if agency is None:
        return facts
    return replace(
        facts, owed=owed(desk, tx, law, agency, now), next_due_at=letters.next_due(desk, law, agency.code, now)
    )


def _facts(
    law: Law, mail: Mail, agency: str, reports: tuple[ReportFact, ...], correction: CorrectionFact | None, now: datetime
) -> AcknowledgementFacts:
    return AcknowledgementFacts(
        agency_name=letters.name_of(law, agency, now) or letters.latest_name(law, agency),
        agency=agency,
        subject=mail.subject,
        in_reply_to=mail.message_id or "",
        received_at=mail.received_at,
        clock=letters.clock_of(mail),
        receipt=next((r.receipt for r in reports if r.receipt), letters.mail_receipt(mail)),
        reports=reports,
        mail_sha256=mail.sha256,
        correction=correction,
        outcome="read",
    )


def _post(
    desk: Desk,
    tx: Tx,
    mail: Mail,
    kind: str,
    to: tuple[str, ...],
    facts: AcknowledgementFacts,
    period: str | None = None,
) -> None:
    said = {**facts.to_json(), "periods": [period] if period else []}
    put_out(desk, tx, Letter(kind, f"mail:{mail.id}", to, said, agency=facts.agency or None, period=period))
