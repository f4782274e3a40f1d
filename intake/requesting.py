"""The ``request`` letter: a mail from an unknown address names an agency, and its REGISTERED addresses are asked whether it is theirs.

Rules:

1. Only where letterhead or number point to exactly one agency that owes, and nothing but the address is in doubt.
2. The unknown address is never answered; the agency is asked once for each mail, within the budgets of any letter.
3. The same content again from an unknown address is asked about once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from intake import letters
from intake.book import Law, Ruling
from intake.desk import Desk
from intake.outgoing import put_out
from intake.understanding import Understanding
from notifier.facts import RequestFacts
from storage.ledger import Tx
from storage.records import Letter, Mail

UNKNOWN = "sender_unknown"
_NO_FILES = ("body", "inline", "signature")


def request(
    desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, rulings: Sequence[Ruling], now: datetime
) -> None:
    """Ask each agency the mail names, at its registered addresses."""
    asked = [r.verdict for r in rulings if r.verdict.reason == UNKNOWN and r.verdict.outcome == "in_review"]
    for agency in dict.fromkeys(v.agency for v in asked if not v.duplicate_of):
        periods = [v.period for v in asked if v.agency == agency and v.period]
        facts = RequestFacts(
            agency_name=letters.name_of(law, agency, now),
            from_address=seen.sender.address,
            received_at=mail.received_at,
            agency=agency,
            files=tuple(part.name for part in seen.reading.parts if part.role not in _NO_FILES),
            subject=seen.reading.envelope.subject,
            receipt=letters.mail_receipt(mail),
            mail_sha256=mail.sha256,
        )
        _post(desk, tx, law, mail, facts, periods, now)


def ask_agency(desk: Desk, tx: Tx, law: Law, mail: Mail, agency: str, now: datetime) -> None:
    """A person has us ask one agency, at its registered addresses, whether a mail is its own."""
    verdicts = [v for s in tx.submissions(mail.id) if (v := tx.latest_verdict(s.id)) and v.period]
    facts = RequestFacts(
        agency_name=letters.name_of(law, agency, now),
        from_address=mail.from_address,
        received_at=mail.received_at,
        agency=agency,
        files=tuple(part.name for part in tx.parts(mail.id) if not part.name.startswith("part-")),
        subject=mail.subject,
        receipt=letters.mail_receipt(mail),
        mail_sha256=mail.sha256,
    )
    _post(desk, tx, law, mail, facts, [str(v.period) for v in verdicts][:1], now)


def _post(desk: Desk, tx: Tx, law: Law, mail: Mail, facts: RequestFacts, periods: Sequence[str], now: datetime) -> None:
    to = law.roster.addresses(facts.agency, law.calendar.day(now))
    withheld = withheld_because(desk, tx, to, now)
    letter = Letter(
        kind="request",
        about=f"mail:{mail.id}",
        to=to,
        facts={**facts.to_json(), "periods": list(periods)},
        withheld_because=withheld,
        agency=facts.agency,
        period=periods[0] if periods else None,
    )
    put_out(desk, tx, letter)


def withheld_because(desk: Desk, tx: Tx, to: Sequence[str], now: datetime) -> str | None:
    """Why the agency is not asked; strangers must not make us flood it."""
    if not to:
        return "no_address"
    if not desk.settings.notify.answer:
        return "answering_off"
    since = now - timedelta(hours=1)
    if tx.letters_since(since, to=to[0]) >= desk.budgets.per_address_per_hour:
        return "budget"
    return "breaker" if tx.letters_since(since) >= desk.budgets.per_hour else None
