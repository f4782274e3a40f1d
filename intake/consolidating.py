"""Consolidated figures gathered from the ledger, as of a moment: one period, a range of a type, or a month, quarter, half or year.

Rules:

1. Figures are those of the latest acceptable revision of each due, people's figures laid over; every other due has none.
2. A figure stated is a number, a zero or a nil (which adds nothing); cumulative figures are shown and never added up.
3. The province's totals take the agencies that report to nobody of the roster on the day the period was due.
4. Every query is asked once a period: a year of 200 agencies is a few seconds' work.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from intake.asking import Times
from intake.board import NoSuchPeriod, board_of, period_of
from intake.book import law_of
from intake.desk import Desk
from intake.difficulties import says_something
from intake.people import about, adds, with_decisions
from intake.progress import counts, tasks_of
from intake.rules import near, schedule
from intake.rules.calendar import Calendar
from intake.rules.values import CLASSES, Agency, Board, Every, Period
from intake.waiting import waiting_for
from notifier.consolidated import (
    AgencyRow,
    Column,
    Consolidation,
    Figure,
    Group,
    Passage,
    PeriodLine,
    Share,
    Source,
    Sum,
    TypeSheet,
)
from parsers.form import Form
from storage.queries import Queries
from storage.records import Json

BESIDE = ("waived", "not_applicable", "not_yet_due")
_SPANS: tuple[Every, ...] = ("month", "quarter", "half", "year")


def consolidate(desk: Desk, q: Queries, span: str, at: datetime, *, provisional: bool = False) -> Consolidation:
    """Everything of that span as of that moment; ``provisional``: our own polling is in doubt. Raises ``NoSuchPeriod``."""
    calendar = desk.calendar_of(q, at)
    head = q.head(at)
    sheets = tuple(
        replace(_sheet(desk, q, periods, at), provisional=provisional) for periods in periods_of(calendar, span)
    )
    return Consolidation(span, at, sheets, head.seq if head else None, head.hash if head else "")


def periods_of(calendar: Calendar, span: str) -> list[list[Period]]:
    """The periods meant, by report type: a key, ``KEY..KEY`` of one type, or 2017-07, 2017-Q3, 2017-H2, 2017 for all types."""
    if ".." in span:
        first, last = (calendar.period(key.strip()) for key in span.split("..", 1))
        if first is None or last is None or first.type != last.type or last.cutoff_day < first.cutoff_day:
            raise NoSuchPeriod(span)
        return [list(calendar.periods(first.type, first.cutoff_day, last.cutoff_day))]
    if one := calendar.period(span):
        return [[one]]
    for every in _SPANS:
        if re.fullmatch(r"\d{4}(-(\d{2}|Q[1-4]|H[12]))?", span) and (found := schedule.span_of_label(every, span)):
            days = found.first, found.last
            several = [list(calendar.periods(t.type, *days)) for t in calendar.types]
            if any(several):
                return [periods for periods in several if periods]
    raise NoSuchPeriod(span)


@dataclass(slots=True)
class _Taken:
    """One report taken into account."""

    agency: str
    period: str
    report: Json
    source: Source
    stated: dict[str, Decimal]  # what each figure adds to a sum; asked for by every sum, level and group
    about: set[str]  # figures of which it gives only about how many


@dataclass(slots=True)
class _One:
    """One period: its board, who owed it, and the reports that count."""

    period: Period
    board: Board
    agencies: dict[str, Agency | None]
    top: set[str]
    counted: list[str] = field(init=False)  # agencies whose due is classed
    taken: dict[str, _Taken] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Every sum goes through them."""
        self.counted = [line.agency for line in self.board.lines if line.due_class in CLASSES]


def _sheet(desk: Desk, q: Queries, periods: Sequence[Period], at: datetime) -> TypeSheet:
    calendar = desk.calendar_of(q, at)
    kind = periods[0].type
    form = desk.form(kind, calendar.day(periods[-1].due_at))
    ones = [_one(desk, q, period, at) for period in periods]
    before = near.before(calendar, periods[0]) if len(periods) == 1 else None
    last = _one(desk, q, before, at) if before else None
    columns = _columns(form, text=False)
    keys = [column.key for column in columns]
    protocol = desk.roster(q, at, calendar.day(periods[-1].due_at)).codes
    rows = _rows(ones, last, keys, protocol)
    return TypeSheet(
        type=kind,
        title=form.title if form else "",
        first=min(one.period.window_from for one in ones),
        last=max(one.period.window_to for one in ones),
        columns=columns,
        texts=_columns(form, text=True),
        rows=rows,
        totals={column.key: _sum(column, ones, last, _top) for column in columns},
        shares={column.key: _share(column, ones) for column in columns if column.over},
        groups=_groups(rows, ones, columns),
        periods=tuple(_line(one, columns) for one in ones),
        missing=_of_class(ones, ("missing",)),
        open=tuple(pair for one in ones for pair in _of_class([one], ("incomplete", "in_review"), _without(one))),
        doubted=tuple(pair for one in ones for pair in _of_class([one], ("in_review",), one.taken)),
        waiting=_waiting(q, calendar, ones, at),
        tasks=tasks_of(desk, q, law_of(desk, q), ones[-1].period, at) if form and form.columns else (),
    )


