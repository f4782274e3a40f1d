"""Letters to many: the ladder of escalation, quiet on days off, the follow-up digest."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import ROSTER, World, mail, weekly_docx

WEEK = "weekly:2017-07-21"
FRIDAYS = ("2017-07-21", "2017-07-28", "2017-08-04", "2017-08-11")
HEAD = "giamdoc.syt@tinh.example"


def with_heads(roster: str) -> str:
    lines = roster.splitlines()
    heads = [f"{line},{HEAD if line.startswith('SYT,') else ''}" for line in lines[1:]]
    return "\n".join([f"{lines[0]},head_address", *heads]) + "\n"


@pytest.fixture
def province(world: World) -> World:
    """Everybody reports every week but the department of health; its head has an address."""
    (world.folder / "roster.csv").write_text(with_heads(ROSTER), encoding="utf-8")
    return world


def report(world: World, sender: str, agency: str, friday: str, n: int) -> None:
    first, last = {"2017-07-21": ("14/7", "20/7"), "2017-07-28": ("21/7", "27/7"), "2017-08-04": ("28/7", "3/8")}.get(
        friday, ("4/8", "10/8")
    )
    docx = weekly_docx(agency, f"từ ngày {first} đến ngày {last}/2017", (1600 + n, 1500, 1490, 10, 5), f"{n}/BC")
    world.deliver(mail(sender, f"Báo cáo tuần {friday}", {"bc tuần.docx": docx}), f"{friday} 09:00:00")


def close(world: World, friday: str, n: int) -> list[dict[str, str]]:
    """The finance department reports, the week is closed; the letters of that tick."""
    report(world, "stc@tinh.example", "SỞ TÀI CHÍNH", friday, n)
    world.poll(f"{friday} 10:01:00")
    return world.tick(f"{friday} 10:06:00")["letters"]


def subjects(world: World, to: str) -> list[str]:
    return [str(letter["Subject"]) for letter in world.letters(to)]


def escalations(world: World, to: str) -> list[EmailMessage]:
    return [letter for letter in world.letters(to) if "kỳ liên tiếp" in str(letter["Subject"])]


def test_the_ladder_climbs_from_the_agency_to_its_head_to_the_secretariat(province: World):
    province.tick("2017-07-17 08:00:00")
    close(province, FRIDAYS[0], 1)
    assert escalations(province, HEAD) == []
    close(province, FRIDAYS[1], 2)
    (to_head,) = escalations(province, HEAD)
    assert "(02 kỳ liên tiếp)" in str(to_head["Subject"])
    assert "Kính gửi: Lãnh đạo Sở Y tế" in plain(to_head)
    assert "kỳ thứ 02 liên tiếp" in plain(to_head)
    assert escalations(province, "thuky@tinh.example") == []
    close(province, FRIDAYS[2], 3)
    (listed,) = escalations(province, "thuky@tinh.example")
    assert str(listed["Subject"]).startswith("03 cơ quan chưa nộp nhiều kỳ liên tiếp: báo cáo tuần CCHC kỳ 04/8/2017")
    assert (
        "Sở Y tế: chưa nộp 03 kỳ liên tiếp (các kỳ còn thiếu trước đó: kỳ ngày 21/7/2017; kỳ ngày 28/7/2017)"
        in plain(listed)
    )
    assert "Sở Tài chính" not in plain(listed)
    assert len(escalations(province, HEAD)) == 2
    assert province.tick("2017-08-04 10:07:00")["letters"] == []


def test_an_agency_without_a_head_address_is_recorded_as_such(province: World):
    province.tick("2017-07-17 08:00:00")
    close(province, FRIDAYS[0], 1)
    told = [x for x in close(province, FRIDAYS[1], 2) if x["kind"] == "escalation"]
    assert {(x["about"], x["to"], x["state"]) for x in told} == {
        ("due:weekly:2017-07-28/SYT", HEAD, "sent"),
        ("due:weekly:2017-07-28/SNV", "", "withheld"),
        ("due:weekly:2017-07-28/HDT", "", "withheld"),
    }


def test_the_ladder_may_be_shorter_or_none(province: World):
    province.notify = "escalation = []"
    province.write_config()
    province.tick("2017-07-17 08:00:00")
    for n, friday in enumerate(FRIDAYS[:3]):
        close(province, friday, n)
    assert escalations(province, HEAD) == escalations(province, "thuky@tinh.example") == []


def test_a_report_received_breaks_the_row(province: World):
    province.tick("2017-07-17 08:00:00")
    close(province, FRIDAYS[0], 1)
    report(province, "syt@tinh.example", "SỞ Y TẾ", FRIDAYS[1], 7)
    close(province, FRIDAYS[1], 2)
    close(province, FRIDAYS[2], 3)
    assert escalations(province, HEAD) == []


# ---- quiet on days off -----------------------------------------------------------------------------------------------


def test_agencies_are_left_in_peace_on_days_off_and_told_on_the_next_working_day(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-22 09:00:00")
    told = {letter["kind"] for letter in world.tick("2017-07-22 09:01:00")["letters"]}
    assert told == {"digest"}
    assert world.letters("syt@tinh.example") == []
    assert world.tick("2017-07-23 09:00:00")["letters"] == []
    told = {x["kind"] for x in world.tick("2017-07-24 08:00:00")["letters"] if x["state"] != "withheld"}
    assert told == {"missing_notice"}
    assert "Chưa nhận được báo cáo tuần CCHC kỳ ngày 21/7/2017" in subjects(world, "syt@tinh.example")
    assert world.tick("2017-07-24 08:01:00")["letters"] == []


def test_days_off_may_be_like_any_other(world: World):
    world.notify = "quiet_days_off = false"
    world.write_config()
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-22 09:00:00")
    assert "missing_notice" in {letter["kind"] for letter in world.tick("2017-07-22 09:01:00")["letters"]}


def test_a_long_holiday_does_not_swallow_the_notice(world: World):
    world.calendar = "holiday = 'fixed'\ndays_off = [" + ", ".join(f"2017-07-{d}" for d in range(21, 32)) + "]"
    world.write_config()
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    assert world.letters("syt@tinh.example") == []
    world.tick("2017-08-01 08:00:00")
    assert "Chưa nhận được báo cáo tuần CCHC kỳ ngày 21/7/2017" in subjects(world, "syt@tinh.example")


# ---- the follow-up digest --------------------------------------------------------------------------------------------


@pytest.fixture
def closed(world: World) -> World:
    """The week is closed: one on time, three missing."""
    world.tick("2017-07-17 08:00:00")
    close(world, FRIDAYS[0], 1)
    return world


def digests(world: World) -> list[EmailMessage]:
    return [x for x in world.letters("thuky@tinh.example") if "ình hình nộp" in str(x["Subject"])]


def test_at_the_end_of_the_day_the_digest_tells_what_changed(closed: World):
    late = weekly_docx("SỞ Y TẾ", number="7/BC-SYT")
    closed.deliver(mail("syt@tinh.example", files={"bc.docx": late}), "2017-07-21 11:25:10")
    closed.poll("2017-07-21 11:26:00")
    assert closed.tick("2017-07-21 16:59:59")["letters"] == []
    closed.tick("2017-07-21 17:00:00")
    first, second = digests(closed)
    assert str(second["Subject"]).startswith(
        "Cập nhật tình hình nộp báo cáo tuần CCHC kỳ 21/7/2017: 1/4 đúng hạn, 01 nộp chậm"
    )
    assert "Sở Y tế (Chưa nhận → Nộp chậm)" in plain(second)
    assert "10 giờ 06" in plain(second)
    names = [str(part.get_filename()).partition(" ")[0] for part in second.iter_attachments()]
    assert names == ["bang-tong-hop-weekly-2017-07-21.xlsx", "Tong", "Bao"], "the sums of its own moment come with it"
    assert first["Message-ID"] != second["Message-ID"]
    board = closed.board(WEEK, "2017-07-21 17:01:00", "--as-of", "2017-07-21T17:00:00+07:00")
    assert board["classes"]["late"] == 1
    assert closed.tick("2017-07-21 18:00:00")["letters"] == []


def test_when_the_last_late_one_came_it_does_not_wait_for_the_evening(closed: World):
    for n, (sender, name) in enumerate((("syt", "SỞ Y TẾ"), ("snv", "SỞ NỘI VỤ"), ("hdt", "UBND HUYỆN ĐẠI TỪ"))):
        docx = weekly_docx(name, number=f"{n}/BC", figures=(1600 + n, 1500, 1490, 10, 5))
        closed.deliver(mail(f"{sender}@tinh.example", files={"bc.docx": docx}), "2017-07-21 11:25:10")
    closed.poll("2017-07-21 11:26:00")
    closed.tick("2017-07-21 11:27:00")
    assert "03 nộp chậm, 0 chưa nhận" in str(digests(closed)[-1]["Subject"])
    assert closed.tick("2017-07-21 17:00:00")["letters"] == []


def test_when_nothing_changed_nothing_is_sent(closed: World):
    assert closed.tick("2017-07-21 17:00:00")["letters"] == []
    assert len(digests(closed)) == 1


def test_a_follow_up_may_be_switched_off(closed: World):
    closed.notify = 'follow_up = ""'
    closed.write_config()
    closed.deliver(
        mail("syt@tinh.example", files={"bc.docx": weekly_docx("SỞ Y TẾ", number="7/BC")}), "2017-07-21 11:25:10"
    )
    closed.poll("2017-07-21 11:26:00")
    assert closed.tick("2017-07-21 18:00:00")["letters"] == []
