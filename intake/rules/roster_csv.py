"""The contract's roster file: CSV text in, rows out, or every problem at once with its line.

Rules: columns in any order, a byte order mark and CRLF are fine; lists are separated by ``;``; codes are 2 to 12 capitals or
digits; an address or report may carry dates, ``a@x[2017-07-19..2018-01-01]``; a roster with one error is refused whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

from intake.rules.values import Agency, Dated

REQUIRED = ("code", "name", "addresses", "reports")
COLUMNS = (
    *(
        "code",
        "name",
        "level",
        "parent",
        "reports_to",
        "addresses",
        "aliases",
        "reports",
        "valid_from",
        "valid_to",
        "successors",
    ),
    *("order", "group", "contact_name", "contact_phone", "head_address", "not_applicable", "window_shift"),
)
_CODE = re.compile(r"[A-Z0-9]{2,12}")
_ADDRESS = re.compile(r"[^@\s;,<>\"()]+@[^@\s;,<>\"()]+")
_REPORT = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_DATED = re.compile(r"(?P<text>[^\[\]]*)\[(?P<first>[\d-]*)\.\.(?P<last>[\d-]*)\]")
_SHIFT_MAX = 4  # weeks


WORDS = {  # code of a problem → what is wrong and what is expected
    "encoding": "{name}: expected a CSV in UTF-8, byte {at} is none",
    "unreadable": "{name}: cannot be read: {why}",
    "workbook": "{name}: expected an XLSX workbook: {why}",
    "csv": "not readable as CSV: {why}",
    "cells": "{n} cells, the header has {header}; a comma in a name needs quotes",
    "column_missing": 'column "{column}" is missing',
    "column_unknown": 'column "{column}" is unknown; known: {known}',
    "column_twice": 'column "{column}" stands twice',
    "code": '{column} "{text}": expected 2 to 12 capitals A-Z or digits',
    "day": '{column} "{text}": expected a day as YYYY-MM-DD',
    "number": '{column} "{text}": expected a whole number, {least} to {most}',
    "span": "{what}: ends {last}, before it begins {first}",
    "address": '{column} "{text}": expected a full address, with dates as [2017-07-19..2018-01-01] or without',
    "report": '{column} "{text}": expected a report type, with dates as [2017-07-19..2018-01-01] or without',
    "head_address": 'head_address "{text}": expected a full address',
    "name_empty": "name is empty",
    "own_parent": '"{code}" cannot be its own parent or report to itself',
    "code_held": 'code "{text}" is already held{since} by {holder} (line {other})',
    "address_held": 'address "{text}" is already held{since} by {holder} (line {other})',
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of a roster file."""

    line: int  # of the file, from 1; 0 for the file as a whole
    code: str  # of ``WORDS``
    said: Mapping[str, object] = field(default_factory=dict)  # what its words are filled with

    def __str__(self) -> str:
        words = WORDS[self.code].format(**self.said)
        return f"line {self.line}: {words}" if self.line else words


class RosterError(ValueError):
    """A roster refused whole. ``problems``: "line N: what is wrong and what is expected"; ``faults``: the same by their codes."""

    def __init__(self, faults: Iterable[Problem]) -> None:
        self.faults = tuple(faults)
        self.problems = tuple(map(str, self.faults))
        super().__init__("; ".join(self.problems))


