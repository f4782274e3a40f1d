"""Plain sentences of a report under its title: read without a flag where nothing else can be meant, and never as another line."""

from __future__ import annotations

import pytest

from tests.parsers.reports import codes, flagged, read, stated, weekly

PLAIN = [
    (
        "Đã giải quyết 123/247 hồ sơ mức độ 3 và 161/166 hồ sơ mức độ 4.",
        {"level3_resolved": 123, "level3_total": 247, "level4_resolved": 161, "level4_total": 166},
    ),
    (
        "Qua dịch vụ bưu chính công ích đã tiếp nhận 07 hồ sơ và trả kết quả 08 hồ sơ.",
        {"postal_received": 7, "postal_returned": 8},
    ),
    (
        "Trong tuần có 19 phản ánh, kiến nghị được tiếp nhận, 18 phản ánh, kiến nghị đã được giải quyết.",
        {"feedback_received": 19, "feedback_resolved": 18},
    ),
    (
        "Có 308/339 văn bản đi được phát hành dưới dạng điện tử (đạt 90,9%).",
        {"outgoing_electronic": 308, "outgoing_total": 339},
    ),
    (
        "Đã phát hành 556 văn bản đi, trong đó có 345 văn bản dưới dạng điện tử, đạt 62,05 %.",
        {"outgoing_electronic": 345, "outgoing_total": 556},
    ),
    (
        (
            "Trong tuần, đơn vị đã tiếp nhận 1.017 hồ sơ; giải quyết 1.004 hồ sơ, trong đó 1.000 hồ sơ trả đúng hạn, 4 hồ sơ quá hạn; "
            "trả lại 3 hồ sơ do chưa đủ thành phần."
        ),
        {"received": 1017, "resolved": 1004, "on_time": 1000, "overdue": 4, "returned": 3},
    ),
    (
        (
            "Toàn huyện tiếp nhận 2.087 hồ sơ, trong đó cấp huyện 1.061 hồ sơ, cấp xã 1.026 hồ sơ. Đã giải quyết 1.982 hồ sơ, trong đó cấp "
            "huyện 1.008 hồ sơ, cấp xã 974 hồ sơ; trả đúng hạn 1.980 hồ sơ, quá hạn 2 hồ sơ; trả lại 0 hồ sơ."
        ),
        {"received": 2087, "resolved": 1982, "on_time": 1980, "overdue": 2, "returned": 0},
    ),
    (
        "Đã giải quyết 7/13 hồ sơ mức độ 3 và 2/2 hồ sơ mức độ 4.",
        {"level3_resolved": 7, "level3_total": 13, "level4_resolved": 2, "level4_total": 2},
    ),
    (
        "Đã giải quyết 13/21 hồ sơ mức độ 3 và 4/6 hồ sơ mức độ 4.",  # the 4 of 4/6 is no level
        {"level3_resolved": 13, "level3_total": 21, "level4_resolved": 4, "level4_total": 6},
    ),
    (
        "Có 27 hồ sơ được giải quyết ở mức độ 3 trên tổng số 32 hồ sơ mức độ 3; 5 hồ sơ được giải quyết ở mức độ 4 trên tổng số 10 hồ sơ mức độ 4.",
        {"level3_resolved": 27, "level3_total": 32, "level4_resolved": 5, "level4_total": 10},
    ),
]
SUMS = [
    (
        "Từ ngày 14/7 đến ngày 20/7, toàn cơ quan tiếp nhận 351 hồ sơ. Đã giải quyết 321 hồ sơ; hồ sơ trả đúng hạn: 321.",
        {"received": 351, "resolved": 321, "on_time": 321},
    ),
    (
        "Tiếp nhận 798 và giải quyết 759 hồ sơ, số trả đúng hạn và quá hạn tương ứng là 750 và 9 hồ sơ; trả lại 2 hồ sơ.",
        {"received": 798, "resolved": 759, "on_time": 750, "overdue": 9, "returned": 2},
    ),
    (
        (
            "Số hồ sơ tiếp nhận, giải quyết trong tuần lần lượt là 50 hồ sơ và 46 hồ sơ; trả đúng hạn 45/46 hồ sơ (đạt 97,8%), quá hạn 1 hồ sơ, "
            "trả lại 1 hồ sơ."
        ),
        {"received": 50, "resolved": 46, "on_time": 45, "overdue": 1, "returned": 1},
    ),
    (
        (
            "Lũy kế từ đầu năm đến nay tiếp nhận 10.368 hồ sơ, giải quyết 10.071 hồ sơ. Riêng trong tuần tiếp nhận 384 hồ sơ, giải quyết 373 hồ sơ, "
            "trong đó đúng hạn 370 hồ sơ, quá hạn 03 hồ sơ; trả lại 01 hồ sơ."
        ),
        {"received": 384, "resolved": 373, "on_time": 370, "overdue": 3, "returned": 1},
    ),
    (
        "Trong tuần tiếp nhận 4.080 hồ sơ, đã giải quyết 3.886 hồ sơ; tỷ lệ trả đúng hạn đạt 100%. Hồ sơ trả lại: 1 hồ sơ.",
        {"received": 4080, "resolved": 3886, "returned": 1},
    ),
    (
        "Số hồ sơ được giải quyết mức độ 3 là 1 110/1 376 hồ sơ, mức độ 4 là 265/452 hồ sơ.",
        {"level3_resolved": 1110, "level3_total": 1376, "level4_resolved": 265, "level4_total": 452},
    ),
    (
        "Số hồ sơ được giải quyết mức độ 3 là 174/202 hồ sơ; mức độ 4 là 40/44 hồ sơ.",
        {"level3_resolved": 174, "level3_total": 202, "level4_resolved": 40, "level4_total": 44},
    ),
    (
        (
            "Tổng số hồ sơ tiếp nhận trong tuần: 201 hồ sơ, trong đó tiếp nhận mới 195 hồ sơ, kỳ trước chuyển sang 6 hồ sơ. Đã giải quyết 185 hồ sơ "
            "(đúng hạn 184 hồ sơ, quá hạn 1 hồ sơ); đang giải quyết 15 hồ sơ. Trả lại 1 hồ sơ."
        ),
        {
            "received": 201,
            "new_received": 195,
            "carried_over": 6,
            "resolved": 185,
            "on_time": 184,
            "overdue": 1,
            "pending": 15,
            "returned": 1,
        },
    ),
]


