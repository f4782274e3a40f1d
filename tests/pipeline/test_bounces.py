"""Delivery reports in the shapes mail systems write them: what came back is known, what is only late is not, nothing is answered."""

from __future__ import annotations

import pytest

from tests.pipeline.world import World, mail, weekly_docx

REPORT = """Return-Path: <>
From: {sender}
To: cchc@tinh.example
Subject: {subject}
Date: Thu, 20 Jul 2017 14:20:00 +0700
Message-ID: <dsn@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

{text}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

{status}
--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--b--
"""
PLAIN = """Return-Path: <>
From: MAILER-DAEMON@mail.example
To: cchc@tinh.example
Subject: {subject}
Date: Thu, 20 Jul 2017 14:20:00 +0700
Message-ID: <dsn@mail.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}
"""
GROUP = "Final-Recipient: rfc822; {}\nAction: {}\nStatus: {}\n"
QMAIL = """Hi. This is the qmail-send program at mail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<{address}>:
no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: {message_id}
"""
EXCHANGE = """Không thể chuyển thư của bạn đến những người nhận sau:

      {address} vào 20/7/2017 2:16 CH
            Địa chỉ thư không tồn tại. <mail.tinh.example #5.1.1>
"""


@pytest.fixture
def reminded(world: World) -> World:
    """On Thursday at 14:00 everybody has been reminded; STC at its two addresses."""
    world.tick("2017-07-17 08:00:00")
    world.tick("2017-07-20 14:00:00")
    world.poll("2017-07-20 14:01:00")
    return world


def message_id(world: World, to: str) -> str:
    return str(world.letters(to)[-1]["Message-ID"])


def came_back(world: World, raw: str) -> list[str]:
    """Letters known to have come back once the report was read, as ``to``; nothing was answered."""
    before = len(world.letters())
    world.deliver(raw.encode(), "2017-07-20 14:20:00")
    world.poll("2017-07-20 14:21:00")
    assert len(world.letters()) == before
    rows = world.log("2017-07-20 14:22:00", "--state", "bounce")
    assert rows
    assert not any(row["submissions"] for row in rows)
    told = world.cchc("status", "--json", now="2017-07-20 14:23:00").json
    digest = "" if told["outbox"]["failed"] == 0 else failed_told(world)
    return [line for line in digest.splitlines() if "bị trả lại" in line]


def failed_told(world: World) -> str:
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    return world.letters("thuky@tinh.example")[-1].get_body(("plain",)).get_content()


def report(world: World, *groups: tuple[str, str, str], to: str = "stc@tinh.example", **said: str) -> str:
    filled = {
        "sender": "MAILER-DAEMON@mail.example",
        "subject": "Undelivered Mail Returned to Sender",
        "text": "x",
        **said,
    }
    status = "\n".join(GROUP.format(*group) for group in groups)
    return REPORT.format(**filled, status=status, message_id=message_id(world, to))


def test_of_a_letter_to_two_addresses_the_one_that_failed_is_named(reminded: World):
    lines = came_back(reminded, report(reminded, ("sotaichinh@tinh.example", "failed", "5.1.1")))
    assert len(lines) == 1
    assert "Sở Tài chính (sotaichinh@tinh.example)" in lines[0]


def test_a_second_report_adds_the_other_address(reminded: World):
    first = report(reminded, ("sotaichinh@tinh.example", "failed", "5.1.1"))
    reminded.deliver(first.replace("<dsn@", "<dsn0@").encode(), "2017-07-20 14:15:00")
    lines = came_back(reminded, report(reminded, ("stc@tinh.example", "failed", "5.2.2")))
    assert "Sở Tài chính (stc@tinh.example, sotaichinh@tinh.example)" in lines[0]


@pytest.mark.parametrize(
    "groups",
    [
        [("stc@tinh.example", "delayed", "4.4.1")],
        [("stc@tinh.example", "delivered", "2.0.0"), ("sotaichinh@tinh.example", "relayed", "2.0.0")],
    ],
    ids=["delayed", "delivered"],
)
def test_a_report_of_delay_or_of_success_returns_nothing(reminded: World, groups: list[tuple[str, str, str]]):
    assert came_back(reminded, report(reminded, *groups, subject="Delivery Status Notification (Delay)")) == []


