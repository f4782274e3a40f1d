"""Numbers and letters an OpenDocument text gives the paragraphs of its lists, as printed.

Rules:

1. A list's style names what stands before each level: a figure and what surrounds it, the figures of the levels above where it says so, a
   dash for every bullet (plus signs stay).
2. A list that says it continues goes on counting where its style stopped; any other begins anew. A deeper level begins anew when a higher
   one goes on.
3. Only the first paragraph of an item has its mark; a list's header has none. Nothing is looked up in a document without lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from parsers.readers.docx_numbering import figure_of
from parsers.readers.odf import STYLE, TEXT, OdfPackage, amount

_LEVELS = 10
_MOST = 9999  # where a level may start
_KINDS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_FORMATS = (
    f"{STYLE}num-list-format",
    "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}num-list-format",
)
_LIST, _ITEM = f"{TEXT}list", f"{TEXT}list-item"


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str  # of ``figure_of``, "bullet", "" when nothing is shown
    text: str  # "%1%.", "%1%.%2%"; the sign of a bullet
    start: int


class Numbering:
    """The lists of one document, followed in the document's order."""

    def __init__(self, package: OdfPackage) -> None:
        parts = [name for name in ("styles.xml", "content.xml") if package.has(name)]
        self.matters = b"<text:list " in package.read("content.xml") or b"<text:list>" in package.read("content.xml")
        self._styles = dict(_styles(package, parts)) if self.matters else {}
        self._counts: dict[str, list[int | None]] = {}
        self._inside: list[str] = []  # the styles of the lists around
        self._waiting: int | None = None  # 0: an item whose first paragraph has not come; more: it says where it starts

    @contextmanager
    def entered(self, element: Any) -> Iterator[None]:
        """While a list or an item of one is told; anything else is no matter."""
        if not self.matters or element.tag not in (_LIST, _ITEM):
            yield
        elif element.tag == _ITEM:
            before, self._waiting = self._waiting, 0
            if element.get(f"{TEXT}start-value"):
                self._waiting = amount(element, f"{TEXT}start-value", _MOST)
            yield
            self._waiting = before if before is not None and self._waiting is not None else None
        else:
            self._open(element)
            yield
            self._inside.pop()

    def _open(self, element: Any) -> None:
        style = element.get(f"{TEXT}style-name") or (self._inside[-1] if self._inside else "")
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        if not self._inside and not goes_on:
            self._counts.pop(style, None)
        self._inside.append(style)

    def mark(self) -> str:
        """What stands before the paragraph now told: "1.", "a)", "-"; "" where it is no item's first."""
        if self._waiting is None or not self._inside:
            return ""
        start, self._waiting = self._waiting, None
        style, at = self._inside[-1], min(len(self._inside), _LEVELS) - 1
        counts = self._counts.setdefault(style, [None] * _LEVELS)
        before = counts[at]
        counts[at] = start or (self._level(style, at).start if before is None else before + 1)
        counts[at + 1 :] = [None] * (_LEVELS - at - 1)
        return self._written(style, at, counts)

    def _level(self, style: str, at: int) -> _Level:
        return self._styles.get((style, at), _Level("", "", 1))

    def _written(self, style: str, at: int, counts: list[int | None]) -> str:
        here = self._level(style, at)
        if here.kind == "bullet":
            return "+" if "+" in here.text else "-"
        if not here.kind:
            return ""

        def number(found: re.Match[str]) -> str:
            other = self._level(style, int(found[1]) - 1)
            count = counts[int(found[1]) - 1]
            return figure_of(other.start if count is None else count, other.kind) if other.kind else ""

        return re.sub(r"%([1-9]|10)%", number, here.text).strip()


def _styles(package: OdfPackage, parts: list[str]) -> Iterator[tuple[tuple[str, int], _Level]]:
    for name in parts:
        for style in package.xml(name).iter(f"{TEXT}list-style"):
            for level in style:
                at = amount(level, f"{TEXT}level", _LEVELS) - 1
                yield (style.get(f"{STYLE}name") or "", at), _level_of(level, at)


def _level_of(level: Any, at: int) -> _Level:
    if level.tag != f"{TEXT}list-level-style-number":
        return _Level("bullet", level.get(f"{TEXT}bullet-char") or "", 1)
    shown = amount(level, f"{TEXT}display-levels", at + 1)
    plain = ".".join(f"%{n}%" for n in range(at + 2 - shown, at + 2))
    text = f"{level.get(f'{STYLE}num-prefix') or ''}{plain}{level.get(f'{STYLE}num-suffix') or ''}"
    given = next((told for name in _FORMATS if (told := level.get(name))), text)
    return _Level(
        _KINDS.get(level.get(f"{STYLE}num-format") or "", ""), given, amount(level, f"{TEXT}start-value", _MOST)
    )