@pytest.mark.parametrize(("sentence", "figures"), [*PLAIN, *SUMS])
def test_a_plain_sentence_is_read_without_a_flag(sentence: str, figures: dict[str, int]) -> None:
    report = weekly(sentence)
    assert stated(report) == figures
    assert not flagged(report) & set(figures)


def test_a_number_written_with_a_blank_behind_a_colon_is_one_number() -> None:
    report = weekly("- Tổng số hồ sơ tiếp nhận trong tuần: 2 831")
    assert (stated(report), "received" in flagged(report)) == ({"received": 2831}, False)


@pytest.mark.parametrize(("sentence", "figures"), PLAIN)
def test_without_its_title_nothing_of_it_is_certain_but_sums(sentence: str, figures: dict[str, int]) -> None:
    (report,) = read(sentence, as_form="weekly")
    sure = {"resolved", "on_time", "overdue"}
    shared = {"outgoing_electronic", "outgoing_total"} if "%" in sentence or " %" in sentence else set()
    assert set(stated(report)) & set(figures) <= flagged(report) | sure | shared


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("Có 308/339 văn bản đi được phát hành dưới dạng điện tử (đạt 95%).", "outgoing_electronic"),
        ("Đã giải quyết 65/67 hồ sơ tiếp nhận (đạt 91,0%).", "received"),
        ("Đã giải quyết 05/03 phản ánh, kiến nghị tiếp nhận.", "feedback_resolved"),
    ],
)
def test_a_share_that_does_not_bear_a_ratio_out_is_asked_about(sentence: str, key: str) -> None:
    assert key in flagged(weekly(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Số hồ sơ tiếp nhận, giải quyết, trả lại trong tuần lần lượt là 50 và 46 hồ sơ.",
        "Số hồ sơ tiếp nhận và tiếp nhận lần lượt là 50 và 46 hồ sơ.",
        "Số hồ sơ tiếp nhận, giải quyết tuần trước và tuần này lần lượt là 50, 46, 60 và 58 hồ sơ.",
        "Số cuộc họp và hồ sơ tiếp nhận lần lượt là 5 và 46.",
        "Tỷ lệ đúng hạn và quá hạn lần lượt là 98 % và 2 %.",
    ],
)
def test_a_list_whose_names_and_numbers_do_not_pair_is_not_read(sentence: str) -> None:
    assert not stated(weekly(sentence))


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        (
            "Số hồ sơ giải quyết ở mức độ 3, mức độ 4 lần lượt là 12 và 7 hồ sơ.",
            {"level3_resolved": 12, "level4_resolved": 7},
        ),
        (
            "Số phản ánh, kiến nghị tiếp nhận và giải quyết lần lượt là 5 và 4.",
            {"feedback_received": 5, "feedback_resolved": 4},
        ),
        (
            "Số hồ sơ tiếp nhận và trả kết quả qua dịch vụ bưu chính công ích lần lượt là 7, 6.",
            {"postal_received": 7, "postal_returned": 6},
        ),
    ],
)
def test_names_of_a_list_share_what_is_said_once(sentence: str, figures: dict[str, int]) -> None:
    told = {key: value for key, value in stated(weekly(sentence)).items() if value != "blank"}
    assert told == figures


