"""What the roster or a letter has settled already is not asked for again, and nobody is told to do nothing where something is owed."""

from __future__ import annotations

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import ROSTER, World, mail, monthly_docx, weekly_docx

WEEK = "weekly:2017-07-21"
R1, R2 = "CCHC-20170721-W-STC-r1", "CCHC-20170721-W-STC-r2"
NOT_ASKED = ROSTER.replace("successors\n", "successors,not_applicable\n").replace(
    "SYT,weekly;monthly,2017-07-01,,", "SYT,weekly;monthly,2017-07-01,,,returned"
)
BLANK = (1625, 1615, 1595, 20, "……")


def sent(world: World, when: str, sender: str = "stc@tinh.example", subject: str = "Báo cáo tuần", **docx: object):
    world.deliver(mail(sender, subject, {"bc.docx": weekly_docx(**docx)}), f"{when}:00")
    world.poll(f"{when}:30")


def answer(world: World, letter, text: str, when: str) -> None:
    threading = {"In-Reply-To": letter["Message-ID"], "References": letter["Message-ID"]}
    world.deliver(mail("stc@tinh.example", f"Re: {letter['Subject']}", text=text, headers=threading), f"{when}:00")
    world.poll(f"{when}:30")


def test_a_line_the_roster_marks_not_applicable_is_not_asked_for(world: World):
    (world.folder / "roster.csv").write_text(NOT_ASKED, encoding="utf-8")
    sent(world, "2017-07-21 09:00", "syt@tinh.example", agency="SỞ Y TẾ", figures=BLANK, number="1/BC-SYT")
    (letter,) = world.letters("syt@tinh.example")
    assert "quý cơ quan không phải làm gì thêm" in plain(letter)
    assert "W01" not in plain(letter)
    assert world.log("2017-07-21 09:01:00")[0]["submissions"][0]["findings"] == []
    two = weekly_docx("SỞ Y TẾ", figures=(1625, 1615, 1595, "……", "……"), number="2/BC-SYT")
    world.deliver(mail("syt@tinh.example", "bản sau", {"bc.docx": two}), "2017-07-21 09:10:00")
    world.poll("2017-07-21 09:11:00")
    (row,) = [row for row in world.log("2017-07-21 09:12:00") if row["subject"] == "bản sau"]
    shown = world.cchc("show", str(row["id"]), "--json", now="2017-07-21 09:12:00").json
    (w01,) = [x for x in shown["reports"][0]["findings"] if x["code"] == "W01"]
    assert w01["figures"] == ["overdue"]
    assert "01 dòng" in w01["message"]
    assert world.cchc("replay", now="2017-07-21 09:13:00").out.strip() == "0 differences"


def test_lines_left_blank_are_told_once_and_a_reason_stands_for_none_of_them(world: World):
    world.tick("2017-07-17 08:00:00")
    sent(world, "2017-07-20 09:00", figures=BLANK)
    first = world.letters("stc@tinh.example")[-1]
    assert plain(first).count("Hồ sơ trả lại (tổ chức, cá nhân) (bỏ trống)") == 1
    assert "W01" not in plain(first)
    assert "Ngoài ra" not in plain(first)
    answer(world, first, "W01: không phát sinh hồ sơ trả lại", "2017-07-20 10:00")
    told = world.letters("stc@tinh.example")[-1]
    assert "Đã ghi nhận giải trình; báo cáo vẫn cần bổ sung số liệu" in str(told["Subject"])
    words = " ".join(plain(told).split())
    assert "BÁO CÁO VẪN CHƯA ĐẠT YÊU CẦU" in words
    assert "chậm nhất 10 giờ 00 phút, ngày 21/7/2017" in words
    assert "– Hồ sơ trả lại (tổ chức, cá nhân) (bỏ trống)." in words
    assert 'W01] Còn dòng bắt buộc chưa có số liệu (CCHC-20170721-W-STC-r1): "không phát sinh hồ sơ trả lại"' in words
    assert "không phải làm gì thêm" not in words
    assert "còn thiếu: không có" not in words
    answer(world, told, "W01: không phát sinh hồ sơ trả lại", "2017-07-21 11:00")
    assert "chậm nhất 17 giờ 00 phút, ngày 24/7/2017 để được tính đúng hạn, đã hoàn thiện" in " ".join(
        plain(world.letters("stc@tinh.example")[-1]).split()
    )


