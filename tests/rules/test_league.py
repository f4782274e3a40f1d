"""League tables: exact shares, fair ties, and nobody ranked on what was not wholly its own."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from intake.rules.league import league
from intake.rules.values import CLASSES, Board, BoardLine

AT = datetime(2017, 7, 21, 3, tzinfo=UTC)


def board(**classes: str) -> Board:
    """One period: agency → class of its due."""
    lines = tuple(BoardLine(agency, name, "required", AT) for agency, name in classes.items())
    return Board("weekly:2017-07-21", AT, AT, closed=True, lines=lines)


def ranks(*boards: Board) -> list[tuple[str, int | None, str]]:
    return [(one.agency, one.rank, one.apart) for one in league(boards)]


def test_equal_shares_share_a_rank_and_the_next_counts_on():
    weeks = [
        board(A="on_time", B="on_time", C="late", D="missing"),
        board(A="on_time", B="on_time", C="late", D="late"),
    ]
    assert ranks(*weeks) == [("A", 1, ""), ("B", 1, ""), ("C", 3, ""), ("D", 4, "")]


def test_late_is_better_than_never_where_as_many_were_on_time():
    assert ranks(board(A="missing", B="late", C="cured")) == [("B", 1, ""), ("C", 1, ""), ("A", 3, "")]


def test_part_period_waived_and_in_review_stand_apart_with_what_they_have():
    weeks = [
        board(A="on_time", B="on_time", C="waived", D="on_time"),
        board(A="missing", C="on_time", D="in_review", E="not_yet_due"),
    ]
    assert ranks(*weeks) == [
        ("A", 1, ""),
        ("B", None, "part"),
        ("C", None, "waived"),
        ("D", None, "in_review"),
        ("E", None, "part"),
    ]
    b = next(one for one in league(weeks) if one.agency == "B")
    assert (b.classes["on_time"], b.expected, b.met) == (1, 1, 1)


def test_what_is_not_due_yet_has_no_rank():
    assert ranks(board(A="not_yet_due")) == [("A", None, "nothing")]


def test_a_skipped_period_makes_nobody_a_part_period_agency():
    assert ranks(board(A="on_time"), board()) == [("A", 1, "")]


@given(st.lists(st.fixed_dictionaries({name: st.sampled_from(CLASSES) for name in "ABCDE"}), min_size=1, max_size=6))
def test_nobody_ranked_lower_did_better_and_the_sums_hold(weeks: list[dict[str, str]]):
    standings = league([board(**week) for week in weeks])
    assert {one.agency for one in standings} == set("ABCDE")
    ranked = [one for one in standings if one.rank is not None]
    for above, below in pairwise(ranked):
        assert above.classes["on_time"] * below.expected >= below.classes["on_time"] * above.expected
        assert (above.rank or 0) <= (below.rank or 0)
    assert all(one.expected + one.waived == len(weeks) for one in standings)
