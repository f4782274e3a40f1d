"""Numbers as Vietnamese offices write them, and everything that only looks like a number.

Rules, in order (seen in published reports; the exact wording of each is a test):

1. Whole numbers: ``1625``, ``1.625``, ``1,625``, ``1 625``, ``06``; groups must be of three digits. Anything else made of
   digits and separators (``3227.885``, ``257.7575``, ``12,5`` where files are counted) is *malformed*: never guessed.
2. ``10,18 ngàn`` and ``1,2 triệu`` are rounded figures: multiplied, and marked approximate.
3. Dates (``27.4``, ``3.5.2018``, ``14/7``), document numbers (``45/2016/QĐ-TTg``, ``123/BC-SNV``), hours, levels (``mức độ
   3,4``), years and percentages are recognised first, so that they are not taken for counts or ratios.
4. ``12/15`` is a ratio of two whole numbers. ``1 389/1 392`` is one of 1389; where that would be more than the whole (``3 110/376``) nobody
   knows whether the blank parts two numbers: *malformed*.

Pure text in, values out. Offsets are those of the text given, which must be NFC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from parsers.quick import quick

TokenKind = Literal["count", "ratio", "percent", "malformed", "other"]

_DIGIT = re.compile(r"\d")
_NO_DIGIT = re.compile(r"\D")
_REMEMBERED = 1000  # characters of a text whose tokens are remembered; a line is looked at several times
_MAX_DIGITS = 11  # a province counts in millions; longer strings are telephones and codes
_TWO = re.compile(r"\d[ ,\u00a0\u2009\u202f]\d")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+\Z")
_COMMAED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\Z")
_SPACED = re.compile(r"[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+\Z")
_DOTTED_ZERO_FRACTION = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+,0+\Z")
_COMMAED_ZERO_FRACTION = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\.0+\Z")
_PERCENT = re.compile(r"\d{1,4}(?:[.,]\d{1,6})?\Z")
_DECIMAL = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?\Z")
_WIDE = re.compile("[\uff05\uff0c\uff0e\uff0f\uff10-\uff19]")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９，．／％", "0123456789,./%")

_NUMBER = r"\d+(?:[.,]\d+)*(?:[ \u00a0\u2009\u202f]\d{3}(?![\d.,/]?\d))*"
_SPACED_TOP = r"[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?=\s*/\s*\d)"  # 1 389/1 392
_SCALES = {
    "ngàn": 1000,
    "nghìn": 1000,
    "ngan": 1000,
    "nghin": 1000,
    "triệu": 1_000_000,
    "trieu": 1_000_000,
    "trăm": 100,
    "chục": 10,
    "vạn": 10_000,
}
_OTHER = (
    r"(?:0?[1-9]|[12]\d|3[01])\s*[/.-]\s*(?:0?[1-9]|1[0-2])\s*[/.-]\s*(?:19|20)\d\d(?!\d)"  # 14/7/2017
    r"|(?:ngày|ngay)\s+\d{1,2}(?:\s*[/.-]\s*\d{1,2})?(?:\s*[-–]\s*\d{1,2}(?:\s*[/.-]\s*\d{1,2})?)?(?!\d|[.,/]\d)"
    r"|(?:từ|tu|đến|den)\s+\d{1,2}\s*[/.]\s*\d{1,2}(?:\s*[/.]\s*(?:19|20)\d\d)?(?!\d)"  # từ 27.4 đến 3.5.2018
    r"|\d{1,2}/\d{1,2}\s*(?:-|–|đến|den)\s*(?:ngày\s+|ngay\s+)?\d{1,2}/\d{1,2}(?:/(?:19|20)\d\d)?(?!\d)"  # 14/7 - 20/7
    r"|(?<!\d)(?:0?[1-9]|1[0-2])\s*/\s*(?:19|20)\d\d(?![\d/])"  # 10/2019
    r"|\d+\s*/\s*(?:19|20)\d\d\s*/\s*[A-ZĐƯƠ][\wĐƯƠ&-]*"  # 45/2016/QĐ-TTg
    r"|\d+\s*/\s*[A-ZĐ]{1,}[A-ZĐƯƠa-z]*(?:[-–&][\wĐƯƠ]+)+"  # 123/BC-SNV
    r"|(?:(?:thứ|thu|tuần|tuan|năm|nam|điều|khoản|phụ lục|mẫu số|biểu số|tổng đài|điện thoại|đt|hotline)(?=\s)"
    r"|(?:tháng|thang|quý|quy)(?=\s+(?:thứ\s+|số\s+)?(?:0?[1-9]|1[0-2])(?!\d|\.\d{3})))"
    r"\s+(?:thứ\s+|số\s+)?[0-9]+(?:\s*[./]\s*(?:19|20)\d\d)?(?:\s*[-–]\s*(?:19|20)\d\d)?(?![\d%]|[.,/]\d)"
    r"|\d{1,2}\s*(?:giờ|gio|h)\s*(?:\d{1,2}\s*(?:phút|phut|p)?)?(?!\w)"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
    r"|\d{3,5}:(?:19|20)\d\d(?!\d)"  # ISO 9001:2008
    r"|(?:mức độ|muc do|mức|muc|cấp độ|cap do|mđ)\s+0?[1-5](?:\s*/\s*0?[1-5])*"
    r"(?:\s*(?:,|và|va|&|-)\s*(?:mức độ\s+|mức\s+)?0?[1-5](?!\s*/\s*\d))*(?!\d|[.,/]\d)"
)
# how the words end that may stand before the first digit of such a piece; more is caught than meant, which costs time alone
_LEADS = tuple(
    "ày ay ừ tu ến en ứ hu ần an áng ang ăm am uý uy ều ản ục ố ài i ı \u0307 đt ne ộ do ức uc mđ".split()  # noqa: SIM905
)
_LEAD_WORDS = 3  # words of the longest of them
_LEAD_MAX = 24  # characters before a digit, blanks included, in which the end of such a word is looked for
_GLUED = re.compile(
    r"(?:hs|hsơ|hồ sơ|bộ|vb|văn bản|cuộc|lượt|tin|bài|người|đơn vị|trường hợp|pakn|phản ánh|kiến nghị|tthc|thủ tục)(?![\w\-/])",
    re.IGNORECASE,
)  # a unit without a blank before it: "12hs"
_INITIAL = re.compile(r"(?<![\w.])(?:[A-ZĐ]|[IVX]+)\.\Z")  # Q.1, III.2020
_TOKEN = re.compile(
    rf"(?P<other>{_OTHER})"
    rf"|(?P<percent>{_NUMBER})\s*(?:%|phần trăm|phan tram)"
    rf"|(?P<top>{_SPACED_TOP}|{_NUMBER})\s*/\s*(?P<bottom>{_NUMBER})(?![/\d])"
    rf"|(?P<number>{_NUMBER})(?:\s*(?P<scale>ngàn|nghìn|ngan|nghin|triệu|trieu|trăm|chục|vạn)(?!\w))?",
    re.IGNORECASE,
)


@quick
@dataclass(frozen=True, slots=True)
class Token:
    """One piece of text made of digits: where it stands and what it is."""

    kind: TokenKind
    start: int
    end: int
    raw: str
    value: Decimal | None = None  # count and percent; a ratio's numerator, None when that one is malformed
    below: Decimal | None = None  # a ratio's denominator, None when malformed
    below_raw: str = ""
    rounded: bool = False  # "10,18 ngàn"
    spaced: bool = False  # groups parted by blanks or commas: may be two numbers


def widen(text: str) -> str:
    """Full-width digits and separators as plain ones, one character for one."""
    return text.translate(_WIDE_DIGITS) if _WIDE.search(text) else text


def is_plain(text: str) -> bool:
    """Nothing but digits: most numbers are, and no pattern has to be asked what they are."""
    return text.isascii() and text.isdigit()


def plain(text: str) -> Decimal | None:
    """The count a text is that is nothing but digits; None of any other, and of digits no office writes."""
    return whole(text) if is_plain(text) else None


def whole(raw: str) -> Decimal | None:
    """A count as written, or None when its grouping is not one an office uses.

    >>> whole("1.625"), whole("06"), whole("3227.885")
    (Decimal('1625'), Decimal('6'), None)
    """
    text = raw.strip()
    if text.isdecimal():
        leading_zeros = len(text) > 2 and text[0] == "0" and text.strip("0") != ""
        return None if leading_zeros or len(text) > _MAX_DIGITS else Decimal(text)
    if _DOTTED_ZERO_FRACTION.match(text):
        text = text.split(",", maxsplit=1)[0]
    elif _COMMAED_ZERO_FRACTION.match(text):
        text = text.split(".", maxsplit=1)[0]
    elif not (_DOTTED.match(text) or _COMMAED.match(text) or _SPACED.match(text)):
        return None
    digits = _NO_DIGIT.sub("", text)
    return Decimal(digits) if len(digits) <= _MAX_DIGITS else None


def percentage(raw: str) -> Decimal | None:
    """A percentage as written, ``98,81`` or ``98.81``; None when malformed.

    >>> percentage("98,81")
    Decimal('98.81')
    """
    text = raw.strip()
    return Decimal(text.replace(",", ".")) if _PERCENT.match(text) else None


def scan(text: str) -> tuple[Token, ...]:
    """Every piece of a text made of digits, in order; digits inside words are left out."""
    return _remembered(text) if len(text) <= _REMEMBERED else _scan(text)


def _scan(text: str) -> tuple[Token, ...]:
    text = widen(text)
    found = []
    position = 0
    while (digit := _DIGIT.search(text, position)) and (
        match := _TOKEN.search(text, _opening(text, position, digit.start()))
    ):
        position = match.end()
        if _inside_word(text, match.start(), match.end()):
            found.append(Token("other", match.start(), match.end(), match.group()))
        else:
            found.append(_token(match))
    return tuple(found)


_remembered = lru_cache(maxsize=4096)(_scan)


def _opening(text: str, position: int, digit: int) -> int:
    """Where to look for what the next digit belongs to: at the digit, unless a word that may open a piece stands before it.

    Then at the words such an opening may have ("mẫu số thứ 3"): trying every letter before them takes ten times as long as the piece itself.
    """
    if digit == position or not text[digit - 1].isspace():
        return digit
    before = text[max(position, digit - _LEAD_MAX) : digit].rstrip().lower()
    if before and not before.endswith(_LEADS):
        return digit
    words = text[position:digit].rsplit(maxsplit=_LEAD_WORDS)
    return position + len(words[0]) if len(words) > _LEAD_WORDS else position


def _inside_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and (text[start - 1].isalpha() or text[start - 1] == "_") and text[start].isdigit()
    after = end < len(text) and (text[end].isalpha() or text[end] == "_") and text[end - 1].isdigit()
    after = after and not _GLUED.match(text, end)
    return before or after or (text[start - 1 : start] == "." and bool(_INITIAL.search(text, max(0, start - 6), start)))


def _token(match: re.Match[str]) -> Token:
    start, end, raw, kind = match.start(), match.end(), match.group().strip(), match.lastgroup
    if kind == "number":
        value = whole(match["number"])
        spaced = _is_spaced(match["number"])
        return Token("count" if value is not None else "malformed", start, end, raw, value, spaced=spaced)
    if kind == "other":
        return Token("other", start, end, raw)
    if kind == "percent":
        value = percentage(match["percent"])
        return Token("percent" if value is not None else "malformed", start, end, raw, value)
    return _scaled(match) if kind == "scale" else _ratio(match)


def _ratio(match: re.Match[str]) -> Token:
    top, bottom = match["top"], match["bottom"]
    above, below = whole(top), whole(bottom)
    if _SPACED.match(top) and above is not None and below is not None and above > below:
        above = None
    spaced = _is_spaced(top) or _is_spaced(bottom)
    return Token("ratio", match.start(), match.end(), top, above, below, bottom, spaced=spaced)


def _is_spaced(raw: str) -> bool:
    return not raw.isdecimal() and _TWO.search(raw.strip()) is not None


def _scaled(match: re.Match[str]) -> Token:
    raw, scale = match["number"], _SCALES[match["scale"].lower()]
    end = match.end()
    if not _DECIMAL.match(raw):
        return Token("malformed", match.start(), end, match.group().strip())
    value = Decimal(raw.replace(",", ".")) * scale
    exact = value == value.to_integral_value()
    kind: TokenKind = "count" if exact else "malformed"
    return Token(
        kind, match.start(), end, match.group().strip(), value.to_integral_value() if exact else None, rounded=True
    )


def show(value: Decimal) -> str:
    """A number the way letters print it: ``1.625``, ``95,5``.

    >>> show(Decimal("1625")), show(Decimal("95.50"))
    ('1.625', '95,5')
    """
    if value == value.to_integral_value():
        return f"{int(value):,}".replace(",", ".")
    return f"{value.normalize():,f}".translate(str.maketrans(",.", ".,"))