def test_of_two_recipients_only_the_one_that_failed_counts(reminded: World):
    groups = [("stc@tinh.example", "delayed", "4.4.1"), ("sotaichinh@tinh.example", "failed", "5.1.1")]
    (line,) = came_back(reminded, report(reminded, *groups))
    assert "(sotaichinh@tinh.example)" in line


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Warning: could not send message for past 4 hours", "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n<{}>"),
        ("Thư bị trì hoãn", "Thư gửi đến {} đang bị trì hoãn. Hệ thống sẽ tiếp tục gửi lại."),
    ],
    ids=["sendmail", "tiếng Việt"],
)  # fmt: skip
def test_a_warning_in_words_returns_nothing(reminded: World, subject: str, text: str):
    assert came_back(reminded, PLAIN.format(subject=subject, text=text.format("syt@tinh.example"))) == []


def test_a_report_without_a_status_is_understood_by_the_copy_of_our_letter(reminded: World):
    text = QMAIL.format(address="syt@tinh.example", message_id=message_id(reminded, "syt@tinh.example"))
    (line,) = came_back(reminded, PLAIN.format(subject="failure notice", text=text))
    assert "Sở Y tế (syt@tinh.example)" in line


def test_a_report_that_only_names_the_address_returns_the_latest_letter_to_it(reminded: World):
    text = EXCHANGE.format(address="hdt@tinh.example")
    (line,) = came_back(reminded, PLAIN.format(subject="Không thể gửi: Nhắc gửi báo cáo tuần CCHC", text=text))
    assert "UBND huyện Đại Từ (hdt@tinh.example)" in line


def test_a_postmaster_that_sends_its_report_like_any_mail_is_understood_by_its_subject(reminded: World):
    text = EXCHANGE.format(address="hdt@tinh.example")
    raw = PLAIN.format(subject="Không thể gửi: Nhắc gửi báo cáo tuần CCHC", text=text)
    raw = raw.replace("Return-Path: <>\n", "").replace("MAILER-DAEMON@mail.example", "postmaster@tinh.example")
    (line,) = came_back(reminded, raw)
    assert "(hdt@tinh.example)" in line


def test_a_report_about_somebody_elses_mail_returns_nothing(reminded: World):
    assert (
        came_back(reminded, PLAIN.format(subject="failure notice", text="<ai@khac.example>:\nno mailbox (#5.1.1)"))
        == []
    )


def test_a_returned_acknowledgement_leaves_the_report_and_its_class(world: World):
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 14:00:00")
    world.poll("2017-07-20 14:01:00")
    (line,) = came_back(world, report(world, ("stc@tinh.example", "failed", "5.1.1")))
    assert "thư xác nhận Sở Tài chính (stc@tinh.example)" in line
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:10:00")["STC"] == "on_time"


def test_who_sends_again_because_our_answer_came_back_is_answered_and_then_no_more(world: World):
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 14:00:00")
    world.poll("2017-07-20 14:01:00")
    came_back(world, report(world, ("stc@tinh.example", "failed", "5.2.2")))
    again = mail("sotaichinh@tinh.example", "Gửi lại, chưa nhận được phản hồi", {"bc.docx": weekly_docx()})
    world.deliver(again, "2017-07-21 10:10:00")
    world.poll("2017-07-21 10:11:00")
    (told,) = world.letters("sotaichinh@tinh.example")
    assert "Đã nhận trước đó, không phải gửi lại" in str(told["Subject"])
    assert "nộp đúng hạn" in told.get_body(("plain",)).get_content()
    world.deliver(mail("sotaichinh@tinh.example", "Lần ba", {"bc.docx": weekly_docx()}), "2017-07-21 10:20:00")
    world.poll("2017-07-21 10:21:00")
    assert len(world.letters("sotaichinh@tinh.example")) == 1
