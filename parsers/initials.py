"""Initials clerks write for words of the form (``words.toml``, ``initials``): "TN | GQ | ĐH | QH", "đã GQ 120 HS (ĐH 118, QH 2)".

Rules:

1. Each means other things elsewhere (TN: tài nguyên, tốt nghiệp; ĐH: đại học; QH: quy hoạch, Quốc hội), so they are understood in company only: where
   three of "tiếp nhận", "giải quyết", "đúng hạn", "quá hạn" are told in the same table or text, as initials or in full, or two of them and one is "GQ".
2. In a table they are words of a heading or label; in running text they stand right before a number. "TN&MT" is an office.
3. Only what labels are looked for in is spelled out; evidence is what the sender wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from parsers.quick import replace
from parsers.values import Cell
from parsers.words import vocabulary

_COMPANY = 3
_LONGEST = 60  # characters of a heading or label
_SPELLED = re.compile(r"tiếp nhận|giải quyết|đúng hạn|quá hạn", re.IGNORECASE)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Initials as words of a cell, and right before a number."""
    said = "|".join(sorted(map(re.escape, vocabulary().initials), key=len, reverse=True))
    word = rf"(?<![\w&/.-])(?:{said})(?![\w&.-])"
    return re.compile(word), re.compile(rf"{word}(?=\s*(?:(?:HS|hs|hồ sơ)\s*)?[:=]?\s*\d)")


def in_company(texts: Iterable[str], *, numbered: bool = False) -> bool:
    """Whether initials stand among words of the form in these texts. ``numbered``: only those right before a number count."""
    pattern = _patterns()[numbered]
    told = [text for text in texts if text]
    short = {vocabulary().initials[said] for text in told for said in pattern.findall(text)}
    if not short:
        return False
    heard = {meant for said in short for meant in _SPELLED.findall(said)}
    named = heard | {said.lower() for text in told for said in _SPELLED.findall(text)}
    return len(named) >= _COMPANY or (len(named) > 1 and "giải quyết" in heard)


def spelled_cells(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows of a table with the initials of its headings and labels spelled out."""
    if not in_company(cell.text for row in rows for cell in row if len(cell.text) <= _LONGEST):
        return list(rows)
    return [tuple(_cell(cell) for cell in row) for row in rows]


def _cell(cell: Cell) -> Cell:
    if cell.number is not None or not 1 < len(cell.text) <= _LONGEST:
        return cell
    text = _patterns()[False].sub(_full, cell.text)
    return cell if text == cell.text else replace(cell, text=text)


def spelled_line(text: str) -> str:
    """A line with the initials that stand before its numbers spelled out."""
    return _patterns()[True].sub(_full, text)


def _full(match: re.Match[str]) -> str:
    return vocabulary().initials[match.group()]
