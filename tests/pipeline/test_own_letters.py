"""A mail that bears our marks: ours when its bytes are those of a letter we sent, else a report somebody may want overlooked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from intake.own_letters import holds_letter
from tests.pipeline.world import World, mail, weekly_docx

RECEIVED = "2017-07-21 09:00:00"
FILES = {"Bao cao tuan.docx": weekly_docx()}
TRACE = b"Return-Path: <cchc@tinh.example>\r\nReceived: from a by b; Fri, 21 Jul 2017 09:05:00 +0700\r\n"
OUR_ID = f"<acknowledgement.1.{'ab' * 16}@tinh.example>"


@pytest.mark.parametrize(
    ("sender", "headers", "message_id"),
    [
        ("stc@tinh.example", {"X-CCHC-Log": "12 abc"}, ""),
        ("stc@tinh.example", {}, OUR_ID),
        ("cchc@tinh.example", {}, OUR_ID),
    ],
    ids=["our header", "our Message-ID", "our address"],
)
def test_a_report_under_our_marks_is_read_held_and_not_answered(
    world: World, sender: str, headers: dict[str, str], message_id: str
):
    world.deliver(mail(sender, files=FILES, headers=headers, message_id=message_id), RECEIVED)
    world.poll("2017-07-21 09:10:00")
    (row,) = world.log("2017-07-21 09:11:00")
    assert (row["state"], row["reason"]) == ("needs_review", "loop_suspected")
    assert row["parts"][0]["outcome"] == "read"
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:30:00")["STC"] == "in_review", (
        "nobody is called missing for it"
    )
    assert world.sink.received == []


def test_a_person_who_accepts_it_credits_it(world: World):
    world.deliver(mail(files=FILES, headers={"X-CCHC-Log": "12 abc"}), RECEIVED)
    (mail_id,) = world.poll("2017-07-21 09:10:00")["mails"]
    assert (
        world.cchc("decide", str(mail_id), "--accept", "--reason", "là báo cáo thật", now="2017-07-21 09:20:00").code
        == 0
    )
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:30:00")["STC"] == "on_time"


def test_our_own_letter_comes_back_with_files_and_all_and_is_ours(world: World):
    world.deliver(mail(files=FILES), RECEIVED)
    world.poll("2017-07-21 09:10:00")
    world.poll("2017-07-21 10:04:00")
    world.tick("2017-07-21 10:06:00")
    letters = [x for x in world.sink.received if x.message.get_content_type() == "multipart/mixed"]
    assert letters, "the digest carries its workbook"
    for letter in letters:
        world.deliver(TRACE + letter.raw, "2017-07-21 10:07:00")
        world.deliver(TRACE + letter.raw.replace(b"\r\n", b"\n"), "2017-07-21 10:07:01")
    sent = len(world.sink.received)
    fresh = world.poll("2017-07-21 10:10:00")["mails"]
    states = {row["id"]: row["state"] for row in world.log("2017-07-21 10:11:00")}
    assert {states[number] for number in fresh} == {"own"}
    assert len(world.sink.received) == sent, "and nobody is told anything about them"


def test_only_the_whole_letter_at_the_end_of_the_mail_counts(tmp_path: Path):
    letter = b"From: a@b.example\r\nSubject: x\r\n\r\nnguyen van\r\n"
    known = {hashlib.sha256(letter).hexdigest()}.__contains__

    def holds(raw: bytes) -> bool:
        file = tmp_path / "mail"
        file.write_bytes(raw)
        return holds_letter(file, known)

    assert holds(TRACE + letter)
    assert holds((TRACE + letter).replace(b"\r\n", b"\n"))
    assert not holds(letter), "a mail is in the vault under its own name: that proves nothing"
    assert not holds(TRACE + letter + b"more")
    assert not holds(TRACE + letter.replace(b"van", b"Van"))
