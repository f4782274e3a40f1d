"""What is drawn on a page of a PDF beside its letters, for pdfplumber's search for ruled tables.

Rules (plan, pitfalls, "Documents"):

1. pdfplumber looks for tables among lines and rectangles alone; pdfminer, which gathers them for it, spends nine tenths of
   its time on letters and fonts nobody asks it for. So strings are cut out of the page's commands before they are looked at,
   no font is opened, and only what draws is carried out.
2. Commands that are not plain (a picture written among them, brackets inside strings) are left to pdfminer as they are,
   still without fonts.
3. Of a line or rectangle pdfplumber is told where it stands, not its colours; and which crossings bound a cell is worked out from the
   rulings through each crossing, gathered once (``cells_between``): pdfplumber gathers them anew for every two crossings it compares.
4. Text armour (ASCII85, as reportlab writes it) is taken off five letters at a time.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTLine, LTPage, LTRect
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdftypes import LITERALS_ASCII85_DECODE, LITERALS_FLATE_DECODE, PDFStream, dict_value, stream_value
from pdfminer.psparser import LIT
from pdfplumber.page import Page
from pdfplumber.table import Table, TableFinder, TableSettings, cells_to_tables, edges_to_intersections
from pdfplumber.utils.exceptions import PdfminerException

_Point = tuple[float, float]
_Cell = tuple[float, float, float, float]

_UNSEEN = re.compile(rb"\((?:[^()\\]++|\\.)*+\)|<[0-9A-Fa-f\s]*+>|%[^\r\n]*+", re.DOTALL)  # strings, comments
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_NEEDED = {b"re": 4, b"cm": 6, b"m": 2, b"l": 2, b"c": 6, b"v": 4, b"y": 4}  # numbers
_DRAWS = {
    word: (f"do_{word.decode().replace('*', '_a')}", _NEEDED.get(word, 0))
    for word in (*_NEEDED, *b"h S s F n q Q f f* B B* b b*".split())
}


_SETTINGS = TableSettings()
_PLACE = itemgetter("x0", "top", "x1", "bottom")
_ARMOUR = re.compile(rb"(?:\s*<~)?([!-u \t\n\r\v]*)~>?\s*")  # without "z", which stands for five letters
_BLANKS = b" \t\n\r\v"
_DIGITS = bytes(max(0, code - 33) for code in range(256))


class DrawnPage(Page):
    """A page as pdfplumber knows it, of which only what is drawn was gathered."""

    def found_tables(self) -> list[Table]:
        """Its ruled tables, as ``find_tables`` has them."""
        return _Finder(self).tables

    def process_object(self, obj: Any) -> dict[str, Any]:
        """Where a line or rectangle stands, for its edges; anything else as pdfplumber has it."""
        kind = _KINDS.get(type(obj))
        if kind is None:
            return super().process_object(obj)
        x0, top = self.mediabox[:2]
        upper, lower = (self.height - obj.y1) + top, (self.height - obj.y0) + top
        found = {"object_type": kind, "x0": obj.x0, "x1": obj.x1, "top": upper, "bottom": lower, "doctop": upper}
        if x0 != 0:
            found["x0"], found["x1"] = obj.x0 + x0, obj.x1 + x0
        return found | {"width": obj.width, "height": obj.height, "y0": obj.y0, "y1": obj.y1}

    @property
    def layout(self) -> LTPage:
        """Its lines and rectangles; raises what pdfplumber raises."""
        device = PDFPageAggregator(self.pdf.rsrcmgr, pageno=self.page_number)
        try:
            _Drawing(self.pdf.rsrcmgr, device).process_page(self.page_obj)
        except Exception as error:
            raise PdfminerException(error) from error
        return device.get_result()


_KINDS = {LTLine: "line", LTRect: "rect"}


class _Finder(TableFinder):
    """pdfplumber's search, its cells worked out by ``cells_between``."""

    def __init__(self, page: DrawnPage) -> None:
        self.page, self.settings = page, _SETTINGS
        self.edges = self.get_edges()
        self.intersections = edges_to_intersections(
            self.edges, _SETTINGS.intersection_x_tolerance, _SETTINGS.intersection_y_tolerance
        )
        self.cells = cells_between(self.intersections)
        self.tables = [Table(page, cells) for cells in cells_to_tables(self.cells)]


