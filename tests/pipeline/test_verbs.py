"""Every verb of the contract, with its document and its exit codes (docs/operator.md, Verbs and Exit codes)."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest

from intake import wiring
from parsers.box import Box, BoxFailure
from tests.pipeline.conftest import SharedBox
from tests.pipeline.world import ROSTER, World, mail, weekly_docx
from tests.servers.smtp_sink import SmtpSink

BEFORE = "2017-07-21 09:12:35"
WEEK = "weekly:2017-07-21"
R1 = "CCHC-20170721-W-STC-r1"
VERIFIER = Path(__file__).parents[2] / "storage" / "verify_export.py"

ROW = {
    *("id", "sha256", "message_id", "from", "subject", "sent_at", "received_at", "seen_at", "judged_at"),
    *("state", "reason", "automatic", "submissions", "parts", "letters"),
}
SUBMISSION = {
    *("receipt", "report", "agency", "type", "period", "revision", "class", "late_seconds", "outcome", "findings"),
    *("due_at", "due_original", "due_why", "clock", "versions", "seq", "hash", "decisions"),
}
LETTER = {"kind", "to", "state", "message_id", "sent_at", "withheld_because", "smtp_reply", "seq"}
BOARD = {
    *("schema", "period", "due_at", "as_of", "closed", "expected", "classes", "waived", "not_applicable"),
    *("not_yet_due", "completeness", "timeliness", "dues"),
}
READ_PART = {"name", "sha256", "size", "type", "path", "outcome", "reason", "copy_of", "findings", "reports"}
READ_REPORT = {
    *("n", "type", "form", "reader", "agency", "number", "date", "window", "period", "verdict", "figures", "texts"),
    *("signature", "findings"),
}


def report(**docx: Any) -> Any:
    return mail(files={"Báo cáo tuần.docx": weekly_docx(**docx)})


def a_week(world: World) -> World:
    """One report on time, one late, one of an unknown sender; the rest silent."""
    world.deliver(report(), BEFORE)
    late = mail("syt@tinh.example", files={"bc.docx": weekly_docx(agency="SỞ Y TẾ", number="12/BC-SYT")})
    world.deliver(late, "2017-07-21 10:00:01")
    unknown = mail("ai.do@noi.example", "=Báo cáo", {"bc.docx": weekly_docx(agency="SỞ NỘI VỤ", number="7/BC-SNV")})
    world.deliver(unknown, "2017-07-21 09:30:00")
    assert world.cchc("poll", now="2017-07-21 10:06:00").code == 1
    assert world.cchc("tick", now="2017-07-21 10:06:10").code == 0
    return world


@pytest.fixture
def week(world: World) -> World:
    """A week of one's own."""
    return a_week(world)


