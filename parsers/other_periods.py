"""Figures told of another week or month than the report: a file of an earlier period used again, or its figures left in it.

Rules:

1. The words in front of a number count ("Tiếp nhận trong tuần 28: 125"), the heading of its column, and the last line above that speaks of
   figures without giving any ("Bảng số liệu tuần 28", "(Số liệu từ ngày 07/7 đến ngày 13/7)").
   So does a remark behind the number that is nothing but a period's name ("125 hồ sơ (số liệu tuần 28)").
2. Held against the title are a week's number, a month's, days that share none with the title's or are half as many again ("từ 01/7 đến
   20/7" in the report of a week), "trong tháng" in the report of a week, "trong tuần" in a month's; above the figures also a whole year or
   several months, and in a week's report a month alone.
3. Nobody knows which of the two was forgotten: doubted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parsers.choose import Note
from parsers.dates import read_window, tells_long
from parsers.lines import Grid, TextLine, Unit
from parsers.numbers import scan
from parsers.values import Figure, Place, Window
from parsers.words import vocabulary, words_of

_WEEK = re.compile(r"\b(?:tuần|tuan)\s+(?:thứ\s+|số\s+)?(\d{1,2})(?![\d/])", re.IGNORECASE)
_MONTH = re.compile(r"\b(?:tháng|thang)\s+(\d{1,2})(?!\d)", re.IGNORECASE)
_TOLD_OF_FIGURES = re.compile(
    r"[\s(]*(?:số liệu|so lieu|bảng|bang|biểu|bieu|kết quả|ket qua|tình hình|tinh hinh|thống kê|thong ke)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d\s*[/.-]\s*\d")
_IN_WEEK = re.compile(r"\b(?:trong tuần|tuần này|tuần báo cáo|trong tuan|tuan nay)\b", re.IGNORECASE)
_IN_MONTH = re.compile(r"\b(?:trong tháng|tháng này|tháng báo cáo|trong thang|thang nay)\b", re.IGNORECASE)
_QUARTER = re.compile(r"\b(?:quý|quy)\s+(?:IV|I{1,3}|0?[1-4])\b", re.IGNORECASE)
_NAMES = ("tuần", "tuan", "tháng", "thang", "quý", "quy")
_REMARK = re.compile(
    r"\s*(?:(?:bộ )?(?:hồ sơ|hs)|văn bản)?\s*[|(,;–-]+\s*"
    r"((?:(?:số liệu|so lieu|số|tính|tinh|đến|den|hết|het|của|cua|lấy|lay|trong|cả|theo)\s+)*(?:tuần|tuan|tháng|thang|quý|quy)"
    r"\s+(?:thứ\s+|số\s+)?(?:\d{1,2}|[IVX]{1,4})(?:/\d{4})?)\s*(?:[).;,|]|\Z)",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"\s*(?:hồ sơ|hs)?\s*[|(]\s*((?:số liệu\s+)?(?:từ|tu)?\s*(?:ngày|ngay)?\s*\d[\d/.]*\s*(?:-|–|đến|den)\s*(?:ngày|ngay)?\s*\d[\d/.]*)\s*(?:[)|]|\Z)",
    re.IGNORECASE,
)
_ANY_WEEK = re.compile(r"\b(?:tuần|tuan)\b", re.IGNORECASE)
_WEEK_MAX = 9  # days of the longest week (product, slots)
_NAME_WORDS = 4
_HEADING_WORDS = 16  # a longer line is a sentence
_HEADING_ROWS = 3  # of a table, in which its columns are named


@dataclass(frozen=True, slots=True)
class _Own:
    """The report's own period."""

    pattern: re.Pattern[str]
    other: re.Pattern[str]  # words for a period of the other kind
    number: int | None
    window: Window

    def is_other(self, text: str) -> bool | None:
        """Whether a text tells of another period, or of this one; None when of none."""
        if _may_name(text):
            named = {int(said) for said in self.pattern.findall(text)} if self.number is not None else set()
            if named:
                return self.number not in named
            if self.other.search(text) and not self.words.search(text):
                return True
        dated = self.window.start and self.window.end and _DATED.search(text)
        days = read_window(text, self.window.end) if dated else None
        if days is None or not (days.start and days.end):
            return None
        return days.end < self.window.start or days.start > self.window.end or self._is_shorter(days)  # type: ignore[operator]

    def is_headed_otherwise(self, text: str) -> bool | None:
        """The same of a line above the figures, which speaks of nothing else."""
        other = self.is_other(text)
        if other is not None or len(words_of(text)) > _HEADING_WORDS:
            return other
        times = vocabulary().times.within(text)
        longer = tells_long(text) or _QUARTER.search(text) or ("cumulative" in times and "period" not in times)
        months = self._is_weeks() and _MONTH.search(text) and not _ANY_WEEK.search(text)
        return True if (self.window.month or self._is_weeks()) and (longer or months) else None

    def is_remarked(self, text: str, raw: str) -> bool:
        """Whether a remark behind a figure is nothing but another period's name: "125 hồ sơ (số liệu tuần 28)"."""
        dated, named = _DATED.search(text) is not None, _may_name(text)
        if not dated and not named:
            return False
        behind = text[len(_before(text, raw)) + len(raw) :]
        days = _DAYS.match(behind) if dated else None
        if days and self.is_other(days[1]):
            return True
        told = _REMARK.match(behind) if named else None
        return told is not None and self.is_headed_otherwise(told[1]) is True

    def is_named(self, text: str) -> bool | None:
        """False of a line that is only "Trong tuần:", this period's name."""
        named = self.words.match(text) and len(words_of(text)) <= _NAME_WORDS
        return False if named else None

    @property
    def words(self) -> re.Pattern[str]:
        """What this period is called in a report of its kind."""
        return _IN_MONTH if self.window.month else _IN_WEEK

    def _is_weeks(self) -> bool:
        start, end, month = self.window.start, self.window.end, self.window.month
        short = start is not None and end is not None and (end - start).days <= _WEEK_MAX
        return month is None and (short or self.number is not None)

    def _is_shorter(self, days: Window) -> bool:
        own, told = (span.end - span.start for span in (self.window, days))  # type: ignore[operator]
        return (told.days + 1) * 2 > (own.days + 1) * 3


