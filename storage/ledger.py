"""The ledger: every write is one transaction, every question one snapshot.

``with ledger.write(at) as tx:`` begins the one serialised write transaction, commits at its end, and takes everything
back on any error, log entries included. ``with ledger.read() as q:`` is a consistent snapshot. The moment comes from the
caller: nothing here asks a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from storage.engine import reading, sole_lock, writing
from storage.errors import Locked
from storage.failpoint import failpoint
from storage.queries import Queries
from storage.write_accounts import AccountWriting
from storage.write_dues import DueWriting
from storage.write_kept import KeptWriting
from storage.write_letters import LetterWriting
from storage.write_questions import QuestionWriting
from storage.write_verdicts import VerdictWriting

__all__ = ["Ledger", "Queries", "Tx"]
EPOCH = "instance_epoch"


class Tx(KeptWriting, VerdictWriting, QuestionWriting, DueWriting, LetterWriting, AccountWriting):
    """One write transaction: every question, and every write."""

    __slots__ = ()


class Ledger:
    """The one door to the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._epoch: int | None = None  # set while this is the sole instance

    @contextmanager
    def write(self, at: datetime, clock: str = "system", actor: str = "system") -> Iterator[Tx]:
        """ONE transaction at that moment.

        Raises ``Unavailable`` (passing: locked, disk full, server gone), ``ClockBackwards``, and whatever the block raises.
        """
        with writing(self.engine) as connection:
            tx = Tx(connection, at, clock, actor)
            if self._epoch is not None and tx.meta(EPOCH) != self._epoch:
                raise Locked("another instance has taken over the database")
            yield tx
            failpoint("in_tx")
        failpoint("after_commit")

    @contextmanager
    def sole(self, at: datetime, clock: str = "system", actor: str = "system") -> Iterator[None]:
        """Be the one instance writing to this database; ``Locked`` at once when another is.

        SQLite: a lock file beside the database. PostgreSQL: a session advisory lock, and an epoch that every write of
        this ledger looks at: an instance that slept through losing its lock is refused (``Locked``) when it wakes.
        """
        with sole_lock(self.engine):
            with self.write(at, clock, actor) as tx:
                epoch = int(tx.meta(EPOCH) or 0) + 1
                tx.set_meta(EPOCH, epoch)
            self._epoch = epoch
            try:
                yield
            finally:
                self._epoch = None

    @contextmanager
    def bare_write(self) -> Iterator[Connection]:
        """A write transaction without a log: only for rebuilding the tables from a backup."""
        with writing(self.engine) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Queries]:
        """One snapshot to ask."""
        with reading(self.engine) as connection:
            yield Queries(connection)