def test_once_a_later_revision_counts_no_letter_about_the_earlier_one_follows(world: World):
    world.tick("2017-07-17 08:00:00")
    sent(world, "2017-07-21 09:00", figures=BLANK)
    sent(world, "2017-07-24 09:00", subject="bản đầy đủ")
    before = len(world.letters("stc@tinh.example"))
    paper = ("due", WEEK, "STC", "--paper", "12/VT", "--reason", "bản giấy đã nhận")
    assert world.cchc(*paper, now="2017-07-24 10:00:00").code == 0
    assert len(world.letters("stc@tinh.example")) == before, "its own letter said what the later one changed"
    waive = ("due", WEEK, "STC", "--waive", "--second", "An", "--reason", "bão")
    assert world.cchc(*waive, now="2017-07-24 11:00:00").code == 0
    (corrected,) = world.letters("stc@tinh.example")[before:]
    assert R2 in str(corrected["Subject"]), "the class is corrected where it was told last, once"


def test_a_withdrawn_revision_is_told_of_once(world: World):
    world.tick("2017-07-17 08:00:00")
    sent(world, "2017-07-20 09:00")
    sent(world, "2017-07-20 10:00", subject="bản sửa", figures=(1630, 1615, 1595, 20, 15))
    before = len(world.letters("stc@tinh.example"))
    for receipt in (R2, R1):
        withdraw = ("decide", receipt, "--withdraw", "--second", "An", "--reason", "cơ quan xin rút")
        assert world.cchc(*withdraw, now="2017-07-21 14:00:00").code == 0
    told = [str(x["Subject"]) for x in world.letters("stc@tinh.example")[before:]]
    assert [R2 in told[0], R1 in told[1], len(told)] == [True, True, 2]
    sent(world, "2017-07-24 09:00", subject="bản cuối")
    after = len(world.letters("stc@tinh.example"))
    paper = ("due", WEEK, "STC", "--paper", "12/VT", "--reason", "bản giấy đã nhận")
    assert world.cchc(*paper, now="2017-07-24 10:00:00").code == 0
    assert len(world.letters("stc@tinh.example")) == after


def test_a_figure_is_not_compared_with_what_an_unconfirmed_stranger_sent(world: World):
    sent(world, "2017-07-21 09:00", "la@khac.example", agency="SỞ TÀI CHÍNH", figures=(9, 9, 9, 0, 0))
    sent(world, "2017-07-21 09:10")
    letter = plain(world.letters("stc@tinh.example")[-1])
    assert "bản trước" not in letter
    assert "thay đổi so với lần nộp trước" not in letter


def test_who_is_not_asked_for_a_report_is_not_said_to_be_excused(world: World):
    world.tick("2017-07-17 08:00:00")
    change = ("due", WEEK, "STC", "--not-applicable", "--reason", "chưa có bộ phận một cửa")
    assert world.cchc(*change, now="2017-07-20 08:00:00").code == 0
    sent(world, "2017-07-21 09:00")
    assert "không thuộc diện báo cáo kỳ này" in str(world.letters("stc@tinh.example")[-1]["Subject"])


