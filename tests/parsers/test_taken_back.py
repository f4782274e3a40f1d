"""Numbers whose neighbours take them back, numbers spelled in words, units that make thousands of them, annexes of others."""

from decimal import Decimal

import pytest

from bench.accuracy.numerals import in_words
from parsers.annexes import Annex
from parsers.answers import read_answer
from parsers.candidates import Candidate
from parsers.spelled import spelled
from parsers.values import Place


def test_every_number_an_office_spells_is_understood():
    numbers = [*range(5), *range(6, 1200, 7), *range(1201, 2_000_000, 7919)]
    assert [n for n in numbers if spelled(in_words(n)) != n] == []


@pytest.mark.parametrize(
    "text",
    ["", "năm", "bay", "trăm", "nghìn", "hai ba", "một nghìn tám", "bốn trăm hai", "một trăm năm", "mười mười", "lẻ một",
     "hai mươi không", "năm 2017", "mười, hai", "một nghìn hai nghìn", "vài trăm"],
)  # fmt: skip
def test_what_may_be_another_number_or_none_is_not_guessed(text):
    assert spelled(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hai nghìn không trăm linh năm", 2005),
        ("tám nghìn linh ba", 8003),
        ("Một trăm mười", 110),
        ("hai mốt", 21),
        ("hai mươi tư.", 24),
    ],
)
def test_the_ways_of_speaking_differ(text, value):
    assert spelled(text) == value


@pytest.mark.parametrize(
    "text",
    [
        ": 1.248 (đính chính: 1.284)",
        ": 1.201, sửa lại là 1.210",
        ": 1.190 (số đúng là 1.199)",
        ": 11 hay 12",
        ": 11 hoặc 12",
        ": 1.213 (tuần trước); 1.201 (tuần này)",
        ": tuần 28: 1.213; tuần 29: 1.248",
        ": 1.205 | 1.190",
        ": 1.248 (một nghìn hai trăm tám mươi tư)",
        ": 11 (mười hai hồ sơ)",
        ": 11 hồ sơ (bằng chữ: mười hai)",
    ],
)
def test_a_number_another_one_may_replace_is_doubted(text):
    answer = read_answer(text)
    assert answer.state == "number"
    assert answer.doubts


@pytest.mark.parametrize(
    "text",
    [
        ": 1.248 (một nghìn hai trăm bốn mươi tám)",
        ": 1.248 hồ sơ (tuần trước 1.213 hồ sơ)",
        ": 11 (năm 2016: 25)",
        ": 1.190 hồ sơ đúng hạn, trong đó 12 hồ sơ trước hạn",
        ": 12hs.",
        ": 1.201hồ sơ",
        ": 1190HS",
    ],
)
def test_what_only_explains_a_number_leaves_it_certain(text):
    answer = read_answer(text)
    assert answer.state == "number"
    assert not answer.doubts


@pytest.mark.parametrize("text", [": 5~7", ": 1'190", ": 1’190", ": 12abc", ": 12HS-2017"])
def test_signs_glued_to_a_number_leave_it_unread(text):
    assert read_answer(text).state == "unreadable"


@pytest.mark.parametrize(("text", "value"), [(": hai mươi ba hồ sơ", 23), (": mười một", 11), ("= bảy văn bản.", 7)])
def test_a_number_in_words_alone_is_a_number(text, value):
    answer = read_answer(text)
    assert (answer.state, answer.value) == ("number", Decimal(value))


def owner_below(*lines):
    annex = Annex()
    for line in lines:
        annex.hear(line)
    (one,) = annex.owned([Candidate("inspections_count", "number", Decimal(2), "2", Place(), "cell")])
    return one.owner


def test_a_table_below_the_heading_of_another_office_is_that_offices():
    assert owner_below("PHỤ LỤC", "Kết quả của UBND phường Hòa Bình (kèm theo báo cáo)") == "UBND phường Hòa Bình"
    assert owner_below("Phụ lục: Kết quả của UBND phường Hòa Bình tuần 29") == "UBND phường Hòa Bình"


def test_other_headings_and_far_lines_own_nothing():
    assert owner_below("Kết quả của UBND phường Hòa Bình") == ""
    assert owner_below("Phụ lục 2", "a", "b", "c", "Số liệu của UBND phường Hòa Bình") == ""
    assert owner_below("Phụ lục: Kết quả của UBND phường Hòa Bình", "Phụ lục 2: Số liệu chung") == ""
