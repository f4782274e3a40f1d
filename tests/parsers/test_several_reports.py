"""Several reports in one file: each is read as itself, also where one stands under a heading no form knows."""

from __future__ import annotations

import pytest

from parsers.extract import Hints, extract
from tests.parsers.document_builders import WEEKLY
from tests.parsers.reports import corpus, document, forms

UNTITLED = "\n".join(WEEKLY)
MONTHLY, TITLED = corpus("monthly_filled.txt"), corpus("weekly_filled.txt")


def told(*texts: str) -> list[tuple[str, str, int | None]]:
    found = extract(document("\n".join(texts)), forms(), Hints())
    return [(one.type, one.number, one.figure("received") and one.figure("received").value) for one in found]


@pytest.mark.parametrize("weekly", [UNTITLED, TITLED])
def test_a_weekly_report_before_or_behind_a_monthly_one_is_no_part_of_it(weekly):
    week, month = ("weekly", "123/BC-SNV", 1625), ("monthly", "123/BC-SNV", 5432)
    assert told(weekly, MONTHLY) == [week, month]
    assert told(MONTHLY, weekly) == [month, week]


def test_what_another_report_says_does_not_reach_into_the_one_it_stands_behind():
    alone, *_ = extract(document(MONTHLY), forms(), Hints())
    beside, _ = extract(document(MONTHLY + "\n" + UNTITLED), forms(), Hints())
    assert (beside.figures, beside.texts, beside.window) == (alone.figures, alone.texts, alone.window)


@pytest.mark.parametrize(
    "more",
    [
        "BÁO CÁO TUẦN\n- Tổng số hồ sơ đã tiếp nhận: 12\n- Tổng số hồ sơ đã giải quyết: 11\n- Hồ sơ quá hạn: 1",  # no letterhead
        "Số: 9/BC-SNV\nBÁO CÁO TUẦN\nSở báo cáo như trên.",  # no figures
        "Số: 9/BC-SNV\nBáo cáo tuần này đã gửi trước.\n- Tổng số hồ sơ đã tiếp nhận: 5.432",  # a sentence
    ],
)
def test_what_is_no_report_of_its_own_makes_none(more):
    assert [one[0] for one in told(MONTHLY, more)] == ["monthly"]
