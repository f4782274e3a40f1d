"""The vault: raw mails and sent letters as files named by the sha256 of their bytes, never changed.

Rules (architecture, promise 1): write to a temporary file, fsync, rename, fsync the folder, and only then say it is kept;
any failure on the way (disk full, write or fsync error) goes up as OSError and leaves no partial file under a hash; put
is idempotent; big files pass in pieces. One instance at a time holds the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.errors import Locked, NotFound
from storage.failpoint import failpoint

PIECE = 1 << 20  # bytes read or written at a time


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of the vault that is not what its name says."""

    sha256: str  # as named
    detail: str  # "holds 0123abcd…", "not a vault file name"


class Vault:
    """A folder ``ab/cd/abcd…`` of files by sha256."""

    def __init__(self, path: Path) -> None:
        self.root = path
        self.incoming = path / "tmp"
        self.incoming.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where that file lies or would lie; ValueError for anything but 64 hex digits."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"not a sha256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        """Whether it is kept."""
        return self.path(sha256).is_file()

    def put(self, source: bytes | Path) -> str:
        """Keep bytes, or a copy of a file; the sha256. Returns only once they are on disk for good."""
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self.incoming, delete=False) as target:
            temporary = Path(target.name)
            try:
                for piece in _pieces(source):
                    digest.update(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
                sha256 = digest.hexdigest()
                self._settle(temporary, sha256)
            finally:
                with suppress(FileNotFoundError):
                    temporary.unlink()
        failpoint("after_vault")
        return sha256

    def _settle(self, temporary: Path, sha256: str) -> None:
        """Give the finished file its name; a file already there with the right bytes stays."""
        final = self.path(sha256)
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            _fsync_folder(self.root)
            _fsync_folder(final.parent.parent)
        if not (final.is_file() and _digest(final) == sha256):  # a damaged one is replaced: the mail was fetched again
            temporary.chmod(0o440)
            temporary.replace(final)
        _fsync_folder(final.parent)

    def get(self, sha256: str) -> bytes:
        """The bytes; ``NotFound`` when not kept."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as missing:
            raise NotFound(f"vault file {sha256}") from missing

    def remove(self, sha256: str) -> bool:
        """Erase one file (a person's decision, logged by the ledger); whether there was one."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        _fsync_folder(self.path(sha256).parent)
        return True

    def check(self, sha256: str) -> Damage | None:
        """What is wrong with one file, None when it is there and whole."""
        try:
            found = _digest(self.path(sha256))
        except ValueError:
            return Damage(sha256, "not a vault file name")
        except FileNotFoundError:
            return Damage(sha256, "missing")
        except OSError as fault:
            return Damage(sha256, f"unreadable: {fault.strerror}")
        return None if found == sha256 else Damage(sha256, f"holds {found}")

    def names(self) -> Iterator[str]:
        """The sha256 of every file kept, in order."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
            yield from sorted(entry.name for entry in folder.iterdir())

    def scrub(self, progress: Callable[[str], None] = lambda _name: None) -> tuple[Damage, ...]:
        """Read every file again and name those that are not what their name says (bit flips)."""
        found = []
        for name in self.names():
            if (damage := self.check(name)) is not None:
                found.append(damage)
            progress(name)
        return tuple(found)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one instance; ``Locked`` at once when another holds it. The kernel lets go when the process dies."""
        with (self.root / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                raise Locked(f"another instance holds {self.root}") from held
            yield


def _pieces(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        yield from _read(file)


def _read(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in _read(file):
            digest.update(piece)
    return digest.hexdigest()


def _fsync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
