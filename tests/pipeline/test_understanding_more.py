"""What is taken for a report and what is said of it: files nobody can read, links, answers to other letters, successors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.world import World, mail, weekly_docx

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


# ---- answers that carry another week's report ------------------------------------------------------------------------

NEXT = {"window": "từ ngày 21/7 đến ngày 27/7/2017", "day": "28 tháng 7 năm 2017", "number": "260/BC-STC"}


def week_29(world: World, **docx: object) -> None:
    world.deliver(mail(files={"bc.docx": weekly_docx(**docx)}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 09:01:00")


def test_this_weeks_report_in_answer_to_last_weeks_letter_waits_for_a_person(world: World):
    week_29(world)
    letter = world.letters()[0]["Message-ID"]
    world.deliver(
        mail(subject="Báo cáo", files={"bc30.docx": weekly_docx(**NEXT)}, headers={"In-Reply-To": letter}),
        "2017-07-28 09:00:00",
    )
    world.cchc("poll", "--json", now="2017-07-28 09:01:00")
    row = world.log("2017-07-28 09:02:00")[0]
    assert (row["state"], row["reason"]) == ("needs_review", "ambiguous_period")
    (submission,) = row["submissions"]
    assert (submission["period"], submission["outcome"]) == ("weekly:2017-07-28", "in_review")
    told = text(world.letters("stc@tinh.example")[-1])
    assert "trả lời thư về một kỳ khác" in told
    (item,) = world.cchc("review", "--json", now="2017-07-28 09:03:00").json["items"]
    assert item["reason"] == "ambiguous_period"
    assert world.classes("weekly:2017-07-28", "2017-07-28 10:10:00")["STC"] == "in_review"
    world.cchc("decide", submission["receipt"], "--accept", "--reason", "đúng kỳ", now="2017-07-28 09:30:00")
    assert world.classes("weekly:2017-07-28", "2017-07-28 10:10:00")["STC"] == "on_time"
    assert world.classes(WEEK, "2017-07-28 10:10:00")["STC"] == "on_time"


def test_a_correction_of_last_week_in_answer_to_its_letter_is_its_next_revision(world: World):
    week_29(world)
    world.deliver(
        mail(
            subject="Báo cáo",
            files={"bc.docx": weekly_docx(figures=(9, 9, 9, 0, 0))},
            headers={"In-Reply-To": world.letters()[0]["Message-ID"]},
        ),
        "2017-07-28 09:00:00",
    )
    world.poll("2017-07-28 09:01:00")
    row = world.log("2017-07-28 09:02:00")[0]
    assert [(s["receipt"], s["outcome"]) for s in row["submissions"]] == [("CCHC-20170721-W-STC-r2", "accepted")]


# ---- the same content for another due --------------------------------------------------------------------------------


def test_the_same_content_for_another_due_is_something_to_check(world: World):
    unlabelled = weekly_docx(window="từ ngày … đến ngày …", day="… tháng 7 năm 2017")
    world.deliver(mail(files={"bc.docx": unlabelled}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 09:01:00")
    world.deliver(
        mail(subject="Gửi [CCHC-20170728-W-STC-r1]", files={"bc.docx": unlabelled}, text="khác"), "2017-07-28 09:00:00"
    )
    world.poll("2017-07-28 09:01:00")
    letter = world.letters("stc@tinh.example")[-1]
    assert "đề nghị kiểm tra lại" in str(letter["Subject"])
    assert "trùng với báo cáo của một kỳ khác (mã tiếp nhận CCHC-20170721-W-STC-r1)" in text(letter)
    assert "same_content" not in text(letter)


# ---- a successor -----------------------------------------------------------------------------------------------------

HEIRS = (
    "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"
    "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly,2017-07-01,2017-07-21,XDT\n"
    "XDT,UBND xã Đại Từ,commune,TINH,TINH,xdt@tinh.example,,weekly,2017-07-22,,\n"
)


def test_a_successor_is_told_whose_due_its_report_is(world: World):
    world.roster = HEIRS
    (world.folder / "roster.csv").write_text(HEIRS, encoding="utf-8")
    files = {"bc.docx": weekly_docx(agency="UBND HUYỆN ĐẠI TỪ", number="9/BC-UBND")}
    world.deliver(mail("xdt@tinh.example", files=files), "2017-07-24 09:00:00")
    world.poll("2017-07-24 09:01:00")
    (row,) = world.log("2017-07-24 09:02:00")
    assert [(s["agency"], s["period"]) for s in row["submissions"]] == [("HDT", WEEK)]
    told = text(world.letters("xdt@tinh.example")[0])
    assert "của UBND huyện Đại Từ (cơ quan tiền thân của quý cơ quan)" in told
    assert "ghi nhận cho cơ quan tiền thân" in told
    assert "successor" not in told


# ---- a revision beside one in review ---------------------------------------------------------------------------------


def test_a_revision_read_beside_a_scan_in_review_says_what_the_result_waits_for(world: World):
    world.deliver(mail(subject="Báo cáo tuần 29", files={"scan.pdf": SCAN}), BEFORE)
    world.cchc("poll", now=POLLED)
    world.deliver(mail(subject="Bản Word", files={"bc.docx": weekly_docx()}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    told = text(world.letters("stc@tinh.example")[-1])
    assert "xem xét xong lần nộp CCHC-20170721-W-STC-r1" in told
    assert "ần công chức xem trực tiếp" not in told


# ---- changes against what was received before -------------------------------------------------------------------------


def test_changes_are_shown_against_the_revision_received_before_never_against_a_later_one(world: World):
    week_29(world)
    earlier = mail(subject="Bản đầu", files={"bc.docx": weekly_docx(figures=(1600, 1600, 1600, 0, 0))})
    world.deliver(earlier, "2017-07-20 15:00:00")  # found late
    world.poll("2017-07-21 09:30:00")
    told = text(world.letters("stc@tinh.example")[-1])
    assert "CCHC-20170721-W-STC-r2" in told
    assert "Số liệu thay đổi" not in told
    world.deliver(
        mail(subject="Bản sửa", files={"bc.docx": weekly_docx(figures=(1625, 1615, 1600, 15, 10))}),
        "2017-07-21 09:40:00",
    )
    world.poll("2017-07-21 09:41:00")
    assert "Số liệu thay đổi so với lần nộp trước (CCHC-20170721-W-STC-r1)" in text(world.letters()[-1])


# ---- the cutoff second, the skipped week ------------------------------------------------------------------------------


def test_the_cutoff_second_itself_is_named_when_it_counts_as_late(world: World):
    world.calendar = 'at_cutoff = "late"'
    world.write_config()
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 10:00:00")
    world.poll("2017-07-21 10:01:00")
    told = text(world.letters("stc@tinh.example")[0])
    assert "đúng thời điểm hết hạn" in told
    assert "sau thời hạn 0" not in told


def test_a_refused_file_is_no_numbered_revision_in_the_letter(world: World):
    _, told = sent(world, "Báo cáo tuần", {"bc.xlsx": LOCKED})
    assert "lần nộp thứ" not in told


@pytest.mark.parametrize(
    ("window", "covers"), [("từ ngày 14/7 đến ngày 27/7/2017", True), ("từ ngày 21/7 đến ngày 27/7/2017", False)]
)
def test_the_skipped_weeks_data_is_confirmed_only_where_it_is_there(world: World, window: str, covers: bool):
    world.poll("2017-07-17 08:00:00")
    skipped = world.cchc("period", WEEK, "--skip", "--second", "TP", "--reason", "nghỉ", now="2017-07-17 09:00:00")
    assert skipped.code == 0, skipped.out
    world.deliver(mail(files={"bc.docx": weekly_docx(**{**NEXT, "window": window})}), "2017-07-28 09:00:00")
    world.poll("2017-07-28 09:01:00")
    told = text(world.letters("stc@tinh.example")[-1])
    assert ("gồm cả số liệu của kỳ trước được nghỉ." in told) is covers
    assert ("01 nội dung" in told) is not covers


def test_a_scan_nobody_will_look_at_is_not_promised_to_be_looked_at(world: World):
    """Beside the report it is most likely its signed copy: the mail waits for nobody, and the letter says so."""
    row, told = sent(world, "Báo cáo tuần 29", {"bc.docx": weekly_docx(), "scan001.pdf": SCAN})
    assert row["state"] == "recorded"
    assert "sẽ đọc trực tiếp" not in told
    assert "nếu là một báo cáo khác, xin gửi bản Word hoặc Excel" in told


def test_where_the_subject_speaks_of_both_reports_the_scan_beside_one_may_be_the_other(world: World):
    files = {"bc.docx": weekly_docx(), "scan001.pdf": SCAN}
    row, told = sent(world, "Báo cáo CCHC tuần 29 và tháng 7", files)
    assert row["state"] == "needs_review"
    assert [s["receipt"] for s in row["submissions"]] == ["CCHC-20170721-W-STC-r1", "CCHC-201707-M-STC-r1"]
    assert [s["outcome"] for s in row["submissions"]] == ["accepted", "in_review"], (
        "nobody is accused whose scan we cannot read"
    )
    assert "công chức cơ quan tiếp nhận sẽ đọc trực tiếp" in told
