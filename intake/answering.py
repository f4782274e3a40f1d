"""The acknowledgement of a mail: to whom, or why to nobody.

Rules:

1. A reply goes only where the reply gate allows it; why nobody was answered is recorded as a withheld letter.
2. Each distinct content is answered once. Which of several mails counts is decided by (received_at, sha256) and may change with the next
   one; a letter that has left says enough unless the moment moved, one that has not is taken back (``take_back_repeats``).
   One that came back told nobody: the same content again is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from intake import letters
from intake.book import Law, Ruling
from intake.correcting import KINDS, told_of
from intake.desk import Desk
from intake.replying import Replied
from intake.rules import reply_gate
from intake.understanding import Understanding
from notifier.facts import ReportFact
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Letter, Mail


def answer(
    desk: Desk,
    tx: Tx,
    law: Law,
    mail: Mail,
    seen: Understanding,
    rulings: list[Ruling],
    replied: Replied,
    now: datetime,
) -> None:
    """Put the acknowledgement into the outbox, or record why nobody is answered. An explanation is answered by its ``result``.

    A confirmation is answered by the result of the mail it confirms; an answer only a person can read waits for the person.
    """
    bare = not rulings and seen.reason == "no_report"
    if seen.state in ("own", "bounce") or (bare and replied.confirmed is not None):
        return
    if bare and not replied.taken and seen.state == "needs_review":
        return
    follows = followed(tx, mail)
    if follows and _waits_still(follows, seen, rulings):
        return
    withheld = withheld_because(desk, tx, seen, rulings, now)
    facts = letters.acknowledgement(desk, tx, law, mail, seen, rulings, now)
    if replied.explained:
        facts = replace(facts, explained=replied.explained, unknown_codes=replied.unknown)
        facts = replace(facts, receipt=facts.receipt if rulings else replied.explained[0].receipt)
        facts = replace(facts, unmet=() if rulings else _unmet(desk, tx, law, replied, now))
    periods = [p for p in (*(r.verdict.period for r in rulings), *(x.period for x in replied.explained)) if p]
    tx.add_letter(
        Letter(
            kind="result" if follows or (bare and replied.explained) else "acknowledgement",
            about=f"mail:{mail.id}",
            to=(seen.sender.address,) if seen.sender.address else (),
            facts={**facts.to_json(), "periods": list(dict.fromkeys(periods))},
            state="withheld" if withheld else "pending",
            withheld_because=withheld,
            agency=facts.agency or None,
            period=periods[0] if periods else None,
        ),
        desk.office.bot_domain,
    )


def _unmet(desk: Desk, tx: Tx, law: Law, replied: Replied, now: datetime) -> tuple[ReportFact, ...]:
    """The reports explained that are incomplete all the same: a reason stands for no core line."""
    found = []
    for receipt in dict.fromkeys(fact.receipt for fact in replied.explained):
        submission = tx.by_receipt(receipt)
        verdict = tx.latest_verdict(submission.id) if submission else None
        if submission and verdict:
            found.append(letters.report_fact(desk, tx, law, Ruling(submission, verdict, verdict), now))
    return tuple(report for report in found if report.outcome == report.due_class == "incomplete")


def take_back_repeats(tx: Tx, rulings: Sequence[Ruling]) -> None:
    """Letters nobody can have yet (never tried, or refused) about reports found to repeat an earlier one: that one's letter says it."""
    again = [r for r in rulings if r.verdict.duplicate_of]
    turned = [r for r in again if r.changed]
    repeated = {verdict.receipt for r in again for verdict in tx.verdicts_of(r.submission.id)} if turned else set()
    for ruling in turned:
        for letter in tx.letters(about=f"mail:{ruling.submission.mail_id}", kind="acknowledgement", state="pending"):
            stated = {report.get("receipt") for report in letter.facts.get("reports", ())}
            if letter.raw_sha256 is None and stated and stated <= repeated and not letter.facts.get("explained"):
                tx.settle_letter(letter, "withheld", "duplicate", withheld_because="duplicate")


def followed(tx: Queries, mail: Mail) -> Letter | None:
    """The short receipt or the "in review" that went before: what is said now is its one ``result``."""
    sent = [x for x in tx.letters(about=f"mail:{mail.id}", kind="acknowledgement") if x.state != "withheld"]
    waiting = sent and (sent[0].facts.get("waiting") or sent[0].facts.get("outcome") == "needs_review")
    return sent[0] if waiting else None


def _waits_still(follows: Letter, seen: Understanding, rulings: list[Ruling]) -> bool:
    """Whether nothing new can be said: it was "in review" and is so still."""
    if follows.facts.get("waiting"):
        return False
    return seen.state == "needs_review" or any(r.verdict.outcome == "in_review" for r in rulings)


def withheld_because(desk: Desk, tx: Tx, seen: Understanding, rulings: list[Ruling], now: datetime) -> str | None:
    """Why this mail is not answered; None when it is."""
    if not desk.settings.notify.answer:
        return "answering_off"
    repeated = bool(rulings) and all(r.verdict.duplicate_of or _told_already(tx, r) for r in rulings)
    if repeated and not any(_came_back(tx, r) for r in rulings):
        return "duplicate"
    since = now - timedelta(hours=1)
    counts = reply_gate.Counts(
        to_address=tx.letters_since(since, to=seen.sender.address),
        overall=tx.letters_since(since),
        thread=_told_today(tx, seen, now),
    )
    return reply_gate.may_answer(seen.kind, seen.sender, counts, desk.budgets)


def _told_already(tx: Tx, ruling: Ruling) -> bool:
    """Whether a letter has said all of it: the same content received in the same second, read before this one."""
    moment = ruling.verdict.received_at
    return any(copy.verdict.received_at == moment and told_of(tx, copy.submission) for copy in ruling.copies)


def _came_back(tx: Tx, ruling: Ruling) -> bool:
    """Whether whatever was written about the content this repeats could not be delivered."""
    receipt = letters.receipt_of(tx, ruling.verdict.duplicate_of)
    written = (x for kind in KINDS for x in tx.letters(kind=kind, agency=ruling.verdict.agency))
    states = {x.state for x in written if receipt and _speaks_of(x, receipt)} - {"withheld"}
    return states == {"failed"}


def _speaks_of(letter: Letter, receipt: str) -> bool:
    """Whether a letter tells about that report, or about a repeat of it."""
    return any(receipt in (told.get("receipt"), told.get("duplicate_of")) for told in letter.facts.get("reports", ()))


def _told_today(tx: Tx, seen: Understanding, now: datetime) -> int:
    """How many letters of ours in this thread are from the last day: clerks answer one thread all year, loops do not wait."""
    told = [tx.letter_by_message_id(message_id) for message_id in seen.reading.envelope.references]
    return sum(1 for letter in told if letter and letter.created_at and now - letter.created_at < timedelta(days=1))
