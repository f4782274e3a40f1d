"""The ledger: every write is one transaction, every question one snapshot.

``with ledger.write(at) as tx:`` begins the one serialised write transaction, commits at its end, and takes everything
back on any error, log entries included. ``with ledger.read() as q:`` is a consistent snapshot. The moment comes from the
caller: nothing here asks a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from storage.engine import reading, writing
from storage.failpoint import failpoint
from storage.queries import Queries
from storage.write_dues import DueWriting
from storage.write_letters import LetterWriting
from storage.write_mails import MailWriting
from storage.write_verdicts import VerdictWriting

__all__ = ["Ledger", "Queries", "Tx"]


class Tx(MailWriting, VerdictWriting, DueWriting, LetterWriting):
    """One write transaction: every question, and every write."""

    __slots__ = ()


class Ledger:
    """The one door to the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def write(self, at: datetime, clock: str = "system", actor: str = "system") -> Iterator[Tx]:
        """ONE transaction at that moment.

        Raises ``Unavailable`` (passing: locked, disk full, server gone), ``ClockBackwards``, and whatever the block raises.
        """
        with writing(self.engine) as connection:
            yield Tx(connection, at, clock, actor)
            failpoint("in_tx")
        failpoint("after_commit")

    @contextmanager
    def read(self) -> Iterator[Queries]:
        """One snapshot to ask."""
        with reading(self.engine) as connection:
            yield Queries(connection)
