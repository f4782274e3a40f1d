"""What operators ask and mistype: the roster by its effective day, readings and replays, mistakes that end as 2, alarms that are true."""

from __future__ import annotations

from tests.pipeline.world import ROSTER, World, mail, weekly_docx

BEFORE = "2017-07-21 09:12:35"
WEEK = "weekly:2017-07-21"
RECEIPT = "CCHC-20170721-W-STC-r1"


def report(sender: str = "stc@tinh.example", **docx: object):
    return mail(sender, files={"Báo cáo tuần.docx": weekly_docx(**docx)})


def roster_file(world: World, name: str, text: str) -> str:
    path = world.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# ---- the roster by its effective day ---------------------------------------------------------------------------------

NEW_ADDRESS = ROSTER.replace("stc@tinh.example;sotaichinh@tinh.example", "moi@tinh.example")


def test_a_roster_of_next_year_does_not_judge_a_mail_of_this_one(world: World):
    world.poll("2017-07-20 09:00:00")
    file = roster_file(world, "2018.csv", NEW_ADDRESS)
    assert world.cchc("roster", "import", file, "--effective", "2018-01-01", now="2017-07-20 09:01:00").code == 0
    world.deliver(report("moi@tinh.example"), BEFORE)
    world.deliver(report("stc@tinh.example"), "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    rows = {row["from"]: row for row in world.log("2017-07-21 09:22:00")}
    assert (rows["moi@tinh.example"]["state"], rows["moi@tinh.example"]["reason"]) == ("needs_review", "sender_unknown")
    assert rows["stc@tinh.example"]["submissions"][0]["outcome"] == "accepted"


def test_a_mail_is_judged_by_the_roster_of_the_day_it_came_however_late_it_is_read(world: World):
    world.poll("2017-07-20 09:00:00")
    file = roster_file(world, "new.csv", NEW_ADDRESS)
    world.cchc("roster", "import", file, "--effective", "2017-07-22", now="2017-07-20 09:01:00")
    world.deliver(report("stc@tinh.example"), BEFORE)
    world.deliver(
        report("moi@tinh.example", window="từ ngày 21/7 đến ngày 27/7/2017", number="9/BC-STC"), "2017-07-24 09:00:00"
    )
    world.poll("2017-07-24 09:05:00")
    receipts = {row["from"]: row["submissions"][0]["receipt"] for row in world.log("2017-07-24 09:06:00")}
    assert receipts == {"stc@tinh.example": RECEIPT, "moi@tinh.example": "CCHC-20170728-W-STC-r1"}


def test_the_roster_listed_is_the_one_of_the_day_and_an_earlier_ones_import_says_until_when_it_holds(
    world: World, capsys
):
    world.poll("2017-07-20 09:00:00")
    fewer = roster_file(world, "fewer.csv", "\n".join(ROSTER.splitlines()[:3]) + "\n")
    world.cchc("roster", "import", fewer, "--effective", "2018-01-01", now="2017-07-20 09:01:00")
    listed = {
        day: world.cchc("roster", "list", "--json", now=f"{day} 09:00:00").json for day in ("2017-12-31", "2018-01-01")
    }
    assert [len(x["agencies"]) for x in listed.values()] == [5, 2]
    again = roster_file(world, "again.csv", NEW_ADDRESS)
    assert world.cchc("roster", "import", again, now="2017-07-20 09:02:00").code == 0
    assert "until 2018-01-01" in capsys.readouterr().err
    assert len(world.cchc("roster", "list", "--json", now="2018-01-01 09:00:00").json["agencies"]) == 2


def test_dues_are_frozen_by_the_roster_of_the_due_day(world: World):
    world.tick("2017-07-20 09:00:00")
    fewer = roster_file(world, "fewer.csv", "\n".join(ROSTER.splitlines()[:3]) + "\n")
    world.cchc("roster", "import", fewer, "--effective", "2017-07-22", now="2017-07-20 09:01:00")
    world.tick("2017-07-21 09:00:00")
    assert len(world.board(WEEK, "2017-07-21 09:01:00")["dues"]) == 4
    assert len(world.board("weekly:2017-07-28", "2017-07-21 09:01:00")["dues"]) == 2


def test_a_roster_imported_before_the_calendar_starts_is_not_undone_by_its_start(world: World):
    world.poll("2017-07-10 09:00:00")
    file = roster_file(world, "new.csv", NEW_ADDRESS)
    world.cchc("roster", "import", file, now="2017-07-11 09:00:00")
    world.deliver(report("moi@tinh.example"), BEFORE)
    world.poll("2017-07-21 09:21:00")
    assert world.log("2017-07-21 09:22:00")[0]["submissions"][0]["receipt"] == RECEIPT
