"""7z, rar, tar, tar.gz, tar.bz2 and tar.xz: members as bytes, through the system's libarchive, inside the worker's walls only.

Rules (faults, "zip", and stack: programs are never started for an archive):

1. The content says which one format is tried; no other filter or format of the library is switched on.
2. Real output is counted against the one budget of the tree while it comes, and against the ratio: ``zip_bomb``.
3. A password is told apart from damage, and both from what the library cannot do (``NotBuilt``: solid archives of the old
   rar), for which there is a program (``parsers.unar``). What follows damage is lost, and that is a member of its own.
4. Links, devices and folders are not members. Names are labels (``parsers.archive``).
5. Without the library: ``tool_missing``, a person looks.
"""

from __future__ import annotations

import contextlib
import locale
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parsers import limits
from parsers.archive import Member, checked, is_noise, label_of
from parsers.rar import check_whole
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable

try:  # looked for before anything is confined: finding the library runs helper programs
    import libarchive
except (ImportError, OSError, AttributeError, TypeError):  # pragma: no cover  # not on this machine
    libarchive = None

logging.getLogger("libarchive").setLevel(logging.CRITICAL)  # it warns of every name; nobody acts on it
_RAR_5 = b"Rar!\x1a\x07\x01\x00"
_LOCKED = re.compile(r"crypt|passphrase|password", re.IGNORECASE)
_NOT_BUILT = re.compile(
    r"unavailable|unsupported|not supported|unknown codec", re.IGNORECASE
)  # solid archives of old rar
_FORMATS = {
    "7z": ("7zip", "none"),
    "tar": ("tar", "none"),
    "tar.gz": ("tar", "gzip"),
    "tar.bz2": ("tar", "bzip2"),
    "tar.xz": ("tar", "xz"),
}
_BLOCK = 1 << 18
_FATAL = -30  # libarchive: nothing more can be read


class NotBuilt(Unreadable):
    """The library cannot open this archive; a program may."""

    def __init__(self, members: tuple[Member, ...], detail: str) -> None:
        super().__init__("unsupported_type", detail)
        self.members = members  # what the library could have, and one that says that the rest is missing


def is_there() -> bool:
    """Whether the library is installed."""
    return libarchive is not None


def expand_packed(data: bytes, kind: str, budget: Budget) -> tuple[Member, ...]:
    """The files of the archive in its own order; raises ``Unreadable`` when the archive as a whole is refused."""
    if libarchive is None:
        raise Unreadable("tool_missing", "libarchive13")
    locked = kind == "rar" and check_whole(data)
    members: list[Member] = []
    try:
        for member in _members(data, kind, budget):
            members.append(member)
            if len(members) > limits.ZIP_ENTRIES_MAX:
                raise Unreadable("zip_too_many_entries", f"more than {limits.ZIP_ENTRIES_MAX}")
    except libarchive.ArchiveError as error:
        reason = _reason(error)
        if reason == "unsupported_type" and kind == "rar":
            raise NotBuilt((*members, _lost(reason)), str(error.msg)) from error
        if not members:
            raise Unreadable(reason, str(error.msg)) from error
        members.append(_lost(reason))
    if locked:
        members = [replace(one, reason="encrypted") if one.reason else one for one in members]
    return checked(members)


def _lost(reason: str) -> Member:
    return Member("unnamed", "unnamed", b"", reason)


def expand_unpacked(tar: bytes, budget: Budget, *, whole: bool) -> tuple[Member, ...]:
    """What a program unpacked, from its tar; when it complained, a member says that something is missing."""
    members = expand_packed(tar, "tar", budget)
    if not whole:
        members = (*members, _lost("corrupt"))
    return members


def warm_up() -> None:
    """Have the library bind what it binds at first use; a confined child finds it in memory."""
    if libarchive is None:  # pragma: no cover  # not on this machine
        return
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")  # names are handed over in the locale's letters
    for kind, data in (
        ("7z", b"7z\xbc\xaf\x27\x1c"),
        ("rar", _RAR_5),
        ("rar", _RAR_5[:6]),
        ("tar", b"\0"),
        ("tar.gz", b"\0"),
        ("tar.bz2", b"BZh"),
        ("tar.xz", b"\xfd7zXZ\0"),
    ):
        with contextlib.suppress(libarchive.ArchiveError, Unreadable):
            list(_members(data, kind, Budget()))


def _members(data: bytes, kind: str, budget: Budget) -> Iterator[Member]:
    wanted, packing = _FORMATS.get(kind) or ("rar5" if data.startswith(_RAR_5) else "rar", "none")
    produced = 0
    with libarchive.memory_reader(data, wanted, packing) as archive:
        for entry in archive:
            if not entry.isfile or entry.islnk:
                continue
            label, findings = label_of(entry.pathname or b"")
            if is_noise(label):
                continue
            name = label.rpartition("/")[2]
            out: list[bytes] = []
            try:
                for block in entry.get_blocks(_BLOCK):
                    produced += len(block)
                    budget.take(len(block))
                    if produced > limits.RATIO_FROM and produced > limits.RATIO * len(data):
                        raise Unreadable("zip_bomb", f"more than {limits.RATIO} bytes out of one")
                    out.append(block)
            except libarchive.ArchiveError as error:
                yield Member(name, label, b"", _reason(error), findings)
                if error.retcode == _FATAL:
                    return
                continue
            data_out = b"".join(out)
            if entry.size is not None and len(data_out) != entry.size:
                yield Member(name, label, b"", "corrupt", findings)
            else:
                yield Member(name, label, data_out, None, findings)


def _reason(error: Any) -> str:
    message = error.msg if isinstance(error.msg, str) else bytes(error.msg or b"").decode("latin-1")
    if "memory" in message.lower():
        raise MemoryError(message)
    if _LOCKED.search(message):
        return "encrypted"
    return "unsupported_type" if _NOT_BUILT.search(message) else "corrupt"
