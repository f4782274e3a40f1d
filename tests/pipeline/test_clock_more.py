"""The clock when things move: extensions, postponed cutoffs, cutoffs of several reports, a mailbox not yet compared."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC

from intake import cutoff, service
from intake.config import load
from intake.desk import Clock
from intake.wiring import open_desk
from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, at, mail, monthly_docx, weekly_docx
from tests.servers.smtp_sink import SmtpSink

WEEK = "weekly:2017-07-21"
LAST = "weekly:2017-07-28"
MONTH = "monthly:2017-07"


def kinds(ticked: dict) -> list[str]:
    return sorted(letter["kind"] for letter in ticked["letters"])


def text(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def notices(world: World, to: str = "stc@tinh.example", subject: str = "Chưa nhận được") -> list:
    return [letter for letter in world.letters(to) if str(letter["Subject"]).startswith(subject)]


def extend(world: World, until: str, now: str, *more: str) -> int:
    return world.cchc("due", WEEK, "STC", "--extend-to", until, "--reason", "mất điện", *more, now=now).code


def test_a_due_opened_again_after_the_notices_went_is_missed_once_more(world: World):
    world.tick("2017-07-17 09:00:00")
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    assert len(notices(world)) == 1
    change = ("due", WEEK, "STC", "--second", "An", "--reason", "x")
    assert world.cchc(*change, "--waive", now="2017-07-21 11:00:00").code == 0
    assert kinds(world.tick("2017-07-21 11:01:00")) == []
    assert world.cchc(*change, "--reopen", now="2017-07-21 14:00:00").code == 0
    assert kinds(world.tick("2017-07-21 14:01:00")) == ["missing_notice"]
    assert kinds(world.tick("2017-07-21 14:02:00")) == []
    assert len(notices(world)) == 2
    assert world.cchc(*change, "--paper", "12/BC", now="2017-07-21 15:00:00").code == 0
    assert kinds(world.tick("2017-07-21 15:01:00")) == []


# ---- extensions ------------------------------------------------------------------------------------------------------


def test_an_extended_due_is_reminded_of_and_missed_at_its_own_moment(world: World):
    world.tick("2017-07-17 09:00:00")
    assert extend(world, "2017-07-24T16:00:00+07:00", "2017-07-18 09:00:00") == 0
    world.tick("2017-07-20 14:00:00")
    assert notices(world, "syt@tinh.example", "Nhắc")
    assert not notices(world, subject="Nhắc"), "its own reminder comes the working day before its own due"
    world.poll("2017-07-21 10:06:00")
    assert kinds(world.tick("2017-07-21 10:06:10")) == ["digest"] + ["missing_notice"] * 3 + ["reminder"] * 3
    (first,) = [x for x in world.tick("2017-07-21 14:00:00")["letters"] if x["kind"] == "reminder"]
    assert "stc@" in first["to"]
    (reminder,) = notices(world, subject="Nhắc")
    assert "thứ Hai, ngày 24/7/2017" in text(reminder)
    assert "được gia hạn" in text(reminder)
    assert [x["to"].split(",")[0] for x in world.tick("2017-07-24 08:00:10")["letters"] if x["kind"] == "reminder"] == [
        "stc@tinh.example"
    ]
    assert not notices(world)
    assert kinds(world.tick("2017-07-24 16:06:00")) == [], "our own poll has not begun after it"
    world.poll("2017-07-24 16:06:10")
    assert kinds(world.tick("2017-07-24 16:06:20")) == ["missing_notice"]
    assert world.classes(WEEK, "2017-07-24 16:07:00")["STC"] == "missing"
    (notice,) = notices(world)
    assert "16 giờ 00 phút cùng ngày" in text(notice)
    world.poll("2017-07-25 09:00:00")
    assert kinds(world.tick("2017-07-25 09:00:10")) == []


def test_an_extended_due_that_was_met_gets_no_notice(world: World):
    world.tick("2017-07-17 09:00:00")
    extend(world, "2017-07-24T16:00:00+07:00", "2017-07-18 09:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-24 15:00:00")
    world.poll("2017-07-24 16:06:00")
    world.tick("2017-07-24 16:06:10")
    assert not notices(world)


def test_an_extension_granted_after_the_digest_is_watched_all_the_same(world: World):
    world.tick("2017-07-20 15:00:00")
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    assert len(notices(world)) == 1
    two = ("--second", "Trưởng phòng")
    assert extend(world, "2017-07-21T12:00:00+07:00", "2017-07-21 11:00:00", *two) == 0
    assert kinds(world.tick("2017-07-21 11:00:10")) == [], "reminders of moments before the extension are not owed"
    world.poll("2017-07-21 12:06:00")
    assert kinds(world.tick("2017-07-21 12:06:10")) == ["missing_notice"]
    _, second = notices(world)
    assert "được gia hạn từ 10 giờ 00 phút, ngày 21/7/2017" in text(second)
    assert kinds(world.tick("2017-07-21 12:07:00")) == []


def test_a_due_still_running_is_not_told_as_owed(world: World):
    world.tick("2017-07-17 09:00:00")
    extend(world, "2017-08-01T16:00:00+07:00", "2017-07-18 09:00:00")
    world.tick("2017-07-24 09:00:00")
    next_week = weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017", number="250/BC-STC", day="27 tháng 7 năm 2017")
    world.deliver(mail(files={"bc.docx": next_week}), "2017-07-27 09:00:00")
    world.poll("2017-07-27 09:01:00")
    (answer,) = notices(world, subject="Re:")
    assert "còn thiếu: không có" in " ".join(text(answer).split())


# ---- a period moved for everybody ------------------------------------------------------------------------------------


def move(world: World, due_at: str, now: str) -> int:
    more = ("--second", "Trưởng phòng", "--reason", "sự cố mạng")
    return world.cchc("period", WEEK, "--due-at", due_at, *more, now=now).code


def test_a_period_moved_after_its_closing_is_closed_and_told_again(world: World):
    world.tick("2017-07-20 15:00:00")
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    assert world.board(WEEK, "2017-07-21 10:07:00")["closed"] is True
    assert move(world, "2017-07-21T17:00:00+07:00", "2017-07-21 11:00:00") == 0
    assert world.board(WEEK, "2017-07-21 11:01:00")["closed"] is False
    assert kinds(world.tick("2017-07-21 11:02:00")) == []
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 16:00:00")
    world.poll("2017-07-21 17:05:00")
    ticked = world.tick("2017-07-21 17:06:00")
    assert ticked["closed"] == [WEEK]
    assert kinds(ticked) == ["digest"] + ["missing_notice"] * 3
    first, second = world.letters("thuky@tinh.example")
    assert "0/4 đúng hạn" in str(first["Subject"])
    assert "1/4 đúng hạn" in str(second["Subject"])
    assert world.board(WEEK, "2017-07-21 17:07:00")["closed"] is True
    assert world.board(WEEK, "2017-07-21 17:07:00", "--as-of", "2017-07-21T10:30:00+07:00")["closed"] is True
    assert kinds(world.tick("2017-07-21 17:07:00")) == []


def test_a_moved_period_in_doubt_has_its_own_provisional_digest(world: World):
    world.tick("2017-07-21 09:00:00")
    world.tick("2017-07-21 11:00:00")
    assert move(world, "2017-07-21T15:00:00+07:00", "2017-07-21 11:30:00") == 0
    assert kinds(world.tick("2017-07-21 16:00:00")) == ["digest"]
    world.poll("2017-07-21 16:30:00")
    assert kinds(world.tick("2017-07-21 16:30:10")) == ["digest"] + ["missing_notice"] * 4
    assert len(world.letters("thuky@tinh.example")) == 3


def test_reminders_follow_a_period_moved_before_its_closing(world: World):
    world.tick("2017-07-17 09:00:00")
    assert kinds(world.tick("2017-07-20 14:00:00")) == ["reminder"] * 4
    assert move(world, "2017-07-24T10:00:00+07:00", "2017-07-20 15:00:00") == 0
    assert kinds(world.tick("2017-07-21 08:00:10")) == []
    assert kinds(world.tick("2017-07-21 14:00:10")) == ["reminder"] * 4
    world.poll("2017-07-24 10:06:00")
    assert kinds(world.tick("2017-07-24 10:06:10")) == ["digest"] + ["missing_notice"] * 4 + ["reminder"] * 4


def test_a_period_cannot_be_moved_into_the_past(world: World):
    world.tick("2017-07-17 09:00:00")
    assert move(world, "2017-07-18T08:00:00+07:00", "2017-07-18 09:00:00") == 2
    assert world.board(WEEK, "2017-07-18 09:01:00")["due_at"].startswith("2017-07-21T10:00")


def test_moving_a_period_takes_shorter_extensions_along_and_leaves_longer_ones(world: World):
    world.tick("2017-07-17 09:00:00")
    extend(world, "2017-07-21T12:00:00+07:00", "2017-07-18 09:00:00")
    longer = ("due", WEEK, "SYT", "--extend-to", "2017-07-25T10:00:00+07:00", "--reason", "dịch bệnh")
    world.cchc(*longer, now="2017-07-18 09:01:00")
    move(world, "2017-07-24T10:00:00+07:00", "2017-07-18 10:00:00")
    classes = world.classes(WEEK, "2017-07-24 10:30:00")
    assert classes["STC"] == "missing"
    assert classes["SYT"] == "not_yet_due"
    assert world.classes(WEEK, "2017-07-21 13:00:00")["STC"] == "not_yet_due"


# ---- the mailbox compared before anybody is missed -------------------------------------------------------------------


def test_nobody_is_missed_before_the_whole_mailbox_was_compared_after_the_cutoff(world: World):
    """A mail the cursor never saw (moved by hand into a folder we file into) is found by the poll after the cutoff."""
    world.mailbox = 'filed = "CCHC"'
    world.write_config()
    world.tick("2017-07-21 09:00:00")
    world.poll("2017-07-21 09:01:00")
    folder = world.box / ".CCHC.2017"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:30:00")
    (there,) = (world.box / "new").iterdir()
    there.rename(folder / "cur" / f"{there.name}:2,S")
    assert world.poll("2017-07-21 09:59:00")["fetched"] == 0
    polled = world.poll("2017-07-21 10:06:00")
    assert polled["fetched"] == 1
    assert polled["recorded"] == 1
    world.tick("2017-07-21 10:06:10")
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == "on_time"
    assert not notices(world)
    assert world.poll("2017-07-21 10:08:00")["fetched"] == 0


# ---- letters ---------------------------------------------------------------------------------------------------------


def test_an_agency_whose_report_was_incomplete_is_asked_to_complete_it(world: World):
    world.tick("2017-07-17 09:00:00")
    some = weekly_docx(figures=(1625, 1615, 1595, "", ""))
    world.deliver(mail(files={"bc.docx": some}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    world.tick("2017-07-20 14:00:00")
    assert world.board(WEEK, "2017-07-20 14:01:00")["dues"]
    (reminder,) = notices(world, subject="Nhắc")
    assert "đã nhận nhưng chưa đạt yêu cầu, đề nghị bổ sung" in " ".join(text(reminder).split())
    assert "chưa nhận được" not in text(reminder)
    (other,) = notices(world, "syt@tinh.example", "Nhắc")
    assert "chưa nhận được báo cáo nêu trên" in " ".join(text(other).split())


def test_two_reports_closing_in_the_same_minute_are_missed_in_one_letter(world: World):
    world.start = "2017-07-24"
    world.write_config()
    world.tick("2017-07-24 09:00:00")
    world.deliver(mail("syt@tinh.example", "Báo cáo tháng", {"m.docx": monthly_docx("SỞ Y TẾ")}), "2017-07-27 09:00:00")
    world.tick("2017-07-27 14:00:00")
    (reminder,) = notices(world, subject="Nhắc")
    assert text(reminder).index("Báo cáo tuần") < text(reminder).index("tháng 7/2017")
    world.poll("2017-07-28 10:06:00")
    ticked = world.tick("2017-07-28 10:06:10")
    assert sorted(ticked["closed"]) == [MONTH, LAST]
    assert [kind for kind in kinds(ticked) if kind != "reminder"] == ["digest"] * 2 + ["missing_notice"] * 4
    (notice,) = notices(world)
    assert "báo cáo tuần" in str(notice["Subject"])
    assert "tháng 7/2017" in str(notice["Subject"])
    assert text(notice).index("Báo cáo tuần") < text(notice).index("tháng 7/2017")
    (weekly_only,) = notices(world, "syt@tinh.example")
    assert "tháng 7/2017" not in str(weekly_only["Subject"])


def test_notices_go_to_every_registered_address(world: World):
    world.tick("2017-07-20 14:00:00")
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    for to in ("stc@tinh.example", "sotaichinh@tinh.example"):
        assert len(notices(world, to)) == 1
        assert notices(world, to, "Nhắc")


def test_a_provisional_digest_accuses_nobody(world: World):
    world.tick("2017-07-21 09:00:00")
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    world.tick("2017-07-28 09:00:00")
    world.tick("2017-07-28 11:00:10")
    provisional = next(x for x in world.letters("thuky@tinh.example") if "TẠM TÍNH" in str(x["Subject"]))
    assert "liên tiếp" not in text(provisional)
    assert "chưa nhận" not in str(provisional["Subject"])
    assert "chưa có số liệu" in text(provisional)
    files = [part.get_payload(decode=True) for part in provisional.iter_attachments()]
    assert len(files) == 3
    for file in files:
        told = words_of(file)
        assert "chưa nhận" not in told.lower()
        assert "Chưa thấy" in told


def words_of(file: bytes) -> str:
    """Everything written in an Office file."""
    with zipfile.ZipFile(io.BytesIO(file)) as members:
        pages = [members.read(name).decode() for name in members.namelist() if name.endswith(".xml")]
    return re.sub(r"<[^>]*>", " ", html.unescape(" ".join(pages)))


def test_the_service_compares_the_mailbox_before_the_first_tick_after_a_cutoff(world: World):
    world.tick("2017-07-21 09:00:00")
    world.poll("2017-07-21 09:59:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:59:30")
    now = at("2017-07-21 10:05:10").astimezone(UTC)
    with open_desk(load(world.folder / "config.toml", {}), Clock(lambda: now, "given"), actor="system") as desk:
        service._do(desk, "tick")
    assert world.classes(WEEK, "2017-07-21 10:06:00")["STC"] == "on_time"
    assert len(world.letters("thuky@tinh.example")) == 1
    assert len(notices(world, "syt@tinh.example")) == 1
    assert not notices(world)


def test_a_clock_far_behind_may_be_stopped_between_two_cutoffs_and_goes_on_there(world: World):
    now = at("2017-08-12 09:00:00").astimezone(UTC)
    settings = load(world.folder / "config.toml", {})
    asked: list[bool] = []
    with open_desk(settings, Clock(lambda: now, "given"), actor="system") as desk:
        at_once = cutoff.tick(replace(desk, stopping=lambda: True))
        assert (at_once.opened, at_once.closed) == ([], [])
        patient = replace(desk, stopping=lambda: asked.append(True) or len(asked) > 7)
        first = cutoff.tick(patient)
        assert first.opened
        then = cutoff.tick(desk)
        assert then.closed
        assert not set(first.closed) & set(then.closed)
        last = cutoff.tick(desk)
        assert (last.opened, last.closed) == ([], [])
    assert {WEEK, LAST, MONTH} <= {*first.closed, *then.closed}


def test_the_row_of_missed_periods_is_told_whole_however_long_it_is(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-09-22 10:01:00")
    world.tick("2017-09-22 10:06:00")
    assert "Đây là kỳ thứ 10 liên tiếp" in plain(world.letters("stc@tinh.example")[-1])
    assert "chưa nộp 10 kỳ liên tiếp" in plain(world.letters("thuky@tinh.example")[-1])


def test_after_weeks_without_the_service_nobody_is_written_of_for_weeks_long_past(world: World):
    """Their notices are too late to go; a letter to somebody higher would say that they went."""
    world.poll("2017-08-25 10:01:00")
    letters = world.tick("2017-08-25 10:06:00")["letters"]
    climbed = {x["about"] for x in letters if x["kind"] == "escalation" and x["about"].startswith("period:weekly")}
    assert climbed == {"period:weekly:2017-08-25"}


def test_reminders_the_mail_server_did_not_take_in_time_never_go(world: World):
    """ "A reminder whose cutoff has passed [is] recorded as withheld, never sent"; of several that waited one is enough."""
    world.tick("2017-07-17 08:00:00")
    world.sink.stop()
    assert world.cchc("tick", now="2017-07-20 14:00:00").code == 3
    assert world.cchc("tick", now="2017-07-21 08:00:00").code == 3
    world.sink = SmtpSink()
    world.sink.start()
    world.write_config()
    world.poll("2017-07-21 09:00:00")
    (reminder,) = world.letters("stc@tinh.example")
    assert "Đến 08 giờ 00 phút, ngày 21/7/2017" in reminder.get_body(("plain",)).get_content()
    world.sink.stop()
    world.tick("2017-07-24 08:00:00")
    assert world.cchc("tick", now="2017-07-27 14:00:00").code == 3
    world.sink = SmtpSink()
    world.sink.start()
    world.write_config()
    world.poll("2017-07-28 10:00:00")
    assert not [x for x in world.letters() if "Nhắc" in str(x["Subject"])], "the cutoff had passed"
    world.sink.stop()