@pytest.fixture(scope="module")
def _one_week(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("asked")
    shutil.copy(sqlite_template, folder / "cchc.db")
    sink = SmtpSink().start()
    yield World(folder, sink)
    sink.stop()


@pytest.fixture
def asked(_one_week: World, shared_worker: None) -> World:
    """A week that is only asked, and therefore shared."""
    return _one_week if _one_week.delivered else a_week(_one_week)


# ---- setting up ------------------------------------------------------------------------------------------------------


def test_init_writes_a_configuration_that_is_understood_and_overwrites_nothing(world: World):
    new = world.folder / "new"
    assert "forms/weekly.toml" in world.unconfigured("init", str(new), "--json").json["files"]
    assert {"config.toml", "roster.csv", "forms"} <= {p.name for p in new.iterdir()}
    assert world.unconfigured("init", str(new)).code == 2
    answer = world.unconfigured("-c", str(new / "config.toml"), "calendar", "2027", "--json")
    assert answer.code == 0, answer.out


def test_check_says_a_line_each_and_names_what_is_wrong(world: World):
    good = world.cchc("check", "--json")
    assert (good.code, good.json["ok"]) == (0, True)
    said = {line["what"] for line in good.json["lines"]}
    assert {"configuration", "mailbox", "smtp", "database", "confinement", "clock", "calendar", "python"} <= said
    world.sink.stop()
    bad = world.cchc("check", "--json")
    assert bad.code == 1
    assert [line["what"] for line in bad.json["lines"] if not line["ok"]] == ["smtp"]
    assert "BAD  smtp" in world.cchc("check").out


def test_a_check_at_a_given_moment_speaks_of_that_moment(world: World):
    said = {x["what"]: x["said"] for x in world.cchc("check", "--json", now="2017-07-20 09:00:00").json["lines"]}
    assert said["calendar"].startswith("next: weekly:2017-07-21 at 2017-07-21T10:00:00+07:00, monthly:2017-07 at ")
    assert said["clock"].startswith("2017-07-20T09:00:00+07:00 (--at)")


def test_every_mistake_of_the_configuration_is_told_at_once_without_a_traceback(world: World, capsys: Any):
    world.calendar = 'at_cutoff = "maybe"\ngrace_seconds = -1\ncolour = "blue"'
    world.mailbox = "poll_seconds = 0"
    world.write_config()
    for verb in ("poll", "status", "check", "board", "run"):
        assert world.cchc(verb).code == 2
        said = capsys.readouterr().err
        for key in ("at_cutoff", "grace_seconds", "colour", "poll_seconds"):
            assert key in said
        assert "Traceback" not in said
    assert world.unconfigured("-c", str(world.folder / "nowhere.toml"), "poll").code == 2


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("board", "weekly:2017-07-22"),
        ("board", "nothing"),
        ("show", "99"),
        ("show", "CCHC-20170721-W-STC-r9"),
        ("explain", "zz"),
        ("decide", "1", "--accept"),
        ("decide", "1", "--accept", "--reason", "x"),
        ("retry",),
        ("retry", "7"),
        ("due", WEEK, "STC", "--reason", "x"),
        ("due", WEEK, "NOBODY", "--waive", "--reason", "x"),
        ("period", WEEK, "--reason", "x"),
        ("period", "weekly:nonsense", "--skip", "--reason", "x"),
        ("log", "--since", "yesterday"),
        ("roster", "import", "missing.csv"),
        ("calendar", "year"),
        ("read", "missing.docx"),
        ("restore", "missing.tar"),
    ],
)
def test_mistakes_of_usage_are_exit_2_without_a_traceback(world: World, args: tuple[str, ...], capsys: Any):
    assert world.cchc(*args, now="2017-07-20 09:00:00").code == 2
    said = capsys.readouterr()
    assert said.err
    assert "Traceback" not in said.err + said.out


@pytest.mark.parametrize(
    "args",
    [
        ("decide", R1, "--deemed-at", "soon", "--second", "B", "--reason", "x"),
        ("decide", R1, "--set", "received", "--reason", "x"),
        ("decide", R1, "--agency", "XXX", "--reason", "x"),
        ("decide", R1, "--period", "monthly:2017-7", "--reason", "x"),
        ("decide", R1, "--accept", "--refuse"),
        ("decide", R1, "--deemed-at", "2017-07-21T09:00:00", "--reason", "một mình"),
    ],
)
def test_a_decision_that_cannot_be_taken_changes_nothing(asked: World, args: tuple[str, ...]):
    before = asked.log("2017-07-21 10:10:00")
    assert asked.cchc(*args, now="2017-07-21 10:11:00").code == 2
    after = asked.log("2017-07-21 10:10:00")
    assert before == after


def test_every_verb_takes_json():
    from intake.cli import VERBS, cchc  # noqa: PLC0415

    context = click.Context(cchc)
    for name in VERBS:
        command = cchc.get_command(context, name)
        leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        for leaf in leaves:
            assert "--json" in [option for parameter in leaf.params for option in parameter.opts], name


# ---- unreachable -----------------------------------------------------------------------------------------------------


def test_with_smtp_down_the_mails_are_recorded_the_letters_wait_and_poll_says_3(world: World):
    port = world.sink.port
    world.sink.stop()
    world.deliver(report(), BEFORE)
    polled = world.cchc("poll", "--json", now="2017-07-21 09:13:00")
    assert polled.code == 3
    assert (polled.json["recorded"], polled.json["letters_sent"], polled.json["letters_pending"]) == (1, 0, 1)
    status = world.cchc("status", "--json", now="2017-07-21 11:00:00")
    assert status.json["outbox"] == {"pending": 1, "unknown": 0, "failed": 0}
    assert "letter_waits" in [a["what"] for a in status.json["alarms"]]
    world.sink.port = port
    world.sink.start()
    again = world.cchc("poll", "--json", now="2017-07-21 11:01:00")
    assert (again.code, again.json["letters_sent"]) == (0, 1)
    assert len(world.letters("stc@tinh.example")) == 1


