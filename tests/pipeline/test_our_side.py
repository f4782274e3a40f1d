"""What our side caused is never shown as an agency's fault; addresses that send letters back are told in the summary."""

from __future__ import annotations

import pytest
from docx import Document

from intake import wiring
from intake.set_aside import from_address
from parsers.box import BoxFailure
from tests.pipeline.test_loop import plain
from tests.pipeline.test_summaries import summaries
from tests.pipeline.world import World, mail, monthly_docx, weekly_docx

WEEK = "weekly:2017-07-21"


def fails(*_: object) -> None:
    raise BoxFailure("memory", "the reader died")


@pytest.fixture
def crashed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The finance department's report came in time and our reader failed on it three times."""
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"Báo cáo tuần.docx": weekly_docx()}), "2017-07-21 09:00:00")
    monkeypatch.setattr(wiring, "read_stored", fails)
    for minute in range(1, 4):
        world.poll(f"2017-07-21 09:0{minute}:00")
    assert world.log("2017-07-21 09:05:00")[0]["state"] == "set_aside"
    monkeypatch.undo()
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    return world


def test_a_report_our_reader_failed_on_accuses_nobody(crashed: World):
    notice = crashed.letters("stc@tinh.example")[-1]
    assert "Đang xem xét thư của quý cơ quan" in str(notice["Subject"])
    assert "chưa nhận được" not in plain(notice)
    digest = plain(crashed.letters("thuky@tinh.example")[-1])
    assert "Cần đôn đốc ngay (03)" in digest
    assert "01 đang xem xét + 03 chưa nhận" in digest
    assert "1. Sở Tài chính, stc@tinh.example (đọc tệp vượt bộ nhớ) – CCHC-X-" in digest, "a task of the secretariat's"
    assert "Thư để riêng do gặp lỗi (01)" in digest
    now = "2017-07-21 10:07:00"
    due = next(due for due in crashed.board(WEEK, now)["dues"] if due["agency"] == "STC")
    receipt = "CCHC-X-" + crashed.log(now)[0]["sha256"][:10]
    assert due["class"] == "in_review"
    assert (due["received_at"], due["revision"]) == ("2017-07-21T09:00:00+07:00", None)
    assert (due["receipt"], due["waiting"], due["late_seconds"]) == (receipt, 1, 0)
    assert "in_review (1 mails wait for a person)" in crashed.cchc("board", WEEK, now=now).out
    text = official(crashed, now)
    assert text.index("Chưa đạt yêu cầu hoặc đang xem xét, chưa tính vào số liệu (01)") < text.index("1. Sở Tài chính")
    assert "Chưa nhận được báo cáo (03)" in text
    assert crashed.cchc("retry", "1", now="2017-07-21 10:10:00").code == 0
    assert crashed.classes(WEEK, "2017-07-21 10:11:00")["STC"] == "on_time"
    as_of = ("--as-of", "2017-07-21T10:07:00+07:00")
    then = crashed.board(WEEK, "2017-07-21 10:12:00", *as_of)["dues"]
    assert [d["class"] for d in then if d["agency"] == "STC"] == ["in_review"], "what waited then is shown as of then"
    before = crashed.board(WEEK, "2017-07-21 10:12:00", "--as-of", "2017-07-21T09:01:30+07:00")
    assert before["classes"]["in_review"] == 0, "tried once, it had not been given up yet"
    assert crashed.cchc("verify", "--json", now="2017-07-21 10:13:00").json["ok"]


def test_a_mail_that_could_not_be_opened_may_hold_any_report_of_its_time_and_none_of_another(crashed: World):
    now = "2017-07-29 10:00:00"
    crashed.poll("2017-07-28 10:01:00")
    crashed.tick("2017-07-28 10:06:00")
    found = {key: crashed.classes(key, now)["STC"] for key in (WEEK, "monthly:2017-07", "weekly:2017-07-28")}
    assert found == {WEEK: "in_review", "monthly:2017-07": "in_review", "weekly:2017-07-28": "missing"}
    early = crashed.board(WEEK, now, "--received-by", "2017-07-21T08:59:59+07:00")
    assert early["classes"]["in_review"] == 0, "it had not arrived"


