"""Agency, periods, log and operation: what people compare, look for and change."""

from __future__ import annotations

import io
import json
import re

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import text

from intake.web.agencies import agency_view
from intake.web.searching import Wanted
from intake.web.standing import Standing
from storage.queries import Queries
from storage.read_log import LogFilter
from storage.records import Mail
from tests.pipeline.world import at
from tests.web.conftest import token_of
from tests.web.test_board import text_of
from tests.web.test_mail import mail_of

# ---- agency ----------------------------------------------------------------------------------------------------------


def test_an_agency_shows_its_periods_its_figures_and_its_addresses(site):
    said = text_of(site.client("kiem").get("/agency/STC").text)
    assert "Kỳ ngày 28/7/2017" in said
    assert "CCHC-20170721-W-STC-r1" in said
    assert "Đúng hạn 100,0% (2/2)" in said
    assert "02 kỳ liên tiếp nộp đúng hạn" in said
    assert ">28/7</text>" in site.client("kiem").get("/agency/STC").text
    assert "Tổng số hồ sơ đã tiếp nhận 1.625 1.625" in said
    assert "sotaichinh@tinh.example" in said
    page = site.client("kiem").get("/agency/SNV").text
    assert re.search(r'y="47" height="6" rx="2" class="h-missing"', page), "neither before the cutoff nor after it"
    missing = text_of(page)
    assert "liên tiếp chưa nộp" not in missing, "one period is no row of them"
    assert site.client("kiem").get("/agency/NOBODY").status_code == 404


def test_an_agency_that_owes_nothing_here_says_so(site):
    assert "không thuộc diện nộp báo cáo trực tiếp" in site.client("kiem").get("/agency/XHT").text


# ---- periods ---------------------------------------------------------------------------------------------------------


def test_the_calendar_of_a_year_names_every_cutoff_and_what_came_of_it(site):
    said = text_of(site.client("kiem").get("/periods?year=2017").text)
    assert "Kỳ ngày 21/7/2017" in said
    assert "10:00 28/7/2017" in said
    assert "số liệu tổng hợp" in said
    assert "Không có kỳ báo cáo" in site.client("kiem").get("/periods?year=1999").text
    assert site.client("kiem").get("/periods?year=x").status_code == 200


def test_behind_each_total_stand_the_receipts_it_was_added_up_from(site):
    client = site.client("kiem")
    page = client.get("/period/weekly:2017-07-21").text
    assert "3.250" in text_of(page)  # 1625 of two agencies; the stranger's is not counted
    assert "2/4" in text_of(page)
    behind = client.get("/period/weekly:2017-07-21/figure/received").text
    said = text_of(behind)
    assert "CCHC-20170721-W-STC-r1" in said
    assert "2/4 cơ quan nêu số liệu này" in said
    link = re.search(r'href="(/mail/\d+/part/\d+)#f-received"', behind)
    assert 'id="f-received"' in client.get(link.group(1)).text
    assert client.get("/period/weekly:2017-07-21/figure/nothing").status_code == 404
    assert client.get("/period/weekly:2017-07-22").status_code == 404


def change(client, path, **fields):
    form = f"/periods?year=2017&change={path.rpartition('/')[2]}" if path.startswith("/period/") else path
    seen = re.search(r'name="seen" value="(\d+)"', client.get(form).text)
    data = {"csrf": token_of(client), "reason": "Công văn 12", "seen": seen[1] if seen else "0"} | fields
    return client.post(path, data=data, follow_redirects=False)


def test_a_lead_changes_a_due_before_its_cutoff_a_secretary_proposes(site):
    path = "/due/monthly:2017-07/HDT"  # falls due on the 28th at 10:00: past
    proposed = change(site.client("lan"), path, action="waive")
    assert proposed.headers["location"].endswith("?done=proposed")
    client = site.client("mai")
    with site.console.ask() as q:
        item = next(i for i in q.reviews() if i.reason == "due:monthly:2017-07/HDT")
    assert (
        client.post(
            f"/proposal/{item.id}", data={"csrf": token_of(client), "action": "confirm"}, follow_redirects=False
        ).status_code
        == 303
    )
    said = text_of(client.get(path).text)
    assert "được miễn" in said
    assert "Lan, Mai" in said
    assert said.count("Công văn 12") == 1, "one deed is told once"
    open_path = "/due/weekly:2017-08-04/HDT"
    site.world.cchc("tick", now="2017-07-28 11:00:00")
    assert (
        change(site.client("lan"), open_path, action="extend", until="2017-08-05T10:00")
        .headers["location"]
        .endswith("done")
    )
    assert "được gia hạn" in text_of(client.get(open_path).text)
    assert change(site.client("binh"), open_path, action="reopen").headers["location"].endswith("proposed")
    assert (
        change(site.client("binh"), open_path, action="paper", paper_number="Sổ 12")
        .headers["location"]
        .endswith("done")
    )


