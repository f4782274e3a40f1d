"""What a worksheet's XML says beside its values: how far it reaches, what is hidden, what is merged, what has no value.

Rules (plan, faults, openpyxl, and pitfalls, "Documents"):

1. One pass of the strict parser that also refuses a DOCTYPE; nothing is built but counts and small sets.
2. Cells are counted where they are used, so that one cell at XFD1048576 costs one cell.
3. The rows of a plain sheet are kept in the same pass (``sheet_plain``), so that nothing parses it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from parsers import limits
from parsers.readers.errors import Unreadable
from parsers.readers.sheet_plain import PlainRow, PlainSheet

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_HIDDEN, _OFF = ("1", "true"), ("0", "false")
_MERGES_MAX = 20_000
_COLUMNS = 16_384

Position = tuple[int, int]  # row, column; 1-based


@dataclass(slots=True)
class SheetScan:
    """One worksheet."""

    last_row: int = 0
    last_column: int = 0
    cells: int = 0  # used
    beyond: bool = False  # cells stand further out than we read
    zeros_unseen: bool = False  # the sheet shows nothing where a zero stands
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first, last
    merged: dict[Position, tuple[int, int]] = field(default_factory=dict)  # first cell → rows, columns
    uncomputed: set[Position] = field(default_factory=set)  # formulas stored without a result
    plain: list[PlainRow] | None = None  # its rows, None where it is no plain sheet

    def column_hidden(self, column: int) -> bool:
        """Whether that column is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def scan_sheet(data: bytes, name: str, cells_before: int = 0) -> SheetScan:
    """Scan a worksheet; raises ``Unreadable`` (xml_entity, too_large, corrupt)."""
    watcher = _Watcher(SheetScan(), name, cells_before)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = watcher.doctype
    parser.StartElementHandler = watcher.start
    parser.EndElementHandler = watcher.end
    parser.CharacterDataHandler = watcher.text
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: an encoding nobody knows
        raise Unreadable("corrupt", f"{name}: {error}") from error
    watcher.scan.plain = watcher.plain.rows
    return watcher.scan


def position(reference: str) -> Position | None:
    """``"B12"`` → (12, 2); None when it is no cell."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return (int(match[2]), column) if column <= _COLUMNS else None


class _Watcher:
    """The strict parser's listener."""

    def __init__(self, scan: SheetScan, name: str, cells_before: int) -> None:
        self.scan = scan
        self._name = name
        self._cells_left = limits.CELLS_MAX - cells_before
        self._row = self._column = 0
        self._formula = self._value = self._inside = False
        self.plain = PlainSheet()

    def doctype(self, *_: object) -> NoReturn:
        raise Unreadable("xml_entity", f"DOCTYPE in {self._name}")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.plain.start(tag, attributes)
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "is"):
            self._inside = True
            self._reach()
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._row = _whole(attributes.get("r"), self._row + 1)
            self._column = 0
            if attributes.get("hidden") in _HIDDEN and self._row <= limits.SHEET_ROWS_MAX:
                self.scan.hidden_rows.add(self._row)
        elif tag == "col" and attributes.get("hidden") in _HIDDEN:
            first = _whole(attributes.get("min"), 0)
            self.scan.hidden_columns.append((first, _whole(attributes.get("max"), first)))
        elif tag == "sheetView" and attributes.get("showZeros") in _OFF:
            self.scan.zeros_unseen = True
        elif tag == "mergeCell":
            self._merge(attributes.get("ref") or "")

    def text(self, text: str) -> None:
        self._value = self._value or self._inside
        self.plain.text(text)

    def end(self, tag: str) -> None:
        self.plain.end()
        tag = tag.rpartition(":")[2]
        if tag in ("v", "is"):
            self._inside = False
        elif tag == "c" and self._formula and not self._value:  # some programs write an empty <v/>
            self.scan.uncomputed.add((self._row, self._column))
            self._reach()

    def _cell(self, attributes: dict[str, str]) -> None:
        self._formula = self._value = self._inside = False
        found = position(attributes.get("r") or "")
        self._row, self._column = found or (self._row, self._column + 1)

    def _reach(self) -> None:
        scan = self.scan
        scan.cells += 1
        if scan.cells > self._cells_left:
            raise Unreadable("too_large", f"more than {limits.CELLS_MAX} cells")
        if self._row > limits.SHEET_ROWS_MAX or self._column > limits.SHEET_COLUMNS_MAX:
            scan.beyond = True
            return
        scan.last_row = max(scan.last_row, self._row)
        scan.last_column = max(scan.last_column, self._column)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, stop = position(first), position(last)
        if start and stop and stop >= start and len(self.scan.merged) < _MERGES_MAX:
            self.scan.merged[start] = (stop[0] - start[0] + 1, max(1, stop[1] - start[1] + 1))


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else otherwise