@pytest.mark.parametrize("word", [("--period", "weekly:2017-07-28"), ("--agency", "SYT")])
def test_moving_a_report_that_was_told_of_needs_two_persons_after_the_cutoff(world: World, word: tuple[str, str]):
    sent(world, "2017-07-21 09:00")
    alone = world.cchc("decide", R1, *word, "--reason", "nhầm", now="2017-07-21 10:30:00")
    assert (alone.code, world.classes(WEEK, "2017-07-21 10:31:00")["STC"]) == (2, "on_time")
    two = world.cchc("decide", R1, *word, "--second", "An", "--reason", "nhầm", now="2017-07-21 10:40:00")
    assert (two.code, world.classes(WEEK, "2017-07-21 10:41:00")["STC"]) == (0, "missing")


def test_the_period_it_has_anyway_is_said_by_one_person(world: World):
    sent(world, "2017-07-21 09:00")
    same = ("decide", R1, "--period", WEEK, "--reason", "đúng kỳ này")
    assert world.cchc(*same, now="2017-07-21 10:30:00").code == 0


def test_the_verb_tells_the_class_of_the_moment_and_not_that_of_the_cutoff(world: World):
    world.tick("2017-07-17 08:00:00")
    extend = ("due", WEEK, "STC", "--extend-to", "2017-07-24 10:00:00", "--reason", "mưa lũ", "--json")
    assert world.cchc(*extend, now="2017-07-20 08:00:00").json["class"] == "not_yet_due"


def test_a_moved_or_skipped_period_says_why_wherever_it_stands(world: World):
    world.tick("2017-07-17 08:00:00")
    move = ("period", WEEK, "--due-at", "2017-07-21 16:00:00", "--reason", "mất điện")
    assert world.cchc(*move, now="2017-07-20 08:00:00").code == 0
    skip = ("period", "weekly:2017-07-28", "--skip", "--reason", "họp toàn tỉnh")
    assert world.cchc(*skip, now="2017-07-20 08:01:00").code == 0
    world.poll("2017-07-21 16:01:00")
    world.tick("2017-07-21 16:06:00")
    digest = plain(world.letters("thuky@tinh.example")[-1])
    assert "(điều chỉnh từ 10 giờ 00 phút, ngày 21/7/2017: mất điện)" in " ".join(digest.split())
    board = world.board(WEEK, "2017-07-21 16:07:00")
    assert (board["due_original"][11:16], board["due_why"], board["skipped"]) == ("10:00", "override: mất điện", False)
    assert "moved from" in world.cchc("board", WEEK, now="2017-07-21 16:07:00").out
    skipped = world.cchc("board", "weekly:2017-07-28", now="2017-07-21 16:07:00").out
    assert "skipped, nobody owes it (override: họp toàn tỉnh)" in skipped
    year = world.cchc("calendar", "2017", "--json", now="2017-07-21 16:08:00").json["cutoffs"]
    assert [row["due_why"] for row in year if row["due_why"]] == ["override: mất điện", "override: họp toàn tỉnh"]


def test_days_are_held_against_reports_that_had_arrived_by_then(world: World):
    world.tick("2017-07-17 08:00:00")
    sent(world, "2017-07-21 09:00")
    sent(world, "2017-07-28 09:00", window="từ ngày 24/7 đến ngày 30/7/2017", subject="Báo cáo tuần 30")
    key, now = "weekly:2017-07-28", "2017-07-28 09:30:00"
    today = {due["agency"]: due["uncovered"] for due in world.board(key, now)["dues"]}
    assert today["STC"] == [{"from": "2017-07-21", "to": "2017-07-21"}]
    then = world.board(key, now, "--received-by", "2017-07-28T08:00:00")["dues"]
    assert all(due["uncovered"] == [] for due in then)


def test_a_month_with_lines_not_asked_is_complete_without_them(world: World):
    (world.folder / "roster.csv").write_text(NOT_ASKED, encoding="utf-8")
    month = {"thang.docx": monthly_docx("SỞ Y TẾ", figures=BLANK)}
    world.deliver(mail("syt@tinh.example", "Báo cáo tháng 7/2017", month), "2017-07-28 09:00:00")
    world.poll("2017-07-28 09:01:00")
    assert "M01" not in plain(world.letters("syt@tinh.example")[-1])
