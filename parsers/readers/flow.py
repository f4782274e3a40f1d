"""Paragraphs and table cells in the order a word processor stored them, gathered into blocks.

Old Word files (doc, rtf) mark where a cell and a row end and give each row the right edges of its cells. Rules:

1. Edges of all rows of a table make its columns; a cell spans the columns between its edges (edges nearer than
   ``_SAME`` are one: programs round).
2. A table inside a cell follows its outer table; a text box follows the paragraph or table that holds it.
3. A row without edges, or with other edges than cells, stands cell by cell from the left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from parsers import limits
from parsers.fold import nfc
from parsers.readers.docx_story import Where
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.values import Block

_SAME = 30  # twips (1/20 point)
_SPAN_MAX = 100  # columns; Word itself allows 63


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a cell ends and whether it only continues another."""

    right: int  # twips from the margin
    up: bool = False  # continues the cell above
    left: bool = False  # continues the cell to its left


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    cells: tuple[tuple[str, Edge], ...]


@dataclass(slots=True)
class _Level:
    """One table under construction and the cell of it that is being filled."""

    rows: list[_Row] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Flow:
    """The blocks of one story; ``number`` gives several stories their places."""

    def __init__(self, where: Where = "body") -> None:
        self.blocks: list[Block] = []
        self._where: Where = where
        self._levels: list[_Level] = []
        self._nested: list[_Level] = []  # tables met inside cells, told after the table they stand in
        self._boxes: list[Block] = []
        self._chars = self._cells = 0

    def paragraph(self, text: str, level: int = 0) -> None:
        """A paragraph, inside so many tables."""
        self._reach(level)
        if level:
            self._levels[level - 1].lines.append(text)
        else:
            self._add(nfc(text.strip()))
            self._told()

    def cell(self, text: str, level: int = 1) -> None:
        """The last paragraph of a cell."""
        self._reach(level)
        here = self._levels[level - 1]
        lines = (line.strip() for line in (*here.lines, text))
        here.cells.append("\n".join(line for line in lines if line))
        here.lines = []
        self._cells += 1
        if self._cells > limits.CELLS_MAX:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")

    def row(self, edges: Sequence[Edge], start: int = 0, level: int = 1) -> None:
        """The row's cells are complete."""
        self._reach(level)
        here = self._levels[level - 1]
        if len(edges) != len(here.cells):
            edges = [Edge(start + (n + 1) * 1000) for n in range(len(here.cells))]
        if here.cells:
            here.rows.append(_Row(start, tuple(zip(here.cells, edges, strict=True))))
        here.cells, here.lines = [], []

    def box(self, blocks: Iterable[Block]) -> None:
        """Blocks of a text box met in the current paragraph."""
        self._boxes += blocks

    def finish(self) -> list[Block]:
        """Everything told so far."""
        self._reach(0)
        self._told()
        return self.blocks

    def _reach(self, level: int) -> None:
        if level > limits.TABLE_DEPTH_MAX:
            raise Unreadable("xml_too_deep", "tables inside tables")
        while len(self._levels) < level:
            self._levels.append(_Level())
        while len(self._levels) > level:
            done = self._levels.pop()
            if done.cells or any(line.strip() for line in done.lines):  # the row was never closed
                left = "\n".join(line for line in done.lines if line.strip())
                cells = [*done.cells, *([left] if left else [])]
                done.rows.append(_Row(0, tuple((text, Edge((n + 1) * 1000)) for n, text in enumerate(cells))))
            if self._levels:
                self._nested.append(done)
            elif done.rows:
                self._table(done)

    def _table(self, outer: _Level) -> None:
        nested, self._nested = self._nested, []
        for one in (outer, *nested):
            grid = _grid(one.rows)
            self._chars += grid.chars
            found = grid.table()
            if any(cell.text for row in found.rows for cell in row):
                self._append(Block(0, table=found, where=self._where))
        self._told()

    def _add(self, text: str) -> None:
        if text:
            self._chars += len(text)
            self._append(Block(0, text=text, where=self._where))

    def _append(self, block: Block) -> None:
        if self._chars > limits.TEXT_MAX or len(self.blocks) >= limits.BLOCKS_MAX:
            raise Unreadable("too_large", "more text than a report holds")
        self.blocks.append(block)

    def _told(self) -> None:
        boxes, self._boxes = self._boxes, []
        for block in boxes:
            self._append(block)


def number(stories: Iterable[Iterable[Block]]) -> tuple[Block, ...]:
    """The blocks of all stories, counted from 1."""
    return tuple(replace(block, n=n) for n, block in enumerate((one for story in stories for one in story), 1))


def _grid(rows: list[_Row]) -> Grid:
    columns = _columns({row.start for row in rows} | {edge.right for row in rows for _, edge in row.cells})
    grid = Grid()
    for row in rows:
        at = columns[row.start]
        grid.open_row(min(at, _SPAN_MAX))
        for text, edge in row.cells:
            span = max(1, min(columns[edge.right] - at, _SPAN_MAX))
            grid.add(text, span, continues_up=edge.up, continues_left=edge.left)
            at = max(columns[edge.right], at + 1)
        grid.close_row()
    return grid


def _columns(edges: set[int]) -> dict[int, int]:
    """The column that begins at each edge."""
    found: dict[int, int] = {}
    column = -1
    last: int | None = None
    for edge in sorted(edges):
        if last is None or edge - last > _SAME:
            column += 1
            last = edge
        found[edge] = column
    return found
