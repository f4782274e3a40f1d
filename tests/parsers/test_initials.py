"""Initials clerks write for words of the form: understood in company, and evidence stays what the sender wrote."""

from __future__ import annotations

import pytest

from parsers.initials import in_company, spelled_cells
from parsers.values import Cell
from tests.parsers.reports import stated, weekly


@pytest.mark.parametrize(
    ("texts", "numbered", "understood"),
    [
        (["TN", "GQ", "ĐH", "QH"], False, True),
        (["HS TN", "HS ĐGQ"], False, True),
        (["Tiếp nhận", "Giải quyết", "ĐH"], False, True),
        (["TN", "ĐH", "CĐ"], False, False),  # "tốt nghiệp", "đại học", "cao đẳng"
        (["ĐH", "QH"], False, False),
        (["Sở TN&MT", "GQ"], False, False),
        (["TN 125, GQ 120"], True, True),
        (["GQ: 120 hs", "TN: 125 hs"], True, True),
        (["Thông tư của Bộ TN, GQ theo quy định"], True, False),  # no number behind
        ([], False, False),
    ],
)
def test_initials_are_understood_in_company_only(texts: list[str], numbered: bool, understood: bool):
    assert in_company(texts, numbered=numbered) is understood


def test_only_headings_and_labels_are_spelled_out():
    rows = [(Cell("Đơn vị"), Cell("TN"), Cell("Đã GQ")), (Cell("Sở TN&MT"), Cell("125"), Cell("120"))]
    told = [[cell.text for cell in row] for row in spelled_cells(rows)]
    assert told == [["Đơn vị", "tiếp nhận", "Đã giải quyết"], ["Sở TN&MT", "125", "120"]]


def test_evidence_and_texts_stay_what_the_sender_wrote():
    report = weekly("TN 125, GQ 120 (ĐH 118, QH 2), trả lại 3", "IV. Đánh giá: ĐH 118/120 là tốt.")
    assert stated(report) == {"received": 125, "resolved": 120, "on_time": 118, "overdue": 2, "returned": 3}
    assert {figure.place.text for figure in report.figures if figure.place} == {
        "TN 125, GQ 120 (ĐH 118, QH 2), trả lại 3"
    }
    assert dict(report.texts)["assessment"] == "ĐH 118/120 là tốt."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1Tổng số hồ sơ đã tiếp nhận: 125", {"received": 125}),
        ("I.1Tổng số hồ sơ đã tiếp nhận\t125", {"received": 125}),
        ("2.1.3Hồ sơ quá hạn\t2", {"overdue": 2}),
    ],
)
def test_a_row_number_that_runs_into_its_label_is_parted_from_it(written: str, read: dict[str, int]):
    report = weekly(written)
    assert stated(report) == read
    assert next(f.place.text for f in report.figures if f.place) == written.strip()
