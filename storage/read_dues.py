"""What people ask about periods, dues, the steps of the clock and the roster.

The latest row of each counts; with ``as_of`` the latest written at or before that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from storage.records import Decision, DueRow, PeriodRow, RosterVersion, Step
from storage.rows import Snapshot, columns, matching, records, remembered
from storage.tables import table

_period, _due, _step, _roster = table("period"), table("due"), table("step"), table("roster")
_decision = table("decision")
_FINISHED = select(_step.c.period).where(_step.c.step == bindparam("step"))
_NEWEST_CHANGES = select(func.max(_period.c.id)).where(_period.c.change.is_(True)).group_by(_period.c.key)
_CHANGES = (
    select(*columns(_period, PeriodRow))
    .where(_period.c.id.in_(_NEWEST_CHANGES))
    .order_by(_period.c.due_at, _period.c.key)
)


class DueQueries(Snapshot):
    """Questions about what is owed."""

    __slots__ = ()

    @remembered("period")
    def period(self, key: str, as_of: datetime | None = None) -> PeriodRow | None:
        """A period that has been opened or changed, as it stands; None when it has not."""
        if as_of is None:
            return self._all_periods().get(key)
        found = self._periods([_period.c.key == key], as_of)
        return found[0] if found else None

    @remembered("period")
    def _all_periods(self) -> dict[str, PeriodRow]:
        """Every period opened or changed, as it stands: they are few, and asked for by every letter."""
        return {row.key: row for row in self._periods([], None)}

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

    def periods(
        self,
        type: str | None = None,  # noqa: A002 - the contract's word
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
    ) -> tuple[PeriodRow, ...]:
        """Opened periods with ``since <= due_at <= until``, by due moment."""
        return tuple(
            row
            for row in self._opened(as_of)
            if (type is None or row.type == type)
            and (not since or row.due_at >= since)
            and (not until or row.due_at <= until)
        )

    @remembered("period")
    def _opened(self, as_of: datetime | None) -> tuple[PeriodRow, ...]:
        opened = select(_period.c.key).where(_period.c.change.is_(False), *_known(_period, as_of))
        return self._periods([_period.c.key.in_(opened)], as_of)

    @remembered("period")
    def period_changes(self, as_of: datetime | None = None) -> tuple[PeriodRow, ...]:
        """The latest change of each period that a person skipped or moved for everybody."""
        if as_of is None:
            return records(self.connection, _CHANGES, PeriodRow)
        return self._periods([_period.c.change.is_(True)], as_of)

    def _periods(self, where: list[ColumnElement[bool]], as_of: datetime | None) -> tuple[PeriodRow, ...]:
        newest = _newest(_period, [*where, *_known(_period, as_of)], _period.c.key)
        statement = select(*columns(_period, PeriodRow)).where(newest).order_by(_period.c.due_at, _period.c.key)
        return records(self.connection, statement, PeriodRow)

    @remembered("due")
    def dues(self, period: str, as_of: datetime | None = None) -> tuple[DueRow, ...]:
        """The dues of a period, in the order they were frozen."""
        if as_of is None:
            written = matching(self.connection, _due, DueRow, "id", period=period)
            return tuple({due.agency: due for due in written}.values())  # the last one of each, where its first stood
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
        return matching(self.connection, _due, DueRow, "id", period=period, agency=agency)

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
        written = matching(self.connection, _due, DueRow, "id", agency=agency)
        newest = {due.period: due for due in written}  # the last one written of each
        return tuple(sorted(newest.values(), key=lambda due: due.due_at))

    def steps(self, type: str | None = None, period: str | None = None) -> tuple[Step, ...]:  # noqa: A002
        """What the clock owed and did, oldest first."""
        wanted = {name: value for name, value in (("type", type), ("period", period)) if value is not None}
        return matching(self.connection, _step, Step, "seq", **wanted)

    def finished_periods(self, step: str) -> frozenset[str]:
        """The periods for which that step is done."""
        return frozenset(self.connection.execute(_FINISHED, {"step": step}).scalars())

    def step(self, type: str, period: str, step: str) -> Step | None:  # noqa: A002
        """One step, None when it is still owed."""
        found = matching(self.connection, _step, Step, type=type, period=period, step=step)
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
        if at is None:
            return matching(self.connection, _roster, RosterVersion, "id")
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
