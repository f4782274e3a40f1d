"""Dates and the days a report covers, as Vietnamese offices write them.

Rules:

1. A date line is "ngày 21 tháng 7 năm 2017" or "ngày 21/7/2017"; one with a blank in it is no date.
2. A window is "từ (ngày) A đến (hết) (ngày) B"; also ``17/7–23/7/2017``, ``14-20/7/2017``. What A leaves out (month, year) it
   takes from B; if that puts A after B, A is in the month, or the year, before: "từ ngày 28 đến ngày 03/8" starts in July,
   "từ 29/12 đến 04/01/2018" in 2017. The form has one "tháng" for two dates.
3. A year that is nowhere comes from an anchor (the date line, else the day of receipt): the year that brings the end nearest.
4. Stated week numbers are text: they are not ISO weeks, and nothing is computed from them.
5. A stated month is "tháng 7/2017", "tháng 7 năm 2017", "tháng 7"; "6 tháng đầu năm" is none.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from parsers.fold import nfc
from parsers.quick import quick
from parsers.values import Window

_DIGIT = re.compile(r"\d")
_DAY_BEFORE = re.compile(r"(?:ngày|ngay)\s*\d{1,2}\s*\Z", re.IGNORECASE)
_GAP = r"\s*[./-]\s*"
_DAY = r"(?:ngày|ngay|ngµy)?\s*(?P<{0}d>\d{{1,2}})"
_REST = (
    r"(?:(?:\s*[./-]\s*|\s+(?:tháng|thang)\s*)(?P<{0}m>\d{{1,2}})(?!\d))?"
    r"(?:(?:\s*[./-]\s*|,?\s+(?:năm|nam)\s*)(?P<{0}y>(?:19|20)\d\d)(?!\d))?"
)
_RANGE = re.compile(
    r"(?:từ|tu|tính từ)\s+"
    + (_DAY + _REST).format("a")
    + r"\s*(?:đến|den|tới|toi|-|–|—)\s*(?:hết|het)?\s*"
    + (_DAY + _REST).format("b"),
    re.IGNORECASE,
)
_BARE_RANGE = re.compile(
    r"(?<![\d/.])(?P<ad>\d{1,2})(?:[./](?P<am>\d{1,2}))?(?:[./](?P<ay>(?:19|20)\d\d))?\s*(?:-|–|—|đến|den)\s*(?:ngày\s*|ngay\s*)?"
    r"(?P<bd>\d{1,2})[./](?P<bm>\d{1,2})(?:[./](?P<by>(?:19|20)\d\d))?(?![\d/])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:ngày|ngay)\s*(\d{1,2})\s*(?:tháng|thang)\s*(\d{1,2})\s*,?\s*(?:năm|nam)\s*((?:19|20)\d\d)"
    r"|(?<![\d/])(\d{1,2})[./-](\d{1,2})[./-]((?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_WEEK = re.compile(
    r"\b(?:tuần|tuan)\s*(?:thứ|thu|số|so|lễ)?\s*[:.]?\s*(\d{1,2}|[IVX]{1,4}\b)(?!\s*(?:/\d+\s*/|ngày))(?!\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"(?<!\d\s)(?<!\d)(?:tháng|thang)\s*(?:thứ\s*)?(?P<m>\d{1,2})(?!\d)(?:\s*(?:[./-]|,?\s*(?:năm|nam))\s*(?P<y>(?:19|20)\d\d)(?!\d))?",
    re.IGNORECASE,
)
_NEW_YEAR = re.compile(r"\b(?:từ|tu)\s+(?:ngày\s+|ngay\s+)?0?1\s*[./-]\s*0?1(?![\d])", re.IGNORECASE)
_YEAR_ALONE = re.compile(r"(?P<before>.?)[\s,]*\b(?:năm|nam)\s+(?:19|20)\d\d(?!\d)", re.IGNORECASE)
_PLAN = re.compile(r"(?:kế hoạch|ke hoach|kh)\Z", re.IGNORECASE)
PERIOD_MAX = 45  # days; a longer range of dates is no week's and no month's
_ROLL_MAX = 62  # days of the longest window that may reach back into the year before; longer is a slip of the pen
_NEXT = re.compile(r"\s*(?:đầu|cuối|qua|năm\s+(?!20|19))", re.IGNORECASE)


@quick
@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range, as written."""

    day: int
    month: int | None
    year: int | None


def read_date(text: str) -> date | None:
    """The first full date of a text."""
    for match in _DATE.finditer(nfc(text)):
        numbers = [int(part) for part in match.groups() if part]
        if made := _made(numbers[2], numbers[1], numbers[0]):
            return made
    return None


