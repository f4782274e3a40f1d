"""The memory a reading touches: learnt once from a scout, copied at one go by every child that stands ready (ADR 7).

Rules:

1. A child starts as a copy of the warm process and copies each page at first touch: two thousand for one report. Which ones
   hardly differs between reports, so a scout, a child of its own, reads our own samples once and says what it touched.
2. A child that stands ready has the kernel copy and map those pages in a few hundred calls: a tenth of what reading
   the samples itself would take.
3. Addresses are the warm process's own: learnt again whenever it has built something new (other forms).
4. Where the kernel cannot do it (``MADV_POPULATE_WRITE``: Linux 5.14) nothing is learnt, and children practise instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import struct
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PAGE = mmap.PAGESIZE
_READ, _WRITE = 22, 23  # MADV_POPULATE_READ, MADV_POPULATE_WRITE
_PRESENT, _OWN = 1 << 63, 1 << 56  # of /proc/self/pagemap: in memory; mapped by this process alone
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Touched:
    """Stretches of memory: (first byte, length), each a multiple of a page."""

    written: tuple[tuple[int, int], ...] = ()  # to be copied
    read: tuple[tuple[int, int], ...] = ()  # of files: to be mapped

    def fetch(self) -> bool:
        """Have them copied and mapped now; False where nothing is known or the kernel cannot."""
        done = [_advise(stretch, advice) for stretches, advice in self._wanted() for stretch in stretches]
        return any(done)

    def _wanted(self) -> tuple[tuple[tuple[tuple[int, int], ...], int], ...]:
        return (self.written, _WRITE), (self.read, _READ)


NOTHING = Touched()


def learn(practise: Callable[[], None]) -> Touched:
    """What a copy of this process touches when it does that."""
    if not _can():
        return NOTHING
    reading, writing = os.pipe()
    scout = os.fork()
    if scout == 0:  # pragma: no cover  # the scout
        with contextlib.suppress(BaseException):
            _tell(practise, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(scout, 0)
    return _understood(told)


def _can() -> bool:
    """Whether the kernel knows the advice; no stretch at all is a question only."""
    return _LIBC.madvise(None, ctypes.c_size_t(0), _WRITE) == 0 and os.access("/proc/self/pagemap", os.R_OK)


def _advise(stretch: tuple[int, int], advice: int) -> bool:
    first, length = stretch
    return bool(_LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(length), advice) == 0)


def _tell(practise: Callable[[], None], writing: int) -> None:  # pragma: no cover  # in the scout
    """Practise; then the pages of the maps there were before, as counted numbers: written ones, read ones."""
    maps = list(_maps())
    practise()
    with Path("/proc/self/pagemap").open("rb") as pagemap, os.fdopen(writing, "wb") as pipe:
        for wanted in (True, False):
            pages = array("Q")
            for first, behind, writable in maps:
                if writable is wanted:
                    pages.extend(_in(pagemap.fileno(), first, behind, _PRESENT | _OWN if writable else _PRESENT))
            pipe.write(struct.pack("=Q", len(pages)))
            pipe.write(pages.tobytes())


def _maps() -> Iterator[tuple[int, int, bool]]:
    """First byte, byte behind, whether writable, of every private mapping of a file or of nothing."""
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        span, rights, _, _, node, *name = line.split(maxsplit=5)
        if rights[0] != "r" or rights[3] != "p" or (name and name[0].startswith(("[stack", "[v"))):
            continue
        if rights[1] == "w" or node != "0":
            first, _, behind = span.partition("-")
            yield int(first, 16), int(behind, 16), rights[1] == "w"


def _in(pagemap: int, first: int, behind: int, marks: int) -> Iterator[int]:  # pragma: no cover  # in the scout
    entries = os.pread(pagemap, (behind - first) // _PAGE * 8, first // _PAGE * 8)
    for n, (entry,) in enumerate(struct.iter_unpack("=Q", entries)):
        if entry & marks == marks:
            yield first + n * _PAGE


def _understood(told: bytes) -> Touched:
    """The pages as stretches; a scout that died has told nothing."""
    found: list[tuple[tuple[int, int], ...]] = []
    with contextlib.suppress(struct.error, ValueError):
        while told:
            (count,) = struct.unpack_from("=Q", told)
            pages = array("Q", told[8 : 8 + 8 * count])
            if len(pages) < count:
                break
            found.append(tuple(_stretches(pages)))
            told = told[8 + 8 * count :]
    return Touched(*found) if len(found) == 2 else NOTHING


def _stretches(pages: array[int]) -> Iterator[tuple[int, int]]:
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
