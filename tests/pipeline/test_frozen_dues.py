"""A roster that changes who owes what leaves open periods as they opened, says so, and each due can be changed by a person."""

from __future__ import annotations

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import ROSTER, World, mail, weekly_docx

WEEK = "weekly:2017-07-28"
ENDED = "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly;monthly,2017-07-01,"
NEW = ROSTER.replace(ENDED + ",", ENDED + "2017-07-25,HDM").replace(
    "XHT,UBND xã Hùng Sơn,commune,HDT,HDT", "XHT,UBND xã Hùng Sơn,commune,HDM,HDM"
)
NEW += "HDM,UBND thành phố Đại Từ,city,TINH,TINH,hdm@tinh.example,,weekly;monthly,2017-07-26,,\n"  # fmt: skip
COMMANDS = [f"cchc due {WEEK} HDT --not-applicable", f"cchc due {WEEK} HDM --reopen"]


@pytest.fixture
def reorganised(world: World) -> World:
    """A week opened with a district that ends within it; its successor begins."""
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    (world.folder / "moi.csv").write_text(NEW, "utf-8")
    return world


def imported(world: World) -> str:
    return world.cchc(
        "roster", "import", str(world.folder / "moi.csv"), "--effective", "2017-07-26", now="2017-07-24 09:01:00"
    ).out


def test_what_differs_in_open_periods_is_told_with_the_commands_that_change_it(reorganised: World):
    told = reorganised.cchc("roster", "diff", str(reorganised.folder / "moi.csv"), now="2017-07-24 09:00:00")
    assert all(command in told.out for command in COMMANDS)
    assert all(command in imported(reorganised) for command in COMMANDS)
    again = reorganised.cchc(
        "roster", "diff", str(reorganised.folder / "moi.csv"), "--json", now="2017-07-24 09:02:00"
    ).json
    assert {"period": WEEK, "agency": "HDM", "change": "reopen"} in again["open_dues"]
    assert not [one for one in again["open_dues"] if one["period"] == "weekly:2017-07-21"], "what has passed stays"


def test_the_roster_of_any_day_is_listed_with_its_dates_and_words_nobody_knows_are_told(reorganised: World):
    before = reorganised.cchc("roster", "list", "--on", "2017-07-26", "--json", now="2017-07-24 08:00:00").json
    imported(reorganised)
    now = "2017-07-24 10:00:00"
    lists = {
        when: {a["code"] for a in reorganised.cchc("roster", "list", *when, "--json", now=now).json["agencies"]}
        for when in (
            ("--on", "2017-07-25"),
            ("--on", "2017-07-26"),
            ("--on", "2017-07-26", "--as-of", "2017-07-24 08:00"),
        )
    }
    codes = {"SNV", "STC", "SYT", "XHT"}
    assert list(lists.values()) == [codes | {"HDT"}, codes | {"HDM"}, codes | {"HDT"}]
    assert {a["code"] for a in before["agencies"]} == codes | {"HDT"}
    shown = reorganised.cchc("roster", "list", now="2017-07-27 10:00:00").out
    assert ("2017-07-25" in shown, "HDM" in shown) == (True, True)
    assert reorganised.cchc("roster", "list", "--on", "26/7", now=now).code == 2
    odd = NEW.replace("SYT,weekly;monthly", "SYT,weekly;thang").replace("successors\n", "successors,not_applicable\n")
    (reorganised.folder / "odd.csv").write_text(
        odd.replace(
            "TINH,TINH,snv@tinh.example,SNV,weekly;monthly,2017-07-01,,",
            "TINH,TINH,snv@tinh.example,SNV,weekly;monthly,2017-07-01,,,weekly:returned",
        ),
        "utf-8",
    )
    told = reorganised.cchc("roster", "diff", str(reorganised.folder / "odd.csv"), now=now).out
    assert "reports 'thang' of SYT: no such report type is configured, it does nothing" in told
    assert "not_applicable 'weekly:returned' of SNV: no form has such a line, it does nothing" in told


def test_an_agency_that_ended_is_named_and_stands_in_the_same_number_everywhere(reorganised: World):
    imported(reorganised)
    reorganised.poll("2017-07-28 10:01:00")
    reorganised.tick("2017-07-28 10:06:00")
    letters = [
        plain(x) for x in reorganised.letters("thuky@tinh.example") if "báo cáo tuần CCHC kỳ 28/7" in str(x["Subject"])
    ]
    assert "UBND huyện Đại Từ" in letters[-1]
    assert "HDT" not in letters[-1]
    assert "Số liệu toàn tỉnh (0/4 cơ quan): chưa có số liệu" in letters[-1], "its due is one of the four"


