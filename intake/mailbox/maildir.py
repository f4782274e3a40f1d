"""A mailbox that is a Maildir on this machine: one file a mail, the file's modification time is the moment of receipt.

Rules: a mail's uid is 63 bits of the sha256 of its unique name (what stands before ":"), so moving it from new/ to cur/ or flagging it
changes nothing; there is no high-water mark, so ``fetch_new`` asks ``known``; a delivery still in tmp/ is not there yet; nothing is
deleted or rewritten, filing is a rename into the Maildir++ folder ``.CCHC.2017``. A source kept open looks again only at files it has
not seen under that name and inode: a folder of many thousand filed mails is compared every hour.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

from intake.mailbox.bodies import chunks
from intake.mailbox.errors import NoSuchFolder, OutsideUnreachable, Passing
from intake.mailbox.limits import SPOOL_OVER
from intake.mailbox.source import Batch, Cursor, Fetched, Filed, Known, Listed, Listing
from intake.settings import MailboxSettings

EPOCH = 1  # a Maildir has one UIDVALIDITY for ever: uids come from names, and names are never used twice
REMEMBERED = 50_000  # files of one folder, some 400 bytes of memory each; a larger one is looked at anew every time


@dataclass(frozen=True, slots=True)
class _File:
    """A mail's file as it was found."""

    place: str  # inside its folder: "cur/1500.host:2,S"
    inode: int
    moment: int  # of receipt, nanoseconds since 1970
    listed: Listed


class MaildirSource:
    """Implements ``Source``."""

    def __init__(self, mailbox: MailboxSettings, *, spool: Path | None = None) -> None:
        """``spool``: where copies of very large mails lie while they are handed over."""
        assert mailbox.path is not None, "a maildir: URL has a path"
        self._root = mailbox.path
        self._folders = (mailbox.folder, *mailbox.also_watch)
        self._spool = spool
        self._seen: dict[str, dict[str, _File]] = {}  # folder → place → the file found there

    @property
    def account(self) -> str:
        """Stable name in the ledger: "maildir:///var/mail/cchc"."""
        return f"maildir://{self._root}"

    def folders(self) -> tuple[str, ...]:
        """The inbox first, then the others watched."""
        return self._folders

    def filed_folders(self, root: str) -> tuple[str, ...]:
        """Existing folders at and under ``root``, spelled "CCHC/2017"."""
        if not self._root.is_dir():
            raise OutsideUnreachable(f"{self.account}: no such folder")
        names = sorted(path.name[1:].replace(".", "/") for path in self._root.glob(".*") if (path / "cur").is_dir())
        return tuple(name for name in names if name == root or name.startswith(f"{root}/"))

    def fetch_new(
        self,
        folder: str,
        cursor: Cursor | None,  # noqa: ARG002 - names have no order
        known: Known | None = None,
    ) -> Iterator[Batch]:
        """Every mail that is not ``known``, oldest first; the cursor says nothing and stays where it is."""
        found = self._in_order(folder)
        kept = known([file.listed.uid for file in found]) if known and found else ()
        return self._batches(folder, [file for file in found if file.listed.uid not in kept])

    def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Iterator[Batch]:
        """These mails."""
        found = {file.listed.uid: file for file in self._files(folder).values()} if uidvalidity == EPOCH else {}
        return self._batches(folder, [found[uid] for uid in uids if uid in found])

    def listing(self, folder: str) -> Listing:
        """Everything the folder holds, by uid."""
        listed = {file.listed.uid: file.listed for file in self._files(folder).values()}
        return Listing(EPOCH, tuple(sorted(listed.values(), key=_BY_UID)))

    def file(self, folder: str, uidvalidity: int, uid: int, target: str) -> Filed | None:
        """Rename the mail into another folder's cur/; None when it is gone."""
        if uidvalidity != EPOCH or target == folder:
            return None
        known = self._seen.get(folder) or self._files(folder)  # one that was renamed meanwhile is looked for again
        moved = self._moved(folder, known, uid, target) or self._moved(folder, self._files(folder), uid, target)
        return Filed(target, EPOCH, uid, moved=True) if moved else None

    def _moved(self, folder: str, known: dict[str, _File], uid: int, target: str) -> bool:
        place = next((place for place, file in known.items() if file.listed.uid == uid), None)
        if place is None:
            return False
        name = place.partition("/")[2]
        try:
            there = self._made(target) / "cur" / (name if ":" in name else f"{name}:2,")  # with flags (maildir(5))
            (self._place(folder) / place).rename(there)
        except FileNotFoundError:
            return False
        except OSError as fault:
            raise Passing(f"{self.account}: cannot file into {target!r}: {fault}") from fault
        known.pop(place, None)
        return True

    def close(self) -> None:
        """Nothing is held open."""

    def _place(self, folder: str) -> Path:
        return self._root if folder.upper() == "INBOX" else self._root / f".{folder.strip('/').replace('/', '.')}"

    def _made(self, folder: str) -> Path:
        place = self._place(folder)
        for name in ("tmp", "new", "cur"):
            (place / name).mkdir(parents=True, exist_ok=True)
        (place / "maildirfolder").touch()
        return place

    def _in_order(self, folder: str) -> list[_File]:
        """The files, oldest first; one of each name."""
        found = sorted(self._files(folder).values(), key=lambda file: (file.moment, file.place.partition("/")[2]))
        return list({file.listed.uid: file for file in found}.values())

    def _files(self, folder: str) -> dict[str, _File]:
        """The files by their place in the folder."""
        place = self._place(folder)
        if not (place / "cur").is_dir() and not (place / "new").is_dir():
            if self._root.is_dir() and place != self._root:
                raise NoSuchFolder(f"{self.account}: no folder {folder!r}")
            raise OutsideUnreachable(f"{self.account}: no Maildir there (new/ and cur/ are missing)")
        before, found = self._seen.pop(folder, {}), {}
        try:
            for name in ("new", "cur"):
                with suppress(FileNotFoundError), os.scandir(place / name) as entries:
                    for entry in entries:
                        known = before.get(f"{name}/{entry.name}")
                        file = known if known and known.inode == entry.inode() else _looked_at(name, entry)
                        if file:
                            found[file.place] = file
        except OSError as fault:
            raise OutsideUnreachable(f"{self.account}: cannot be read: {fault}") from fault
        if len(found) <= REMEMBERED:
            self._seen[folder] = found
        return found

    def _batches(self, folder: str, files: Sequence[_File]) -> Iterator[Batch]:
        places = {file.listed.uid: self._place(folder) / file.place for file in files}
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self._spool) as spool:
            for chunk in chunks([file.listed for file in files]):
                read = (_read(self._place(folder), mail, places[mail.uid], Path(spool)) for mail in chunk)
                mails = tuple(mail for mail in read if mail)
                if mails:
                    yield Batch(folder, EPOCH, mails, 0)
                for fetched in mails:
                    if isinstance(fetched.raw, Path):
                        fetched.raw.unlink(missing_ok=True)


