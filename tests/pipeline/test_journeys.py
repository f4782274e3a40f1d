"""Journeys of one mail, from the mailbox to the letter, as an outside script sees them."""

from __future__ import annotations

from tests.pipeline.world import ROSTER, World, mail, monthly_docx, weekly_docx

BEFORE = "2017-07-21 09:12:35"
AFTER = "2017-07-21 11:25:10"
WEEK = "weekly:2017-07-21"


def report(sender: str = "stc@tinh.example", **docx: object):
    return mail(sender, files={"Báo cáo tuần.docx": weekly_docx(**docx)})


def test_a_report_before_the_cutoff_is_on_time_and_answered_in_its_thread(world: World):
    original = report()
    world.deliver(original, BEFORE)
    polled = world.poll("2017-07-21 09:13:00")
    assert (polled["fetched"], polled["recorded"], polled["letters_sent"]) == (1, 1, 1)
    (row,) = world.log("2017-07-21 09:14:00")
    (submission,) = row["submissions"]
    assert submission["receipt"] == "CCHC-20170721-W-STC-r1"
    assert (submission["period"], submission["outcome"], submission["late_seconds"]) == (WEEK, "accepted", 0)
    assert row["received_at"] == "2017-07-21T09:12:35+07:00"
    (letter,) = world.letters("stc@tinh.example")
    assert letter["In-Reply-To"] == original["Message-ID"]
    assert letter["Auto-Submitted"] == "auto-replied"
    text = letter.get_body(("plain",)).get_content()
    assert "ĐÚNG HẠN" in text
    assert "1.625" in text
    assert "CCHC-20170721-W-STC-r1" in text
    assert "ĐÚNG HẠN" in "\n".join(text.splitlines()[:12])


def test_ten_o_clock_to_the_second_is_on_time_and_one_second_later_is_not(world: World):
    world.deliver(report("stc@tinh.example"), "2017-07-21 10:00:00")
    world.deliver(report("syt@tinh.example", agency="SỞ Y TẾ", number="12/BC-SYT"), "2017-07-21 10:00:01")
    world.poll("2017-07-21 10:01:00")
    classes = world.classes(WEEK, "2017-07-21 10:02:00")
    assert (classes["STC"], classes["SYT"]) == ("on_time", "late")
    late = next(r for r in world.log("2017-07-21 10:02:00") if r["from"] == "syt@tinh.example")
    assert late["submissions"][0]["late_seconds"] == 1


def test_a_late_report_is_told_by_how_much(world: World):
    world.deliver(report(), AFTER)
    world.poll("2017-07-21 11:26:00")
    (letter,) = world.letters("stc@tinh.example")
    text = letter.get_body(("plain",)).get_content()
    assert "NỘP CHẬM" in text
    assert "1 giờ 25 phút 10 giây" in text


def test_sums_that_fail_are_asked_about_and_never_corrected(world: World):
    world.deliver(report(figures=("1.625", "1.615", "1.590", "20", "10")), BEFORE)
    world.poll("2017-07-21 09:13:00")
    shown = world.cchc("show", "CCHC-20170721-W-STC-r1", "--json", now="2017-07-21 09:14:00").json
    (read,) = shown["reports"]
    assert read["figures"]["on_time"]["value"] == 1590
    assert "W03" in [f["code"] for f in read["findings"]]
    assert shown["submissions"][0]["outcome"] == "accepted_with_warnings"
    assert (
        shown["submissions"][0]["class"] == "on_time" or world.classes(WEEK, "2017-07-21 10:10:00")["STC"] == "on_time"
    )
    text = world.letters("stc@tinh.example")[0].get_body(("plain",)).get_content()
    assert "[W03]" in text
    assert "01 nội dung" in str(world.letters("stc@tinh.example")[0]["Subject"])


def test_the_same_content_again_adds_nothing_and_is_not_answered_again(world: World):
    world.deliver(report(), BEFORE)
    world.deliver(mail(subject="Gửi lại", files={"bc.docx": weekly_docx()}), "2017-07-21 09:20:00")
    polled = world.poll("2017-07-21 09:21:00")
    assert (polled["recorded"], polled["duplicates"]) == (1, 1)
    assert len(world.letters("stc@tinh.example")) == 1
    duplicate = next(r for r in world.log("2017-07-21 09:22:00") if r["state"] == "duplicate")
    assert duplicate["letters"][0]["withheld_because"] == "duplicate"


