"""Page → Word of two producers: python-docx, and RTF and HTML written by hand."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from bench.accuracy.page import Cell, Grid, Page, Para

FONT = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Written:
    """How the text of a document becomes characters: a font's name, and what stands for each text (old encodings)."""

    font: str = FONT

    def __call__(self, text: str) -> str:
        return text

    def face(self, text: str) -> str:
        """The font of one run; old fonts had a second one for capitals."""
        del text
        return self.font


PLAIN = Written()


def docx(page: Page, written: Written = PLAIN) -> bytes:
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = written.font, Pt(13)
    for section in document.sections:
        section.left_margin, section.right_margin = Cm(3), Cm(2)
        section.top_margin = section.bottom_margin = Cm(2)
    for block in page.blocks:
        if isinstance(block, Para):
            _para(document.add_paragraph(), block.text, written, bold=block.bold, centred=block.centred)
        else:
            _table(document, block, written)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _para(target: object, text: str, written: Written, *, bold: bool, centred: bool) -> None:
    target.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
    run = target.add_run(written(text))
    run.bold, run.font.name = bold, written.face(text)


def _table(document: object, grid: Grid, written: Written) -> None:
    table = document.add_table(rows=len(grid.rows), cols=grid.columns)
    if grid.ruled:
        table.style = "Table Grid"
    rows = [row.cells for row in table.rows]
    for r, row in enumerate(grid.rows):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            target = rows[r][c]
            if cell.columns > 1 or cell.rows > 1:
                target = target.merge(rows[r + cell.rows - 1][c + cell.columns - 1])
            _fill(target, cell, written, size=None if grid.ruled else 12)
    for c, share in enumerate(grid.widths):
        for row in rows:
            row[c].width = Cm(16 * share)


def _fill(target: object, cell: Cell, written: Written, size: int | None) -> None:
    for n, line in enumerate(cell.text.split("\n")):
        para = target.paragraphs[0] if n == 0 else target.add_paragraph()
        _para(para, line, written, bold=cell.bold, centred=size is not None)
        if size:  # a letterhead: smaller, so that its lines do not break
            para.runs[0].font.size = Pt(size)


# ---- RTF, as Word and WordPad write it ----------------------------------------------------------------------------------


def rtf(page: Page, written: Written = PLAIN, *, bytes_of_font: bool = False) -> bytes:
    """``bytes_of_font``: characters above 127 as \\'hh, as old fonts were saved; else as \\u."""

    def text(of: str) -> str:
        return "".join(_rtf_char(c, as_bytes=bytes_of_font) for c in written(of))

    out = [
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 " + written.font + r";}}\viewkind4\uc1\f0\fs26"
    ]
    for block in page.blocks:
        if isinstance(block, Para):
            look = r"\qc" if block.centred else r"\ql"
            bold = r"\b " if block.bold else " "
            out.append(rf"\pard{look}{{{bold}{text(block.text)}}}\par")
        else:
            out += _rtf_table(block, text)
    return ("\r\n".join(out) + "\r\n}").encode("ascii")


def _rtf_char(char: str, *, as_bytes: bool) -> str:
    if char in "\\{}":
        return "\\" + char
    if char == "\n":
        return r"\line "
    if char == "\t":
        return r"\tab "
    if ord(char) < 128:
        return char
    if as_bytes:
        return rf"\'{char.encode('cp1252', 'latin-1-through')[0]:02x}"
    return rf"\u{ord(char)}?"


def _rtf_table(grid: Grid, text: object) -> list[str]:
    out, total = [], 9000
    shares = grid.widths or [1 / grid.columns] * grid.columns
    down: dict[int, int] = {}
    for row in grid.rows:
        cells = [r"\trowd\trgaph70"]
        edge = 0.0
        contents = []
        across = 0
        for c in range(grid.columns):
            cell = row[c] if c < len(row) else None
            edge += shares[c] * total
            merge = ""
            if cell is not None:
                across = cell.columns - 1
                merge += r"\clmgf" if cell.columns > 1 else ""
                merge += r"\clvmgf" if cell.rows > 1 else ""
                down.update({c + k: cell.rows - 1 for k in range(cell.columns)})
            elif across:
                merge, across = r"\clmrg", across - 1
            elif down.get(c):
                merge, down[c] = r"\clvmrg", down[c] - 1
            border = r"\clbrdrt\brdrs\clbrdrl\brdrs\clbrdrb\brdrs\clbrdrr\brdrs" if grid.ruled else ""
            cells.append(f"{merge}{border}\\cellx{int(edge)}")
            inner = text(cell.text) if cell else ""
            contents.append(rf"\pard\intbl {inner}\cell")
        out += ["".join(cells), *contents, r"\row"]
    return out


# ---- HTML, as Word, Excel and web mail save it -----------------------------------------------------------------------------


def markup(page: Page, *, charset: str = "utf-8", written: Written = PLAIN, excel: bool = False) -> str:
    """The HTML itself; ``charset`` is only what it says of itself."""
    space = "excel" if excel else "word"
    out = [
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:{space}">',
        f'<head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head>',
        f"<body style=\"font-family:'{written.font}'\">",
    ]
    for block in page.blocks:
        if isinstance(block, Para):
            look = ' align="center"' if block.centred else ""
            inner = html.escape(written(block.text)) or "&nbsp;"
            inner = f"<b>{inner}</b>" if block.bold else inner
            out.append(f'<p{look}><font face="{written.font}">{inner}</font></p>')
        else:
            out += _html_table(block, written)
    return "\r\n".join([*out, "</body></html>"])


def _html_table(grid: Grid, written: Written) -> list[str]:
    out = [f'<table border="{1 if grid.ruled else 0}" cellspacing="0">']
    for row in grid.rows:
        out.append("<tr>")
        for cell in row:
            if cell is None:
                continue
            span = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
            span += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
            inner = "<br>".join(html.escape(written(line)) for line in cell.text.split("\n")) or "&nbsp;"
            out.append(f'<td{span}><font face="{written.font}">{inner}</font></td>')
        out.append("</tr>")
    return [*out, "</table>"]
