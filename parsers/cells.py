"""One cell of a table: is it a number, a percentage, and what does it answer.

Rules: a typed spreadsheet value is taken as it is; a fraction or a negative number where things are counted is unreadable; a cell
holds one answer, so a blank between groups of three is a thousands mark there.
"""

from __future__ import annotations

import re
from decimal import Decimal

from parsers.answers import Answer, Doubt, read_answer, strange_words
from parsers.numbers import percentage, plain, scan
from parsers.quick import replace
from parsers.values import Cell
from parsers.words import words_of

_BRACKETED = re.compile(r"\([^()]*\)")
_PERCENT = re.compile(r"\s*\(?\s*\d+(?:[.,]\d+)?\s*%\s*\)?\s*")
_TWO_COLUMNS = re.compile(r"(?<!\d)\d{3} \d{3}(?!\d)")  # may be two figures in one cell
_NUMBER_WORDS = 8  # a cell with more words is text, whatever numbers it holds


def is_empty(cell: Cell) -> bool:
    """Nothing written, nothing typed."""
    return not cell.text and cell.number is None


def is_percent(cell: Cell) -> bool:
    """Whether a cell holds a percentage and nothing else."""
    return _PERCENT.fullmatch(cell.text) is not None


def percent_of(cell: Cell) -> Decimal | None:
    """The percentage a cell states; a bare fraction of one is a share."""
    stated = next((token.value for token in scan(cell.text) if token.kind == "percent"), None)
    if stated is not None or cell.number is None:
        return stated if stated is not None else next((t.value for t in scan(cell.text) if t.kind == "count"), None)
    return cell.number * 100 if cell.number <= 1 else cell.number


def number_of(cell: Cell) -> Decimal | str | None:
    """What makes the numbers of two cells differ; None when a cell holds no number."""
    if cell.number is not None:
        return cell.number
    if (value := plain(cell.text)) is not None:
        return value
    if len(words_of(cell.text)) > _NUMBER_WORDS:
        return None
    tokens = [token for token in scan(cell.text) if token.kind != "other"]
    if not tokens or strange_words(cell.text):
        return None
    return tokens[0].value if tokens[0].kind == "count" and len(tokens) == 1 else cell.text


def answer_of(cell: Cell, *, share: bool = False) -> Answer:
    """The answer a cell gives; ``share``: where a percentage is asked."""
    if is_empty(cell):
        return Answer("blank")
    if cell.number is not None:
        return _typed_share(cell) if share else _typed(cell, cell.number)
    answer = read_answer(cell.text, percentage=share)
    numbers = [token for token in scan(cell.text) if token.kind in ("count", "malformed", "ratio")]
    alone = len(numbers) == 1 and not _TWO_COLUMNS.search(cell.text)
    return replace(answer, doubts=answer.doubts - {"spaced"}) if alone else answer


def _typed(cell: Cell, number: Decimal) -> Answer:
    raw = cell.text or str(number)
    if number < 0 or number != number.to_integral_value():
        return Answer("unreadable", raw=raw)
    grown: frozenset[Doubt] = frozenset(["several"] if raw.startswith("+") else [])  # shown as by how much it grew
    return Answer("number" if number else "zero", number.to_integral_value(), raw, doubts=grown)


def _typed_share(cell: Cell) -> Answer:
    value = percentage(cell.text.replace("%", "")) if is_percent(cell) else percent_of(cell)
    raw = cell.text or str(cell.number)
    if value is None or value < 0:
        return Answer("unreadable", raw=raw)
    return Answer("number" if value else "zero", value, raw)


def unbracketed(text: str) -> str:
    """A text without what stands in brackets."""
    return _BRACKETED.sub(" ", text) if "(" in text else text
