"""A file that is sent while it is still being written: the first bytes leave at once, and a slow reader holds up nobody.

Rules:

1. What is written goes to a nameless file on disk, never into memory; the reader follows behind.
2. Whoever writes is done as soon as all is on disk: a snapshot of the database is not held for a slow line.
3. A writer that fails breaks the transfer off, so that half a file is never taken for a whole one; a reader who leaves ends the writing.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import RawIOBase
from typing import Any

_PIECE = 1 << 18


class Gone(OSError):
    """Nobody reads any more."""


class Growing(RawIOBase):
    """A file that can only grow, read from its beginning by another thread while it does."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile(prefix="cchc-", buffering=0)  # noqa: SIM115 - closed once it is read
        self._changed = threading.Condition()
        self._size, self._ended, self._left = 0, False, False
        self._fault: BaseException | None = None

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Append. Raises ``Gone`` once nobody reads."""
        if self._left:
            raise Gone("the reader left")
        kept = memoryview(data).cast("B")
        done = 0
        while done < len(kept):
            done += os.pwrite(self._file.fileno(), kept[done:], self._size + done)
        with self._changed:
            self._size += len(kept)
            self._changed.notify_all()
        return len(kept)

    def end(self, fault: BaseException | None = None) -> None:
        """Nothing more comes; with ``fault``: it could not be finished."""
        with self._changed:
            self._ended, self._fault = True, fault
            self._changed.notify_all()

    def pieces(self) -> Iterator[bytes]:
        """What has been written, as it comes. Raises what the writer raised."""
        at = 0
        try:
            while self._grown(at):
                piece = os.pread(self._file.fileno(), _PIECE, at)
                at += len(piece)
                yield piece
        finally:
            self._left = True
            with self._changed:
                self._changed.wait_for(lambda: self._ended)
            self._file.close()

    def _grown(self, at: int) -> bool:
        """Wait until there is more than that, or all; whether there is. Raises what the writer raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > at or self._ended)
            if self._fault is not None:
                raise self._fault
            return self._size > at


def grown(write: Callable[[Growing], Any]) -> Iterator[bytes]:
    """The bytes ``write`` writes, in a thread of its own, as they come."""
    growing = Growing()
    writer = ThreadPoolExecutor(1, "growing")
    writer.submit(write, growing).add_done_callback(lambda done: growing.end(done.exception()))
    writer.shutdown(wait=False)
    return growing.pieces()
