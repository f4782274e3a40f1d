"""Excel workbooks (xlsx): every sheet a table at its own row and column numbers, values as last computed.

Rules (plan, faults, openpyxl, and pitfalls, "Documents"):

1. Every XML member is refused a DOCTYPE and counted before a library sees the file; openpyxl reads the sheets row by row
   (``xlsx_values``), bounded by the cells really used.
2. Hidden sheets, rows and columns are read and marked hidden; a merged cell stands once, at its first cell.
3. Text stays text, a formula counts by its stored result, one stored without a result is ``#?``; a number under a format with words of
   its own is the text seen, one under a format that shows nothing is hidden.
4. Cells beyond what we read, if any, are a finding, never silence.
"""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import defusedxml
from openpyxl.utils.cell import coordinate_to_tuple

from parsers import limits
from parsers.fold import nfc
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.number_format import hides
from parsers.readers.ooxml import Package, commonly_named, refuse_doctype
from parsers.readers.sheet_margins import Note, printed, told_beside
from parsers.readers.sheet_scan import SheetScan, scan_sheet
from parsers.readers.sheet_values import NO_VALUE, shown
from parsers.readers.xlsx_values import Value, Values
from parsers.values import Block, Cell, Document, Finding, Table

READER = "xlsx/1"
_ = defusedxml  # openpyxl uses it only when it is installed: a missing one must stop us here
_WORKBOOK = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HIDDEN = ("hidden", "veryHidden")
_STANDS = (None, "noStrike")
_ACTIVE = ("/connections.xml", "/macrosheets/")
_EMPTY = Cell("")
_MARGIN = re.compile(rb"<(?:\w+:)?((?:odd|even|first)(?:Header|Footer))\b[^>]*>([^<]*)<")
_CELL_NAME = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")
_LIBRARY_FAULTS = (KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, SyntaxError)


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One block a sheet, then the text boxes; raises ``Unreadable``."""
    del charset
    package = Package(data, budget or Budget())
    sheets = _sheets(package)
    scans = _guard(package, sheets)
    values = _values(package, [target for _, target, _ in sheets], scans)
    blocks: list[Block] = []
    stands: dict[str, int] = {}  # each sheet's block
    for (name, target, hidden), scan, rows in zip(sheets, scans, values, strict=True):
        table = _table(name, scan, rows, hidden=hidden)
        if table.rows:
            stands[target] = len(blocks) + 1
            blocks.append(Block(len(blocks) + 1, table=table, hidden=hidden))
    for text in _drawn(package):
        blocks.append(Block(len(blocks) + 1, text=text, where="textbox"))
    heads, feet = _printed(package, [target for _, target, _ in sheets])
    blocks = told_beside(blocks, heads, feet, _notes(package, stands))
    images = sum(name.lower().startswith("xl/media/") for name in package.names)
    return Document("xlsx", READER, tuple(blocks), tuple(_findings(package, scans)), images=images)


def _sheets(package: Package) -> list[tuple[str, str, bool]]:
    """Name, member and hiddenness of every worksheet, in the workbook's order."""
    main = package.main_part()
    relations = package.relationships(main)
    found = []
    for sheet in package.xml(main).iterfind(f"{_WORKBOOK}sheets/{_WORKBOOK}sheet"):
        kind, target, external = relations.get(sheet.get(_R) or "", ("", "", True))
        if kind == "worksheet" and not external and package.has(target):
            found.append((sheet.get("name") or "", target, sheet.get("state") in _HIDDEN))
    if not found:
        raise Unreadable("corrupt", "no worksheet")
    if len(found) > limits.SHEETS_MAX:
        raise Unreadable("too_large", f"{len(found)} sheets")
    return found


def _guard(package: Package, sheets: list[tuple[str, str, bool]]) -> list[SheetScan]:
    members = {target.lower() for _, target, _ in sheets}
    for name in package.names:
        if name.lower().endswith((".xml", ".rels", ".vml")) and name.lower() not in members:
            refuse_doctype(package.read(name), name)
    scans: list[SheetScan] = []
    for _, target, _ in sheets:
        scans.append(scan_sheet(commonly_named(package.read(target)), target, sum(s.cells for s in scans)))
    area = sum(scan.last_row * scan.last_column for scan in scans)
    if area > limits.SHEET_AREA_MAX:
        raise Unreadable("too_large", f"sheets of {area} places")
    return scans