def test_with_smtp_down_tick_closes_and_says_3(world: World):
    world.poll("2017-07-21 10:06:00")
    world.sink.stop()
    ticked = world.cchc("tick", "--json", now="2017-07-21 10:06:10")
    assert ticked.code == 3
    assert ticked.json["closed"] == [WEEK]
    assert {x["state"] for x in ticked.json["letters"] if x["kind"] != "reminder"} == {"pending"}


def test_an_unreachable_database_is_3(world: World):
    world.database = "postgresql://nobody@127.0.0.1:1/none"
    world.write_config()
    assert world.cchc("status").code == 3


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_status_board_log_and_show_have_the_keys_of_the_contract(asked: World):
    now = "2017-07-21 10:10:00"
    status = asked.cchc("status", "--json", now=now).json
    assert {"schema", "mailbox", "last_good_poll", "outbox", "set_aside", "next_cutoffs", "alarms"} <= status.keys()
    assert {"server", "ledger", "states"} <= status["mailbox"].keys()
    assert status["mailbox"]["states"] == {"recorded": 2, "needs_review": 1}
    assert status["next_cutoffs"][0] == {"period": "weekly:2017-07-28", "due_at": "2017-07-28T10:00:00+07:00"}
    board = asked.cchc("board", "--json", now=now).json
    assert board.keys() >= BOARD
    assert (board["period"], board["closed"]) == (WEEK, True)
    assert board["classes"] == {"on_time": 1, "cured": 0, "late": 1, "incomplete": 0, "in_review": 1, "missing": 1}
    assert {"agency", "class", "status", "received_at", "late_seconds", "receipt", "revision"} <= board["dues"][
        0
    ].keys()
    missing = next(d for d in board["dues"] if d["class"] == "missing")
    assert (missing["received_at"], missing["receipt"], missing["revision"], missing["late_seconds"]) == (None,) * 4
    shown = asked.cchc("show", R1, "--json", now=now).json
    assert ROW | {"timeline", "reports"} <= shown.keys()
    (submission,) = shown["submissions"]
    assert submission.keys() >= SUBMISSION
    assert {"border_received", "internaldate", "deemed_at", "rule"} <= submission["clock"].keys()
    assert {"form", "rules", "calendar", "roster"} <= submission["versions"].keys()
    assert {"id", "name", "sha256", "type", "outcome", "reason"} <= shown["parts"][0].keys()
    assert shown["letters"][0].keys() >= LETTER
    assert [line["kind"] for line in shown["timeline"]]
    for document in (status, board, shown):
        _whole_seconds(document)


def _whole_seconds(document: Any) -> None:
    text = json.dumps(document)
    assert 'Z"' not in text
    assert ".000000" not in text


def test_poll_and_tick_have_the_keys_of_the_contract(world: World):
    world.deliver(report(), BEFORE)
    polled = world.poll("2017-07-21 10:06:00")
    wanted = {
        "schema",
        "fetched",
        "recorded",
        "needs_review",
        "set_aside",
        "duplicates",
        "letters_sent",
        "letters_pending",
    }
    assert wanted | {"mails"} <= polled.keys()
    ticked = world.tick("2017-07-21 10:06:10")
    assert {"schema", "at", "opened", "closed", "letters"} <= ticked.keys()
    digest = next(x for x in ticked["letters"] if x["kind"] == "digest")
    assert {k: digest[k] for k in ("about", "to", "state")} == {
        "about": WEEK,
        "to": "thuky@tinh.example",
        "state": "sent",
    }


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ((), 3),
        (("--agency", "STC"), 1),
        (("--type", "monthly"), 0),
        (("--period", WEEK), 3),
        (("--class", "late"), 1),
        (("--state", "needs_review"), 1),
        (("--since", "2017-07-21T10:00:00"), 1),
        (("--until", "2017-07-21T09:30:00"), 1),
        (("--text", "bao cao"), 3),
        (("--text", "SYT"), 1),
        (("--limit", "2"), 2),
    ],
)
def test_the_log_is_filtered(asked: World, filters: tuple[str, ...], count: int):
    assert len(asked.log("2017-07-21 10:10:00", *filters)) == count


