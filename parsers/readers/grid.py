"""A table under construction: merged cells stand once, at their first column; every row has the grid's width.

Cells are counted over the whole document before a row is padded, so that a claimed span costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from parsers import limits
from parsers.fold import nfc
from parsers.readers.errors import Unreadable
from parsers.values import Cell, Table

_EMPTY = Cell("")


@dataclass(slots=True)
class _Open:
    text: str
    colspan: int
    rowspan: int = 1


class Grid:
    """Rows are opened, filled from left to right and closed."""

    def __init__(self, count: int = 0) -> None:
        self.count = count  # cells of the document so far
        self.chars = 0
        self._rows: list[dict[int, _Open]] = []
        self._column = 0
        self._width = 0
        self._above: dict[int, _Open] = {}  # by first column: the cell a continuation below belongs to

    @property
    def column(self) -> int:
        """Where the next cell goes, from 0."""
        return self._column

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the next cell, from 1."""
        return len(self._rows), self._column + 1

    def open_row(self, skip: int = 0) -> None:
        """Begin a row, its first cell ``skip`` columns from the left."""
        self._rows.append({})
        self._column = skip

    def add(self, text: str, span: int = 1, *, continues_up: bool = False, continues_left: bool = False) -> None:
        """The next cell; a continuation lends its place to the cell above or to its left."""
        row = self._rows[-1]
        column = self._column
        self._column += span
        self.count += span
        if self.count > limits.CELLS_MAX:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")
        if continues_left and row:
            row[max(row)].colspan += span
        elif continues_up and column in self._above:
            self._above[column].rowspan += 1
            if text:  # a word processor never shows it, yet nothing is dropped that stood in the file
                self._above[column].text = "\n".join(filter(None, (self._above[column].text, text)))
        else:
            text = nfc(text)[: limits.CELL_TEXT_MAX]
            self.chars += len(text)
            row[column] = self._above[column] = _Open(text, span)

    def close_row(self) -> None:
        """End the row."""
        self._width = max(self._width, self._column)
        if self._width * len(self._rows) > limits.CELLS_MAX:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")

    def table(self, name: str = "") -> Table:
        """The finished table."""
        return Table(
            tuple(
                tuple(
                    Cell(found.text, found.colspan, found.rowspan) if (found := row.get(column)) else _EMPTY
                    for column in range(self._width)
                )
                for row in self._rows
            ),
            name,
        )
