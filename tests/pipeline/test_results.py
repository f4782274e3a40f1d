"""Results beside punctuality, from mails to the digest: pooled, with n/E, missing where nobody stated them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from intake.board import period_of
from intake.book import law_of
from intake.config import load
from intake.desk import Desk
from intake.results import Result, Sum, asked_of, definitions, of_period, pooled
from intake.rules.plausibility import Stated
from intake.wiring import given_clock, open_desk
from parsers.form import load_forms
from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, at, mail, weekly_docx


def figures(cumulative: bool = False, **values: int) -> dict[str, Stated]:
    return {key: Stated(Decimal(value), cumulative) for key, value in values.items()}


SHARE = Result("r", "R", (("on_time", "resolved"),))
LEVELS = Result("l", "L", (("l3", "t3"), ("l4", "t4")))


def test_only_reports_that_state_both_sides_stand_behind_a_share():
    reports = [
        figures(on_time=90, resolved=100),
        figures(on_time=7),
        figures(resolved=50),
        figures(on_time=0, resolved=10),
    ]
    assert pooled(SHARE, reports, 5) == Sum(Decimal(90), Decimal(110), 2, 5)


def test_a_pair_without_its_other_side_is_left_out_and_the_other_pair_counts():
    assert pooled(LEVELS, [figures(l3=4, t3=10, l4=3)], 1) == Sum(Decimal(4), Decimal(10), 1, 1)
    assert pooled(LEVELS, [figures(l3=4, t3=10, l4=3, t4=5)], 1) == Sum(Decimal(7), Decimal(15), 1, 1)


def test_cumulative_figures_are_not_counted_again_each_week():
    assert pooled(SHARE, [figures(cumulative=True, on_time=90, resolved=100)], 1).fact.part is None


def test_nobody_is_not_nothing():
    assert (pooled(SHARE, [], 3).fact.part, pooled(SHARE, [], 3).fact.n) == (None, 0)


def test_a_form_is_asked_for_the_results_it_holds_figures_for():
    forms = load_forms()
    assert asked_of(forms.get("tasks")) == ()
    assert asked_of(forms.get("weekly")) == definitions()


def test_every_figure_of_the_definitions_is_a_line_of_a_form():
    forms = load_forms()
    known = {line.key for name in forms.names() for line in forms.get(name).lines}
    assert {key for result in definitions() for pair in result.pairs for key in pair} <= known
    assert [(r.key, r.goal) for r in definitions()] == [
        ("resolved_on_time", ""),
        ("electronic_documents", "80"),
        ("levels_3_and_4", "40"),
        ("feedback_resolved", ""),
    ]


@pytest.fixture
def two_weeks(world: World) -> World:
    """Two weeks of two departments; two more agencies owe and are silent."""
    world.tick("2017-07-17 08:00:00")
    for n, (friday, window) in enumerate(
        (("2017-07-21", "từ ngày 14/7 đến ngày 20/7/2017"), ("2017-07-28", "từ ngày 21/7 đến ngày 27/7/2017"))
    ):
        for agency, sender, resolved, on_time in (
            ("SỞ TÀI CHÍNH", "stc", 1000 + n, 900),
            ("SỞ Y TẾ", "syt", 500 + n, 450 + n),
        ):
            docx = weekly_docx(agency, window, (2000, resolved, on_time, resolved - on_time, 0), f"{n}/BC")
            world.deliver(mail(f"{sender}@tinh.example", f"bc tuần {n}", {"bc.docx": docx}), f"{friday} 09:00:00")
        world.poll(f"{friday} 10:01:00")
        world.tick(f"{friday} 10:06:00")
    return world


def test_the_digest_shows_results_now_since_january_and_before(two_weeks: World):
    digests = [x for x in two_weeks.letters("thuky@tinh.example") if "báo cáo tuần CCHC kỳ 28/7" in str(x["Subject"])]
    text = plain(digests[-1])
    assert "Kết quả bên cạnh việc nộp đúng hạn" in text
    assert "89,9% · 1.351/1.502 · 2/4 báo cáo" in text  # this week
    assert "90,0% · 2.701/3.002 · 4/8 báo cáo" in text  # since 1 January
    assert "90,0% · 1.350/1.500 · 2/4 báo cáo" in text  # last week
    assert "chưa có số liệu · 0/4 báo cáo" in text  # levels 3 and 4: nobody stated them
    assert "≥ 80%, đạt" in text  # 180 of 200 documents each
    assert "≥ 40%" in text
    assert "≥ 40%, " not in text


def test_results_of_a_moment_stay_what_they_were(two_weeks: World):
    as_of = "2017-07-21T10:06:00+07:00"
    then = two_weeks.board("weekly:2017-07-21", "2017-07-28 11:00:00", "--as-of", as_of)["results"]
    fix = weekly_docx("SỞ TÀI CHÍNH", "từ ngày 14/7 đến ngày 20/7/2017", (2000, 1000, 999, 1, 0), "9/BC")
    two_weeks.deliver(
        mail(subject="Re: bc tuần 0 [CCHC-20170721-W-STC-r1]", files={"bc.docx": fix}), "2017-07-28 11:30:00"
    )
    two_weeks.poll("2017-07-28 11:31:00")
    now = two_weeks.board("weekly:2017-07-21", "2017-07-28 11:32:00")["results"]
    again = two_weeks.board("weekly:2017-07-21", "2017-07-28 11:33:00", "--as-of", as_of)["results"]
    first = {"key": "resolved_on_time", "part": "1350", "whole": "1500", "n": 2, "expected": 4}
    assert then[0] == again[0] == first
    assert now[0]["part"] == "1449"


def test_remembered_sums_follow_every_change_of_what_they_are_made_of(two_weeks: World):
    settings = load(two_weeks.folder / "config.toml", {})
    later = at("2017-07-28 12:00:00")

    def sums(desk: Desk, moment: datetime = later) -> tuple[str | None, str | None, int, int]:
        with desk.ledger.read() as q:
            law = law_of(desk, q)
            period = period_of(q, law.calendar, "weekly:2017-07-21", moment)
            one = of_period(desk, q, law, period, moment)["resolved_on_time"].fact
        return one.part, one.whole, one.n, one.expected

    with open_desk(settings, given_clock(later), lock=False, worker=False) as desk:
        assert sums(desk) == sums(desk) == ("1350", "1500", 2, 4)
        assert sums(desk, at("2017-07-21 09:59:00")) == (None, None, 0, 0)  # nothing was due yet
        assert sums(desk, at("2017-07-21 10:00:30")) == (None, None, 0, 4)  # due, and nothing known of it
        assert sums(desk) == ("1350", "1500", 2, 4)
        said = ("decide", "CCHC-20170721-W-STC-r1", "--set", "on_time=950", "--reason", "đọc lại")
        assert two_weeks.cchc(*said, now="2017-07-28 11:00:00").code == 0
        assert sums(desk) == ("1400", "1500", 2, 4)
        waive = ("due", "weekly:2017-07-21", "SYT", "--waive", "--second", "An", "--reason", "bão")
        assert two_weeks.cchc(*waive, now="2017-07-28 11:10:00").code == 0
        assert sums(desk) == ("950", "1000", 1, 3)
        gone = ("decide", "CCHC-20170721-W-STC-r1", "--withdraw", "--second", "An", "--reason", "rút")
        assert two_weeks.cchc(*gone, now="2017-07-28 11:20:00").code == 0
        assert sums(desk) == (None, None, 0, 3)
