"""What is put into the outbox, and whether it may leave.

Rules: whoever writes a letter may say why it is withheld; else it needs an address, and that answering is not switched off. What may not leave is
recorded all the same, with the reason.
"""

from __future__ import annotations

from dataclasses import replace

from intake.desk import Desk
from storage.ledger import Tx
from storage.records import Letter


def put_out(desk: Desk, tx: Tx, letter: Letter, n: int = 0) -> Letter:
    """Add a letter: numbered ``n``, or after the last of its kind about its subject."""
    withheld = letter.withheld_because or (None if letter.to else "no_address")
    withheld = withheld or (None if desk.settings.notify.answer else "answering_off")
    state = "withheld" if withheld else "pending"
    n = n or tx.next_letter_n(letter.about, letter.kind)
    return tx.add_letter(replace(letter, state=state, withheld_because=withheld, n=n), desk.office.bot_domain)
