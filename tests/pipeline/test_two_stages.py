"""Two-stage letters: a short receipt or "in review" first, one result after it, never more than one of each; nobody accused meanwhile."""

from __future__ import annotations

import pytest

from intake import wiring
from parsers.box import BoxFailure
from tests.pipeline.test_decisions import scan_pdf
from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"
BEFORE = "2017-07-21 09:10:00"


def kinds(world: World, mail_id: int, now: str) -> list[tuple[str, str]]:
    row = next(r for r in world.log(now) if r["id"] == mail_id)
    return [(letter["kind"], letter["state"]) for letter in row["letters"]]


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch):
    """Reading does not work for a while: no worker can start."""

    def fails(*_: object) -> None:
        raise BoxFailure("tool_missing", "no worker")

    monkeypatch.setattr(wiring, "read_stored", fails)


def test_a_mail_that_waits_over_two_minutes_gets_a_short_receipt_and_then_its_result(
    world: World, no_worker: None, monkeypatch: pytest.MonkeyPatch
):
    world.deliver(mail(files={"Báo cáo tuần.docx": weekly_docx()}), BEFORE)
    world.poll("2017-07-21 09:11:00")
    world.poll("2017-07-21 09:12:30")
    assert world.letters() == []
    world.poll("2017-07-21 09:13:30")
    world.poll("2017-07-21 09:20:00")
    (short,) = world.letters("stc@tinh.example")
    assert "Đã nhận, đang đọc báo cáo" in str(short["Subject"])
    assert "09 giờ 10 phút 00 giây" in plain(short)
    monkeypatch.undo()
    world.poll("2017-07-21 10:30:00")
    world.poll("2017-07-21 10:31:00")
    assert kinds(world, 1, "2017-07-21 10:32:00") == [("acknowledgement", "sent"), ("result", "sent")]
    result = world.letters("stc@tinh.example")[-1]
    assert "ĐÚNG HẠN" in plain(result)
    assert result["In-Reply-To"] == short["In-Reply-To"]


@pytest.mark.parametrize(
    "waiting",
    [
        mail("ai.do@noi.example", files={"bc.docx": weekly_docx()}),
        mail(subject="[THỬ] Báo cáo tuần", files={"bc.docx": weekly_docx()}),
        mail(subject="Hỏi về biểu mẫu"),
        mail("hungson@tinh.example", files={"bc.docx": weekly_docx()}),
    ],
    ids=["unknown", "trial", "no file", "owes nothing"],
)
def test_nobody_else_is_told_to_wait(world: World, no_worker: None, waiting):
    world.deliver(waiting, BEFORE)
    world.poll("2017-07-21 09:11:00")
    world.poll("2017-07-21 09:20:00")
    assert world.letters() == []


def test_a_scan_a_person_reads_gets_one_result(world: World):
    world.deliver(mail(files={"Bao cao tuan.pdf": scan_pdf()}), BEFORE)
    world.poll("2017-07-21 09:11:00")
    args = ("decide", "1", "--accept", "--reason", "đã đọc bản quét")
    assert world.cchc(*args, now="2017-07-21 09:30:00").code == 0
    world.poll("2017-07-21 09:31:00")
    assert [kind for kind, _ in kinds(world, 1, "2017-07-21 09:32:00")] == ["acknowledgement", "result"]
    result = plain(world.letters("stc@tinh.example")[-1])
    assert "ĐÚNG HẠN" in result
    assert "Báo cáo quý cơ quan còn thiếu: không có" in result
    args = ("decide", "1", "--withdraw", "--reason", "theo đề nghị của Sở", "--second", "An")
    assert world.cchc(*args, now="2017-07-21 11:00:00").code == 0
    assert [k for k, _ in kinds(world, 1, "2017-07-21 11:01:00")] == ["acknowledgement", "result", "correction"]


@pytest.fixture
def doubtful(world: World) -> World:
    """A scan that calls itself nothing came before the cutoff: it waits for a person and makes no report of any due."""
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(subject="Công văn phúc đáp", files={"CV 15.pdf": scan_pdf()}), BEFORE)
    world.poll("2017-07-21 10:01:00")
    return world


def test_the_notice_accuses_nobody_whose_mail_still_waits_for_a_person(doubtful: World):
    doubtful.tick("2017-07-21 10:06:00")
    notice = doubtful.letters("stc@tinh.example")[-1]
    assert "Đang xem xét thư của quý cơ quan" in str(notice["Subject"])
    text = plain(notice)
    assert "chưa nhận được" not in text
    assert '"CV 15.pdf"' in text
    assert "09 giờ 10 phút 00 giây" in text
    other = plain(doubtful.letters("syt@tinh.example")[-1])
    assert "chưa nhận được" in other
    digest = plain(doubtful.letters("thuky@tinh.example")[-1])
    assert "Sở Tài chính (có 01 thư đang chờ xem xét, chưa kết luận)" in digest


def test_when_it_was_no_report_its_sender_is_told_so_once(doubtful: World):
    args = ("decide", "1", "--not-a-report", "--reason", "công văn khác")
    assert doubtful.cchc(*args, now="2017-07-21 10:02:00").code == 0
    doubtful.poll("2017-07-21 10:03:00")
    assert [k for k, _ in kinds(doubtful, 1, "2017-07-21 10:04:00")] == ["acknowledgement", "result"]
    assert "chưa tìm thấy báo cáo" in str(doubtful.letters("stc@tinh.example")[-1]["Subject"])
    doubtful.tick("2017-07-21 10:06:00")
    assert "chưa nhận được" in plain(doubtful.letters("stc@tinh.example")[-1])


def test_a_link_waits_for_nobody_once_the_file_came(world: World):
    world.deliver(mail(text="Báo cáo tại https://drive.google.com/file/d/1abc/view"), BEFORE)
    world.poll("2017-07-21 09:11:00")
    assert world.log("2017-07-21 09:12:00")[0]["state"] == "needs_review"
    world.deliver(mail(subject="Báo cáo tuần, gửi tệp", files={"bc.docx": weekly_docx()}), "2017-07-21 09:30:00")
    world.poll("2017-07-21 09:31:00")
    assert {r["state"] for r in world.log("2017-07-21 09:32:00")} == {"recorded"}
    assert world.cchc("review", "--json", now="2017-07-21 09:33:00").json["items"] == []
