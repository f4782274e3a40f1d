"""The roster as a sheet that is edited and imported again: the same cells as its CSV, every one of them text, none a formula."""

from __future__ import annotations

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

_NARROWEST, _WIDEST = 8, 48  # characters


def roster_workbook(text: str) -> bytes:
    """The sheet as bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("roster")
    widths: dict[int, int] = {}
    for row, line in enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), start=1):
        for column, value in enumerate(line, start=1):
            if value:
                cell = sheet.cell(row, column, value)
                cell.data_type = "s"  # also what begins with "=": an address may
                cell.font = Font(bold=row == 1)
                widths[column] = max(widths.get(column, _NARROWEST), min(len(value) + 2, _WIDEST))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