def _one(desk: Desk, q: Queries, period: Period, at: datetime) -> _One:
    board = board_of(desk, q, period.key, at)
    period = period_of(q, desk.calendar_of(q, at), period.key, at)
    day = desk.calendar.day(period.due_at)
    roster = desk.roster(q, at, day)
    codes = [line.agency for line in board.lines]
    one = _One(
        period,
        board,
        {code: roster.get(code, day) or roster.latest(code) for code in codes},
        {code for code in codes if near.top_level(roster, code, day)},
    )
    classes = {line.agency: line.due_class for line in board.lines}
    reports = q.reports_of(period.key, at)
    mails = q.mail_hashes([word.mail_id for word, *_ in reports])
    for word, read, decided in reports:
        if word.agency in classes:
            source = Source(
                word.receipt or "",
                period.key,
                classes[word.agency],
                word.received_at,
                str(read.get("number") or ""),
                word.ref,
                mails.get(word.mail_id, ""),
            )
            report = with_decisions(read, decided)
            one.taken[word.agency] = _Taken(word.agency, period.key, report, source, adds(report), about(report))
    return one


def _columns(form: Form | None, *, text: bool) -> tuple[Column, ...]:
    """The form's own lines, figures or texts; a line that is read only when stated stands on no form."""
    if form is None:
        return ()
    return tuple(
        Column(line.key, line.label, line.kind, line.section, line.core, line.over)
        for line in form.lines
        if (line.kind == "text") is text and (line.on_form or text)
    )


def _rows(
    ones: Sequence[_One], last: _One | None, keys: Sequence[str], protocol: Sequence[str]
) -> tuple[AgencyRow, ...]:
    """One row for each agency that owed any of the periods, in protocol order."""
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    rows: dict[str, Agency | None] = {}
    top: set[str] = set()
    for one in ones:
        top |= one.top
        for line in one.board.lines:
            rows[line.agency] = one.agencies[line.agency] or rows.get(line.agency)
            classes[line.agency].update([line.due_class] if line.due_class in CLASSES else [])
    place = {code: n for n, code in enumerate(protocol)}
    order = sorted(rows, key=lambda code: (place.get(code, len(place)), code))
    return tuple(
        AgencyRow(
            code,
            row.name if (row := rows[code]) else code,
            row.level if row else "",
            row.group if row else "",
            code in top,
            dict(classes[code]),
            {key: _figure(code, key, ones, last) for key in keys},
            tuple(one.taken[code].source for one in ones if code in one.taken),
            tuple(_passages(code, ones)),
        )
        for code in order
    )


def _figure(code: str, key: str, ones: Sequence[_One], last: _One | None) -> Figure:
    taken = [one.taken[code] for one in ones if code in one.taken]
    found = [one.stated[key] for one in taken if key in one.stated]
    before = last.taken[code].stated.get(key) if last and code in last.taken else None
    if len(ones) == 1:
        figure = (taken[0].report.get("figures") or {}).get(key) if taken else None
        if not figure:
            return Figure(None, "absent", last=before)
        flags = (*figure.get("flags", ()), *(("cumulative",) if figure.get("basis") == "cumulative" else ()))
        value = None if figure.get("value") is None else Decimal(str(figure["value"]))
        return Figure(value, figure["state"], len(found), flags, before)
    return Figure(sum(found, Decimal(0)), "number", len(found)) if found else Figure(None, "absent")


def _passages(code: str, ones: Sequence[_One]) -> Iterable[Passage]:
    for one in ones:
        if code in one.taken:
            taken = one.taken[code]
            for key, text in (taken.report.get("texts") or {}).items():
                if str(text).strip():
                    said = str(text).strip()
                    yield Passage(key, one.period.key, said, taken.source.receipt, says_something(said))


def _sum(column: Column, ones: Sequence[_One], last: _One | None, who: Callable[[_One], set[str]]) -> Sum:
    """The sum over some agencies of each period; a percentage has none."""
    value, n, expected = _added(column.key, ones, who)
    before = _added(column.key, [last], who) if last else (None, 0, 0)
    if column.kind == "percentage":
        return Sum(None, n, expected, None, *before[1:])
    taken = (one.taken.get(code) for one in ones for code in one.counted if code in who(one))
    only_about = sum(1 for each in taken if each and column.key in each.about and column.key in each.stated)
    return Sum(value, n, expected, *before, about=only_about)


