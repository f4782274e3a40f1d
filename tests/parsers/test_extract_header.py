"""Whose report, its number and date, its window, who signed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.parsers.reports import TITLE, WINDOW, Hints, codes, corpus, read, table

MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n---------------"
LINE = "- Hồ sơ quá hạn: 2"
VHTTDL = "SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH"


def report(*parts, hints: Hints | None = None, kind: str = "docx", images: int = 0):
    (found,) = read(*parts, hints=hints, kind=kind, images=images)
    return found


@pytest.mark.parametrize(
    ("rows", "below"),
    [
        (
            "UBND TỈNH MẪU | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ VĂN HÓA, THỂ THAO | Độc lập - Tự do - Hạnh phúc\nVÀ DU LỊCH |",
            "",
        ),
        (
            "UBND TỈNH MẪU | CỘNG HÒA XÃ HỘI CHỦ NGHĨA\nSỞ VĂN HÓA, THỂ THAO | VIỆT NAM\nVÀ DU LỊCH | Độc lập - Tự do - Hạnh phúc",
            "",
        ),
        (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM | UBND TỈNH MẪU\nĐộc lập - Tự do - Hạnh phúc | SỞ VĂN HÓA, THỂ THAO\n | VÀ DU LỊCH",
            "",
        ),
        (
            "UBND TỈNH MẪU | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ VĂN HÓA, THỂ THAO | Độc lập - Tự do - Hạnh phúc",
            "VÀ DU LỊCH\n",
        ),
    ],
)
def test_a_name_goes_on_over_the_rows_of_the_letterhead(rows: str, below: str) -> None:
    found = report(table(rows), f"{below}SỐ LIỆU TUẦN\n{TITLE}\n{WINDOW}\n{LINE}")
    assert found.agency_text == VHTTDL


@pytest.mark.parametrize(
    ("left", "agency"),
    [
        ("UBND TỈNH MẪU\nSỞ NỘI VỤ\n-------", "SỞ NỘI VỤ"),
        ("ỦY BAN NHÂN DÂN TỈNH MẪU\nSỞ THÔNG TIN VÀ\nTRUYỀN THÔNG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG"),
        ("ỦY BAN NHÂN DÂN\nTỈNH MẪU\nSỞ Y TẾ", "SỞ Y TẾ"),
        ("ỦY BAN NHÂN DÂN\nHUYỆN MẪU LINH", "ỦY BAN NHÂN DÂN HUYỆN MẪU LINH"),
        ("UBND HUYỆN MẪU LINH", "UBND HUYỆN MẪU LINH"),
        ("UBND TỈNH MẪU", "UBND TỈNH MẪU"),
        ("UBND TỈNH MẪU\nVĂN PHÒNG", "VĂN PHÒNG"),
        ("VĂN PHÒNG\nUBND TỈNH", "VĂN PHÒNG UBND TỈNH"),
        ("UBND TỈNH MẪU\nBAN QUẢN LÝ\nCÁC KHU CÔNG NGHIỆP", "BAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP"),
        ("UBND TỈNH MẪU LINH SỞ NỘI VỤ -------", "SỞ NỘI VỤ"),
        ("TỈNH MẪU LINH UBND HUYỆN MẪU NHAI -------", "UBND HUYỆN MẪU NHAI"),
        ("SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ\nHỘI", "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI"),
        ("UBND TỈNH MẪU\nSỞ TƯ PHÁP\nNAM", "SỞ TƯ PHÁP"),
        ("Sở Tài chính", "Sở Tài chính"),
        ("TÊN CƠ QUAN, ĐƠN VỊ\n…..\n--------", ""),
        ("", ""),
    ],
)
def test_the_agency_is_the_last_name_of_the_letterhead(left: str, agency: str) -> None:
    bars = left.replace("\n", "\\n")
    head = table(f"{bars} | {MOTTO.replace(chr(10), chr(92) + 'n')}\nSố: 12/BC-X | Mẫu, ngày 21 tháng 7 năm 2017")
    found = report(head, f"{TITLE}\n{WINDOW}\n{LINE}")
    assert found.agency_text == agency
    assert (found.number, found.date) == ("12/BC-X", date(2017, 7, 21))


@pytest.mark.parametrize(
    ("head", "agency"),
    [
        (f"UBND TỈNH MẪU\nSỞ NỘI VỤ\n{MOTTO}\nSố: 12/BC-SNV", "SỞ NỘI VỤ"),
        ("UBND TỈNH MẪU\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ NỘI VỤ\tĐộc lập - Tự do - Hạnh phúc\nSố: 12/BC-SNV", "SỞ NỘI VỤ"),
        ("UBND TỈNH MẪU          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ NỘI VỤ            Độc lập - Tự do - Hạnh phúc", "SỞ NỘI VỤ"),
        ("UBND TỈNH MẪU\nSỞ NỘI VỤ\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA\nVIỆT NAM\nĐộc lập - Tự do - Hạnh phúc", "SỞ NỘI VỤ"),
        ("UBND TỈNH MẪU\nSỞ TÀI CHÍNH", "SỞ TÀI CHÍNH"),
        ("UBND TỈNH MẪU CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM SỞ VĂN HÓA, THỂ THAO Độc lập - Tự do - Hạnh phúc\nVÀ DU LỊCH", VHTTDL),
        ("UBND TỈNH MẪU CỘNG HÒA XÃ HỘI CHỦ NGHĨA\nSỞ NÔNG NGHIỆP VÀ VIỆT NAM\nPHÁT TRIỂN NÔNG THÔN Độc lập - Tự do - Hạnh phúc",
         "SỞ NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG THÔN"),
        ("ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM HUYỆN MẪU LINH Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN HUYỆN MẪU LINH"),
        ("UBND TỈNH MẪU     CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ VĂN HÓA, THỂ THAO     Độc lập - Tự do - Hạnh phúc VÀ DU LỊCH", VHTTDL),
        ("UBND TỈNH MẪU\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\t\nSỞ VĂN HÓA, THỂ THAO\tĐộc lập - Tự do - Hạnh phúc\t\nVÀ DU LỊCH", VHTTDL),
        ("Kính gửi: Sở Nội vụ\nSở Tài chính xin gửi báo cáo tuần như sau:", ""),
        ("Đơn vị báo cáo: Sở Tài chính", "Sở Tài chính"),
        ("Tên cơ quan, đơn vị: UBND huyện Mẫu Linh", "UBND huyện Mẫu Linh"),
    ],
)  # fmt: skip
def test_letterheads_typed_as_lines(head: str, agency: str) -> None:
    assert report(f"{head}\n{TITLE}\n{WINDOW}\n{LINE}").agency_text == agency


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Số: 123/BC-SNV", "123/BC-SNV"),
        ("Số 123 /BC-SNV", "123/BC-SNV"),
        ("Số: 12/2017/BC-UBND", "12/2017/BC-UBND"),
        ("Số: 05a/BC-STTTT", "05a/BC-STTTT"),
        ("Số:       /BC-SNV", ""),
        ("Số: ……/BC-…", ""),
    ],
)
def test_numbers_and_their_blanks(line: str, number: str) -> None:
    assert report(f"SỞ NỘI VỤ\n{line}\n{TITLE}\n{WINDOW}\n{LINE}").number == number


def test_a_number_quoted_in_the_body_is_not_the_reports() -> None:
    assert report(f"SỞ NỘI VỤ\n{TITLE}\n{WINDOW}\n{LINE}\nIV. Đánh giá: theo Kế hoạch Số: 121/KH-UBND").number == ""


def test_the_window_takes_its_year_from_the_date_line_or_the_day_of_receipt() -> None:
    without = "(Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7)"
    dated = report(f"Mẫu, ngày 21 tháng 7 năm 2017\n{TITLE}\n{without}\n{LINE}")
    assert (dated.window.start, dated.window.end, dated.window.week) == (date(2017, 7, 14), date(2017, 7, 20), "29")
    received = report(f"{TITLE}\n{without}\n{LINE}", hints=Hints(received=date(2018, 7, 20)))
    assert received.window.start == date(2018, 7, 14)
    assert received.window.text == "Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7"
    nobody = report(f"{TITLE}\n{without}\n{LINE}")
    assert (nobody.window.start, nobody.window.week) == (None, "29")


def test_subject_and_file_name_only_fill_what_the_document_leaves_open() -> None:
    hints = Hints(subject="Báo cáo tuần 30 (21/7-27/7/2017)", name="x.docx", received=date(2017, 7, 28))
    assert report(f"{TITLE}\n{WINDOW}\n{LINE}", hints=hints).window.start == date(2017, 7, 14)
    assert report(f"{TITLE}\n{LINE}", hints=hints).window.start == date(2017, 7, 21)
    named = Hints(name="BC_tuan_30_tu_21-7_den_27-7-2017.docx", received=date(2017, 7, 28))
    assert report(f"{TITLE}\n{LINE}", hints=named).window.end == date(2017, 7, 27)


def test_a_report_without_any_window_is_asked_for_it() -> None:
    assert "W23" in codes(report(f"{TITLE}\n{LINE}"))


@pytest.mark.parametrize(
    ("title", "hints", "month"),
    [
        ("BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017", Hints(), "2017-07"),
        ("BÁO CÁO KẾT QUẢ CÔNG TÁC CCHC THÁNG 7 NĂM 2017", Hints(), "2017-07"),
        ("BÁO CÁO\nCông tác cải cách hành chính tháng .../2017", Hints(subject="Bao cao CCHC thang 7/2017"), "2017-07"),
        ("BÁO CÁO\nCông tác cải cách hành chính tháng 7", Hints(received=date(2017, 7, 28)), "2017-07"),
        ("BÁO CÁO\nCông tác cải cách hành chính tháng …", Hints(name="BC_CCHC_thang_7.2017.docx"), "2017-07"),
    ],
)
def test_the_stated_month_of_a_monthly_report(title: str, hints: Hints, month: str) -> None:
    found = report(f"{title}\n- Tổng số hồ sơ đã tiếp nhận: 125", hints=hints)
    assert (found.type, found.window.month) == ("monthly", month)


def test_a_monthly_report_may_also_state_days() -> None:
    found = report(
        "BÁO CÁO CÔNG TÁC CCHC THÁNG 7/2017\n(từ ngày 15/6 đến ngày 14/7/2017)\n- Tổng số hồ sơ đã tiếp nhận: 125"
    )
    assert (found.window.month, found.window.start, found.window.end) == (
        "2017-07",
        date(2017, 6, 15),
        date(2017, 7, 14),
    )


@pytest.mark.parametrize(
    ("foot", "images", "expected"),
    [
        ("Nơi nhận:\n- Sở Nội vụ;\nGIÁM ĐỐC\nNguyễn Văn An", 1, ("Nguyễn Văn An", "GIÁM ĐỐC", "image")),
        ("KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\nTrần Thị Bình", 0, ("Trần Thị Bình", "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC", "none")),
        ("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n(Đã ký)\nLê Văn Cường", 0, ("Lê Văn Cường", "TM. ỦY BAN NHÂN DÂN, CHỦ TỊCH", "unknown")),
        ("GIÁM ĐỐC\nKý bởi: Sở Nội vụ\nThời gian ký: 21/7/2017 09:00:00\nNguyễn Văn An", 0, ("Nguyễn Văn An", "GIÁM ĐỐC", "digital")),
        ("Lãnh đạo cơ quan, đơn vị\n(ký tên, đóng dấu)", 0, ("", "Lãnh đạo cơ quan, đơn vị", "none")),
        ("", 0, ("", "", "unknown")),
    ],
)  # fmt: skip
def test_who_signed(foot: str, images: int, expected: tuple[str, str, str]) -> None:
    signature = report(f"{TITLE}\n{WINDOW}\n{LINE}\n{foot}", images=images).signature
    assert (signature.name, signature.title, signature.state) == expected


def test_a_signature_in_a_table_is_read_down_its_column_and_ends_the_last_text() -> None:
    foot = table("Nơi nhận:\\n- Sở Nội vụ;\\n- Lưu: VT. | KT. GIÁM ĐỐC\\nPHÓ GIÁM ĐỐC\\n\\nNguyễn Văn An")
    found = report(f"{TITLE}\n{WINDOW}\n{LINE}\nIV. Đánh giá: tốt", foot)
    assert (found.signature.name, found.signature.title) == ("Nguyễn Văn An", "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC")
    assert dict(found.texts) == {"assessment": "tốt"}


def test_leaders_who_are_only_mentioned_do_not_end_the_report() -> None:
    found = report(
        f"{TITLE}\n{WINDOW}\n{LINE}\nIV. Đánh giá: tốt\nLãnh đạo Sở quan tâm chỉ đạo công tác cải cách hành chính.\nHết."
    )
    assert dict(found.texts)["assessment"].endswith("Hết.")


def test_a_missing_signature_is_only_worth_a_note() -> None:
    found = report(corpus("weekly_filled.txt"))
    (note,) = [finding for finding in found.findings if finding.code == "W09"]
    assert note.severity == "info"


@pytest.mark.parametrize(
    "head",
    [
        "TỈNH MẪU\nSỞ NỘI VỤ\n-------\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT\nNAM\nĐộc lập - Tự do - Hạnh phúc",
        "UBND TỈNH\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT\nSỞ NỘI VỤ\tNAM",
        "UBND TỈNH MẪU CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT\nSỞ NỘI VỤ NAM",
    ],
)
def test_a_motto_whose_last_word_fell_to_the_next_line_is_no_part_of_the_agency(head):
    (report,) = read(f"{head}\n{TITLE}\n{WINDOW}\n- Tổng số hồ sơ đã tiếp nhận: 125")
    assert report.agency_text == "SỞ NỘI VỤ"
