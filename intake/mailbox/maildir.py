"""A mailbox that is a Maildir on this machine: one file a mail, the file's modification time is the moment of receipt.

Rules: a mail's uid is 63 bits of the sha256 of its unique name (what stands before ":"), so moving it from new/ to cur/ or flagging it
changes nothing; there is no high-water mark, so ``fetch_new`` asks ``known``; a delivery still in tmp/ is not there yet; nothing is
deleted or rewritten, filing is a rename into the Maildir++ folder ``.CCHC.2017``.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from intake.mailbox.bodies import chunks
from intake.mailbox.errors import NoSuchFolder, OutsideUnreachable, Passing
from intake.mailbox.limits import SPOOL_OVER
from intake.mailbox.source import Batch, Cursor, Fetched, Filed, Listed, Listing
from intake.settings import MailboxSettings

EPOCH = 1  # a Maildir has one UIDVALIDITY for ever: uids come from names, and names are never used twice


class MaildirSource:
    """Implements ``Source``."""

    def __init__(self, mailbox: MailboxSettings, *, spool: Path | None = None) -> None:
        """``spool``: where copies of very large mails lie while they are handed over."""
        assert mailbox.path is not None, "a maildir: URL has a path"
        self._root = mailbox.path
        self._folders = (mailbox.folder, *mailbox.also_watch)
        self._spool = spool

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
        known: Callable[[int], bool] | None = None,
    ) -> Iterator[Batch]:
        """Every mail that is not ``known``, oldest first; the cursor says nothing and stays where it is."""
        files = self._files(folder)
        return self._batches(folder, {uid: path for uid, path in files.items() if known is None or not known(uid)})

    def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Iterator[Batch]:
        """These mails."""
        files = self._files(folder) if uidvalidity == EPOCH else {}
        return self._batches(folder, {uid: files[uid] for uid in uids if uid in files})

    def listing(self, folder: str) -> Listing:
        """Everything the folder holds, by uid."""
        listed = (_listed(uid, path) for uid, path in self._files(folder).items())
        return Listing(EPOCH, tuple(sorted((mail for mail in listed if mail), key=lambda mail: mail.uid)))

    def file(self, folder: str, uidvalidity: int, uid: int, target: str) -> Filed | None:
        """Rename the mail into another folder's cur/; None when it is gone."""
        path = self._files(folder).get(uid) if uidvalidity == EPOCH else None
        if path is None or target == folder:
            return None
        try:
            place = self._made(target)
            name = path.name if ":" in path.name else f"{path.name}:2,"  # cur/ names carry their flags (maildir(5))
            path.rename(place / "cur" / name)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Passing(f"{self.account}: cannot file into {target!r}: {fault}") from fault
        return Filed(target, EPOCH, uid, moved=True)

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

    def _files(self, folder: str) -> dict[int, Path]:
        """The files by uid, oldest first."""
        place = self._place(folder)
        if not (place / "cur").is_dir() and not (place / "new").is_dir():
            if self._root.is_dir() and place != self._root:
                raise NoSuchFolder(f"{self.account}: no folder {folder!r}")
            raise OutsideUnreachable(f"{self.account}: no Maildir there (new/ and cur/ are missing)")
        try:
            found = [path for name in ("new", "cur") for path in (place / name).glob("[!.]*")]
        except OSError as fault:
            raise OutsideUnreachable(f"{self.account}: cannot be read: {fault}") from fault
        dated = sorted((_moment(path), path.name, path) for path in found)
        return {uid_of(path.name): path for _moment_of_receipt, _name, path in dated}

    def _batches(self, folder: str, files: dict[int, Path]) -> Iterator[Batch]:
        listed = [mail for uid, path in files.items() if (mail := _listed(uid, path))]
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self._spool) as spool:
            for chunk in chunks(listed):
                read = (_read(self._place(folder), mail, files[mail.uid], Path(spool)) for mail in chunk)
                mails = tuple(mail for mail in read if mail)
                if mails:
                    yield Batch(folder, EPOCH, mails, 0)
                for fetched in mails:
                    if isinstance(fetched.raw, Path):
                        fetched.raw.unlink(missing_ok=True)


def uid_of(name: str) -> int:
    """The mail's number, from what stands before ":" in its file name."""
    return int.from_bytes(hashlib.sha256(name.partition(":")[0].encode("utf-8", "surrogateescape")).digest()[:8]) >> 1


def _moment(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _listed(uid: int, path: Path) -> Listed | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    moment = datetime.fromtimestamp(facts.st_mtime_ns // 10**9, UTC)  # whole seconds, as INTERNALDATE has them
    return Listed(uid, facts.st_size, moment)


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
