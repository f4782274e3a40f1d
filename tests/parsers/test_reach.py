"""What is not looked at is told; a page of which hardly a letter was read is for a person."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from parsers import limits, lines, reach, tables
from parsers.form import load_forms
from parsers.part import read_leaf
from parsers.scan import PageScan, ScannedItem, ScannedLine, ScannedPart
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.reports import TITLE, WINDOW, document, table
from tests.parsers.scan_builders import png

FORMS = load_forms()
HINTS = Hints("", "", None)
ROWS = "Tổng số hồ sơ đã tiếp nhận | 5\nTổng số hồ sơ đã giải quyết | 4\nHồ sơ trả đúng hạn | 4\nHồ sơ quá hạn | 0\nHồ sơ trả lại | 1"


def leaf(data: bytes, name: str) -> Leaf:
    return Leaf(("2",), name, "application/octet-stream", "utf-8", data, hashlib.sha256(data).hexdigest(), "attachment")


def read(text: str) -> PartReading:
    return read_leaf(leaf(text.encode(), "a.txt"), FORMS, HINTS).readings[0]


def told(reading: PartReading) -> tuple[str, str | None, list[str]]:
    return reading.outcome, reading.reason, [one.code for one in reading.findings]


def test_a_text_that_goes_on_beyond_what_is_looked_at_is_never_a_plain_enclosure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "TEXT_MAX", 400)
    assert told(read("Quy định chung.\n" * 5)) == ("enclosure", None, [])
    assert told(read("Quy định chung.\n" * 50)) == ("needs_review", "too_large", ["text_beyond_range"])


def test_a_report_before_the_end_of_what_is_looked_at_is_read_and_says_so(monkeypatch: pytest.MonkeyPatch):
    rows = ROWS.replace(" | ", ": ")
    monkeypatch.setattr(lines, "TEXT_MAX", 600)
    reading = read(f"{TITLE}\n{WINDOW}\n{rows}\n" + "Phụ lục kèm theo.\n" * 50)
    assert told(reading) == ("read", None, ["text_beyond_range"])
    assert reading.reports[0].figure("received").value == 5


def test_rows_and_columns_beyond_are_told_blank_ones_are_not(monkeypatch: pytest.MonkeyPatch):
    rows, wide = table("a | b\n" * 9), table("a | b | c | | |\n1 | 2 | 3 | | |")
    assert not reach.tables_beyond(document(rows, wide))
    monkeypatch.setattr(tables, "ROWS_MAX", 8)
    assert reach.tables_beyond(document(rows))
    monkeypatch.setattr(tables, "COLUMNS_MAX", 3)
    assert not reach.tables_beyond(document(wide))
    monkeypatch.setattr(tables, "COLUMNS_MAX", 2)
    assert reach.tables_beyond(document(wide))


def test_the_cells_of_a_long_table_are_no_lines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "TEXT_MAX", 50)
    assert not reach.lines_beyond(document(table("tiếp nhận | giải quyết\n" * 9)))


@pytest.mark.parametrize(
    ("side", "text", "outcome"),
    [
        (
            limits.SCAN_SIDE_MIN,
            "số " * (limits.SCAN_LETTERS_MIN // 2 - 1),
            "needs_review",
        ),  # a page of which little was read
        (
            limits.SCAN_SIDE_MIN - 1,
            "số " * (limits.SCAN_LETTERS_MIN // 2 - 1),
            "enclosure",
        ),  # a seal, a logo, a signature
        (
            limits.SCAN_SIDE_MIN,
            "Quyết định về việc ban hành quy chế làm việc của Ủy ban nhân dân tỉnh trong thời gian tới",
            "enclosure",
        ),
    ],
)
def test_a_page_of_which_hardly_a_letter_was_read_is_for_a_person(side: int, text: str, outcome: str):
    found = leaf(png(np.full((side, side, 3), 200, np.uint8)), "anh.png")
    line = ScannedItem(line=ScannedLine(text, (10.0, 10.0, 300.0, 30.0), 0.97))
    seen = ScannedPart(found.sha256, (PageScan(1, float(side), float(side), 0, (line,)),))
    (reading,) = read_leaf(found, FORMS, HINTS, scans=(seen,)).readings
    assert (reading.outcome, reading.reason) == (outcome, "unreadable_scan" if outcome == "needs_review" else None)
