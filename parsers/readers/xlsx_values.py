"""The values of a workbook's sheets, row by row, by openpyxl's own readers of sheets and strings.

Rules (plan, stack: openpyxl):

1. Only what a value needs is read: the sheets, the shared strings, each style's number format, the day dates are counted from. A whole
   workbook with its fonts, borders, themes and named styles takes openpyxl longer than all the values in it.
2. The rows of a plain sheet come from the pass that counted them (``sheet_plain``), shared strings of plain text from lxml; openpyxl says what
   each cell is worth, and parses whatever is not plain itself.
3. A style no list holds, or a format no list holds, is "General": what a cell looks like never makes its value unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.reader.strings import read_string_table
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.worksheet._reader import WorkSheetParser

from parsers import limits
from parsers.readers.number_format import telling
from parsers.readers.ooxml import Package, commonly_named
from parsers.readers.sheet_scan import SheetScan
from parsers.readers.xlsx_struck import kept_sheet, kept_strings, names_any, struck_styles

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STYLES = "xl/styles.xml"
_TRUE = ("1", "true")
_DOM_MAX = 4 * limits.MIB  # bytes of shared strings beyond which they are read one by one
_is_date = lru_cache(256)(is_date_format)
_is_timedelta = lru_cache(256)(is_timedelta_format)
_is_date("General")  # what it compiles at first use, no child need compile
Value = tuple[Any, str]  # as openpyxl gives it; the code of its number format where that says more than the value


@dataclass(frozen=True)
class Values:
    """One workbook."""

    package: Package

    def rows(self, target: str, scan: SheetScan) -> Iterator[tuple[Value | None, ...]]:
        """The rows of a sheet up to the last used one; None for an unused place."""
        if not scan.last_row:
            return
        empty = (None,) * scan.last_column
        upto = 0
        for number, cells in self._parsed(target, scan):
            for _ in range(upto + 1, min(number, scan.last_row + 1)):
                yield empty
            upto = max(upto, min(number - 1, scan.last_row))
            if number > scan.last_row:
                return
            if number > upto:
                yield self._row(cells, scan.last_column)
                upto = number

    def _parsed(self, target: str, scan: SheetScan) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        parser = self._parser(target)
        if scan.plain is None:
            yield from parser.parse()
            return
        for row in scan.plain:
            number, cells = parser.parse_row(row)  # type: ignore[arg-type]
            for cell, plain in zip(cells, row.cells, strict=True):
                if plain.string is not None:
                    cell["value"] = plain.string
            yield number, cells

    def _parser(self, target: str) -> WorkSheetParser:
        data = self.package.read(target)
        data = kept_sheet(self.package.xml(target)) if names_any(data) else data
        return WorkSheetParser(
            BytesIO(commonly_named(data)), self._strings, data_only=True, epoch=self._epoch,
            date_formats={n for n, code in enumerate(self._formats) if _is_date(code)},
            timedelta_formats={n for n, code in enumerate(self._formats) if _is_timedelta(code)},
        )  # fmt: skip

    def _row(self, cells: list[dict[str, Any]], width: int) -> tuple[Value | None, ...]:
        row: list[Value | None] = [None] * width
        for cell in cells:
            if 0 < cell["column"] <= width:
                value = None if cell["style_id"] in self._struck else cell["value"]
                row[cell["column"] - 1] = None if value is None else (value, self._code(cell["style_id"]))
        return tuple(row)

    def _code(self, style: int) -> str:
        return self._codes[style] if 0 <= style < len(self._codes) else ""

    @cached_property
    def _codes(self) -> list[str]:
        return [telling(code) for code in self._formats]

    @cached_property
    def _strings(self) -> list[str]:
        main = self.package.main_part()
        for kind, target, external in self.package.relationships(main).values():
            if kind == "sharedStrings" and not external and self.package.has(target):
                return _strings(self.package, target)
        return []

    @cached_property
    def _formats(self) -> list[str | None]:
        """The number format of each style, by its number."""
        if not self.package.has(_STYLES):
            return []
        tree = self.package.xml(_STYLES)
        own = {one.get("numFmtId"): one.get("formatCode") for one in tree.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")}
        styles = [one.get("numFmtId") or "0" for one in tree.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
        return [own.get(number) or _packaged(number) for number in styles]

    @cached_property
    def _struck(self) -> frozenset[int]:
        struck = self.package.has(_STYLES) and names_any(self.package.read(_STYLES))
        return struck_styles(self.package.xml(_STYLES)) if struck else frozenset()

    @cached_property
    def _epoch(self) -> Any:
        told = self.package.xml(self.package.main_part()).find(f"{_MAIN}workbookPr")
        mac = told is not None and told.get("date1904") in _TRUE
        return CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900


def _strings(package: Package, target: str) -> list[str]:
    data = commonly_named(package.read(target))
    if names_any(data):
        return kept_strings(package.xml(target))
    if len(data) > _DOM_MAX:
        found: list[str] = read_string_table(BytesIO(data))
        return found
    return [_string(one) for one in package.xml(target).iter(f"{_MAIN}si")]


def _string(told: Any) -> str:
    """Its text: openpyxl's word for it where it is more than one piece."""
    alone = len(told) == 1 and told[0].tag == f"{_MAIN}t"
    text = told[0].text or "" if alone else Text.from_tree(told).content  # type: ignore[union-attr]
    return str(text.replace("x005F_", ""))


def _packaged(number: str) -> str | None:
    return BUILTIN_FORMATS.get(int(number)) if number.isascii() and number.isdigit() else None
