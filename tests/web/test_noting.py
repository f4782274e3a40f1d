"""What stands beside the classes: mails that may be what seems missing, odd days, explanations and their end, earlier moments."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import text

from intake.rules.coverage import Coverage
from storage.records import Explanation
from tests.web.conftest import Site
from tests.web.test_board import text_of
from tests.web.test_mail import mail_of
from tests.web.test_review import decided, decisions

WEEK = "weekly:2017-07-28"
BOARD = f"/board/{WEEK}"


def test_a_mail_that_waits_for_a_tool_is_named_beside_the_due_it_may_be(site: Site):
    number = mail_of(site, "tin@khac.example")
    with site.desk.ledger.bare_write() as connection:
        facts = """UPDATE mail SET state = 'needs_review', reason = 'tool_missing', facts = '{"sender": "SNV"}',
            received_at = (SELECT max(received_at) FROM mail) WHERE id = :id"""
        connection.execute(text(facts), {"id": number})
    client = site.client("kiem")
    row = client.get(BOARD).text.split("Sở Nội vụ</a>")[1].split("</tr>")[0]
    assert f'href="/mail/{number}"' in row
    assert f"thư số {number} đang chờ" in text_of(row)
    assert "Trong số chưa nhận có 01 cơ quan có thư đang chờ" in text_of(client.get(BOARD).text)
    notes = text_of(client.get(f"{BOARD}?view=notes").text)
    assert "chưa thể nói cơ quan chưa nộp" in notes
    assert "Sở Nội vụ Bản tin tuần" in notes
    before = text_of(client.get(f"{BOARD}?as_of=2017-07-28T10:31:00&view=notes").text)
    assert "Không có thư nào của cơ quan đang thiếu" in before, "the log did not know of it then"


def test_days_no_report_covers_or_two_cover_are_named(site: Site, monkeypatch: pytest.MonkeyPatch):
    client = site.client("kiem")
    assert "nối liền nhau" in client.get(f"{BOARD}?view=notes").text
    odd = Coverage(((date(2017, 7, 21), date(2017, 7, 21)),), ((date(2017, 7, 24), date(2017, 7, 26)),))
    monkeypatch.setattr("intake.web.noting.covered_days", lambda *_: {"STC": odd})
    assert "Sở Tài chính 21/7/2017 24/7/2017 – 26/7/2017" in text_of(client.get(f"{BOARD}?view=notes").text)
    assert "Sở Tài chính 21/7" not in text_of(client.get(f"{BOARD}?view=notes&level=district").text)


def test_a_board_is_shown_as_it_was_and_by_what_had_arrived(site: Site):
    client = site.client("kiem")
    page = client.get(f"{BOARD}?received_by=2017-07-28T08:00").text
    assert "Chỉ tính thư đã nhận đến 08:00:00 28/7/2017" in page
    assert "0 đúng hạn" in text_of(page)
    assert 'name="received_by" value="2017-07-28T08:00:00' in page
    tile = re.search(r'href="\?due_class=missing([^"]*)#list"', page)
    assert tile is not None
    assert tile.group(1) == "&amp;received_by=2017-07-28T08%3A00", "a filter keeps the moment"
    assert 'hx-trigger="every 20s"' not in page, "what was does not refresh"
    assert "1 đúng hạn" in text_of(client.get(BOARD).text)
    assert client.get("/tasks/weekly:2017-07-28").status_code == 404, "no list of tasks"


def test_an_explanation_stands_beside_its_finding_until_a_person_takes_it_back(site: Site):
    with site.console.ask() as q:
        number = max(m.id for m in q.mails() if m.from_address == "stc@tinh.example")
        submission = q.submissions(number)[0]
        finding = next(f for f in submission.findings if f["code"] == "W03")
    said = Explanation(
        submission.id, "STC", "weekly", WEEK, "W03", (), finding["message"], "05 hồ sơ <b>rút</b>", number
    )
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.add_explanation(said)
    client = site.client("binh")
    for page in (f"/mail/{number}", f"/decide/{number}", f"{BOARD}?view=notes"):
        assert "05 hồ sơ &lt;b&gt;rút&lt;/b&gt;" in client.get(page).text, page
    assert 'value="revoke:W03"' in client.get(f"/decide/{number}").text
    assert 'value="revoke:' not in site.client("kiem").get(f"/mail/{number}").text
    answer = decided(client, number, action="revoke:W03", reason="Rút không nằm trong số đã giải quyết")
    assert answer.headers["location"].startswith("/review?done=revoke")
    page = client.get(f"/mail/{number}").text
    assert "Cơ quan giải trình:" not in page
    assert "không chấp nhận giải trình" in page
    assert "Rút không nằm trong số" in page
    assert decisions(site, number) == [], "nothing else was decided"
    again = decided(client, number, action="revoke:W03", reason="Lần nữa")
    assert again.status_code == 422
    assert "Không còn giải trình nào như vậy" in again.text
