"""What people decide, and what that owes by letter: nothing a letter stated changes in silence."""

from __future__ import annotations

import io

from PIL import Image

from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"
BEFORE = "2017-07-21 09:12:35"


def scan_pdf() -> bytes:
    """A PDF of one picture: no text to read."""
    out = io.BytesIO()
    Image.new("RGB", (400, 500), "white").save(out, "PDF")
    return out.getvalue()


def kinds(world: World, mail_id: int, now: str) -> list[str]:
    return [x["kind"] for row in world.log(now) if row["id"] == mail_id for x in row["letters"]]


def text(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def test_reading_a_scan_again_never_withdraws_it(world: World):
    world.deliver(mail(files={"Bao cao tuan.pdf": scan_pdf()}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    assert world.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "in_review"
    world.cchc("retry", "1", now="2017-07-21 10:31:00")
    assert world.classes(WEEK, "2017-07-21 10:32:00")["STC"] == "in_review"
    assert len(world.letters("stc@tinh.example")) == 1


def test_an_on_time_mail_found_later_corrects_the_letter_that_said_late(world: World):
    world.deliver(mail(files={"bc.docx": weekly_docx(figures=(9, 9, 9, 0, 0))}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert "NỘP CHẬM" in text(world.letters("stc@tinh.example")[0])
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 11:30:00")
    assert world.classes(WEEK, "2017-07-21 11:31:00")["STC"] == "on_time"
    assert kinds(world, 1, "2017-07-21 11:32:00") == ["acknowledgement", "correction"]


def test_refusing_the_scan_tells_the_later_file_its_result(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"Bao cao tuan.pdf": scan_pdf()}), "2017-07-21 09:00:00")
    world.deliver(mail(subject="Báo cáo tuần, bản Word", files={"bc.docx": weekly_docx()}), "2017-07-24 18:20:00")
    world.poll("2017-07-24 18:21:00")
    args = ("decide", "1", "--refuse", "--reason", "không đọc được bản quét")
    assert world.cchc(*args, now="2017-07-24 18:30:00").code == 0
    assert world.classes(WEEK, "2017-07-24 18:31:00")["STC"] == "late"
    assert kinds(world, 2, "2017-07-24 18:32:00") == ["acknowledgement", "result"]


def test_a_waiver_after_a_letter_that_said_late_is_told(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    args = ("due", WEEK, "STC", "--waive", "--second", "An", "--reason", "bão")
    assert world.cchc(*args, now="2017-07-21 11:10:00").code == 0
    assert kinds(world, 1, "2017-07-21 11:11:00") == ["acknowledgement", "correction"]
    assert "miễn" in text(world.letters("stc@tinh.example")[-1])


def test_accepting_a_mail_that_still_needs_a_person_keeps_it_in_the_queue(world: World):
    original = mail(files={"bc.docx": weekly_docx()})
    del original["From"]
    original["From"] = "stc@tinh.example, syt@tinh.example"
    world.deliver(original, BEFORE)
    world.poll("2017-07-21 09:13:00")
    world.cchc("decide", "1", "--accept", "--reason", "đã gọi điện", now="2017-07-21 09:20:00")
    (row,) = world.log("2017-07-21 09:21:00")
    queue = world.cchc("review", "--json", now="2017-07-21 09:22:00").json["items"]
    assert bool(queue) == (row["state"] == "needs_review")


def test_another_agency_found_by_a_person_gets_the_result_at_its_own_address(world: World):
    world.deliver(mail("syt@tinh.example", files={"bc.docx": weekly_docx()}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    args = ("decide", "1", "--agency", "STC", "--accept", "--reason", "gửi hộ")
    assert world.cchc(*args, now="2017-07-21 09:20:00").code == 0
    assert "ĐÚNG HẠN" in text(world.letters("stc@tinh.example")[-1])
    assert all("ĐÚNG HẠN" not in text(x) for x in world.letters("syt@tinh.example"))
    assert world.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "on_time"


def test_whoever_had_been_told_of_a_report_learns_that_it_is_another_agencys_also_before_the_cutoff(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail("stc@tinh.example", files={"bc.docx": weekly_docx()}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    assert "ĐÚNG HẠN" in text(world.letters("stc@tinh.example")[-1])
    args = ("decide", "1", "--agency", "SYT", "--reason", "gửi hộ")
    assert world.cchc(*args, now="2017-07-20 10:00:00").code == 0
    (_, gone), (result,) = world.letters("stc@tinh.example"), world.letters("syt@tinh.example")
    assert "cơ quan khác" in str(gone["Subject"])
    assert "KHÔNG TÍNH LÀ BÁO CÁO CỦA QUÝ CƠ QUAN" in text(gone)
    assert "chưa tìm thấy báo cáo" not in text(gone)
    assert "Báo cáo quý cơ quan còn thiếu: không có" not in text(gone)
    assert "Sở Y tế (do công chức cơ quan tiếp nhận xác định)" in text(result)
    world.cchc("decide", "1", "--set", "received=1625", "--reason", "đã xem", now="2017-07-20 11:00:00")
    assert len(world.letters("stc@tinh.example")) == 2, "told once"


def test_a_deemed_receipt_settles_clocks_that_disagree(world: World):
    world.mailbox = 'border = "mx.tinh.example"'
    world.write_config()
    original = mail(files={"bc.docx": weekly_docx()})
    raw = b"Received: from a by mx.tinh.example; Fri, 21 Jul 2017 09:50:00 +0700\r\n" + original.as_bytes()
    world.deliver(raw, "2017-07-21 10:20:00")
    world.poll("2017-07-21 10:21:00")
    (row,) = world.log("2017-07-21 10:22:00")
    assert row["reason"] == "clock_disagrees"
    assert "CHẬM" not in text(world.letters()[0])
    to_come = ("decide", "1", "--deemed-at", "2017-07-21T10:30:01+07:00", "--second", "An", "--reason", "sự cố máy chủ")
    assert world.cchc(*to_come, now="2017-07-21 10:30:00").code == 2, "nothing was received at a moment still to come"
    args = ("decide", "1", "--deemed-at", "2017-07-21T09:50:00+07:00", "--second", "An", "--reason", "sự cố máy chủ")
    assert world.cchc(*args, now="2017-07-21 10:30:00").code == 0
    assert world.classes(WEEK, "2017-07-21 10:31:00")["STC"] == "on_time"


def test_a_result_names_the_clock_that_decided(world: World):
    world.mailbox = 'border = "mx.tinh.example"'
    world.write_config()
    raw = b"Received: from a by mx.tinh.example; Fri, 21 Jul 2017 09:50:00 +0700\r\n"
    world.deliver(raw + mail(files={"bc.docx": weekly_docx()}).as_bytes(), "2017-07-21 10:20:00")
    world.poll("2017-07-21 10:21:00")
    args = ("decide", "1", "--accept", "--second", "An", "--reason", "giờ cửa ngõ đúng")
    assert world.cchc(*args, now="2017-07-21 10:30:00").code == 0
    told = text(world.letters("stc@tinh.example")[-1])
    assert "Nhận lúc 09 giờ 50 phút 00 giây" in told
    assert "tính theo giờ máy chủ thư cửa ngõ của tỉnh" in told


def test_a_figure_set_by_a_person_stands_in_show_letters_and_sums(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx(figures=(1625, 1615, "……", 20, 10))}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    assert world.cchc("decide", "1", "--set", "on_time=abc", "--reason", "x", now="2017-07-21 09:19:00").code == 2
    args = ("decide", "1", "--set", "on_time=1595", "--reason", "đã hỏi lại")
    assert world.cchc(*args, now="2017-07-21 09:20:00").code == 0
    assert world.classes(WEEK, "2017-07-21 10:02:00")["STC"] == "on_time"
    world.poll("2017-07-21 10:06:00")
    world.tick("2017-07-21 10:06:10")
    digest = text(world.letters("thuky@tinh.example")[-1])
    assert "1.595" in digest


def test_what_was_refused_and_sent_again_signed_is_looked_at_again_and_never_dropped(world: World):
    """The figures are the same: what was wrong may have been the signature, which only a person can judge."""
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 09:01:00")
    receipt = "CCHC-20170721-W-STC-r1"
    world.cchc("decide", receipt, "--refuse", "--reason", "thiếu chữ ký", now="2017-07-21 09:05:00")
    world.poll("2017-07-21 09:06:00")
    world.deliver(mail(subject=f"Re: [{receipt}]", files={"bc ky.docx": weekly_docx()}), "2017-07-21 09:30:00")
    assert world.poll("2017-07-21 09:31:00")["needs_review"] == 1
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:10:00")["STC"] == "in_review"
    (item,) = world.cchc("review", "--json", now="2017-07-21 10:11:00").json["items"]
    assert item["reason"] == "refused_before"
    told = world.letters("stc@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "ĐÃ NHẬN, ĐANG XEM XÉT" in told
    assert "trùng với bản đã được đề nghị gửi lại" in told
    decided = world.cchc(
        "decide", "CCHC-20170721-W-STC-r2", "--accept", "--second", "Trần Thị B", "--reason", "đã ký",
        now="2017-07-21 10:20:00",
    )  # fmt: skip
    assert decided.code == 0
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:21:00")["STC"] == "on_time"