def cells_between(crossings: Mapping[_Point, Mapping[str, Sequence[Mapping[str, Any]]]]) -> list[_Cell]:
    """The smallest rectangle below and right of each crossing whose sides are ruled, as pdfplumber's ``intersections_to_cells``."""
    points = sorted(crossings)
    down = {point: frozenset(map(_PLACE, crossings[point]["v"])) for point in points}
    across = {point: frozenset(map(_PLACE, crossings[point]["h"])) for point in points}
    columns: dict[float, list[_Point]] = {}
    rows: dict[float, list[_Point]] = {}
    for point in points:
        columns.setdefault(point[0], []).append(point)
        rows.setdefault(point[1], []).append(point)
    found = []
    for point in points:
        x, y = point
        right = [one for one in rows[y] if one[0] > x and not across[point].isdisjoint(across[one])]
        below = (one for one in columns[x] if one[1] > y and not down[point].isdisjoint(down[one]))
        corners = ((one[0], low) for _, low in below for one in right if _bound(one, (x, low), down, across))
        if corner := next(corners, None):
            found.append((x, y, *corner))
    return found


def _bound(
    right: _Point, below: _Point, down: Mapping[_Point, frozenset[Any]], across: Mapping[_Point, frozenset[Any]]
) -> bool:
    """Whether the corner across from a crossing is ruled to the one right of it and to the one below it."""
    corner = right[0], below[1]
    if corner not in down:
        return False
    return not down[corner].isdisjoint(down[right]) and not across[corner].isdisjoint(across[below])


class _Drawing(PDFPageInterpreter):
    """Carries out what draws."""

    def init_resources(self, resources: Mapping[object, object]) -> None:
        """Without fonts."""
        super().init_resources({kind: what for kind, what in dict_value(resources).items() if kind != "Font"})
        self.resources = dict(resources)

    def do_TJ(self, seq: Any) -> None:  # noqa: N802  # the command's name
        """No letters."""

    def get_current_state(self) -> tuple[Any, Any, Any]:
        """What is kept and put back: pens and letters do not matter here, so they are not copied."""
        return self.ctm, self.textstate, self.graphicstate

    def execute(self, streams: Sequence[object]) -> None:
        """The page's commands, or those of a drawing on it."""
        self._numbers = _Numbers()
        bare = _UNSEEN.sub(b" ", b"\n".join(self._contents(streams)))
        words = _words(bare)
        if b"(" in bare or b")" in bare or b"ID" in words:
            super().execute(streams)
            return
        for at, word in enumerate(words):
            if word in _DRAWS:
                command, needed = _DRAWS[word]
                self._draw(command, needed, words[max(0, at - needed) : at])
            elif word == b"Do" and at and words[at - 1].startswith(b"/"):
                self.do_Do(LIT(words[at - 1][1:].decode("latin-1")))

    def _draw(self, command: str, needed: int, given: Sequence[bytes]) -> None:
        numbers = [self._numbers[word] for word in given]
        if len(numbers) == needed and None not in numbers:
            getattr(self, command)(*numbers)

    def _contents(self, streams: Sequence[object]) -> list[bytes]:
        """As pdfminer takes them: a drawing that calls itself is not begun again."""
        self.stream_ids.clear()
        found: list[bytes] = []
        for stream in map(stream_value, streams):
            if stream.objid is not None and stream.objid not in self.parent_stream_ids:
                self.stream_ids.add(stream.objid)
                found.append(_unarmoured(stream) or stream.get_data())
        return found


class _Numbers(dict[bytes, float | None]):
    """Numbers by how they are written, each looked at once; None for what is none."""

    def __missing__(self, word: bytes) -> float | None:
        number = self[word] = float(word) if _NUMBER.fullmatch(word) else None
        return number


def _unarmoured(stream: PDFStream) -> bytes:
    """A stream's bytes where they are plainly armoured and deflated; nothing where pdfminer is to judge."""
    armour = _ARMOUR.fullmatch(stream.rawdata or b"") if not stream.decipher else None
    if armour is None or not _is_armoured(stream.get_filters()):
        return b""
    try:
        return zlib.decompress(_bytes_of(armour[1].translate(_DIGITS, _BLANKS)))
    except (zlib.error, struct.error):
        return b""


def _is_armoured(filters: Sequence[tuple[object, object]]) -> bool:
    if len(filters) != 2 or any(settings for _, settings in filters):
        return False
    return filters[0][0] in LITERALS_ASCII85_DECODE and filters[1][0] in LITERALS_FLATE_DECODE


def _bytes_of(digits: bytes) -> bytes:
    """Four bytes for each five digits to the base of 85; the last group may be short."""
    short = -len(digits) % 5
    digits += bytes([84] * short)
    groups = zip(*(digits[n::5] for n in range(5)), strict=True)
    numbers = [(((a * 85 + b) * 85 + c) * 85 + d) * 85 + e for a, b, c, d, e in groups]
    return struct.pack(f">{len(numbers)}I", *numbers)[: 4 * len(numbers) - short]


def _words(commands: bytes) -> list[bytes]:
    """Names with their stroke, numbers, commands; a mark that parts two words need not stand between blanks."""
    for mark, apart in ((b"/", b" /"), (b"[", b" [ "), (b"]", b" ] "), (b"<<", b" << "), (b">>", b" >> ")):
        commands = commands.replace(mark, apart)
    return commands.split()
