"""Consolidated figures of a period, and behind each total the reports it was added up from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.asking import NotFound
from intake.board import board_of, period_of
from intake.book import law_of
from intake.desk import Desk
from intake.digests import agency_figures, totals
from intake.people import added, figures_of
from intake.rules import near
from intake.rules.values import CLASSES, Board, Period
from notifier.facts import FigureFact, TotalFact
from storage.queries import Queries


@dataclass(frozen=True, slots=True)
class Behind:
    """What one agency stated for a figure."""

    agency: str
    name: str
    receipt: str | None
    mail_id: int | None
    part_n: int | None
    figure: FigureFact | None
    counted: bool  # inside the total: due, of the top level, not cumulative


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The totals of one period."""

    period: Period
    board: Board
    totals: tuple[TotalFact, ...]
    behind: tuple[Behind, ...]  # of one figure, when asked for
    label: str


def period_figures(desk: Desk, q: Queries, key: str, now: datetime, figure: str | None = None) -> PeriodFigures:
    """The totals, and behind ``figure`` every agency's share. Raises ``NoSuchPeriod``, ``NotFound``."""
    board = board_of(desk, q, key, now)
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key)
    figures = agency_figures(desk, q, law, board, period)
    reports = figures_of(q, key)
    sums = totals(desk, law, board, period, reports)
    if figure is None:
        return PeriodFigures(period, board, sums, (), "")
    total = next((t for t in sums if t.key == figure), None)
    if total is None:
        raise NotFound(f"{key}: {figure}")
    day = law.calendar.day(period.due_at)
    where: dict[str, tuple[int, int]] = {
        v.agency: (s.mail_id, s.part_n) for s, v in q.verdicts(key) if v.acceptable and not v.duplicate_of
    }
    counted = {
        line.agency
        for line in board.lines
        if line.due_class in CLASSES and near.top_level(law.roster, line.agency, day)
    }
    behind = tuple(
        Behind(
            row.agency,
            row.name,
            row.receipt,
            where[row.agency][0] if row.agency in where else None,
            where[row.agency][1] if row.agency in where else None,
            row.values.get(figure),
            row.agency in counted and added(reports.get(row.agency, {}), figure) is not None,
        )
        for row in figures
    )
    return PeriodFigures(period, board, sums, behind, total.label)
