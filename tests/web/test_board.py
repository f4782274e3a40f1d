"""The board in the browser: the classes, their sum, what stands beside."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from intake.due_changes import change_due
from intake.foreseen import DueChange
from tests.pipeline.world import at, weekly_docx
from tests.web.conftest import mail


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def mail_of(site, sender: str) -> int:
    """The first mail of a sender."""
    with site.console.ask() as q:
        return next(m.id for m in q.mails() if m.from_address == sender)


def test_the_start_page_is_the_board_of_the_open_period(site):
    answer = site.client("kiem").get("/", follow_redirects=False)
    assert answer.headers["location"] == "/board/weekly:2017-07-28"


def test_the_board_says_the_sum_and_the_rates(site):
    answer = site.client("kiem").get("/board/weekly:2017-07-21")
    said = text_of(answer.text)
    assert (
        "Phải nộp 04 = 01 đúng hạn + 0 hoàn thiện bổ sung + 01 nộp chậm + 0 chưa đạt yêu cầu + 01 đang xem xét + 01 chưa nhận"
        in said
    )
    assert "25,0% 1/4" in said
    assert "10 giờ 00 phút, thứ Sáu, ngày 21/7/2017" in said.replace("\u00a0", " ")
    assert "+0:25:10" in said
    assert "−1:47:25" in said


def test_filters_show_what_they_say(site):
    client = site.client("kiem")
    late = client.get("/board/weekly:2017-07-21?due_class=late").text
    assert "Sở Y tế" in late
    assert "Sở Tài chính" not in late
    districts = client.get("/board/weekly:2017-07-21?level=district").text
    assert "Đại Từ" in districts
    assert "Sở Y tế" not in districts
    assert "Không có dòng nào" in client.get("/board/weekly:2017-07-21?level=district&due_class=late").text


def test_the_recent_periods_stand_beside_each_agency(site):
    heat = site.client("kiem").get("/board/weekly:2017-07-28?view=heat").text
    row = text_of(heat.split("Sở Y tế")[1].split("</tr>")[0])
    assert "Nộp chậm" in row
    assert "Chưa nhận" in row


def test_an_earlier_moment_shows_what_the_log_knew_then(site):
    then = site.client("kiem").get("/board/weekly:2017-07-28?as_of=2017-07-27T12:00").text
    assert "Theo nhật ký tại thời điểm 12:00:00 27/7/2017" in then
    assert "hx-trigger" not in then


def test_the_board_of_a_type_is_found(site):
    client = site.client("kiem")
    assert client.get("/boards?type=weekly", follow_redirects=False).headers["location"] == "/board/weekly:2017-07-28"
    assert (
        client.get("/boards?period=weekly:2017-07-21", follow_redirects=False).headers["location"]
        == "/board/weekly:2017-07-21"
    )
    assert client.get("/boards?type=nothing", follow_redirects=False).headers["location"] == "/"


def test_a_period_nobody_knows_is_not_found(site):
    assert site.client("kiem").get("/board/weekly:2017-07-22").status_code == 404


def test_the_remembered_classes_follow_a_change(site):
    client = site.client("kiem")
    before = client.get("/board/weekly:2017-07-21?view=heat").text
    assert "Được miễn" not in before.split("<tbody>")[1].split("</table>")[0]
    change_due(site.desk, "weekly:2017-07-21", "HDT", DueChange("waive", "Mất điện", "Người thứ hai"))
    after = client.get("/board/weekly:2017-07-21?view=heat").text
    assert "Được miễn" in after.split("<tbody>")[1].split("</table>")[0]


def test_the_reading_side_cannot_write(site):
    with site.console.reader.ledger.engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM mail"))


def test_a_later_blank_form_hides_neither_the_number_nor_the_mail_of_the_report(site):
    blank = weekly_docx(number="999/BC-STC", figures=("……",) * 5)
    site.world.deliver(mail("stc@tinh.example", "Báo cáo tuần 29", ("BC tuan.docx", blank)), "2017-07-28 11:01:00")
    site.world.poll("2017-07-28 11:05:00")
    site.clock.moment = at("2017-07-28 11:10:00")
    page = site.client("kiem").get("/board/weekly:2017-07-21").text
    row = next(row for row in page.split("<tr>") if "/agency/STC" in row)
    assert "r2" in row
    assert "245/BC-STC" in row
    assert f'<a href="/mail/{mail_of(site, "stc@tinh.example")}">' in row
