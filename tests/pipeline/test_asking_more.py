"""What operators ask and mistype: the roster by its effective day, readings and replays, mistakes that end as 2, alarms that are true."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from intake import replay
from intake.comparing import differences
from intake.reading import read_stored
from intake.wiring import operator
from parsers.values import Window
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


# ---- the class of a due ----------------------------------------------------------------------------------------------


def test_before_the_cutoff_the_class_is_not_yet_due_everywhere_and_what_arrived_stands_beside(world: World):
    world.deliver(report(), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (early,) = world.log("2017-07-21 09:14:00")[0]["submissions"]
    assert (early["class"], early["arrived"]) == ("not_yet_due", "on_time")
    shown = world.cchc("show", RECEIPT, "--json", now="2017-07-21 09:14:00").json["submissions"][0]
    assert (shown["class"], shown["arrived"]) == ("not_yet_due", "on_time")
    rules = world.cchc("explain", RECEIPT, "--json", now="2017-07-21 09:14:00").json["rules"]
    assert f"class of {WEEK} STC" in [r["rule"] for r in rules if r["said"] == "not_yet_due, arrived on_time"]
    assert "not_yet_due (on_time)" in world.cchc("show", RECEIPT, now="2017-07-21 09:14:00").out
    assert world.log("2017-07-21 09:14:00", "--class", "on_time") == []
    assert len(world.log("2017-07-21 10:00:00", "--class", "on_time")) == 1
    (later,) = world.log("2017-07-21 10:00:00")[0]["submissions"]
    assert (later["class"], later["arrived"]) == ("on_time", None)


# ---- replay ----------------------------------------------------------------------------------------------------------


def reread(world: World, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """From now on every report is read with these facts changed: what new readers might do."""

    def changed(*given: object) -> object:
        reading = read_stored(*given)
        parts = tuple(
            dataclasses.replace(part, reports=tuple(dataclasses.replace(r, **changes) for r in part.reports))
            for part in reading.parts
        )
        return dataclasses.replace(reading, parts=parts)

    monkeypatch.setattr(replay, "read_stored", changed)


def test_what_replay_records_stands_beside_the_reading_the_verdict_rests_on(world: World, monkeypatch):
    world.deliver(report(), BEFORE)
    world.poll("2017-07-21 09:13:00")
    reread(world, monkeypatch, number="999/BC-STC")
    applied = world.cchc("replay", "--apply", "--json", now="2017-07-21 09:20:00")
    assert applied.code == 1
    (line,) = applied.json["differences"]
    assert (line["key"], line["before"], line["after"]) == ("number", "245/BC-STC", "999/BC-STC")
    shown = world.cchc("show", RECEIPT, "--json", now="2017-07-21 09:21:00").json
    assert [r["number"] for r in shown["reports"]] == ["245/BC-STC"]
    assert [r["number"] for r in shown["later_readings"]] == ["999/BC-STC"]
    world.cchc("decide", RECEIPT, "--refuse", "--reason", "sai mẫu", now="2017-07-21 09:30:00")
    told = world.letters("stc@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "999/BC-STC" not in told
    assert world.cchc("replay", "--json", now="2017-07-21 09:40:00").json["differences"] == []


def test_replay_tells_type_window_agency_and_findings_and_is_silent_when_nothing_changed(world: World, monkeypatch):
    world.deliver(report(figures=("1.625", "1.615", "1.590", "20", "10")), BEFORE)
    world.poll("2017-07-21 09:13:00")
    assert world.cchc("replay", "--json", now="2017-07-21 09:14:00").json["differences"] == []
    window = Window(date(2017, 7, 7), date(2017, 7, 13), "28", None, "")
    reread(world, monkeypatch, window=window, agency_text="SỞ TÀI CHÍNH TỈNH", findings=())
    lines = world.cchc("replay", "--json", now="2017-07-21 09:15:00").json["differences"]
    assert {x["key"]: x["after"] for x in lines} == {
        "window": "2017-07-07..2017-07-13",
        "agency": "SỞ TÀI CHÍNH TỈNH",
        "findings": "",
    }


def test_a_report_no_longer_found_and_one_found_for_the_first_time_are_both_told(world: World, monkeypatch):
    world.deliver(report(), BEFORE)
    world.deliver(mail("snv@tinh.example", subject="Chào", text="Không có gì."), "2017-07-21 09:12:40")
    world.poll("2017-07-21 09:13:00")
    states = {row["from"]: row["state"] for row in world.log("2017-07-21 09:14:00")}
    assert states["snv@tinh.example"] == "not_a_report"
    kept = {row["from"]: row["id"] for row in world.log("2017-07-21 09:14:00")}
    readings = {}

    def swapped(box, forms, path, received):
        readings[path] = read_stored(box, forms, path, received)
        mine = readings[path]
        other = next(r for r in (read_stored(box, forms, p, received) for p in paths) if r.envelope != mine.envelope)
        return dataclasses.replace(mine, parts=other.parts, outcome=other.outcome, reason=other.reason)

    paths = [p for p in (world.folder / "vault").rglob("*") if p.is_file() and p.read_bytes() in world.delivered]
    monkeypatch.setattr(replay, "read_stored", swapped)
    lines = world.cchc("replay", "--json", now="2017-07-21 09:15:00").json["differences"]
    told = {x["report"]: (x["before"], x["after"]) for x in lines if x["key"] == "report"}
    assert told[f"{kept['stc@tinh.example']}.1.1"] == ("read", "absent")
    assert ("absent", "read") in [said for ref, said in told.items() if ref.startswith(f"{kept['snv@tinh.example']}.")]


def test_a_figure_that_is_absent_and_one_that_is_not_there_are_the_same():
    assert differences({"figures": {"received": {"state": "absent", "value": None}}}, {"figures": {}}) == []
    assert (
        differences(
            {"figures": {"a": {"state": "number", "value": 95.5}}},
            {"figures": {"a": {"state": "number", "value": "95.50"}}},
        )
        == []
    )


# ---- status and check ------------------------------------------------------------------------------------------------


def alarms(world: World, now: str) -> list[str]:
    answer = world.cchc("status", "--json", now=now)
    assert answer.code == (1 if answer.json["alarms"] else 0)
    return [alarm["what"] for alarm in answer.json["alarms"]]


def test_a_mailbox_never_polled_is_an_alarm_once_the_ledger_is_older_than_ten_minutes(world: World):
    world.tick("2017-07-21 09:00:00")
    assert alarms(world, "2017-07-21 09:10:00") == []
    assert alarms(world, "2017-07-21 09:11:00") == ["no_good_poll"]


def test_a_mail_delivered_a_moment_ago_is_no_alarm_and_one_that_vanished_is(world: World):
    world.deliver(report(), BEFORE)
    world.poll("2017-07-21 09:13:00")
    world.deliver(report("syt@tinh.example", agency="SỞ Y TẾ", number="2/BC-SYT"), "2017-07-21 09:13:30")
    assert alarms(world, "2017-07-21 09:14:00") == []
    assert world.cchc("status", "--json", now="2017-07-21 09:14:00").json["mailbox"]["server"] == 2
    for path in [*world.box.rglob("cur/*"), *world.box.rglob("new/*")]:
        path.unlink()
    assert alarms(world, "2017-07-21 09:15:00") == ["ledger_disagrees"]


def test_a_watched_folder_that_is_missing_spoils_neither_poll_nor_reconcile_nor_status_and_check_names_it(world: World):
    world.mailbox = 'also_watch = ["Junk"]'
    world.write_config()
    world.deliver(report(), BEFORE)
    polled = world.cchc("poll", "--json", now="2017-07-21 09:13:00")
    assert (polled.code, polled.json["recorded"]) == (0, 1)
    assert world.cchc("reconcile", "--json", now="2017-07-21 09:14:00").code == 0
    assert alarms(world, "2017-07-21 09:15:00") == []
    (line,) = [x for x in world.cchc("check", "--json").json["lines"] if x["what"] == "mailbox"]
    assert (line["ok"], line["warning"]) == (True, True)
    assert "Junk" in line["said"]


def test_check_says_when_the_roster_file_differs_and_when_the_first_one_is_missing(world: World):
    def line() -> dict[str, object]:
        return next(x for x in world.cchc("check", "--json").json["lines"] if x["what"] == "roster")

    world.poll("2017-07-21 09:13:00")
    assert not line()["warning"]
    roster_file(world, "roster.csv", NEW_ADDRESS)
    assert line()["warning"]
    assert "differs" in str(line()["said"])


def test_check_warns_of_a_roster_without_rows(world: World):
    path = world.folder / "roster.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (line,) = [x for x in world.cchc("check", "--json").json["lines"] if x["what"] == "roster"]
    assert line["warning"]
    assert "0 rows" in line["said"]
    assert "nobody owes anything" in line["said"]


def test_a_roster_file_that_is_not_there_is_a_mistake_while_the_ledger_has_none(world: World, capsys):
    (world.folder / "roster.csv").unlink()
    for verb in (["poll"], ["status"], ["board"]):
        assert world.cchc(*verb, now="2017-07-21 09:13:00").code == 2
        assert "roster.file" in capsys.readouterr().err
    (line,) = [x for x in world.cchc("check", "--json").json["lines"] if x["what"] == "roster"]
    assert not line["ok"]
    first = roster_file(world, "first.csv", ROSTER)
    assert world.cchc("roster", "import", first, now="2017-07-21 09:14:00").code == 0
    assert world.cchc("poll", now="2017-07-21 09:15:00").code == 0


# ---- mistakes end as 2, with a line that says what is expected -------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("0", ["calendar", "0"]),
        ("99999", ["calendar", "99999"]),
        ("/nonexist/x", ["show", "1", "--raw", "/nonexist/x"]),
        ("UTF-8", ["roster", "import", "{folder}/latin.csv"]),
        ("UTF-8", ["roster", "diff", "{folder}/latin.csv"]),
        ("/nonexist/x", ["backup", "/nonexist/x"]),
        ("/nonexist/x", ["log", "--csv", "/nonexist/x"]),
        ("/nonexist/x", ["log", "--xlsx", "/nonexist/x"]),
        ("/nonexist/x", ["verify", "--export", "/nonexist/x"]),
        ("latin.csv", ["verify", "--anchors", "{folder}/latin.csv"]),
        ("lines.json:1", ["verify", "--anchors", "{folder}/lines.json"]),
        ("config.toml:1", ["verify", "--anchors", "{folder}/config.toml"]),
        ("recorded", ["retry", "1"]),
        ("weekly", ["read", "{folder}/latin.csv", "--as", "nope"]),
        ("--accept", ["decide", "1", "--accept", "--refuse", "--reason", "x"]),
        ("--waive", ["due", WEEK, "STC", "--waive", "--reopen", "--reason", "x"]),
        ("--waive", ["due", WEEK, "STC", "--reason", "x"]),
        ("weekly", ["decide", "1", "--period", "monthly:2017-07", "--reason", "x"]),
        ("--limit", ["log", "--limit", "-1"]),
        ("recorded", ["log", "--state", "nonsense"]),
        ("on_time", ["log", "--class", "nonsense"]),
        ("NOPE", ["log", "--agency", "NOPE"]),
        ("monthly", ["log", "--type", "nonsense"]),
        ("weekly:2017-07-21", ["log", "--period", "nonsense"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_of_the_operator_ends_as_2_and_says_what_is_wrong(world: World, capsys, said: str, args: list[str]):
    world.deliver(report(), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (world.folder / "latin.csv").write_bytes("Sở Nội vụ".encode("utf-16"))
    (world.folder / "lines.json").write_text('{"seq": "five"}\n', encoding="utf-8")
    capsys.readouterr()
    answer = world.cchc(*[x.replace("{folder}", str(world.folder)) for x in args], now="2017-07-21 09:14:00")
    err = capsys.readouterr().err
    assert answer.code == 2, err
    assert said in err
    assert "Traceback" not in err


def test_a_file_that_is_no_backup_is_refused_by_its_name_and_leaves_the_place_empty(world: World, capsys):
    (world.folder / "latin.csv").write_bytes("Sở Nội vụ".encode("utf-16"))
    assert world.cchc("restore", str(world.folder / "latin.csv"), now="2017-07-21 09:14:00").code == 2
    assert "latin.csv" in capsys.readouterr().err
    assert world.cchc("verify", "--json").json["entries"] == 0


def test_the_second_person_is_another_one(world: World, capsys):
    world.tick("2017-07-20 09:00:00")
    me = operator().partition(":")[2]
    late = "2017-07-21 10:30:00"
    for second in (me, me.upper(), operator(), "  "):
        waive = ["due", WEEK, "STC", "--waive", "--second", second, "--reason", "x"]
        assert world.cchc(*waive, now=late).code == 2
        assert "--second" in capsys.readouterr().err
        assert world.cchc("period", WEEK, "--skip", "--second", second, "--reason", "x", now=late).code == 2
    world.deliver(report(), "2017-07-21 10:31:00")
    world.poll("2017-07-21 10:32:00")
    deemed = ["decide", RECEIPT, "--deemed-at", "2017-07-21T09:00:00", "--reason", "x", "--second"]
    assert world.cchc(*deemed, me, now="2017-07-21 10:33:00").code == 2
    assert world.cchc(*deemed, "Chị Lan", now="2017-07-21 10:33:00").code == 0
    assert world.classes(WEEK, "2017-07-21 10:34:00")["STC"] == "on_time"


def test_a_moment_before_the_last_entry_is_refused_by_verbs_that_only_read(world: World):
    world.poll("2017-07-21 09:13:00")
    for verb in (["board", WEEK], ["log"], ["status"], ["calendar", "2017"], ["roster", "list"]):
        assert world.cchc(*verb, now="2017-07-21 09:12:00").code == 2


def test_check_tells_the_next_cutoffs_as_people_have_moved_them(world: World):
    moved = ("period", "weekly:2017-07-21", "--due-at", "2017-07-20T10:00:00+07:00", "--reason", "hội nghị")
    assert world.cchc(*moved, now="2017-07-17 08:00:00").code == 0
    lines = world.cchc("check", "--json", now="2017-07-17 09:00:00").json["lines"]
    (line,) = [x for x in lines if x["what"] == "calendar"]
    assert "weekly:2017-07-21 at 2017-07-20T10:00:00+07:00" in line["said"]
