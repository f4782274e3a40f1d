"""The workbook as the secretariat opens it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from notifier.consolidated import Column, Figure
from notifier.consolidated_book import figure_cell
from notifier.facts import FigureFact
from notifier.facts_of_many import AgencyFigures, LineFact, ReviewFact
from notifier.pen import FILLS
from notifier.workbook import board_workbook, digest_workbook
from tests.notifier.letters import HASH, OFFICE, board, local


def opened(facts):
    return load_workbook(io.BytesIO(digest_workbook(facts, OFFICE, 311, HASH)))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def header_row(sheet):
    return next(n for n, row in enumerate(rows(sheet), start=1) if row[0] == "STT")


@pytest.fixture(scope="module")
def book():
    return opened(board())


def test_there_are_three_sheets(book):
    assert book.sheetnames == ["Bảng tổng hợp", "Số liệu", "Nội dung cần xử lý"]


def test_the_columns_of_the_board_are_those_agreed(book):
    sheet = book["Bảng tổng hợp"]
    assert rows(sheet)[header_row(sheet) - 1] == [
        "STT",
        "Cơ quan, đơn vị",
        "Nhóm",
        "Kết quả",
        "Thời điểm nhận",
        "So với thời hạn (sớm/chậm)",
        "Lần nộp",
        "Số, ký hiệu báo cáo",
        "Nội dung cần kiểm tra",
        "Thư đã gửi",
        "Bản giấy",
        "Kỳ còn thiếu",
        "Đầu mối, điện thoại",
        "Ghi chú",
    ]


def test_receipt_moments_are_real_moments_on_the_offices_clock(book):
    sheet = book["Bảng tổng hợp"]
    cell = sheet.cell(header_row(sheet) + 1, 5)
    assert cell.value == datetime(2017, 7, 21, 8, 0, 7)
    assert cell.number_format == "dd/mm/yyyy hh:mm:ss"
    assert sheet.cell(header_row(sheet) + 1, 6).value == "sớm 1 giờ 59 phút 53 giây"
    assert sheet.cell(header_row(sheet) + 21, 6).value == "chậm 50 phút 09 giây"


def test_who_sent_nothing_has_empty_cells_and_not_noughts(book):
    sheet = book["Bảng tổng hợp"]
    last = [cell.value for cell in sheet[header_row(sheet) + 29]]
    assert last[3] == "Chưa nhận"
    assert last[4:10] == [None] * 6
    assert last[11] == "kỳ ngày 14/7/2017"


def test_agencies_stand_in_protocol_order_with_the_identity_above(book):
    sheet = book["Bảng tổng hợp"]
    names = [row[1] for row in rows(sheet)[header_row(sheet) :]]
    assert names == [line.name for line in board().lines]
    assert sheet["A4"].value.startswith("Phải nộp 29 = 20 đúng hạn + 0 hoàn thiện bổ sung + 03 nộp chậm")


def test_a_figure_nobody_stated_is_missing_and_not_nought(book):
    sheet = book["Số liệu"]
    found = rows(sheet)
    head = found[header_row(sheet) - 1]
    first, without = found[header_row(sheet)], found[header_row(sheet) + 28]
    assert first[head.index("Tổng số hồ sơ đã tiếp nhận")] == 1625
    assert first[head.index("Hồ sơ trả lại")] == "không phát sinh"
    assert first[head.index("Phản ánh, kiến nghị đã giải quyết")] == "bỏ trống"
    assert without[2] == "chưa có"
    assert set(without[3:]) == {"–"}


def test_the_sums_are_the_digests_own_with_their_n_of_e(book):
    sheet = book["Số liệu"]
    found = rows(sheet)
    head = found[header_row(sheet) - 1]
    total, stated = found[-2], found[-1]
    assert (total[1], total[head.index("Tổng số hồ sơ đã tiếp nhận")]) == ("Toàn tỉnh (cộng)", 37375)
    assert stated[head.index("Tổng số hồ sơ đã tiếp nhận")] == "23/29"
    assert (total[head.index("Qua bưu chính công ích")], stated[head.index("Qua bưu chính công ích")]) == ("–", "0/29")


def test_an_approximate_figure_does_not_look_like_a_plain_one(book):
    sheet = book["Số liệu"]
    head = rows(sheet)[header_row(sheet) - 1]
    cell = sheet.cell(header_row(sheet) + 1, head.index("Hồ sơ được giải quyết mức độ 3") + 1)
    assert (cell.value, cell.font.italic) == (120, True)


@pytest.mark.parametrize(("flags", "italic"), [((), False), (("approximate",), True)])
def test_a_share_keeps_its_sign_and_its_hundredths_also_when_it_is_doubted(flags, italic):
    share = FigureFact("share", "Tỷ lệ", value="98.81", flags=flags, percent=True)
    sheet = opened(replace(board(), figures=(AgencyFigures("A", "Sở A", "R", {"share": share}),)))["Số liệu"]
    column = rows(sheet)[header_row(sheet) - 1].index("Tỷ lệ") + 1
    cell = sheet.cell(header_row(sheet) + 1, column)
    assert (cell.value, cell.number_format, cell.font.italic) == (98.81, '0.0#"%"', italic)
    shown = figure_cell(Figure(Decimal("98.81"), "number", 1, flags), Column("share", "Tỷ lệ", "percentage"))
    assert shown == (Decimal("98.81"), "doubt_percent" if flags else "percent"), "the consolidated workbook alike"


def test_what_is_to_be_settled_stands_on_the_third_sheet(book):
    sheet = book["Nội dung cần xử lý"]
    kinds = [row[1] for row in rows(sheet)[header_row(sheet) :]]
    assert kinds == ["Đôn đốc"] * 3 + ["Bổ sung báo cáo"] + ["Xem xét"] * 2


def test_nothing_to_settle_is_said():
    quiet = replace(board(), lines=(), figures=(), review=(), expected=0, classes={})
    sheet = opened(quiet)["Nội dung cần xử lý"]
    assert rows(sheet)[-1][2] == "Không có nội dung cần xử lý."


def test_a_provisional_workbook_says_so_and_accuses_nobody():
    book = opened(replace(board(), provisional=True, set_aside=("17: timeout",), letters_failed=("x",)))
    assert any("SỐ LIỆU TẠM TÍNH" in str(row[0]) for row in rows(book["Bảng tổng hợp"]))
    kinds = [row[1] for row in rows(book["Nội dung cần xử lý"])[7:]]
    assert "Đôn đốc" not in kinds
    said = " ".join(str(cell) for sheet in book for row in rows(sheet) for cell in row)
    assert "Chưa thấy" in said
    assert "Chưa nhận" not in said
    assert "chưa nhận" not in said
    assert {"Thư để riêng", "Thư không gửi được"} <= set(kinds)


@pytest.mark.parametrize(("waiting", "accused"), [(0, True), (1, False)])
def test_whoever_a_mail_waits_of_does_not_look_accused(waiting, accused):
    sheet = opened(replace(board(), lines=(LineFact("A", "Sở A", "missing", waiting=waiting),)))["Bảng tổng hợp"]
    cell = sheet.cell(header_row(sheet) + 1, 4)
    assert (cell.fill.fgColor.rgb[-6:], cell.font.bold) == (FILLS["act" if accused else "calm"], accused)


def test_no_text_from_outside_is_a_formula():
    bad = '=HYPERLINK("http://x","y")'
    facts = replace(
        board(),
        lines=(LineFact("A", bad, "on_time", group="+1", number="@x", note="-1", contact_phone="\t=1"),),
        figures=(AgencyFigures("A", bad, "-r", {"k": FigureFact("k", "=k", "=raw", None, "unknown_state")}),),
        review=(ReviewFact("＝1", "sender_unknown", detail="=1"),),
        difficulties=("\x00=1",),
    )
    for sheet in opened(facts):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").lstrip().startswith(("=", "+", "@", "＝"))


def test_it_prints_on_a4_landscape_with_its_header_on_every_page(book):
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == f"${header_row(sheet)}:${header_row(sheet)}"
        assert sheet.freeze_panes.endswith(str(header_row(sheet) + 1))


def test_the_same_facts_give_the_same_bytes_whenever_they_are_saved():
    assert digest_workbook(board(), OFFICE, 311, HASH) == digest_workbook(board(), OFFICE, 311, HASH)
    assert opened(board()).properties.modified == datetime(2017, 7, 21, 10, 5)


def test_without_a_letter_the_digests_own_place_in_the_log_is_printed():
    book = load_workbook(io.BytesIO(board_workbook(board(), OFFICE)))
    assert f"Nhật ký số 310 · Mã đối chứng: {HASH}" in {row[0] for row in rows(book["Bảng tổng hợp"])}


@pytest.mark.parametrize(
    ("changes", "column", "shown"),
    [
        ({"late_seconds": 0, "received_at": local(21, 10, 0)}, 6, "đúng giờ"),
        ({"paper": "received", "paper_number": "12"}, 11, "Đã nhận 12"),
        ({"paper": "awaited"}, 11, "Chờ bản giấy"),
        ({"due_class": "not_yet_due", "arrived": "on_time"}, 4, "Chưa đến hạn; đã có báo cáo"),
        ({"note": "encrypted"}, 14, "tệp có mật khẩu"),
    ],
)
def test_a_line_tells_what_is_special(changes, column, shown):
    facts = replace(board(), lines=(replace(LineFact("A", "Sở A", "on_time"), **changes),))
    sheet = opened(facts)["Bảng tổng hợp"]
    assert sheet.cell(header_row(sheet) + 1, column).value == shown
