"""What a page may reach for: the desk that writes, the same desk over a read-only connection, and who rereads mails.

One change at a time: the console's writes queue behind one lock, so that two threads never ask the clock and write in
the opposite order. The mailbox's own thread, where there is one, is serialised by the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from intake.desk import Desk
from storage.ledger import Tx
from storage.queries import Queries
from storage.read_accounts import Account


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts."""

    idle: timedelta = timedelta(minutes=30)  # without a request
    whole: timedelta = timedelta(hours=12)  # in all


@dataclass(frozen=True, slots=True)
class Console:
    """Everything the pages share."""

    desk: Desk  # writes; its actor is replaced by the person's
    reader: Desk  # the same over a connection that cannot write
    reread: Callable[[int], None]  # have a mail read again, now or soon
    limits: Limits = Limits()
    writing: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """The moment, asked once per request."""
        return self.desk.clock.now()

    @contextmanager
    def ask(self) -> Iterator[Queries]:
        """A snapshot that cannot be written to."""
        with self.reader.ledger.read() as q:
            yield q

    @contextmanager
    def write(self, actor: str = "system") -> Iterator[Tx]:
        """One transaction of a person."""
        with self.writing, self.desk.ledger.write(self.now(), clock=self.desk.clock.kind, actor=actor) as tx:
            yield tx

    @contextmanager
    def deciding(self, account: Account) -> Iterator[Desk]:
        """The desk in this person's name, while nobody else of the console writes."""
        with self.writing:
            yield replace(self.desk, actor=account.actor)
