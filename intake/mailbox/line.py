"""A connection that is opened when first needed and opened again after it broke."""

from __future__ import annotations

import time

from intake.mailbox.account import Account
from intake.mailbox.connection import Connection
from intake.mailbox.errors import Passing
from intake.mailbox.limits import NOOP_AFTER


class Line:
    """At most one live connection to an account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._open: Connection | None = None
        self._used = 0.0

    def connection(self) -> Connection:
        """The live connection; one unused for some seconds is asked first whether it still lives (servers hang up on the idle)."""
        if self._open is not None and self._open.alive and time.monotonic() - self._used > NOOP_AFTER:
            try:
                self._open.noop()
            except Passing:
                self._open.drop()
        if self._open is None or not self._open.alive:
            self._open = None
            self._open = Connection(self._account)
        self._used = time.monotonic()
        return self._open

    def interrupt(self) -> None:
        """From another thread: end what the connection waits for."""
        if self._open is not None:
            self._open.interrupt()

    def close(self) -> None:
        """Say goodbye if somebody is there."""
        if self._open is not None:
            self._open.close()
            self._open = None