def test_the_log_as_csv_and_xlsx_computes_nothing_a_sender_wrote(asked: World):
    table, book = asked.folder / "log.csv", asked.folder / "log.xlsx"
    assert asked.cchc("log", "--csv", str(table), "--xlsx", str(book), now="2017-07-21 10:10:00").code == 0
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
    assert len(rows) == 3
    assert "'=Báo cáo" in {row["subject"] for row in rows}
    sheet = openpyxl.load_workbook(book).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" for cell in cells)
    assert any(cell.value == "'=Báo cáo" for cell in cells)


@pytest.mark.parametrize("ident", ["1", "1.2", "1.2.1", R1])
def test_a_mail_is_named_in_every_way_of_the_contract(asked: World, ident: str):
    assert asked.cchc("show", ident, "--json", now="2017-07-21 10:10:00").json["id"] == 1


def test_show_names_a_mail_by_its_hash_and_gives_its_bytes(asked: World):
    sha256 = asked.cchc("show", "1", "--json", now="2017-07-21 10:10:00").json["sha256"]
    for name in (sha256, sha256[:8], f"CCHC-X-{sha256[:10]}"):
        assert asked.cchc("show", name, "--json", now="2017-07-21 10:10:00").json["id"] == 1
    assert asked.cchc("show", sha256[:7], now="2017-07-21 10:10:00").code == 2
    raw = asked.folder / "raw.eml"
    before = asked.cchc("verify", "--json", now="2017-07-21 10:10:00").json["entries"]
    assert asked.cchc("show", "1", "--raw", str(raw), now="2017-07-21 10:10:00").code == 0
    after = asked.cchc("verify", "--json", now="2017-07-21 10:10:00").json["entries"]
    assert after == before, "looking on a given clock changes nothing of what is replayed"
    assert raw.read_bytes() == asked.delivered[0]


@pytest.mark.parametrize(
    "args",
    [
        ("status",),
        ("board",),
        ("log",),
        ("show", R1),
        ("explain", "3"),
        ("review",),
        ("calendar", "2017"),
        ("verify",),
        ("roster", "list"),
        ("reconcile",),
    ],
)
def test_every_question_is_answered_for_people_as_well(asked: World, args: tuple[str, ...]):
    answer = asked.cchc(*args, now="2017-07-21 10:10:00")
    assert answer.code in (0, 1)
    assert len(answer.out.splitlines()) >= 1
    assert "Traceback" not in answer.out


def test_explain_tells_every_rule_and_why_nobody_was_answered(asked: World):
    unknown = {r["from"]: r for r in asked.log("2017-07-21 10:10:00")}["ai.do@noi.example"]["id"]
    text = str(asked.cchc("explain", str(unknown), "--json", now="2017-07-21 10:10:00").json["rules"])
    assert "sender_unknown" in text
    assert "unknown_sender" in text


def test_review_lists_what_waits_with_its_cutoff(asked: World):
    (item,) = asked.cchc("review", "--json", now="2017-07-21 10:10:00").json["items"]
    assert (item["reason"], item["due_at"], item["agency"]) == ("sender_unknown", "2017-07-21T10:00:00+07:00", "SNV")


def test_the_calendar_gives_every_cutoff_with_its_reason(world: World):
    document = world.cchc("calendar", "2018", "--json").json
    weekly = [c for c in document["cutoffs"] if c["type"] == "weekly"]
    assert len(weekly) == 52
    tet = [c for c in weekly if c["due_why"] or c["skipped"]]
    assert tet, "Tết 2018 fell on Friday 16 February"
    monthly = {c["period"]: c["due_at"] for c in document["cutoffs"] if c["type"] == "monthly"}
    assert monthly["monthly:2018-03"] == "2018-03-30T10:00:00+07:00"


def test_read_has_the_keys_of_the_contract_and_stores_nothing(world: World):
    world.folder.joinpath("bc.docx").write_bytes(weekly_docx())
    args = ("read", str(world.folder / "bc.docx"), "--received", BEFORE.replace(" ", "T"), "--from", "stc@tinh.example")
    read = world.cchc(*args, "--json")
    assert read.code == 0
    (item,) = read.json["items"]
    assert {"file", "sha256", "kind", "from", "subject", "automatic", "outcome", "reason", "parts"} <= item.keys()
    (part,) = item["parts"]
    assert part.keys() >= READ_PART
    (found,) = part["reports"]
    assert found.keys() >= READ_REPORT
    assert found["agency"]["code"] == "STC"
    assert found["period"] == {"key": WEEK, "how": "window"}
    assert (found["verdict"]["timing"], found["verdict"]["late_seconds"]) == ("on_time", 0)
    figure = found["figures"]["received"]
    assert {"value", "state", "raw", "scope", "basis", "flags", "where"} <= figure.keys()
    assert {"page", "block", "table", "row", "cell", "box", "text"} <= figure["where"].keys()
    bare = world.unconfigured("read", "--json", str(world.folder / "bc.docx")).json["items"][0]
    assert bare["parts"][0]["reports"][0]["verdict"] is None
    assert world.log("2017-07-21 10:00:00") == []
    assert world.cchc("read", str(world.folder / "bc.docx")).code == 0


