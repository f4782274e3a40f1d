"""Tone-blind comparison: one way of folding Vietnamese text, used for labels, names and search alike.

Rules: NFC in, lower case, every combining mark off, đ becomes d, dashes and quotes unified, white space single.
Standard library only, so that the pure rules may use it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_SIGNS = "[\u00ad\u200b-\u200d\u2060\ufeff]"  # soft hyphens, joiners, blanks of no width
_UNSEEN = re.compile(f"{_SIGNS}(?<=\\d.){_SIGNS}*(?=\\d)")  # between two digits; begun with what is rare
_SHORT = 500  # characters of a text whose composed letters are remembered
_MARKS_MAX = 30  # marks on one letter, as in Unicode's stream-safe text (UAX 15); Vietnamese needs two


def nfc(text: str) -> str:
    """The text with its letters composed (NFC), and without the signs nobody sees between two digits.

    A short one is asked several times, and remembered.
    """
    if text.isascii():
        return text
    return _remembered(text) if len(text) <= _SHORT else _composed(text)


def _composed(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFC", _calm(text)))


_remembered = lru_cache(maxsize=2048)(_composed)


def _calm(text: str) -> str:
    """The text without endless marks on one letter: sorting them takes quadratic time, 10 s for 80 kB."""
    if len(text) <= _MARKS_MAX or not any(map(unicodedata.combining, text[::_MARKS_MAX])):
        return text  # a longer run would hold one of every so many letters
    return _long_runs().sub(lambda run: run[0][:_MARKS_MAX], text)


@cache
def _long_runs() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{_MARKS_MAX + 1},}}")


class _Bare(dict[int, str]):
    """For ``str.translate``: a lower-case letter without its marks, worked out when first met."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code))
        bare = "".join(_PLAIN.get(part, part) for part in parts if not unicodedata.combining(part))
        if len(self) < _REMEMBERED:
            self[code] = bare
        return bare


_PLAIN = {"đ": "d"} | dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("“”„«»", '"') | dict.fromkeys("‘’", "'")
_REMEMBERED = 4096  # letters
_BARE = _Bare()


def fold(text: str) -> str:
    """A key for comparing: lower case, no tones, đ as d, single spaces, plain dashes and quotes.

    >>> fold("Tổng số hồ sơ  ĐÃ tiếp nhận")
    'tong so ho so da tiep nhan'
    """
    lower = text.lower() if text.isascii() else _calm(text).lower().translate(_BARE)
    return " ".join(lower.split())
