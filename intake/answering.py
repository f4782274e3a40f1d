"""The acknowledgement of a mail: to whom, or why to nobody.

A reply goes only where the reply gate allows it; why nobody was answered is recorded as a withheld letter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from intake import letters
from intake.book import Law, Ruling
from intake.desk import Desk
from intake.rules import reply_gate
from intake.understanding import Understanding
from storage.ledger import Tx
from storage.records import Letter, Mail


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


def _told_today(tx: Tx, seen: Understanding, now: datetime) -> int:
    """How many letters of ours in this thread are from the last day: clerks answer one thread all year, loops do not wait."""
    told = [tx.letter_by_message_id(message_id) for message_id in seen.reading.envelope.references]
    return sum(1 for letter in told if letter and letter.created_at and now - letter.created_at < timedelta(days=1))
