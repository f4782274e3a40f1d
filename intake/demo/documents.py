"""A ``Paper`` as a file: docx, xlsx, xls, pdf, HTML and plain text, the same bytes every time.

Written with the usual libraries of the other side (python-docx, openpyxl, xlwt, reportlab), never with ours: what the
service reads here was made by strangers. The PDF carries its own font, since the standard ones have no Vietnamese.
"""

from __future__ import annotations

import io
import unicodedata
from html import escape

import docx
import openpyxl
import xlwt
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from font_manrope import Manrope, ManropeBold
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from intake.demo.archives import without_moments
from intake.demo.paper import Line, Paper, texts

_MARGIN = 56  # points
_LEADING = 16  # points
_FONT, _BOLD = "DemoText", "DemoBold"


def as_docx(paper: Paper) -> bytes:
    """The official layout: a letterhead table, the form's lines, a table for receivers and signature."""
    head = texts("mails")["letterhead"]
    document = docx.Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(14)
    document.core_properties.author = ""
    _two_columns(
        document,
        ((paper.agency, f"{head['state']}\n{head['motto']}"), (paper.number, paper.place_date)),
    )
    for text in filter(None, (paper.title, paper.subtitle)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(text).bold = True
    for heading, lines in paper.sections:
        document.add_paragraph().add_run(heading).bold = True
        for line in lines:
            document.add_paragraph(line.text)
    _two_columns(document, ((head["receivers"], f"{paper.signer_title}\n\n\n{paper.signer_name}"),))
    for text in filter(None, paper.footer.split("\n")):
        document.add_paragraph(text)
    return _office(document)


def plain_docx(title: str, lines: tuple[str, ...]) -> bytes:
    """Any other document of an office: a title and paragraphs."""
    document = docx.Document()
    document.add_paragraph().add_run(title).bold = True
    for line in lines:
        document.add_paragraph(line)
    return _office(document)


def table_docx(lines: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Some lines, then a table whose first row is its head."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    return _office(document)


def _two_columns(document: docx.document.Document, rows: tuple[tuple[str, str], ...]) -> None:
    table = document.add_table(rows=0, cols=2)
    for left, right in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = left, right


def _office(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return without_moments(out.getvalue())


def decomposed(paper: Paper) -> Paper:
    """The same paper typed on a system that writes letter and tone apart (NFD)."""

    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    sections = tuple(
        (nfd(heading), tuple(Line(nfd(line.text), line.rows) for line in lines)) for heading, lines in paper.sections
    )
    return Paper(
        nfd(paper.agency),
        paper.number,
        nfd(paper.place_date),
        nfd(paper.title),
        nfd(paper.subtitle),
        sections,
        nfd(paper.signer_title),
        nfd(paper.signer_name),
    )


def sheet_rows(paper: Paper) -> tuple[tuple[str, str, str], ...]:
    """What a sheet shows under its head: number, label, value."""
    rows: list[tuple[str, str, str]] = []
    for heading, lines in paper.sections:
        rows.append(("", heading, ""))
        labelled = [row for line in lines for row in line.rows]
        rows.extend((str(n), label, value) for n, (label, value) in enumerate(labelled, 1))
    return tuple(rows)


def _typed(value: str) -> str | int:
    """A count is a number in the sheet, everything else is text."""
    bare = value.replace(".", "")
    return int(bare) if bare.isdigit() else value


def _head_rows(paper: Paper) -> tuple[str, ...]:
    return (paper.agency, paper.number, paper.place_date, paper.title, paper.subtitle)


def as_xlsx(paper: Paper) -> bytes:
    """One sheet: letterhead lines, then a table of number, label, value."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for text in _head_rows(paper):
        sheet.append([text])
    sheet.append(texts("mails")["letterhead"]["sheet_columns"])
    for number, label, value in sheet_rows(paper):
        sheet.append([number, label, _typed(value)])
    sheet.append(["", "", paper.signer_title])
    sheet.append(["", "", paper.signer_name])
    sheet.column_dimensions["B"].width = 80
    out = io.BytesIO()
    workbook.save(out)
    return without_moments(out.getvalue())


def as_xls(paper: Paper) -> bytes:
    """The same sheet in the format of 1997."""
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("BC")
    rows: list[tuple[str | int, ...]] = [(text,) for text in _head_rows(paper)]
    rows.append(tuple(texts("mails")["letterhead"]["sheet_columns"]))
    rows.extend((number, label, _typed(value)) for number, label, value in sheet_rows(paper))
    rows += [("", "", paper.signer_title), ("", "", paper.signer_name)]
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value != "":
                sheet.write(y, x, value)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def as_pdf(paper: Paper, *, stamp: str = "") -> bytes:
    """A text PDF, one column; with a stamp it is the signed copy."""
    for name, path in ((_FONT, Manrope), (_BOLD, ManropeBold)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, path))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(paper.title)
    bold = {paper.agency, paper.title, paper.subtitle, *(heading for heading, _ in paper.sections)}
    height = A4[1] - _MARGIN
    for text in paper.lines():
        font = _BOLD if text in bold else _FONT
        for piece in simpleSplit(text, font, 11, A4[0] - 2 * _MARGIN) or [""]:
            if height < _MARGIN:
                canvas.showPage()
                height = A4[1] - _MARGIN
            canvas.setFont(font, 11)
            canvas.drawString(_MARGIN, height, piece)
            height -= _LEADING
    if stamp:
        canvas.setStrokeColorRGB(0.8, 0, 0)
        canvas.circle(A4[0] - 130, height + 40, 40)
        canvas.setFont(_FONT, 9)
        canvas.drawString(A4[0] - 155, height + 36, stamp)
    canvas.save()
    return out.getvalue()


def as_text(paper: Paper) -> str:
    """For the body of a mail."""
    return "\n".join(paper.lines()) + "\n"


def as_html(paper: Paper) -> str:
    """For the body of a mail written in a web mailer: the letterhead, then a table."""
    rows = "".join(
        f"<tr><td>{escape(n)}</td><td>{escape(label)}</td><td>{escape(value)}</td></tr>"
        for n, label, value in sheet_rows(paper)
    )
    head = "".join(f"<p>{escape(text)}</p>" for text in _head_rows(paper))
    sign = f"<p>{escape(paper.signer_title)}</p><p>{escape(paper.signer_name)}</p>"
    return f'<html><body>{head}<table border="1">{rows}</table>{sign}</body></html>'