@lru_cache(maxsize=2048)
def read_window(text: str, anchor: date | None) -> Window | None:
    """The window a line states, None when it states none."""
    text = nfc(text)
    week = _WEEK.search(text)
    match = (_RANGE.search(text) or _BARE_RANGE.search(text)) if _DIGIT.search(text) else None
    if match is None:
        return Window(week=week.group(1), text=_line(text)) if week else None
    first = _End(int(match["ad"]), _int(match["am"]), _int(match["ay"]))
    last = _End(int(match["bd"]), _int(match["bm"]), _int(match["by"]))
    last = _later_words(text[match.end() :], last)
    start, end = _resolve(first, last, anchor)
    if start is None and end is None and week is None:
        return None
    return Window(start, end, week.group(1) if week else None, None, _line(text))


def read_month(text: str, anchor: date | None) -> str | None:
    """A stated month as ``2017-07``."""
    text = nfc(text)
    for match in _MONTH.finditer(text):
        month = int(match["m"])
        if not 1 <= month <= 12 or _NEXT.match(text[match.end() :]):
            continue
        if _DAY_BEFORE.search(text[: match.start()]):
            continue
        year = _int(match["y"]) or _nearest_year(month, 28, anchor)
        if year:
            return f"{year:04d}-{month:02d}"
    return None


def _line(text: str) -> str:
    return " ".join(text.split()).strip(" ()")[:300]


def _int(text: str | None) -> int | None:
    return int(text) if text else None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _later_words(rest: str, end: _End) -> _End:
    """As in "đến ngày 20 tháng 7 năm 2017": the month and year may stand behind blanks the pattern did not cross."""
    if end.month is None and (match := re.match(r"\s*(?:tháng|thang)\s*(\d{1,2})", rest, re.IGNORECASE)):
        end = _End(end.day, int(match.group(1)), end.year)
    if end.year is None and (
        match := re.match(
            r"(?:[^\d]{0,8}(?:tháng|thang)\s*\d{1,2})?[^\d]{0,12}(?:năm|nam)\s*((?:19|20)\d\d)", rest, re.IGNORECASE
        )
    ):
        end = _End(end.day, end.month, int(match.group(1)))
    return end


def _resolve(first: _End, last: _End, anchor: date | None) -> tuple[date | None, date | None]:
    month = last.month or first.month
    if month is None or not 1 <= month <= 12:
        return None, None
    year = last.year or (first.year if first.year and first.month else None) or _nearest_year(month, last.day, anchor)
    if year is None:
        return None, None
    end = _made(year, month, last.day)
    if last.month is None and first.month and end and first.day > last.day:  # từ 28/7 đến ngày 03
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
        end = _made(year, month, last.day)
    return _start(first, month, year, end), end


def _start(first: _End, month: int, year: int, end: date | None) -> date | None:
    if first.month is not None:
        start = _made(first.year or year, first.month, first.day)
        if start and end and start > end and first.year is None:
            earlier = _made(year - 1, first.month, first.day)
            start = earlier if earlier and (end - earlier).days <= _ROLL_MAX else start
        return start
    start = _made(year, month, first.day)
    rolls = (start is None or (end is not None and start > end)) and first.year is None
    if rolls:
        month, year = (12, year - 1) if month == 1 else (month - 1, year)
        start = _made(year, month, min(first.day, calendar.monthrange(year, month)[1])) if first.day <= 31 else None
        start = start if start and start.day == first.day else None
    return start


def _nearest_year(month: int, day: int, anchor: date | None) -> int | None:
    if anchor is None:
        return None
    options = [(year, _made(year, month, min(day, 28))) for year in (anchor.year - 1, anchor.year, anchor.year + 1)]
    return min(options, key=lambda item: abs((item[1] - anchor).days) if item[1] else 10_000)[0]


def tells_long(text: str) -> bool:
    """Whether words beside a figure tell days too far apart for a week or a month: "từ 01/01 đến 20/7", "từ ngày 01/01/2017", "năm 2017".

    >>> [tells_long(words) for words in ("từ 01/01 đến 20/7", "từ 01/01/2017", "từ 28/12 đến 03/01", "từ ngày 14 đến 20/7", "lũy kế")]
    [True, True, False, False, False]
    >>> [tells_long(words) for words in ("năm 2017", "tuần 29 năm 2017", "ngày 20 tháng 7, năm 2017", "theo kế hoạch năm 2017")]
    [True, False, False, False]
    """
    if any(_is_whole_year(text, match) for match in _YEAR_ALONE.finditer(text)):
        return True
    span = _RANGE.search(text) if "/" in text or "." in text or "-" in text else None
    if span is None:
        return _NEW_YEAR.search(text) is not None
    if span["bm"] is None:
        return False
    months = int(span["bm"]) - int(span["am"] or span["bm"])
    years = int(span["by"]) - int(span["ay"]) if span["ay"] and span["by"] else int(months < 0)
    return years * 365 + months * 30 + int(span["bd"]) - int(span["ad"]) > PERIOD_MAX


def _is_whole_year(text: str, match: re.Match[str]) -> bool:
    """Whether a year stands for itself, neither for the month or week before it nor for a plan's name."""
    before = match["before"]
    tied = bool(before) and (before.isdigit() or before in ")/IVX")
    return not tied and not _PLAN.search(text[: match.end("before")])
