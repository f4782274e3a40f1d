"""The period a text states in words, longer than a week: "tháng 7/2017", "quý III/2017", "6 tháng đầu năm 2017", "năm 2017".

Rules: a year must stand there; the labels are the calendar's own (2017-07, 2017-Q3, 2017-H1, 2017); tones and case do not matter; "9
tháng" is none of them.
"""

from __future__ import annotations

import re

from parsers.fold import fold

SPANS = ("month", "quarter", "half", "year")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = re.compile(r"thang\s*(\d{1,2})\s*[/\-.]\s*(\d{4})")
_QUARTER = re.compile(r"\bquy[\s_]*(iv|i{1,3}|0?[1-4])\b[\s_]*(?:[/\-.,]|nam)?[\s_]*(\d{4})\b")
_HALF = re.compile(r"\b0?6[\s_]*thang[\s_]*(dau|cuoi)[\s_]*nam[\s_]*(\d{4})\b")
_YEAR = re.compile(r"\bnam[\s_]*(\d{4})\b")
_DAY = re.compile(r"\bngay\b[^\n]{0,20}\bthang\b")


def stated_label(text: str, every: str) -> str | None:
    """The label of the span of that rhythm a text names, None when it names none.

    >>> stated_label("BÁO CÁO QUÝ III/2017", "quarter"), stated_label("Báo cáo 6 tháng đầu năm 2017", "half")
    ('2017-Q3', '2017-H1')
    """
    plain = fold(text)
    if every == "month":
        match = _MONTH.search(plain)
        return f"{match[2]}-{int(match[1]):02d}" if match and 1 <= int(match[1]) <= 12 else None
    if every == "quarter":
        match = _QUARTER.search(plain)
        return f"{match[2]}-Q{_ROMAN.get(match[1]) or int(match[1])}" if match else None
    if every == "half":
        match = _HALF.search(plain)
        return f"{match[2]}-H{1 if match[1] == 'dau' else 2}" if match else None
    if every == "year" and not _DAY.search(plain):
        match = _YEAR.search(plain)
        return match[1] if match and not _HALF.search(plain) else None
    return None
