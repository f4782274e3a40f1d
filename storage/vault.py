"""The vault: raw mails and sent letters as files named by the sha256 of their bytes, never changed.

Rules (architecture, promise 1): write to a temporary file, fsync, rename, fsync the folder, and only then say it is kept;
any failure on the way (disk full, write or fsync error) goes up as OSError and leaves no partial file under a hash; put
is idempotent; big files pass in pieces. One instance at a time holds the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from storage.errors import Locked, NotFound
from storage.failpoint import failpoint

Item = TypeVar("Item")
Answer = TypeVar("Answer")
PIECE = 1 << 20  # bytes read or written at a time
FEW = 3  # up to so many files the disk is waited for one after the other
AT_ONCE = 8  # threads waiting for the disk


def kept(place: Path) -> bytes:
    """What is kept at that place of a vault; ``NotFound`` when nothing is."""
    try:
        return place.read_bytes()
    except FileNotFoundError as missing:
        raise NotFound(f"vault file {place.name}") from missing


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of the vault that is not what its name says."""

    sha256: str  # as named
    detail: str  # "holds 0123abcd…", "not a vault file name"


class Vault:
    """A folder ``ab/abcd…`` of files by sha256: 256 folders, so that few must be made safe with each batch."""

    def __init__(self, path: Path) -> None:
        self.root = path
        self.incoming = path / "tmp"
        self._mark = f"{os.getpid()}.{secrets.token_hex(8)}"  # in the names of this instance's temporary files
        self._written = itertools.count()
        # kept: making threads for every batch cost more than all they do; they go with the vault
        self._hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="vault")
        self.incoming.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where that file lies or would lie; ValueError for anything but 64 hex digits."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"not a sha256: {sha256!r}")
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether it is kept."""
        return self.path(sha256).is_file()

    def put(self, source: bytes | Path) -> str:
        """Keep bytes, or a copy of a file; the sha256. Returns only once they are on disk for good."""
        return self.put_many([source])[0]

    def put_many(self, sources: Sequence[bytes | Path]) -> list[str]:
        """Keep several at once, several times faster than one by one: the disk is waited for together.

        All of them are on disk for good when it returns; on an error (OSError) some may be, none of them in part.
        """
        written: dict[Path, str] = {}  # temporary files and the names they are for
        try:
            names = self._together(lambda some: self._lay_down(some, written), sources)
            for temporary, name in list(written.items()):
                self._rename(temporary, name)  # a damaged one is replaced: the mail was fetched again
                del written[temporary]
            # also of those there: their putting may have died here
            folders = {self.path(name).parent for name in names}
            self._together(_make_safe, [*folders, self.root])
        finally:
            for temporary in written:
                temporary.unlink(missing_ok=True)
        failpoint("after_vault")
        return names

    def _together(self, work: Callable[[Sequence[Item]], list[Answer]], items: Sequence[Item]) -> list[Answer]:
        """Do it for all of them, side by side when there are many; the first error goes up when all have ended."""
        if len(items) <= FEW:
            return work(items)
        # a slice a thread: handing over costs more than most of the work
        slices = [self._hands.submit(work, items[n::AT_ONCE]) for n in range(min(AT_ONCE, len(items)))]
        wait(slices)
        return [slices[n % AT_ONCE].result()[n // AT_ONCE] for n in range(len(items))]

    def _lay_down(self, sources: Sequence[bytes | Path], written: dict[Path, str]) -> list[str]:
        """Those that are not kept yet as temporary files, on disk for good; the names of all.

        All are written before the disk is waited for: what makes the first safe mostly makes the others safe as well.
        """
        names = [_digest_of(source) for source in sources]
        with ExitStack() as handles:
            new = []
            for source, name in zip(sources, names, strict=True):
                if not self.has(name) or self.check(name) is not None:
                    temporary = self.incoming / f"{name}.{self._mark}.{next(self._written)}"
                    new.append(handle := os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400))
                    handles.callback(os.close, handle)
                    written[temporary] = name
                    os.fchmod(handle, 0o440)
                    _pour(source, handle, name)
            for handle in new:
                os.fsync(handle)
        return names

    def _rename(self, temporary: Path, name: str) -> None:
        try:
            temporary.replace(self.path(name))
        except FileNotFoundError:
            self.path(name).parent.mkdir(exist_ok=True)
            temporary.replace(self.path(name))

    def get(self, sha256: str) -> bytes:
        """The bytes; ``NotFound`` when not kept."""
        return kept(self.path(sha256))

    def remove(self, sha256: str) -> bool:
        """Erase one file (a person's decision, logged by the ledger); whether there was one."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        _fsync(self.path(sha256).parent)
        return True

    def check(self, sha256: str) -> Damage | None:
        """What is wrong with one file, None when it is there and whole."""
        try:
            found = _digest_of(self.path(sha256))
        except ValueError:
            return Damage(sha256, "not a vault file name")
        except FileNotFoundError:
            return Damage(sha256, "missing")
        except OSError as fault:
            return Damage(sha256, f"unreadable: {fault.strerror}")
        return None if found == sha256 else Damage(sha256, f"holds {found}")

    def names(self) -> Iterator[str]:
        """The sha256 of every file kept, in order."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(entry.name for entry in folder.iterdir())

    def names_in(self, prefix: str) -> set[str]:
        """The names in one of its folders, "00" to "ff"."""
        folder = self.root / prefix
        return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()

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
            for left in self.incoming.iterdir():  # by a process killed in mid-write
                left.unlink(missing_ok=True)
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


def _digest_of(source: bytes | Path) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(source):
        digest.update(piece)
    return digest.hexdigest()


def _fsync(path: Path) -> None:
    """Make a file's content, or a folder's entries, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_safe(folders: Sequence[Path]) -> list[None]:
    for folder in folders:
        _fsync(folder)
    return [None] * len(folders)


def _pour(source: bytes | Path, handle: int, name: str) -> None:
    """Write it all; ValueError when it is no longer what it was when it got its name."""
    digest = hashlib.sha256()
    for piece in _pieces(source):
        if isinstance(source, Path):  # bytes cannot change under our hands
            digest.update(piece)
        left = memoryview(piece)
        while left:
            left = left[os.write(handle, left) :]
    if isinstance(source, Path) and digest.hexdigest() != name:
        raise ValueError(f"{source} changed while it was copied")
