"""A sheet written quickly and alike: styles are made once and put on cells by name; text from outside computes nothing.

Rules: Times New Roman, as administrative documents are set; numbers as numbers with a format; A4 landscape, one page wide, the header on
every page. openpyxl compares every style anew for each cell; a named style is looked up, which makes ten thousand cells bearable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from notifier.plain import neutral, one_line

FONT = "Times New Roman"
TEXT_MAX = 2000  # characters of a cell
LINES_MAX = 8  # of a row; longer texts are read in the cell
LETTER_WIDTH = 0.85  # of a letter in units of column width, capitals allowed for
FILLS = {"good": "E3F2E6", "warn": "FCEBCB", "act": "F9DEDC", "calm": "E1EAF6", "head": "DCE6F1", "sum": "EFEFEF"}
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_NUMBER = {"number": "#,##0", "percent": '0.0#"%"', "moment": "dd/mm/yyyy hh:mm:ss", "change": "+#,##0;-#,##0;0"}
_PLAIN = {  # name → (horizontal, bold, italic, size, colour, fill, border)
    "office": ("left", True, False, 11, "000000", "", False),
    "title": ("center", True, False, 15, "1F3864", "", False),
    "note": ("left", False, True, 11, "404040", "", False),
    "plain": ("left", False, False, 11, "000000", "", False),
    "warning": ("left", True, False, 11, "B3261E", "", False),
    "fine": ("left", False, False, 9, "595959", "", False),
    "head": ("center", True, False, 11, "000000", "head", True),
    "text": ("left", False, False, 11, "000000", "", True),
    "centre": ("center", False, False, 11, "000000", "", True),
    "link": ("center", False, False, 11, "0B5394", "", True),
    "absent": ("right", False, False, 11, "595959", "", True),
    "doubt": ("right", False, True, 11, "8A4B00", "", True),
    "doubt_percent": ("right", False, True, 11, "8A4B00", "", True),
    "number": ("right", False, False, 11, "000000", "", True),
    "percent": ("right", False, False, 11, "000000", "", True),
    "change": ("right", False, False, 11, "404040", "", True),
    "moment": ("center", False, False, 11, "000000", "", True),
    "sum": ("right", True, False, 11, "000000", "sum", True),
    "sum_text": ("left", True, False, 11, "000000", "sum", True),
    "sum_change": ("right", False, True, 11, "404040", "sum", True),
    "good": ("center", False, False, 11, "000000", "good", True),
    "warn": ("center", False, False, 11, "000000", "warn", True),
    "act": ("center", True, False, 11, "000000", "act", True),
    "calm": ("center", False, False, 11, "000000", "calm", True),
}
_FORMATS = {"sum": "number", "sum_change": "change", "doubt": "number", "doubt_percent": "percent"} | {
    name: name for name in _NUMBER
}


class Pen:
    """Writes into one workbook."""

    def __init__(self, book: Workbook) -> None:
        self._styles: dict[str, Any] = {}  # as openpyxl numbers them: looked up once
        for name, (horizontal, bold, italic, size, colour, fill, border) in _PLAIN.items():
            style = NamedStyle(f"cchc {name}")
            style.font = Font(name=FONT, size=size, bold=bold, italic=italic, color=colour)
            style.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
            if fill:
                style.fill = PatternFill("solid", fgColor=FILLS[fill])
            if border:
                style.border = _BORDER
            if name in _FORMATS:
                style.number_format = _NUMBER[_FORMATS[name]]
            book.add_named_style(style)

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, style: str = "text", link: str = "") -> None:
        """One cell; ``link``: a place in the book such as ``'Nguồn'!A12``."""
        cell = sheet.cell(row, column, tame(value))
        if style not in self._styles:
            cell.style = f"cchc {style}"
            self._styles[style] = cell._style  # noqa: SLF001 - setting ten thousand styles by name costs a second
        cell._style = self._styles[style]  # noqa: SLF001
        if link:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=link)

    def row(self, sheet: Worksheet, row: int, values: Sequence[Any], styles: Sequence[str] | str = "text") -> None:
        """One row; its height by the longest text."""
        names = [styles] * len(values) if isinstance(styles, str) else list(styles)
        for column, (value, style) in enumerate(zip(values, names, strict=True), start=1):
            self.put(sheet, row, column, value, style)
        lines = max((lines_of(sheet, column, value) for column, value in enumerate(values, start=1)), default=1)
        sheet.row_dimensions[row].height = 2 + 15 * min(lines, LINES_MAX)

    def head(self, sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[float]) -> None:
        """The header row, and how wide the columns are."""
        for column, (name, width) in enumerate(zip(names, widths, strict=True), start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
            self.put(sheet, row, column, name, "head")
        longest = max(math.ceil(len(name) * 1.1 / width) for name, width in zip(names, widths, strict=True))
        sheet.row_dimensions[row].height = min(130, 8 + 15 * longest)

    def opening(self, sheet: Worksheet, lines: Sequence[tuple[str, str]], width: int) -> int:
        """Lines (text, style) over the whole width; the row of the header below them."""
        for row, (text, style) in enumerate(lines, start=1):
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
            self.put(sheet, row, 1, text, style)
            sheet.row_dimensions[row].height = 26 if style == "title" else 32 if len(text) > 110 else 17
        return len(lines) + 2


def lines_of(sheet: Worksheet, column: int, value: Any) -> int:
    """How many lines a text takes in its column; programs do not all find the height of a row by themselves."""
    width = sheet.column_dimensions[get_column_letter(column)].width
    return math.ceil(len(value) * LETTER_WIDTH / width) if isinstance(value, str) and value else 1


def tame(value: Any) -> Any:
    """A value as a cell may hold it: text as one line that computes nothing, moments without a zone."""
    if isinstance(value, str):
        return _tame_text(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@lru_cache(maxsize=4096)  # names, classes and periods stand in thousands of rows
def _tame_text(text: str) -> str | None:
    return neutral(one_line(text, TEXT_MAX)) or None


def closing(sheet: Worksheet, top: int, rows: int, columns: int, footer: str, *, frozen: int = 0) -> None:
    """Frozen header, filter, and how it prints."""
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(columns)}{top + max(rows, 1)}"
    sheet.print_title_rows = f"{top}:{top}"
    printed(sheet, footer)


def printed(sheet: Worksheet, footer: str) -> None:
    """A4 landscape, one page wide, as many long as it takes."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = footer


def sheet_name(text: str, taken: Mapping[str, object] | Sequence[str]) -> str:
    """A name Excel takes: 31 characters, none of its own signs, not there yet."""
    plain = "".join(" " if c in "[]:*?/\\'" else c for c in one_line(text, 200)).strip()[:28] or "-"
    name, n = plain, 2
    while name in taken:
        name, n = f"{plain[:25]} {n}", n + 1
    return name
