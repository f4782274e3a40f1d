"""Every period opened or changed, as it stands now or stood at a moment: looked up in memory (``storage.known_rows``).

The latest row of a key counts; a key whose rows are all changes has not been opened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from operator import le

from storage.known_rows import KnownRows
from storage.prepared import Row
from storage.records import PeriodRow, RosterVersion
from storage.rows import record
from storage.tables import table


class PeriodBook:
    """The rows of the table ``period``, by number."""

    def __init__(self, rows: Sequence[tuple[PeriodRow, bool]]) -> None:
        self._rows = rows  # with each, whether it is a change

    def then(self, as_of: datetime | None) -> PeriodBook:
        """What of it was written at or before that moment."""
        if as_of is None or self._last_at is None or self._last_at <= as_of:
            return self
        if self._in_order:
            return PeriodBook(self._rows[: bisect_right(self._rows, as_of, key=_written)])
        return PeriodBook([(row, change) for row, change in self._rows if row.at is None or row.at <= as_of])

    @cached_property
    def _in_order(self) -> bool:
        """Whether they were written one after the other, as the clock of the log has it."""
        moments = [row.at for row, _ in self._rows if row.at is not None]
        return len(moments) == len(self._rows) and all(map(le, moments, moments[1:]))

    @cached_property
    def _last_at(self) -> datetime | None:
        return max((row.at for row, _ in self._rows if row.at is not None), default=None)

    @cached_property
    def latest(self) -> dict[str, PeriodRow]:
        """Key → the period as it stands."""
        return {row.key: row for row, _ in self._rows}

    @cached_property
    def openings(self) -> dict[str, PeriodRow]:
        """Key → the period as it was frozen when it opened."""
        return {row.key: row for row, change in reversed(self._rows) if not change}

    @cached_property
    def opened(self) -> tuple[PeriodRow, ...]:
        """Opened periods as they stand, by due moment."""
        return tuple(sorted((self.latest[key] for key in self.openings), key=_by_due))

    @cached_property
    def changes(self) -> tuple[PeriodRow, ...]:
        """The latest change of each period that was changed, by due moment."""
        return tuple(sorted({row.key: row for row, change in self._rows if change}.values(), key=_by_due))

    def recent(self, type: str, until: datetime, limit: int) -> tuple[PeriodRow, ...]:  # noqa: A002
        """The latest of a type that take place and whose cutoff is not after that moment, oldest first."""
        found = (row for row in reversed(self.opened) if row.type == type and not row.skipped and row.due_at <= until)
        return tuple(reversed(tuple(islice(found, limit))))


def _written(row: tuple[PeriodRow, bool]) -> datetime:
    assert row[0].at is not None, "asked of rows that have a moment alone"
    return row[0].at


def _by_due(row: PeriodRow) -> tuple[datetime, str]:
    return row.due_at, row.key


def _book(rows: tuple[Row, ...]) -> PeriodBook:
    return PeriodBook([(record(PeriodRow, row), bool(row.change)) for row in rows])


def _versions(rows: tuple[Row, ...]) -> tuple[RosterVersion, ...]:
    return tuple(record(RosterVersion, row) for row in rows)


PERIODS: KnownRows[PeriodBook] = KnownRows(table("period"), _book)
ROSTERS: KnownRows[tuple[RosterVersion, ...]] = KnownRows(table("roster"), _versions)
