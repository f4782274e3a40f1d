"""What a person finds to be no report: whoever had been told otherwise, or to wait, is told so in words, and how it is made good."""

from __future__ import annotations

from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"


def test_whoever_had_been_told_of_a_report_learns_that_it_is_none_and_back_again(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 15:00:00")
    world.poll("2017-07-20 15:01:00")
    word = ("decide", "1", "--not-a-report", "--reason", "đây là dự thảo")
    assert world.cchc(*word, now="2017-07-20 16:00:00").code == 0
    gone = world.letters("stc@tinh.example")[-1]
    assert "Điều chỉnh kết quả: không phải báo cáo" in str(gone["Subject"])
    text = plain(gone)
    assert 'thành "không phải báo cáo". Lý do: đây là dự thảo.' in text
    assert 'tệp "bc.docx" không phải là báo cáo' in text
    assert "chưa đọc được" not in text, "the file was read"
    assert "Số liệu đã đọc" not in text, "what is no report has no figures"
    assert "chậm nhất 10 giờ 00 phút, ngày 21/7/2017 để được tính đúng hạn" in text
    again = ("decide", "1", "--accept", "--reason", "nhầm")
    assert world.cchc(*again, now="2017-07-20 17:00:00").code == 0
    back = world.letters("stc@tinh.example")[-1]
    assert 'từ "không phải báo cáo" thành "nộp đúng hạn"' in plain(back)


def test_after_the_cutoff_nobody_is_told_that_the_next_cutoff_is_still_in_time(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(subject="Lịch họp", text="Xin gửi lịch họp."), "2017-07-21 10:30:00")
    world.poll("2017-07-21 10:31:00")
    text = plain(world.letters("stc@tinh.example")[-1])
    assert "Báo cáo quý cơ quan còn thiếu: Báo cáo tuần" in text
    assert "để được tính đúng hạn" not in text
    assert "sớm nhất có thể" in text


def test_whose_notice_named_a_mail_being_looked_at_is_told_when_it_holds_no_report(world: World):
    """The answer in words had no acknowledgement: the notice said that a person looks at it."""
    world.tick("2017-07-17 08:00:00")
    world.tick("2017-07-20 14:00:00")
    reminder = world.letters("stc@tinh.example")[-1]
    answer = {"In-Reply-To": str(reminder["Message-ID"])}
    world.deliver(mail(subject="Re: Nhắc", text="Đã gửi hôm qua rồi.", headers=answer), "2017-07-20 15:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    assert "đang được công chức Sở Nội vụ xem xét" in plain(world.letters("stc@tinh.example")[-1])
    before = len(world.letters("stc@tinh.example"))
    word = ("decide", "1", "--not-a-report", "--reason", "không có tệp")
    assert world.cchc(*word, now="2017-07-21 10:30:00").code == 0
    world.poll("2017-07-21 10:31:00")
    told = world.letters("stc@tinh.example")
    assert len(told) == before + 1
    assert "chưa tìm thấy báo cáo" in str(told[-1]["Subject"])
    assert "Báo cáo quý cơ quan còn thiếu: Báo cáo tuần" in plain(told[-1])
    assert told[-1]["To"] == told[-2]["To"], "to whom the notice went"