# ---- deciding --------------------------------------------------------------------------------------------------------


def decide(world: World, ident: str, *args: str, now: str) -> Any:
    answer = world.cchc("decide", ident, *args, "--reason", "theo văn bản của đơn vị", "--json", now=now)
    assert answer.code == 0, answer.out
    return answer.json


def test_accept_releases_what_was_held_and_is_never_overwritten(week: World):
    unknown = next(r["id"] for r in week.log("2017-07-21 10:10:00") if r["from"] == "ai.do@noi.example")
    shown = decide(week, str(unknown), "--agency", "SNV", "--accept", now="2017-07-21 10:20:00")
    (submission,) = shown["submissions"]
    assert (submission["agency"], submission["class"], submission["outcome"]) == ("SNV", "on_time", "accepted")
    assert [d["what"] for d in submission["decisions"]] == ["agency", "accept"]
    assert {"at", "who", "second", "what", "from", "to", "reason", "seq"} <= submission["decisions"][0].keys()
    assert shown["state"] == "recorded"
    assert week.cchc("review", "--json", now="2017-07-21 10:21:00").json["items"] == []
    assert week.cchc("replay", "--apply", now="2017-07-21 10:22:00").code == 0
    assert week.classes(WEEK, "2017-07-21 10:23:00")["SNV"] == "on_time"


def test_refuse_makes_the_due_incomplete_and_withdraw_reopens_it(week: World):
    two = ("--second", "Trưởng phòng")
    decide(week, R1, "--refuse", *two, now="2017-07-21 10:20:00")
    assert week.classes(WEEK, "2017-07-21 10:21:00")["STC"] == "incomplete"
    decide(week, R1, "--withdraw", *two, now="2017-07-21 10:22:00")
    assert week.classes(WEEK, "2017-07-21 10:23:00")["STC"] == "missing"
    decide(week, R1, "--not-a-report", *two, now="2017-07-21 10:24:00")
    assert week.classes(WEEK, "2017-07-21 10:25:00")["STC"] == "missing"


