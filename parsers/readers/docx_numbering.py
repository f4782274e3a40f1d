"""The numbers Word itself writes before the paragraphs of a list: "1.", "a)", "II.", "-", as the page shows them.

Rules:

1. A paragraph's list is its own (``numPr``) or its style's; list 0 is none. Definitions lie in ``numbering.xml``, opened only when
   a paragraph, or a style that some paragraph has, names one: templates carry hundreds of styles and lists nobody uses.
2. Each definition counts through the whole document; a level begins anew when a higher one goes on; a list with a start of its
   own begins there when it is first met.
3. A bullet is a dash, whatever sign of whatever font it is drawn with; plus signs stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parsers.readers.docx_styles import W
from parsers.readers.ooxml import Package, holds

_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_VALUE = f"{W}val"
_CHAIN_MAX = 20  # styles based on one another; a ring must end
_USED = re.compile(rb'<w:pStyle w:val="([^"]*)"')
_ID = re.compile(rb'w:styleId="([^"]*)"')
_BASED = re.compile(rb'<w:basedOn w:val="([^"]*)"')
_HIGHEST = 3999  # written in letters or Roman figures


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str  # "decimal", "lowerLetter", "upperRoman", "bullet" …
    text: str  # "%1.", "%1.%2"
    start: int


@dataclass(slots=True)
class _List:
    """One ``num``: which definition it counts in, and what it does its own way."""

    definition: str
    own: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of one document, asked paragraph by paragraph in the document's order."""

    def __init__(self, package: Package, main: str) -> None:
        parts = {kind: target for kind, target, external in package.relationships(main).values() if not external}
        styles, lists = parts.get("styles", ""), parts.get("numbering", "")
        document = package.read(main)
        styled = package.has(styles) and _counted_styles(package.read(styles), document)
        wanted = package.has(lists) and (styled or b"numPr" in document)
        root = package.xml(lists) if wanted else None
        self._levels = _definitions(root) if root is not None else {}
        self._lists = _lists(root) if root is not None else {}
        self._styles = _styles(package.xml(styles)) if root is not None and styled else {}
        self._counts: dict[str, list[int | None]] = {}
        self._met: set[str] = set()

    def mark(self, paragraph: Any) -> str:
        """What stands before the paragraph: "1.", "a)", "-"; "" outside lists."""
        if not self._lists:
            return ""
        number, level = self._of(paragraph)
        own = self._lists.get(number)
        if own is None or not 0 <= level < _LEVELS:
            return ""
        counts = self._counted(number, own, level)
        return self._written(own, counts, level)

    def _of(self, paragraph: Any) -> tuple[str, int]:
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return "", 0
        direct = properties.find(f"{W}numPr")
        style = properties.find(f"{W}pStyle")
        number, level = self._styles.get(style.get(_VALUE) or "" if style is not None else "", ("", 0))
        if direct is not None:
            number, level = _text(direct.find(f"{W}numId")) or number, _int(direct.find(f"{W}ilvl"), level)
        return number, level

    def _counted(self, number: str, own: _List, level: int) -> list[int | None]:
        counts = self._counts.setdefault(own.definition, [None] * _LEVELS)
        if number not in self._met:
            self._met.add(number)
            for at, start in own.starts.items():
                counts[at] = start - 1
        before = counts[level]
        counts[level] = self._level(own, level).start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            counts[deeper] = None
        return counts

    def _level(self, own: _List, level: int) -> _Level:
        return own.own.get(level) or self._levels.get(own.definition, {}).get(level) or _Level("none", "", 1)

    def _written(self, own: _List, counts: list[int | None], level: int) -> str:
        here = self._level(own, level)
        if here.kind == "bullet":
            return "+" if "+" in here.text else "-"
        if here.kind == "none":
            return ""

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            other = self._level(own, at)
            count = counts[at]
            return figure_of(other.start if count is None else count, other.kind)

        return re.sub(r"%([1-9])", number, here.text).strip()


