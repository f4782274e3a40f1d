"""A spreadsheet's typed value as the text a person sees, and as an exact number.

Rules:

1. Vietnamese notation: decimal comma, no grouping (``95,5``), so that a point can never be taken for thousands.
2. A cell shown as a percentage is a percentage: 0.955 under ``0.0%`` is text ``95,5%`` and number 95.5.
3. Binary fractions are rounded to the 15 digits a spreadsheet shows; text stays text, whatever it begins with.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from parsers import limits
from parsers.fold import nfc

NO_VALUE = "#?"  # a formula stored without a result: neither blank nor a number
_DIGITS = 15  # what a spreadsheet keeps


def shown(value: object, *, percent: bool = False) -> tuple[str, Decimal | None]:
    """The text of a cell and its number, None when it is not a number."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int | float):
        return _number(value, percent=percent)
    if isinstance(value, datetime):
        day = _day(value.date())
        return (day if value.time() == time() else f"{day} {value:%H:%M}"), None
    if isinstance(value, date):
        return _day(value), None
    if isinstance(value, time | timedelta):
        return str(value), None
    return nfc(str(value))[: limits.CELL_TEXT_MAX].strip(), None


def _day(value: date) -> str:
    return f"{value.day}/{value.month}/{value.year}"


def _number(value: float, *, percent: bool) -> tuple[str, Decimal | None]:
    exact = Decimal(format(value, f".{_DIGITS}g")) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value), None
    if percent:
        exact *= 100
    exact = exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()
    text = format(exact, "f").replace(".", ",")
    return text + ("%" if percent else ""), exact
