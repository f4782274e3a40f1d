"""What stands behind a label: six states, and every doubt named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.answers import read_answer
from parsers.numbers import whole


@pytest.mark.parametrize(
    ("text", "state", "value"),
    [
        (": 1.625", "number", 1625),
        (":…………125…………", "number", 125),
        ("..1.625..", "number", 1625),
        (" ...1.625...", "number", 1625),
        (": 1.625 hồ sơ.", "number", 1625),
        (": 125./.", "number", 125),
        (" - 125 hồ sơ", "number", 125),
        (": 12 (mười hai)", "number", 12),
        (": trong tuần 29 là 125", "number", 125),
        (": 125 hồ sơ (trong đó: tồn kỳ trước 12)", "number", 125),
        (": 0", "zero", 0),
        (" .... 00", "zero", 0),
        (": không có", "zero", 0),
        (": Không có hồ sơ", "zero", 0),
        (": không có (0)", "zero", 0),
        (": không", "zero", 0),
        (": Không phát sinh", "nil", None),
        (": KHÔNG PHÁT SINH HỒ SƠ", "nil", None),
        (": khong phat sinh", "nil", None),
        (": -", "nil", None),
        (": //", "nil", None),
        ("……", "blank", None),
        ("....", "blank", None),
        (": ______", "blank", None),
        ("", "blank", None),
        (":", "blank", None),
        ("./.", "blank", None),
        ("…… đơn vị;", "blank", None),
        (": 3227.885", "unreadable", None),
        (": 12,5", "unreadable", None),
        (": 100%", "unreadable", None),
        (": -5", "unreadable", None),
        (": - 5", "unreadable", None),
        (": 10-12", "unreadable", None),
        (": từ 5 đến 7 hồ sơ", "unreadable", None),
        (": 50+75", "unreadable", None),
        (": 14/7/2017", "unreadable", None),
        (": 0945123456", "unreadable", None),
        (": x", "unreadable", None),
        (": ?", "unreadable", None),
        (": I5", "unreadable", None),
        (": không thống kê được", "unreadable", None),
        (": không tăng so với tuần trước", "unreadable", None),
        (": giảm 5 hồ sơ so với tuần trước", "unreadable", None),
        (": một trăm hai mươi lăm", "number", 125),
        (": xem phụ lục 2 kèm theo", "unreadable", None),
    ],
)
def test_the_six_states(text: str, state: str, value: int | None) -> None:
    answer = read_answer(text)
    assert (answer.state, None if answer.value is None else int(answer.value)) == (state, value)


@pytest.mark.parametrize(
    "text",
    [
        ": gần 100",
        ": trên 800 hồ sơ",
        ": hơn 50",
        ": khoảng 1.600",
        ": 10,18 ngàn",
        ": ~100",
        ": 125+",
        ": 100 trở lên",
    ],
)
def test_approximate_figures_say_so(text: str) -> None:
    answer = read_answer(text)
    assert answer.state == "number"
    assert answer.approximate


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (": 125 và 12", "several"),
        (": 125, 12", "several"),
        (": 1 625", "spaced"),
        (": 05 thủ tục", "procedures"),
        (" của Phòng Tư pháp: 25", "words"),
        (" tuần trước: 1.500", "past"),
        (": không có số liệu", "words"),
        (": Không có (chưa kể cấp xã)", "words"),
    ],
)
def test_whatever_could_change_the_meaning_is_a_doubt(text: str, doubt: str) -> None:
    assert doubt in read_answer(text).doubts


def test_cumulative_and_scope_are_noticed_in_front_of_the_number() -> None:
    assert read_answer(": lũy kế 3.450").cumulative
    assert not read_answer(": 125 (lũy kế 3.450)").cumulative
    assert read_answer(": cấp xã 125").scope == "communes"


def test_a_ratio_keeps_both_sides_and_a_blank_denominator() -> None:
    both, half, far = read_answer(": 12/15 (80%)"), read_answer(": 12/"), read_answer(" 12 hồ sơ/tổng số 15 hồ sơ")
    assert (both.value, both.below_state, both.below, both.percent) == (12, "number", 15, 80)
    assert (half.value, half.below_state) == (12, "blank")
    assert (far.value, far.below) == (12, 15)


def test_a_percentage_is_read_where_one_is_asked() -> None:
    assert read_answer(" 98,81%", percentage=True).value is not None
    assert read_answer(" %....", percentage=True).state == "blank"


@given(st.text(max_size=120))
def test_any_text_has_an_answer_and_a_number_is_one_that_was_written(text: str) -> None:
    answer = read_answer(text)
    if (
        answer.state in ("number", "zero")
        and answer.value is not None
        and answer.raw[:1].isdigit()
        and not answer.approximate
    ):
        assert whole(answer.raw) == answer.value


@given(
    st.integers(0, 9_999_999),
    st.sampled_from(["{}", ": {}", ":{}", "……{}……", "…{}.", ": {} hồ sơ;", " ....{}", ": {}./."]),
)
def test_a_count_comes_back_whatever_paper_surrounds_it(number: int, paper: str) -> None:
    written = f"{number:,}".replace(",", ".")
    answer = read_answer(paper.format(written))
    assert answer.value == number
    assert not answer.doubts
