"""Figures held against the agency's own history: they ask where something is odd, and nowhere else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.plausibility import POINTS, Oddity, Past, Stated, expected, explained_by, oddities

NOW = "weekly:2018-06-29"


def weeks(*values: int, key: str = "received", cumulative: bool = False, year: int = 2018) -> list[Past]:
    """A history of one figure, a period each, ending the period before ``NOW``."""
    return [
        Past(f"weekly:{year}-05-{n:02d}", {key: Stated(Decimal(value), cumulative)})
        for n, value in enumerate(values, 1)
    ]


def odd(value: int, history: list[Past], *, key: str = "received", cumulative: bool = False) -> list[tuple[str, str]]:
    found = oddities({key: Stated(Decimal(value), cumulative)}, NOW, history)
    return [(o.code, o.about) for o in found]


STEADY = (1600, 1650, 1580, 1620, 1610, 1640, 1590, 1630)


def test_without_a_history_nothing_is_odd():
    assert odd(10**9, []) == []


@pytest.mark.parametrize("value", [1450, 1615, 1780])
def test_what_lies_near_the_median_is_not_asked_about(value: int):
    assert odd(value, weeks(*STEADY)) == []


@pytest.mark.parametrize(("value", "way"), [(16150, "up"), (2000, "up"), (1000, "down"), (0, "down")])
def test_from_eight_points_a_figure_far_from_the_median_is(value: int, way: str):
    assert odd(value, weeks(*STEADY)) == [("P01", f"received:{way}")]


def test_the_range_expected_is_told():
    (found,) = oddities({"received": Stated(Decimal(16150))}, NOW, weeks(*STEADY))
    assert found.low is not None
    assert found.high is not None
    assert found.low < Decimal(1615) < found.high < Decimal(16150)
    assert found.last == 1630


def test_equal_points_leave_a_twentieth_of_their_median_as_room():
    low, high = expected([Decimal(1000)] * POINTS)
    assert (low, high) == (825, 1175)


def test_small_numbers_are_noise():
    assert odd(9, weeks(*[0] * 8)) == []
    assert odd(10, weeks(*[0] * 8)) == [("P01", "received:up")]


@pytest.mark.parametrize(("value", "said"), [(8001, ["P02"]), (8000, []), (319, ["P02"]), (320, [])])
def test_below_eight_points_five_times_more_or_less_is_odd(value: int, said: list[str]):
    assert [code for code, _ in odd(value, weeks(1600))] == said


def test_below_eight_points_the_median_counts_as_well_as_last_time():
    assert [code for code, _ in odd(1600, weeks(100, 110, 90, 1600))] == ["P02"]


def test_what_is_held_against_the_median_says_so():
    (found,) = oddities({"received": Stated(Decimal(1600))}, NOW, weeks(100, 110, 90, 1600))
    assert (found.last, found.usual) == (Decimal(105), True)
    (found,) = oddities({"received": Stated(Decimal(8001))}, NOW, weeks(1600))
    assert (found.last, found.usual) == (Decimal(1600), False)


@pytest.mark.parametrize("history", [(8, 9, 7, 8, 9, 10, 8, 9, 200), (1600, 1650, 1580, 16_000), (900, 1000, 1100, 10)])
def test_back_to_the_median_after_one_odd_period_asks_nothing(history: tuple[int, ...]):
    assert odd(sorted(history)[len(history) // 2], weeks(*history)) == []


@pytest.mark.parametrize(
    ("value", "explained", "stands"),
    [(16_500, 16_000, True), (80_000, 16_000, True), (80_001, 16_000, False), (2000, 16_000, True), (9000, None, True)],
)
def test_an_explanation_stands_for_what_goes_no_more_than_five_times_further(
    value: int, explained: int | None, stands: bool
):
    oddity = Oddity("P01", "received", "up", Decimal(value))
    assert explained_by(oddity, None if explained is None else Decimal(explained)) is stands


@pytest.mark.parametrize("oddity", [Oddity("P03", "", "same"), Oddity("P04", "received", "down", Decimal(9))])
def test_an_explanation_of_what_is_of_one_period_stands_for_that_period_alone(oddity: Oddity):
    assert explained_by(oddity, Decimal(9), same_period=True)
    assert not explained_by(oddity, Decimal(9))


def test_with_a_wide_history_five_times_last_time_is_still_odd():
    assert odd(2000, weeks(100, 3000, 200, 2500, 50, 1800, 900, 300)) == [("P02", "received:up")]


def test_a_cumulative_figure_does_not_go_down_within_its_year():
    assert odd(900, weeks(500, 1000, cumulative=True), cumulative=True) == [("P04", "received:down")]
    assert odd(1000, weeks(500, 1000, cumulative=True), cumulative=True) == []
    assert odd(900, weeks(500, 1000, cumulative=True, year=2017), cumulative=True) == []


def test_a_period_that_names_no_year_has_no_cumulative_figures_to_compare():
    past = [Past("a", {"received": Stated(Decimal(5), True)})]
    assert oddities({"received": Stated(Decimal(1), True)}, "b", past) == ()


def test_cumulative_and_period_figures_are_never_compared():
    assert odd(90_000, weeks(*STEADY), cumulative=True) == []
    assert odd(90_000, weeks(*STEADY, cumulative=True)) == []


def test_later_periods_are_no_history():
    assert odd(16150, [Past("weekly:2018-07-06", {"received": Stated(Decimal(1600))})]) == []


FIVE = {name: Stated(Decimal(n)) for n, name in enumerate("abcde", 11)}


def test_a_report_that_repeats_the_last_one_looks_copied():
    assert oddities(FIVE, NOW, [Past("weekly:2018-06-22", FIVE)]) == (Oddity("P03", "", "same"),)


def test_a_report_of_zeros_or_with_one_difference_does_not():
    zeros = {name: Stated(Decimal(0)) for name in "abcde"}
    assert oddities(zeros, NOW, [Past("weekly:2018-06-22", zeros)]) == ()
    assert oddities(FIVE, NOW, [Past("weekly:2018-06-22", {**FIVE, "a": Stated(Decimal(12))})]) == ()
    older = [Past("weekly:2018-06-15", FIVE), Past("weekly:2018-06-22", {"a": Stated(Decimal(11))})]
    assert oddities(FIVE, NOW, older) == ()


def test_what_the_median_asks_is_not_asked_twice():
    assert odd(16150, weeks(*STEADY)) == [("P01", "received:up")]


values = st.integers(0, 10**6)


@given(st.lists(values, min_size=1, max_size=20), values)
def test_at_most_one_question_for_a_figure_and_it_points_the_right_way(past: list[int], value: int):
    history = [Past(f"weekly:2018-01-{n:02d}", {"x": Stated(Decimal(v))}) for n, v in enumerate(past, 1)]
    found = oddities({"x": Stated(Decimal(value))}, NOW, history)
    assert len(found) <= 1
    for one in found:
        bound = one.low if one.code == "P01" and one.way == "down" else one.high if one.code == "P01" else one.last
        assert bound is not None
        assert (value > bound) == (one.way == "up")


@given(st.lists(values, min_size=1, max_size=20), values, st.randoms())
def test_the_order_in_which_history_is_given_never_matters(past: list[int], value: int, random):
    history = [Past(f"weekly:2018-01-{n:02d}", {"x": Stated(Decimal(v))}) for n, v in enumerate(past, 1)]
    mixed = random.sample(history, len(history))
    now = {"x": Stated(Decimal(value))}
    assert oddities(now, NOW, history) == oddities(now, NOW, mixed)


@given(st.lists(values, min_size=POINTS, max_size=20))
def test_the_median_itself_is_never_outlying(past: list[int]):
    points = [Decimal(v) for v in past]
    low, high = expected(points)
    middle = sorted(points)[len(points) // 2]  # the upper one of two
    assert low <= high
    assert low <= middle
