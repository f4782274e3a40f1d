"""A mail that waited for a tool is read again: what it held is found, what was credited stays, and nobody is told anything twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from zipfile import ZipFile

import pytest
from docx import Document

from parsers.box import Box, _failed
from parsers.orders import Parts
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.document_builders import docx_bytes
from tests.pipeline.test_types import office  # noqa: F401 a fixture
from tests.pipeline.world import FIGURES, World, mail, monthly_docx, weekly_docx

Read = tuple[PartReading, ...]
WEEK = "weekly:2017-07-21"
NO_REPORT = ("SỞ TÀI CHÍNH", "QUYẾT ĐỊNH", "Về việc nghỉ phép của công chức", "Điều 1. Ông A được nghỉ phép năm.")
POOR = weekly_docx(figures=(6251, *FIGURES[1:]))
WORD, SCAN = "BC tuan 29.docx", "BC tuan 29 (ký).pdf"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Scans, archives and the like cannot be read until this is called."""

    def missing(box: Box, leaf: Leaf, hints: Hints, as_form: str | None = None, parts: Parts | None = None) -> Read:
        lacking = leaf.name.endswith((".pdf", ".zip"))
        return (_failed(leaf, "tool_missing"),) if lacking else real(box, leaf, hints, as_form, parts)

    real = Box.read_part
    monkeypatch.setattr(Box, "read_part", missing)
    return lambda: monkeypatch.setattr(Box, "read_part", real)


def both_docx() -> bytes:
    """A weekly and a monthly report, one behind the other."""
    first, out = Document(io.BytesIO(weekly_docx())), io.BytesIO()
    for element in Document(io.BytesIO(monthly_docx())).element.body[:-1]:
        first.element.body.insert(-1, element)
    first.save(out)
    return out.getvalue()


