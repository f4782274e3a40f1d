"""Keeping what was fetched: bytes into the vault, rows and cursor in one commit, before anyone understands them (promise 1).

Rules:

1. A batch's bytes are on disk before its rows and its cursor are written; batches are committed one after another, in order.
2. The next batch goes into the vault while this one's rows are written: the disk and the ledger wait for each other no more.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime

from intake.desk import Desk
from intake.mailbox.ahead import one_ahead
from intake.mailbox.source import Batch, Fetched
from intake.rules.sender import border_received
from parsers.mail import open_head
from storage.failpoint import failpoint
from storage.records import Sighting

HEAD_BYTES = 65_536  # enough of a mail to find the border's Received


def keep_all(desk: Desk, account: str, batches: Iterator[Batch]) -> Generator[tuple[Batch, list[int]]]:
    """Keep every batch; yields each with the ids of its mails that are new, once they are kept for good."""
    with closing(one_ahead(_in_vault(desk, batches))) as stored:
        for batch, hashes in stored:
            yield batch, _keep(desk, account, batch, hashes)


def _in_vault(desk: Desk, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Sequence[str]]]:
    for batch in batches:
        failpoint("after_fetch")
        hashes = desk.vault.put_many([mail.raw for mail in batch.mails])
        failpoint("after_vault")
        yield batch, hashes


def _keep(desk: Desk, account: str, batch: Batch, hashes: Sequence[str]) -> list[int]:
    """Tx A: rows and cursor in one commit."""
    now = desk.clock.now()
    erased: frozenset[str] = frozenset()
    with desk.write(now) as tx:
        sightings = [_sighting(desk, account, batch, *one, now) for one in zip(batch.mails, hashes, strict=True)]
        new = [mail_id for mail_id, is_new in tx.keep_all(sightings) if is_new]
        if len(new) < len(hashes):
            erased = tx.erased(hashes)
        if batch.last_uid:
            tx.set_cursor(account, batch.folder, batch.uidvalidity, batch.last_uid)
        failpoint("in_keep")
    failpoint("after_keep")
    for sha256 in erased:  # still in the mailbox, and met again: a person had its bytes removed here
        desk.vault.remove(sha256)
    return new


def _sighting(desk: Desk, account: str, batch: Batch, mail: Fetched, sha256: str, now: datetime) -> Sighting:
    border = None
    if desk.trust.border:
        with desk.vault.path(sha256).open("rb") as file:
            border = border_received(open_head(file.read(HEAD_BYTES)), desk.trust.border)
    return Sighting(
        account, batch.folder, batch.uidvalidity, mail.uid, sha256, mail.internaldate, mail.size, border, seen_at=now
    )
