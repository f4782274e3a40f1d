"""Letters about a mail: the acknowledgement, and the correction when what it said no longer holds.

Rules:

1. A reply goes only where the reply gate allows it; why nobody was answered is recorded as a withheld letter.
2. What a sent letter stated is never changed in silence: a changed verdict is told in a ``correction``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from intake import letters
from intake.book import Law, Ruling
from intake.desk import Desk
from intake.rules import reply_gate
from intake.understanding import Understanding
from notifier.facts import AcknowledgementFacts, CorrectionFact
from storage.ledger import Tx
from storage.records import Letter, Mail, Verdict


def answer(desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, rulings: list[Ruling], now: datetime) -> None:
    """Put the acknowledgement into the outbox, or record why nobody is answered."""
    if seen.state in ("own", "bounce") or (seen.state == "needs_review" and seen.reason == "no_report"):
        return
    withheld = withheld_because(desk, tx, seen, rulings, now)
    facts = letters.acknowledgement(desk, tx, law, mail, seen, rulings, now)
    periods = [r.verdict.period for r in rulings if r.verdict.period]
    tx.add_letter(
        Letter(
            kind="acknowledgement",
            about=f"mail:{mail.id}",
            to=(seen.sender.address,) if seen.sender.address else (),
            facts={**facts.to_json(), "periods": periods},
            state="withheld" if withheld else "pending",
            withheld_because=withheld,
            agency=facts.agency or None,
            period=periods[0] if periods else None,
        ),
        desk.office.bot_domain,
    )


def withheld_because(desk: Desk, tx: Tx, seen: Understanding, rulings: list[Ruling], now: datetime) -> str | None:
    """Why this mail is not answered; None when it is."""
    if not desk.settings.notify.answer:
        return "answering_off"
    if rulings and all(r.verdict.duplicate_of for r in rulings):
        return "duplicate"
    since = now - timedelta(hours=1)
    counts = reply_gate.Counts(
        to_address=tx.letters_since(since, to=seen.sender.address),
        overall=tx.letters_since(since),
        thread=_told_today(tx, seen, now),
    )
    return reply_gate.may_answer(seen.kind, seen.sender, counts, desk.budgets)


def correct(desk: Desk, tx: Tx, law: Law, ruling: Ruling, now: datetime, why: str) -> None:
    """A verdict changed after its mail was answered: say so in a letter; nothing stated is changed in silence."""
    submission, before = ruling.submission, ruling.before
    mail = tx.mail(submission.mail_id)
    told = [
        x
        for x in tx.letters(about=f"mail:{submission.mail_id}")
        if x.kind in ("acknowledgement", "correction") and x.state != "withheld"
    ]
    if mail is None or before is None or not told:
        return
    last = told[-1]
    agency = law.roster.get(ruling.verdict.agency, law.calendar.day(now))
    report = letters.report_fact(desk, tx, law, ruling, now)
    facts = AcknowledgementFacts(
        agency_name=agency.name if agency else "",
        agency=ruling.verdict.agency,
        subject=mail.subject,
        in_reply_to=mail.message_id or "",
        references=(),
        received_at=mail.received_at,
        receipt=report.receipt or letters.mail_receipt(mail),
        reports=(report,),
        mail_sha256=mail.sha256,
        correction=CorrectionFact(*changed_words(before, ruling.verdict), why, before.receipt or "", last.seq),
    )
    tx.add_letter(
        Letter(
            kind="correction",
            about=f"mail:{mail.id}",
            to=last.to,
            n=1 + sum(1 for x in told if x.kind == "correction"),
            facts={**facts.to_json(), "periods": [ruling.verdict.period] if ruling.verdict.period else []},
            state="pending" if desk.settings.notify.answer else "withheld",
            withheld_because=None if desk.settings.notify.answer else "answering_off",
            agency=ruling.verdict.agency,
            period=ruling.verdict.period,
        ),
        desk.office.bot_domain,
    )


def changed_words(before: Verdict, after: Verdict) -> tuple[str, str]:
    """What was said and what is said now, as codes of wording: the period when it moved, else the class."""
    if before.period != after.period:
        return before.period or _class_of(before), after.period or _class_of(after)
    return _class_of(before), _class_of(after)


def _class_of(verdict: Verdict) -> str:
    if verdict.duplicate_of:
        return "duplicate"
    return verdict.timing if verdict.outcome.startswith("accepted") else verdict.outcome


def _told_today(tx: Tx, seen: Understanding, now: datetime) -> int:
    """How many letters of ours in this thread are from the last day: clerks answer one thread all year, loops do not wait."""
    told = [tx.letter_by_message_id(message_id) for message_id in seen.reading.envelope.references]
    return sum(1 for letter in told if letter and letter.created_at and now - letter.created_at < timedelta(days=1))
