"""What a cell of a table is to the reader of figures: an answer, an aside, a column's name, a ratio's two parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parsers.answers import Answer
from parsers.cells import is_percent, number_of, unbracketed
from parsers.fold import nfc
from parsers.form import Form, Line
from parsers.headings import Column, merged
from parsers.labels import meaning_of
from parsers.lines import unglued
from parsers.quick import replace
from parsers.values import Cell
from parsers.words import vocabulary

_MONTHS = re.compile(r"\b(tháng|thang|quý|quy)\s+(?:thứ\s+|số\s+)?(\d{1,2}|[IVX]{1,4})\b", re.IGNORECASE)
_WEEKS = re.compile(
    r"\b(tuần|tuan|tháng|thang|quý|quy)\s+(?:thứ\s+|số\s+)?(\d{1,2}|[IVX]{1,4})\b"
    r"|(\d{1,2}\s*[/.]\s*\d{1,2})[\d/.]*\s*(?:-|–|đến|den)\s*(?:ngày\s+|ngay\s+)?(\d{1,2}\s*[/.]\s*\d{1,2})",
    re.IGNORECASE,
)


def trimmed(cell: Cell) -> Cell:
    """The cell without blanks around its text, its letters composed, its row number parted from its label."""
    text = unglued(nfc(cell.text).strip())
    return cell if text == cell.text else replace(cell, text=text)


def counts(cell: Cell) -> bool:
    """Whether it holds a number that is no percentage."""
    return number_of(cell) is not None and not is_percent(cell)


def is_stray(cell: Cell, column: Column, answer: Answer) -> bool:
    """Whether another number stands in a column nobody named, beside one that is named."""
    return not column.text and counts(cell) and number_of(cell) != answer.value


def is_total(column: Column) -> bool:
    """Whether the column is headed as the sum of others."""
    return "total" in vocabulary().columns.whole(unbracketed(column.text))


def is_unclear(column: Column, label: str) -> bool:
    """Whether a heading says of the numbers below it what neither its label nor a column's usual name does."""
    return bool(column.unclear and not column.owner and column.unclear - meaning_of(label).atoms)


def name_several_periods(form: Form, texts: Iterable[str]) -> bool:
    """Whether rows or columns are weeks or months: "Tuần 28 | Tuần 29 | Cộng"; the weeks of a month are a month's own."""
    told = _MONTHS if form.states_month else _WEEKS
    named = {" ".join(one).lower() for text in texts for one in told.findall(text)}
    return len(named) > 1 and not form.states


_NOTHING = Column()


def column_at(columns: Sequence[Column], c: int) -> Column:
    """The heading of a column, an empty one where none stands."""
    return columns[c] if c < len(columns) else _NOTHING


def stacked(header: Sequence[Column], columns: Sequence[Column]) -> list[Column]:
    """A second row of headings put under the first."""
    return [merged(column_at(header, c), column_at(columns, c)) for c in range(max(len(header), len(columns)))]


def is_aside(cell: Cell, column: Column) -> bool:
    """A cell that is no answer: its column says so, or it is only a unit."""
    aside = column.kind in ("number", "unit", "other", "note", "label")
    return aside or (cell.number is None and bool(vocabulary().units.whole(cell.text)))


def parted(line: Line, keys: Sequence[str], answer: Answer) -> list[tuple[str, Answer]]:
    """The keys one answer speaks for: a ratio's two, a split line's parts, or the line alone."""
    if answer.below_state is not None:
        top = replace(answer, below_state=None, below=None)
        bottom = Answer(answer.below_state, answer.below, answer.below_raw)
        if line.over:
            return [(line.key, top), (line.over, bottom)]
        if line.whole:
            return [(line.key, top), (line.whole, bottom)]
        if len(line.parts) == 2 and answer.below_state in ("number", "zero"):
            return list(zip(line.parts, (top, bottom), strict=True))
    elif line.over in keys and line.over:
        either = replace(answer, state="unreadable", value=None) if answer.state == "number" else answer
        return [(line.key, either), (line.over, either)]
    return [(line.key, answer)]
