"""Consolidated figures of a period, and behind each total the reports it was added up from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.asking import NotFound
from intake.board import board_of, period_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.digests import totals
from intake.letters import figure_facts
from intake.people import added, stated_figures_of
from intake.rules import near
from intake.rules.values import CLASSES, Board, BoardLine, Period
from notifier.facts import FigureFact
from notifier.facts_of_many import TotalFact
from storage.queries import Queries
from storage.read_words import Word
from storage.records import Json


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
    reports = stated_figures_of(q, key, now)
    sums = totals(desk, law, board, period, reports)
    if figure is None:
        return PeriodFigures(period, board, sums, (), "")
    total = next((t for t in sums if t.key == figure), None)
    if total is None:
        raise NotFound(f"{key}: {figure}")
    words = {w.agency: w for w in q.words(key, as_of=now) if w.acceptable and not w.duplicate_of}
    behind = tuple(
        _behind(desk, law, period, line, words.get(line.agency), reports.get(line.agency), figure)
        for line in board.lines
    )
    return PeriodFigures(period, board, sums, behind, total.label)


def _behind(
    desk: Desk, law: Law, period: Period, line: BoardLine, word: Word | None, report: Json | None, figure: str
) -> Behind:
    """One agency's share of a figure."""
    day = law.calendar.day(period.due_at)
    agency = law.roster.row(line.agency, day)
    form = desk.form(period.type, day)
    facts = figure_facts(form, report, {}, agency, only=figure) if form and report else ()
    return Behind(
        line.agency,
        agency.name if agency else line.agency,
        word.receipt if word else None,
        word.mail_id if word else None,
        word.part_n if word else None,
        facts[0] if facts else None,
        line.due_class in CLASSES
        and near.top_level(law.roster, line.agency, day)
        and added(report or {}, figure) is not None,
    )
