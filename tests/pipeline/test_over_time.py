"""Submissions over time, each seen from outside: revisions, withdrawals, the cure window, part periods, other times than now."""

from __future__ import annotations

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import ROSTER, World, mail, monthly_docx, weekly_docx

WEEK = "weekly:2017-07-21"
NEXT = "weekly:2017-07-28"
R1 = "CCHC-20170721-W-STC-r1"


def due(world: World, now: str, period: str = WEEK, agency: str = "STC") -> dict:
    return next(d for d in world.board(period, now)["dues"] if d["agency"] == agency)


def sent(world: World, when: str, subject: str = "Báo cáo tuần", **docx: object) -> dict:
    """A weekly report received then, polled a minute later; its row of the log."""
    world.deliver(mail(subject=subject, files={"bc tuần.docx": weekly_docx(**docx)}), f"{when}:00")
    world.poll(f"{when}:59")
    return world.log(f"{when}:59")[0]


def test_revisions_count_on_and_each_says_what_changed_against_the_one_before(world: World):
    sent(world, "2017-07-20 09:00")
    sent(world, "2017-07-20 10:00", figures=(1700, 1615, 1595, 20, 10))
    row = sent(world, "2017-07-20 11:00", figures=(1700, 1620, 1600, 20, 10))
    assert row["submissions"][0]["receipt"] == "CCHC-20170721-W-STC-r3"
    text = plain(world.letters("stc@tinh.example")[-1])
    changed = text.partition("Số liệu thay đổi so với lần nộp trước (CCHC-20170721-W-STC-r2)")[2].partition(
        "Số liệu đã đọc"
    )[0]
    assert "1.615" in changed
    assert "1.620" in changed
    assert "1.700" not in changed
    assert due(world, "2017-07-21 10:01:00")["receipt"] == R1


def test_a_withdrawn_report_reopens_the_due_and_the_same_file_may_come_again(world: World):
    sent(world, "2017-07-20 09:00")
    args = ("decide", R1, "--withdraw", "--reason", "theo đề nghị của Sở")
    assert world.cchc(*args, now="2017-07-20 10:00:00").code == 0
    assert due(world, "2017-07-21 10:00:01")["class"] == "missing"
    row = sent(world, "2017-07-21 11:00", subject="Báo cáo tuần, gửi lại")
    assert (row["state"], row["submissions"][0]["receipt"]) == ("recorded", "CCHC-20170721-W-STC-r2")
    assert due(world, "2017-07-21 11:01:00")["class"] == "late"


def test_the_letter_about_a_withdrawn_report_calls_it_withdrawn(world: World):
    sent(world, "2017-07-20 09:00")
    world.cchc("decide", R1, "--withdraw", "--reason", "theo đề nghị của Sở", now="2017-07-20 10:00:00")
    letter = world.letters("stc@tinh.example")[-1]
    assert "Điều chỉnh kết quả: báo cáo đã được rút" in str(letter["Subject"])
    assert 'từ "nộp đúng hạn" thành "báo cáo đã được rút"' in plain(letter)


def test_a_refused_correction_leaves_the_result_and_neither_hurries_nor_speaks_of_an_unreadable_file(world: World):
    sent(world, "2017-07-21 09:00")
    sent(world, "2017-07-21 11:00", figures=(1700, 1615, 1595, 20, 10))
    args = ("decide", "CCHC-20170721-W-STC-r2", "--refuse", "--second", "Trần Thị B", "--reason", "thiếu chữ ký")
    assert world.cchc(*args, now="2017-07-21 11:30:00").code == 0
    letter = world.letters("stc@tinh.example")[-1]
    text = plain(letter)
    assert "Điều chỉnh kết quả: chưa ghi nhận là đã nộp, đề nghị gửi lại" in str(letter["Subject"])
    assert 'từ "đã ghi nhận" thành "chưa ghi nhận là đã nộp, đề nghị gửi lại"' in text
    assert "chưa đọc được" not in text
    assert "Kết quả đã ghi nhận của kỳ không thay đổi: nộp đúng hạn" in text
    assert "là thời điểm nộp" not in text, "the result of the period is not at stake"