def _counted_styles(styles: bytes, document: bytes) -> bool:
    """Whether a paragraph of the document may have a style that puts it into a list; True where the bytes do not tell."""
    if not holds(document, b"pStyle") or not holds(styles, b"numPr"):
        return False
    used = set(_USED.findall(document))
    told = [(_ID.search(one), _BASED.search(one), b"numPr" in one) for one in styles.split(b"<w:style ")[1:]]
    if not used or not told or any(name is None for name, _, _ in told):
        return True
    counted = {name[1] for name, _, numbers in told if name and numbers}
    based = {name[1]: base[1] for name, base, _ in told if name and base}
    for name in used:
        at = name
        for _ in range(_CHAIN_MAX):
            if at in counted:
                return True
            if at not in based:
                break
            at = based[at]
    return False


def _definitions(root: Any) -> dict[str, dict[int, _Level]]:
    return {
        one.get(f"{W}abstractNumId") or "": {
            _int_of(level.get(f"{W}ilvl"), 0): _level_of(level) for level in one.iterfind(f"{W}lvl")
        }
        for one in root.iterfind(f"{W}abstractNum")
    }


def _lists(root: Any) -> dict[str, _List]:
    found = {}
    for one in root.iterfind(f"{W}num"):
        made = _List(_text(one.find(f"{W}abstractNumId")))
        for override in one.iterfind(f"{W}lvlOverride"):
            at = _int_of(override.get(f"{W}ilvl"), 0)
            start, level = override.find(f"{W}startOverride"), override.find(f"{W}lvl")
            if level is not None:
                made.own[at] = _level_of(level)
            if start is not None and 0 <= at < _LEVELS:
                made.starts[at] = _int(start, 1)
        found[one.get(f"{W}numId") or ""] = made
    return found


def _styles(root: Any) -> Mapping[str, tuple[str, int]]:
    """Which list each paragraph style belongs to, by itself or by what it is based on."""
    own: dict[str, tuple[str, int]] = {}
    based: dict[str, str] = {}
    for style in root.iterfind(f"{W}style"):
        name = style.get(f"{W}styleId") or ""
        based[name] = _text(style.find(f"{W}basedOn"))
        numbers = style.find(f"{W}pPr/{W}numPr")
        if numbers is not None:
            own[name] = _text(numbers.find(f"{W}numId")), _int(numbers.find(f"{W}ilvl"), 0)
    found = {}
    for name in based:
        at = name
        for _ in range(_CHAIN_MAX):
            if at in own or not based.get(at):
                break
            at = based[at]
        if at in own:
            found[name] = own[at]
    return found


def _level_of(level: Any) -> _Level:
    kind, text = _text(level.find(f"{W}numFmt")) or "decimal", _text(level.find(f"{W}lvlText"))
    return _Level(kind, text, _int(level.find(f"{W}start"), 1))


def figure_of(number: int, kind: str) -> str:
    """A count as a list of that kind shows it.

    >>> figure_of(4, "lowerRoman"), figure_of(28, "upperLetter"), figure_of(3, "decimalZero")
    ('iv', 'BB', '03')
    """
    if not 1 <= number <= _HIGHEST or kind not in ("lowerLetter", "upperLetter", "lowerRoman", "upperRoman"):
        return f"{number:02d}" if kind == "decimalZero" else str(number)
    written = _roman(number) if kind.endswith("Roman") else chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    return written.upper() if kind.startswith("upper") else written


def _roman(number: int) -> str:
    out = ""
    for worth, letters in _ROMAN:
        while number >= worth:
            out, number = out + letters, number - worth
    return out


def _text(element: Any) -> str:
    return "" if element is None else element.get(_VALUE) or ""


def _int(element: Any, otherwise: int) -> int:
    return otherwise if element is None else _int_of(element.get(_VALUE), otherwise)


def _int_of(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else otherwise
