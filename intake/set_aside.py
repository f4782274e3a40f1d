"""A mail set aside: whose it is as far as its bare header says, and what that means for whoever sent it.

Rules:

1. The mail could not be opened three times over, so nothing of it is parsed but the one From line of its first bytes; it credits
   nobody and answers nobody. With two From lines, or more than one address, it names no one; a person's word comes first.
2. From then on it stands on every due of that agency it may be for (``intake.unopened``): our fault must not make anybody look silent
   or late. That ends when the mail has been read, or when a person has said what it is.
3. Whoever had been told a class that rests on it is told the other one, both times.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from intake.book import law_of
from intake.correcting import Cause
from intake.desk import Desk
from intake.rejudging import judge_and_tell
from storage.ledger import Tx
from storage.records import Mail, ReviewItem

HEAD_MAX = 64 * 1024  # bytes of the header looked at
_FROM = re.compile(rb"(?im)^from:[ \t]*([^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500}){0,5})")
_ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")


def put_aside(desk: Desk, tx: Tx, mail: Mail, reason: str) -> None:
    """Give the mail up until a person, or a better reader, takes it up; see the module's rules."""
    tx.move_mail(mail.id, "set_aside", expect=("reading",), why=reason, reason=reason)
    agency = _sender(desk, tx, mail)
    tx.open_review(ReviewItem("set_aside", reason, mail_id=mail.id, detail={"agency": agency}))
    if agency and not tx.submissions(mail.id):  # what was read of it before stands for itself
        tx.note_aside(mail.id, agency)
        correct_all(desk, tx, agency, desk.clock.now(), Cause("set_aside"))


def taken_up(tx: Tx, mail_id: int) -> str:
    """The mail stands in doubt no longer; the agency it was thought to be of, "" when it was in no doubt."""
    agency = next((agency for mail, agency in tx.aside() if mail.id == mail_id), "")
    if agency:
        tx.note_aside(mail_id, "")
    return agency


def correct_all(
    desk: Desk, tx: Tx, agency: str, now: datetime, cause: Cause, told: Collection[tuple[str, str]] = ()
) -> None:
    """Correct what letters said of the agency's dues, but for those of the books ``told`` already."""
    books = {(agency, report_type.type) for report_type in desk.calendar.types}
    judge_and_tell(desk, tx, books - set(told), now, cause)


def _sender(desk: Desk, tx: Tx, mail: Mail) -> str:
    """The agency a person named, else the one whose registered address stands in From, noted with the mail; "" for none."""
    decided = [d.after for d in tx.decisions(f"mail:{mail.id}") if d.what == "agency" and d.after]
    if decided:
        return str(decided[-1])
    with desk.vault.path(mail.sha256).open("rb") as file:
        address = from_address(file.read(HEAD_MAX))
    day = desk.calendar.day(mail.received_at)
    agency = law_of(desk, tx, day).roster.by_address(address, day) if address else None
    if agency is None:
        return ""
    tx.set_mail_facts(mail.id, from_address=address, facts={**mail.facts, "sender": agency.code})
    return agency.code


def from_address(head: bytes) -> str:
    r"""The one address of the one From line, "" when there is none or more than one.

    >>> from_address(b"Subject: x\r\nFrom: A <stc@tinh.example>\r\n\r\nFrom: b@c.example")
    'stc@tinh.example'
    """
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    lines = _FROM.findall(header)
    found = set(_ADDRESS.findall(lines[0])) if len(lines) == 1 else set()
    return found.pop().decode("ascii").lower() if len(found) == 1 else ""