@pytest.mark.parametrize(
    "fields", [{"action": "extend", "until": ""}, {"action": "waive", "reason": ""}, {"action": "burn"}]
)
def test_a_change_that_lacks_something_is_refused(site, fields):
    assert change(site.client("lan"), "/due/weekly:2017-07-28/STC", **fields).status_code == 422


def test_an_auditor_changes_no_due_and_no_period(site):
    client = site.client("kiem")
    assert change(client, "/due/weekly:2017-07-28/STC", action="waive").status_code == 403
    assert change(client, "/period/weekly:2017-08-11", action="skip").status_code == 403
    assert "<form" not in client.get("/due/weekly:2017-07-28/STC").text.split("<main")[1]


def test_a_period_is_moved_by_a_lead_and_proposed_by_a_secretary(site):
    lead = site.client("lan")
    done = change(lead, "/period/weekly:2017-08-11", action="move", due_at="2017-08-14T10:00")
    assert done.headers["location"].endswith("done=done")
    assert "điều chỉnh từ ngày 11/8/2017" in text_of(lead.get("/periods?year=2017").text)
    assert (
        change(site.client("binh"), "/period/weekly:2017-08-18", action="skip").headers["location"].endswith("proposed")
    )
    with site.console.ask() as q:
        item = next(i for i in q.reviews() if i.reason == "period:weekly:2017-08-18")
    data = {"csrf": token_of(lead), "action": "confirm"}
    assert lead.post(f"/proposal/{item.id}", data=data, follow_redirects=False).status_code == 303
    assert "được nghỉ" in text_of(lead.get("/periods?year=2017").text)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"due_at": ""}, "Cần thời hạn mới"),
        ({"due_at": "2017-07-01T10:00"}, "Thời hạn mới phải ở phía trước"),
        ({"due_at": "2017-08-28T10:00", "reason": " "}, "Cần ghi lý do"),
    ],
)
def test_a_change_of_a_period_that_lacks_something_is_refused_in_words_its_form_open(site, fields, why):
    answer = change(site.client("lan"), "/period/weekly:2017-08-25", action="move", year="2017", **fields)
    assert answer.status_code == 422
    assert why in text_of(answer.text)
    assert 'action="/period/weekly:2017-08-25"' in answer.text


def test_the_form_of_one_period_opens_below_it_and_what_was_done_is_said(site):
    lead = site.client("lan")
    page = lead.get("/periods?year=2017").text
    assert 'action="/period/' not in page
    assert 'href="/periods?year=2017&change=weekly:2017-09-01#weekly:2017-09-01"' in page
    page = lead.get("/periods?year=2017&change=weekly:2017-09-01").text
    assert page.count('action="/period/') == 1
    done = change(lead, "/period/weekly:2017-09-01", action="move", due_at="2017-09-04T10:00", year="2017")
    assert "Đã ghi thay đổi" in text_of(lead.get(done.headers["location"]).text)
    assert "change=" not in site.client("kiem").get("/periods?year=2017&change=weekly:2017-09-08").text


def test_a_page_that_looks_a_year_ahead_opens_on_the_day_no_other_year_has(site):
    with site.console.ask() as q:
        view = agency_view(site.console.reader, q, Standing(), "STC", at("2020-02-29 11:00:00"))
    assert [kind.type for kind in view.types] == ["weekly", "monthly"]


def test_a_due_nobody_knows_is_not_found(site):
    assert site.client("lan").get("/due/weekly:2017-07-28/NOBODY").status_code == 404
    assert site.client("lan").get("/due/weekly:2017-07-29/STC").status_code == 404


