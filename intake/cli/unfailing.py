"""Standard error that never fails: a log nobody can take must not stop the work it tells of (full disk, a pipe nobody reads).

Rule: what cannot be written is dropped; everything else about the stream is as it was.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Dropping(io.RawIOBase):
    """Writes to a descriptor; what the kernel refuses counts as written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        try:
            return os.write(self._descriptor, view)
        except OSError:
            return view.nbytes


def unfailing_stderr() -> None:
    """Put it in the place of this process's standard error; a stream somebody else put there stays."""
    stream = sys.__stderr__
    if stream is not None and sys.stderr is stream:
        raw = io.BufferedWriter(_Dropping(stream.fileno()))
        sys.stderr = io.TextIOWrapper(raw, stream.encoding, "backslashreplace", line_buffering=True)
