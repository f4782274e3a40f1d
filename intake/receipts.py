"""The short receipt: whoever waits longer than two minutes for a reading is told that the mail came.

Rules:

1. Only for a mail with a file that came within the last day, from an address that may be answered; a trial is not told to wait.
2. It is the mail's one ``acknowledgement``; what was read follows as its one ``result``.
3. The mail is opened, not read: nothing is decided by it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from intake import letters
from intake.answering import withheld_because
from intake.book import Law, law_of
from intake.desk import Desk
from intake.recording import judge_mail
from intake.understanding import Understanding
from parsers.assemble import is_trial
from parsers.box import BoxFailure
from parsers.limits import MAIL_MAX
from parsers.values import MailReading
from storage.ledger import Tx
from storage.records import Letter, Mail

AFTER = timedelta(minutes=2)
NOT_OLDER = timedelta(days=1)  # a backlog older than this is answered when it is read


def tell_waiting(desk: Desk, seen: set[int]) -> int:
    """Owe the short receipt for each mail whose reading has waited, or taken, long enough; how many were told.

    ``seen``: those looked at before, and now these.
    """
    now = desk.clock.now()
    with desk.ledger.read() as q:
        late = [m for m in q.mails_unread(now - AFTER, now - NOT_OLDER) if m.id not in seen and m.size <= MAIL_MAX]
    seen.update(mail.id for mail in late)
    return sum(_tell(desk, mail, now) for mail in late)


def _tell(desk: Desk, mail: Mail, now: datetime) -> bool:
    with desk.ledger.read() as q:
        if q.letters(about=f"mail:{mail.id}"):
            return False
    try:
        envelope = desk.box.open_mail(desk.vault.path(mail.sha256).read_bytes())
    except (BoxFailure, OSError):
        return False
    if is_trial(envelope.subject) or not any(leaf.role == "attachment" for leaf in envelope.leaves):
        return False
    with desk.write(now) as tx:
        law = law_of(desk, tx, desk.calendar.day(mail.received_at))
        seen = judge_mail(desk, tx, law, mail, MailReading(envelope, (), "needs_review", None))
        return _post(desk, tx, law, mail, seen, now)


def _post(desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, now: datetime) -> bool:
    if not seen.sender.owes or withheld_because(desk, tx, seen, [], now):
        return False
    facts = replace(letters.acknowledgement(desk, tx, law, mail, seen, [], now), waiting=True)
    about, to = f"mail:{mail.id}", (seen.sender.address,)
    letter = Letter("acknowledgement", about, to, {**facts.to_json(), "periods": []}, agency=facts.agency)
    tx.add_letter(letter, desk.office.bot_domain)
    return True
