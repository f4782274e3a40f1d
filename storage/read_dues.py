"""What people ask about periods, dues, the steps of the clock and the roster.

The latest row of each counts; with ``as_of`` the latest written at or before that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Table, func, select

from storage.records import Decision, DueRow, PeriodRow, RosterVersion, Step
from storage.rows import Snapshot, columns, records, remembered
from storage.tables import table

_period, _due, _step, _roster = table("period"), table("due"), table("step"), table("roster")
_decision = table("decision")


class DueQueries(Snapshot):
    """Questions about what is owed."""

    __slots__ = ()

    @remembered("period")
    def period(self, key: str, as_of: datetime | None = None) -> PeriodRow | None:
        """A period that has been opened or changed, as it stands; None when it has not."""
        found = self._periods([_period.c.key == key], as_of)
        return found[0] if found else None

    def is_open(self, key: str) -> bool:
        """Whether the period has been opened and its dues frozen."""
        where = (_period.c.key == key, _period.c.change.is_(False))
        return self.connection.execute(select(_period.c.id).where(*where)).first() is not None

    @remembered("period")
    def opening(self, key: str) -> PeriodRow | None:
        """A period as it was frozen when it opened, whatever changed later; None before it opened."""
        where = (_period.c.key == key, _period.c.change.is_(False))
        found = records(self.connection, select(*columns(_period, PeriodRow)).where(*where), PeriodRow)
        return found[0] if found else None

    @remembered("period")
    def periods(
        self,
        type: str | None = None,  # noqa: A002 - the contract's word
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
    ) -> tuple[PeriodRow, ...]:
        """Opened periods with ``since <= due_at <= until``, by due moment."""
        opened = select(_period.c.key).where(_period.c.change.is_(False), *_known(_period, as_of))
        where = [_period.c.key.in_(opened), *([] if type is None else [_period.c.type == type])]
        found = self._periods(where, as_of)
        return tuple(row for row in found if (not since or row.due_at >= since) and (not until or row.due_at <= until))

    @remembered("period")
    def period_changes(self, as_of: datetime | None = None) -> tuple[PeriodRow, ...]:
        """The latest change of each period that a person skipped or moved for everybody."""
        return self._periods([_period.c.change.is_(True)], as_of)

    def _periods(self, where: list[ColumnElement[bool]], as_of: datetime | None) -> tuple[PeriodRow, ...]:
        newest = _newest(_period, [*where, *_known(_period, as_of)], _period.c.key)
        statement = select(*columns(_period, PeriodRow)).where(newest).order_by(_period.c.due_at, _period.c.key)
        return records(self.connection, statement, PeriodRow)

    @remembered("due")
    def dues(self, period: str, as_of: datetime | None = None) -> tuple[DueRow, ...]:
        """The dues of a period, in the order they were frozen."""
        known = [_due.c.period == period, *_known(_due, as_of)]
        newest = records(
            self.connection, select(*columns(_due, DueRow)).where(_newest(_due, known, _due.c.agency)), DueRow
        )
        first = select(_due.c.agency, func.min(_due.c.id)).where(*known).group_by(_due.c.agency)
        place = {agency: number for agency, number in self.connection.execute(first)}  # noqa: C416 - rows, not pairs
        return tuple(sorted(newest, key=lambda due: place[due.agency]))

    def due(self, period: str, agency: str, as_of: datetime | None = None) -> DueRow | None:
        """One due as it stands."""
        if as_of is None:
            whole = self.dues(period) if self.knows("dues", period) else self.dues_of(agency)
            return next((due for due in whole if (due.period, due.agency) == (period, agency)), None)
        history = [
            due for due in self.due_history(period, agency) if as_of is None or due.at is None or due.at <= as_of
        ]
        return history[-1] if history else None

    def due_history(self, period: str, agency: str) -> tuple[DueRow, ...]:
        """A due as frozen and every change of it, oldest first."""
        where = (_due.c.period == period, _due.c.agency == agency)
        return records(self.connection, select(*columns(_due, DueRow)).where(*where).order_by(_due.c.id), DueRow)

    def due_moments(self, after: datetime, until: datetime) -> tuple[datetime, ...]:
        """Every moment a due has, or had before it was changed, with ``after < moment <= until``."""
        where = (_due.c.due_at > after, _due.c.due_at <= until)
        return tuple(self.connection.execute(select(_due.c.due_at).where(*where).distinct()).scalars())

    def extended_periods(self) -> frozenset[str]:
        """The periods of which a single due was extended at any time."""
        where = _due.c.status == "extended"
        return frozenset(self.connection.execute(select(_due.c.period).where(where).distinct()).scalars())

    def reopened(self, period: str | None = None) -> tuple[Decision, ...]:
        """What persons opened again, oldest first: targets ``due:weekly:2017-07-21/STC``; of one period or of all."""
        where = (_decision.c.what == "reopen", _decision.c.target.startswith(f"due:{period or ''}", autoescape=True))
        statement = select(*columns(_decision, Decision)).where(*where).order_by(_decision.c.id)
        return records(self.connection, statement, Decision)

    @remembered("due")
    def dues_of(self, agency: str) -> tuple[DueRow, ...]:
        """Every due of an agency as it stands, by due moment."""
        newest = _newest(_due, [_due.c.agency == agency], _due.c.period)
        statement = select(*columns(_due, DueRow)).where(newest).order_by(_due.c.due_at, _due.c.id)
        return records(self.connection, statement, DueRow)

    def steps(self, type: str | None = None, period: str | None = None) -> tuple[Step, ...]:  # noqa: A002
        """What the clock owed and did, oldest first."""
        wanted = {"type": type, "period": period}
        where = [_step.c[name] == value for name, value in wanted.items() if value is not None]
        statement = select(*columns(_step, Step)).where(*where).order_by(_step.c.seq)
        return records(self.connection, statement, Step)

    def finished_periods(self, step: str) -> frozenset[str]:
        """The periods for which that step is done."""
        return frozenset(self.connection.execute(select(_step.c.period).where(_step.c.step == step)).scalars())

    def step(self, type: str, period: str, step: str) -> Step | None:  # noqa: A002
        """One step, None when it is still owed."""
        where = (_step.c.type == type, _step.c.period == period, _step.c.step == step)
        found = records(self.connection, select(*columns(_step, Step)).where(*where), Step)
        return found[0] if found else None

    def roster(self, at: datetime | None = None, day: date | None = None) -> RosterVersion | None:
        """The roster last imported (at or before ``at``); with ``day`` the one in force then. None before the first."""
        known = self.rosters(at)
        if day is not None:
            return in_force(known, day)
        return known[-1] if known else None

    @remembered("roster")
    def rosters(self, at: datetime | None = None) -> tuple[RosterVersion, ...]:
        """Every roster imported (at or before ``at``), oldest first."""
        statement = select(*columns(_roster, RosterVersion)).where(*_known(_roster, at)).order_by(_roster.c.id)
        return records(self.connection, statement, RosterVersion)


def in_force(versions: Sequence[RosterVersion], day: date) -> RosterVersion | None:
    """Of rosters in order of import, the one in force on a day; None of none.

    The one effective last among those effective by then, of two effective on one day the one imported last. Before the
    first effective day it is the first: what came earlier has no other roster to be judged by.
    """
    started = [version for version in versions if version.effective <= day]
    if started:
        return max(started, key=lambda version: (version.effective, version.id))
    return min(versions, key=lambda version: (version.effective, -version.id), default=None)


def _known(rows: Table, as_of: datetime | None) -> list[ColumnElement[bool]]:
    return [] if as_of is None else [rows.c.at <= as_of]


def _newest(rows: Table, where: list[ColumnElement[bool]], key: ColumnElement[str]) -> ColumnElement[bool]:
    """The last row written of each ``key``, among the rows of ``where``."""
    return rows.c.id.in_(select(func.max(rows.c.id)).where(*where).group_by(key))
