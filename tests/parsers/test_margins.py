"""What stands beside a report: headers and footers, comments; context and contradiction, never a figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.extract import extract
from parsers.form import load_forms
from parsers.readers import read_document
from parsers.readers.sheet_margins import printed
from parsers.sniff import sniff
from parsers.values import Block, Document, Hints, Report
from tests.parsers.document_builders import WEEKLY, docx_of, paragraph, part, relation
from tests.parsers.reports import stated

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"
NOTED = sorted(path.name for path in DOCUMENTS.glob("noted*"))
CORE = {"received": 1625, "resolved": 1615, "on_time": 1590, "overdue": 25, "returned": 10}


def report_of(document: Document, hints: Hints | None = None) -> Report:
    (report,) = extract(document, load_forms(), hints or Hints())
    return report


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