def test_a_refused_report_is_told_as_not_recorded(world: World):
    sent(world, "2017-07-21 09:00")
    world.cchc("decide", R1, "--refuse", "--reason", "thiếu chữ ký", now="2017-07-21 09:30:00")
    text = plain(world.letters("stc@tinh.example")[-1])
    assert 'từ "nộp đúng hạn" thành "chưa ghi nhận là đã nộp, đề nghị gửi lại"' in text
    assert "là thời điểm nộp" not in text
    assert "chậm nhất 10 giờ 00 phút, ngày 21/7/2017 để được tính đúng hạn" in text


def test_a_correction_tells_what_stood_instead_of_a_number(world: World):
    sent(world, "2017-07-20 09:00", figures=(1625, 1615, 1595, "không phát sinh", ""))
    sent(world, "2017-07-20 10:00", figures=(1625, 1615, 1595, "", 10))
    changed = plain(world.letters("stc@tinh.example")[-1]).partition("so với lần nộp trước")[2].partition("đã đọc")[0]
    assert "Hồ sơ quá hạn: bỏ trống (bản trước: không phát sinh)" in changed
    assert "Hồ sơ trả lại (tổ chức, cá nhân): 10 (bản trước: bỏ trống)" in changed
    assert changed.count("bản trước") == 2


def test_a_figure_stated_by_a_person_is_not_told_as_read(world: World):
    sent(world, "2017-07-20 09:00", figures=(1625, 1615, "", 20, 10))
    args = ("decide", R1, "--set", "on_time=1595", "--accept", "--reason", "theo bản giấy")
    assert world.cchc(*args, now="2017-07-20 10:00:00").code == 0
    text = plain(world.letters("stc@tinh.example")[-1])
    assert "Hồ sơ trả đúng hạn: 1.595 (do công chức cơ quan tiếp nhận ghi)" in text


def test_a_correction_after_a_withdrawal_is_compared_with_the_report_that_stands(world: World):
    sent(world, "2017-07-20 09:00")
    sent(world, "2017-07-20 10:00", figures=(1700, 1615, 1595, 20, 10))
    args = ("decide", "CCHC-20170721-W-STC-r2", "--withdraw", "--reason", "gửi nhầm")
    assert world.cchc(*args, now="2017-07-20 10:30:00").code == 0
    told = plain(world.letters("stc@tinh.example")[-1])
    assert "BÁO CÁO ĐÃ ĐƯỢC RÚT" in told
    assert "1.700" not in told, "figures that no longer count are not told as read"
    sent(world, "2017-07-20 11:00", figures=(1630, 1615, 1595, 20, 10))
    text = plain(world.letters("stc@tinh.example")[-1])
    assert f"Số liệu thay đổi so với lần nộp trước ({R1})" in text
    assert "1.630 (bản trước: 1.625)" in text


@pytest.mark.parametrize(
    ("when", "expected"), [("2017-07-24 17:00:00", "cured"), ("2017-07-24 17:00:01", "late")], ids=["cured", "too late"]
)
def test_what_was_creditable_in_time_may_be_completed_until_five_on_the_next_working_day(
    world: World, when: str, expected: str
):
    sent(world, "2017-07-21 09:00", figures=(1625, 1615, "……", 20, 10))
    assert due(world, "2017-07-21 10:01:00")["class"] == "incomplete"
    world.deliver(mail(subject="Bổ sung báo cáo tuần", files={"bc tuần.docx": weekly_docx()}), when)
    world.poll("2017-07-24 17:01:00")
    assert due(world, "2017-07-24 17:02:00")["class"] == expected


def test_agencies_owe_only_for_the_time_they_are_there(world: World):
    roster = ROSTER.replace(
        "SYT,Sở Y tế,department,TINH,TINH,syt@tinh.example,SYT,weekly;monthly,2017-07-01,,",
        "SYT,Sở Y tế,department,TINH,TINH,syt@tinh.example,SYT,weekly;monthly,2017-07-01,2017-07-25,SYM\n"
        "SYM,Sở Y tế mới,department,TINH,TINH,sym@tinh.example,,weekly;monthly,2017-07-26,,",
    )
    (world.folder / "roster.csv").write_text(roster, encoding="utf-8")
    world.tick("2017-07-17 08:00:00")
    world.tick("2017-08-05 08:00:00")
    owing = {
        key: {d["agency"] for d in world.board(key, "2017-08-05 08:01:00")["dues"]} & {"SYT", "SYM"}
        for key in (WEEK, NEXT, "weekly:2017-08-04")
    }
    assert owing == {WEEK: {"SYT"}, NEXT: {"SYM"}, "weekly:2017-08-04": {"SYM"}}