def test_board_and_period_are_taken_away_as_files(site):
    client = site.client("kiem")
    board = client.get("/board/weekly:2017-07-21/export.xlsx")
    assert "attachment" in board.headers["content-disposition"]
    cells = [
        str(c.value) for sheet in load_workbook(io.BytesIO(board.content)) for row in sheet.iter_rows() for c in row
    ]
    assert "Sở Tài chính" in cells
    sums = load_workbook(io.BytesIO(client.get("/period/weekly:2017-07-21/export.xlsx").content))
    assert 3250 in [cell.value for sheet in sums for row in sheet.iter_rows() for cell in row]
    assert Document(io.BytesIO(client.get("/period/weekly:2017-07-21/export.docx").content)).paragraphs
    assert client.get("/period/weekly:2017-07-21/export.exe").status_code == 404
    assert client.get("/board/weekly:2017-07-22/export.xlsx").status_code == 404
    assert 'href="/period/weekly:2017-07-21/export.docx"' in client.get("/period/weekly:2017-07-21").text
    with site.console.ask() as q:
        last = [e.payload for e in q.entries() if e.kind == "access" and e.payload["what"] == "exported"][-3:]
    assert [(e["kind"], e["period"]) for e in last] == [
        (kind, "weekly:2017-07-21") for kind in ("xlsx", "xlsx", "docx")
    ]


# ---- log -------------------------------------------------------------------------------------------------------------


def rows_of(page: str) -> list[str]:
    return re.findall(r'href="/mail/(\d+)"', page.split("<tbody>")[1])


def test_words_are_found_without_their_tones(site):
    client = site.client("kiem")
    assert len(rows_of(client.get("/log?text=bao cao tuan 30").text)) == 2
    assert len(rows_of(client.get("/log?text=BÁO CÁO tuần 30").text)) == 2
    assert rows_of(client.get("/log?text=khong co gi").text) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [("agency=STC", 2), ("type=weekly", 4), ("type=monthly", 0), ("period=weekly:2017-07-21", 3), ("due_class=late", 1),
     ("state=needs_review", 1), ("since=2017-07-28", 2), ("until=2017-07-21", 4), ("since=nonsense", 6), ("before=3", 2)],
)  # fmt: skip
def test_every_filter_of_the_log_is_in_the_address(site, query, count):
    assert len(rows_of(site.client("kiem").get(f"/log?{query}").text)) == count