FORM = (
    "- Tổng số hồ sơ đã tiếp nhận: 3 226 hồ sơ, lũy kế từ đầu năm: 64 520 hồ sơ\n- Tổng số hồ sơ đã giải quyết: 3.036\n"
    "- Hồ sơ trả đúng hạn: 3.035\n- Hồ sơ quá hạn: 1\n- Hồ sơ trả lại: 0"
)


def test_the_post_is_read_beside_the_form_whose_own_line_for_it_is_missing() -> None:
    report = weekly(FORM, "Qua dịch vụ bưu chính công ích đã tiếp nhận 07 hồ sơ và trả kết quả 08 hồ sơ.")
    told = stated(report)
    assert (told["postal_received"], told["postal_returned"], told["received"]) == (7, 8, 3226)
    assert not flagged(report)


def test_a_heading_without_its_colon_is_not_run_into_the_sentence_below() -> None:
    report = weekly(
        "I. KẾT QUẢ GIẢI QUYẾT TTHC THEO CƠ CHẾ MỘT CỬA, MỘT CỬA LIÊN THÔNG",
        "I. Kết quả giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông",
        "Toàn huyện tiếp nhận 3 716 hồ sơ, trong đó cấp huyện 1 831 hồ sơ, cấp xã 1 885 hồ sơ.",
    )
    assert stated(report) == {"received": 3716}
    assert "received" not in flagged(report)


def test_a_heading_run_into_its_sentence_by_a_page_is_read_as_both() -> None:
    report = weekly(
        "I. Kết quả giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông Đã giải quyết 475/497 hồ sơ tiếp nhận "
        "(đạt 95,6 %), trong đó đúng hạn 475 hồ sơ, quá hạn 0 hồ sơ; hồ sơ trả lại: 3."
    )
    assert stated(report) == {"received": 497, "resolved": 475, "on_time": 475, "overdue": 0, "returned": 3}
    assert not flagged(report)


@pytest.mark.parametrize(("figures", "wrong"), [("185 15 1", False), ("185 16 0", False), ("185 10 1", True)])
def test_what_was_returned_may_be_a_part_of_all_received(figures: str, *, wrong: bool) -> None:
    resolved, pending, returned = figures.split()
    report = weekly(
        f"Tiếp nhận 201 hồ sơ. Đã giải quyết {resolved} hồ sơ; đang giải quyết {pending} hồ sơ. Trả lại {returned} hồ sơ."
    )
    assert ("W12" in codes(report)) is wrong


def test_what_went_by_post_is_never_what_was_resolved() -> None:
    told = stated(weekly("Qua dịch vụ bưu chính công ích đã tiếp nhận 07 hồ sơ và trả kết quả 08 hồ sơ."))
    assert "resolved" not in told
    assert "received" not in told


def test_the_number_of_a_row_whose_table_lost_its_lines_is_no_count() -> None:
    rows = (
        "1 Tổng số hồ sơ đã tiếp nhận Hồ sơ 43",
        "2 Tổng số hồ sơ đã giải quyết | Hồ sơ 41",
        "3 Hồ sơ trả đúng hạn | Hồ sơ 41",
        "4 Hồ sơ quá hạn Hồ sơ 0",
        "5 Hồ sơ trả lại (tổ chức, cá nhân) | Hồ sơ 0",
    )
    told = {"received": 43, "resolved": 41, "on_time": 41, "overdue": 0, "returned": 0}
    assert stated(weekly(*rows)) == told
    lost = weekly(*rows[:4], "5 Hồ sơ trả lại (tổ chức, cá nhân)")
    assert stated(lost).get("returned") is None or "returned" in flagged(lost)
    written_small = weekly("5 hồ sơ trả lại.")
    assert (stated(written_small), "returned" in flagged(written_small)) == ({"returned": 5}, False)
