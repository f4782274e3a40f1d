"""Neighbours of a period, and the top of the roster."""

from __future__ import annotations

from datetime import date

from intake.rules import near
from intake.rules.roster import parse_roster
from tests.rules.makers import calendar, day, days, local, period

TET = days("2018-02-14", "2018-02-15", "2018-02-16", "2018-02-19", "2018-02-20")


def test_the_coming_period_is_the_next_one_whose_due_has_not_passed():
    cal = calendar(holidays=TET)
    assert near.coming(cal, "weekly", local("2017-07-21 10:00:00")).key == "weekly:2017-07-21"
    assert near.coming(cal, "weekly", local("2017-07-21 10:00:01")).key == "weekly:2017-07-28"
    assert near.coming(cal, "weekly", local("2018-02-12 10:00")).key == "weekly:2018-02-23", (
        "a skipped one is passed over"
    )


def test_the_period_before_passes_over_skipped_ones_and_ends_with_the_calendar():
    cal = calendar(start="2018-02-09", holidays=TET)
    assert near.before(cal, period(cal, "weekly:2018-02-23")).key == "weekly:2018-02-09"
    assert near.before(cal, period(cal, "weekly:2018-02-09")) is None


def test_a_day_begins_at_midnight_of_the_office():
    assert near.midnight(calendar(), day("2017-07-21")) == local("2017-07-21 00:00")
    assert near.midnight(calendar(), date.min).year == 1


def test_provincial_totals_sum_the_top_level_only():
    people = parse_roster("code,name,parent,addresses,reports\nHDT,Huyện,TINH,,weekly\nXA,Xã,HDT,,\n")
    assert near.top_level(people, "HDT", day("2017-07-21"))
    assert not near.top_level(people, "XA", day("2017-07-21"))
    assert not near.top_level(people, "ZZ", day("2017-07-21"))
