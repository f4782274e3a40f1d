"""What is taken for a report and what is said of it: files nobody can read, links, answers to other letters, successors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.world import World, mail

HOSTILE = Path(__file__).parents[1] / "corpus" / "hostile" / "att"
LOCKED = (HOSTILE / "xlsx_encrypted.xlsx").read_bytes()
SCAN = (HOSTILE / "pdf_no_text_blank.pdf").read_bytes()
ARCHIVE = (HOSTILE / "sevenzip.7z").read_bytes()
WEEK = "weekly:2017-07-21"
BEFORE, POLLED, ASKED, PAST = "2017-07-20 09:00:00", "2017-07-20 09:01:00", "2017-07-20 09:02:00", "2017-07-21 10:06:00"


def text(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def sent(world: World, subject: str, files: dict[str, bytes], body: str = "Xin gửi.", **headers: str):
    """One mail of the department on Thursday; its row of the log and the letter it got."""
    world.deliver(mail(subject=subject, files=files, text=body, headers=headers), BEFORE)
    world.cchc("poll", "--json", now=POLLED)
    (row,) = world.log(ASKED)
    (letter,) = world.letters("stc@tinh.example")
    return row, text(letter)


# ---- files nobody can read -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "name", "data"),
    [
        ("Gửi ảnh hội nghị", "anh.7z", ARCHIVE),
        ("Quyết định", "QD 12.xlsx", LOCKED),
        ("Kế hoạch CCHC năm 2017", "Kế hoạch CCHC.xlsx", LOCKED),
        ("Hồ sơ Nguyễn Văn Tuấn", "Tuan Anh.xlsx", LOCKED),
    ],
)
def test_a_file_that_speaks_of_no_report_is_no_attempt_at_one(world: World, subject: str, name: str, data: bytes):
    """A decision, plan or photograph must not become a report: its missing notice goes out all the same."""
    row, told = sent(world, subject, {name: data})
    assert (row["state"], row["reason"], row["submissions"]) == ("not_a_report", "no_report", [])
    assert "không phải làm gì thêm" in told
    assert name in told
    assert "Báo cáo tuần" not in told
    world.tick("2017-07-21 09:59:00")
    world.poll("2017-07-21 10:05:00")
    world.tick(PAST)
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == "missing"
    assert any("Chưa nhận được" in str(x["Subject"]) for x in world.letters("stc@tinh.example"))


def test_a_scan_of_something_else_waits_for_a_person_and_is_no_attempt(world: World):
    row, told = sent(world, "Công văn phúc đáp", {"CV 15.pdf": SCAN})
    assert (row["state"], row["reason"], row["submissions"]) == ("needs_review", "no_text", [])
    assert "ĐANG XEM XÉT" in told
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == "missing"


@pytest.mark.parametrize(
    ("subject", "name", "data", "outcome"),
    [
        ("Gửi Sở Nội vụ", "BC_tuan 29.xlsx", LOCKED, "refused"),
        ("Gửi Sở Nội vụ", "BaoCaoTuan29.7z", ARCHIVE, "refused"),
        ("Báo cáo tuần 29", "scan0001.pdf", SCAN, "in_review"),
        ("CCHC", "STC.xlsx", LOCKED, "refused"),
    ],
)
def test_a_file_whose_name_or_subject_speaks_of_a_report_is_an_attempt(
    world: World, subject: str, name: str, data: bytes, outcome: str
):
    row, _ = sent(world, subject, {name: data})
    assert [(s["period"], s["outcome"]) for s in row["submissions"]] == [(WEEK, outcome)]
    expected = {"refused": "incomplete", "in_review": "in_review"}[outcome]
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == expected


def test_an_unreadable_file_in_answer_to_a_letter_of_ours_is_an_attempt(world: World):
    world.tick("2017-07-20 14:00:00")
    (reminder,) = world.letters("stc@tinh.example")
    world.deliver(
        mail(subject="STC gửi", files={"tep.xlsx": LOCKED}, headers={"In-Reply-To": reminder["Message-ID"]}),
        "2017-07-20 15:00:00",
    )
    world.poll("2017-07-20 15:01:00")
    (row,) = world.log("2017-07-20 15:02:00")
    assert [(s["period"], s["outcome"]) for s in row["submissions"]] == [(WEEK, "refused")]


def test_of_several_unreadable_files_the_attempt_is_the_one_that_calls_itself_a_report(world: World):
    row, _ = sent(world, "Báo cáo tuần", {"QD 12.xlsx": LOCKED, "BC tuan.7z": ARCHIVE})
    (submission,) = row["submissions"]
    assert submission["report"].split(".")[1] == "2"


# ---- a link instead of a file ----------------------------------------------------------------------------------------

LINK = "Xin gửi tại https://drive.invalid/file/d/abc"


def test_a_report_sent_as_a_link_is_the_senders_to_send_again(world: World):
    row, told = sent(world, "Báo cáo tuần 29", {}, LINK)
    assert (row["state"], row["reason"]) == ("needs_review", "link_only")
    assert [(s["outcome"], s["reason"]) for s in row["submissions"]] == [("refused", "link_only")]
    assert "đính kèm trực tiếp" in told
    assert "không phải gửi lại" not in told
    assert "part-" not in told
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == "incomplete"


def test_a_link_to_something_else_is_asked_for_and_counted_nowhere(world: World):
    row, told = sent(world, "Ảnh hội nghị", {}, LINK)
    assert (row["state"], row["reason"], row["submissions"]) == ("needs_review", "link_only", [])
    assert "đính kèm trực tiếp" in told
    assert "không phải gửi lại" not in told
    assert "part-" not in told
    assert world.classes(WEEK, "2017-07-21 10:07:00")["STC"] == "missing"
