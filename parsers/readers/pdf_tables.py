"""Ruled tables of a PDF page: pdfplumber says where the cells are, pdfium's letters fill them.

Rules (plan, pitfalls, "Documents", and stack):

1. A letter stands in exactly one place: in the cell that holds its middle, else in its line outside every table.
2. A frame around text (one column) is no table.
3. A table that goes on at the top of the next page is one table: the repeated heading row is dropped, a row cut by the
   page's end is joined when nothing but a label goes on in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from parsers import limits
from parsers.fold import nfc
from parsers.readers.errors import Unreadable
from parsers.readers.pdf_letters import Box, Letter
from parsers.readers.pdf_page import Line
from parsers.values import Cell, Table

_NEAR = 3.0  # points; edges closer than this are one edge
_EMPTY = Cell("")
_NOWHERE: tuple[None, None] = (None, None)


@dataclass(slots=True, eq=False)
class Frame:
    """One cell of a ruled table and the lines that fell into it."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: Box
    lines: list[Line] = field(default_factory=lambda: [Line()])

    @property
    def text(self) -> str:
        """Its lines."""
        return nfc("\n".join(text for line in self.lines if (text := line.text)))


@dataclass(slots=True, eq=False)
class Ruled:
    """A ruled table being filled."""

    box: Box
    edges: tuple[float, ...]  # left edges of its columns
    rows: int
    frames: list[Frame]

    def frame_at(self, x: float, y: float) -> Frame | None:
        """The cell that holds this point."""
        for frame in self.frames:
            x0, y0, x1, y1 = frame.box
            if x0 <= x <= x1 and y0 <= y <= y1:
                return frame
        return None

    def table(self, page: int) -> Table:
        """The neutral table; each cell knows its page and place."""
        grid = [[_EMPTY] * len(self.edges) for _ in range(self.rows)]
        for frame in self.frames:
            grid[frame.row][frame.column] = Cell(frame.text, frame.colspan, frame.rowspan, page=page, box=frame.box)
        return Table(tuple(map(tuple, grid)))


def ruled_tables(found: Sequence[Any]) -> list[Ruled]:
    """Pdfplumber's tables as frames to fill; those without two columns are left to the text."""
    tables = []
    cells = 0
    for table in found:
        boxes = sorted({tuple(map(float, box)) for box in table.cells})
        edges = _edges(box[0] for box in boxes)
        tops = _edges(box[1] for box in boxes)
        cells += len(edges) * len(tops)
        if cells > limits.CELLS_MAX:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")
        if len(edges) < 2:
            continue
        columns, rows = _numbered(edges), _numbered(tops)
        frames = [_frame(box, edges, tops, columns.get(box[0]), rows.get(box[1])) for box in boxes]
        tables.append(Ruled(tuple(map(float, table.bbox)), edges, len(tops), frames))  # type: ignore[arg-type]
    return tables


def _numbered(edges: tuple[float, ...]) -> dict[float, int]:
    return {edge: n for n, edge in enumerate(edges)}


def _frame(box: Any, edges: tuple[float, ...], tops: tuple[float, ...], column: int | None, row: int | None) -> Frame:
    """A cell; ``column`` and ``row`` where it begins exactly at an edge, as most do."""
    x0, y0, x1, y1 = box
    column = _at(edges, x0) if column is None else column
    row = _at(tops, y0) if row is None else row
    return Frame(row, column, max(1, _between(tops, y0, y1)), max(1, _between(edges, x0, x1)), box)


def _between(edges: tuple[float, ...], low: float, high: float) -> int:
    """How many edges lie from about the first number on, and clearly before the second."""
    return bisect_left(edges, high - _NEAR) - bisect_right(edges, low - _NEAR)


def _edges(numbers: Any) -> tuple[float, ...]:
    edges: list[float] = []
    for number in sorted(numbers):
        if not edges or number - edges[-1] > _NEAR:
            edges.append(number)
    return tuple(edges)


def _at(edges: tuple[float, ...], number: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - number))


