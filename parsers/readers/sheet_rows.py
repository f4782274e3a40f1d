"""A sheet while its rows are gathered, for readers of sheets told as XML (ods, Excel 2003's XML)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers import limits
from parsers.readers.errors import Unreadable
from parsers.values import Block, Cell, Finding, Table

EMPTY = Cell("")


@dataclass(slots=True)
class Sheet:
    """One sheet while it is read."""

    name: str
    hidden: bool
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    width: int = 0
    beyond: bool = False  # cells lie further out than we read
    unseen: set[int] = field(default_factory=set)  # columns, from 0
    struck: set[int] = field(default_factory=set)  # columns whose cells are struck out unless they say otherwise

    def hide(self, first: int, count: int) -> None:
        """So many columns from ``first``, from 0, are out of sight."""
        self.unseen.update(range(first, min(first + count, limits.SHEET_COLUMNS_MAX)))

    def strike(self, first: int, count: int) -> None:
        """So many columns from ``first``, from 0, are struck out."""
        self.struck.update(range(first, min(first + count, limits.SHEET_COLUMNS_MAX)))

    def hides(self, column: int) -> bool:
        """Whether a cell of that column, from 0, is out of sight."""
        return self.hidden or column in self.unseen


class Counted:
    """Cells and area over a whole workbook."""

    def __init__(self) -> None:
        self._cells = self._area = 0

    def reach(self, area: int, cells: int) -> None:
        """So much more; raises ``Unreadable``."""
        self._area += area
        self._cells += cells
        if self._area > limits.SHEET_AREA_MAX or self._cells > limits.CELLS_MAX:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")


def blocks_of(sheets: Sequence[Sheet]) -> list[Block]:
    """A table for each sheet that holds something, its rows of one width."""
    blocks: list[Block] = []
    for sheet in sheets:
        if sheet.rows:
            rows = tuple(row + (EMPTY,) * (sheet.width - len(row)) for row in sheet.rows)
            blocks.append(Block(len(blocks) + 1, table=Table(rows, sheet.name), hidden=sheet.hidden))
    return blocks


def beyond(sheets: Sequence[Sheet]) -> list[Finding]:
    """The finding of cells that were not read, if there are any."""
    return [Finding("cells_beyond_range", "warning")] if any(sheet.beyond for sheet in sheets) else []