def test_a_corrected_report_is_the_next_revision_and_keeps_the_first_receipt_time(world: World):
    world.deliver(report(), BEFORE)
    world.deliver(report(figures=(1625, 1615, 1600, 15, 10)), "2017-07-21 15:00:00")
    world.poll("2017-07-21 15:01:00")
    board = world.board(WEEK, "2017-07-21 15:02:00")
    due = next(d for d in board["dues"] if d["agency"] == "STC")
    assert (due["class"], due["receipt"], due["revision"]) == ("on_time", "CCHC-20170721-W-STC-r1", 2)


def test_an_unknown_sender_is_neither_credited_nor_answered_and_its_due_waits_for_a_person(world: World):
    world.deliver(report("ai.do@noi.example"), BEFORE)
    assert world.cchc("poll", "--json", now="2017-07-21 09:13:00").code == 1
    assert not world.letters("ai.do@noi.example")
    assert world.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "in_review"
    (row,) = world.log("2017-07-21 10:31:00")
    assert (row["state"], row["reason"]) == ("needs_review", "sender_unknown")
    decided = world.cchc(
        "decide",
        str(row["id"]),
        "--agency",
        "STC",
        "--accept",
        "--reason",
        "địa chỉ mới của Sở",
        now="2017-07-21 10:40:00",
    )
    assert decided.code == 0, decided.out
    assert world.classes(WEEK, "2017-07-21 10:41:00")["STC"] == "on_time"


