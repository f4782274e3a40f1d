"""Keeping what was fetched: bytes into the vault, rows and cursor in one commit, before anyone understands them (promise 1)."""

from __future__ import annotations

from datetime import datetime

from intake.desk import Desk
from intake.mailbox.source import Batch, Fetched
from intake.rules.sender import border_received
from parsers.mail import open_head
from storage.failpoint import failpoint
from storage.records import Sighting

HEAD_BYTES = 65_536  # enough of a mail to find the border's Received


def keep(desk: Desk, account: str, batch: Batch) -> list[int]:
    """Tx A: bytes into the vault, rows and cursor in one commit. Returns ids of mails that are new."""
    hashed = list(zip(batch.mails, desk.vault.put_many([mail.raw for mail in batch.mails]), strict=True))
    failpoint("after_vault")
    new: list[int] = []
    now = desk.clock.now()
    with desk.write(now) as tx:
        for mail, sha256 in hashed:
            mail_id, is_new = tx.keep(_sighting(desk, account, batch, mail, sha256, now))
            if is_new:
                new.append(mail_id)
        if batch.last_uid:
            tx.set_cursor(account, batch.folder, batch.uidvalidity, batch.last_uid)
        failpoint("in_keep")
    failpoint("after_keep")
    return new


def _sighting(desk: Desk, account: str, batch: Batch, mail: Fetched, sha256: str, now: datetime) -> Sighting:
    border = None
    if desk.trust.border:
        with desk.vault.path(sha256).open("rb") as file:
            border = border_received(open_head(file.read(HEAD_BYTES)), desk.trust.border)
    return Sighting(
        account, batch.folder, batch.uidvalidity, mail.uid, sha256, mail.internaldate, mail.size, border, seen_at=now
    )
