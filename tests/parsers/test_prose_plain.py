"""Plain sentences of a report under its title: read without a flag where nothing else can be meant, and never as another line."""

from __future__ import annotations

import pytest

from tests.parsers.reports import flagged, read, stated, weekly

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
]


@pytest.mark.parametrize(("sentence", "figures"), PLAIN)
def test_a_plain_sentence_is_read_without_a_flag(sentence: str, figures: dict[str, int]) -> None:
    report = weekly(sentence)
    assert stated(report) == figures
    assert not flagged(report) & set(figures)


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


def test_what_went_by_post_is_never_what_was_resolved() -> None:
    told = stated(weekly("Qua dịch vụ bưu chính công ích đã tiếp nhận 07 hồ sơ và trả kết quả 08 hồ sơ."))
    assert "resolved" not in told
    assert "received" not in told
