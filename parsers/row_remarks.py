"""What is said beside a figure in the row of its table: in a column of notes, or in the brackets of its label.

Rules:

1. "đính chính: 145 hồ sơ", "số liệu ước", "chưa đối chiếu", "thiếu số liệu xã …", "lũy kế từ đầu năm", "tuần trước" and nothing more take a figure
   back or tell it of something else: doubted. "Tăng 3 hồ sơ so với tuần trước", "lĩnh vực đất đai" only explain it.
2. "Không phát sinh" beside a number above nought denies it; the same words beside several figures are a way of leaving the column empty.
3. A number spelled out in a column of words that is another one than the digits.
4. The brackets of a label are held against its figure alike: "Hồ sơ quá hạn (chưa kể cấp xã)", "(số ước)", "(lũy kế)".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from parsers.candidates import Candidate
from parsers.labels import Labels
from parsers.lines import Grid
from parsers.spelled import spelled
from parsers.taken_back import takes_back, without_unit
from parsers.words import vocabulary, words_of

_WORDS_MAX = 30  # of a remark; a longer text is a paragraph of its own
_BRACKETS = re.compile(r"\(([^()]*)\)")
_SPELLED = re.compile(r"\bchữ\b", re.IGNORECASE)  # "Bằng chữ"
_HEADING_ROWS = 3  # of a table, in which its columns are named
_STATED = ("number", "zero")


def with_remarks(labels: Labels, grid: Grid, read: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of a table, doubted where their row says something against them."""
    answers = {(one.place.row, one.place.cell) for one in read}
    rows = {row for row, _ in answers if row}
    told = {row: list(_remarks(labels, grid, row, answers)) for row in rows}
    if not any(told.values()):
        return list(read)
    often = Counter(said.lower() for remarks in told.values() for said, kind in remarks if kind == "note")
    return [one.doubted("several") if _against(one, told.get(one.place.row, ()), often) else one for one in read]  # type: ignore[arg-type]


def _remarks(
    labels: Labels, grid: Grid, row: int, answers: AbstractSet[tuple[int | None, int | None]]
) -> Iterator[tuple[str, str]]:
    """The texts of a row that may speak of its figures, each with what it is: a label's bracket, a note in its column, other text."""
    for c, cell in enumerate(grid.rows[row - grid.above - 1]):
        text = cell.text.strip()
        if cell.number is not None or not any(map(str.isalpha, text)) or (row, c + 1) in answers:
            continue
        if labels.starts(text):
            yield from ((said, "label") for said in _BRACKETS.findall(text))
        elif len(words_of(text)) <= _WORDS_MAX:
            yield text, _headed(grid, c)


def _headed(grid: Grid, column: int) -> str:
    """What a column is for, as far as remarks go: "note", "words" of numbers spelled out, or ""."""
    heads = [row[column].text for row in grid.rows[:_HEADING_ROWS] if column < len(row)]
    if any(_SPELLED.search(text) for text in heads if text):
        return "words"
    return "note" if any("note" in vocabulary().columns.whole(text) for text in heads if text) else ""


def _against(candidate: Candidate, told: Sequence[tuple[str, str]], often: Counter[str]) -> bool:
    if candidate.state not in _STATED:
        return False
    return any(
        takes_back(said)
        or (kind == "note" and _denies(candidate, said, often))
        or (kind == "words" and _spells_another(candidate, said))
        for said, kind in told
    )


def _denies(candidate: Candidate, said: str, often: Counter[str]) -> bool:
    return (
        bool(candidate.value)
        and often[said.lower()] == 1
        and len(words_of(said)) > 1
        and bool(vocabulary().values.whole(said))
    )


def _spells_another(candidate: Candidate, said: str) -> bool:
    number = spelled(without_unit(said)) if candidate.value is not None else None
    return number is not None and number != candidate.value