def test_credit_lets_a_locked_file_in_time_be_cured(world: World):
    locked = (Path(__file__).parents[1] / "corpus/hostile/att/xlsx_encrypted.xlsx").read_bytes()
    world.deliver(mail(files={"Bao cao tuan.xlsx": locked}), BEFORE)
    world.deliver(mail(subject="Gửi lại", files={"bc.docx": weekly_docx()}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert world.classes(WEEK, "2017-07-21 11:02:00")["STC"] == "late"
    decide(world, R1, "--credit", "--second", "Trưởng phòng", now="2017-07-21 11:10:00")
    assert world.classes(WEEK, "2017-07-21 11:11:00")["STC"] == "cured"


def test_a_figure_set_by_a_person_completes_a_report(world: World):
    world.deliver(report(figures=(1625, 1615, "……", 20, 10)), BEFORE)
    world.poll("2017-07-21 09:13:00")
    assert world.classes(WEEK, "2017-07-21 10:10:00")["STC"] == "incomplete"
    alone = ("decide", R1, "--set", "on_time=1595", "--reason", "đã gọi điện")
    assert world.cchc(*alone, now="2017-07-21 10:11:00").code == 2, "it changes a class after the cutoff"
    shown = decide(world, R1, "--set", "on_time=1595", "--second", "An", now="2017-07-21 10:11:00")
    assert shown["submissions"][0]["class"] == "on_time"
    (figures,) = [r["figures"] for r in shown["reports"]]
    assert (figures["on_time"]["value"], figures["on_time"]["flags"]) == (1595, ["person"])


def test_a_report_moved_to_another_period_counts_there(week: World):
    decide(week, R1, "--period", "weekly:2017-07-28", "--second", "An", now="2017-07-21 10:20:00")
    assert week.classes(WEEK, "2017-07-21 10:21:00")["STC"] == "missing"
    assert week.classes("weekly:2017-07-28", "2017-07-28 10:21:00")["STC"] == "on_time"


def test_a_deemed_receipt_needs_a_second_person_and_changes_no_receipt_time(week: World):
    late = "CCHC-20170721-W-SYT-r1"
    deemed = ("--deemed-at", "2017-07-21T09:59:00+07:00")
    assert week.cchc("decide", late, *deemed, "--reason", "mạng hỏng", now="2017-07-21 10:20:00").code == 2
    shown = decide(week, late, *deemed, "--second", "Trưởng phòng", now="2017-07-21 10:21:00")
    (submission,) = shown["submissions"]
    assert (submission["class"], submission["late_seconds"]) == ("on_time", 0)
    assert submission["clock"]["deemed_at"] == "2017-07-21T09:59:00+07:00"
    assert shown["received_at"] == "2017-07-21T10:00:01+07:00"


@pytest.mark.parametrize(
    ("change", "status", "beside"),
    [(("--waive",), "waived", "waived"), (("--not-applicable",), "not_applicable", "not_applicable")],
)
def test_a_due_taken_away_stands_beside_and_comes_back(week: World, change: tuple[str, ...], status: str, beside: str):
    more = ("--second", "Trưởng phòng", "--reason", "bão", "--json")
    assert week.cchc("due", WEEK, "HDT", *change, *more, now="2017-07-21 10:20:00").code == 0
    board = week.board(WEEK, "2017-07-21 10:21:00")
    assert (board["expected"], board[beside]) == (3, 1)
    assert next(d["status"] for d in board["dues"] if d["agency"] == "HDT") == status
    assert week.cchc("due", WEEK, "HDT", "--reopen", *more, now="2017-07-21 10:22:00").code == 0
    assert week.board(WEEK, "2017-07-21 10:23:00")["expected"] == 4


def test_paper_received_is_noted_and_changes_no_class(week: World):
    noted = week.cchc("due", WEEK, "STC", "--paper", "45/CVĐ", "--reason", "văn thư", now="2017-07-21 10:20:00")
    assert noted.code == 0
    assert week.classes(WEEK, "2017-07-21 10:21:00")["STC"] == "on_time"


def test_a_period_moved_for_everybody_changes_every_verdict(week: World):
    later = ("period", WEEK, "--due-at", "2017-07-21T12:00:00", "--reason", "mất điện toàn tỉnh")
    assert week.cchc(*later, now="2017-07-21 10:20:00").code == 2
    assert week.cchc(*later, "--second", "Trưởng phòng", now="2017-07-21 10:20:00").code == 0
    board = week.board(WEEK, "2017-07-21 12:30:00")
    assert (board["due_at"], board["classes"]["on_time"]) == ("2017-07-21T12:00:00+07:00", 2)


def test_the_roster_is_listed_compared_and_imported(week: World):
    new = week.folder / "new.csv"
    new.write_text(
        ROSTER + "STP,Sở Tư pháp,department,TINH,TINH,stp@tinh.example,,weekly,2017-07-22,,\n", encoding="utf-8"
    )
    changes = week.cchc("roster", "diff", str(new), "--json", now="2017-07-21 10:20:00").json["changes"]
    assert {change["code"] for change in changes} == {"STP"}
    assert week.cchc("roster", "import", str(new), now="2017-07-21 10:21:00").code == 0
    agencies = week.cchc("roster", "list", "--json", now="2017-07-21 10:22:00").json["agencies"]
    assert "STP" in {a["code"] for a in agencies}
    assert week.board(WEEK, "2017-07-21 10:23:00")["expected"] == 4
    assert week.board("weekly:2017-08-04", "2017-08-04 10:30:00")["expected"] == 5
    status = week.cchc("status", "--json", now="2017-07-21 10:24:00").json
    assert "roster_differs" in [a["what"] for a in status["alarms"]]


# ---- again -----------------------------------------------------------------------------------------------------------


class Crashing:
    """The worker while it cannot open a certain mail."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def read_mail(self, raw: bytes, *rest: Any) -> Any:
        if b"syt@tinh.example" in raw:
            raise BoxFailure("reader_crashed")
        return self._box.read_mail(raw, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._box, name)


def test_a_mail_that_fails_three_times_is_set_aside_and_retried(
    world: World, worker: Box, monkeypatch: pytest.MonkeyPatch
):
    world.deliver(report(), BEFORE)
    syt = mail("syt@tinh.example", files={"bc.docx": weekly_docx(agency="SỞ Y TẾ", number="12/BC-SYT")})
    world.deliver(syt, BEFORE)
    with monkeypatch.context() as broken:
        broken.setattr(SharedBox, "box", Crashing(worker), raising=False)
        for minute in (13, 14):
            assert world.cchc("poll", now=f"2017-07-21 09:{minute}:00").code == 0
        third = world.cchc("poll", "--json", now="2017-07-21 09:15:00")
        assert (third.code, third.json["set_aside"]) == (1, 1)
        assert world.cchc("poll", "--json", now="2017-07-21 09:16:00").json["set_aside"] == 0
    status = world.cchc("status", "--json", now="2017-07-21 09:17:00")
    assert (status.code, status.json["set_aside"]) == (1, 1)
    assert status.json["mailbox"]["states"] == {"recorded": 1, "set_aside": 1}
    (item,) = world.cchc("review", "--json", now="2017-07-21 09:17:00").json["items"]
    assert item["reason"] == "reader_crashed"
    assert world.cchc("retry", "--all", "--json", now="2017-07-21 11:00:00").code == 0
    assert world.classes(WEEK, "2017-07-21 11:01:00")["SYT"] == "on_time"
    assert len(world.letters("syt@tinh.example")) == 1
    assert world.cchc("review", "--json", now="2017-07-21 11:02:00").json["items"] == []
    assert world.cchc("status", "--json", now="2017-07-21 11:03:00").json["set_aside"] == 0


def _unknown_words(line: str) -> str:
    """A line of a form under words no report uses."""
    kept = [x for x in line.splitlines() if not x.startswith(("label", "short", "means", "loosely"))]
    return "\n".join([*kept, 'label = "Hồ sơ giải quyết sớm"', 'labels = ["Hồ sơ giải quyết sớm"]', "", ""])


def test_replay_shows_what_a_changed_form_reads_and_never_unsays_a_letter(week: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wiring, "Box", Box)  # a worker of its own, which knows the office's forms
    forms = week.folder / "forms"
    forms.mkdir()
    packaged = (files("parsers") / "forms" / "weekly.toml").read_text(encoding="utf-8")
    assert week.cchc("replay", "--json", now="2017-07-21 10:20:00").json["differences"] == []
    words = 'label = "Hồ sơ trả đúng hạn"'
    lines = packaged.split("[[line]]")
    changed = "[[line]]".join(_unknown_words(line) if words in line else line for line in lines)
    (forms / "weekly.toml").write_text(changed, encoding="utf-8")
    week.more = '[forms]\nfolder = "forms"'
    week.write_config()
    before = week.board(WEEK, "2017-07-21 10:21:00")
    dry = week.cchc("replay", "--json", now="2017-07-21 10:22:00")
    assert (dry.code, dry.json["applied"]) == (0, False)
    assert {d["key"] for d in dry.json["differences"]} == {"on_time", "findings"}
    assert week.cchc("replay", "--apply", now="2017-07-21 10:23:00").code == 1
    after = week.board(WEEK, "2017-07-21 10:24:00")
    assert after["classes"] == before["classes"]
    reasons = [i["reason"] for i in week.cchc("review", "--json", now="2017-07-21 10:25:00").json["items"]]
    assert "reading_differs" in reasons
    assert len(week.letters("stc@tinh.example")) == 1
    assert week.cchc("replay", "--apply", now="2017-07-21 10:26:00").code == 0, "recorded once, it differs no more"


# ---- proving and moving ----------------------------------------------------------------------------------------------


def test_letters_in_the_agencies_mailboxes_are_witnesses(week: World):
    kept = week.folder / "letters"
    kept.mkdir()
    for n, letter in enumerate(week.sink.received):
        (kept / f"{n}.eml").write_bytes(letter.raw)
    proved = week.cchc("verify", "--anchors", str(kept), "--json", now="2017-07-21 10:20:00")
    assert (proved.code, proved.json["problems"]) == (0, [])
    assert {"schema", "ok", "entries", "head", "problems"} <= proved.json.keys()
    raw = week.sink.received[0].raw
    seq, digest = next(line for line in raw.split(b"\r\n") if line.lower().startswith(b"x-cchc-log:")).split()[1:3]
    (kept / "0.eml").write_bytes(raw.replace(digest, digest[::-1]))
    doubted = week.cchc("verify", "--anchors", str(kept), "--json", now="2017-07-21 10:21:00")
    assert doubted.code == 1
    assert seq.decode() in str(doubted.json["problems"])


def test_an_export_is_checked_offline_by_one_file(week: World):
    export = week.folder / "log.jsonl"
    assert week.cchc("verify", "--export", str(export), now="2017-07-21 10:20:00").code == 0
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(export)]
    assert subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    lines = export.read_text("utf-8").splitlines()
    lines[5] = lines[5].replace("2017-07-21", "2017-07-20", 1)
    export.write_text("\n".join(lines) + "\n", "utf-8")
    assert subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 1


def test_a_backup_restored_elsewhere_carries_on(week: World, tmp_path: Path, capsys: Any):
    week.cchc("due", WEEK, "HDT", "--waive", "--second", "B", "--reason", "bão", now="2017-07-21 10:15:00")
    file = week.folder / "backup.tar.gz"
    assert week.cchc("backup", str(file), "--json", now="2017-07-21 10:20:00").json["vault"] >= 3
    board, log = week.board(WEEK, "2017-07-21 10:30:00"), week.log("2017-07-21 10:30:00")
    other = World(tmp_path / "elsewhere", week.sink)
    assert other.cchc("restore", str(file), "--json", now="2017-07-21 10:25:00").code == 0
    assert (other.folder / "restored" / "roster.csv").read_text("utf-8") == ROSTER
    assert other.board(WEEK, "2017-07-21 10:30:00") == board
    assert other.log("2017-07-21 10:30:00") == log
    assert other.cchc("verify", now="2017-07-21 10:31:00").code == 0
    capsys.readouterr()
    assert other.cchc("restore", str(file), now="2017-07-21 10:32:00").code == 2
    assert "not empty" in capsys.readouterr().err
    sent = len(week.sink.received)
    other.deliver(week.delivered[0], BEFORE)
    assert other.poll("2017-07-21 10:33:00")["fetched"] == 0
    assert len(week.sink.received) == sent


@pytest.mark.parametrize("verb", ["poll", "tick", "board", "log", "status", "review", "check"])
def test_time_given_does_not_run_backwards_for_any_verb(asked: World, verb: str, capsys: Any):
    assert asked.cchc(verb, now="2017-07-21 10:05:59").code == 2
    said = capsys.readouterr().err
    assert "--at: 2017-07-21T10:05:59+07:00 lies before the last log entry 5" in said, (
        "both as the office's clock has them"
    )
    assert " of 2017-07-21T10:06:10+07:00" in said


def test_read_holds_what_the_service_would_hold_and_doubts_no_days_under_a_form_given(world: World):
    """ "`ambiguous_period`, our guess shown, in review (not applied under `--as`)"."""
    slip = world.folder / "slip.docx"
    slip.write_bytes(weekly_docx(window="từ ngày 20/7 đến ngày 14/7/2017"))
    plain = world.unconfigured("read", str(slip), "--json")
    (item,) = plain.json["items"]
    assert (plain.code, item["outcome"], item["reason"]) == (1, "needs_review", "ambiguous_period")
    assert item["parts"][0]["reports"][0]["period"]["how"] == "guess"
    forced = world.unconfigured("read", str(slip), "--as", "weekly", "--json")
    (item,) = forced.json["items"]
    assert (forced.code, item["outcome"], item["reason"]) == (0, "read", None)
    assert item["parts"][0]["reports"][0]["period"] == {"key": "weekly:2017-07-21", "how": "window"}


def test_read_tells_a_letterhead_that_is_another_agencys(world: World):
    mine = world.folder / "m.eml"
    mine.write_bytes(mail(files={"bc.docx": weekly_docx("SỞ Y TẾ", number="9/BC-SYT")}).as_bytes())
    told = world.cchc("read", str(mine), "--received", "2017-07-21 09:00:00", "--json")
    (item,) = told.json["items"]
    assert (told.code, item["outcome"], item["reason"]) == (1, "needs_review", "ambiguous_agency")
    assert item["parts"][0]["reports"][0]["verdict"]["outcome"] == "in_review"
    old = world.unconfigured("read", str(mine), "--json").json["items"][0]
    assert old["outcome"] == "read", "without a roster nobody is another"
