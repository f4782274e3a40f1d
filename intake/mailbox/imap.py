"""A mailbox on an IMAP server.

Rules, in order:
1. Two connections, never mixed: one that only ever EXAMINEs (reading), one that SELECTs (filing). IDLE has a third of its own.
2. New mail is ``UID last+1:*`` of the same UIDVALIDITY; another epoch, a missing UIDVALIDITY or a UIDNEXT at or below the cursor
   means the folder is read whole again (the ledger knows mails by their hash).
3. Sizes are asked first; mails come in chunks capped by count and bytes, large ones in pieces, very large ones into a file.
   Mails go on arriving while those before them are being stored, and several chunks have been asked for already.
4. Filing is UID MOVE, else UID COPY; nothing is ever deleted, expunged or flagged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from intake.mailbox.account import Account
from intake.mailbox.ahead import ahead
from intake.mailbox.connection import Connection, Folder
from intake.mailbox.errors import Passing
from intake.mailbox.fetching import FolderPass
from intake.mailbox.filing import Filer
from intake.mailbox.limits import LISTED, SEARCH_SPAN, WAITING_BYTES
from intake.mailbox.line import Line
from intake.mailbox.source import Batch, Cursor, Filed, Known, Listing
from intake.settings import MailboxSettings
from storage.failpoint import failpoint


class ImapSource:
    """Implements ``Source``. Nothing is reached before it is asked for something; one thread uses it."""

    def __init__(self, mailbox: MailboxSettings, *, account: Account | None = None, spool: Path | None = None) -> None:
        """``account``: another line than the settings' own. ``spool``: where very large mails lie while they are handed over."""
        self._account = account or Account.of(mailbox)
        self._folders = (mailbox.folder, *mailbox.also_watch)
        self._spool = spool
        self._line = Line(self._account)
        self._filer = Filer(Line(self._account))
        self._suspects: dict[tuple[str, int], tuple[int, ...]] = {}

    @property
    def account(self) -> str:
        """Stable name in the ledger: "imaps://cchc@mail.example:993"."""
        return self._account.name

    def folders(self) -> tuple[str, ...]:
        """The inbox first, then the others watched."""
        return self._folders

    def filed_folders(self, root: str) -> tuple[str, ...]:
        """Existing folders at and under ``root``, as the server spells them."""
        return self._filer.folders(root)

    def fetch_new(
        self,
        folder: str,
        cursor: Cursor | None,
        known: Known | None = None,  # noqa: ARG002 - a high-water mark is enough here
    ) -> Iterator[Batch]:
        """Mails above the cursor, ascending but for those that broke the line before."""
        connection = self._line.connection()
        first = cursor.last_uid + 1 if cursor is not None else 1
        opened, uids = connection.look(folder, first, first + SEARCH_SPAN - 1)
        if cursor is not None and not _same_epoch(opened, cursor):
            uids = _uids_from(connection, opened, 1)
        elif not 0 < opened.uidnext <= first + SEARCH_SPAN:
            uids += _uids_from(connection, opened, first + SEARCH_SPAN)
        failpoint("after_search")
        return self._pass(opened, uids, moves_cursor=True)

    def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Iterator[Batch]:
        """These mails, the cursor left alone; nothing when the epoch is another."""
        opened = self._line.connection().examine(folder)
        if opened.uidvalidity != uidvalidity:
            return iter(())
        return self._pass(opened, uids, moves_cursor=False)

    def listing(self, folder: str) -> Listing:
        """Everything the folder holds, read in groups; what goes away meanwhile is left out."""
        connection = self._line.connection()
        opened = connection.examine(folder)
        uids = _uids_from(connection, opened, 1)
        groups = (uids[start : start + LISTED] for start in range(0, len(uids), LISTED))
        return Listing(opened.uidvalidity, tuple(mail for group in groups for mail in connection.listed(group)))

    def file(self, folder: str, uidvalidity: int, uid: int, target: str) -> Filed | None:
        """Move (or copy) one mail to "CCHC/2017"."""
        return self._filer.file(folder, uidvalidity, uid, target)

    def close(self) -> None:
        """Say goodbye on both connections."""
        self._line.close()
        self._filer.close()

    def _pass(self, opened: Folder, uids: Sequence[int], *, moves_cursor: bool) -> Iterator[Batch]:
        """One pass; very large mails lie in a folder that is gone when it ends."""
        if not uids:
            return
        key = (opened.name, opened.uidvalidity)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self._spool) as spool:
            folder_pass = FolderPass(lambda: self._reopened(opened), uids, self._suspects.get(key, ()), Path(spool))

            def batches() -> Iterator[Batch]:
                last = 0
                for mails in folder_pass.mails():
                    last = folder_pass.owed.watermark if moves_cursor else 0
                    yield Batch(opened.name, opened.uidvalidity, mails, last)
                if moves_cursor and folder_pass.owed.watermark > last:  # the last ones were gone before we came
                    yield Batch(opened.name, opened.uidvalidity, (), folder_pass.owed.watermark)

            try:
                with closing(
                    ahead(batches(), _weight, WAITING_BYTES, done_with=_throw_away, abandon=self._line.interrupt)
                ) as waiting:
                    yield from map(_joined, waiting)
            finally:
                self._suspects[key] = folder_pass.suspects

    def _reopened(self, opened: Folder) -> Connection:
        """The connection with the folder open, also after the line broke."""
        connection = self._line.connection()
        folder = connection.folder
        if folder is None or folder.name != opened.name:
            folder = connection.examine(opened.name)
        if folder.uidvalidity != opened.uidvalidity:
            raise Passing(f"{self.account}: UIDVALIDITY of {opened.name!r} changed while it was being read")
        return connection


def _same_epoch(opened: Folder, cursor: Cursor) -> bool:
    """A UIDNEXT at or below the cursor is a server that began to count anew without saying so."""
    counts_on = not opened.uidnext or opened.uidnext > cursor.last_uid
    return opened.uidvalidity != 0 and opened.uidvalidity == cursor.uidvalidity and counts_on


def _uids_from(connection: Connection, opened: Folder, first: int) -> list[int]:
    """In windows when the folder is large: one answer line for everything would pass imaplib's limit."""
    found: list[int] = []
    span = SEARCH_SPAN
    while opened.exists > SEARCH_SPAN and first + span < opened.uidnext:
        part = connection.uids(first, first + span - 1)
        found += part
        first += span
        if 10 * len(part) < SEARCH_SPAN:
            span *= 4  # sparse: an old server may have used up billions of uids
    return found + connection.uids(first)


def _weight(batch: Batch) -> int:
    return sum(mail.size for mail in batch.mails)


def _joined(batches: Sequence[Batch]) -> Batch:
    """Batches of one pass as one: the cursor goes where the last of them says."""
    return replace(batches[-1], mails=tuple(mail for batch in batches for mail in batch.mails))


def _throw_away(batches: Sequence[Batch]) -> None:
    for batch in batches:
        for mail in batch.mails:
            if isinstance(mail.raw, Path):
                mail.raw.unlink(missing_ok=True)
