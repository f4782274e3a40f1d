"""A sheet's number is read as a person sees it under its format, or it is doubted; the typed value alone is never certain."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import xlwt

from parsers.extract import Hints, extract
from parsers.readers import read_document
from parsers.readers.number_format import seen
from parsers.readers.sheet_values import seen_otherwise
from parsers.values import Document
from tests.parsers.office_builders import ods_of
from tests.parsers.reports import TITLE, WINDOW, flagged, forms

# value, format, what is read of it: its number; "?" a number doubted; None nothing certain
SEEN: list[tuple[float, str, str | None]] = [
    (125, "General", "125"),
    (1250, "#,##0", "1250"),
    (1250, "#,##0.00", "1250"),
    (1250, r"#\ ##0", "1250"),
    (125, '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "125"),
    (0, '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "0"),
    (0, '[=0]"-";0', "0"),
    (125, '0" hồ sơ"', "125"),
    (125, "[Red][>100]#,##0;0", "125"),
    (125, '"khoảng "0', "125?"),
    (125, '0" nghìn"', "125000?"),
    (125, "#,##0 [$₫-42A]", "125?"),
    (125, '0"/"00', "1?"),
    (125000, "#,##0,", None),
    (1250000, "0.0,,", None),
    (125, "0.000", None),
    (125, '0" %"', None),
    (125, '[>100]"nhiều";0', None),
    (125, "dd/mm/yyyy", None),
    (125, "[h]:mm", None),
    (125, '"-"0', None),
    (125, ";;;", "125?"),
    (0, "#,###", "0?"),
    (0, "0;-0;;@", "0?"),
    (0, '0;-0;"không phát sinh"', "nil"),
]
_LABEL = "Tổng số hồ sơ đã tiếp nhận"


def xlsx(value: float, code: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ((TITLE,), (WINDOW,), (_LABEL, value)):
        sheet.append(row)
    sheet["B3"].number_format = code
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xls(value: float, code: str) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row, text in enumerate((TITLE, WINDOW, _LABEL)):
        sheet.write(row, 0, text)
    sheet.write(2, 1, value, xlwt.easyxf(num_format_str=code))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def excel_2003(value: float, code: str) -> bytes:
    quoted = code.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    told = [f'<Row><Cell><Data ss:Type="String">{text}</Data></Cell></Row>' for text in (TITLE, WINDOW)]
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Styles><Style ss:ID="a"><NumberFormat ss:Format="{quoted}"/></Style></Styles><Worksheet ss:Name="S"><Table>'
        f'{"".join(told)}<Row><Cell><Data ss:Type="String">{_LABEL}</Data></Cell><Cell ss:StyleID="a">'
        f'<Data ss:Type="Number">{value}</Data></Cell></Row></Table></Worksheet></Workbook>'
    ).encode()


def received(document: Document) -> str | None:
    """What is read of the one figure: its number or state, with "?" where it is flagged; None where it has neither."""
    (report,) = extract(document, forms(), Hints())
    figure = next(one for one in report.figures if one.key == "received")
    doubted = "?" if "received" in flagged(report) else ""
    if figure.value is None:
        assert doubted or figure.state == "nil"
        return None if doubted else figure.state
    return f"{figure.value}{doubted}"


@pytest.mark.parametrize(
    ("kind", "made", "value", "code", "read"),
    [
        (kind, made, *one)
        for kind, made in (("xlsx", xlsx), ("xls", xls), ("excelxml", excel_2003))
        for one in SEEN
        if kind != "excelxml" or "mm" not in one[1]  # its days and spans of time are typed as such
    ],
)
def test_a_number_is_read_as_it_is_seen_or_doubted(kind, made, value, code, read):
    assert received(read_document(made(value, code), kind)) == read


@pytest.mark.parametrize(
    ("value", "paragraph", "read"),
    [
        ("125", "<text:p>125</text:p>", "125"),
        ("1250", "<text:p>1.250,00</text:p>", "1250"),
        ("1250", "<text:p>1 250</text:p>", "1250"),
        ("0", "<text:p>-</text:p>", "0"),
        ("125", "", "125"),  # a program that only tells the value
        ("125", "<text:p>125 hồ sơ</text:p>", "125"),
        ("125", "<text:p>khoảng 125</text:p>", "125?"),
        ("125000", "<text:p>125</text:p>", None),
        ("1250000", "<text:p>1,3</text:p>", None),
        ("125", "<text:p>125.000</text:p>", None),
        ("125", "<text:p/>", "125?"),
    ],
)
def test_a_number_of_an_opendocument_sheet_is_read_as_it_is_seen_or_doubted(value, paragraph, read):
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>{more}'
        "</table:table-row>"
        for text, more in (
            (TITLE, ""),
            (WINDOW, ""),
            (
                _LABEL,
                f'<table:table-cell office:value-type="float" office:value="{value}">{paragraph}</table:table-cell>',
            ),
        )
    )
    assert received(read_document(ods_of(rows), "ods")) == read


def test_a_sheet_that_shows_no_zeros_hides_them():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ((TITLE,), (WINDOW,), (_LABEL, 0)):
        sheet.append(row)
    sheet.sheet_view.showZeros = False
    out = BytesIO()
    book.save(out)
    old = xlwt.Workbook()
    told = old.add_sheet("S")
    told.show_zero_values = False
    for row, values in enumerate(((TITLE,), (WINDOW,), (_LABEL, 0))):
        for column, value in enumerate(values):
            told.write(row, column, value)
    behind = BytesIO()
    old.save(behind)
    assert received(read_document(out.getvalue(), "xlsx")) == "0?"
    assert received(read_document(behind.getvalue(), "xls")) == "0?"


@pytest.mark.parametrize("code", ['"', "\\", "[", ";", '0"', "[$", "#,##0;[Red", "[>x]0", "*", "_"])
def test_a_broken_format_raises_nothing(code):
    assert seen(Decimal(125), code).kind in ("plain", "text", "hidden")


def test_what_is_seen_of_a_share_is_that_share():
    assert seen_otherwise("95,50%", "95,5%") == seen_otherwise("96%", "95,5%") == ""
    assert seen_otherwise("0,955", "95,5%") == "0,955"
