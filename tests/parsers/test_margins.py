"""What stands beside a report: headers and footers, comments; context and contradiction, never a figure."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import openpyxl.comments
import pytest

from parsers.extract import extract
from parsers.form import load_forms
from parsers.readers import read_document
from parsers.readers.sheet_margins import printed
from parsers.sniff import sniff
from parsers.values import Block, Document, Hints, Report
from tests.parsers.document_builders import WEEKLY, cell, docx_of, paragraph, part, relation, table
from tests.parsers.office_builders import ods_of
from tests.parsers.reports import stated

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"
NOTED = sorted(path.name for path in DOCUMENTS.glob("noted*"))
CORE = {"received": 1625, "resolved": 1615, "on_time": 1590, "overdue": 25, "returned": 10}


def report_of(document: Document, hints: Hints | None = None) -> Report:
    (report,) = extract(document, load_forms(), hints or Hints())
    return report


def spoken_against(document: Document) -> set[str]:
    """The figures of which something beside them says another number, or takes them back."""
    return {key for one in report_of(document).findings if one.code == "W13" for key in one.figures}


def named(report: Report) -> dict[str, tuple[str, ...]]:
    return {one.code: one.figures for one in report.findings if one.severity == "warning"}


@pytest.mark.parametrize("name", NOTED)
def test_margins_are_context_and_comments_speak_against_figures(name: str):
    data = (DOCUMENTS / name).read_bytes()
    report = report_of(read_document(data, sniff(data, name).type))
    assert stated(report) == CORE
    assert named(report) == {"margin_figures": ("overdue",), "W13": ("on_time",)}
    assert (report.agency_text, str(report.window.start), str(report.window.end)) == (
        "SỞ NỘI VỤ",
        "2017-07-14",
        "2017-07-20",
    )


def with_margin(text: str, where: str = "header", lines: tuple[str, ...] = WEEKLY) -> Document:
    blocks = [Block(n, line) for n, line in enumerate(lines, 1)]
    return Document("docx", "docx/1", (*blocks, Block(len(blocks) + 1, text, where=where)))  # type: ignore[arg-type]


def test_what_the_report_says_itself_stands_before_its_margins():
    report = report_of(with_margin("SỞ TÀI CHÍNH\nTừ ngày 21/7 đến ngày 27/7 năm 2017\n- Hồ sơ quá hạn: 25"))
    assert (report.agency_text, str(report.window.start), named(report)) == ("SỞ NỘI VỤ", "2017-07-14", {})


def test_a_footer_names_no_agency():
    body = tuple(line for line in WEEKLY if line != "SỞ NỘI VỤ")
    assert report_of(with_margin("SỞ TÀI CHÍNH", "footer", body)).agency_text != "SỞ TÀI CHÍNH"


def test_margins_without_figures_of_the_form_are_no_finding():
    assert named(report_of(with_margin("Trang 2\n\nHồ sơ quá hạn:\nTổng đài: 1900 1234", "footer"))) == {}


def test_a_comment_of_word_is_a_remark_behind_everything():
    comments = part("comments", f'<w:comment w:id="0">{paragraph("Đã xem")}</w:comment>')
    data = docx_of(paragraph("Báo cáo"), {"word/comments.xml": comments}, relation("rId9", "comments", "comments.xml"))
    assert [(block.where, block.text) for block in read_document(data, "docx").blocks] == [
        ("body", "Báo cáo"),
        ("remark", "Đã xem"),
    ]


def noted(words: str, place: str) -> Document:
    """A workbook of the five lines with a note stuck to a cell."""
    labels = (
        "Tổng số hồ sơ đã tiếp nhận",
        "Tổng số hồ sơ đã giải quyết",
        "Hồ sơ trả đúng hạn",
        "Hồ sơ quá hạn",
        "Hồ sơ trả lại",
    )
    book = openpyxl.Workbook()
    for row in (
        ("BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",),
        ("Nội dung", "Kết quả"),
        *zip(labels, (125, 120, 118, 2, 3), strict=True),
    ):
        book.active.append(row)
    book.active[place].comment = openpyxl.comments.Comment(words, "A")
    out = BytesIO()
    book.save(out)
    return read_document(out.getvalue(), "xlsx")


@pytest.mark.parametrize(
    ("words", "cell", "against"),
    [
        ("Sửa thành 152", "B3", {"received"}),
        ("đúng là 152", "A3", {"received"}),
        ("Số liệu phải là 152", "B6", {"overdue"}),
        ("Gồm cả 15 hồ sơ kỳ trước", "B3", set()),
        ("Chưa đối chiếu với phần mềm", "B6", {"overdue"}),
        ("lấy số tuần trước", "A3", {"received"}),
        ("Đã đối chiếu với phần mềm", "B3", set()),
        ("Sửa thành tuần 30", "A1", set()),
    ],
)
def test_a_note_without_a_label_speaks_against_the_figure_of_its_cell(words: str, cell: str, against: set[str]):
    assert spoken_against(noted(words, cell)) == against


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_workbooks_note_knows_its_cell(kind: str):
    data = (DOCUMENTS / f"noted-sheet.{kind}").read_bytes()
    remarks = [block for block in read_document(data, kind).blocks if block.where == "remark"]
    assert [(block.text, block.stuck) for block in remarks] == [("Đính chính: hồ sơ trả đúng hạn: 1.595", (1, 4, 2))]


_ROW = "<table:table-row{}>{}</table:table-row>"
_CELL = '<table:table-cell office:value-type="string"{}>{}<text:p>{}</text:p></table:table-cell>'


def test_rows_and_cells_told_once_and_meant_often_move_a_note():
    note = "<office:annotation><text:p>sửa lại: 9</text:p></office:annotation>"
    empty = '<table:table-cell table:number-columns-repeated="3"/>'
    rows = (
        _ROW.format("", _CELL.format("", "", "a")),
        _ROW.format(' table:number-rows-repeated="4"', _CELL.format("", "", "b")),
        _ROW.format("", empty + _CELL.format("", note, "5")),
    )
    (remark,) = [block for block in read_document(ods_of("".join(rows)), "ods").blocks if block.where == "remark"]
    assert remark.stuck == (1, 6, 4)


def worded(mark: str, notes: str, kind: str) -> Document:
    """A Word file of the five lines in a table, a mark of a note in the row of what was received."""
    figures = ("125", "120", "118", "2", "3")
    rows = [
        cell(line.removeprefix("- ").partition(":")[0])
        + f"<w:tc><w:tcPr/><w:p><w:r><w:t>{value}</w:t></w:r>{mark if value == '125' else ''}</w:p></w:tc>"
        for line, value in zip(WEEKLY[6:], figures, strict=True)
    ]
    body = paragraph("BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH") + table(*rows)
    told = part(kind, f'<w:{kind[:-1]} w:id="2">{paragraph(notes)}</w:{kind[:-1]}>')
    return read_document(docx_of(body, {f"word/{kind}.xml": told}, relation("rId9", kind, f"{kind}.xml")), "docx")


@pytest.mark.parametrize(
    ("kind", "words", "against"),
    [
        ("comments", "Số này phải là 145", {"received"}),
        ("footnotes", "Số liệu chưa bao gồm cấp xã.", {"received"}),
        ("endnotes", "Tạm tính", {"received"}),
        ("footnotes", "Tăng 5 hồ sơ so với tuần trước.", set()),
    ],
)
def test_a_note_of_word_speaks_of_the_row_its_mark_stands_in(kind: str, words: str, against: set[str]):
    mark = f'<w:r><w:{kind[:-1]}Reference w:id="2"/></w:r>'
    assert spoken_against(worded(mark, words, kind)) == against


def test_a_power_of_an_equation_is_no_digit_of_its_base():
    power = (
        "<m:oMath><m:sSup><m:e><m:r><m:t>12</m:t></m:r></m:e><m:sup><m:r><m:t>5</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    assert read_document(docx_of(f"<w:p>{power}</w:p>"), "docx").blocks[0].text == "12⁵"


def test_a_remark_nobody_can_place_speaks_against_every_figure():
    assert named(report_of(with_margin("Sửa thành 152", "remark"))).keys() == {"W13"}
    assert named(report_of(with_margin("Đã xem ngày 20/7", "remark"))) == {}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", ""),
        ("Báo cáo", "Báo cáo"),
        ("&CTrang &P&R&D &T", "Trang"),
        ("&L&K01+000&12 2017 && 2018&C&U&BTên", "2017 & 2018\nTên"),
        ("&L&SHồ sơ quá hạn: 9&S Hồ sơ quá hạn: 8", "Hồ sơ quá hạn: 8"),
        ("&L&SHồ sơ quá hạn: 9", ""),
    ],
)
def test_codes_of_a_sheets_margins_are_no_words(code: str, words: str):
    assert printed(code) == words