def test_nobody_is_called_late_while_an_earlier_mail_of_theirs_could_not_be_opened(crashed: World):
    crashed.deliver(mail(subject="Gửi lại", files={"bc.docx": weekly_docx()}), "2017-07-21 10:30:00")
    crashed.poll("2017-07-21 10:31:00")
    letter = plain(crashed.letters("stc@tinh.example")[-1])
    assert "KẾT QUẢ CỦA KỲ ĐANG ĐƯỢC XEM XÉT" in letter
    assert "CHẬM" not in letter
    assert crashed.classes(WEEK, "2017-07-21 10:32:00")["STC"] == "in_review"
    refuse = ("decide", "1", "--not-a-report", "--second", "An", "--reason", "thư rác")
    assert crashed.cchc(*refuse, now="2017-07-21 10:33:00").code == 0
    assert crashed.classes(WEEK, "2017-07-21 10:34:00")["STC"] == "late", "a person's word ends it"
    crashed.poll("2017-07-21 10:35:00")
    assert "CHẬM" in plain(crashed.letters("stc@tinh.example")[-1]), "and the agency is told"
    assert crashed.log("2017-07-21 10:36:00")[-1]["state"] == "not_a_report"
    assert not queue(crashed, "2017-07-21 10:36:00")


def test_who_was_called_late_is_told_when_an_earlier_mail_of_theirs_turns_up_that_cannot_be_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(subject="Gửi lại", files={"bc.docx": weekly_docx()}), "2017-07-21 10:30:00")
    world.poll("2017-07-21 10:31:00")
    assert "CHẬM" in plain(world.letters("stc@tinh.example")[-1])
    world.deliver(mail(files={"Báo cáo tuần.docx": weekly_docx()}), "2017-07-21 09:00:00")
    monkeypatch.setattr(wiring, "read_stored", fails)
    for minute in range(40, 43):
        world.poll(f"2017-07-21 10:{minute}:00")
    letter = plain(world.letters("stc@tinh.example")[-1])
    assert 'từ "nộp sau thời hạn" thành "đã nhận, đang xem xét"' in letter
    assert "một thư khác của quý cơ quan chưa mở được do lỗi của hệ thống" in letter
    monkeypatch.undo()
    assert world.cchc("retry", "2", now="2017-07-21 10:50:00").code == 0
    assert world.classes(WEEK, "2017-07-21 10:51:00")["STC"] == "on_time"


def test_a_period_whose_report_our_reader_failed_on_counts_in_no_row_of_missed_ones(crashed: World):
    for friday in ("2017-07-28", "2017-08-04"):
        crashed.poll(f"{friday} 10:01:00")
        crashed.tick(f"{friday} 10:06:00")
    digests = [x for x in crashed.letters("thuky@tinh.example") if str(x["Subject"]).startswith("Tình hình")]
    digest = plain(next(x for x in digests if "kỳ 04/8/2017" in str(x["Subject"])))
    assert "Sở Y tế (chưa nộp 03 kỳ liên tiếp)" in digest
    assert "Sở Tài chính (chưa nộp 02 kỳ liên tiếp)" in digest, "the first week's report may have come"


def official(world: World, now: str) -> str:
    """The text of the Word report of the week."""
    target = world.folder / "out.docx"
    assert world.cchc("export", WEEK, "--docx", str(target), now=now).code == 0
    return "\n".join(p.text for p in Document(str(target)).paragraphs)


