"""What a process that stays for months does once, when everything it needs is loaded (the goal: 200 MB with the warm worker)."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_PASSES = (
    10_000,
    20,
    50,
)  # objects made, young passes, middle ones before the collector looks: a page makes a hundred thousand
_ARENAS = 2  # heaps of the C library; it would give every thread its own, and each keeps what it once needed


@contextmanager
def without(library: str) -> Iterator[None]:
    """What is imported meanwhile does without that library, unless it is loaded already."""
    if library in sys.modules:
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]


def settle_down() -> None:
    """Throw away what only the start needed, and never look through what stays again: that costs a tenth of a pass."""
    with suppress(AttributeError, OSError):  # another C library than glibc
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, _ARENAS)
        gc.collect()
        library.malloc_trim(0)
    gc.freeze()
    gc.set_threshold(*_PASSES)
