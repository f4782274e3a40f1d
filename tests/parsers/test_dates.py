"""Dates, windows and months; the form has one "tháng" for two dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.dates import read_date, read_month, read_window

ANCHOR = date(2017, 7, 21)


@pytest.mark.parametrize(
    ("text", "start", "end", "week"),
    [
        ("(Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7/2017)", "2017-07-14", "2017-07-20", "29"),
        ("(Báo cáo tuần 29 từ ngày 14 đến ngày 20 tháng 7 năm 2017)", "2017-07-14", "2017-07-20", "29"),
        ("Báo cáo tuần 47 từ ngày 14/11 đến ngày 20/11 tháng 11 năm 2026", "2026-11-14", "2026-11-20", "47"),
        ("từ ngày 28 đến ngày 03/8/2017", "2017-07-28", "2017-08-03", None),
        ("từ ngày 28 đến ngày 03 tháng 8 năm 2017", "2017-07-28", "2017-08-03", None),
        ("từ ngày 28/7 đến 03 năm 2017", "2017-07-28", "2017-08-03", None),
        ("Tuần 30 (17/7–23/7/2017)", "2017-07-17", "2017-07-23", "30"),
        ("tuần 29 (14-20/7/2017)", "2017-07-14", "2017-07-20", "29"),
        ("(từ 27.4 đến 3.5.2018)", "2018-04-27", "2018-05-03", None),
        ("từ ngày 29/12 đến ngày 04/01/2018", "2017-12-29", "2018-01-04", None),
        ("từ ngày 15/6 đến 14/7", "2017-06-15", "2017-07-14", None),
        ("từ ngày 14 tháng 7 đến hết ngày 20 tháng 7 năm 2017", "2017-07-14", "2017-07-20", None),
        ("từ ngày 14/7/2017 đến hết ngày 20/7/2017", "2017-07-14", "2017-07-20", None),
        ("tuần IV", None, None, "IV"),
    ],
)
def test_windows_as_offices_write_them(text: str, start: str | None, end: str | None, week: str | None) -> None:
    window = read_window(text, ANCHOR)
    assert window is not None
    assert (str(window.start or "") or None, str(window.end or "") or None, window.week) == (start, end, week)


def test_the_blank_line_of_the_form_states_no_window() -> None:
    assert read_window("(Báo cáo tuần....từ ngày... đến ngày.... tháng .... năm 2017)", ANCHOR) is None


def test_a_reversed_window_stays_as_written_for_the_judges_to_see() -> None:
    window = read_window("từ ngày 20/7 đến 14/7/2017", ANCHOR)
    assert window is not None
    assert (window.start, window.end) == (date(2017, 7, 20), date(2017, 7, 14))


def test_an_impossible_day_is_no_date() -> None:
    window = read_window("từ ngày 24/6 đến ngày 31/6/2017", ANCHOR)
    assert window is None or window.end is None


def test_without_an_anchor_a_missing_year_stays_missing() -> None:
    assert read_window("từ ngày 14/7 đến ngày 20/7", None) is None


@given(st.dates(date(2016, 1, 8), date(2035, 12, 20)), st.integers(1, 13))
def test_a_window_comes_back_whether_or_not_its_year_is_written(end: date, length: int) -> None:
    start = date.fromordinal(end.toordinal() - length)
    for text in (
        f"từ ngày {start.day}/{start.month}/{start.year} đến ngày {end.day}/{end.month}/{end.year}",
        f"từ ngày {start.day:02}/{start.month:02} đến ngày {end.day:02}/{end.month:02}/{end.year}",
        f"từ ngày {start.day}/{start.month} đến ngày {end.day}/{end.month}",
        f"từ ngày {start.day} tháng {start.month} đến ngày {end.day} tháng {end.month} năm {end.year}",
    ):
        window = read_window(text, end)
        assert window is not None
        assert (window.start, window.end) == (start, end)


@given(st.dates(date(2016, 1, 8), date(2035, 12, 20)), st.integers(1, 13))
def test_one_month_for_two_dates_puts_the_first_in_the_month_before_when_it_must(end: date, length: int) -> None:
    start = date.fromordinal(end.toordinal() - length)
    window = read_window(f"từ ngày {start.day} đến ngày {end.day} tháng {end.month} năm {end.year}", end)
    assert window is not None
    assert window.end == end
    assert window.start == start or start.day == end.day


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Công tác cải cách hành chính tháng 7/2017", "2017-07"),
        ("tháng 7 năm 2017", "2017-07"),
        ("Bao cao thang 7.2017", "2017-07"),
        ("tháng 07-2017", "2017-07"),
        ("báo cáo tháng 12", "2017-12"),
        ("6 tháng đầu năm 2017", None),
        ("tháng ... /2017", None),
        ("ngày 21 tháng 7 năm 2017", None),
        ("tháng 13/2017", None),
    ],
)
def test_stated_months(text: str, month: str | None) -> None:
    assert read_month(text, date(2017, 12, 20) if "12" in text else ANCHOR) == month


def test_a_month_without_year_needs_an_anchor() -> None:
    assert read_month("tháng 7", None) is None


def test_date_lines_and_their_blanks() -> None:
    assert read_date("Tỉnh Mẫu, ngày 21 tháng 7 năm 2017") == ANCHOR
    assert read_date("ngày 21/07/2017") == ANCHOR
    assert read_date("…………., ngày    tháng    năm 2017") is None
    assert read_date("ngày 31 tháng 6 năm 2017, nay là ngày 01 tháng 7 năm 2017") == date(2017, 7, 1)
