"""Plain sentences of a monthly report: what was done and how many, read without a flag where nothing else can be meant."""

from __future__ import annotations

import pytest

from parsers.values import Report
from tests.parsers.reports import flagged, read, stated

TITLE = "BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017"
FILES = "Tiếp nhận 120 hồ sơ; giải quyết 100 hồ sơ (99 hồ sơ đúng hạn, 1 hồ sơ quá hạn); 0 hồ sơ trả lại cho tổ chức, cá nhân."
BY_POST = "Tiếp nhận 02 hồ sơ và trả kết quả 03 hồ sơ qua dịch vụ bưu chính công ích."


def monthly(*parts: str) -> Report:
    (report,) = read(TITLE, *parts)
    return report


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        (
            "Trong tháng tuyển dụng 04 công chức, 02 viên chức; cử 11 cán bộ, công chức, viên chức đi đào tạo, bồi dưỡng.",
            {"officials_recruited": 4, "employees_recruited": 2, "staff_trained": 11},
        ),
        (
            "Cử 5 cán bộ, công chức cấp xã tham gia lớp bồi dưỡng; bổ nhiệm 03 trưởng, phó phòng.",
            {"commune_officials_trained": 5, "heads_appointed": 3},
        ),
        (
            "Đã công khai, niêm yết 129/131 TTHC tại Bộ phận tiếp nhận và trả kết quả, đạt 98,5%.",
            {"procedures_published": 129, "procedures_total": 131, "procedures_published_pct": 98.5},
        ),
        ("- Đã ban hành 02 văn bản QPPL thuộc thẩm quyền;", {"legal_documents_issued": 2}),
        ("Đã tham mưu ban hành 02 văn bản QPPL.", {"legal_documents_advised": 2}),
    ],
)
def test_what_was_done_is_counted_without_a_flag(sentence: str, figures: dict[str, float]) -> None:
    report = monthly(sentence)
    assert stated(report) == figures
    assert not flagged(report) & set(figures)


def test_a_dash_behind_a_line_of_the_form_is_nil_for_the_count_told_there() -> None:
    report = monthly("- Thực hiện tinh giản biên chế: -")
    assert stated(report) == {"staff_reduced": "nil"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Cử 02 công chức tham gia đoàn kiểm tra.",
        "Có 11 cán bộ, công chức đi đào tạo từ năm trước.",
        "Tuyển dụng công chức: đang chờ 02 hướng dẫn; 04 công chức nghỉ hưu.",
        "Bổ nhiệm 02 công chức.",
        "Đã niêm yết tại 12 đơn vị.",
        "Giải quyết 12/15 TTHC.",
    ],
)
def test_a_number_of_something_else_is_no_figure(sentence: str) -> None:
    assert not stated(monthly(sentence))


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("Theo kế hoạch tuyển dụng 04 công chức, dự kiến trong quý IV.", "officials_recruited"),
        ("Tuyển dụng mới tinh giản 04 công chức.", "officials_recruited"),
        ("Tuyển dụng 04 công chức biệt phái.", "officials_recruited"),
        ("Tuyển dụng khoảng 40 công chức.", "officials_recruited"),
    ],
)
def test_a_deed_told_with_words_nothing_explains_is_asked_about(sentence: str, key: str) -> None:
    report = monthly(sentence)
    assert key not in stated(report) or key in flagged(report)


@pytest.mark.parametrize(
    ("lines", "figures"),
    [
        (
            "- Số TTHC được thực hiện theo cơ chế một cửa (cấp huyện: 122; cấp xã: 110)",
            {"one_stop_procedures_district": 122, "one_stop_procedures_commune": 110},
        ),
        (
            "- Công tác quản lý, sử dụng cán bộ, công chức (luân chuyển: 00, điều động: 03, chuyển đổi:\n03);",
            {"officials_rotated": 0, "officials_transferred": 3, "officials_switched": 3},
        ),
    ],
)
def test_a_bracket_behind_a_label_names_its_parts(lines: str, figures: dict[str, int]) -> None:
    report = monthly(lines)
    assert {key: value for key, value in stated(report).items() if value != "blank"} == figures
    assert not flagged(report) & set(figures)


def test_feedback_received_is_no_file_received() -> None:
    report = monthly(
        "Đã niêm yết 129/131 TTHC, đạt 98,5%. Tiếp nhận 0 phản ánh, kiến nghị; đã xử lý 0 phản ánh, kiến nghị.", FILES
    )
    assert stated(report)["received"] == 120
    assert stated(report)["feedback_received"] == 0


def test_recruited_since_january_is_not_of_the_month() -> None:
    (figure,) = [
        f for f in monthly("Lũy kế từ đầu năm tuyển dụng 04 công chức.").figures if f.key == "officials_recruited"
    ]
    assert figure.basis == "cumulative"


def test_what_went_by_post_is_told_from_all_files_when_those_stand_elsewhere() -> None:
    report = monthly(f"Số hồ sơ được giải quyết mức độ 3 là 29/35 hồ sơ, mức độ 4 là 04/07 hồ sơ. {BY_POST}\n{FILES}")
    told = stated(report)
    assert (told["postal_received"], told["postal_returned"], told["received"], told["level4_total"]) == (2, 3, 120, 7)
    assert not flagged(report)


def test_without_the_files_the_sentence_may_mean_either() -> None:
    report = monthly(f"Số hồ sơ được giải quyết mức độ 3 là 29/35 hồ sơ. {BY_POST}")
    assert "received" not in stated(report)
    assert "postal_received" in flagged(report)
