"""Numbers, days and moments as the wording of the letters writes them."""

from __future__ import annotations

import doctest
from datetime import date, datetime
from decimal import Decimal

import pytest

from notifier import vietnamese_format as vf
from notifier import wording
from tests.notifier.letters import local

MOMENTS = wording.moments("Asia/Ho_Chi_Minh")


def test_the_examples_of_the_module_hold():
    assert doctest.testmod(vf).failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1625", "1.625"),
        ("95.5", "95,5"),
        ("12377", "12.377"),
        ("0", "0"),
        ("1234567.80", "1.234.567,80"),
        (Decimal(-5), "-5"),
        (None, ""),
        ("//", "//"),
        ("NaN", "NaN"),
        ("1e40", "1e40"),
        ("1E+3", "1.000"),
    ],
)
def test_thousands_take_a_dot_and_decimals_a_comma(value, shown):
    assert vf.number(value) == shown


@pytest.mark.parametrize(("n", "shown"), [(0, "0"), (1, "01"), (9, "09"), (10, "10"), (29, "29"), (1625, "1.625")])
def test_counts_below_ten_take_a_leading_zero_and_nought_does_not(n, shown):
    assert vf.count(n) == shown


@pytest.mark.parametrize(("n", "of", "shown"), [(20, 29, "69,0%"), (23, 29, "79,3%"), (29, 29, "100,0%"), (3, 0, "")])
def test_a_share_has_one_decimal_and_none_without_a_whole(n, of, shown):
    assert vf.share(n, of) == shown


def test_a_share_above_the_whole_is_not_clamped():
    assert vf.share(3, 2) == "150,0%"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2017, 7, 21), "21/7/2017"),
        (date(2017, 8, 3), "03/8/2017"),
        (date(2018, 1, 5), "05/01/2018"),
        (date(2018, 2, 16), "16/02/2018"),
        (date(2017, 10, 27), "27/10/2017"),
    ],
)
def test_days_below_ten_and_the_first_two_months_take_a_leading_zero(value, shown):
    assert vf.day(value) == shown


def test_a_moment_is_told_on_the_offices_clock():
    assert MOMENTS.received(local(21, 9, 12, 35)) == "09 giờ 12 phút 35 giây, ngày 21/7/2017"
    assert MOMENTS.due(local(21, 10, 0)) == "10 giờ 00 phút, thứ Sáu, ngày 21/7/2017"
    assert MOMENTS.due_short(local(21, 10, 0)) == "10 giờ 00, thứ Sáu, ngày 21/7/2017"
    assert MOMENTS.due_plain(local(21, 10, 0)) == "10 giờ 00 phút, ngày 21/7/2017"
    assert MOMENTS.short(local(21, 10, 5)) == "10 giờ 05"


def test_a_cutoff_at_the_last_second_is_the_end_of_the_day():
    last = local(19, 23, 59, 59, month=9)
    assert MOMENTS.due(last) == "hết thứ Ba, ngày 19/9/2017"
    assert MOMENTS.due_plain(last) == "hết ngày 19/9/2017"
    assert MOMENTS.ends_day(last)


def test_sunday_is_called_by_its_own_name():
    assert MOMENTS.weekday(local(23, 10, 0)) == "Chủ nhật"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (5110, "1 giờ 25 phút 10 giây"),
        (1, "1 giây"),
        (65, "1 phút 05 giây"),
        (3600, "1 giờ 00 phút 00 giây"),
        (-2845, "47 phút 25 giây"),
        (183900, "2 ngày 3 giờ 05 phút 00 giây"),
        (0, "0 giây"),
    ],
)
def test_a_stretch_of_time_is_told_from_its_largest_part(seconds, told):
    assert MOMENTS.stretch(seconds) == told


def test_naive_moments_are_refused():
    with pytest.raises(ValueError, match="naive"):
        MOMENTS.day(datetime(2017, 7, 21, 10, 0))


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("weekly:2017-07-21", "kỳ ngày 21/7/2017"),
        ("monthly:2017-07", "tháng 7/2017"),
        ("monthly:2018-01", "tháng 01/2018"),
        ("quarterly:2017-Q3", "quý III/2017"),
        ("half:2017-H2", "6 tháng cuối năm 2017"),
        ("yearly:2017", "năm 2017"),
        ("once:ra-soat-tthc", '"ra-soat-tthc"'),
        ("ra-soat-tthc", '"ra-soat-tthc"'),
        (None, ""),
    ],
)
def test_periods_are_told_in_words(key, told):
    assert wording.period_name(key) == told


@pytest.mark.parametrize(
    ("due", "original", "why", "told"),
    [
        (local(24, 10, 0), local(21, 10, 0), "holiday:2017-07-21", "lùi từ ngày 21/7/2017 do nghỉ lễ"),
        (local(20, 10, 0), local(21, 10, 0), "holiday:2017-07-21", "chuyển lên từ ngày 21/7/2017 do nghỉ lễ"),
        (local(24, 10, 0), local(22, 10, 0), "weekend:2017-07-22", "lùi từ ngày 22/7/2017 do ngày nghỉ cuối tuần"),
        (local(24, 10, 0), local(21, 10, 0), "override: họp giao ban", "điều chỉnh từ ngày 21/7/2017: họp giao ban"),
        (local(24, 10, 0), local(21, 10, 0), "extended: mất điện", "được gia hạn từ ngày 21/7/2017"),
        (local(24, 10, 0), local(21, 10, 0), None, "điều chỉnh từ ngày 21/7/2017"),
        (
            local(21, 17, 0),
            local(21, 10, 0),
            "extended: mất điện",
            "được gia hạn từ 10 giờ 00 phút, ngày 21/7/2017",
        ),
        (local(21, 10, 0), local(21, 10, 0), None, ""),
        (None, None, None, ""),
    ],
)
def test_a_moved_cutoff_says_from_where_and_why(due, original, why, told):
    assert wording.moved_text("Asia/Ho_Chi_Minh", due, original, why) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (2 * 86_400 + 59, "2 ngày 0 giờ"),
        (-(86_400 + 3 * 3600 + 5), "1 ngày 3 giờ"),
        (3 * 3600 + 307, "3 giờ 05 phút"),
        (307, "5 phút"),
        (7, "7 giây"),
    ],
)
def test_a_stretch_is_told_without_its_smaller_half(seconds, told):
    assert MOMENTS.about(seconds) == told