def _top(one: _One) -> set[str]:
    return one.top


def _added(key: str, ones: Sequence[_One], who: Callable[[_One], set[str]]) -> tuple[Decimal | None, int, int]:
    found: list[Decimal] = []
    expected = 0
    for one in ones:
        mine = who(one)
        counted = [code for code in one.counted if code in mine]
        expected += len(counted)
        found += [taken.stated[key] for code in counted if (taken := one.taken.get(code)) and key in taken.stated]
    return (sum(found, Decimal(0)) if found else None), len(found), expected


def _share(column: Column, ones: Sequence[_One]) -> Share:
    part = whole = Decimal(0)
    n = expected = 0
    for one in ones:
        for code in one.counted:
            if code not in one.top:
                continue
            expected += 1
            stated = one.taken[code].stated if code in one.taken else {}
            upper, lower = stated.get(column.key), stated.get(column.over or "")
            if upper is not None and lower is not None:
                part, whole, n = part + upper, whole + lower, n + 1
    return Share(part, whole, n, expected)


def _groups(rows: Sequence[AgencyRow], ones: Sequence[_One], columns: Sequence[Column]) -> tuple[Group, ...]:
    """Everybody of each level, then of each group, in protocol order."""
    found = []
    core = [column for column in columns if column.core]
    for kind in ("level", "group"):
        for name in dict.fromkeys(getattr(row, kind) for row in rows):
            mine = [row for row in rows if getattr(row, kind) == name]
            codes = {row.code for row in mine}
            if not name:
                continue
            classes: dict[str, int] = {c: sum(row.classes.get(c, 0) for row in mine) for c in CLASSES}
            sums = {column.key: _sum(column, ones, None, lambda _one, codes=codes: codes) for column in core}  # type: ignore[misc]
            found.append(Group(kind, name, len(mine), sum(row.top for row in mine), classes, sums))
    return tuple(found)


def _line(one: _One, columns: Sequence[Column]) -> PeriodLine:
    board = one.board
    beside = {name: getattr(board, name) for name in BESIDE}
    sums = {column.key: _sum(column, [one], None, _top) for column in columns if column.core}
    return PeriodLine(
        board.period,
        board.due_at,
        {name: board.classes.get(name, 0) for name in CLASSES},
        beside,
        sums,
        one.period.skipped,
    )


def _of_class(
    ones: Sequence[_One], classes: Sequence[str], among: Container[str] | None = None
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.period.key, row.name if (row := one.agencies[line.agency]) else line.agency)
        for one in ones
        for line in one.board.lines
        if line.due_class in classes and (among is None or line.agency in among)
    )


def _without(one: _One) -> set[str]:
    """The agencies of whom no report counts."""
    return {line.agency for line in one.board.lines} - set(one.taken)


def _waiting(q: Queries, calendar: Calendar, ones: Sequence[_One], at: datetime) -> tuple[tuple[str, str], ...]:
    """The missing dues of whose agency a mail still waits: it may be the report."""
    doubtful = [one for one in ones if one.board.classes.get("missing")]
    return tuple(
        pair for one in doubtful for pair in _of_class([one], ("missing",), waiting_for(q, calendar, one.period, at))
    )


def export_json(found: Consolidation, times: Times) -> Json:
    """``cchc.export/1``: the province's sums with n/E, by report type."""
    return {
        "schema": "cchc.export/1",
        "span": found.span,
        "as_of": times(found.at),
        "types": [_json(s) for s in found.sheets],
    }


def _json(sheet: TypeSheet) -> Json:
    return {
        "type": sheet.type,
        "periods": [line.key for line in sheet.periods],
        "expected": sheet.expected,
        "classes": sheet.classes,
        **sheet.beside,
        "complete": sheet.whole,
        "totals": {
            key: {
                "value": total.value,
                "n": total.n,
                "expected": total.expected,
                "last": total.last,
                "change": total.change,
            }
            for key, total in sheet.totals.items()
        },
        "groups": [_group_json(group) for group in sheet.groups],
        "missing": [{"period": key, "agency": name} for key, name in sheet.missing],
        "waiting": [{"period": key, "agency": name} for key, name in sheet.waiting],
    } | ({"tasks": counts(sheet.tasks) | {"rows": [one.to_json() for one in sheet.tasks]}} if sheet.tasks else {})


def _group_json(group: Group) -> Json:
    """Everybody of a level or a group: the lines every report must state, with n/E."""
    sums = {key: {"value": s.value, "n": s.n, "expected": s.expected} for key, s in group.sums.items()}
    beside = {"agencies": group.agencies, "top": group.top, "expected": group.expected, "classes": dict(group.classes)}
    return {"kind": group.kind, "name": group.name, **beside, "sums": sums}
