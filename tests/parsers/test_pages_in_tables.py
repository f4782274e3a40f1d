"""A sheet is a page: title, lines, tables and signature in one grid; counts named in rows and clauses of their own."""

from __future__ import annotations

from datetime import date

import pytest
from viparse.normalize.encodings import get_charmap

from parsers.extract import extract
from parsers.form import load_forms
from parsers.readers.decoding import characters
from parsers.told import line_named
from parsers.values import Block, Cell, Document, Hints, Report, Table

FORMS = load_forms()
WEEKLY = FORMS.pick("weekly", date(2017, 7, 21))
TITLE = "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH"


def sheet(rows: list[list[str]], kind: str = "xlsx") -> Report:
    width = max(map(len, rows))
    cells = tuple(tuple(Cell(text) for text in [*row, *[""] * (width - len(row))]) for row in rows)
    document = Document(kind, f"{kind}/1", (Block(1, table=Table(cells, "Sheet1")),))
    (report,) = extract(document, FORMS, Hints("", "bc.xlsx", date(2017, 7, 21)))
    return report


def values(report: Report) -> dict[str, object]:
    return {f.key: int(f.value) if f.value is not None else f.state for f in report.figures if f.state != "absent"}


def test_a_form_typed_line_by_line_into_a_sheet_is_read_with_its_title_and_letterhead() -> None:
    report = sheet(
        [
            ["SỞ NỘI VỤ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"],
            ["Số: 264/BC-SNV", "Thái Nguyên, ngày 21 tháng 7 năm 2017"],
            [TITLE],
            ["(Từ ngày 14/7/2017 đến ngày 20/7/2017)"],
            ["- Tổng số hồ sơ đã tiếp nhận: 861"],
            ["- Tổng số hồ sơ đã giải quyết: 789"],
            ["Nơi nhận:\n- Sở Nội vụ", "GIÁM ĐỐC\n\nNguyễn Văn An"],
        ]
    )
    assert (report.agency_text, report.number, report.date) == ("SỞ NỘI VỤ", "264/BC-SNV", date(2017, 7, 21))
    assert (report.window.start, report.window.end) == (date(2017, 7, 14), date(2017, 7, 20))
    assert values(report) == {"received": 861, "resolved": 789}
    where = report.figure("resolved").place
    assert (where.row, where.cell) == (6, 1)


def test_a_table_whose_last_row_is_the_signature_is_no_foot() -> None:
    report = sheet(
        [
            [TITLE],
            ["Chỉ tiêu", "Kết quả trong tuần"],
            ["Tổng số hồ sơ tiếp nhận", "75"],
            ["Số hồ sơ đã giải quyết", "70"],
            ["Nơi nhận:\n- Sở Nội vụ", "CHÁNH THANH TRA\n\nTrần Thị Bình"],
        ]
    )
    assert values(report) == {"received": 75, "resolved": 70}
    assert report.figure("received").place.row == 3
    assert report.signature.name == "Trần Thị Bình"


def test_a_row_that_names_a_scope_stays_in_its_table() -> None:
    report = sheet(
        [
            [TITLE],
            ["Chỉ tiêu", "Số lượng"],
            ["Toàn huyện"],
            ["Tổng số hồ sơ tiếp nhận", "100"],
            ["Cấp xã"],
            ["Tổng số hồ sơ tiếp nhận", "60"],
        ]
    )
    assert values(report) == {"received": 100}


@pytest.mark.parametrize("name", ["Hội nghị giao ban, sơ kết", "Số hội nghị giao ban", "Tổ chức hội nghị sơ kết"])
def test_a_count_of_a_text_has_its_row(name: str) -> None:
    rows = [[TITLE], ["Nội dung", "Số lượng"], ["Tổng số hồ sơ tiếp nhận", "100"], [name, "02"], ["Số tin, bài", "10"]]
    assert values(sheet(rows)) == {"received": 100, "meetings_count": 2, "news_count": 10}


@pytest.mark.parametrize("name", ["Số đơn vị được kiểm tra", "Số kiến nghị sau kiểm tra", "Kế hoạch tuyên truyền"])
def test_another_thing_s_name_is_not_a_count_s(name: str) -> None:
    assert line_named(WEEKLY, name) is None


