"""Old Excel workbooks (xls, BIFF in an OLE file): every sheet a table at its own row and column numbers.

Rules (plan, faults, xlrd/olefile, and stack):

1. A workbook under a password is told apart from a broken one: ``encrypted`` against ``corrupt``.
2. Hidden sheets are read and marked hidden; a merged cell stands once, at its first cell.
3. Hidden rows and columns are marked hidden, numbers read as their formats show them (``biff``, ``number_format``). Where that cannot be found out, a
   number that may be a share is put under ``#`` and claims nothing; a person or the sentence beside it has to say.
4. What is struck out is not read; of a text in several fonts the runs struck out are left out.
5. Text boxes drawn over the sheets are blocks after them; a chart is a finding, for what is written in it is not read.
6. Pictures are counted, so that a scan pasted into an empty sheet is looked at (``pasted``) and never taken for an empty workbook.
"""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import python_calamine as calamine

from parsers import limits
from parsers.fold import nfc
from parsers.readers.biff import Looks, drawings_of, looks_of
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.number_format import hides
from parsers.readers.pasted import count_in
from parsers.readers.sheet_margins import printed, told_beside
from parsers.readers.sheet_values import shown
from parsers.readers.unopened import begins_unopened
from parsers.values import Block, Cell, Document, Finding, Table

READER = "xls/1"
_ENCRYPTED = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_EMBEDDED = re.compile(rb"M\0B\0D\0(?:[0-9A-F]\0){8}")  # the name of an embedded document's storage
_EMPTY = Cell("")
_SHARE = 2  # below it a number may be a share shown as up to 200 %
_VISIBLE = calamine.SheetVisibleEnum.Visible


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One block a sheet, then the text boxes; raises ``Unreadable``."""
    del charset, budget
    if any(mark in data for mark in _ENCRYPTED):
        raise Unreadable("encrypted", "EncryptedPackage")
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        if len(book.sheets_metadata) > limits.SHEETS_MAX:
            raise Unreadable("too_large", f"{len(book.sheets_metadata)} sheets")
        looks = looks_of(data)
        blocks, stands = _blocks(book, looks)
    except calamine.PasswordError as error:
        raise Unreadable("encrypted", str(error)) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        if isinstance(error, PermissionError):
            raise  # the worker's box, not the sender
        raise Unreadable("corrupt", f"workbook: {error}") from error
    for text in (text for look in looks or () for text in look.drawn):
        blocks.append(Block(len(blocks) + 1, text=nfc(text.replace("\r", "\n")).strip(), where="textbox"))
    told = looks or ()
    heads, feet = [printed(look.head) for look in told], [printed(look.foot) for look in told]
    notes = [
        (nfc(note.replace("\r", "\n")).strip(), (stands[n], at[0] + 1, at[1] + 1) if at and n in stands else None)
        for n, look in enumerate(told)
        for note, at in look.notes
    ]
    blocks = told_beside(blocks, heads, feet, notes)
    charts = any(look.charts for look in looks or ())
    findings = [Finding("macro_present", "warning")] if _MACROS in data else []
    findings += [Finding("embedded_document", "warning")] if _EMBEDDED.search(data) else []
    findings += [Finding("graphics_unread", "info")] if charts else []
    return Document("xls", READER, tuple(blocks), tuple(findings), images=_pictures(data))


def _pictures(data: bytes) -> int:
    """How many pictures it holds, sought only where the file's bytes name one."""
    if not count_in(data) and not begins_unopened(data):
        return 0
    drawn = drawings_of(data)
    return count_in(drawn) + begins_unopened(drawn)


def _blocks(book: Any, looks: list[Looks] | None) -> tuple[list[Block], dict[int, int]]:
    """The sheets that hold something, and the block each of them became."""
    blocks: list[Block] = []
    stands: dict[int, int] = {}
    cells = 0
    for n, sheet in enumerate(book.sheets_metadata):
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        grid = book.get_sheet_by_name(sheet.name)
        if grid.start is None:
            continue
        cells += (grid.end[0] + 1) * (grid.end[1] + 1)
        if cells > limits.SHEET_AREA_MAX:
            raise Unreadable("too_large", f"sheets of {cells} places")
        hidden = sheet.visible != _VISIBLE
        look = looks[n] if looks and len(looks) == len(book.sheets_metadata) else None
        table = _table(sheet.name, grid, look, hidden=hidden)
        blocks.append(Block(len(blocks) + 1, table=table, hidden=hidden))
        stands[n] = len(blocks)
    return blocks, stands


def _table(name: str, grid: Any, look: Looks | None, *, hidden: bool) -> Table:
    merged = {first: (last[0] - first[0] + 1, last[1] - first[1] + 1) for first, last in grid.merged_cell_ranges or ()}
    rows = []
    for r, row in enumerate(grid.to_python(skip_empty_area=False)):
        cells = []
        for c, told in enumerate(row):
            value = look.kept.get((r, c), told) if look and look.kept else told
            struck = look is not None and (r, c) in look.struck  # taken back by its writer
            if (value == "" or struck) and (r, c) not in merged:
                cells.append(_EMPTY)
                continue
            text, number = _shown("" if struck else value, (r, c), look)
            down, across = merged.get((r, c), (1, 1))
            out_of_sight = hidden or (look is not None and _unseen(value, number, (r, c), look))
            cells.append(Cell(text, colspan=across, rowspan=down, hidden=out_of_sight, number=number))
        rows.append(tuple(cells))
    return Table(tuple(rows), nfc(name))


def _unseen(value: object, number: Decimal | None, place: tuple[int, int], look: Looks) -> bool:
    """Whether a person sees nothing of a cell."""
    code = look.codes.get(place)
    return look.hides(*place) or (code is not None and hides(value, code)) or (look.zeros_unseen and number == 0)


def _shown(value: object, place: tuple[int, int], look: Looks | None) -> tuple[str, Decimal | None]:
    if look is not None:
        return shown(value, look.codes.get(place, ""))
    text, number = shown(value)
    if number is not None and number != number.to_integral_value() and abs(number) < _SHARE:
        return f"#{text}", None
    return text, number
