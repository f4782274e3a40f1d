"""The memory a child shares with the warm process, made its own at one go before it has an order (ADR 7).

Rules:

1. A child starts as a copy of the warm process and copies each page when it first writes upon it, objects it only looks at among
   them: two and a half thousand pages for one report, a third of its time. One that stands ready has all of them copied beforehand.
2. What the warm process has in memory is its own to say: asked once everything is built, and again whenever something new is (other forms).
3. Long stretches become huge pages (``MADV_COLLAPSE``: Linux 6.1), made quicker and found quicker than small ones; the others are
   copied, and files mapped, in a few hundred calls (``MADV_POPULATE_WRITE``: Linux 5.14).
4. Where the kernel cannot do it a child copies page by page as any other does.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PAGE = mmap.PAGESIZE
_HUGE = 2 * 1024 * 1024  # bytes; where huge pages are larger the kernel refuses
_READ, _WRITE, _COLLAPSE = 22, 23, 25  # MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_COLLAPSE
_PRESENT = 1 << 63  # of /proc/self/pagemap: in memory
_LIBC = ctypes.CDLL(None, use_errno=True)

Stretch = tuple[int, int]  # first byte, length; each a multiple of a page


@dataclass(frozen=True, slots=True)
class Memory:
    """Stretches of memory there were in a process."""

    written: tuple[Stretch, ...] = ()  # to be copied
    read: tuple[Stretch, ...] = ()  # of files: to be mapped

    def fetch(self) -> None:
        """Have them copied and mapped now, as far as the kernel can."""
        for first, length in self.written:
            whole = -(-first // _HUGE) * _HUGE
            _advise((whole, (first + length) // _HUGE * _HUGE - whole), _COLLAPSE)
            _advise((first, length), _WRITE)
        for stretch in self.read:
            _advise(stretch, _READ)


def memory() -> Memory:
    """What this process has in memory; nothing where the kernel cannot copy it at one go."""
    if not _can():
        return Memory()
    pages: tuple[list[int], list[int]] = ([], [])  # read ones, written ones
    with Path("/proc/self/pagemap").open("rb") as pagemap:
        for first, behind, writable in list(_maps()):
            pages[writable].extend(_present(pagemap.fileno(), first, behind))
    return Memory(tuple(_stretches(pages[True])), tuple(_stretches(pages[False])))


def _can() -> bool:
    """Whether the kernel knows the advice; no stretch at all is a question only."""
    return _LIBC.madvise(None, ctypes.c_size_t(0), _WRITE) == 0 and os.access("/proc/self/pagemap", os.R_OK)


def _advise(stretch: Stretch, advice: int) -> None:
    first, length = stretch
    if length > 0:
        _LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(length), advice)


def _maps() -> Iterator[tuple[int, int, bool]]:
    """First byte, byte behind, whether writable, of every private mapping of a file or of nothing."""
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        span, rights, _, _, node, *name = line.split(maxsplit=5)
        if rights[0] != "r" or rights[3] != "p" or (name and name[0].startswith(("[stack", "[v"))):
            continue
        if rights[1] == "w" or node != "0":
            first, _, behind = span.partition("-")
            yield int(first, 16), int(behind, 16), rights[1] == "w"


def _present(pagemap: int, first: int, behind: int) -> Iterator[int]:
    entries = os.pread(pagemap, (behind - first) // _PAGE * 8, first // _PAGE * 8)
    for n, (entry,) in enumerate(struct.iter_unpack("=Q", entries)):
        if entry & _PRESENT:
            yield first + n * _PAGE


def _stretches(pages: Iterable[int]) -> Iterator[Stretch]:
    """Neighbours joined; a single page between two is taken along."""
    first, behind = 0, 0
    for page in pages:
        if behind and page - behind <= _PAGE:
            behind = page + _PAGE
            continue
        if behind:
            yield first, behind - first
        first, behind = page, page + _PAGE
    if behind:
        yield first, behind - first
