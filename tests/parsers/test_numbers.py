"""Numbers as offices write them; what only looks like a number is never taken for one."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.numbers import _TOKEN, percentage, scan, show, whole, widen

COUNTS = st.integers(min_value=0, max_value=99_999_999)


def grouped(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1625", 1625), ("1.625", 1625), ("1,625", 1625), ("1 625", 1625), ("1\u00a0625", 1625), ("06", 6), ("00", 0), ("0", 0),
     ("585.336", 585336), ("1.234.567", 1234567), ("1.234,00", 1234), ("1,234.00", 1234)],
)  # fmt: skip
def test_whole_numbers_in_every_way_of_writing(text: str, value: int) -> None:
    assert whole(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "3227.885",
        "257.7575",
        "12,5",
        "12.5",
        "1.62",
        "0.125",
        "012",
        "1.625.5",
        "1..625",
        "1.625,500",
        "0945123456",
        "123456789012",
        "",
        "x",
    ],
)
def test_malformed_numbers_are_not_guessed(text: str) -> None:
    assert whole(text) is None


@given(COUNTS, st.sampled_from([".", ",", " ", "\u00a0", "\u2009"]))
def test_a_grouped_number_reads_back_as_itself(number: int, mark: str) -> None:
    assert whole(grouped(number, mark)) == number
    assert whole(str(number)) == number


@given(st.text(alphabet="0123456789., ", min_size=1, max_size=14))
def test_whatever_is_read_as_a_count_has_exactly_the_digits_written(text: str) -> None:
    value = whole(text)
    if value is not None:
        digits = (
            re.sub(r"\D", "", re.sub(r"[.,]0+\Z", "", text.strip()))
            if re.search(r"\d[.,]\d{3}[.,]0+\Z", text.strip())
            else re.sub(r"\D", "", text)
        )
        assert int(value) == int(digits)


@given(COUNTS)
def test_numbers_in_letters_are_numbers_again(number: int) -> None:
    assert whole(show(Decimal(number))) == number


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_percentages_read_back_with_comma_and_point(share: Decimal) -> None:
    assert percentage(f"{share}") == share
    assert percentage(f"{share}".replace(".", ",")) == share


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("từ 27.4 đến 3.5.2018 có 722 lượt", ["other", "other", "count"]),
        ("theo Quyết định số 45/2016/QĐ-TTg là trên 800 hồ sơ", ["other", "count"]),
        ("số 123/BC-SNV", ["other"]),
        ("Cung cấp 523 dịch vụ công mức độ 3,4.", ["count", "other"]),
        ("mức độ 3 và mức độ 4: 12", ["other", "count"]),
        ("tính đến hết tháng 11/2019 là 3227.885/482.852, đạt 68%", ["other", "ratio", "percent"]),
        ("đạt 98,81%, chiếm 1,25 %", ["percent", "percent"]),
        ("trước 10 giờ (thứ 6)", ["other", "other"]),
        ("lúc 10:30 và 10h30", ["other", "other"]),
        ("UBND Q.1 tiếp nhận 585.336", ["other", "count"]),
        ("quý III.2020 tổng số 10.455", ["other", "count"]),
        ("14/7 đến 20/7/2017", ["other"]),
        ("tổng đài 8283, năm 2018", ["other", "other"]),
        ("12/15 (80%)", ["ratio", "percent"]),
        ("10,18 ngàn; 1,2 triệu", ["count", "count"]),
        ("COVID19 và B52", ["other", "other"]),
    ],
)
def test_what_only_looks_like_a_count_is_told_apart(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in scan(text)] == kinds


def test_a_ratio_gives_both_sides_and_names_a_malformed_one() -> None:
    (token,) = scan("3227.885/482.852")
    assert (token.value, token.below, token.raw, token.below_raw) == (None, 482852, "3227.885", "482.852")


def test_a_ratio_of_numbers_parted_by_blanks_is_one_ratio_and_never_its_last_group() -> None:
    (token,) = scan("1 389/1 392")
    assert (token.kind, token.value, token.below, token.spaced) == ("ratio", 1389, 1392, True)
    (unclear,) = scan("3 110/376")  # a number and a ratio, or a ratio that cannot be
    assert (unclear.value, unclear.below) == (None, 376)


def test_thousands_in_words_are_multiplied_and_marked_rounded() -> None:
    thousands, millions, odd = scan("10,18 ngàn 1,2 triệu 1,2345 ngàn")
    assert (thousands.value, thousands.rounded) == (10180, True)
    assert (millions.value, millions.rounded) == (1_200_000, True)
    assert odd.kind == "malformed"


def test_groups_parted_by_blanks_are_marked_because_they_may_be_two_numbers() -> None:
    assert scan("12 377")[0].spaced
    assert not scan("12.377")[0].spaced


def test_full_width_digits_are_digits() -> None:
    assert scan("１２５")[0].value == 125


@given(st.text(max_size=200))
def test_scanning_any_text_gives_ordered_spans_of_it(text: str) -> None:
    tokens = scan(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(a.end <= b.start for a, b in itertools.pairwise(tokens))


@pytest.mark.parametrize(("value", "text"), [("1625", "1.625"), ("95.50", "95,5"), ("0", "0"), ("1234.5", "1.234,5")])
def test_numbers_are_shown_as_letters_print_them(value: str, text: str) -> None:
    assert show(Decimal(value)) == text


PIECES = st.sampled_from(
    ["ngày", "Ngay", "từ", "đến", "thứ", "số", "tuần", "THÁNG", "năm", "quý", "Điều", "khoản", "phụ lục", "mẫu số", "tổng đài",
     "điện thoại", "đıện thoạı", "ĐT", "hotlİne", "mức độ", "muc do", "mđ", "và", "xngày", "hồ sơ", "12", "3.5.2018", "14/7", "1 389/1 392",
     "45/2016/QĐ-TTg", "98,5 %", "4", "12hs", "Q.1", "10,18 ngàn", " ", "  ", "\u00a0", "\t", ",", "/", "-", "(", ": ", "．", "５"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12), st.sampled_from(["", " "]))
def test_looking_at_the_next_digit_finds_what_trying_every_letter_finds(pieces: list[str], between: str) -> None:
    text = widen(between.join(pieces))
    found = [(token.start, token.end) for token in scan(text)]
    assert found == [match.span() for match in _TOKEN.finditer(text)]
