"""OpenDocument spreadsheets (ods): every sheet a table at its own row and column numbers, values as last computed.

Rules (plan, pitfalls, "Documents"; the same as for xlsx):

1. A value is the typed one, never the text a locale made of it, unless that text holds words or other digits: then what is seen is read, and
   a value nothing is seen of is hidden. Text stays text; a formula without a result is ``#?``.
2. Hidden sheets, rows and columns are read and marked hidden; a merged cell stands once, at its first cell.
3. A row or cell told once and meant a million times costs what is used of it; cells further out than we read are a finding.
4. What is struck out is not read: a cell whose style, or its row's or column's, strikes out, and of a text the runs that do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from typing import Any

from parsers import limits
from parsers.fold import nfc
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.odf import DRAW, OFFICE, STYLE, TABLE, TEXT, OdfPackage, OdfStyles, amount
from parsers.readers.odf_margins import comments, margins
from parsers.readers.raised import raised
from parsers.readers.sheet_margins import Note, told_beside
from parsers.readers.sheet_rows import EMPTY, Counted, Sheet, beyond, blocks_of
from parsers.readers.sheet_values import NO_VALUE, seen_otherwise, shown
from parsers.values import Block, Cell, Document

READER = "ods/1"
_GROUPS = frozenset(
    f"{TABLE}{n}"
    for n in (
        "table-header-rows",
        "table-row-group",
        "table-rows",
        "table-header-columns",
        "table-column-group",
        "table-columns",
    )
)
_OUT_OF_SIGHT = ("collapse", "filter")
_STYLE_NAME, _DEFAULT, _CELL = f"{TEXT}style-name", f"{TABLE}default-cell-style-name", "table-cell"
_PLACES = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_FAR = 1 << 24  # rows or columns, more than any program has


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One block a sheet, then the text boxes; raises ``Unreadable``."""
    del charset
    package = OdfPackage(data, budget or Budget())
    body = package.body("spreadsheet")
    tables = body.findall(f"{TABLE}table")
    if len(tables) > limits.SHEETS_MAX:
        raise Unreadable("too_large", f"{len(tables)} sheets")
    unseen = _unseen(package)
    styles = OdfStyles(package)
    reader = _Cells(styles)
    sheets = [reader.sheet(table, hidden=table.get(f"{TABLE}style-name") in unseen) for table in tables]
    blocks = blocks_of(sheets)
    for text in _drawn(body, styles):
        blocks.append(Block(len(blocks) + 1, text=text, where="textbox"))
    heads, feet = ([_words(part, styles) for part in parts] for parts in margins(package))
    blocks = told_beside(blocks, heads, feet, _remarks(package, tables, sheets, styles))
    images = sum(1 for _ in body.iter(f"{DRAW}image"))
    findings = (*package.findings(), *beyond(sheets))
    return Document("ods", READER, tuple(blocks), findings, images=images)


def _remarks(package: OdfPackage, tables: list[Any], sheets: list[Sheet], styles: OdfStyles) -> Iterator[Note]:
    """The words of the notes stuck to cells, each with its sheet's block and its cell."""
    found = comments(package)
    if not found:
        return
    standing = accumulate(int(bool(sheet.rows)) for sheet in sheets)
    cells = {
        note: (block, row, column)
        for table, sheet, block in zip(tables, sheets, standing, strict=True)
        if sheet.rows
        for note, row, column in _noted(table)
    }
    for note in found:
        yield _words(note, styles), cells.get(note)


def _noted(table: Any) -> Iterator[tuple[Any, int, int]]:
    """The notes of a sheet with row and column (from 1) of their cells."""
    at = 1
    for row in _told(table, f"{TABLE}table-row"):
        column = 1
        for place in row:
            if place.tag in _PLACES:
                note = place.find(f"{OFFICE}annotation")
                if note is not None:
                    yield note, at, column
                column += amount(place, f"{TABLE}number-columns-repeated", _FAR)
        at += amount(row, f"{TABLE}number-rows-repeated", _FAR)


def _unseen(package: OdfPackage) -> set[str | None]:
    """The styles of hidden sheets."""
    return {
        style.get(f"{STYLE}name")
        for style in package.xml("content.xml").iter(f"{STYLE}style")
        for properties in style.iterfind(f"{STYLE}table-properties")
        if properties.get(f"{TABLE}display") == "false"
    }


