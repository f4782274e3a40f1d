"""A raised digit is the mark of a note: "125" with a small 1 above the line is 125 in every format, and never 1251."""

from __future__ import annotations

import struct
from io import BytesIO

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from parsers.extract import Hints, extract
from parsers.readers import read_document
from parsers.readers.doc_looks import letters
from parsers.readers.raised import raised
from tests.parsers.document_builders import docx_of, paragraph, pdf_of, run
from tests.parsers.office_builders import ods_of, odt_of, rtf_of, rtf_text
from tests.parsers.reports import TITLE, WINDOW, flagged, forms, stated

LABEL = "Tổng số hồ sơ đã tiếp nhận"


def docx() -> bytes:
    mark = run("<w:t>1</w:t>", '<w:vertAlign w:val="superscript"/>')
    return docx_of(paragraph(TITLE) + paragraph(WINDOW) + f"<w:p>{run(f'<w:t>{LABEL}: 125</w:t>')}{mark}</w:p>")


def odt() -> bytes:
    styles = (
        '<office:automatic-styles><style:style style:name="T" style:family="text">'
        '<style:text-properties style:text-position="super 58%"/></style:style></office:automatic-styles>'
    )
    lines = "".join(f"<text:p>{text}</text:p>" for text in (TITLE, WINDOW))
    return odt_of(f'{lines}<text:p>{LABEL}: 125<text:span text:style-name="T">1</text:span></text:p>', styles)


def rtf() -> bytes:
    lines = "".join(rf"{rtf_text(text)}\par " for text in (TITLE, WINDOW))
    return rtf_of(rf"{lines}{rtf_text(LABEL)}: 125{{\super 1}}\par ")


def html() -> bytes:
    lines = "".join(f"<p>{text}</p>" for text in (TITLE, WINDOW, f"{LABEL}: 125<sup>1</sup>"))
    return f"<html><meta charset='utf-8'>{lines}</html>".encode()


def ods() -> bytes:
    styles = (
        '<office:automatic-styles><style:style style:name="T" style:family="text">'
        '<style:text-properties style:text-position="super 58%"/></style:style></office:automatic-styles>'
    )
    value = '<text:p>125<text:span text:style-name="T">1</text:span></text:p>'
    cells = [(f"<text:p>{text}</text:p>",) for text in (TITLE, WINDOW)] + [(f"<text:p>{LABEL}</text:p>", value)]
    rows = (
        "".join(f'<table:table-cell office:value-type="string">{text}</table:table-cell>' for text in row)
        for row in cells
    )
    return ods_of("".join(f"<table:table-row>{row}</table:table-row>" for row in rows), styles)


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ((TITLE,), (WINDOW,), (LABEL,)):
        sheet.append(row)
    sheet["B3"] = CellRichText("125", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("made", [docx, odt, rtf, html, ods, xlsx], ids=lambda made: made.__name__)
def test_the_mark_of_a_note_is_no_digit_of_the_figure_before_it(made):
    (report,) = extract(read_document(made(), made.__name__), forms(), Hints())
    assert stated(report)["received"] == 125
    assert "received" not in flagged(report)


def pdf(drawn: str) -> str:
    found = read_document(pdf_of(f"BT /F1 12 Tf 72 700 Td {drawn} ET".encode(), "/Font << /F1 << /Type /Font "
        "/Subtype /Type1 /BaseFont /Times-Roman >> >>"), "pdf")  # fmt: skip
    return found.blocks[0].text


def test_small_digits_above_the_line_of_a_page_are_raised_ones():
    assert pdf("(Tong so: 125) Tj /F1 7 Tf 5 Ts (12) Tj") == "Tong so: 125¹²"
    assert pdf("(Tong so: 125) Tj /F1 11 Tf 0 Ts (12) Tj") == "Tong so: 12512"


def test_a_word_97_run_says_that_it_is_raised():
    assert letters(struct.pack("<HB", 0x2A48, 1)).above
    assert not letters(struct.pack("<HB", 0x2A48, 2)).above


def test_a_white_number_beside_a_figure_is_no_digit_of_it():
    white = run("<w:t>152</w:t>", '<w:color w:val="FFFFFF"/>')
    data = docx_of(
        paragraph(TITLE)
        + paragraph(WINDOW)
        + f"<w:p>{run(f'<w:t>{LABEL}: </w:t>')}{white}{run('<w:t>125</w:t>')}</w:p>"
    )
    (report,) = extract(read_document(data, "docx"), forms(), Hints())
    assert "received" in flagged(report)


def test_a_fraction_set_as_a_formula_is_no_one_number():
    formula = (
        '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:f><m:num><m:r><m:t>125</m:t></m:r></m:num>'
        "<m:den><m:r><m:t>130</m:t></m:r></m:den></m:f></m:oMath>"
    )
    data = docx_of(paragraph(TITLE) + paragraph(WINDOW) + f"<w:p>{run(f'<w:t>{LABEL}: </w:t>')}{formula}</w:p>")
    (report,) = extract(read_document(data, "docx"), forms(), Hints())
    assert stated(report)["received"] == 125
    assert "received" in flagged(report)


def test_letters_stay_as_they_are_and_old_fonts_keep_them():
    assert raised("a2", ".VnTime") == ("a2", ".VnTime")
    assert raised("2", ".VnTime") == ("²", "")