def test_counts_named_clause_by_clause_are_read() -> None:
    line = "- Hội nghị giao ban, sơ kết: 4 cuộc; tuyên truyền: 18 tin, bài; số cuộc kiểm tra: không có"
    report = sheet([[TITLE], ["- Tổng số hồ sơ đã tiếp nhận: 861"], [line]])
    assert values(report) == {"received": 861, "meetings_count": 4, "news_count": 18, "inspections_count": 0}


def test_a_ratio_left_on_its_dots_is_blank() -> None:
    line = "1. Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận: ……/…………"
    report = sheet([[TITLE], ["- Tổng số hồ sơ đã tiếp nhận: 861"], [line]])
    assert values(report) == {"received": 861, "feedback_resolved": "blank", "feedback_received": "blank"}


def test_a_month_s_counts_are_read_from_their_rows() -> None:
    rows = [
        ["BÁO CÁO"],
        ["Công tác cải cách hành chính tháng 7/2017"],
        ["Nội dung", "Số lượng"],
        ["Số văn bản chỉ đạo, điều hành CCHC đã ban hành", "03"],
        ["Số đơn vị được kiểm tra CCHC", "02"],
        ["Số TTHC được rà soát, kiến nghị sửa đổi, bổ sung", "37"],
    ]
    assert values(sheet(rows)) == {"directives_issued_count": 3, "units_inspected": 2, "procedures_reviewed": 37}


def test_an_answer_that_a_full_line_left_to_the_next_is_read() -> None:
    lines = [
        TITLE,
        "- Tổng số hồ sơ đã tiếp nhận: 861",
        "- Số văn bản đi được phát hành dưới dạng điện tử: 404 (bốn trăm linh bốn)/tổng số văn bản đi:",
        "592 (năm trăm chín mươi hai)",
    ]
    document = Document("pdf", "pdf/1", tuple(Block(n, text, page=1) for n, text in enumerate(lines, 1)))
    (report,) = extract(document, FORMS, Hints("", "bc.pdf", date(2017, 7, 21)))
    assert values(report) == {"received": 861, "outgoing_electronic": 404, "outgoing_total": 592}


def test_a_numbered_row_whose_answer_is_missing_answers_nothing() -> None:
    text = f"{TITLE}\n5\tHồ sơ trả lại (tổ chức, cá nhân)\t\n- Tổng số hồ sơ đã tiếp nhận: 861"
    document = Document("txt", "txt/1", (Block(1, text),))
    (report,) = extract(document, FORMS, Hints("", "bc.txt", date(2017, 7, 21)))
    assert values(report) == {"received": 861, "returned": "blank"}


@pytest.mark.parametrize("table", ["viscii", "vps"])
@pytest.mark.parametrize("label", ["", "iso-8859-1", "viscii"])
def test_files_in_viscii_and_vps_are_recognised_by_their_letters(table: str, label: str) -> None:
    text = f"SỞ NỘI VỤ\n{TITLE}\nTổng số hồ sơ đã tiếp nhận trong tuần: 861\nHồ sơ đã giải quyết đúng hạn: 850"
    pairs = {letter: source for source, letter in get_charmap(table).pairs}
    data = "".join(pairs.get(char, char) for char in text).encode("latin-1")
    assert characters(data, label) == (text, True)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (
            "- Hội nghị giao ban, sơ kết; tuyên truyền; số cuộc kiểm tra: 02 hội nghị giao ban; 11 tin, bài; 01 cuộc kiểm tra",
            {"meetings_count": 2, "news_count": 11, "inspections_count": 1},
        ),
        ("- Hội nghị giao ban, sơ kết; tuyên truyền; số cuộc kiểm tra: 02 hội nghị", {"meetings_count": 2}),
        ("- Tuyên truyền: 3 lớp tập huấn; kiểm tra: 2 đoàn", {}),
    ],
)
def test_a_number_of_something_else_is_not_the_count_whose_name_stands_before_it(
    line: str, read: dict[str, int]
) -> None:
    report = sheet([[TITLE], ["- Tổng số hồ sơ đã tiếp nhận: 861"], [line]])
    assert values(report) == {"received": 861, **read}