def test_both_dues_are_changed_by_a_person_and_the_successors_report_counts(reorganised: World):
    imported(reorganised)
    refused = reorganised.cchc("due", WEEK, "XHT", "--reopen", "--reason", "QĐ 12", now="2017-07-26 09:00:00")
    assert refused.code == 2, "the roster does not have it owe"
    for agency, change in (("HDT", "--not-applicable"), ("HDM", "--reopen")):
        assert reorganised.cchc("due", WEEK, agency, change, "--reason", "QĐ 12", now="2017-07-26 09:00:00").code == 0
    diff = reorganised.cchc(
        "roster", "diff", str(reorganised.folder / "moi.csv"), "--json", now="2017-07-26 09:01:00"
    ).json
    assert not [one for one in diff["open_dues"] if one["period"] == WEEK]
    docx = weekly_docx("UBND THÀNH PHỐ ĐẠI TỪ", "từ ngày 21/7 đến ngày 27/7/2017", number="1/BC-UBND")
    reorganised.deliver(mail("hdm@tinh.example", "bc tuần", {"bc.docx": docx}), "2017-07-28 09:00:00")
    reorganised.poll("2017-07-28 10:01:00")
    reorganised.tick("2017-07-28 10:06:00")
    classes = reorganised.classes(WEEK, "2017-07-28 10:30:00")
    assert (classes["HDT"], classes["HDM"]) == ("not_applicable", "on_time")
    assert not [x for x in reorganised.letters("hdt@tinh.example") if "tuần CCHC kỳ ngày 28/7" in str(x["Subject"])]
    assert reorganised.cchc("verify", now="2017-07-28 10:31:00").code == 0


def test_a_report_a_person_refused_is_not_called_unreadable(reorganised: World):
    reorganised.deliver(
        mail(files={"bc.docx": weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017")}), "2017-07-28 09:00:00"
    )
    reorganised.poll("2017-07-28 10:01:00")
    receipt = "CCHC-20170728-W-STC-r1"
    assert (
        reorganised.cchc(
            "decide", receipt, "--refuse", "--second", "B", "--reason", "Sai mẫu", now="2017-07-28 11:00:00"
        ).code
        == 0
    )
    reorganised.tick("2017-07-28 11:01:00")
    letter = next(plain(x) for x in reorganised.letters("stc@tinh.example") if "Điều chỉnh" in str(x["Subject"]))
    assert "Lý do: Sai mẫu." in letter
    assert "báo cáo chưa dùng được nên chưa ghi nhận là đã nộp báo cáo" in letter
    assert "chỉnh sửa báo cáo theo lý do nêu trên" in letter
    assert "chưa đọc được" not in letter


def test_an_absence_known_before_the_period_opens_is_recorded_once_and_the_due_opens_with_it(world: World):
    """A delegation abroad in August is known in July; a moment given ahead holds unless the cutoff is moved beyond it."""
    late = "2017-07-31T10:00:00+07:00"
    world.tick("2017-07-17 08:00:00")
    for agency, change in (
        ("SYT", ["--waive"]),
        ("STC", ["--extend-to", late]),
        ("HDT", ["--waive"]),
        ("HDT", ["--reopen"]),
    ):
        assert (
            world.cchc("due", WEEK, agency, *change, "--reason", "đoàn công tác", now="2017-07-18 08:00:00").code == 0
        )
    assert world.cchc("due", WEEK, "XHT", "--waive", "--reason", "x", now="2017-07-18 08:00:00").code == 2, (
        "owes nothing"
    )
    expected = {"SNV": "required", "STC": "extended", "SYT": "waived", "HDT": "required"}
    before = world.board(WEEK, "2017-07-19 08:00:00")
    assert {due["agency"]: due["status"] for due in before["dues"]} == expected
    then = world.board(WEEK, "2017-07-19 08:00:00", "--as-of", "2017-07-17T09:00:00+07:00")
    assert then["waived"] == 0
    early = mail(files={"bc.docx": weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017")})
    world.deliver(early, "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    world.tick("2017-07-21 08:00:00")
    after = world.board(WEEK, "2017-07-21 09:00:00")
    assert {due["agency"]: due["status"] for due in after["dues"]} == expected
    (row,) = (r for r in world.log("2017-07-21 09:00:00") if r["submissions"])
    assert row["submissions"][0]["due_at"] == late, "a report that came before is judged by the moment it opened with"
    world.tick("2017-07-27 14:00:00")
    asked = [str(x["Subject"]) for x in world.letters("syt@tinh.example") if "28/7" in str(x["Subject"])]
    assert [subject for subject in asked if "tuần" in subject] == []
    assert world.cchc("verify", "--json", now="2017-07-27 14:01:00").json["ok"]
