"""Days no report covers, days two cover: windows as stated, one behind the other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.coverage import LONGEST, Coverage, coverage


def day(text: str) -> date:
    month, number = text.split("-")
    return date(2017, int(month), int(number))


def span(first: str, last: str) -> tuple[date, date]:
    return day(first), day(last)


def weekday(when: date) -> bool:
    return when.weekday() < 5


FRIDAY_TO_THURSDAY = span("07-14", "07-20")


@pytest.mark.parametrize(
    ("window", "uncovered", "twice"),
    [
        (span("07-21", "07-27"), (), ()),
        (span("07-24", "07-30"), (span("07-21", "07-21"),), ()),
        (span("07-25", "07-30"), (span("07-21", "07-21"), span("07-24", "07-24")), ()),
        (span("07-17", "07-23"), (), (span("07-17", "07-20"),)),
        (span("07-14", "07-20"), (), (span("07-14", "07-20"),)),
        (span("07-27", "07-21"), (), ()),
    ],
)
def test_the_days_between_two_reports_and_those_in_both(window, uncovered, twice):
    assert coverage(window, [FRIDAY_TO_THURSDAY], weekday) == Coverage(uncovered, twice)


def test_a_week_from_monday_to_friday_leaves_no_gap_over_its_weekend():
    assert coverage(span("07-24", "07-28"), [span("07-17", "07-21")], weekday) == Coverage()


def test_a_holiday_nobody_reports_on_is_no_gap():
    assert (
        coverage(span("07-24", "07-30"), [FRIDAY_TO_THURSDAY], lambda when: weekday(when) and when != day("07-21"))
        == Coverage()
    )


def test_the_first_report_leaves_nothing_open_and_what_came_for_later_days_says_nothing():
    assert coverage(span("07-21", "07-27"), [], weekday) == Coverage()
    assert coverage(span("07-07", "07-13"), [FRIDAY_TO_THURSDAY], weekday) == Coverage()
    assert coverage(span("07-07", "07-13"), [span("07-20", "07-14")], weekday) == Coverage()


def test_a_gap_of_months_is_an_agency_that_began_anew():
    assert coverage(span("12-22", "12-28"), [FRIDAY_TO_THURSDAY], weekday).uncovered == ()
    assert coverage((date(2017, 1, 1), date(2017, 12, 31)), [FRIDAY_TO_THURSDAY], weekday) == Coverage()


DAYS = st.dates(date(2017, 1, 1), date(2017, 3, 1))
WINDOWS = st.tuples(DAYS, DAYS)


@given(WINDOWS, st.lists(WINDOWS, max_size=4))
def test_no_day_is_called_uncovered_that_a_report_covers_nor_twice_that_only_one_does(window, earlier):
    found = coverage(window, earlier, lambda _: True)
    for first, last in found.uncovered:
        assert not any(a <= first <= b or a <= last <= b for a, b in [*earlier, window] if a <= b and a <= window[0])
    for first, last in found.twice:
        assert window[0] <= first <= last <= window[1]
        assert any(a <= first <= b for a, b in earlier)
    assert all((last - first).days < LONGEST for first, last in found.uncovered)