def test_letterhead_of_another_agency_waits_for_a_person(world: World):
    world.deliver(report("stc@tinh.example", agency="SỞ Y TẾ", number="9/BC-SYT"), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert (row["state"], row["reason"]) == ("needs_review", "ambiguous_agency")
    classes = world.classes(WEEK, "2017-07-21 10:30:00")
    assert classes["SYT"] == "in_review"


def test_an_incomplete_report_in_time_is_told_until_when_it_can_be_cured(world: World):
    world.deliver(report(figures=(1625, 1615, 1595, "……", 10)), BEFORE)
    few = report("syt@tinh.example", agency="SỞ Y TẾ", number="9/BC-SYT", figures=(1625, 1615, "……", "……", "……"))
    world.deliver(few, BEFORE)
    world.poll("2017-07-21 09:13:00")
    cure = "(gửi sau đó, chậm nhất 17 giờ 00 phút, ngày 24/7/2017, được tính đúng hạn, đã hoàn thiện bổ sung)"
    (half,), (less,) = world.letters("stc@tinh.example"), world.letters("syt@tinh.example")
    assert cure in half.get_body(("plain",)).get_content()
    assert "hoàn thiện bổ sung" not in less.get_body(("plain",)).get_content(), (
        "with less than half stated nothing is cured"
    )


def test_what_may_be_another_agencys_is_not_compared_with_the_senders_own(world: World):
    files = {"a.docx": weekly_docx(), "b.docx": weekly_docx("SỞ Y TẾ", number="9/BC-SYT", figures=(90, 80, 70, 10, 0))}
    world.deliver(mail(files=files), BEFORE)
    world.cchc("poll", now="2017-07-21 09:13:00")
    text = world.letters("stc@tinh.example")[0].get_body(("plain",)).get_content()
    assert "Sở Y tế" in text
    assert "bản trước" not in text


def test_a_commune_that_owes_nothing_here_is_answered_politely_and_counted_nowhere(world: World):
    world.deliver(report("hungson@tinh.example", agency="UBND XÃ HÙNG SƠN", number="3/BC-UBND"), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert row["submissions"] == []
    (letter,) = world.letters("hungson@tinh.example")
    assert "Đại Từ" in letter.get_body(("plain",)).get_content()


def test_a_subordinates_report_beside_the_districts_own_is_an_enclosure(world: World):
    files = {
        "BC huyen.docx": weekly_docx(agency="UBND HUYỆN ĐẠI TỪ", number="77/BC-UBND"),
        "BC xa.docx": weekly_docx(agency="UBND XÃ HÙNG SƠN", number="3/BC-UBND", figures=(5, 5, 5, 0, 0)),
    }
    world.deliver(mail("hdt@tinh.example", files=files), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert {p["name"]: p["outcome"] for p in row["parts"]} == {"BC huyen.docx": "read", "BC xa.docx": "enclosure"}
    assert [s["agency"] for s in row["submissions"]] == ["HDT"]


def test_a_locked_file_is_refused_and_the_due_is_incomplete(world: World):
    from pathlib import Path  # noqa: PLC0415

    locked = (Path(__file__).parents[1] / "corpus/hostile/att/xlsx_encrypted.xlsx").read_bytes()
    world.deliver(mail(files={"Bao cao tuan.xlsx": locked}), "2017-07-21 08:40:12")
    world.poll("2017-07-21 08:41:00")
    (row,) = world.log("2017-07-21 08:42:00")
    assert row["state"] == "recorded"
    assert row["submissions"][0]["outcome"] == "refused"
    assert row["parts"][0]["reason"] == "encrypted"
    text = world.letters("stc@tinh.example")[0].get_body(("plain",)).get_content()
    assert "mật khẩu" in text
    assert world.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "incomplete"


def test_a_trial_is_answered_and_counted_nowhere(world: World):
    world.deliver(mail(subject="[THỬ] Báo cáo tuần", files={"bc.docx": weekly_docx()}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert (row["state"], row["submissions"]) == ("test", [])
    assert "KHÔNG TÍNH LÀ ĐÃ NỘP" in world.letters()[0].get_body(("plain",)).get_content()
    assert world.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "missing"


def test_weekly_and_monthly_in_one_mail_are_two_submissions_and_one_letter(world: World):
    files = {
        "tuan.docx": weekly_docx(window="từ ngày 21/7 đến ngày 27/7/2017", day="28 tháng 7 năm 2017"),
        "thang.docx": monthly_docx(),
    }
    world.deliver(mail(subject="Báo cáo tuần và tháng 7", files=files), "2017-07-28 09:00:00")
    world.poll("2017-07-28 09:01:00")
    (row,) = world.log("2017-07-28 09:02:00")
    assert sorted(s["receipt"] for s in row["submissions"]) == ["CCHC-201707-M-STC-r1", "CCHC-20170728-W-STC-r1"]
    assert len(world.letters("stc@tinh.example")) == 1


def test_automatic_mail_is_never_answered(world: World):
    world.deliver(mail(subject="Trả lời tự động", headers={"Auto-Submitted": "auto-replied"}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert (row["state"], row["automatic"]) == ("automatic", "automatic")
    assert not world.letters()


def test_an_automatic_mail_that_carries_a_report_is_recorded_and_not_answered(world: World):
    world.deliver(mail(headers={"Auto-Submitted": "auto-generated"}, files={"bc.docx": weekly_docx()}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (row,) = world.log("2017-07-21 09:14:00")
    assert (row["state"], row["automatic"]) == ("recorded", "automatic")
    assert not world.letters()
    assert row["letters"][0]["withheld_because"] == "automatic"


def test_an_earlier_mail_found_later_rejudges_the_inferred_one_and_corrects_by_letter(world: World):
    """An earlier mail processed late re-judges the later inferred ones, with a log entry and a correction letter."""
    later = monthly_docx(month="…/2017")
    world.deliver(mail(subject="Báo cáo", files={"bao cao.docx": later}), "2017-08-01 09:00:00")
    world.poll("2017-08-01 09:01:00")
    (row,) = world.log("2017-08-01 09:02:00")
    assert row["submissions"][0]["period"] == "monthly:2017-07"
    world.deliver(
        mail(subject="Báo cáo tháng 7", files={"thang 7.docx": monthly_docx(figures=(9, 9, 9, 0, 0))}),
        "2017-07-28 09:30:00",
    )
    world.poll("2017-08-01 10:00:00")
    rows = {r["received_at"]: r for r in world.log("2017-08-01 10:01:00")}
    assert rows["2017-08-01T09:00:00+07:00"]["submissions"][0]["period"] == "monthly:2017-08"
    kinds = [x["kind"] for x in rows["2017-08-01T09:00:00+07:00"]["letters"]]
    assert kinds.count("correction") == 1


def test_the_log_proves_itself_and_an_edit_is_found(world: World):
    world.deliver(report(), BEFORE)
    world.poll("2017-07-21 09:13:00")
    assert world.cchc("verify", "--json", now="2017-07-21 09:14:00").json["ok"]
    (raw,) = [p for p in (world.folder / "vault").rglob("*") if p.is_file() and p.read_bytes() == world.delivered[0]]
    raw.chmod(0o600)
    raw.write_bytes(world.delivered[0].replace(b"2017", b"2018", 1))
    verified = world.cchc("verify", "--json", now="2017-07-21 09:15:00")
    assert verified.code == 1
    assert any(p["code"] == "vault" for p in verified.json["problems"])


def test_the_roster_with_a_mistake_is_refused_whole_and_the_old_one_stays(world: World):
    world.poll("2017-07-20 09:00:00")
    bad = world.folder / "bad.csv"
    bad.write_text(
        ROSTER + "stc,Sở hỏng,department,TINH,TINH,stc@tinh.example,,weekly,2017-13-01,,\n", encoding="utf-8"
    )
    assert world.cchc("roster", "import", str(bad), now="2017-07-20 09:01:00").code == 2
    assert len(world.cchc("roster", "list", "--json", now="2017-07-20 09:02:00").json["agencies"]) == 5