class _Cells(Counted):
    """Reads sheets, counting over the whole workbook."""

    def __init__(self, styles: OdfStyles) -> None:
        super().__init__()
        self._styles = styles

    def sheet(self, table: Any, *, hidden: bool) -> Sheet:
        sheet = Sheet(nfc(table.get(f"{TABLE}name") or ""), hidden)
        self._columns(table, sheet)
        blank = 0
        for row in _told(table, f"{TABLE}table-row"):
            repeated = amount(row, f"{TABLE}number-rows-repeated", _FAR)
            cells = self._row(row, sheet)
            if not cells:
                blank += repeated
                continue
            if len(sheet.rows) + blank + repeated > limits.SHEET_ROWS_MAX:
                sheet.beyond = True
                break
            self.reach((blank + repeated) * max(sheet.width, 1), len(cells) * repeated)
            sheet.rows += [()] * blank + [cells] * repeated
            blank = 0
        return sheet

    def _columns(self, table: Any, sheet: Sheet) -> None:
        at = 0
        for column in _told(table, f"{TABLE}table-column"):
            count = amount(column, f"{TABLE}number-columns-repeated", _FAR)
            if column.get(f"{TABLE}visibility") in _OUT_OF_SIGHT:
                sheet.hide(at, count)
            if self._styles.strikes(column.get(_DEFAULT) or "", _CELL):
                sheet.strike(at, count)
            at += count

    def _row(self, row: Any, sheet: Sheet) -> tuple[Cell, ...]:
        out_of_sight = row.get(f"{TABLE}visibility") in _OUT_OF_SIGHT
        cells: list[Cell] = []
        blank = 0
        for place in row:
            if place.tag not in _PLACES:
                continue
            repeated = amount(place, f"{TABLE}number-columns-repeated", _FAR)
            found = _cell(place, self._styles)
            if found is None or place.tag == f"{TABLE}covered-table-cell":
                blank += repeated
                continue
            if len(cells) + blank + repeated > limits.SHEET_COLUMNS_MAX:
                sheet.beyond = True
                break
            cells += [EMPTY] * blank
            blank = 0
            for _ in range(repeated):
                hidden = found.hidden or out_of_sight or sheet.hides(len(cells))
                kept = (
                    found if not self._struck(place, row, sheet, len(cells)) else replace(found, text="", number=None)
                )
                cells.append(replace(kept, hidden=hidden))
        sheet.width = max(sheet.width, len(cells))
        return tuple(cells)

    def _struck(self, place: Any, row: Any, sheet: Sheet, column: int) -> bool:
        """Whether a cell is struck out: by its own style, else its row's, else its column's."""
        own = place.get(f"{TABLE}style-name") or row.get(_DEFAULT)
        return self._styles.strikes(own, _CELL) if own else column in sheet.struck


def _told(root: Any, wanted: str) -> Iterator[Any]:
    for child in root:
        if child.tag == wanted:
            yield child
        elif child.tag in _GROUPS:
            yield from _told(child, wanted)


def _cell(place: Any, styles: OdfStyles) -> Cell | None:
    """The cell, None when nothing is in it."""
    across = amount(place, f"{TABLE}number-columns-spanned", limits.SHEET_COLUMNS_MAX)
    down = amount(place, f"{TABLE}number-rows-spanned", limits.SHEET_ROWS_MAX)
    text, number = shown(_value(place, styles), "0%" if place.get(f"{OFFICE}value-type") == "percentage" else "")
    told = place.find(f"{TEXT}p") is not None and number is not None
    said = _text(place, styles).strip() if told else ""
    if said and (other := seen_otherwise(said, text)):
        text, number = other, None
    if not text and place.get(f"{TABLE}formula") and not place.get(f"{OFFICE}value-type"):
        text = NO_VALUE
    return Cell(text, across, down, hidden=told and not said, number=number) if text or across > 1 or down > 1 else None


def _value(place: Any, styles: OdfStyles) -> object:
    kind = place.get(f"{OFFICE}value-type") or ""
    if kind in ("float", "percentage", "currency"):
        try:
            return float(place.get(f"{OFFICE}value") or "")
        except ValueError:
            return _text(place, styles)
    if kind == "date":
        try:
            return datetime.fromisoformat((place.get(f"{OFFICE}date-value") or "")[:19])
        except ValueError:
            return _text(place, styles)
    paragraphs = place.findall(f"{TEXT}p")
    return _text(place, styles) or (None if paragraphs else place.get(f"{OFFICE}string-value"))


def _text(place: Any, styles: OdfStyles) -> str:
    return "\n".join(_line(p, styles) for p in place.iterfind(f"{TEXT}p"))


def _words(root: Any, styles: OdfStyles) -> str:
    """Every paragraph inside, what its fields would show left out."""
    return nfc("\n".join(line for p in root.iter(f"{TEXT}p") if (line := _line(p, styles).strip())))


def _line(paragraph: Any, styles: OdfStyles) -> str:
    if styles.hides(paragraph.get(_STYLE_NAME) or "", "paragraph"):
        return ""
    out = [paragraph.text or ""]
    for child in paragraph:
        if child.tag == f"{TEXT}s":
            out.append(" " * amount(child, f"{TEXT}c", limits.NAME_MAX))
        elif child.tag == f"{TEXT}span" and styles.hides(child.get(_STYLE_NAME) or "", "text"):
            pass
        elif child.tag == f"{TEXT}span" and styles.raises(child.get(_STYLE_NAME) or ""):
            out.append(raised(_line(child, styles))[0])
        elif child.tag in (f"{TEXT}span", f"{TEXT}a"):
            out.append(_line(child, styles))
        elif child.tag in (f"{TEXT}line-break", f"{TEXT}tab"):
            out.append(" ")
        out.append(child.tail or "")
    return "".join(out)


def _drawn(body: Any, styles: OdfStyles) -> Iterator[str]:
    """The text of boxes drawn over the sheets, a letterhead often; notes stuck to a cell are not part of the sheet."""
    for shape in body.iter(f"{DRAW}text-box", f"{DRAW}custom-shape", f"{DRAW}rect"):
        text = nfc("\n".join(line for p in shape.iterfind(f"{TEXT}p") if (line := _line(p, styles).strip())))
        if text:
            yield text
