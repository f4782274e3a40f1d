"""The rows of a plain worksheet as openpyxl's reader of rows asks for them, kept while the strict parser passes over it.

Rules:

1. Plain: the format's own namespace and no other about rows, in them cells, in those a formula and a value of text alone, or a string of
   one piece. Whatever else stands in a row, or more cells than ``_KEPT_MAX``, makes it none: openpyxl parses that sheet itself.
2. Nothing is understood here: what a cell is worth, openpyxl says (``xlsx_values``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FOREIGN = "x14ac:dyDescent"  # Excel's word for the height of a row's letters
_KEPT_MAX = 50_000  # cells; beyond it the sheet is read as it comes, never whole in memory
_DATA, _ROW, _CELL, _VALUE, _STRING = 2, 3, 4, 5, 6  # how deep they stand


@dataclass(slots=True)
class PlainCell:
    """A cell; openpyxl takes it for an element."""

    attributes: dict[str, str]
    value: str | None = None  # the text of its ``v``
    string: str | None = None  # written in the cell itself: the text of the ``t`` in its ``is``

    def get(self, name: str, otherwise: Any = None) -> Any:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def findtext(self, _: str, otherwise: str | None = None) -> str | None:
        """Its value: no other text is looked for in such a cell."""
        return otherwise if self.value is None else self.value

    def find(self, _: str) -> None:
        """The string written in it, which is ``string`` here."""


@dataclass(slots=True)
class PlainRow:
    """A row; openpyxl takes it for an element."""

    attrib: dict[str, str]
    cells: list[PlainCell] = field(default_factory=list)

    def __iter__(self) -> Iterator[PlainCell]:
        return iter(self.cells)


class PlainSheet:
    """Told of every element and text of a worksheet."""

    def __init__(self) -> None:
        self.rows: list[PlainRow] | None = []  # None: it is not plain
        self._depth = self._kept = 0
        self._in_data = False
        self._seen: list[str] = []  # what the cell holds so far
        self._row: PlainRow | None = None
        self._text: list[str] | None = None  # of the value it stands in

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self.rows is not None and not self._keeps(tag, attributes):
            self.rows = self._row = self._text = None

    def text(self, text: str) -> None:
        """Text, or a piece of it."""
        if self._text is not None:
            self._text.append(text)

    def end(self) -> None:
        """An element ends."""
        if self._row:
            if self._text is not None:
                self._said(self._row.cells[-1], "".join(self._text))
                self._text = None
            elif self._depth == _ROW:
                self._row = None
        self._depth -= 1

    def _said(self, cell: PlainCell, text: str) -> None:
        if self._depth == _STRING:
            cell.string = text
        else:
            cell.value = text

    def _keeps(self, tag: str, attributes: dict[str, str]) -> bool:
        """Keep what belongs to a plain row; whether the sheet is plain still."""
        if self._depth == 1:
            return tag == "worksheet" and attributes.get("xmlns") == _MAIN
        if "xmlns" in attributes:
            return False
        if self._row:
            return self._keeps_inside(self._row, tag, attributes)
        if self._depth == _DATA:
            self._in_data = tag == "sheetData"
        if tag.rpartition(":")[2] != "row":
            return True
        foreign = ":" in "".join(attributes).replace(_FOREIGN, "")
        if self.rows is None or tag != "row" or self._depth != _ROW or not self._in_data or foreign:
            return False
        self._row = PlainRow(attributes)
        self.rows.append(self._row)
        return True

    def _keeps_inside(self, row: PlainRow, tag: str, attributes: dict[str, str]) -> bool:
        if self._depth == _CELL:
            self._kept += 1
            self._seen = []
            row.cells.append(PlainCell(attributes))
            return tag == "c" and self._kept <= _KEPT_MAX and ":" not in "".join(attributes)
        if tag in self._seen:
            return False
        self._seen.append(tag)
        if self._depth == _VALUE and tag in ("v", "is"):
            return self._keeps_value(row.cells[-1], tag, attributes)
        if self._depth == _STRING and self._seen[-2:] == ["is", "t"]:
            self._text = []
            return True
        return self._depth == _VALUE and tag == "f"

    def _keeps_value(self, cell: PlainCell, tag: str, attributes: dict[str, str]) -> bool:
        """A value, or a string instead of it."""
        if tag == "v":
            self._text = []
        else:
            cell.string = ""
        return not {"v", "is"} <= {*self._seen} and (tag == "v" or (cell.get("t") == "inlineStr" and not attributes))
