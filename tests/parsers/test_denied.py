"""A sentence that says no file arose, where nothing else is said of files."""

from __future__ import annotations

import pytest

from tests.parsers.reports import codes, stated, weekly

_ONE_DOOR = "I. KẾT QUẢ GIẢI QUYẾT TTHC THEO CƠ CHẾ MỘT CỬA"
_NIL = dict.fromkeys(("received", "resolved", "on_time", "overdue", "returned"), "nil")


@pytest.mark.parametrize(
    "lines",
    [
        (_ONE_DOOR, "Trong tuần không phát sinh hồ sơ."),
        (f"{_ONE_DOOR}: Không phát sinh hồ sơ TTHC",),
        ("Trong tuần, Sở Ngoại vụ không phát sinh hồ sơ TTHC nào.",),
    ],
)
def test_no_file_arose_is_nil_to_be_confirmed_and_no_figures_are_asked_for(lines: tuple[str, ...]):
    report = weekly(*lines)
    assert stated(report) == _NIL
    assert [one.figures for one in report.findings if one.code == "W14"] == [tuple(_NIL)]
    assert "W01" not in codes(report)


@pytest.mark.parametrize(
    "line",
    [
        "Trong tuần không phát sinh hồ sơ mới.",
        "Trong tuần không phát sinh hồ sơ, đã giải quyết hết hồ sơ kỳ trước.",
        "Lĩnh vực đất đai không phát sinh hồ sơ.",
        "Tuần trước không phát sinh hồ sơ.",
        "II. DỊCH VỤ CÔNG TRỰC TUYẾN\nTrong tuần không phát sinh hồ sơ.",
        "II. CHUYỂN ĐỔI SỐ\nTrong tuần không phát sinh hồ sơ.",
        "- Hồ sơ quá hạn: 2\nTrong tuần không phát sinh hồ sơ.",
        "- Hồ sơ quá hạn: ……\nTrong tuần không phát sinh hồ sơ.",
    ],
)
def test_less_than_that_leaves_the_lines_open(line: str):
    assert "nil" not in stated(weekly(line)).values()
