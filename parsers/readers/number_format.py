"""What a workbook's number format makes of a value: a person sees that, and never the value itself.

Rules ([ECMA-376] 18.8.31; xls and Excel 2003's XML write the same codes):

1. Most formats only group, pad or round: the value stands. Under ``%`` it is a percentage.
2. Words and marks of the format's own (``0" hồ sơ"``, ``"khoảng "0``, ``0"/"0``) are seen, so they are read: such a cell is text.
3. A format that divides (``#,##0,`` shows thousands) shows another number than the one typed, and three decimals (``0.000``) look like
   thousands; both are told, and neither claims to be the figure.
4. A format that shows nothing (``;;;``, ``#,###`` of a zero) hides its value. A zero shown as a dash is a zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from operator import eq, ge, gt, le, lt, ne
from typing import Literal, NamedTuple

Seen = Literal["plain", "text", "hidden"]
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<blank>[_*].?)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<exponent>E[+-])|(?P<text>@)|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_SIGNS: dict[str, Callable[[Decimal, Decimal], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}
DASHES = frozenset(("-", "–", "—"))
_HARMLESS, _BELOW_ZERO = " \u00a0()", " \u00a0()-"
_TEXT = 3  # which section is of text
THOUSAND = 3  # decimals that look like a group of thousands
_SIMPLE = frozenset(("", "General", "GENERAL", "0", "0.00", "#,##0", "#,##0.00", "@"))


class Shown(NamedTuple):
    """How one value is seen."""

    kind: Seen
    text: str = ""  # of ``text``: the words, marks and digits seen
    percent: bool = False  # of ``plain``


PLAIN = Shown("plain")


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a format: what it shows of the values it is for."""

    before: str  # in front of the digits, or all there is where it has none
    behind: str
    places: tuple[str, ...]  # the digits of the whole part, with the marks between them
    decimals: str  # the digits behind the point
    percent: bool
    divided: int  # by so many thousands of thousands
    general: bool
    condition: tuple[str, Decimal] | None

    @property
    def numbered(self) -> bool:
        return bool(self.places or self.decimals) or self.general


def seen(exact: Decimal, code: str) -> Shown:
    """How a number is seen under a format."""
    sections = _sections(code)
    section = _chosen(sections, exact)
    said = (section.before + section.behind).strip()
    if not section.numbered or (exact == 0 and _drops_zero(section)):
        if said in DASHES and exact == 0:
            return PLAIN
        return Shown("text", said) if said else Shown("hidden")
    if section.divided or (section.decimals[THOUSAND - 1 :] == "0" and not section.percent):
        there = _digits(exact / 1000**section.divided) if section.divided else f"{exact:.3f}"
        return Shown("text", f"{there} ≈ {_digits(exact)}")
    marked = any(place not in "0#?" for place in section.places)
    own = said.replace("%", "", 1) if section.percent else said
    if not marked and not own.strip(_BELOW_ZERO if exact < 0 else _HARMLESS):
        return Shown("plain", percent=section.percent)
    number = _filled(section, exact) if marked else _digits(exact * (100 if section.percent else 1))
    return Shown("text", f"{section.before}{number}{section.behind}".strip())


def hides(value: object, code: str) -> bool:
    """Whether a format shows nothing of a value; of a text when the section for texts is empty."""
    if not code or value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        sections = code.split(";")
        return len(sections) > _TEXT and not sections[_TEXT].strip()
    return isinstance(value, int | float) and isfinite(value) and seen(Decimal(value), code).kind == "hidden"


def telling(code: str | None) -> str:
    """A format's code, "" when it only shows the value."""
    return "" if code is None or code in _SIMPLE else code


def _chosen(sections: tuple[_Section, ...], exact: Decimal) -> _Section:
    for section in sections:
        if section.condition and _meets(exact, *section.condition):
            return section
    if any(section.condition for section in sections):
        return next((section for section in reversed(sections) if not section.condition), sections[-1])
    if exact < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if exact == 0 and len(sections) > 2 else sections[0]


def _meets(exact: Decimal, sign: str, bound: Decimal) -> bool:
    return _SIGNS[sign](exact, bound)


def _drops_zero(section: _Section) -> bool:
    digits = [place for place in section.places if place in "0#?"]
    return bool(digits) and not section.decimals and not section.general and "0" not in digits


def _digits(exact: Decimal) -> str:
    exact = exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()
    return format(exact, "f").replace(".", ",")


def _filled(section: _Section, exact: Decimal) -> str:
    """The digits with the marks the format sets between them: 125 under ``0"/"00`` is "1/25"."""
    left = list(format(exact.to_integral_value(), "f"))
    first = next(n for n, place in enumerate(section.places) if place in "0#?")
    out: list[str] = []
    for n in range(len(section.places) - 1, -1, -1):
        place = section.places[n]
        if place not in "0#?":
            out.append(place)
        elif n == first:
            out.append("".join(left) or place.strip("#?"))
        else:
            out.append(left.pop() if left else place.strip("#?"))
    return "".join(reversed(out))


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections that are of numbers, in order; never none."""
    parts: list[list[tuple[str, str]]] = [[]]
    for match in _PIECE.finditer(code):
        kind = match.lastgroup or "plain"
        if match.group() == ";":
            parts.append([])
        else:
            parts[-1].append((kind, match[kind] or ""))
    numbers = [part for part in parts[:_TEXT] if not any(kind == "text" for kind, _ in part)]
    return tuple(_section(part) for part in numbers or [[("general", "")]])


def _section(pieces: list[tuple[str, str]]) -> _Section:
    before = behind = marks = decimals = ""
    places: list[str] = []
    divided = 0
    point = fraction = general = percent = False
    condition = None
    for kind, text in pieces:
        if kind == "digit":
            places += [marks] * bool(marks and places and not point) + [text] * (not point)
            decimals += text * point
            behind, marks, divided = "", "", 0
        elif kind == "comma":
            divided += bool(places)
        elif kind == "bracket" and (found := _CONDITION.fullmatch(text)):
            condition = (found[1], Decimal(found[2]))
        elif kind in ("quoted", "escaped", "plain", "currency", "blank", "percent") and text != "/" * (kind == "plain"):
            said = " " if kind == "blank" else text
            opened = bool(places or decimals or general)
            before, behind, marks = before + said * (not opened), behind + said * opened, marks + said * opened
        point, percent = point or kind == "point", percent or kind == "percent"
        general, fraction = general or kind in ("general", "exponent"), fraction or (kind, text) == ("plain", "/")
    if fraction:
        places, decimals, general, behind = [], "", True, ""
    return _Section(before, behind, tuple(places), decimals, percent, divided, general, condition)
