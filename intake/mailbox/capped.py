"""imaplib's reading, with a cap: no answer may be longer, or take longer, than what was asked for allows.

imaplib allocates whatever a literal claims ({3000000000} is a MemoryError) and collects untagged lines without end. Each command
is given an allowance of bytes before it is sent; what goes beyond is an abort, which the caller turns into a passing fault.
"""

from __future__ import annotations

import imaplib
import io
import time

from intake.mailbox.limits import LINES_BYTES, READ_SECONDS, SLOWEST

_LINE_MOST = 1_000_000  # bytes, as in imaplib
_GULP = 1024 * 1024  # bytes taken from the socket at once


class CappedReading:
    """Mixed in before an ``imaplib.IMAP4``: replaces ``read`` and ``readline``."""

    file: io.BufferedReader
    _left = LINES_BYTES
    _until: float | None = None

    def allow(self, literals: int, seconds: float = 0.0) -> None:
        """Before a command: it may bring this many bytes of literals, and take ``seconds`` longer than a slow line needs for them."""
        self._left = LINES_BYTES + literals
        self._until = time.monotonic() + 2 * READ_SECONDS + literals / SLOWEST + seconds

    def holds_data(self) -> bool:
        """Whether something was received but not yet read; the socket must be non-blocking."""
        try:
            return bool(self.file.peek(1))
        except OSError:  # nothing there yet: TLS says so by an error
            return False

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes of a literal, or an abort. Memory grows with what arrives, not with what is claimed."""
        if size > self._left:
            raise imaplib.IMAP4.abort(
                f"the server claims a literal of {size} bytes, at most {self._left} were asked for"
            )
        parts: list[bytes] = []
        missing = size
        while missing:
            part = self.file.read1(min(missing, _GULP))
            if not part:
                raise imaplib.IMAP4.abort("socket error: EOF inside a literal")
            parts.append(part)
            missing -= len(part)
            self._spend(len(part))
        return b"".join(parts)

    def readline(self) -> bytes:
        """One line, or what came before the end of the connection."""
        parts: list[bytes] = []
        length = 0
        while length <= _LINE_MOST:
            waiting = self.file.peek(1)
            part = self.file.read1((waiting.find(b"\n") + 1) or len(waiting)) if waiting else b""
            parts.append(part)
            length += len(part)
            self._spend(len(part))
            if not part or part.endswith(b"\n"):
                return b"".join(parts)
        raise imaplib.IMAP4.abort(f"a line longer than {_LINE_MOST} bytes")

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise imaplib.IMAP4.abort("the answer is longer than what was asked for")
        if self._until is not None and time.monotonic() > self._until:
            raise imaplib.IMAP4.abort("the answer takes too long")
