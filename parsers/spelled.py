"""Whole numbers spelled in words, as offices spell them beside or instead of digits: "một nghìn hai trăm bốn mươi tám".

Rules:

1. Tones count: "bảy" is seven, "bay" is nothing; "năm" alone may be a year and is no number.
2. A text is a number only as a whole, in the order a number is spoken (millions, thousands, hundreds, tens); anything else is None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9,
}  # fmt: skip
_SCALES = (("triệu", 1_000_000), ("nghìn", 1000), ("ngàn", 1000))
_ODD = ("lẻ", "linh", "lẽ")  # between hundreds and a lone last digit
_TENS, _TEN, _HUNDRED = "mươi", "mười", "trăm"
_WORD = re.compile(r"[^\W\d_]+")


def spelled(text: str) -> int | None:
    """The number a text spells and nothing else.

    >>> spelled("một nghìn hai trăm lẻ một"), spelled("mười lăm"), spelled("hai mươi mốt"), spelled("năm 2017"), spelled("bay")
    (1201, 15, 21, None, None)
    """
    if re.search(r"[^\w\s]|\d", text.strip(" .,;:")):
        return None
    words = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    if not words or words == ["năm"]:
        return None
    total, first = 0, True
    for name, scale in _SCALES:
        if name in words:
            at = words.index(name)
            part = _below_thousand(words[:at], first=first)
            if not part:
                return None
            total, words, first = total + part * scale, words[at + 1 :], False
    rest = _below_thousand(words, first=first) if words else 0
    return None if rest is None or (first and not words) else total + rest


def _below_thousand(words: Sequence[str], *, first: bool) -> int | None:
    """Hundreds, tens and ones; behind a scale "không trăm" and "linh" may fill the places."""
    if _HUNDRED not in words:
        if not first and len(words) == 2 and words[0] in _ODD:
            return _DIGITS.get(words[1])
        return _below_hundred(words) if first or len(words) > 1 or words[0] == _TEN else None  # "một nghìn tám": 1800?
    at = words.index(_HUNDRED)
    hundreds = _DIGITS.get(words[0]) if at == 1 else None
    rest = words[at + 1 :]
    if hundreds is None or (first and hundreds == 0):
        return None
    if not rest:
        return hundreds * 100
    if rest[0] in _ODD:
        ones = _DIGITS.get(rest[1]) if len(rest) == 2 else None
        return None if not ones else hundreds * 100 + ones
    tens = _below_hundred(rest) if len(rest) > 1 or rest[0] == _TEN else None
    return None if tens is None else hundreds * 100 + tens


def _below_hundred(words: Sequence[str]) -> int | None:
    if not words:
        return None
    if len(words) == 1:
        return 10 if words[0] == _TEN else _DIGITS.get(words[0])
    if words[0] == _TEN and len(words) == 2:
        ones = _DIGITS.get(words[1])
        return None if not ones else 10 + ones
    tens = _DIGITS.get(words[0]) if len(words) in (2, 3) else None
    if not tens or tens == 1:
        return None
    if words[1] == _TENS:
        ones = 0 if len(words) == 2 else _DIGITS.get(words[2])
        return None if ones is None or (len(words) == 3 and not ones) else tens * 10 + ones
    ones = _DIGITS.get(words[1]) if len(words) == 2 and words[1] != "không" else None
    return None if not ones or words[1] not in ("mốt", "tư", "lăm", "nhăm") else tens * 10 + ones
