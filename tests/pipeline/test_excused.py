"""Whoever was told that nothing had come is told when that is no longer asked of it: what a letter stated never changes in silence."""

from __future__ import annotations

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"
LATER = "2017-07-21 11:00:00"


@pytest.fixture
def told(world: World) -> World:
    """Nobody sent anything, and everybody has been written to."""
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    assert "Chưa nhận được" in str(world.letters("stc@tinh.example")[-1]["Subject"])
    return world


def changed(world: World, *args: str) -> str:
    """Change what is owed, with a second person; the last letter to the finance department."""
    before = len(world.letters("stc@tinh.example"))
    answer = world.cchc(*args, "--second", "An", "--reason", "đang sáp nhập", now=LATER)
    assert answer.code == 0, answer.out
    world.poll("2017-07-21 11:01:00")
    letters = world.letters("stc@tinh.example")
    assert len(letters) == before + 1
    assert letters[-1]["In-Reply-To"] == letters[before - 1]["Message-ID"], "in the thread of the notice"
    assert str(letters[-1]["Subject"]).startswith("Điều chỉnh thông báo chưa nhận được báo cáo tuần CCHC")
    return plain(letters[-1])


def test_who_is_waived_after_the_notice_is_told_so(told: World):
    letter = changed(told, "due", WEEK, "STC", "--waive")
    assert "được miễn Báo cáo tuần về công tác CCHC (kỳ ngày 21/7/2017)" in letter
    assert "không phải gửi báo cáo này" in letter
    assert len(told.letters("syt@tinh.example")) == 1, "nobody else is written to"
    assert told.classes(WEEK, "2017-07-21 11:02:00")["STC"] == "waived"


def test_who_owes_nothing_after_all_is_told_so(told: World):
    assert "không thuộc diện gửi Báo cáo tuần" in changed(told, "due", WEEK, "STC", "--not-applicable")


def test_who_is_given_longer_after_the_notice_is_told_until_when(told: World):
    letter = changed(told, "due", WEEK, "STC", "--extend-to", "2017-07-21T16:00:00+07:00")
    assert "đến 16 giờ 00 phút, thứ Sáu, ngày 21/7/2017" in letter
    told.poll("2017-07-21 16:01:00")
    told.tick("2017-07-21 16:06:00")
    assert "Chưa nhận được" in str(told.letters("stc@tinh.example")[-1]["Subject"]), "asked for again when that passed"
    changed_again = told.cchc(
        "due", WEEK, "STC", "--waive", "--second", "An", "--reason", "x", now="2017-07-21 17:00:00"
    )
    assert changed_again.code == 0
    told.poll("2017-07-21 17:01:00")
    assert "được miễn" in plain(told.letters("stc@tinh.example")[-1])


def test_a_period_skipped_after_the_notices_is_told_to_everybody_who_got_one(told: World):
    assert "không thuộc diện gửi" in changed(told, "period", WEEK, "--skip")
    assert "Điều chỉnh" in str(told.letters("syt@tinh.example")[-1]["Subject"])


def test_who_has_reported_since_is_told_of_its_report_alone(told: World):
    told.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 10:30:00")
    told.poll("2017-07-21 10:31:00")
    waive = ("due", WEEK, "STC", "--waive", "--second", "An", "--reason", "x")
    assert told.cchc(*waive, now=LATER).code == 0
    told.poll("2017-07-21 11:01:00")
    subjects = [str(x["Subject"]) for x in told.letters("stc@tinh.example")]
    assert not [x for x in subjects if "Điều chỉnh thông báo" in x]
    assert "Điều chỉnh kết quả" in subjects[-1]


def test_what_had_come_for_a_period_skipped_later_counts_nowhere_and_the_next_one_is_still_asked_for(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    assert world.cchc("period", WEEK, "--skip", "--reason", "Bão", now="2017-07-20 12:00:00").code == 0
    world.poll("2017-07-28 10:01:00")
    world.tick("2017-07-28 10:06:00")
    now = "2017-07-28 10:07:00"
    assert world.classes("weekly:2017-07-28", now)["STC"] == "missing", "the week skipped is no report of this one"
    (row,) = [row for row in world.log(now) if row["submissions"]]
    assert [(s["receipt"], s["class"]) for s in row["submissions"]] == [("CCHC-20170721-W-STC-r1", "not_applicable")]
    correction, notice = world.letters("stc@tinh.example")[1], world.letters("stc@tinh.example")[-1]
    assert "không thuộc diện báo cáo" in str(correction["Subject"])
    assert "Chưa nhận được" in str(notice["Subject"])
    assert world.cchc("verify", "--json", now=now).json["ok"]
