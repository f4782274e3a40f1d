"""Digits set above the line: the mark of a note or an exponent, never a digit of the figure they stand behind ("125" with a raised "1" is no 1251).

Rule: they become the raised digits Unicode has, so that nothing is lost; a run that holds letters is left as it is.
"""

from __future__ import annotations

_PLAIN, _ABOVE = "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED, _LOWERED = str.maketrans(_PLAIN, _ABOVE), str.maketrans(_ABOVE, _PLAIN)


def raised(text: str, font: str = "") -> tuple[str, str]:
    """A run set above the line, and the font its letters are to be read in; a raised digit is one in any font.

    >>> raised("(1)"), raised("m2", ".VnTime")
    (('(¹)', ''), ('m2', '.VnTime'))
    """
    return (text, font) if any(map(str.isalpha, text)) else (text.translate(_RAISED), "")


def lowered(text: str) -> str:
    """The text with raised digits as plain ones, to find a note's mark however it was set.

    >>> lowered("125⁽¹²⁾")
    '125⁽12⁾'
    """
    return text.translate(_LOWERED)