def _may_name(text: str) -> bool:
    """Whether a text may name a period: most do not, which a pattern takes ten times as long to find out."""
    return any(map(text.lower().__contains__, _NAMES))


def of_other_periods(figures: Mapping[str, Figure], window: Window, units: Sequence[Unit]) -> list[Note]:
    """A note for every figure stated of another period."""
    pattern, said = (_MONTH, window.month[-2:]) if window.month else (_WEEK, window.week or "")
    own = _Own(pattern, _IN_WEEK if window.month else _IN_MONTH, int(said) if said.isdigit() else None, window)
    lines = sorted(_lines(units, own))
    columns = {place for unit in units if isinstance(unit, Grid) for place in _columns(unit, own)}
    notes = []
    for figure in figures.values():
        place = figure.place
        if figure.value is None or place is None or not figure.raw:
            continue
        before = own.is_other(_before(place.text, figure.raw))
        above = (place.block, place.cell) in columns or _last(lines, place) or own.is_remarked(place.text, figure.raw)
        if before or (before is None and above):
            notes.append(Note("doubtful", (figure.key,), figure.raw, place=place))
    return notes


def _before(text: str, raw: str) -> str:
    """What stands in front of a figure; the "2" of a date is not the figure 2."""
    at = text.find(raw)
    if at < 0 or at != text.rfind(raw):
        at = next((token.start for token in scan(text) if token.raw == raw), at)
    return text[:at] if at >= 0 else text


def _lines(units: Iterable[Unit], own: _Own) -> Iterable[tuple[int, int, bool]]:
    """The lines that say of what period the figures below them are: block, row, whether of another one."""
    for unit in units:
        if isinstance(unit, TextLine):
            told = _TOLD_OF_FIGURES.match(unit.text, unit.indent) is not None
            other = own.is_headed_otherwise(unit.text) if told else own.is_named(unit.bare)
            if other is not None:
                place = unit.pieces[0][1]
                yield place.block or 0, place.row or 0, other


def _last(lines: Sequence[tuple[int, int, bool]], place: Place) -> bool:
    above = [other for block, row, other in lines if (block, row) < (place.block or 0, place.row or 0)]
    return bool(above) and above[-1]


def _columns(grid: Grid, own: _Own) -> Iterable[tuple[int, int]]:
    """The columns whose headings name another period: block, column from 1."""
    for row in grid.rows[:_HEADING_ROWS]:
        for c, cell in enumerate(row):
            if cell.text and cell.number is None and own.is_other(cell.text):
                yield from ((grid.block, c + n) for n in range(1, max(cell.colspan, 1) + 1))
