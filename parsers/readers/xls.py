"""Old Excel workbooks (xls, BIFF in an OLE file): every sheet a table at its own row and column numbers.

Rules (plan, faults, xlrd/olefile, and stack):

1. A workbook under a password is told apart from a broken one: ``encrypted`` against ``corrupt``.
2. Hidden sheets are read and marked hidden; a merged cell stands once, at its first cell.
3. This library says nothing of number formats: a share between 0 and 1 may be shown as per cent, so its text is put
   under ``#`` and no number is claimed; a person or the sentence beside it has to say.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import python_calamine as calamine

from parsers import limits
from parsers.fold import nfc
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.sheet_values import shown
from parsers.values import Block, Cell, Document, Finding, Table

READER = "xls/1"
_ENCRYPTED = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_EMPTY = Cell("")
_VISIBLE = calamine.SheetVisibleEnum.Visible


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One block a sheet; raises ``Unreadable``."""
    del charset, budget
    if any(mark in data for mark in _ENCRYPTED):
        raise Unreadable("encrypted", "EncryptedPackage")
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        if len(book.sheets_metadata) > limits.SHEETS_MAX:
            raise Unreadable("too_large", f"{len(book.sheets_metadata)} sheets")
        blocks = _blocks(book)
    except calamine.PasswordError as error:
        raise Unreadable("encrypted", str(error)) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        if isinstance(error, PermissionError):
            raise  # the worker's box, not the sender
        raise Unreadable("corrupt", f"workbook: {error}") from error
    findings = (Finding("macro_present", "warning"),) if _MACROS in data else ()
    return Document("xls", READER, tuple(blocks), findings)


def _blocks(book: Any) -> list[Block]:
    blocks: list[Block] = []
    cells = 0
    for sheet in book.sheets_metadata:
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        grid = book.get_sheet_by_name(sheet.name)
        if grid.start is None:
            continue
        cells += (grid.end[0] + 1) * (grid.end[1] + 1)
        if cells > limits.SHEET_AREA_MAX:
            raise Unreadable("too_large", f"sheets of {cells} places")
        hidden = sheet.visible != _VISIBLE
        blocks.append(Block(len(blocks) + 1, table=_table(sheet.name, grid, hidden=hidden), hidden=hidden))
    return blocks


def _table(name: str, grid: Any, *, hidden: bool) -> Table:
    merged = {first: (last[0] - first[0] + 1, last[1] - first[1] + 1) for first, last in grid.merged_cell_ranges or ()}
    rows = []
    for r, row in enumerate(grid.to_python(skip_empty_area=False)):
        cells = []
        for c, value in enumerate(row):
            cells.append(_EMPTY if value == "" and (r, c) not in merged else _cell(value, merged.get((r, c)), hidden))
        rows.append(tuple(cells))
    return Table(tuple(rows), nfc(name))


def _cell(value: object, merged: tuple[int, int] | None, hidden: bool) -> Cell:
    text, number = shown(value)
    if number is not None and number != number.to_integral_value() and abs(number) < 2:
        text, number = f"#{text}", None
    down, across = merged or (1, 1)
    return Cell(text, colspan=across, rowspan=down, hidden=hidden, number=number)
