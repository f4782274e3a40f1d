"""One table for several agencies: no figure of one is ever given to another without a warning."""

from __future__ import annotations

import hashlib
from html import escape

import pytest

from parsers.form import load_forms
from parsers.part import read_part
from parsers.values import Hints, Leaf, PartReading

HEAD = ("SỞ NỘI VỤ", "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH", "(từ ngày 14/7 đến ngày 20/7/2017)")
LABELS = (
    "Đơn vị", "Tổng số hồ sơ đã tiếp nhận", "Tổng số hồ sơ đã giải quyết", "Hồ sơ trả đúng hạn", "Hồ sơ quá hạn", "Hồ sơ trả lại",
)  # fmt: skip
OURS = ("Sở Nội vụ", "10", "9", "9", "0", "0")
THEIRS = ("Sở Tài chính", "20", "18", "17", "1", "2")
BOTH = ("Tổng cộng", "30", "27", "26", "1", "2")
CORE = ("received", "resolved", "on_time", "overdue", "returned")
Rows = list[tuple[str, ...]]


def part(rows: Rows, head: tuple[str, ...] = HEAD) -> PartReading:
    lines = "".join(f"<p>{escape(line)}</p>" for line in head)
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    data = f"<html><meta charset=utf-8><body>{lines}<table>{cells}</table></body></html>".encode()
    leaf = Leaf(("1",), "bc.html", "text/html", "utf-8", data, hashlib.sha256(data).hexdigest(), "attachment")
    (found,) = read_part(leaf, load_forms(), Hints("", "bc.html", None))
    return found


def turned(rows: Rows) -> Rows:
    return list(zip(*rows, strict=True))


def values(found: PartReading) -> list[int | None]:
    (report,) = found.reports
    figures = [report.figure(key) for key in CORE]
    return [int(figure.value) if figure and figure.value is not None else None for figure in figures]


@pytest.mark.parametrize("turn", [list, turned], ids=["agencies in rows", "agencies in columns"])
class TestAgenciesSideBySide:
    def test_their_total_is_not_the_senders_alone_and_a_person_looks(self, turn: type) -> None:
        found = part(turn([LABELS, OURS, THEIRS, BOTH]))
        assert (found.outcome, values(found)) == ("needs_review", [30, 27, 26, 1, 2])
        assert set(found.reports[0].findings[0].figures) >= set(CORE)

    def test_the_total_of_offices_below_the_sender_is_the_report(self, turn: type) -> None:
        below = [("Chi cục Văn thư", *OURS[1:]), ("Trung tâm Lưu trữ", *THEIRS[1:])]
        found = part(turn([LABELS, *below, BOTH]))
        assert (found.outcome, values(found)) == ("read", [30, 27, 26, 1, 2])

    def test_without_a_total_a_person_looks(self, turn: type) -> None:
        found = part(turn([LABELS, OURS, THEIRS]))
        assert (found.outcome, found.reason) == ("needs_review", "ambiguous_agency")
        assert values(found) == [None] * 5
        assert "Sở Tài chính" in found.reports[0].findings[0].message

    def test_the_only_one_being_another_agency_a_person_looks(self, turn: type) -> None:
        found = part(turn([LABELS, THEIRS]))
        assert (found.outcome, found.reason) == ("needs_review", "ambiguous_agency")
        assert set(found.reports[0].findings[0].figures) >= set(CORE)

    def test_the_only_one_being_the_sender_is_read(self, turn: type) -> None:
        found = part(turn([LABELS, OURS]))
        assert (found.outcome, values(found)) == ("read", [10, 9, 9, 0, 0])

    def test_without_a_letterhead_the_table_says_whose_it_is(self, turn: type) -> None:
        found = part(turn([LABELS, THEIRS]), HEAD[1:])
        assert (found.outcome, found.reports[0].agency_text) == ("read", "Sở Tài chính")


def test_parts_of_a_district_are_scopes_not_agencies() -> None:
    found = part([("Nội dung", "Tổng số", "Cấp huyện", "Cấp xã"), ("Tổng số hồ sơ đã tiếp nhận", "125", "25", "100")])
    assert (found.outcome, values(found)[0]) == ("read", 125)
