"""Writing what is owed: periods opened with their dues frozen, changes of both, steps of the clock, rosters.

Rules: a period opens once; everything later is a further row, the latest counts, nothing is overwritten
(product.md, Due); a step of the clock is done when its row exists: UNIQUE(type, period, step).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from storage.errors import NotFound
from storage.read_console import Stamp
from storage.records import DueRow, Entry, Json, PeriodRow, RosterVersion, Step
from storage.rows import insertion, values
from storage.tables import table
from storage.write_log import LogWriting, row_sha256
from storage.write_search import drop_classes, drop_sums, keep_classes

_period, _due, _counted = table("period"), table("due"), table("class_count")


class DueWriting(LogWriting):
    """Writes about what is owed."""

    __slots__ = ()

    def open_period(self, period: PeriodRow, dues: Sequence[DueRow]) -> bool:
        """Freeze a period and its dues; False when it is open already (nothing is written)."""
        if self.is_open(period.key):
            return False
        self._period_row(period, "period_opened", dues=len(dues))
        for due in dues:
            if due.period != period.key:
                raise ValueError(f"due of {due.period} given with {period.key}")
        self._due_rows(dues, "due_opened")
        return True

    def change_period(self, period: PeriodRow) -> Entry:
        """Move or skip a period for everybody, opened or still to open; the dues' own rows are the caller's to add."""
        return self._period_row(period, "period_changed")

    def change_due(self, due: DueRow) -> Entry:
        """Change one due (or add one to an open period)."""
        if not self.is_open(due.period):
            raise NotFound(f"period {due.period}")
        return self._due_rows([due], "due_changed")[0]

    def _period_row(self, period: PeriodRow, kind: str, **said: object) -> Entry:
        facts = {"due_at": period.due_at, "skipped": period.skipped, "why": period.due_why, **said}
        drop_classes(self.connection, [period.key])
        row = values(_period, period, without=("id", "seq"), at=self.at, change=kind == "period_changed")
        return self._append("period", row, kind, f"period:{period.key}", **facts)[1]

    def _due_rows(self, dues: Sequence[DueRow], kind: str) -> list[Entry]:
        """A row and an entry for each, written together."""
        drop_classes(self.connection, {due.period for due in dues})
        rows = [values(_due, due, without=("id", "seq"), at=self.at) for due in dues]
        entries = self.log_many(
            [(kind, f"due:{d.period}/{d.agency}", _said(d, r)) for d, r in zip(dues, rows, strict=True)]
        )
        if rows:
            numbered = [row | {"seq": entry.seq} for row, entry in zip(rows, entries, strict=True)]
            self.connection.execute(insertion(_due), numbered)
        return entries

    def add_step(self, step: Step) -> bool:
        """The clock's step is done with this transaction; False when it was done before (write nothing then)."""
        if self.step(step.type, step.period, step.step) is not None:
            return False
        row = values(table("step"), step, without=("seq",), at=self.at)
        said = {"type": step.type, "step": step.step, "detail": step.detail}
        self._append("step", row, "step", f"period:{step.period}", **said)
        return True

    def import_roster(self, version: RosterVersion, **said: str) -> RosterVersion:
        """A roster as a whole becomes the truth; the one in force is given back when its content is the same.

        ``said`` (who confirmed, why) goes into the log. Kept classes stay: they are of frozen dues, which no
        roster changes; sums go: it says whose reports they hold.
        """
        known = self.roster()
        if known is not None and known.sha256 == version.sha256 and known.effective == version.effective:
            return known
        drop_sums(self.connection)
        row = values(table("roster"), version, without=("id", "seq"), at=self.at)
        number, entry = self._append("roster", row, "roster", "roster", sha256=version.sha256, **said)
        return replace(version, id=number, seq=entry.seq, at=self.at)

    def keep_classes(self, period: str, classes: Mapping[str, str], stamp: Stamp) -> bool:
        """Keep the class of every due of a period that has passed, unless something was written since it was worked out.

        No entry of the log: it follows from what the log says and is thrown away by the next write about the period.
        """
        if self.stamp() != stamp:
            return False
        keep_classes(self.connection, period, classes)
        return True

    def keep_sums(self, period: str, sums: Mapping[str, Sequence[object]], stamp: Stamp, decided: int) -> bool:
        """Keep the sums of the results of a period whose classes are kept, unless something was written since; no entry of the log."""
        if self.stamp() != stamp or self.last_decision() != decided:
            return False
        there = update(_counted).where(_counted.c.period == period).values(sums=dict(sums))
        return self.connection.execute(there).rowcount == 1

    def drop_sums(self) -> None:
        """What sums are made of has changed: all are to be added up again."""
        drop_sums(self.connection)

    def drop_classes(self, periods: Collection[str] | None = None) -> None:
        """The rules or the calendar have changed: the classes of these periods, or all, are to be worked out again."""
        drop_classes(self.connection, periods)


def _said(due: DueRow, row: dict[str, Any]) -> Json:
    facts = {"status": due.status, "due_at": due.due_at, "paper": due.paper, "reason": due.reason}
    return facts | {"table": "due", "row_sha256": row_sha256(row)}
