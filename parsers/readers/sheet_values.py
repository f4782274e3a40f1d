"""A spreadsheet's typed value as the text a person sees, and as an exact number.

Rules:

1. Vietnamese notation: decimal comma, no grouping (``95,5``), so that a point can never be taken for thousands.
2. A cell shown as a percentage is a percentage: 0.955 under ``0.0%`` is text ``95,5%`` and number 95.5. What else its format adds to a
   number, or makes of it, is for ``number_format`` to say: such a cell is the text a person sees, and no number.
3. Binary fractions are rounded to the 15 digits a spreadsheet shows; text stays text, whatever it begins with.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from parsers import limits
from parsers.fold import nfc
from parsers.readers.number_format import DASHES, PLAIN, THOUSAND, seen

_ONLY_NUMBER = re.compile(r"[-+−(]?[\d.,\s]*\d[\d.,\s]*\)?\s*%?")
_FINITE = re.compile(r"-?\d+(?:,\d+)?%?")
NO_VALUE = "#?"  # a formula stored without a result: neither blank nor a number
_DIGITS = 15  # what a spreadsheet keeps


def shown(value: object, code: str = "") -> tuple[str, Decimal | None]:
    """The text of a cell under a number format, and its number, None when it is not one. ``code``: "" where it only shows the value."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int | float):
        return _number(value, code)
    if isinstance(value, datetime):
        day = _day(value.date())
        return (day if value.time() == time() else f"{day} {value:%H:%M}"), None
    if isinstance(value, date):
        return _day(value), None
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}", None
    if isinstance(value, time):
        return str(value), None
    return nfc(str(value))[: limits.CELL_TEXT_MAX].strip(), None


def _day(value: date) -> str:
    return f"{value.day}/{value.month}/{value.year}"


def _number(value: float, code: str) -> tuple[str, Decimal | None]:
    exact = Decimal(format(value, f".{_DIGITS}g")) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value), None
    look = seen(exact, code) if code else PLAIN
    if look.kind == "text":
        return look.text[: limits.CELL_TEXT_MAX], None
    if look.percent:
        exact *= 100
    exact = exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()
    text = format(exact, "f").replace(".", ",")
    return text + ("%" if look.percent else ""), exact


def seen_otherwise(said: str, text: str) -> str:
    """What a program shows of a number where that is not the number, grouped and rounded as it may be; "" where it is, or a zero's dash.

    >>> seen_otherwise("1.250,0", "1250"), seen_otherwise("125 hồ sơ", "125"), seen_otherwise("125", "125000")
    ('', '125 hồ sơ', '125 ≈ 125000')
    """
    if (said in DASHES and text == "0") or not _FINITE.fullmatch(text):
        return ""
    if not _ONLY_NUMBER.fullmatch(said) or ("%" in said) is not ("%" in text):
        return said
    value = abs(Decimal(text.rstrip("%").replace(",", ".")))
    digits, behind = re.sub(r"\D", "", said), len(re.split(r"[.,]", said.rstrip(" \u00a0%)"))[-1])
    parted = re.search(r"[.,]", said) is not None and behind != THOUSAND
    ways = [0, behind] if parted else [0]
    same = any(value.quantize(Decimal(1).scaleb(-n), ROUND_HALF_UP) == Decimal(digits).scaleb(-n) for n in ways)
    return "" if same else f"{said} ≈ {text}"
