"""What the board page shows: every due of a period with all that people compare, and its recent periods beside it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.board import board_of, period_of
from intake.desk import Desk
from intake.rules.compliance import Rates, rates
from intake.rules.roster import Roster
from intake.rules.values import Board, BoardLine, Period
from intake.waiting import waiting_in, waiting_of
from intake.web.agencies import run
from intake.web.standing import Classes, Standing
from storage.queries import Queries
from storage.read_words import Word
from storage.records import DueRow, Mail, PeriodRow

RECENT = 12  # periods beside the board
OPEN = ("missing", "in_review")  # classes of dues whose report may be in a mail that waits


@dataclass(frozen=True, slots=True)
class Line:
    """One due."""

    code: str
    name: str
    group: str
    level: str
    due_class: str
    arrived: str | None
    received_at: datetime | None
    against: int | None  # seconds after the due moment, negative before
    due_at: datetime | None  # its own, when it is not the period's
    revision: int | None
    number: str
    findings: int
    letters: tuple[str, ...]
    paper: str
    paper_number: str
    streak: int
    owed: tuple[str, ...]
    contact: str
    phone: str
    reason: str
    after_cutoff: bool
    mail_id: int | None
    strip: tuple[str, ...]  # class of each recent period, "" where nothing was owed
    waiting: tuple[
        Mail, ...
    ]  # of an agency that seems missing, or is in review: its mails that wait for a person and may hold the report


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The board of one period as of a moment."""

    board: Board
    period: Period
    rates: Rates
    lines: tuple[Line, ...]
    recent: tuple[PeriodRow, ...]
    earlier: str | None
    later: str | None

    @property
    def arrived(self) -> int:
        """Of those not yet due: whose report has come."""
        return sum(line.arrived is not None for line in self.lines)

    @property
    def perhaps_there(self) -> int:
        """Of the missing: those of whom a mail waits for a person."""
        return sum(bool(line.waiting) and line.due_class == "missing" for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is looked up once for all lines."""

    roster: Roster
    latest: Mapping[str, Word]
    counting: Mapping[str, Word]  # the latest acceptable one, where there is one
    mails: Mapping[str, int]  # receipt → mail: where the moment shown comes from
    numbers: Mapping[int, str]
    dues: Mapping[str, DueRow]
    letters: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, Classes]
    waiting: Mapping[str, tuple[Mail, ...]]
    doubted: Mapping[str, Container[str]]  # period → agencies of which a mail may be its report and waits


@dataclass(frozen=True, slots=True)
class Moment:
    """What a board is asked for: what the log knew, of what had arrived; None: everything."""

    now: datetime
    as_of: datetime | None = None
    received_by: datetime | None = None

    @property
    def known(self) -> datetime:
        """Up to where the log is read."""
        return self.as_of or self.now


def board_page(desk: Desk, q: Queries, standing: Standing, key: str, at: Moment, *, listed: bool = True) -> BoardPage:
    """Everything of a board. Raises ``NoSuchPeriod``. Not ``listed``: without numbers and letters, which the list alone shows."""
    as_of, now = at.known, at.now
    board = board_of(desk, q, key, as_of, at.received_by)
    calendar = desk.calendar_of(q, as_of)
    period = period_of(q, calendar, key, as_of)
    recent = q.recent_periods(period.type, period.due_at, RECENT)
    words = q.words(key, as_of=as_of, received_by=at.received_by)
    latest = {word.agency: word for word in words if not word.duplicate_of}
    counting = latest | {word.agency: word for word in words if word.acceptable and not word.duplicate_of}
    open_ = any(line.due_class in OPEN for line in board.lines)
    classes = standing.classes(desk, q, [row.key for row in recent], now)
    silent = [period_of(q, calendar, row.key) for row in recent if "missing" in classes[row.key].values()]
    beside = _Beside(
        roster=desk.roster(q, as_of, period.due_day or period.cutoff_day),
        latest=latest,
        counting=counting,
        mails={word.receipt: word.mail_id for word in words if word.receipt},
        numbers=q.report_numbers([word.reading_id for word in counting.values() if word.reading_id]) if listed else {},
        dues={due.agency: due for due in q.dues(key, as_of)},
        letters=q.letter_kinds(key, [word.mail_id for word in latest.values()]) if listed else {},
        classes=classes,
        waiting=waiting_of(q, calendar, period, at.received_by or as_of, at.as_of) if open_ else {},
        doubted=waiting_in(q, calendar, silent, now),
    )
    lines = tuple(_line(line, board, period, beside) for line in board.lines)
    earlier, later = _neighbours(q, period)
    return BoardPage(board, period, rates(board), lines, recent, earlier, later)


def _line(line: BoardLine, board: Board, period: Period, beside: _Beside) -> Line:
    agency = beside.roster.latest(line.agency)
    word, counting = beside.latest.get(line.agency), beside.counting.get(line.agency)
    due = beside.dues.get(line.agency)
    strip = tuple([classes.get(line.agency, "") for classes in beside.classes.values()])
    missed = _missed(line.agency, beside) if "missing" in strip else {}
    return Line(
        code=line.agency,
        name=agency.name if agency else line.agency,
        group=agency.group if agency else "",
        level=agency.level if agency else "",
        due_class=line.due_class,
        arrived=line.arrived,
        received_at=line.received_at,
        against=None if line.received_at is None else int((line.received_at - line.due_at).total_seconds()),
        due_at=line.due_at if line.due_at != board.due_at else None,
        revision=line.revision,
        number=beside.numbers.get(counting.reading_id or 0, "") if counting else "",
        findings=_to_check(word),
        letters=beside.letters.get(line.agency, ()),
        paper=due.paper if due else "not_required",
        paper_number=due.paper_number if due else "",
        streak=run(list(missed.values())) if line.due_class == "missing" else 0,
        owed=tuple([key for key, silent in missed.items() if silent and key != period.key]),
        contact=agency.contact_name if agency else "",
        phone=agency.contact_phone if agency else "",
        reason=(word.reason or "") if word else "",
        after_cutoff=due.after_cutoff if due else False,
        mail_id=beside.mails.get(line.receipt or "", word.mail_id) if word else None,
        strip=strip,
        waiting=beside.waiting.get(line.agency, ()) if line.due_class in OPEN else (),
    )


def _to_check(word: Word | None) -> int:
    if word is None or not word.findings:
        return 0
    return sum(finding.get("severity") in ("ask", "warning", "error") for finding in word.findings)


def _missed(agency: str, beside: _Beside) -> dict[str, bool]:
    """The recent periods it owed → whether it missed it, and no mail of its that waits may be the report."""
    owed = {key: due_class for key, classes in beside.classes.items() if (due_class := classes.get(agency))}
    return {key: found == "missing" and agency not in beside.doubted.get(key, ()) for key, found in owed.items()}


def _neighbours(q: Queries, period: Period) -> tuple[str | None, str | None]:
    """The periods of the same type before and after, among those opened."""
    keys = [row.key for row in q.periods(period.type) if not row.skipped]
    if period.key not in keys:
        return (keys[-1] if keys else None), None
    at = keys.index(period.key)
    return (keys[at - 1] if at else None), (keys[at + 1] if at + 1 < len(keys) else None)
