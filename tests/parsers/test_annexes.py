"""A table below a heading that names another office is that office's; a heading that names a kind of office alone owns nothing."""

from __future__ import annotations

import pytest

from parsers.annexes import Annex
from tests.parsers.reports import TITLE, WINDOW, codes, read


@pytest.mark.parametrize(
    ("heading", "owner"),
    [
        ("Biểu: Tình hình giải quyết TTHC của UBND huyện Đại Từ", "UBND huyện Đại Từ"),
        ("Bảng 1. Kết quả của Sở Tài chính trong tuần", "Sở Tài chính"),
        ("Phụ lục: Kết quả của UBND phường Hòa Bình", "UBND phường Hòa Bình"),
        ("Biểu tổng hợp của UBND huyện", ""),
        ("Kết quả của Sở Tài chính", ""),
    ],
)
def test_the_office_a_heading_names_owns_the_table_below(heading: str, owner: str) -> None:
    annex = Annex()
    annex.hear(heading)
    assert annex.owner == owner


@pytest.mark.parametrize(
    ("letterhead", "heading", "doubted"),
    [
        ("SỞ CÔNG THƯƠNG", "Kết quả tại UBND huyện Đại Từ:", True),
        ("SỞ CÔNG THƯƠNG", "I. KẾT QUẢ GIẢI QUYẾT TTHC CỦA UBND HUYỆN ĐẠI TỪ", True),
        ("SỞ CÔNG THƯƠNG", "Kết quả tại Trung tâm Phục vụ hành chính công tỉnh:", False),
        ("SỞ CÔNG THƯƠNG", "Kết quả thực hiện Kế hoạch của UBND tỉnh Thái Nguyên:", False),
        ("SỞ CÔNG THƯƠNG", "Kết quả giải quyết TTHC của Sở Công Thương:", False),
        ("ỦY BAN NHÂN DÂN\nHUYỆN ĐẠI TỪ", "Kết quả tại UBND huyện Đại Từ:", False),
        ("ỦY BAN NHÂN DÂN\nHUYỆN ĐẠI TỪ", "Kết quả của UBND các xã, thị trấn:", False),
    ],
)
def test_lines_below_a_heading_that_names_another_office_are_that_offices(
    letterhead: str, heading: str, doubted: bool
) -> None:
    (report,) = read(letterhead, TITLE, WINDOW, heading, "- Hồ sơ quá hạn: 2", "- Hồ sơ trả lại (tổ chức, cá nhân): 3")
    assert ("several_agencies" in codes(report)) is doubted


def test_the_next_heading_ends_what_is_another_offices() -> None:
    lines = ("Kết quả tại UBND huyện Đại Từ:", "- Hồ sơ quá hạn: 2", "II. KẾT QUẢ CỦA SỞ", "- Hồ sơ trả lại: 3")
    (report,) = read("SỞ CÔNG THƯƠNG", TITLE, WINDOW, *lines)
    assert [one.figures for one in report.findings if one.code == "several_agencies"] == [("overdue",)]