def _values(package: Package, targets: list[str], scans: list[SheetScan]) -> list[list[tuple[Value | None, ...]]]:
    """The rows of each sheet: None for an unused place, else (value, its number format where that says more)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions we do not read
            values = Values(package)
            return [list(values.rows(target, scan)) for target, scan in zip(targets, scans, strict=True)]
    except PermissionError:
        raise  # the worker's box, not the sender
    except _LIBRARY_FAULTS as error:
        raise Unreadable("corrupt", f"workbook: {type(error).__name__}: {error}") from error


def _table(name: str, scan: SheetScan, rows: list[tuple[Any, ...]], *, hidden: bool) -> Table:
    hidden_columns = [hidden or scan.column_hidden(column + 1) for column in range(scan.last_column)]
    made = []
    for r, row in enumerate(rows, 1):
        row_hidden = r in scan.hidden_rows
        cells = []
        for c in range(scan.last_column):
            found = row[c] if c < len(row) else None
            out_of_sight = row_hidden or hidden_columns[c]
            cells.append(_cell(found, (r, c + 1), scan, hidden=out_of_sight))
        made.append(tuple(cells))
    return Table(tuple(made), nfc(name))


def _cell(found: Any, place: tuple[int, int], scan: SheetScan, *, hidden: bool) -> Cell:
    if found is None and place not in scan.merged and place not in scan.uncomputed:
        return _EMPTY
    value, code = found or (None, "")
    text, number = shown(value, code)
    if value is None and place in scan.uncomputed:
        text = NO_VALUE
    hidden = hidden or (code != "" and hides(value, code)) or (scan.zeros_unseen and number == 0)
    down, across = scan.merged.get(place, (1, 1))
    return Cell(text, colspan=across, rowspan=down, hidden=hidden, number=number)


def _drawn(package: Package) -> Iterable[str]:
    """The text of boxes drawn over the sheets, a letterhead often."""
    a = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    for name in package.names:
        if name.lower().startswith("xl/drawings/drawing") and name.lower().endswith(".xml"):
            for body in package.xml(name).iter("{*}txBody"):
                lines = ("".join(_standing(p, a)).strip() for p in body.iter(f"{a}p"))
                text = nfc("\n".join(line for line in lines if line))
                if text:
                    yield text


def _printed(package: Package, sheets: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is printed above and below the sheets."""
    heads: list[str] = []
    feet: list[str] = []
    for target in sheets:
        data = package.read(target)
        if b"headerFooter" in data:
            for kind, said in _MARGIN.findall(data[data.index(b"headerFooter") :]):
                text = printed(html.unescape(said.decode("utf-8", "replace")))
                (heads if kind.endswith(b"Header") else feet).append(text)
    return heads, feet


def _notes(package: Package, stands: Mapping[str, int]) -> Iterable[Note]:
    """The words of the notes stuck to cells, each with its sheet's block and its cell."""
    sheets = {part: n for sheet, n in stands.items() for _, part, _ in package.relationships(sheet).values()}
    for name in package.names:
        if name.lower().startswith("xl/comments") and name.lower().endswith(".xml"):
            for note in package.xml(name).iter(f"{_WORKBOOK}comment"):
                words = nfc("".join(text.text or "" for text in note.iter(f"{_WORKBOOK}t"))).strip()
                yield words, _stuck(sheets.get(name), note.get("ref") or "")


def _stuck(block: int | None, ref: str) -> tuple[int, int, int] | None:
    """The cell a note names."""
    if block is None or not _CELL_NAME.fullmatch(ref):
        return None
    row, column = coordinate_to_tuple(ref)
    return block, row, column


def _standing(paragraph: Any, a: str) -> Iterable[str]:
    """The pieces of a paragraph that are not struck out."""
    for text in paragraph.iter(f"{a}t"):
        look = text.getparent().find(f"{a}rPr")
        if look is None or look.get("strike") in _STANDS:
            yield text.text or ""


def _findings(package: Package, scans: list[SheetScan]) -> Iterable[Finding]:
    found = {finding.code: finding for finding in package.findings()}
    if any(mark in f"/{name.lower()}" for name in package.names for mark in _ACTIVE):
        found.setdefault("active_content", Finding("active_content", "warning"))
    if any(b"ddeLink" in package.read(n) for n in package.names if "/externallinks/" in n.lower()):
        found.setdefault("active_content", Finding("active_content", "warning"))
    if any(name.lower().startswith("xl/embeddings/") for name in package.names):
        found["embedded_document"] = Finding("embedded_document", "warning")
    if any(scan.beyond for scan in scans):
        found["cells_beyond_range"] = Finding("cells_beyond_range", "warning")
    return found.values()
