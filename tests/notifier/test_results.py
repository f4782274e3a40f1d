"""Results beside punctuality in words: shares of pooled figures with n/E, and what is missing said to be missing."""

from __future__ import annotations

import pytest

from notifier.facts_of_many import ResultFact, ShareFact
from notifier.results import goal_text, results_grid, share_text

SHARE = ShareFact("1590", "1665", 23, 29)
NOBODY = ShareFact(None, None, 0, 29)
NOTHING = ShareFact("0", "0", 5, 29)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (SHARE, "95,5% · 1.590/1.665 · 23/29 báo cáo"),
        (NOBODY, "chưa có số liệu · 0/29 báo cáo"),
        (NOTHING, "0/0 · 5/29 báo cáo"),
        (ShareFact("0", "10", 1, 29), "0,0% · 0/10 · 1/29 báo cáo"),
    ],
)
def test_a_share_is_shown_with_what_stands_behind_it(share: ShareFact, text: str):
    assert share_text(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (ShareFact("80", "100", 2, 3), "≥ 80%, đạt"),
        (ShareFact("7999", "10000", 2, 3), "≥ 80%, chưa đạt"),
        (NOBODY, "≥ 80%"),
        (NOTHING, "≥ 80%"),
    ],
)
def test_a_goal_is_judged_by_the_exact_share_and_only_where_there_is_one(share: ShareFact, text: str):
    assert goal_text(ResultFact("x", "X", "80", share, share)) == text


def test_a_result_without_a_goal_or_a_period_before_has_dashes():
    grid = results_grid((ResultFact("x", "Hồ sơ đúng hạn", "", SHARE, SHARE),))
    assert grid.rows[0] == ("Hồ sơ đúng hạn", share_text(SHARE), share_text(SHARE), "–", "–")
