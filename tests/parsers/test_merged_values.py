"""A value's cell merged over several labels: nobody knows whose figure it is, so it is doubted, in every format that merges cells."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
import xlwt

from parsers.extract import Hints, extract
from parsers.readers import read_document
from parsers.values import Document
from tests.parsers.document_builders import cell, docx_of, paragraph
from tests.parsers.document_builders import table as word_table
from tests.parsers.office_builders import ods_of, odt_of
from tests.parsers.reports import TITLE, WINDOW, flagged, forms, stated

LABELS = ("Tổng số hồ sơ đã tiếp nhận", "Tổng số hồ sơ đã giải quyết", "Hồ sơ trả đúng hạn")


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ((TITLE,), (WINDOW,), (LABELS[0], 125), (LABELS[1],), (LABELS[2], 118)):
        sheet.append(row)
    sheet.merge_cells("B3:B4")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row, text in enumerate((TITLE, WINDOW, *LABELS)):
        sheet.write(row, 0, text)
    sheet.write_merge(2, 3, 1, 1, 125)
    sheet.write(4, 1, 118)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def docx() -> bytes:
    values = (
        cell("125", '<w:vMerge w:val="restart"/>'),
        cell("", "<w:vMerge/>"),
        cell("118"),
    )
    rows = [cell(label) + value for label, value in zip(LABELS, values, strict=True)]
    return docx_of(paragraph(TITLE) + paragraph(WINDOW) + word_table(*rows))


def odt() -> bytes:
    return odt_of(f"<text:p>{TITLE}</text:p><text:p>{WINDOW}</text:p><table:table>{_rows()}</table:table>")


def ods() -> bytes:
    lines = "".join(
        f"<table:table-row><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
        for text in (TITLE, WINDOW)
    )
    return ods_of(lines + _rows())


def html() -> bytes:
    values = ('<td rowspan="2">125</td>', "", "<td>118</td>")
    rows = "".join(f"<tr><td>{label}</td>{value}</tr>" for label, value in zip(LABELS, values, strict=True))
    return f"<html><meta charset='utf-8'><p>{TITLE}</p><p>{WINDOW}</p><table>{rows}</table></html>".encode()


def _rows() -> str:
    values = (
        '<table:table-cell table:number-rows-spanned="2"><text:p>125</text:p></table:table-cell>',
        "<table:covered-table-cell/>",
        "<table:table-cell><text:p>118</text:p></table:table-cell>",
    )
    return "".join(
        f"<table:table-row><table:table-cell><text:p>{label}</text:p></table:table-cell>{value}</table:table-row>"
        for label, value in zip(LABELS, values, strict=True)
    )


@pytest.mark.parametrize("made", [xlsx, xls, docx, odt, ods, html], ids=lambda made: made.__name__)
def test_a_value_merged_over_two_labels_is_doubted_for_both(made):
    document: Document = read_document(made(), made.__name__)
    (report,) = extract(document, forms(), Hints())
    read, flags = stated(report), flagged(report)
    assert read["received"] == 125
    assert {"received", "resolved"} <= flags
    assert read.get("resolved") in (None, "blank")
    assert read["on_time"] == 118
    assert "on_time" not in flags


def test_a_value_merged_below_two_headings_is_doubted():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ((TITLE,), (WINDOW,), ("TT", *LABELS), (1, 125, None, 118)):
        sheet.append(row)
    sheet.merge_cells("B4:C4")
    out = BytesIO()
    book.save(out)
    (report,) = extract(read_document(out.getvalue(), "xlsx"), forms(), Hints())
    assert "received" in flagged(report)
    assert stated(report)["on_time"] == 118