def test_days_no_report_covers_and_days_two_cover_are_shown(world: World):
    """Windows as stated: one agency changes from Friday–Thursday to Monday–Sunday, another says the same days twice."""
    world.tick("2017-07-17 08:00:00")
    windows = {
        "stc": ("từ ngày 14/7 đến ngày 20/7/2017", "từ ngày 25/7 đến ngày 30/7/2017"),
        "syt": ("từ ngày 14/7 đến ngày 20/7/2017", "từ ngày 20/7 đến ngày 27/7/2017"),
        "snv": ("từ ngày 14/7 đến ngày 20/7/2017", "từ ngày 21/7 đến ngày 27/7/2017"),
    }
    for n, friday in enumerate(("2017-07-21", "2017-07-28")):
        for code, window in windows.items():
            file = weekly_docx({"stc": "SỞ TÀI CHÍNH", "syt": "SỞ Y TẾ", "snv": "SỞ NỘI VỤ"}[code], window[n])
            world.deliver(mail(f"{code}@tinh.example", f"Báo cáo tuần {n}", {"bc.docx": file}), f"{friday} 09:00:00")
        world.poll(f"{friday} 10:01:00")
        world.tick(f"{friday} 10:06:00")
    dues = {d["agency"]: d for d in world.board(NEXT, "2017-07-28 10:07:00")["dues"]}
    assert dues["STC"]["uncovered"] == [
        {"from": "2017-07-21", "to": "2017-07-21"},
        {"from": "2017-07-24", "to": "2017-07-24"},
    ]
    assert dues["SYT"]["twice"] == [{"from": "2017-07-20", "to": "2017-07-20"}]
    assert (dues["SNV"]["uncovered"], dues["SNV"]["twice"], dues["STC"]["twice"]) == ([], [], [])
    subjects = {str(x["Subject"]): plain(x) for x in world.letters("thuky@tinh.example")}
    digest = next(text for subject, text in subjects.items() if "báo cáo tuần CCHC kỳ 28/7/2017" in subject)
    assert "1. Sở Tài chính: không có báo cáo cho ngày 21/7/2017, 24/7/2017;" in digest
    assert "2. Sở Y tế: ngày 20/7/2017 có trong hai báo cáo." in digest


def test_a_report_for_a_period_closed_weeks_ago_is_late_for_that_period(world: World):
    world.tick("2017-07-17 08:00:00")
    world.tick("2017-08-11 10:10:00")
    row = sent(world, "2017-08-11 14:00", subject="Báo cáo tuần gửi bù")
    assert (row["submissions"][0]["period"], row["submissions"][0]["class"]) == (WEEK, "late")
    assert row["submissions"][0]["late_seconds"] == 21 * 86400 + 4 * 3600
    assert due(world, "2017-08-11 14:01:00", "weekly:2017-08-11")["class"] == "missing"


def test_a_report_for_a_period_not_yet_open_stands_beside_until_its_cutoff(world: World):
    world.tick("2017-07-17 08:00:00")
    row = sent(world, "2017-07-20 15:00", window="từ ngày 21/7 đến ngày 27/7/2017")
    assert row["submissions"][0]["period"] == NEXT
    ahead = due(world, "2017-07-20 15:01:00", NEXT)
    assert (ahead["class"], ahead["arrived"]) == ("not_yet_due", "on_time")
    assert due(world, "2017-07-28 10:01:00", NEXT)["class"] == "on_time"
    assert due(world, "2017-07-28 10:02:00", WEEK)["class"] == "missing"


def test_a_report_of_years_ago_is_credited_to_nothing_of_today_before_a_person_has_looked(world: World):
    world.tick("2017-07-17 08:00:00")
    row = sent(world, "2017-07-20 15:00", window="từ ngày 14/7 đến ngày 20/7/2015")
    (submission,) = row["submissions"]
    assert (row["state"], submission["outcome"], submission["reason"]) == (
        "needs_review",
        "in_review",
        "ambiguous_period",
    )
    assert due(world, "2017-07-21 10:01:00")["class"] == "in_review"


