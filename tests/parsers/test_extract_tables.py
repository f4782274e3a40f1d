"""Figures in tables: label left or above, units, periods, totals, levels."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parsers.reports import TITLE, WINDOW, flagged, read, stated, table, weekly

FIVE = {"received": 125, "resolved": 120, "on_time": 118, "overdue": 2, "returned": 0}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            """Tổng số hồ sơ đã tiếp nhận | 125
               Tổng số hồ sơ đã giải quyết | 120
               Hồ sơ trả đúng hạn | 118
               Hồ sơ quá hạn | 02
               Hồ sơ trả lại (tổ chức, cá nhân) | 0""",
            FIVE,
        ),
        (
            """STT | Nội dung | Đơn vị tính | Kỳ này | Lũy kế từ đầu năm | Ghi chú
               1 | Tổng số hồ sơ đã tiếp nhận | Hồ sơ | 125 | 3.450 |
               2 | Tổng số hồ sơ đã giải quyết | Hồ sơ | 120 | 3.400 | đạt 96%
               3 | Hồ sơ trả đúng hạn | Hồ sơ | 118 | 3.390 |
               4 | Hồ sơ quá hạn | Hồ sơ | 2 | 10 |
               5 | Hồ sơ trả lại | Hồ sơ | 0 | 5 |""",
            FIVE,
        ),
        (
            """TT | Chỉ tiêu | Lũy kế | Trong tuần
               1 | Tổng số hồ sơ đã tiếp nhận | 3.450 | 125""",
            {"received": 125},
        ),
        ("Chỉ tiêu | Tuần trước | Tuần này\nTổng số hồ sơ đã tiếp nhận | 110 | 125", {"received": 125}),
        ("Nội dung | Tổng số | Cấp huyện | Cấp xã\nTổng số hồ sơ đã tiếp nhận | 125 | 25 | 100", {"received": 125}),
        ("Nội dung | ^2 Trong tuần | \n | Số lượng | Tỷ lệ (%)\nHồ sơ trả đúng hạn | 118 | 98,3", {"on_time": 118}),
        (
            """Tổng số hồ sơ tiếp nhận | Đã giải quyết | Đúng hạn | Quá hạn | Trả lại
               125 | 120 | 118 | 2 | 0""",
            FIVE,
        ),
        (
            """STT | Lĩnh vực | Tổng số hồ sơ tiếp nhận | Đã giải quyết | Đúng hạn | Quá hạn | Trả lại
               (1) | (2) | (3) | (4) | (5) | (6) | (7)
               1 | Đất đai | 75 | 72 | 71 | 1 | 0
               2 | Tư pháp | 50 | 48 | 47 | 1 | 0
               | Tổng cộng | 125 | 120 | 118 | 2 | 0""",
            FIVE,
        ),
        (
            """Tiếp nhận | ^2 Đã giải quyết | | ^2 Đang giải quyết | | Trả lại
               | Đúng hạn | Quá hạn | Trong hạn | Quá hạn |
               125 | 118 | 2 | 4 | 1 | 0""",
            {"received": 125, "on_time": 118, "overdue": 2, "pending_within": 4, "pending_overdue": 1, "returned": 0},
        ),
        (
            """Kỳ | Tiếp nhận | Giải quyết | Đúng hạn
               Trong tuần | 125 | 120 | 118
               Lũy kế từ đầu năm | 3.450 | 3.400 | 3.390""",
            {"received": 125, "resolved": 120, "on_time": 118},
        ),
        (
            """Đơn vị | Tiếp nhận | Giải quyết
               Toàn huyện | 125 | 120
               Cấp huyện | 25 | 24
               Cấp xã | 100 | 96""",
            {"received": 125, "resolved": 120},
        ),
        ("Tổng số hồ sơ đã tiếp nhận | 125 | Tổng số hồ sơ đã giải quyết | 120\nHồ sơ trả đúng hạn | 118 | Hồ sơ quá hạn | 2", {k: v for k, v in FIVE.items() if k != "returned"}),
        (
            """Số văn bản đi được phát hành dưới dạng điện tử/tổng số văn bản đi | 120/150 (80%)
               Số hồ sơ được giải quyết mức độ 3/tổng số hồ sơ áp dụng đối với TTHC mức độ 3 | 5 | 7
               Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận | không phát sinh""",
            {"outgoing_electronic": 120, "outgoing_total": 150, "level3_resolved": 5, "level3_total": 7, "feedback_resolved": "nil", "feedback_received": "nil"},
        ),
        (
            """Mức độ | Tổng | Đã xử lý | Chưa xử lý | Trước hạn | % | Đúng hạn | %
               Mức 1, 2 | 268763 | 257141 | 11622 | 124907 | 48,6% | 102770 | 40%
               Mức 3 | 68544 | 61827 | 6717 | 43434 | 70,3% | 11795 | 19,1%
               Mức 4 | 1665 | 1611 | 54 | 952 | 59,1% | 388 | 24,1%""",
            {"level3_total": 68544, "level3_resolved": 61827, "level4_total": 1665, "level4_resolved": 1611},
        ),
        ("Lĩnh vực | Tiếp nhận | Giải quyết\nĐất đai | 20 | 18\nTư pháp | 30 | 28", {}),
        ("Nội dung | Số lượng\nHồ sơ tiếp nhận trực tuyến | 45\nHồ sơ trả kết quả qua mạng | 20", {}),
        ("Nội dung | Số lượng\nHồ sơ đang giải quyết | 20\n+ Trong hạn | 17\n+ Quá hạn | 3", {"pending": 20, "pending_within": 17, "pending_overdue": 3}),
        ("Tổng số hồ sơ đã tiếp nhận | #1625\nHồ sơ quá hạn | #2.5\nHồ sơ trả lại | #-3\nHồ sơ trả đúng hạn | #0", {"received": 1625, "overdue": "unreadable", "returned": "unreadable", "on_time": 0}),
        ("Tổng số hồ sơ đã tiếp nhận | \nHồ sơ quá hạn | …… | \nHồ sơ trả lại | -", {"received": "blank", "overdue": "blank", "returned": "nil"}),
        ("- Tổng số hồ sơ đã tiếp nhận: 125 | - Hồ sơ quá hạn: 2", {"received": 125, "overdue": 2}),
        ("Toàn huyện | \nTổng số hồ sơ đã tiếp nhận | 125\nCấp xã | \nTổng số hồ sơ đã tiếp nhận | 100", {"received": 125}),
        ("Hồ sơ trả lại (tổ chức, cá nhân) | 10/24", {"returned": 34, "returned_organisations": 10, "returned_individuals": 24}),
    ],
)  # fmt: skip
def test_tables_in_the_layouts_offices_use(rows: str, expected: dict[str, int | str]) -> None:
    report = weekly(table("\n".join(line.strip() for line in rows.splitlines())))
    assert stated(report) == expected
    if expected is FIVE:
        assert not flagged(report)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ("Tổng số hồ sơ đã tiếp nhận | 125 | 130", "received"),
        ("Nội dung | Cấp xã\nTổng số hồ sơ đã tiếp nhận | 100", "received"),
        ("Nội dung | Lũy kế\nTổng số hồ sơ đã tiếp nhận | 3.450", "received"),
        ("Tổng số hồ sơ đã tiếp nhận | ~ 125", "received"),
        ("Hồ sơ quá hạn | gần 10", "overdue"),
        ("Hồ sơ quá hạn | 10 và 2", "overdue"),
        ("Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận | 6", "feedback_resolved"),
    ],
)
def test_cells_that_could_mean_something_else_are_flagged(rows: str, key: str) -> None:
    assert key in flagged(weekly(table(rows)))


def test_a_table_of_tabs_in_plain_text_is_a_table() -> None:
    (report,) = read(
        f"{TITLE}\n{WINDOW}\nNội dung\tĐVT\tSố liệu\nTổng số hồ sơ đã tiếp nhận\tHồ sơ\t125\nHồ sơ quá hạn\tHồ sơ\t2",
        kind="txt",
    )
    assert stated(report) == {"received": 125, "overdue": 2}
    (barred,) = read(
        f"{TITLE}\n{WINDOW}\n| Nội dung | ĐVT | Số liệu |\n| Hồ sơ quá hạn | Hồ sơ | 2 |\n| Hồ sơ trả lại | Hồ sơ | 1 |",
        kind="txt",
    )
    assert stated(barred) == {"overdue": 2, "returned": 1}


def test_places_point_at_the_row_and_cell_of_the_table() -> None:
    report = weekly(table("Nội dung | Số lượng\nTổng số hồ sơ đã tiếp nhận | 125"))
    place = report.figure("received").place  # type: ignore[union-attr]
    assert place is not None
    assert (place.table, place.row, place.cell) == (1, 2, 2)
    assert place.text == "Tổng số hồ sơ đã tiếp nhận | 125"


def test_texts_of_the_form_may_stand_in_a_table() -> None:
    report = weekly(table("Hồ sơ quá hạn | 2\nĐánh giá | Tốt, không có vướng mắc"))
    assert dict(report.texts) == {"assessment": "Tốt, không có vướng mắc"}


def test_a_table_inside_a_text_of_the_form_belongs_to_that_text() -> None:
    report = weekly("- Hồ sơ quá hạn: 2\nIV. Đánh giá: như bảng sau", table("Lỗi phần mềm | nhiều\nMạng chậm | ít"))
    assert dict(report.texts)["assessment"] == "như bảng sau\nLỗi phần mềm nhiều\nMạng chậm ít"


def test_a_frame_of_one_cell_is_read_like_paragraphs() -> None:
    report = weekly(
        table("- Tổng số hồ sơ đã tiếp nhận: 125\\n- Hồ sơ quá hạn: 2\\n- Hồ sơ trả lại: 0\\nIV. Đánh giá: tốt")
    )
    assert stated(report) == {"received": 125, "overdue": 2, "returned": 0}
    assert dict(report.texts) == {"assessment": "tốt"}


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(0, 99_999), min_size=5, max_size=5),
    layout=st.sampled_from(["two columns", "numbered", "unit", "sideways", "cumulative first"]),
    dotted=st.booleans(),
)
def test_generated_tables_are_read_exactly(counts: list[int], layout: str, dotted: bool) -> None:
    labels = [
        "Tổng số hồ sơ đã tiếp nhận",
        "Tổng số hồ sơ đã giải quyết",
        "Hồ sơ trả đúng hạn",
        "Hồ sơ quá hạn",
        "Hồ sơ trả lại",
    ]
    texts = [f"{n:,}".replace(",", ".") if dotted else str(n) for n in counts]
    rows = {
        "two columns": [f"{label} | {n}" for label, n in zip(labels, texts, strict=True)],
        "numbered": [
            "TT | Nội dung | Kết quả",
            *(f"{i} | {label} | {n}" for i, (label, n) in enumerate(zip(labels, texts, strict=True), 1)),
        ],
        "unit": [
            "Chỉ tiêu | ĐVT | Số liệu | Ghi chú",
            *(f"{label} | hồ sơ | {n} |" for label, n in zip(labels, texts, strict=True)),
        ],
        "cumulative first": [
            "Chỉ tiêu | Lũy kế | Kỳ này",
            *(f"{label} | 123.456 | {n}" for label, n in zip(labels, texts, strict=True)),
        ],
        "sideways": [" | ".join(labels), " | ".join(texts)],
    }[layout]
    report = weekly(table("\n".join(rows)))
    numbering = layout == "sideways" and all(b - a == 1 for a, b in itertools.pairwise(counts)) and counts[0] <= 3
    if not numbering:
        assert stated(report) == dict(zip(FIVE, counts, strict=True))


@given(
    st.lists(
        st.lists(st.text(max_size=12).filter(lambda s: "|" not in s and "\n" not in s), min_size=1, max_size=5),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_table_breaks_the_reader(rows: list[list[str]]) -> None:
    weekly(table("\n".join(" | ".join(row) for row in rows).replace("^", "").replace("#", "").replace("~", "")))


def test_a_register_of_thousands_of_rows_is_read_in_bounded_time() -> None:
    import time  # noqa: PLC0415

    rows = "\n".join(f"{i} | Nguyễn Văn {i} | Hồ sơ số {i} | đúng hạn | 15/7/2017" for i in range(6000))
    start = time.process_time()
    weekly("- Hồ sơ quá hạn: 2", table(rows))
    assert time.process_time() - start < 20


def test_a_row_with_the_share_of_a_figure_is_no_second_value_of_it() -> None:
    report = weekly(table("Tổng số hồ sơ đã giải quyết | 1.615\nHồ sơ trả đúng hạn | 1.590\nTỷ lệ đúng hạn | 98,45 %"))
    assert stated(report) == {"resolved": 1615, "on_time": 1590}
    assert "on_time" not in flagged(report)


def test_a_row_with_a_share_that_does_not_fit_is_asked_about() -> None:
    report = weekly(table("Tổng số hồ sơ đã giải quyết | 1.615\nHồ sơ trả đúng hạn | 1.590\nTỷ lệ đúng hạn | 91 %"))
    assert [found.code for found in report.findings if "on_time" in found.figures] == ["W07"]


def test_a_heading_above_numbers_is_the_form_s_label_though_it_names_who_gets_the_files_back() -> None:
    head = "Tổng số hồ sơ đã tiếp nhận | Tổng số hồ sơ đã giải quyết | Hồ sơ trả đúng hạn | Hồ sơ quá hạn"
    report = weekly(table(f"{head} | Số hồ sơ trả lại cho tổ chức, cá nhân\n120 | 100 | 99 | 1 | 00"))
    assert stated(report) == {"received": 120, "resolved": 100, "on_time": 99, "overdue": 1, "returned": 0}
    assert not flagged(report)


def test_headings_wrapped_in_narrow_columns_are_no_layout() -> None:
    head = "Số hồ sơ đã giải\\nquyết mức độ 3 | Tổng số hồ sơ\\nmức độ 3 | Số hồ sơ được\\ntiếp nhận, trả\\nkết quả qua\\ndịch vụ bưu\\nchính công ích"
    report = weekly(table(f"{head}\n181 | 361 | 63"))
    assert stated(report) == {"level3_resolved": 181, "level3_total": 361, "postal_total": 63}


def test_a_tables_name_in_the_first_cell_above_its_headings_is_no_heading() -> None:
    sheet = """
Nội dung | Số lượng
Tổng số hồ sơ đã tiếp nhận | #125
Tổng số hồ sơ đã giải quyết | #120
Bảng tổng hợp: |
Tiếp nhận | Giải quyết | Đúng hạn | Quá hạn
#152 | #120 | #118 | #2"""
    report = weekly(table(sheet))
    assert {"received"} == {"received", "resolved", "on_time", "overdue"} & flagged(report), "125 and 152"
    assert stated(report) == {"received": 125, "resolved": 120, "on_time": 118, "overdue": 2}


def test_signs_nobody_sees_between_digits_part_no_number() -> None:
    report = weekly("- Tổng số hồ sơ đã tiếp nhận: 1\u200b25\n- Tổng số hồ sơ đã giải quyết: 1\u00ad20")
    assert stated(report) == {"received": 125, "resolved": 120}
