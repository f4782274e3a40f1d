"""Reports under a heading of a quarter, of months or a year: never taken for the week's by their labels alone."""

from __future__ import annotations

import hashlib

import pytest

from parsers.extract import Hints, extract
from parsers.part import read_part
from parsers.values import Leaf
from tests.parsers.reports import document, forms

FIGURES = """7. Thực hiện giải quyết TTHC theo cơ chế một cửa, một cửa liên thông:
- Tổng số hồ sơ đã tiếp nhận: 16.250
- Tổng số hồ sơ đã giải quyết: 16.150
- Hồ sơ trả đúng hạn: 15.950
- Hồ sơ quá hạn: 200
- Hồ sơ trả lại (tổ chức, cá nhân): 100
"""
LETTERHEAD = "SỞ TÀI CHÍNH\nSố: 12/BC-STC\nThái Nguyên, ngày 20 tháng 7 năm 2017\n"


def doubted(heading: str, as_form: str | None = None, letterhead: str = LETTERHEAD) -> list[bool]:
    found = extract(document(f"{letterhead}{heading}\n{FIGURES}"), forms(), Hints(), as_form)
    return [any(one.code == "other_span" for one in report.findings) for report in found]


@pytest.mark.parametrize(
    "heading",
    [
        "BÁO CÁO\nCông tác cải cách hành chính quý II năm 2017",
        "BÁO CÁO\nCông tác cải cách hành chính 6 tháng đầu năm 2017, nhiệm vụ 6 tháng cuối năm",
        "BÁO CÁO\nvề công tác cải cách hành chính 9 tháng năm 2017",
        "BÁO CÁO\nCông tác cải cách hành chính năm 2017",
        "BÁO CÁO SƠ KẾT\nCông tác CCHC sáu tháng đầu năm",
        "BÁO CÁO CÔNG TÁC CẢI CÁCH HÀNH CHÍNH\nQuý II/2017",
        "BÁO CÁO\nKết quả giải quyết TTHC tháng 7/2017",
        "BÁO CÁO TỔNG KẾT NĂM 2017",
    ],
)
def test_a_report_of_another_span_is_doubted(heading: str):
    assert doubted(heading) == [True]


@pytest.mark.parametrize(
    "heading",
    [
        "BÁO CÁO\nKết quả công tác cải cách hành chính",
        "BÁO CÁO NHANH\nCông tác CCHC tuần 29 tháng 7/2017",
        "BÁO CÁO\nCông tác cải cách hành chính (từ ngày 14/7 đến ngày 20/7/2017)",
        "BÁO CÁO\nKết quả giải quyết TTHC\n(Thái Nguyên, ngày 20 tháng 7 năm 2017)",
        "BÁO CÁO\nKết quả thực hiện Kế hoạch số 121/KH-UBND ngày 19/7/2017",
        "",
    ],
)
def test_a_report_that_names_no_other_span_is_not(heading: str):
    assert doubted(heading) == [False]


def test_a_report_with_its_title_and_one_read_under_a_form_asked_for_are_not():
    assert doubted("BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017") == [False]
    assert doubted("BÁO CÁO\nCông tác cải cách hành chính quý II năm 2017", "weekly") == [False]


def test_the_part_waits_for_a_person_and_its_figures_are_flagged():
    text = f"{LETTERHEAD}BÁO CÁO\nCông tác cải cách hành chính quý II năm 2017\n{FIGURES}"
    data = text.encode()
    leaf = Leaf(("1",), "BC.txt", "text/plain", "utf-8", data, hashlib.sha256(data).hexdigest(), "attachment")
    (part,) = read_part(leaf, forms(), Hints())
    assert (part.outcome, part.reason) == ("needs_review", "ambiguous_period")
    (report,) = part.reports
    (told,) = [one for one in report.findings if one.code == "other_span"]
    assert set(report.core) <= set(told.figures)
    assert "quý II năm 2017" in told.message
