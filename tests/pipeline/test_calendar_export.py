"""Every cutoff of a year, for the secretariat to confirm: as a sheet and as an iCalendar file."""

from __future__ import annotations

from icalendar import Calendar
from openpyxl import load_workbook

from tests.pipeline.world import World


def test_the_sheet_says_for_every_cutoff_when_from_when_to_when_and_why(world: World):
    world.start = "2018-01-01"
    world.calendar = "days_off = [2018-02-14, 2018-02-15, 2018-02-16, 2018-02-19, 2018-02-20]"
    world.write_config()
    target = world.folder / "lich.xlsx"
    assert world.cchc("calendar", "2018", "--xlsx", str(target), now="2018-01-02 09:00:00").code == 0
    rows = [[cell.value for cell in row] for row in load_workbook(target).active.iter_rows()]
    skipped = next(row for row in rows if row[2] == "kỳ ngày 16/02/2018")
    assert skipped[5] is None
    assert skipped[7:9] == ["Ngày 16/02/2018 là ngày nghỉ lễ", "Không phải nộp; số liệu gộp vào kỳ sau"]
    following = next(row for row in rows if row[2] == "kỳ ngày 23/02/2018")
    assert (following[3], following[4], str(following[5])) == ("09/02/2018", "22/02/2018", "2018-02-23 10:00:00")
    assert following[8] == "Gồm cả số liệu kỳ ngày 16/02/2018"
    assert sum(row[1] == "Báo cáo tuần" for row in rows) == 52
    assert sum(row[1] == "Báo cáo tháng" for row in rows) == 12


def test_the_ics_file_is_read_by_a_calendar(world: World):
    target = world.folder / "lich.ics"
    assert world.cchc("calendar", "2017", "--ics", str(target), now="2017-07-18 09:00:00").code == 0
    events = list(Calendar.from_ical(target.read_bytes()).walk("VEVENT"))
    first = next(e for e in events if "21/7/2017" in e["SUMMARY"])
    assert first["DTSTART"].dt.isoformat() == "2017-07-21T03:00:00+00:00"
    assert "14/7/2017" in first["DESCRIPTION"]
    assert len({str(e["UID"]) for e in events}) == len(events)


def test_a_period_skipped_and_wanted_after_all_owes_again(world: World):
    key = "weekly:2017-07-28"
    world.tick("2017-07-17 09:00:00")
    for opened in (False, True):
        if opened:
            world.tick("2017-07-22 09:00:00")
        now = f"2017-07-{25 if opened else 18}"
        assert world.cchc("period", key, "--skip", "--reason", "Bão", now=f"{now} 09:00:00").code == 0
        if not opened:
            world.tick("2017-07-22 08:00:00")  # it opens while skipped: nobody owes it
            assert world.board(key, "2017-07-22 08:01:00")["dues"] == []
        moved = ("period", key, "--due-at", "2017-07-28T16:00:00+07:00", "--reason", "Bão tan")
        when = "2017-07-26" if opened else "2017-07-22"
        assert world.cchc(*moved, now=f"{when} 08:30:00").code == 0
        board = world.board(key, f"{when} 08:31:00")
        assert [(d["agency"], d["status"]) for d in board["dues"]] == [
            ("SNV", "required"),
            ("STC", "required"),
            ("SYT", "required"),
            ("HDT", "required"),
        ]


def test_what_a_person_called_not_applicable_stays_so_when_the_period_comes_back(world: World):
    key = "weekly:2017-07-28"
    world.tick("2017-07-22 09:00:00")
    world.cchc("due", key, "SYT", "--not-applicable", "--reason", "Không phát sinh", now="2017-07-22 10:00:00")
    world.cchc("period", key, "--skip", "--reason", "Bão", now="2017-07-23 10:00:00")
    world.cchc("period", key, "--due-at", "2017-07-28T16:00:00+07:00", "--reason", "Bão tan", now="2017-07-24 10:00:00")
    statuses = {d["agency"]: d["status"] for d in world.board(key, "2017-07-24 10:01:00")["dues"]}
    assert statuses == {"SNV": "required", "STC": "required", "SYT": "not_applicable", "HDT": "required"}


def test_a_type_of_the_offices_own_goes_by_its_title_in_both_files(world: World):
    world.more = '[[report]]\ntype = "survey"\nkey = "khao-sat"\ntitle = "Báo cáo khảo sát"\nevery = "once"\nform = ""\ndue = "2017-10-05"\n'
    world.write_config()
    ics, xlsx = world.folder / "n.ics", world.folder / "n.xlsx"
    assert world.cchc("calendar", "2017", "--ics", str(ics), "--xlsx", str(xlsx), now="2017-07-17 07:00:00").code == 0
    assert "SUMMARY:Thời hạn báo cáo khảo sát" in ics.read_text("utf-8")
    told = [cell.value for row in load_workbook(xlsx).active.iter_rows() for cell in row]
    assert "Báo cáo khảo sát" in told
    assert not [value for value in told if isinstance(value, str) and '"survey"' in value]
