"""Summaries of a month and a quarter: on the first working day after, once, as of that moment, out of the boards themselves."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.test_many import FRIDAYS, close, report
from tests.pipeline.world import ROSTER, World, mail, weekly_docx

DEPARTED = ROSTER.replace(
    "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly;monthly,2017-07-01,,",
    "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly;monthly,2017-07-01,2017-07-25,",
)


def summaries(world: World) -> list[EmailMessage]:
    return [x for x in world.letters("thuky@tinh.example") if str(x["Subject"]).startswith("Tổng hợp")]


@pytest.fixture
def july(world: World) -> World:
    """Two weeks of July: finance always, health once, the district gone after the first; the interior waived once."""
    (world.folder / "roster.csv").write_text(DEPARTED, encoding="utf-8")
    world.tick("2017-07-17 08:00:00")
    close(world, FRIDAYS[0], 1)
    report(world, "syt@tinh.example", "SỞ Y TẾ", FRIDAYS[1], 7)
    waive = ("due", "weekly:2017-07-28", "SNV", "--waive", "--reason", "đoàn công tác")
    assert world.cchc(*waive, now="2017-07-27 08:00:00").code == 0
    close(world, FRIDAYS[1], 2)
    return world


def test_a_month_is_told_on_the_first_working_day_after_it(july: World):
    july.poll("2017-08-01 07:58:00")
    assert not any("summary" in x["about"] for x in july.tick("2017-08-01 07:59:00")["letters"])
    (told,) = [x for x in july.tick("2017-08-01 08:00:00")["letters"] if "summary" in x["about"]]
    assert (told["kind"], told["about"], told["state"]) == ("digest", "summary:monthly:2017-07", "sent")
    assert not any("summary" in x["about"] for x in july.tick("2017-08-01 08:01:00")["letters"])
    (letter,) = summaries(july)
    assert str(letter["Subject"]) == "Tổng hợp tình hình nộp báo cáo CCHC tháng 7/2017"
    text = plain(letter)
    assert "Tổng số phải nộp 6 = 03 đúng hạn + 0 hoàn thiện bổ sung + 0 nộp chậm + 0 chưa đạt yêu cầu" in text
    assert "50,0% (3/6)" in text
    assert "Kỳ ngày 28/7/2017, số cơ quan phải nộp thay đổi" in text
    assert "1. Sở Tài chính" in text
    assert "100,0% · 2/2" in text
    assert "2. Sở Y tế" in text
    apart = text.partition("Không xếp hạng")[2]
    assert "Sở Nội vụ" in apart
    assert "được miễn hoặc không thuộc diện 01 kỳ" in apart
    assert "UBND huyện Đại Từ" in apart
    assert "thuộc diện báo cáo một phần thời gian" in apart
    assert "--as-of 2017-08-01T08:00:00+07:00" in text


def test_difficulties_of_all_its_periods_are_gathered_and_what_is_said_again_stands_once(world: World):
    world.tick("2017-07-17 08:00:00")
    weeks = (("2017-07-21", "từ ngày 14/7 đến ngày 20/7/2017"), ("2017-07-28", "từ ngày 21/7 đến ngày 27/7/2017"))
    said = {"stc": ("Thiếu kinh phí gây khó khăn.",) * 2, "syt": ("Đường truyền gặp khó khăn.", "Không có khó khăn.")}
    for n, (friday, window) in enumerate(weeks):
        for sender, name in (("stc", "SỞ TÀI CHÍNH"), ("syt", "SỞ Y TẾ")):
            docx = weekly_docx(name, window, (1625 + n, 1615, 1595, 20, 10), assessment=said[sender][n])
            world.deliver(mail(f"{sender}@tinh.example", "bc tuần", {"bc.docx": docx}), f"{friday} 09:00:00")
        world.poll(f"{friday} 10:01:00")
        world.tick(f"{friday} 10:06:00")
    world.poll("2017-08-01 07:58:00")
    world.tick("2017-08-01 08:00:00")
    text = plain(summaries(world)[0])
    assert "Khó khăn, vướng mắc, kiến nghị (02 cơ quan)" in text
    assert "1. Sở Tài chính (kỳ ngày 21/7/2017, kỳ ngày 28/7/2017): Thiếu kinh phí gây khó khăn." in text
    assert "2. Sở Y tế (kỳ ngày 21/7/2017): Đường truyền gặp khó khăn." in text


def test_its_figures_are_those_of_the_boards_at_that_moment(july: World):
    july.poll("2017-08-01 07:58:00")
    july.tick("2017-08-01 08:00:00")
    text = plain(summaries(july)[0])
    for key in ("weekly:2017-07-21", "weekly:2017-07-28", "monthly:2017-07"):
        board = july.board(key, "2017-09-01 09:00:00", "--as-of", "2017-08-01T08:00:00+07:00")
        n, expected = board["timeliness"]["n"], board["timeliness"]["expected"]
        assert f" · {n}/{expected}" in text


def test_nothing_is_told_before_the_mailbox_was_read_beyond_the_last_cutoff(world: World):
    world.tick("2017-07-17 08:00:00")
    assert not any("summary" in x["about"] for x in world.tick("2017-08-01 08:00:00")["letters"])
    world.poll("2017-08-01 08:01:00")
    assert any("summary" in x["about"] for x in world.tick("2017-08-01 08:02:00")["letters"])


def test_a_quarter_is_told_beside_its_last_month_and_a_late_start_sends_neither(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-10-02 07:00:00")
    abouts = [x["about"] for x in world.tick("2017-10-02 08:00:00")["letters"] if "summary" in x["about"]]
    assert abouts == ["summary:monthly:2017-09", "summary:quarterly:2017-Q3"]
    assert "quý III/2017" in str(summaries(world)[-1]["Subject"])
    world.poll("2018-01-20 07:00:00")
    assert not any("summary" in x["about"] for x in world.tick("2018-01-20 08:00:00")["letters"])


def test_summaries_may_be_switched_off(world: World):
    world.notify = "summaries = []"
    world.write_config()
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-08-01 07:00:00")
    assert not any("summary" in x["about"] for x in world.tick("2017-08-01 08:00:00")["letters"])