def test_a_month_before_our_start_owes_nothing_and_is_kept(world: World):
    world.deliver(
        mail(subject="Báo cáo tháng 3/2017", files={"bc thang.docx": monthly_docx(month="3/2017")}),
        "2017-07-20 15:00:00",
    )
    world.poll("2017-07-20 15:01:00")
    (row,) = world.log("2017-07-20 15:02:00")
    assert row["submissions"][0]["outcome"] in ("in_review", "accepted")
    assert due(world, "2017-07-28 10:01:00", "monthly:2017-07")["class"] != "on_time"


# ---- a person's word -------------------------------------------------------------------------------------------------


def test_a_persons_word_outlives_replays_later_mails_and_new_judging(world: World):
    world.tick("2017-07-17 08:00:00")
    sent(world, "2017-07-21 09:00", figures=(1625, 1615, "……", 20, 10))
    assert world.cchc("decide", R1, "--accept", "--reason", "đã gọi điện", now="2017-07-21 09:30:00").code == 0
    assert due(world, "2017-07-21 10:01:00")["class"] == "on_time"
    assert world.cchc("replay", "--apply", now="2017-07-21 10:02:00").code == 0
    sent(world, "2017-07-21 10:30", subject="Báo cáo tuần khác", figures=(9, 9, "……", 0, 0))
    waive = ("due", WEEK, "SYT", "--waive", "--second", "An", "--reason", "bão")
    assert world.cchc(*waive, now="2017-07-21 11:00:00").code == 0
    move = ("period", "weekly:2017-08-04", "--due-at", "2017-08-04T15:00:00+07:00", "--reason", "hội nghị")
    assert world.cchc(*move, now="2017-07-21 11:01:00").code == 0
    assert (due(world, "2017-07-21 11:02:00")["class"], due(world, "2017-07-21 11:02:00")["receipt"]) == ("on_time", R1)
    first = next(r for r in world.log("2017-07-21 11:03:00") if r["id"] == 1)["submissions"][0]
    assert first["outcome"] == "accepted_with_warnings"
    assert [(d["what"], d["reason"]) for d in first["decisions"]] == [("accept", "đã gọi điện")]


@pytest.mark.parametrize(
    "word", [("--refuse",), ("--withdraw",), ("--not-a-report",), ("--deemed-at", "2017-07-21T10:30:00+07:00")]
)
def test_a_word_that_changes_a_class_after_the_cutoff_needs_two_persons(world: World, word: tuple[str, ...]):
    sent(world, "2017-07-21 09:00")
    alone = world.cchc("decide", R1, *word, "--reason", "x", now="2017-07-21 10:30:00")
    assert alone.code == 2
    assert due(world, "2017-07-21 10:31:00")["class"] == "on_time"
    assert world.cchc("decide", R1, *word, "--second", "An", "--reason", "x", now="2017-07-21 10:40:00").code == 0
    assert due(world, "2017-07-21 10:41:00")["class"] != "on_time"


def test_two_reports_of_one_type_in_a_mail_are_told_apart_and_the_queue_shows_the_one_that_waits(world: World):
    sent(world, "2017-07-21 09:00")
    answer = mail(
        subject=f"Re: Báo cáo [{R1}]",
        files={
            "tuan 29.docx": weekly_docx(figures=(1631, 1615, 1595, 20, 10)),
            "tuan 30.docx": weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017"),
        },
    )
    world.deliver(answer, "2017-07-27 10:00:00")
    world.poll("2017-07-27 10:01:00")
    subject = str(world.letters("stc@tinh.example")[-1]["Subject"])
    assert "báo cáo tuần CCHC kỳ ngày 21/7/2017: đã nhận bản chỉnh sửa" in subject
    assert "báo cáo tuần CCHC kỳ ngày 28/7/2017: đã nhận, đang xem xét" in subject
    (item,) = world.cchc("review", "--json", now="2017-07-27 10:02:00").json["items"]
    assert (item["period"], item["due_at"]) == ("weekly:2017-07-28", "2017-07-28T10:00:00+07:00")