@pytest.mark.parametrize(
    ("head", "address"),
    [
        (b"From: A\r\n <stc@tinh.example>\r\n\r\n", "stc@tinh.example"),
        (b"From: stc@tinh.example, syt@tinh.example\r\n\r\n", ""),
        (b"From: stc@tinh.example\r\nFROM: syt@tinh.example\r\n\r\n", ""),
        (b"Subject: x\r\n\r\nFrom: stc@tinh.example", ""),
        (b"", ""),
    ],
)
def test_only_one_plain_address_of_the_header_names_a_sender(head: bytes, address: str):
    assert from_address(head) == address


BOUNCE = """From: MAILER-DAEMON@mail.example
To: cchc@tinh.example
Subject: Undelivered Mail Returned to Sender
Date: Fri, 21 Jul 2017 10:10:00 +0700
Message-ID: <bounce1@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; syt@tinh.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--b--
"""


def test_what_an_outage_of_ours_held_up_is_called_late_to_nobody_before_a_person_has_decided(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 09:30:00")
    world.box.rename(world.folder / "away")
    assert world.cchc("poll", now="2017-07-21 09:50:00").code == 3
    (world.folder / "away").rename(world.box)
    for sender, name in (("stc", "SỞ TÀI CHÍNH"), ("syt", "SỞ Y TẾ")):
        late = mail(f"{sender}@tinh.example", files={"bc.docx": weekly_docx(name, number=f"1/BC-{sender.upper()}")})
        world.deliver(late, "2017-07-21 11:05:00")  # dated 09:00, before the cutoff
    world.poll("2017-07-21 11:10:00")
    for sender in ("stc", "syt"):
        letter = world.letters(f"{sender}@tinh.example")[-1]
        assert "Đã nhận, đang xem xét thời điểm nộp" in str(letter["Subject"])
        assert "ĐANG XEM XÉT THỜI ĐIỂM NỘP" in plain(letter)
        assert "CHẬM" not in plain(letter)
    world.tick("2017-07-21 11:16:00")
    digest = plain(world.letters("thuky@tinh.example")[-1])
    assert "0 nộp chậm" in digest
    assert "02 đang xem xét" in digest
    assert digest.count("hộp thư của cơ quan tiếp nhận gặp sự cố khi hết hạn") == 2, (
        "each is a task of the secretariat's"
    )
    assert classes(world, "2017-07-21 11:17:00") == {
        "STC": "in_review",
        "SYT": "in_review",
        "SNV": "missing",
        "HDT": "missing",
    }
    assert "Số liệu toàn tỉnh (2/4 cơ quan): tiếp nhận 3.250" in digest, "its figures are counted, and said to be"
    text = official(world, "2017-07-21 11:18:00")
    assert "đã có số liệu của 2/4. Chưa có: Sở Nội vụ, UBND huyện Đại Từ." in text
    assert "Đang xem xét, số liệu đã được tính (02):\n1. Sở Tài chính" in text
    settle(world, "STC", "2017-07-21 11:05:00", "2017-07-21 11:19:00")
    settle(world, "SYT", "2017-07-21 09:00:00", "2017-07-21 11:20:00")
    assert "CHẬM" in plain(world.letters("stc@tinh.example")[-1])
    assert "ĐÚNG HẠN" in plain(world.letters("syt@tinh.example")[-1])
    assert classes(world, "2017-07-21 11:21:00") == {
        "STC": "late",
        "SYT": "on_time",
        "SNV": "missing",
        "HDT": "missing",
    }
    assert not [item for item in queue(world, "2017-07-21 11:21:00") if item["kind"] == "own_outage"]
    then = world.board(WEEK, "2017-07-21 11:22:00", "--as-of", "2017-07-21T11:17:00+07:00")
    assert then["classes"]["in_review"] == 2, "what was not settled then is shown as of then"
    assert world.cchc("verify", "--json", now="2017-07-21 11:21:00").json["ok"]


def settle(world: World, agency: str, moment: str, now: str) -> None:
    """Two persons say which moment counts."""
    said = ("--deemed-at", moment, "--second", "An", "--reason", "sự cố")
    assert world.cchc("decide", f"CCHC-20170721-W-{agency}-r1", *said, now=now).code == 0


def classes(world: World, now: str) -> dict:
    return {due["agency"]: due["class"] for due in world.board(WEEK, now)["dues"]}


def queue(world: World, now: str) -> list:
    return world.cchc("review", "--json", now=now).json["items"]


def test_a_held_up_report_of_two_types_is_asked_about_twice_and_accepting_its_figures_calls_nothing_late(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-28 09:30:00")
    world.box.rename(world.folder / "away")
    assert world.cchc("poll", now="2017-07-28 09:50:00").code == 3
    (world.folder / "away").rename(world.box)
    week, month = weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017"), monthly_docx()
    dated = {"Date": "Fri, 28 Jul 2017 09:00:00 +0700"}
    world.deliver(mail(files={"tuan.docx": week, "thang.docx": month}, headers=dated), "2017-07-28 11:05:00")
    world.poll("2017-07-28 11:10:00")
    asked = [item for item in queue(world, "2017-07-28 11:11:00") if item["kind"] == "own_outage"]
    assert len(asked) == 2
    accept = ("decide", "CCHC-20170728-W-STC-r1", "--accept", "--second", "An", "--reason", "số liệu đúng")
    assert world.cchc(*accept, now="2017-07-28 11:12:00").code == 0
    for period in ("weekly:2017-07-28", "monthly:2017-07"):
        due = next(d for d in world.board(period, "2017-07-28 11:13:00")["dues"] if d["agency"] == "STC")
        assert (due["class"], due["late_seconds"]) == ("in_review", 3900)
    withdraw = ("decide", "CCHC-201707-M-STC-r1", "--withdraw", "--second", "An", "--reason", "gửi nhầm")
    assert world.cchc(*withdraw, now="2017-07-28 11:14:00").code == 0
    (left,) = [item for item in queue(world, "2017-07-28 11:15:00") if item["kind"] == "own_outage"]
    assert left["proposed"] == "2017-07-28T09:00:00+07:00"


def test_who_bounces_is_told_in_the_summary(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    notice = world.letters("syt@tinh.example")[-1]
    world.deliver(BOUNCE.format(message_id=notice["Message-ID"]).encode(), "2017-07-21 10:10:00")
    for now in ("2017-07-28 10:06:00", "2017-08-04 10:06:00"):
        world.poll(now.replace("06:00", "01:00"))
        world.tick(now)
    weeks = [plain(x) for x in world.letters("thuky@tinh.example") if "báo cáo tuần CCHC kỳ" in str(x["Subject"])]
    back = "– thư báo chưa nhận Sở Y tế (syt@tinh.example): bị trả lại (thư số 1), đề nghị kiểm tra địa chỉ"
    assert [back in text for text in weeks if "không gửi được" in text] == [True], (
        "told in the next digest, and no longer"
    )
    text = plain(summaries(world)[0])
    assert "Địa chỉ không nhận được thư của hệ thống (01)" in text
    assert "Sở Y tế, syt@tinh.example: 01 thư" in text


def test_a_correction_about_an_agency_that_has_ended_still_calls_it_by_its_name(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    ended = world.roster.replace("STC,weekly;monthly,2017-07-01,,", "STC,weekly;monthly,2017-07-01,2017-07-25,SNV")
    (world.folder / "new.csv").write_text(ended, encoding="utf-8")
    assert world.cchc("roster", "import", str(world.folder / "new.csv"), now="2017-07-26 08:00:00").code == 0
    args = ("decide", "1", "--deemed-at", "2017-07-21T09:50:00+07:00", "--second", "An", "--reason", "sự cố máy chủ")
    assert world.cchc(*args, now="2017-07-27 09:00:00").code == 0
    world.poll("2017-07-27 09:01:00")
    letter = world.letters("stc@tinh.example")[-1]
    assert "Điều chỉnh kết quả" in str(letter["Subject"])
    assert "Kính gửi: Sở Tài chính" in plain(letter)
