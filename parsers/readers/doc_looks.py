"""What the properties of a Word 97–2003 file say ([MS-DOC] 2.6): fonts, hidden and deleted text, table cells.

Rules:

1. Only what changes the text is looked at: old Vietnamese fonts, hidden, deleted or struck letters, tables.
2. A font comes from the run, its character style, the paragraph's style and what that is based on, or the document's own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.readers.doc_file import FONTS, STYLES, WordFile
from parsers.readers.flow import Edge
from parsers.readers.pieces import is_old

_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # bytes of an operand by the kind in its number
_DELETED, _HIDDEN, _STRUCK, _STRUCK_TWICE = 0x0800, 0x083C, 0x0837, 0x2A53
_FONT, _FONT_HIGH, _STYLE = 0x4A4F, 0x4A51, 0x4A30
_PLACED = 0x2A48  # 1: above the line, 2: below
_OUT_OF_SIGHT = (_DELETED, _HIDDEN, _STRUCK, _STRUCK_TWICE)
_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW, _CELLS = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C, 0xD608
_TABS = 0xC615  # its length may be told in a way of its own
_ON = (1, 0x81)  # 0x81: the opposite of the style, which hides nothing
_CHAIN_MAX = 20  # styles based on one another; a ring must end
_FONT_NAME = 39  # bytes of a font's entry before its name
_NO_STYLE = 0xFFF
_CONTINUES, _MERGED_UP, _RESTARTS = 0x0003, 0x0020, 0x0040


@dataclass(frozen=True, slots=True)
class Letters:
    """How a run of letters looks."""

    hidden: bool = False
    above: bool = False  # set above the line
    font: int | None = None
    style: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the mark at the end of a paragraph means."""

    style: int = 0
    level: int = 0  # tables around it
    row_end: bool = False
    inner_cell: bool = False
    edges: tuple[Edge, ...] = ()
    start: int = 0


def operands(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """The properties one by one: number and operand."""
    at = 0
    while at + 2 <= len(grpprl):
        (number,) = struct.unpack_from("<H", grpprl, at)
        at += 2
        kind = number >> 13
        if kind != 6:
            size = _SIZES[kind]
        elif number == _CELLS:
            if at + 2 > len(grpprl):
                return
            size = struct.unpack_from("<H", grpprl, at)[0] - 1
            at += 2
        else:
            if at >= len(grpprl) or (number == _TABS and grpprl[at] == 0xFF):
                return
            size = grpprl[at]
            at += 1
        yield number, grpprl[at : at + size]
        at += max(size, 0)


def letters(grpprl: bytes) -> Letters:
    """How these properties make a run look."""
    hidden = above = False
    font = high = style = None
    for number, operand in operands(grpprl):
        if number in _OUT_OF_SIGHT and operand:
            hidden = hidden or operand[0] in _ON
        elif number == _PLACED and operand:
            above = operand[0] == 1
        elif number in (_FONT, _FONT_HIGH, _STYLE) and len(operand) == 2:
            (value,) = struct.unpack("<H", operand)
            font = value if number == _FONT else font
            high = value if number == _FONT_HIGH else high
            style = value if number == _STYLE else style
    return Letters(hidden, above, high if high is not None else font, style)


def mark(properties: bytes) -> Mark:
    """What a paragraph's properties (style number first) say of its place."""
    style = struct.unpack_from("<H", properties)[0] if len(properties) >= 2 else 0
    in_table = row_end = inner_cell = False
    depth = start = 0
    edges: tuple[Edge, ...] = ()
    for number, operand in operands(properties[2:]):
        if not operand:
            continue
        if number == _IN_TABLE:
            in_table = bool(operand[0])
        elif number in (_ROW_END, _INNER_ROW):
            row_end = row_end or bool(operand[0])
        elif number == _INNER_CELL:
            inner_cell = bool(operand[0])
        elif number == _DEPTH and len(operand) == 4:
            depth = max(0, struct.unpack("<i", operand)[0])
        elif number == _CELLS:
            start, edges = _cells(operand)
    return Mark(style, depth or int(in_table), row_end, inner_cell, edges, start)


def _cells(operand: bytes) -> tuple[int, tuple[Edge, ...]]:
    count = operand[0]
    if len(operand) < 1 + 2 * (count + 1):
        return 0, ()
    places = struct.unpack_from(f"<{count + 1}h", operand, 1)
    edges = []
    before = 0
    for n in range(count):
        at = 1 + 2 * (count + 1) + 20 * n
        flags = struct.unpack_from("<H", operand, at)[0] if at + 2 <= len(operand) else 0
        across = flags & _CONTINUES
        up = bool(flags & _MERGED_UP) and not flags & _RESTARTS
        edges.append(Edge(places[n + 1], up=up, left=bool(across and before)))
        before = across
    return places[0], tuple(edges)


class Looks:
    """Names of fonts, also those a style brings; asked only when the file has an old font at all."""

    def __init__(self, file: WordFile) -> None:
        self._fonts = _font_names(file.structure(FONTS))
        self.matters = any(is_old(name) for name in self._fonts)
        self._styles: dict[int, tuple[int, int | None]] = {}  # number: what it is based on, its font
        self._default: int | None = None
        if self.matters:
            self._read_styles(file.structure(STYLES))

    def font(self, run: Letters, paragraph_style: int) -> str:
        """The name of the font a run is set in."""
        number = run.font
        for style in (run.style, paragraph_style):
            if number is None and style is not None:
                number = self._of_style(style)
        if number is None:
            number = self._default
        return self._fonts[number] if number is not None and number < len(self._fonts) else ""

    def _of_style(self, style: int) -> int | None:
        for _ in range(_CHAIN_MAX):
            if style not in self._styles:
                return None
            style, font = self._styles[style]
            if font is not None:
                return font
        return None

    def _read_styles(self, sheet: bytes) -> None:
        (head,) = struct.unpack_from("<H", sheet)
        if len(sheet) < 20 or head < 18:
            return
        count, base = struct.unpack_from("<HH", sheet, 2)
        self._default = struct.unpack_from("<H", sheet, 2 + 16)[0]
        at = 2 + head
        for n in range(count):
            if at + 2 > len(sheet):
                return
            (size,) = struct.unpack_from("<H", sheet, at)
            at += 2
            if size:
                self._styles[n] = _style(sheet[at : at + size], base)
            at += size + size % 2


def _style(style: bytes, base: int) -> tuple[int, int | None]:
    """What a style is based on, and its own font."""
    if len(style) < base + 2 or base < 4:
        return _NO_STYLE, None
    (word,) = struct.unpack_from("<H", style, 2)
    is_character, parent = word & 0xF == 2, word >> 4
    (name,) = struct.unpack_from("<H", style, base)
    at = base + 2 + 2 * name + 2
    for n in range(1 if is_character else 2):
        if at + 2 > len(style):
            break
        (size,) = struct.unpack_from("<H", style, at)
        if is_character or n == 1:
            return parent, letters(style[at + 2 : at + 2 + size]).font
        at += 2 + size + size % 2
    return parent, None


def _font_names(table: bytes) -> list[str]:
    names = []
    at = 4
    for _ in range(struct.unpack_from("<H", table)[0] if len(table) >= 4 else 0):
        if at >= len(table):
            break
        entry = table[at + 1 : at + 1 + table[at]]
        names.append(entry[_FONT_NAME:].decode("utf-16-le", "replace").partition("\0")[0])
        at += 1 + table[at]
    return names