def uid_of(name: str) -> int:
    """The mail's number, from what stands before ":" in its file name."""
    return int.from_bytes(hashlib.sha256(name.partition(":")[0].encode("utf-8", "surrogateescape")).digest()[:8]) >> 1


_BY_UID = attrgetter("uid")


def _looked_at(folder: str, entry: os.DirEntry[str]) -> _File | None:
    """What lies there; None of what is no mail, or gone again."""
    if entry.name.startswith("."):
        return None
    try:
        facts = entry.stat()
    except OSError:
        return None
    moment = datetime.fromtimestamp(facts.st_mtime_ns // 10**9, UTC)  # whole seconds, as INTERNALDATE has them
    listed = Listed(uid_of(entry.name), facts.st_size, moment)
    return _File(f"{folder}/{entry.name}", entry.inode(), facts.st_mtime_ns, listed)


def _read(place: Path, mail: Listed, path: Path, spool: Path) -> Fetched | None:
    """The bytes, also when a reader has moved the file from new/ to cur/ or flagged it meanwhile; None when it is gone."""
    unique = path.name.partition(":")[0]
    moved = (
        other for name in ("cur", "new") for other in (place / name).glob("[!.]*") if uid_of(other.name) == mail.uid
    )
    for candidate in (path, *(() if path.exists() else moved)):
        try:
            if mail.size > SPOOL_OVER:
                copy = spool / hashlib.sha256(unique.encode("utf-8", "surrogateescape")).hexdigest()
                shutil.copyfile(candidate, copy)
                return Fetched(mail.uid, mail.internaldate, copy.stat().st_size, copy)
            raw = candidate.read_bytes()
            return Fetched(mail.uid, mail.internaldate, len(raw), raw)
        except FileNotFoundError:
            continue
        except OSError as fault:
            raise Passing(f"{path}: cannot be read: {fault}") from fault
    return None
