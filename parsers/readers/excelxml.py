"""Excel 2003's workbook as one XML file ("XML Spreadsheet 2003", named .xml or .xls): every sheet a table, values as last computed.

Rules (the same as for xlsx):

1. A DOCTYPE is refused before anything is looked at: ``xml_entity``. Rows and cells are counted; a claimed index costs nothing.
2. Hidden sheets, rows and columns are read and marked hidden; a merged cell stands once, at its first cell.
3. Text stays text; a cell shown as a percentage is one; a formula counts by its stored result, one without a result is ``#?``.
4. What is struck out is not read: a cell whose style, or its row's or column's, strikes out, and of a text the runs that do.
5. Cells beyond what we read, if any, are a finding, never silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parsers import limits
from parsers.fold import nfc
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.number_format import hides, telling
from parsers.readers.ooxml import parse_xml
from parsers.readers.sheet_rows import EMPTY, Counted, Sheet, beyond, blocks_of
from parsers.readers.sheet_values import NO_VALUE, shown
from parsers.values import Cell, Document

READER = "excelxml/1"
SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_SS, _X = f"{{{SPREADSHEET}}}", "{urn:schemas-microsoft-com:office:excel}"
_STYLE = f"{_SS}StyleID"
_HTML_STRUCK = tuple(f"{{http://www.w3.org/TR/REC-html40}}{name}" for name in ("S", "Strike", "Del"))
_UNSEEN = ("SheetHidden", "SheetVeryHidden")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One block a sheet; raises ``Unreadable``."""
    del charset, budget
    root = parse_xml(data, "workbook")
    if root.tag != f"{_SS}Workbook":
        raise Unreadable("unsupported_type", "XML that is no workbook")
    found = root.findall(f"{_SS}Worksheet")
    if not found:
        raise Unreadable("corrupt", "no worksheet")
    if len(found) > limits.SHEETS_MAX:
        raise Unreadable("too_large", f"{len(found)} sheets")
    reader = _Cells(_codes(root), _struck(root))
    sheets = [reader.sheet(one) for one in found]
    return Document("excelxml", READER, tuple(blocks_of(sheets)), tuple(beyond(sheets)))


def _codes(root: Any) -> dict[str, str]:
    """The number format of each style that has one; what stands by its name only shows the value, but for percentages."""
    told = {
        style.get(f"{_SS}ID") or "": form.get(f"{_SS}Format") or ""
        for style in root.iterfind(f"{_SS}Styles/{_SS}Style")
        for form in style.iterfind(f"{_SS}NumberFormat")
    }
    named = {name: "0%" if code == "Percent" else code for name, code in told.items()}
    return {name: telling("" if code.replace(" ", "").isalpha() else code) for name, code in named.items()}


def _struck(root: Any) -> frozenset[str]:
    """The styles whose font strikes out."""
    return frozenset(
        style.get(f"{_SS}ID") or ""
        for style in root.iterfind(f"{_SS}Styles/{_SS}Style")
        for font in style.iterfind(f"{_SS}Font")
        if font.get(f"{_SS}StrikeThrough") == "1"
    )


class _Cells(Counted):
    """Reads sheets, counting over the whole workbook."""

    def __init__(self, codes: Mapping[str, str], struck: frozenset[str]) -> None:
        super().__init__()
        self._codes, self._struck = codes, struck

    def sheet(self, worksheet: Any) -> Sheet:
        visible = worksheet.find(f"{_X}WorksheetOptions/{_X}Visible")
        hidden = visible is not None and (visible.text or "").strip() in _UNSEEN
        sheet = Sheet(nfc(worksheet.get(f"{_SS}Name") or ""), hidden)
        table = worksheet.find(f"{_SS}Table")
        if table is None:
            return sheet
        self._columns(table, sheet)
        at = 0
        for row in table.iterfind(f"{_SS}Row"):
            at = max(at, _number(row, "Index", at + 1) - 1)
            if at >= limits.SHEET_ROWS_MAX:
                sheet.beyond = True
                break
            if cells := self._row(row, sheet):
                self.reach((at + 1 - len(sheet.rows)) * max(sheet.width, len(cells)), len(cells))
                sheet.rows += [()] * (at - len(sheet.rows)) + [cells]
                sheet.width = max(sheet.width, len(cells))
            at += 1 + _number(row, "Span", 0)
        return sheet

    def _row(self, row: Any, sheet: Sheet) -> tuple[Cell, ...]:
        unseen = row.get(f"{_SS}Hidden") == "1"
        cells: list[Cell] = []
        at = 0
        for place in row.iterfind(f"{_SS}Cell"):
            at = max(at, _number(place, "Index", at + 1) - 1)
            if at >= limits.SHEET_COLUMNS_MAX:
                sheet.beyond = True
                break
            across = min(_number(place, "MergeAcross", 0), limits.SHEET_COLUMNS_MAX)
            look = place.get(_STYLE) or row.get(_STYLE)
            gone = look in self._struck if look else at in sheet.struck
            found = self._cell(place, across, hidden=unseen or sheet.hides(at), struck=gone)
            if found:
                cells += [EMPTY] * (at - len(cells)) + [found]
            at += 1 + across
        return tuple(cells)

    def _cell(self, place: Any, across: int, *, hidden: bool, struck: bool) -> Cell | None:
        """The cell, None when nothing is in it."""
        down = min(_number(place, "MergeDown", 0), limits.SHEET_ROWS_MAX)
        data = None if struck else place.find(f"{_SS}Data")
        code = self._codes.get(place.get(_STYLE) or "", "")
        value = _value(data) if data is not None else None
        text, number = shown(value, code)
        if not text and not struck and place.get(f"{_SS}Formula"):
            text = NO_VALUE
        if not text and not across and not down:
            return None
        return Cell(text, across + 1, down + 1, hidden=hidden or hides(value, code), number=number)

    def _columns(self, table: Any, sheet: Sheet) -> None:
        at = 0
        for column in table.iterfind(f"{_SS}Column"):
            at = _number(column, "Index", at + 1) - 1
            span = 1 + _number(column, "Span", 0)
            if column.get(f"{_SS}Hidden") == "1":
                sheet.hide(at, span)
            if column.get(_STYLE) in self._struck:
                sheet.strike(at, span)
            at += span


def _value(data: Any) -> object:
    text = _standing(data)
    kind = data.get(f"{_SS}Type") or "String"
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return datetime.fromisoformat(text[:19])
    except ValueError:
        return text
    return text


def _standing(data: Any) -> str:
    """Its text without the runs struck out."""
    out = [data.text or ""]
    for run in data:
        out += "" if run.tag in _HTML_STRUCK else _standing(run), run.tail or ""
    return "".join(out)


def _number(element: Any, name: str, otherwise: int) -> int:
    text = element.get(f"{_SS}{name}") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise
