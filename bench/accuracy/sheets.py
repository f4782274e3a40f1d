"""Page → sheets: openpyxl, xlwt, and delimited text. Paragraphs take a row of their own; numbers are numbers or text by habit."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass

import xlwt
from openpyxl import Workbook
from openpyxl.styles import Border, Font, Side

from bench.accuracy.page import Cell, Grid, Page, Para

FORMAT = "#,##0"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: cells with the column each starts at."""

    cells: list[tuple[int, Cell]]
    ruled: bool


def rows_of(page: Page) -> tuple[list[Row], int]:
    """Rows of the whole page and its width in columns: the letterhead's two columns are spread over the sheet."""
    width = max([4, *(block.columns for block in page.blocks if isinstance(block, Grid) and block.ruled)])
    out: list[Row] = []
    for block in page.blocks:
        if isinstance(block, Para):
            out.append(Row([(0, Cell(block.text, columns=width, bold=block.bold))], ruled=False))
            continue
        for row in block.rows:
            places = [(c, cell) for c, cell in enumerate(row) if cell is not None]
            if not block.ruled:
                places = [(0 if c == 0 else width // 2, cell) for c, cell in places]
            out.append(Row(places, block.ruled))
    return out, width


def xlsx(page: Page, *, numbers: bool = True, merged: bool = True) -> bytes:
    book = Workbook()
    sheet = book.active
    line = Side(style="thin")
    rows, _ = rows_of(page)
    for r, row in enumerate(rows, 1):
        for c, cell in row.cells:
            target = sheet.cell(r, c + 1)
            if cell.number is not None and numbers:
                target.value, target.number_format = cell.number, FORMAT
            elif cell.text:
                target.value, target.data_type = cell.text, "s"
            target.font = Font(name="Times New Roman", bold=cell.bold)
            if row.ruled:
                target.border = Border(line, line, line, line)
            if merged and (cell.columns > 1 or cell.rows > 1):
                sheet.merge_cells(
                    start_row=r, start_column=c + 1, end_row=r + cell.rows - 1, end_column=c + cell.columns
                )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsm(page: Page) -> bytes:
    """The same workbook in the macro-enabled type, with a macro part nobody runs."""
    source = zipfile.ZipFile(io.BytesIO(xlsx(page)))
    out = io.BytesIO()
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    enabled = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                extra = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
                data = data.decode().replace(plain, enabled).replace("</Types>", extra).encode()
            target.writestr(name, data)
        target.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    return out.getvalue()


def xls(page: Page, *, numbers: bool = True) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Bao cao")
    style = xlwt.XFStyle()
    style.num_format_str = FORMAT
    rows, _ = rows_of(page)
    for r, row in enumerate(rows):
        for c, cell in row.cells:
            value = cell.number if cell.number is not None and numbers else cell.text
            if cell.columns > 1 or cell.rows > 1:
                sheet.write_merge(r, r + cell.rows - 1, c, c + cell.columns - 1, value, style)
            else:
                sheet.write(r, c, value, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def delimited(page: Page, separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    rows, width = rows_of(page)
    for row in rows:
        line = [""] * width
        for c, cell in row.cells:
            line[c] = cell.text  # a line end inside a cell stays, between quotes, as Excel saves it
        while line and not line[-1]:
            line.pop()
        writer.writerow(line)
    return out.getvalue()
