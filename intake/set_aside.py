"""Whose mail was set aside, as far as its bare header says: our fault must not make its agency look silent.

Rules: the mail could not be opened three times over, so nothing of it is parsed but the one From line of its first bytes; it credits
nobody and answers nobody. With two From lines, or more than one address, it names no one.
"""

from __future__ import annotations

import re

from intake.book import law_of
from intake.desk import Desk
from storage.ledger import Tx
from storage.records import Mail

HEAD_MAX = 64 * 1024  # bytes of the header looked at
_FROM = re.compile(rb"(?im)^from:[ \t]*([^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500}){0,5})")
_ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")


def name_sender(desk: Desk, tx: Tx, mail: Mail) -> None:
    """Note the agency whose registered address stands in From, so that what waits for a person is known to be its."""
    with desk.vault.path(mail.sha256).open("rb") as file:
        address = from_address(file.read(HEAD_MAX))
    day = desk.calendar.day(mail.received_at)
    agency = law_of(desk, tx, day).roster.by_address(address, day) if address else None
    if agency:
        tx.set_mail_facts(mail.id, from_address=address, facts={**mail.facts, "sender": agency.code})


def from_address(head: bytes) -> str:
    r"""The one address of the one From line, "" when there is none or more than one.

    >>> from_address(b"Subject: x\r\nFrom: A <stc@tinh.example>\r\n\r\nFrom: b@c.example")
    'stc@tinh.example'
    """
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    lines = _FROM.findall(header)
    found = set(_ADDRESS.findall(lines[0])) if len(lines) == 1 else set()
    return found.pop().decode("ascii").lower() if len(found) == 1 else ""
