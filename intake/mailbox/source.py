"""What the service sees of a mailbox, whatever it is behind: mails with their receipt moment, and a place to file them.

Rules (architecture, promise 1): the mailbox is only read until a mail is recorded; nothing is deleted, expunged or flagged,
ever. New mail is what lies above the cursor inside a UIDVALIDITY epoch; a new epoch is read whole again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

Known = Callable[[Collection[int]], Collection[int]]  # of the uids that lie there, those kept already


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder has been read: everything up to ``last_uid`` of this epoch is kept."""

    uidvalidity: int  # 0 = the server gave none: the cursor is worth nothing
    last_uid: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as the server lists it."""

    uid: int
    size: int  # RFC822.SIZE, bytes
    internaldate: datetime  # aware, UTC


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything in a folder at one moment, by ascending uid."""

    uidvalidity: int
    mails: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail, whole: its length was compared with what the server promised."""

    uid: int
    internaldate: datetime  # aware, UTC: the moment it entered the mailbox
    size: int  # bytes of ``raw``
    raw: bytes | Path  # a Path lies in a temporary file that is gone when the next batch is asked for


@dataclass(frozen=True, slots=True)
class Batch:
    """Some mails of one folder, to be kept together with the cursor.

    ``last_uid``: set the cursor to it once the mails are kept; nothing at or below it is still owed. It may stand below the
    uids of this very batch (a mail before them could not be fetched yet) and below the old cursor (the server began to count
    anew). 0: leave the cursor alone.
    """

    folder: str
    uidvalidity: int
    mails: tuple[Fetched, ...]
    last_uid: int


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a mail lies now. ``uidvalidity`` and ``uid`` are 0 when the server does not say."""

    folder: str  # as the server spells it
    uidvalidity: int
    uid: int
    moved: bool  # False: a copy; the original stays where it was


class Source(Protocol):
    """A mailbox. Every method may raise a MailboxError; none changes the mailbox except ``file``."""

    @property
    def account(self) -> str:
        """Stable name of the mailbox in the ledger: "imaps://cchc@mail.example:993"."""

    def folders(self) -> tuple[str, ...]:
        """Folders watched: the inbox first, then the others."""

    def filed_folders(self, root: str) -> tuple[str, ...]:
        """Folders under "CCHC" that exist, as the server spells them (for reconcile)."""

    def fetch_new(self, folder: str, cursor: Cursor | None, known: Known | None = None) -> Iterator[Batch]:
        """Everything above the cursor, or everything when the epoch changed. ``known`` serves sources without a high-water mark."""

    def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Iterator[Batch]:
        """These mails (for reconcile); nothing when the epoch changed. The batches leave the cursor alone."""

    def listing(self, folder: str) -> Listing:
        """Everything the folder holds."""

    def file(self, folder: str, uidvalidity: int, uid: int, target: str) -> Filed | None:
        """Move the mail to ``target`` ("CCHC/2017", made when missing); None when that is not possible (gone, other epoch, read-only)."""

    def close(self) -> None:
        """Let go of every connection."""