class _Row:
    """One line being read: hands out cells and gathers what is wrong with them."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.cells = cells
        self.problems: list[Problem] = []

    def wrong(self, code: str, /, **said: object) -> None:
        self.problems.append(Problem(self.line, code, said))

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def several(self, column: str) -> tuple[str, ...]:
        return tuple(filter(None, (part.strip() for part in self.text(column).split(";"))))

    def code(self, column: str, text: str) -> str:
        if not _CODE.fullmatch(text):
            self.wrong("code", column=column, text=text)
        return text

    def codes(self, column: str) -> tuple[str, ...]:
        return tuple(self.code(column, text) for text in self.several(column))

    def day(self, column: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong("day", column=column, text=text)
            return None

    def whole(self, column: str, least: int, most: int) -> int | None:
        text = self.text(column)
        if text and not (re.fullmatch(r"\d{1,6}", text) and least <= int(text) <= most):
            self.wrong("number", column=column, text=text, least=least, most=most)
            return None
        return int(text) if text else None

    def span(self, what: str, first: date | None, last: date | None) -> None:
        if first and last and last < first:
            self.wrong("span", what=what, first=first, last=last)

    def dated(self, column: str, shape: re.Pattern[str], expected: str) -> tuple[Dated, ...]:
        found = []
        for item in self.several(column):
            match = _DATED.fullmatch(item)
            text = (match["text"] if match else item).strip().lower()
            first = self.day(column, match["first"]) if match else None
            last = self.day(column, match["last"]) if match else None
            self.span(f'{column} "{item}"', first, last)
            if not shape.fullmatch(text):
                self.wrong(expected, column=column, text=item)
            found.append(Dated(text, first, last))
        return tuple(found)


def read_agencies(csv_text: str) -> tuple[Agency, ...]:
    """Read the contract's CSV. Raises ``RosterError`` with every problem."""
    header, rows, problems = _cells(csv_text)
    problems += [Problem(1, "column_missing", {"column": name}) for name in REQUIRED if name not in header]
    problems += [
        Problem(1, "column_unknown", {"column": name, "known": ", ".join(COLUMNS)})
        for name in header
        if name not in COLUMNS
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems += [Problem(1, "column_twice", {"column": name}) for name in twice]
    if problems:
        raise RosterError(problems)
    agencies = [_agency(row) for row in rows]
    problems = [p for row in rows for p in row.problems]
    lines = list(zip((row.line for row in rows), agencies, strict=True))
    problems += _overlaps(lines, "code", lambda row: [(row.code, row.valid_from, row.valid_to)], same_code=True)
    problems += _overlaps(lines, "address", _address_spans, same_code=False)
    if problems:
        raise RosterError(problems)
    unordered = max((a.order for a in agencies), default=0) + 1
    return tuple(replace(a, order=unordered if a.order < 0 else a.order) for a in agencies)


def _cells(csv_text: str) -> tuple[list[str], list[_Row], list[Problem]]:
    """Header, rows with their first line's number, and what the CSV reader itself could not take."""
    reader = csv.reader(io.StringIO(csv_text.removeprefix("\ufeff"), newline=""), strict=True)
    header: list[str] = []
    rows: list[_Row] = []
    problems: list[Problem] = []
    line = 1
    try:
        for values in reader:
            cells = [value.strip() for value in values]
            if any(cells) and not header:
                header = cells
            elif any(cells):
                rows.append(_Row(line, dict(zip(header, cells, strict=False))))
                if len(cells) > len(header):
                    problems.append(Problem(line, "cells", {"n": len(cells), "header": len(header)}))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(line, "csv", {"why": error}))
    return header, rows, problems


def _agency(row: _Row) -> Agency:
    first, last = row.day("valid_from", row.text("valid_from")), row.day("valid_to", row.text("valid_to"))
    row.span("valid_to", first, last)
    code = row.code("code", row.text("code"))
    parent = row.code("parent", row.text("parent")) if row.text("parent") else ""
    reports_to = row.code("reports_to", row.text("reports_to")) if row.text("reports_to") else parent
    if not row.text("name"):
        row.wrong("name_empty")
    if code and code in (parent, reports_to):
        row.wrong("own_parent", code=code)
    head = row.text("head_address").lower()
    if head and not _ADDRESS.fullmatch(head):
        row.wrong("head_address", text=head)
    order = row.whole("order", 0, 999_999)
    return Agency(
        code,
        row.text("name"),
        row.text("level"),
        parent,
        reports_to,
        row.dated("addresses", _ADDRESS, "address"),
        row.several("aliases"),
        row.dated("reports", _REPORT, "report"),
        first,
        last,
        row.codes("successors"),
        -1 if order is None else order,
        row.text("group"),
        row.text("contact_name"),
        row.text("contact_phone"),
        head,
        row.several("not_applicable"),
        row.whole("window_shift", 0, _SHIFT_MAX) or 0,
    )


_Spans = list[tuple[str, date | None, date | None]]


def _address_spans(row: Agency) -> _Spans:
    spans = []
    for dated in row.addresses:
        first = max(filter(None, (row.valid_from, dated.valid_from)), default=None)
        last = min(filter(None, (row.valid_to, dated.valid_to)), default=None)
        spans.append((dated.text, first, last))
    return spans


def _overlaps(
    lines: list[tuple[int, Agency]], what: str, spans_of: Callable[[Agency], _Spans], *, same_code: bool
) -> list[Problem]:
    """Pairs of rows that hold the same code, or the same address for two codes, on one day."""
    holders: dict[str, list[tuple[int, str, date, date]]] = {}
    for line, row in lines:
        for text, first, last in spans_of(row):
            holders.setdefault(text, []).append((line, row.code, first or date.min, last or date.max))
    problems = []
    for text, held in holders.items():
        for a, b in combinations(held, 2):
            if (a[1] == b[1]) is same_code and max(a[2], b[2]) <= min(a[3], b[3]):
                day = max(a[2], b[2])
                since = "" if day == date.min else f" on {day}"
                said = {"text": text, "since": since, "holder": a[1], "other": a[0]}
                problems.append(Problem(b[0], f"{what}_held", said))
    return problems
