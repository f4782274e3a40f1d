"""IDLE: a thread with its own connection that only wakes the poller. It never fetches; polling stays the truth.

Renewed within five minutes, for a half-open line stays silent for hours. Any fault means another connection after a backoff; after
each reconnect mail is announced once, for it may have come meanwhile.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

from intake.mailbox.account import Account
from intake.mailbox.backoff import Backoff
from intake.mailbox.connection import Connection
from intake.mailbox.errors import MailboxError
from intake.mailbox.limits import BACKOFF_MOST, IDLE_SECONDS
from intake.settings import MailboxSettings

_log = logging.getLogger(__name__)


class Idle:
    """Calls ``announce`` (from its thread) whenever the inbox may hold new mail."""

    def __init__(
        self,
        mailbox: MailboxSettings,
        announce: Callable[[], None],
        *,
        account: Account | None = None,
        chance: Callable[[], float] = random.random,
        renew_seconds: float = IDLE_SECONDS,
    ) -> None:
        """``account``: another line than the settings' own. ``chance``: the jitter of reconnecting, 0 ≤ chance() < 1."""
        self._account = account or Account.of(mailbox)
        self._folder = mailbox.folder
        self._announce = announce
        self._backoff = Backoff(chance)
        self._renew_seconds = renew_seconds
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self.fault: str | None = None  # why nothing is announced at present

    def start(self) -> None:
        """Begin watching; a second call changes nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mailbox-idle", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and its connection."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            connection.interrupt()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            begun = time.monotonic()
            try:
                if not self._watch():
                    return
            except MailboxError as fault:
                if self._stopped.is_set():
                    return
                if time.monotonic() - begun > BACKOFF_MOST:
                    self._backoff.reset()  # it held for a while: this is a new fault, not the old one
                self.fault = str(fault)
                pause = self._backoff.next(refused=fault.permanent)
                _log.warning("IDLE interrupted, again in %.0f s: %s", pause, fault)
                self._stopped.wait(pause)

    def _watch(self) -> bool:
        """Until a fault or the stop; False when it is over for good (stopped, or the server has no IDLE)."""
        self._connection = connection = Connection(self._account)
        try:
            connection.examine(self._folder)
            if "IDLE" not in connection.capabilities:
                self.fault = "the server has no IDLE: polling only"
                return False
            self._announce()
            self.fault = None
            while not self._stopped.is_set():
                connection.idle(self._renew_seconds, self._announce)
        finally:
            self._connection = None
            connection.close()
        return False