def test_pages_go_on_by_key(site, monkeypatch):
    monkeypatch.setattr("intake.web.searching.PAGE", 2)
    client, seen, address = site.client("kiem"), [], "/log"
    for _ in range(9):
        page = client.get(address).text
        seen += rows_of(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        address = following.group(1).replace("&amp;", "&")
    assert [int(one) for one in seen] == [6, 5, 4, 3, 2, 1]


def test_a_class_is_looked_for_page_after_page(site, monkeypatch):
    monkeypatch.setattr("intake.web.searching.SCANNED", 1)
    page = site.client("kiem").get("/log?due_class=late").text
    assert len(rows_of(page)) == 1


def test_a_page_that_has_looked_through_enough_asks_no_further_and_says_where_it_goes_on(site, monkeypatch):
    asked: list[int | None] = []

    def enough(_q: Queries, _asked: LogFilter, before: int | None, _limit: int) -> tuple[tuple[Mail, ...], int]:
        asked.append(before)
        return (), 3

    monkeypatch.setattr(Queries, "log_scan", enough)
    page = site.client("kiem").get("/log?text=bao").text
    assert asked == [None]
    assert 'rel="next" href="/log?text=bao&amp;before=3"' in page


def test_a_search_and_a_file_are_in_the_log_with_their_question(site):
    client = site.client("kiem")
    client.get("/log?text=bao cao&agency=STC")
    client.get("/log/export.json?agency=STC")
    with site.console.ask() as q:
        last = [e.payload for e in q.entries() if e.kind == "access"][-2:]
    assert [(e["what"], e["query"]) for e in last] == [
        ("searched", {"text": "bao cao", "agency": "STC"}),
        ("exported", {"agency": "STC"}),
    ]


def test_files_hold_the_question_the_moment_and_no_formula(site):
    client = site.client("kiem")
    document = json.loads(client.get("/log/export.json?agency=SYT").content)
    assert document["query"] == {"agency": "SYT"}
    assert document["as_of"].startswith("2017-07-28T11:00")
    assert document["rows"][0]["subject"].startswith("<script>")
    text = client.get("/log/export.csv").content.decode("utf-8-sig")
    assert text.startswith("as_of,2017-07-28T11:00")
    assert not re.search(r'(?m)(^|,)"?[=+@]', text)
    book = load_workbook(io.BytesIO(client.get("/log/export.xlsx?state=recorded").content))
    assert {cell.data_type for row in book["log"].iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert ("state", "recorded") in [tuple(c.value for c in row) for row in book["query"].iter_rows()]
    assert client.get("/log/export.exe").status_code == 404
    assert "attachment" in client.get("/log/export.csv").headers["content-disposition"]


def test_an_address_says_exactly_what_is_asked():
    wanted = Wanted.of({"text": "x y", "agency": "STC", "unknown": "z"})
    assert wanted.address() == "text=x+y&agency=STC"
    assert wanted.address(before="7") == "text=x+y&agency=STC&before=7"
    assert not Wanted.of({"before": "7"}).asks


# ---- the year, a range, the roster -----------------------------------------------------------------------------------


def test_the_calendar_of_a_year_is_taken_away_to_confirm(site):
    client = site.client("kiem")
    page = client.get("/periods?year=2017").text
    assert 'href="/periods/2017.xlsx"' in page
    sheet = client.get("/periods/2017.xlsx")
    assert load_workbook(io.BytesIO(sheet.content)).active.max_row > 20
    entries = client.get("/periods/2017.ics")
    assert entries.headers["content-type"].startswith("text/calendar")
    assert entries.text.count("BEGIN:VEVENT") > 20
    for wrong in ("/periods/2017.exe", "/periods/12.xlsx"):
        assert client.get(wrong).status_code == 404
    assert site.client("van").get("/periods/2017.xlsx").status_code == 403


def test_the_figures_of_a_range_of_periods_are_taken_away(site):
    client = site.client("kiem")
    assert 'action="/figures"' in client.get("/periods?year=2017").text
    asked = {"first": "weekly:2017-07-21", "last": "weekly:2017-07-28", "kind": "docx"}
    document = client.get("/figures", params=asked)
    assert "3.250" not in document.headers["content-disposition"]
    assert any(
        "28/7/2017" in p.text or "27/7/2017" in p.text for p in Document(io.BytesIO(document.content)).paragraphs
    )
    assert client.get("/figures", params=asked | {"first": asked["last"], "kind": "xlsx"}).status_code == 200
    for wrong in ({"kind": "exe"}, {"first": "weekly:2017-07-28", "last": "weekly:2017-07-21"}, {"first": "x"}):
        assert client.get("/figures", params=asked | wrong).status_code == 404, wrong


def test_the_roster_is_shown_as_of_any_day(site):
    client = site.client("kiem")
    said = text_of(client.get("/roster?day=2017-07-21").text)
    assert "Đang hiệu lực ngày 21/7/2017" in said
    assert "sotaichinh@tinh.example" in said
    assert "không nộp trực tiếp" in said
    assert "Không có dòng nào" in text_of(client.get("/roster?day=1999-01-01").text)
    assert client.get("/roster?day=x").status_code == 200


# ---- operation -------------------------------------------------------------------------------------------------------


def test_the_operator_sees_how_it_stands_and_nothing_of_any_report(site):
    client = site.client("van")
    page = client.get("/operation").text
    said = text_of(page)
    assert "Lần đọc hộp thư gần nhất" in said
    assert "weekly@" in said
    assert "stc@tinh.example" not in page
    assert 'href="/log' not in page
    for path in (
        "/log",
        "/review",
        "/periods",
        "/mail/1",
        "/mail/1/raw",
        "/agency/STC",
        "/log/export.csv",
        "/letter/1",
    ):
        assert client.get(path).status_code == 403, path
    assert client.get("/", follow_redirects=False).status_code in (303, 403)


def test_alarms_stand_in_words(site):
    start = site.clock.moment
    site.clock.moment = at("2017-07-29 11:00:00")
    try:
        assert "chưa đọc được hộp thư" in site.client("lan").get("/operation").text
    finally:
        site.clock.moment = start


def test_a_mail_nobody_could_open_is_not_said_to_have_no_subject(site):
    number = mail_of(site, "tin@khac.example")
    with site.desk.ledger.bare_write() as connection:
        unread = "UPDATE mail SET state = 'set_aside', reason = 'reader_crashed', subject = '' WHERE id = :id"
        connection.execute(text(unread), {"id": number})
    client = site.client("kiem")
    for path in (f"/mail/{number}", "/log"):
        page = client.get(path).text
        assert "(chưa đọc được tiêu đề)" in page
        assert "(thư không có tiêu đề)" not in page
