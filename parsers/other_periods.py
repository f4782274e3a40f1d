"""Figures whose own line or row names another week or month than the report: a file of an earlier period used again, or its figures left in it.

Rule: the words in front of the number count alone ("Tiếp nhận trong tuần 28: 125"), and only where title and line name the same kind of period by its
number. Nobody knows which of the two was forgotten: doubted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from parsers.choose import Note
from parsers.values import Figure, Window

_WEEK = re.compile(r"\b(?:tuần|tuan)\s+(?:thứ\s+|số\s+)?(\d{1,2})(?![\d/])", re.IGNORECASE)
_MONTH = re.compile(r"\b(?:tháng|thang)\s+(\d{1,2})(?!\d)", re.IGNORECASE)


def of_other_periods(figures: Mapping[str, Figure], window: Window) -> list[Note]:
    """A note for every figure stated under another week's or month's number."""
    pattern, own = (_MONTH, window.month[-2:]) if window.month else (_WEEK, window.week or "")
    if not own.isdigit():
        return []
    notes = []
    for figure in figures.values():
        if figure.value is None or figure.place is None or not figure.raw:
            continue
        named = {int(said) for said in pattern.findall(figure.place.text.partition(figure.raw)[0])}
        if named and int(own) not in named:
            notes.append(Note("doubtful", (figure.key,), figure.raw, place=figure.place))
    return notes