def received(world: World, files: dict[str, bytes], **more: str):
    world.deliver(mail(files=files, **more), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    return the_row(world, "2017-07-20 09:02:00")


def the_row(world: World, now: str):
    """The one mail; of its reports what was recorded, without what goes with the day it is asked."""
    (row,) = world.log(now)
    for submission in row["submissions"]:
        del submission["class"], submission["arrived"]
    return row


def retried(world: World, now: str = "2017-07-24 15:00:00"):
    """The state of each mail read again; the mail's row."""
    again = world.cchc("retry", "--all", "--json", now=now)
    row = the_row(world, now)
    return [one["state"] for one in again.json["mails"]], row


def queue(world: World, now: str = "2017-07-25 15:00:00") -> list[tuple[str, str]]:
    return [(item["kind"], item["reason"]) for item in world.cchc("review", "--json", now=now).json["items"]]


def test_a_scan_beside_a_report_waits_for_the_tool_and_what_was_credited_stays(world: World, install):
    row = received(world, {WORD: weekly_docx(), SCAN: weekly_docx()})
    assert (row["state"], row["reason"]) == ("needs_review", "tool_missing")
    (before,) = row["submissions"]
    assert before["outcome"] == "accepted"
    assert queue(world, "2017-07-20 09:03:00") == [("mail", "tool_missing")]
    assert world.classes(WEEK, "2017-07-22 09:00:00")["STC"] == "on_time"
    told = len(world.letters())
    (answer,) = world.letters("stc@tinh.example")
    assert "ĐANG XEM XÉT" not in answer.get_body(("plain",)).get_content()
    for now in ("2017-07-23 15:00:00", "2017-07-23 16:00:00"):
        states, row = retried(world, now)
        assert (states, row["reason"], row["submissions"]) == (["needs_review"], "tool_missing", [before])
        assert queue(world, now) == [("mail", "tool_missing")]
    install()
    states, row = retried(world)
    assert (states, row["reason"], row["submissions"]) == (["recorded"], None, [before])
    assert [part["outcome"] for part in row["parts"]] == ["read", "copy"]
    assert queue(world) == []
    assert len(world.letters()) == told
    assert world.classes(WEEK, "2017-07-25 15:00:00")["STC"] == "on_time"
    assert retried(world, "2017-07-25 16:00:00")[0] == []


def test_a_report_read_at_the_second_try_was_sent_once_and_nothing_is_said_of_what_nobody_read(world: World, install):
    received(world, {SCAN: weekly_docx()})
    install()
    retried(world)
    first, result = (one.get_body(("plain",)).get_content() for one in world.letters("stc@tinh.example"))
    assert "không ghi" not in first
    assert "Kỳ báo cáo được xác định theo thời điểm nhận" in first
    assert "lần nộp thứ 01" in result
    assert "lần nộp thứ 02" not in result


def test_a_signed_copy_with_other_figures_comes_before_a_person(world: World, install):
    received(world, {WORD: weekly_docx(), SCAN: weekly_docx(figures=(1652, *FIGURES[1:]))})
    install()
    states, row = retried(world)
    assert states == ["recorded"]
    assert [s["outcome"] for s in row["submissions"]] == ["accepted"]
    assert queue(world) == [("reading_differs", "reading_differs")]


def test_another_report_in_the_scan_is_credited_and_told(world: World, install):
    row = received(world, {WORD: weekly_docx(), "tai lieu.pdf": monthly_docx()})
    assert [s["period"] for s in row["submissions"]] == [WEEK]
    install()
    states, row = retried(world)
    assert states == ["recorded"]
    found = {s["period"]: (s["outcome"], s["late_seconds"]) for s in row["submissions"]}
    assert found == {WEEK: ("accepted", 0), "monthly:2017-07": ("accepted", 0)}
    kinds = [(x["kind"], x["state"]) for x in row["letters"]]
    assert kinds == [("acknowledgement", "sent"), ("result", "sent")]


@pytest.fixture
def layered(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A PDF is read by letters somebody laid under its picture, one figure of them wrong, until this is called."""

    def poorly(box: Box, leaf: Leaf, hints: Hints, as_form: str | None = None, parts: Parts | None = None) -> Read:
        if not leaf.name.endswith(".pdf"):
            return real(box, leaf, hints, as_form, parts)
        (reading,) = real(box, replace(leaf, data=POOR), hints, as_form, None)
        return (replace(reading, sha256=leaf.sha256, outcome="needs_review", reason="tool_missing"),)

    real = Box.read_part
    monkeypatch.setattr(Box, "read_part", poorly)
    return lambda: monkeypatch.setattr(Box, "read_part", real)


def test_what_was_read_without_the_tool_is_no_reading_of_the_report(world: World, layered):
    row = received(world, {SCAN: weekly_docx()}, subject="Gửi báo cáo")
    assert (row["state"], row["reason"]) == ("needs_review", "tool_missing")
    (waiting,) = row["submissions"]
    assert (waiting["outcome"], waiting["period"], waiting["findings"]) == ("in_review", WEEK, [])
    assert world.cchc("show", "1", "--json", now="2017-07-20 09:03:00").json["reports"] == []
    (answer,) = world.letters("stc@tinh.example")
    assert "6251" not in answer.get_body(("plain",)).get_content().replace(".", "")
    assert retried(world, "2017-07-23 15:00:00")[0] == ["needs_review"]
    layered()
    states, row = retried(world)
    assert (states, row["reason"]) == (["recorded"], None)
    assert [s["outcome"] for s in row["submissions"]] == ["withdrawn", "accepted"]
    assert queue(world) == []
    assert world.classes(WEEK, "2017-07-25 15:00:00")["STC"] == "on_time"
    (report,) = world.cchc("show", "1", "--json", now="2017-07-25 15:00:00").json["reports"]
    assert report["figures"]["received"]["value"] == FIGURES[0]


def test_a_file_of_two_reports_that_waits_for_its_tool_is_two_reports_once_read(world: World, layered, monkeypatch):
    both = {SCAN: both_docx()}
    monkeypatch.setitem(globals(), "POOR", both[SCAN])
    row = received(world, both, subject="Gửi báo cáo")
    assert {s["outcome"] for s in row["submissions"]} == {"in_review"}
    layered()
    states, row = retried(world)
    assert states == ["recorded"]
    found = {s["period"]: s["outcome"] for s in row["submissions"] if s["outcome"] != "withdrawn"}
    assert found == {WEEK: "accepted", "monthly:2017-07": "accepted"}


def test_what_comes_out_of_an_archive_takes_no_reports_place(world: World, install):
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("QD 12.docx", docx_bytes(NO_REPORT))
        archive.writestr("thang 7.docx", monthly_docx())
    row = received(world, {"tai lieu.zip": packed.getvalue(), WORD: weekly_docx()})
    (before,) = row["submissions"]
    install()
    states, row = retried(world)
    assert states == ["recorded"]
    assert {s["period"]: s["outcome"] for s in row["submissions"]} == {WEEK: "accepted", "monthly:2017-07": "accepted"}
    assert before in row["submissions"]
    assert [part["outcome"] for part in row["parts"]] == ["enclosure", "read", "read"]
    assert queue(world) == []


def test_a_file_that_waits_for_its_tool_may_hold_the_agencys_other_report_too(world: World, install):
    """On the last Friday both are due; the mail names neither."""
    world.deliver(mail(files={WORD: weekly_docx(), SCAN: weekly_docx()}, subject="Gửi số liệu"), "2017-07-20 09:00:00")
    world.deliver(mail(files={"bao cao.pdf": monthly_docx()}, subject="Gửi báo cáo"), "2017-07-28 09:00:00")
    world.poll("2017-07-28 10:01:00")
    world.tick("2017-07-28 10:06:00")
    assert world.classes("monthly:2017-07", "2017-07-28 10:07:00")["STC"] == "missing"
    told = [one.get_body(("plain",)).get_content() for one in world.letters("stc@tinh.example")]
    (text,) = (one for one in told if "chưa xác định được" in one)
    assert not any("chưa nhận được" in one for one in told)
    assert "bao cao.pdf" in text
    assert "BC tuan 29.docx" not in text
    install()
    again = world.cchc("retry", "--all", "--json", now="2017-07-28 15:00:00")
    assert [one["state"] for one in again.json["mails"]] == ["recorded", "recorded"]
    assert world.classes("monthly:2017-07", "2017-07-28 15:01:00")["STC"] == "on_time"
    assert world.classes("weekly:2017-07-28", "2017-07-28 15:01:00")["STC"] == "missing"


def test_an_erased_mail_is_read_again_no_more(world: World, install):
    received(world, {SCAN: weekly_docx()})
    erased = world.cchc("erase", "1", "--second", "Trưởng phòng", "--reason", "Gửi nhầm", now="2017-07-21 09:00:00")
    assert erased.code == 0
    install()
    assert world.cchc("retry", "--all", now="2017-07-21 09:01:00").code == 0


def test_a_mail_that_waits_for_something_else_as_well_is_read_again(world: World, install):
    world.deliver(mail("ai-do@noi-khac.example", files={SCAN: weekly_docx()}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    assert [x["reason"] for x in world.log("2017-07-20 09:02:00")] == ["sender_unknown"]
    install()
    assert retried(world)[0] == ["needs_review"]
    (row,) = world.log("2017-07-24 15:01:00")
    assert [part["outcome"] for part in row["parts"]] == ["read"]
    assert retried(world, "2017-07-24 15:02:00")[0] == []


def test_a_report_that_is_the_file_itself_stays_credited(office: World, install):  # noqa: F811 the fixture
    plan = {"Kế hoạch nâng cao chỉ số CCHC.docx": docx_bytes(NO_REPORT), SCAN: weekly_docx()}
    row = received(office, plan, subject="V/v gửi tài liệu")
    assert {s["period"]: s["outcome"] for s in row["submissions"]} == {"ke-hoach-2017": "accepted", WEEK: "in_review"}
    install()
    assert retried(office)[0] == ["recorded"]
    assert office.classes("ke-hoach-2017", "2017-08-01 09:00:00")["STC"] == "on_time"
    assert office.classes(WEEK, "2017-08-01 09:00:00")["STC"] == "on_time"


def test_a_scan_that_is_the_report_itself_is_credited_once_it_can_be_read(office: World, install):  # noqa: F811
    plan = {"Kế hoạch nâng cao chỉ số CCHC.pdf": docx_bytes(NO_REPORT)}
    received(office, plan, subject="Báo cáo kế hoạch nâng cao chỉ số CCHC")
    assert office.classes("ke-hoach-2017", "2017-07-31 09:00:00")["STC"] == "in_review"
    install()
    states, row = retried(office, "2017-07-31 10:00:00")
    assert (states, row["reason"]) == (["recorded"], None)
    assert [s["outcome"] for s in row["submissions"]] == ["accepted"]
    assert [(x["kind"], x["state"]) for x in row["letters"]] == [("acknowledgement", "sent"), ("result", "sent")]
    assert office.classes("ke-hoach-2017", "2017-07-31 11:00:00")["STC"] == "on_time"
    assert queue(office, "2017-07-31 11:00:00") == []


def test_what_a_person_refused_is_not_credited_for_being_readable(office: World, install):  # noqa: F811
    files = {"Kế hoạch nâng cao chỉ số CCHC.pdf": docx_bytes(NO_REPORT), "BC tuan 29.pdf": weekly_docx()}
    row = received(office, files, subject="Báo cáo kế hoạch nâng cao chỉ số CCHC")
    (plan,) = (s for s in row["submissions"] if s["period"] == "ke-hoach-2017")
    refused = office.cchc("decide", plan["report"], "--refuse", "--reason", "Thiếu chữ ký", now="2017-07-21 09:00:00")
    assert refused.code == 0
    install()
    retried(office)
    assert office.classes("ke-hoach-2017", "2017-08-01 09:00:00")["STC"] == "incomplete"
    assert office.classes(WEEK, "2017-08-01 09:00:00")["STC"] == "on_time"


def test_an_attempt_at_what_was_no_report_waits_no_more(world: World, monkeypatch: pytest.MonkeyPatch):
    def missing(box: Box, leaf: Leaf, hints: Hints, as_form: str | None = None, parts: Parts | None = None) -> Read:
        return (_failed(leaf, "tool_missing"),) if leaf.role == "attachment" else real(box, leaf, hints, as_form, parts)

    real = Box.read_part
    monkeypatch.setattr(Box, "read_part", missing)
    world.deliver(mail(files={"BC tuan 29.docx": docx_bytes(NO_REPORT)}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    (row,) = world.log("2017-07-20 09:02:00")
    assert (row["state"], row["reason"]) == ("needs_review", "tool_missing")
    assert [s["outcome"] for s in row["submissions"]] == ["in_review"]
    monkeypatch.setattr(Box, "read_part", real)
    again = world.cchc("retry", "--all", "--json", now="2017-07-20 15:00:00")
    assert [one["state"] for one in again.json["mails"]] == ["not_a_report"]
    (row,) = world.log("2017-07-20 15:01:00")
    assert [s["outcome"] for s in row["submissions"]] == ["withdrawn"]
    board = world.cchc("board", WEEK, "--json", now="2017-07-21 12:00:00").json
    assert board["classes"]["in_review"] == 0
