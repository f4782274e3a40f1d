"""The smallest documents that say something: what the warm worker reads of its own (``parsers.rehearsal``).

Rules:

1. They hold what their readers look at, so that nothing is done for the first time when a stranger's is read: formats, strings, figures,
   merged cells.
2. Made here from text: nothing is installed or kept for it. A PDF: ``parsers.sample_pdf``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STYLES = 400_000  # characters of styles, as the larger word processors write them
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_FORMATS = ("General", "0%", "dd/mm/yyyy", "0.0%")

Rows = Sequence[Sequence[str]]


def docx(head: Rows, lines: Sequence[str], foot: Rows) -> bytes:
    """A Word file with these lines between these tables, the last line once more as a table's row."""
    body = _table(head) + "".join(map(_paragraph, lines)) + _table([[lines[-1], "12"]]) + _table(foot)
    part = f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{part}</Types>',
        "_rels/.rels": _relations(officeDocument="word/document.xml"),
        "word/_rels/document.xml.rels": _relations(styles="styles.xml"),
        "word/styles.xml": f'<w:styles xmlns:w="{_WORD}">{" " * _STYLES}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
    }
    return _zipped(files)


def _table(rows: Rows) -> str:
    cells = ["".join(f"<w:tc>{''.join(map(_paragraph, text.splitlines()))}</w:tc>" for text in row) for row in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def xlsx(rows: Rows) -> bytes:
    """A workbook of one sheet: figures as numbers, text shared, the first cell merged over two columns."""
    shared = sorted({text for row in rows for text in row if not text.isdigit()})
    at = {text: n for n, text in enumerate(shared)}
    cells = "".join(
        f'<row r="{r}">{"".join(_xlsx_cell(text, r, c, at) for c, text in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
    )
    own = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(_FORMATS))
    styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(_FORMATS)))
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" ContentType="{_XLSX}.main+xml"/></Types>',
        "_rels/.rels": _relations(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATED}"><sheets><sheet name="1" sheetId="1" r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"),
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}"><numFmts>{own}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">{"".join(f"<si><t>{escape(text)}</t></si>" for text in shared)}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData><mergeCells><mergeCell ref="A3:B3"/></mergeCells></worksheet>',
    }  # fmt: skip
    return _zipped(files)


def _xlsx_cell(text: str, row: int, column: int, shared: Mapping[str, int]) -> str:
    place = f'r="{chr(ord("A") + column)}{row}" s="1"'
    if text.isdigit():
        return f"<c {place}><v>{text}</v></c>".replace('s="1"', 's="0"')
    return f'<c {place} t="s"><v>{shared[text]}</v></c>'


def _relations(**targets: str) -> str:
    items = (
        f'<Relationship Id="{kind}" Type="{_RELATED}/{kind}" Target="{target}"/>' for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(items)}</Relationships>'


def ods(rows: Rows) -> bytes:
    """The same as an OpenDocument spreadsheet."""
    told = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    names = " ".join(f'xmlns:{name}="{_OPEN}:{name}:1.0"' for name in ("office", "table", "text"))
    body = f'<office:body><office:spreadsheet><table:table table:name="1">{told}</table:table></office:spreadsheet></office:body>'
    return _zipped(
        {"mimetype": _ODS, "content.xml": f"<office:document-content {names}>{body}</office:document-content>"}
    )


def _ods_cell(text: str) -> str:
    kind = f'office:value-type="float" office:value="{text}"' if text.isdigit() else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(text)}</text:p></table:table-cell>"


def _zipped(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()
