"""The mark-up of ``harsh`` as Word, Excel, HTML and plain text: struck out, tracked, raised, merged and hidden as the programs write it."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html as markup
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
WIDTH = 9000  # twentieths of a point
MARKS = ("s", "ins", "del", "sup")
DAY = {"42798": "d/m"}  # a ratio the sheet took for a day


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a table: its own cell, or where a merged one reaches."""

    kind: str  # own, up, left
    cell: Any
    columns: int
    rows: int


def tree(body: str) -> Any:
    return markup.fromstring(f"<div>{body}</div>")


def runs(element: Any, marks: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Texts with their marks; a line break is a text of its own."""
    if element.text:
        yield element.text, marks
    for child in element:
        if child.tag == "br":
            yield "\n", marks
        elif child.tag in MARKS:
            yield from runs(child, (*marks, child.tag))
        if child.tail:
            yield child.tail, marks


def grid(table: Any) -> list[dict[int, Place]]:
    """The rows of a table as places by column."""
    reached: dict[tuple[int, int], Place] = {}
    out = []
    for r, row in enumerate(table.iter("tr")):
        places, c = {}, 0
        for cell in row:
            while (r, c) in reached:
                places[c] = reached[r, c]
                c += 1
            across, down = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            places[c] = Place("own", cell, across, down)
            for rr in range(down):
                for cc in range(across):
                    reached[r + rr, c + cc] = Place("left" if cc else "up", cell, across, down)
            c += across
        places |= {column: place for (line, column), place in reached.items() if line == r and column not in places}
        out.append(places)
    return out


# ---- Word --------------------------------------------------------------------------------------------------------------


def docx(body: str) -> bytes:
    inner = "".join(_word_table(part) if part.tag == "table" else _paragraph(part) for part in tree(body))
    types = "".join(
        f'<{kind} {what} ContentType="{mime}"/>'
        for kind, what, mime in (
            ("Default", 'Extension="rels"', "application/vnd.openxmlformats-package.relationships+xml"),
            ("Default", 'Extension="xml"', "application/xml"),
            ("Override", 'PartName="/word/document.xml"', MAIN),
        )
    )
    main = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{main}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{inner}<w:sectPr/></w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in members.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _paragraph(element: Any) -> str:
    return f"<w:p>{''.join(_run(text, marks) for text, marks in runs(element))}</w:p>"


def _run(text: str, marks: tuple[str, ...]) -> str:
    look = ("<w:strike/>" if "s" in marks else "") + ('<w:vertAlign w:val="superscript"/>' if "sup" in marks else "")
    tag = "delText" if "del" in marks else "t"
    told = "<w:br/>" if text == "\n" else f'<w:{tag} xml:space="preserve">{html.escape(text)}</w:{tag}>'
    run = f"<w:r><w:rPr>{look}</w:rPr>{told}</w:r>"
    change = next((mark for mark in ("ins", "del") if mark in marks), "")
    return f'<w:{change} w:id="1" w:author="A">{run}</w:{change}>' if change else run


def _word_table(table: Any) -> str:
    rows = grid(table)
    columns = max(max(row) for row in rows) + 1
    ruled = "" if table.get("class") else f"<w:tblBorders>{EDGES}</w:tblBorders>"
    widths = f'<w:gridCol w:w="{WIDTH // columns}"/>' * columns
    inner = "".join(
        f"<w:tr>{''.join(_word_cell(row[c], WIDTH // columns) for c in sorted(row))}</w:tr>" for row in rows
    )
    properties = f'<w:tblPr><w:tblW w:w="0" w:type="auto"/>{ruled}</w:tblPr>'
    return f"<w:tbl>{properties}<w:tblGrid>{widths}</w:tblGrid>{inner}</w:tbl><w:p/>"


def _word_cell(place: Place, width: int) -> str:
    if place.kind == "left":
        return ""
    across = f'<w:gridSpan w:val="{place.columns}"/>' if place.columns > 1 else ""
    down = "<w:vMerge/>" if place.kind == "up" else '<w:vMerge w:val="restart"/>' if place.rows > 1 else ""
    told = _paragraph(place.cell) if place.kind == "own" else "<w:p/>"
    size = f'<w:tcW w:w="{width * place.columns}" w:type="dxa"/>'
    return f"<w:tc><w:tcPr>{size}{across}{down}</w:tcPr>{told}</w:tc>"


# ---- Excel -------------------------------------------------------------------------------------------------------------


def xlsx(body: str) -> bytes:
    book = Workbook()
    sheet, r = book.active, 1
    for part in tree(body):
        if part.tag != "table":
            _put(sheet, r, 1, part)
            r += 1
            continue
        for row in grid(part):
            for c, place in row.items():
                if place.kind == "own":
                    _put(sheet, r, c + 1, place.cell)
                    if place.columns > 1 or place.rows > 1:
                        sheet.merge_cells(None, r, c + 1, r + place.rows - 1, c + place.columns)
            r += 1
        r += 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(sheet: Any, r: int, c: int, element: Any) -> None:
    cell = sheet.cell(r, c)
    kept = [(text, marks) for text, marks in runs(element) if "del" not in marks]
    number = element.get("num")
    if number:
        cell.value = float(number) if "." in number else int(number)
    elif kept and all("s" in marks for _, marks in kept):
        cell.value, cell.font = "".join(text for text, _ in kept), Font(strike=True)
    elif any("s" in marks for _, marks in kept):
        cell.value = CellRichText(*(TextBlock(InlineFont(strike="s" in marks), text) for text, marks in kept))
    elif kept:
        cell.value = "".join(text for text, _ in kept)
    if element.get("style") == "date":
        cell.number_format = DAY.get(number or "", "dd/mm/yyyy")
    if element.get("hidden"):
        sheet.column_dimensions[cell.column_letter].hidden = True


# ---- text --------------------------------------------------------------------------------------------------------------


def page(body: str) -> bytes:
    return f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def plain(body: str) -> bytes:
    lines: list[str] = []
    for part in tree(body):
        if part.tag == "table":
            lines += ["\t".join(_told(row[c]).replace("\n", " ") for c in sorted(row)) for row in grid(part)]
        else:
            lines += "".join(text for text, _ in runs(part)).split("\n")
    return ("\n".join(lines) + "\n").encode()


def _told(place: Place) -> str:
    return "".join(text for text, _ in runs(place.cell)) if place.kind == "own" else ""