def _inside(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def share_out(lines: list[Line], tables: list[Ruled]) -> list[Line | Ruled]:
    """The page in reading order: lines outside tables, and each table where its first letter stood."""
    if not tables:
        return [*lines]
    order: list[Line | Ruled] = []
    begun: set[int] = set()
    for line in lines:
        if line.text and _stands_apart(line.box, tables):
            order.append(line)
            continue
        outside = Line()
        touched: set[int] = set()
        for table, frame, letters in _runs(line, tables):
            if table and id(table) not in begun:
                begun.add(id(table))
                order.append(table)
            if frame is None:
                outside.letters += letters
                continue
            if id(frame) not in touched and frame.lines[-1].letters:
                frame.lines.append(Line())
            touched.add(id(frame))
            frame.lines[-1].letters += letters
        if outside.text:
            order.append(outside)
    return order + [table for table in tables if id(table) not in begun]


def _stands_apart(box: Box | None, tables: list[Ruled]) -> bool:
    """Whether a line touches no table: no letter of it need be asked where it stands."""
    if box is None:
        return False
    x0, y0, x1, y1 = box
    return all(
        x1 < left or x0 > right or y1 < top or y0 > bottom for left, top, right, bottom in (t.box for t in tables)
    )


def _runs(line: Line, tables: list[Ruled]) -> Iterator[tuple[Ruled | None, Frame | None, list[Letter]]]:
    """The line's letters, those of one cell together; what stands nowhere stays with the letter before it."""
    home: tuple[Ruled | None, Frame | None] = _NOWHERE
    held: list[Letter] = []
    alone = len(tables) == 1  # then what lies in the last letter's cell lies in no table before it
    for letter in line.letters:
        box = letter[1]
        if box:
            x, y, frame = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, home[1]
            if alone and frame and _inside(frame.box, x, y):
                held.append(letter)
                continue
            found = _home(x, y, tables, home)
            if found is not home:
                if held:
                    yield (*home, held)
                home, held = found, []
        held.append(letter)
    if held:
        yield (*home, held)


def _home(
    x: float, y: float, tables: list[Ruled], last: tuple[Ruled | None, Frame | None]
) -> tuple[Ruled | None, Frame | None]:
    """The first table that holds the point and its cell: the last letter's where that holds it too."""
    for table in tables:
        if _inside(table.box, x, y):
            same, frame = last
            if same is table and frame and _inside(frame.box, x, y):
                return last
            return table, table.frame_at(x, y)
    return _NOWHERE


def goes_on(first: Ruled, second: Ruled) -> bool:
    """Whether the second table has the first one's columns."""
    return len(first.edges) == len(second.edges) and all(
        abs(a - b) <= 2 * _NEAR for a, b in zip(first.edges, second.edges, strict=True)
    )


def joined(first: Table, second: Table) -> tuple[Table, int]:
    """Two halves of a table cut by the end of a page; and by how many rows those of the second stand lower than they did."""
    rows = list(second.rows)
    if rows and [c.text for c in rows[0]] == [c.text for c in first.rows[0]]:
        rows = rows[1:]
    moved = len(first.rows) - (len(second.rows) - len(rows))
    if not rows:
        return first, moved
    if _cut(first.rows[-1], rows[0]):
        whole = tuple(
            replace(a if a.text or not b.text else b, text="\n".join(filter(None, (a.text, b.text))))
            for a, b in zip(first.rows[-1], rows[0], strict=True)
        )
        return Table((*first.rows[:-1], whole, *rows[1:]), first.name), moved - 1
    return Table((*first.rows, *rows), first.name), moved


def _cut(above: tuple[Cell, ...], below: tuple[Cell, ...]) -> bool:
    """Whether the lower row only finishes the upper one: its first text goes on in lower case, no value meets another.

    Or nothing of the row was left but the figure its label ends with: "TTHC mức độ" above, "3" below.
    """
    filled = [i for i, cell in enumerate(below) if cell.text]
    if len(filled) == 1 and filled[0] and above[0].text and re.fullmatch(r"\d{1,2}", below[filled[0]].text):
        return above[filled[0]].text[-1:].isalpha()
    goes = next((c.text for c in below if c.text), "")
    if not goes[:1].islower():
        return False
    doubles = [i for i, (a, b) in enumerate(zip(above, below, strict=True)) if a.text and b.text]
    return (
        len(doubles) == 1
        and not any(c.isdigit() for c in below[doubles[0]].text[:1])
        and not below[0].text * bool(above[0].text and doubles[0] != 0)
    )
