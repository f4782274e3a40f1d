"""What people ask about periods, dues, the steps of the clock and the roster.

The latest row of each counts; with ``as_of`` the latest written at or before that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select

from storage.prepared import ask
from storage.read_periods import PERIODS, ROSTERS, PeriodBook
from storage.records import Decision, DueRow, PeriodRow, RosterVersion, Step
from storage.rows import Snapshot, columns, matching, records, remembered
from storage.tables import table

_due, _period, _step = table("due"), table("period"), table("step")
_decision = table("decision")
_FINISHED = select(_step.c.period).where(_step.c.step == bindparam("step"))
_DUES = select(*columns(_due, DueRow)).where(_due.c.period == bindparam("of_period")).order_by(_due.c.id)
_LAST_DUE = select(func.max(_due.c.id).label("last"), func.max(_due.c.due_at).label("until")).where(
    _due.c.period == bindparam("of_period"), _due.c.at <= bindparam("as_of")
)
_DUES_THEN = _DUES.where(_due.c.at <= bindparam("as_of"))
_REOPENED = (
    select(*columns(_decision, Decision))
    .where(_decision.c.what == "reopen", _decision.c.target.startswith("due:"))
    .order_by(_decision.c.id)
)
_OF_DUES = (
    select(*columns(_decision, Decision))
    .where(func.substr(_decision.c.target, 1, func.length(bindparam("prefix"))) == bindparam("prefix"))
    .order_by(_decision.c.id)
)
_newer, _standing = _due.alias("newer"), _period.alias("standing")


def _moved(elsewhere: ColumnElement[bool]) -> Select[Any]:
    """Dues as they stand, at another moment than their period: by an index, a range of moments at a time."""
    return (
        select(*columns(_due, DueRow))
        .join(_standing, and_(_standing.c.key == _due.c.period, elsewhere))
        .where(
            _standing.c.id.in_(select(func.max(_period.c.id)).group_by(_period.c.key)),
            ~exists().where(
                _newer.c.period == _due.c.period, _newer.c.agency == _due.c.agency, _newer.c.id > _due.c.id
            ),
        )
    )


_EARLIER, _LATER = _moved(_due.c.due_at < _standing.c.due_at), _moved(_due.c.due_at > _standing.c.due_at)


class DueQueries(Snapshot):
    """Questions about what is owed."""

    __slots__ = ()

    @remembered("period")
    def _periods(self) -> PeriodBook:
        return PERIODS.of(self.connection)

    @remembered("period")
    def _book(self, as_of: datetime | None = None) -> PeriodBook:
        return self._periods().then(as_of)

    def period(self, key: str, as_of: datetime | None = None) -> PeriodRow | None:
        """A period that has been opened or changed, as it stands; None when it has not."""
        return self._book(as_of).latest.get(key)

    def is_open(self, key: str) -> bool:
        """Whether the period has been opened and its dues frozen."""
        return key in self._book().openings

    def opening(self, key: str) -> PeriodRow | None:
        """A period as it was frozen when it opened, whatever changed later; None before it opened."""
        return self._book().openings.get(key)

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
            for row in self._book(as_of).opened
            if (type is None or row.type == type)
            and (not since or row.due_at >= since)
            and (not until or row.due_at <= until)
        )

    def recent_periods(self, type: str, until: datetime, limit: int) -> tuple[PeriodRow, ...]:  # noqa: A002
        """The latest opened periods of a type whose cutoff is not after that moment, as they stand, oldest first."""
        return self._book().recent(type, until, limit)

    def period_changes(self, as_of: datetime | None = None) -> tuple[PeriodRow, ...]:
        """The latest change of each period that a person skipped or moved for everybody."""
        return self._book(as_of).changes

    @remembered("due")
    def dues(self, period: str, as_of: datetime | None = None) -> tuple[DueRow, ...]:
        """The dues of a period, in the order they were frozen."""
        given = {"of_period": period} | ({"as_of": as_of} if as_of else {})
        written = records(self.connection, _DUES_THEN if as_of else _DUES, DueRow, given)
        return tuple({due.agency: due for due in written}.values())  # the last one of each, where its first stood

    @remembered("due")
    def dues_version(self, period: str, as_of: datetime) -> tuple[int, datetime | None]:
        """Changes whenever the dues of a period may: the last one written by then; and the latest moment any of them ever had."""
        last, until = ask(self.connection, _LAST_DUE, {"of_period": period, "as_of": as_of})[0]
        return int(last or 0), until

    @remembered("due", "period")
    def moved_dues(self) -> dict[str, tuple[DueRow, ...]]:
        """Period → its dues that stand at another moment than the period itself, whatever their status; few of all there are."""
        found: dict[str, tuple[DueRow, ...]] = {}
        moved = (*records(self.connection, _EARLIER, DueRow, {}), *records(self.connection, _LATER, DueRow, {}))
        for due in sorted(moved, key=attrgetter("seq")):
            found[due.period] = (*found.get(due.period, ()), due)
        return found

    def due(self, period: str, agency: str, as_of: datetime | None = None) -> DueRow | None:
        """One due as it stands."""
        if as_of is None:
            if self.knows("dues", period):
                return self._by_agency(period).get(agency)
            return self._by_period(agency).get(period)
        history = [due for due in self.due_history(period, agency) if due.at is None or due.at <= as_of]
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

    @remembered("decision")
    def reopened(self) -> tuple[Decision, ...]:
        """What persons opened again, oldest first: targets ``due:weekly:2017-07-21/STC``."""
        return records(self.connection, _REOPENED, Decision)

    @remembered("decision")
    def decided_of_dues(self, period: str, as_of: datetime | None = None) -> dict[str, tuple[Decision, ...]]:
        """Agency → what persons decided of its due of a period (by that moment), oldest first."""
        found: dict[str, list[Decision]] = defaultdict(list)
        for one in records(self.connection, _OF_DUES, Decision, {"prefix": f"due:{period}/"}):
            if as_of is None or (one.at and one.at <= as_of):
                found[one.target.rpartition("/")[2]].append(one)
        return {agency: tuple(said) for agency, said in found.items()}

    @remembered("due")
    def dues_of(self, agency: str) -> tuple[DueRow, ...]:
        """Every due of an agency as it stands, by due moment."""
        return tuple(sorted(self._by_period(agency).values(), key=lambda due: due.due_at))

    @remembered("due")
    def _by_period(self, agency: str) -> dict[str, DueRow]:
        """Every due of an agency as it stands: the last one written of each."""
        return {due.period: due for due in matching(self.connection, _due, DueRow, "id", agency=agency)}

    @remembered("due")
    def _by_agency(self, period: str) -> dict[str, DueRow]:
        return {due.agency: due for due in self.dues(period)}

    @remembered("step")
    def steps(self, type: str | None = None, period: str | None = None) -> tuple[Step, ...]:  # noqa: A002
        """What the clock owed and did, oldest first."""
        wanted = {name: value for name, value in (("type", type), ("period", period)) if value is not None}
        return matching(self.connection, _step, Step, "seq", **wanted)

    def finished_periods(self, step: str) -> frozenset[str]:
        """The periods for which that step is done."""
        return frozenset(row[0] for row in ask(self.connection, _FINISHED, {"step": step}))

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
    def _rosters(self) -> tuple[RosterVersion, ...]:
        return ROSTERS.of(self.connection)

    @remembered("roster")
    def rosters(self, at: datetime | None = None) -> tuple[RosterVersion, ...]:
        """Every roster imported (at or before ``at``), oldest first."""
        known = self._rosters()
        return known if at is None else tuple(row for row in known if row.at is None or row.at <= at)


def in_force(versions: Sequence[RosterVersion], day: date) -> RosterVersion | None:
    """Of rosters in order of import, the one in force on a day; None of none.

    The one effective last among those effective by then, of two effective on one day the one imported last. Before the
    first effective day it is the first: what came earlier has no other roster to be judged by.
    """
    started = [version for version in versions if version.effective <= day]
    if started:
        return max(started, key=lambda version: (version.effective, version.id))
    return min(versions, key=lambda version: (version.effective, -version.id), default=None)
