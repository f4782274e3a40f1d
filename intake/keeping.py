"""Keeping what was fetched: bytes into the vault, rows and cursor in one commit, before anyone understands them (promise 1).

Rules:

1. A batch's bytes are on disk before its rows and its cursor are written; batches are committed one after another, in order.
2. More mails go into the vault while the rows of those before them are written; those that waited meanwhile share a commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from intake.desk import Desk
from intake.mailbox.ahead import ahead
from intake.mailbox.source import Batch
from intake.rules.sender import border_received
from parsers.mail import open_head
from storage.failpoint import failpoint
from storage.records import Sighting

AT_ONCE = 2  # batches on their way to the disk: one is written while the folders of the other are made safe
WAITING = 16  # batches that may wait for their rows; of most of them no bytes are in memory any more
ENOUGH = 12  # batches: a commit costs as much as the rows of forty mails, and keeps the disk from the batches behind it
PATIENCE = 0.1  # seconds fewer may wait for more, while more are coming
HEAD_BYTES = 65_536  # enough of a mail to find the border's Received


@dataclass(frozen=True, slots=True)
class Stored:
    """Mails of one folder whose bytes lie in the vault, with the cursor to be set."""

    folder: str
    uidvalidity: int
    mails: tuple[Kept, ...]
    last_uid: int  # as in ``Batch``


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail as its row needs it: without its bytes."""

    uid: int
    internaldate: datetime  # aware, UTC
    size: int  # bytes
    sha256: str  # hex


def keep_all(desk: Desk, account: str, batches: Iterator[Batch]) -> Generator[tuple[Stored, list[int]]]:
    """Keep every batch; yields each with the ids of its mails that are new, once they are kept for good."""
    with closing(ahead(_to_vault(desk, batches), lambda _put: 1, WAITING, enough=ENOUGH, patience=PATIENCE)) as waiting:
        for puts in waiting:
            for stored in _safe(puts):
                yield stored, _keep(desk, account, stored)


def _to_vault(desk: Desk, batches: Iterator[Batch]) -> Iterator[Future[Stored]]:
    """Each batch on its way to the disk, not more than two at a time."""
    under_way: set[Future[Stored]] = set()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="to-vault") as pool:
        for batch in batches:
            failpoint("after_fetch")
            under_way.add(put := pool.submit(_put, desk, batch))
            spooled = any(
                isinstance(mail.raw, Path) for mail in batch.mails
            )  # such files go when the next batch is asked for
            del batch
            yield put
            if spooled or len(under_way) == AT_ONCE:
                _, under_way = wait(under_way, return_when=ALL_COMPLETED if spooled else FIRST_COMPLETED)


def _put(desk: Desk, batch: Batch) -> Stored:
    hashes = desk.vault.put_many([mail.raw for mail in batch.mails])
    failpoint("after_vault")
    mails = tuple(Kept(m.uid, m.internaldate, m.size, h) for m, h in zip(batch.mails, hashes, strict=True))
    return Stored(batch.folder, batch.uidvalidity, mails, batch.last_uid)


def _safe(puts: Sequence[Future[Stored]]) -> Iterator[Stored]:
    """What is safe, in order; what is so by the time its turn comes shares a commit."""
    left = deque(puts)
    while left:
        together = [left.popleft().result()]
        while left and left[0].done():
            together.append(left.popleft().result())
        yield from _joined(together)


def _joined(stored: Sequence[Stored]) -> Iterator[Stored]:
    """What waited for one commit; the cursor goes where the last of them says."""
    for _, group in groupby(stored, key=lambda one: (one.folder, one.uidvalidity, bool(one.last_uid))):
        several = list(group)
        yield replace(several[-1], mails=tuple(mail for one in several for mail in one.mails))


def _keep(desk: Desk, account: str, stored: Stored) -> list[int]:
    """Tx A: rows and cursor in one commit."""
    now = desk.clock.now()
    hashes = [mail.sha256 for mail in stored.mails]
    erased: frozenset[str] = frozenset()
    with desk.write(now) as tx:
        sightings = [_sighting(desk, account, stored, mail, now) for mail in stored.mails]
        new = [mail_id for mail_id, is_new in tx.keep_all(sightings) if is_new]
        if len(new) < len(hashes):
            erased = tx.erased(hashes)
        if stored.last_uid:
            tx.set_cursor(account, stored.folder, stored.uidvalidity, stored.last_uid)
        failpoint("in_keep")
    failpoint("after_keep")
    for sha256 in erased:  # still in the mailbox, and met again: a person had its bytes removed here
        desk.vault.remove(sha256)
    return new


def _sighting(desk: Desk, account: str, stored: Stored, mail: Kept, now: datetime) -> Sighting:
    border = None
    if desk.trust.border:
        with desk.vault.path(mail.sha256).open("rb") as file:
            border = border_received(open_head(file.read(HEAD_BYTES)), desk.trust.border)
    place = (account, stored.folder, stored.uidvalidity, mail.uid)
    return Sighting(*place, mail.sha256, mail.internaldate, mail.size, border, seen_at=now)
