"""The desk: every part one step of the work may reach for, handed over ready made by ``intake.wiring``.

Also the two things read from the ledger that every step needs in their present state: the roster in force and the
calendar with the changes people made to single periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from intake.config import Settings
from intake.mailbox.source import Source
from intake.readers import Readers
from intake.rules.calendar import Calendar
from intake.rules.reply_gate import Budgets, Own
from intake.rules.roster import Roster, parse_roster
from intake.rules.sender import Trust
from intake.rules.values import PeriodOverride, ReportType
from notifier.compose import Office
from notifier.postman import Postman
from parsers.box import Box
from parsers.form import Form, FormSet
from storage.errors import ClockBackwards
from storage.ledger import Ledger, Tx
from storage.outbox import Outbox
from storage.queries import Queries
from storage.vault import Vault

EMPTY_ROSTER = "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"


@dataclass(frozen=True, slots=True)
class Clock:
    """Now, and whether a person gave it (``--at``) or the system did."""

    now: Callable[[], datetime]  # aware, UTC
    kind: str = "system"  # system | given


def refuse_earlier(q: Queries, clock: Clock) -> None:
    """Raise ``ClockBackwards`` where a given moment lies before the last log entry (contract, ``--at``)."""
    head = q.head() if clock.kind == "given" else None
    if head and clock.now() < head.at:
        raise ClockBackwards(clock.now(), head.at, head.seq)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything needed to work on mails and cutoffs."""

    settings: Settings
    clock: Clock
    calendar: Calendar  # as configured, without the changes recorded in the ledger
    ledger: Ledger
    vault: Vault
    outbox: Outbox
    box: Box
    readers: Readers
    forms: FormSet
    office: Office
    trust: Trust
    own: Own
    budgets: Budgets
    open_source: Callable[[], Source]
    open_postman: Callable[[], Postman]
    actor: str = "system"
    progress: Callable[[str, int, int], None] = field(default=lambda _what, _done, _all: None)
    stopping: Callable[[], bool] = field(
        default=lambda: False
    )  # asked between two mails: finish what is begun and leave

    @contextmanager
    def write(self, at: datetime) -> Iterator[Tx]:
        """One transaction of this desk's actor at that moment."""
        with self.ledger.write(at, clock=self.clock.kind, actor=self.actor) as tx:
            yield tx

    def roster(self, q: Queries, as_of: datetime | None = None, day: date | None = None) -> Roster:
        """The roster in force on ``day`` (default: the day of ``as_of``, else today), as the ledger knew it at ``as_of``.

        Empty before the first import.
        """
        version = q.roster(as_of, day or self.calendar.day(as_of or self.clock.now()))
        return parsed_roster(version.csv if version else EMPTY_ROSTER)

    def calendar_of(self, q: Queries, as_of: datetime | None = None) -> Calendar:
        """The configured calendar with the periods people skipped or moved."""
        return as_changed(self.calendar, q, as_of)

    def report_type(self, name: str) -> ReportType | None:
        """The configured report type of that name."""
        return next((t for t in self.calendar.types if t.type == name), None)

    def form(self, name: str, on: date | None = None) -> Form | None:
        """The form of a report type, in the version of a day; None for one that is an enclosure only."""
        report_type = self.report_type(name)
        form = report_type.form if report_type else name
        return self.forms.pick(form, on) if form in self.forms.names() else None


@lru_cache(maxsize=32)
def parsed_roster(csv: str) -> Roster:
    """Parse a roster once for each distinct text."""
    return parse_roster(csv)


def as_changed(calendar: Calendar, q: Queries, as_of: datetime | None = None) -> Calendar:
    """A calendar with the periods people skipped or moved."""
    changes = tuple(
        PeriodOverride(row.key, skip=row.skipped, due_at=None if row.skipped else row.due_at, reason=row.due_why or "")
        for row in q.period_changes(as_of)
    )
    return calendar.with_overrides(changes) if changes else calendar
