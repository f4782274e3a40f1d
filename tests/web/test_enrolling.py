"""A roster brought to the console: the differences first, then all of it or nothing, by a lead, a second one where the past changes."""

from __future__ import annotations

import html
import io
import re
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from intake.roster_file import roster_text
from intake.rules.roster_csv import WORDS
from intake.web.pages import t, texts
from storage.records import RosterVersion
from tests.pipeline.world import ROSTER
from tests.web.conftest import Site, token_of
from tests.web.test_board import text_of

NEW = (
    ROSTER.replace("Sở Y tế", "Sở Y tế và Dân số") + "STP,Sở Tư pháp,department,TINH,TINH,stp@tinh.example,,weekly,,,\n"
)
TODAY, YESTERDAY = "2017-07-28", "2017-07-27"


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """One console for the file."""
    return shared_site


@pytest.fixture(scope="module")
def signed_in(site: Site):
    """Everybody once: signing in is slow on purpose."""
    return {name: site.client(name) for name in ("lan", "mai", "binh", "kiem", "van")}


@pytest.fixture
def people(site: Site, signed_in):
    """The province with its own roster in force, whatever a test before imported."""
    with site.desk.write(site.desk.clock.now()) as tx:
        own = tx.rosters()[0]
        tx.import_roster(RosterVersion(own.csv, own.sha256, date.fromisoformat(TODAY)))
    return signed_in


def look(client, data: bytes | str = NEW, *, name: str = "moi.csv", effective: str = TODAY):
    raw = data.encode() if isinstance(data, str) else data
    return client.post(
        "/roster/import",
        data={"csrf": token_of(client), "action": "look", "effective": effective},
        files={"file": (name, raw, "text/csv")},
    )


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.rsplit("roster/import", maxsplit=1)[-1]
    )
    return {name: html.unescape(value) for name, value in found}


def carry_out(client, page: str, **more: str):
    data = fields_of(page) | {"action": "import", "reason": "Quyết định 12"} | more
    return client.post("/roster/import", data=data, follow_redirects=False)


def names(site: Site) -> set[str]:
    with site.console.ask() as q:
        return {row.name for row in site.desk.roster(q).agencies}


def proposal_of(site: Site):
    with site.console.ask() as q:
        return next(item for item in q.reviews() if item.detail.get("action") == "roster")


def test_the_differences_stand_first_and_nothing_is_written(site, people):
    before = names(site)
    said = text_of(look(people["lan"]).text)
    assert "Tệp moi.csv: 06 cơ quan, đơn vị, áp dụng từ 28/7/2017" in said
    assert "1 thêm 1 thay đổi 0 bỏ" in said
    assert "SYT Sở Y tế và Dân số Tên Sở Y tế Sở Y tế và Dân số" in said
    assert "STP Sở Tư pháp Thêm" in said
    assert names(site) == before


def test_a_lead_imports_what_was_looked_at_and_the_log_says_who_why_and_from_which_file(site, people):
    client = people["lan"]
    done = carry_out(client, look(client).text)
    assert done.headers["location"] == "/roster?done=imported&day=2017-07-28"
    assert "Sở Tư pháp" in names(site)
    said = text_of(client.get(done.headers["location"]).text)
    assert "Đã nhập danh sách" in said
    assert "Lan Quyết định 12 moi.csv" in said
    with site.console.ask() as q:
        entry = q.entry(q.rosters()[-1].seq)
    assert entry is not None
    assert entry.payload is not None
    assert (entry.payload["reason"], entry.payload["file"]) == ("Quyết định 12", "moi.csv")
    assert "không có gì thay đổi" in text_of(look(client).text)


def test_dues_of_open_periods_that_differ_are_shown_and_each_can_be_given_where_it_is_lacking(site, people):
    client = people["lan"]
    shown = look(client).text
    due = re.search(r'href="(/due/weekly:[\d-]+/STP)"', shown)
    assert due is not None
    assert "STP : phải nộp; chọn “Mở lại”" in text_of(shown)
    assert due[1] not in client.get("/roster").text
    carry_out(client, shown)
    page = client.get(due[1]).text
    assert "kỳ đã mở chưa có báo cáo này" in text_of(page)
    data = {"csrf": token_of(client), "action": "reopen", "reason": "Quyết định 12"}
    assert client.post(due[1], data=data, follow_redirects=False).headers["location"] == f"{due[1]}?done=done"
    assert "kỳ đã mở chưa có báo cáo này" not in text_of(client.get(due[1]).text)
    assert "STP : không còn phải nộp; chọn “Không thuộc diện”" in text_of(look(client, ROSTER).text)


@pytest.mark.parametrize(
    ("data", "name", "line", "why"),
    [
        (ROSTER.replace("snv@tinh.example", "snv"), "a.csv", "2", "cần địa chỉ thư đầy đủ"),
        (ROSTER.replace("hdt@tinh.example", "syt@tinh.example"), "a.csv", "5", "đã thuộc SYT (dòng 4)"),
        (ROSTER + 'AA,"Sở\n', "a.csv", "7", "dấu ngoặc kép"),
        (NEW.encode("utf-16"), "a.csv", "cả tệp", "không phải CSV mã UTF-8"),
        (b"PK\x03\x04 no workbook", "a.xlsx", "cả tệp", "bảng tính XLSX"),
    ],
)
def test_a_file_with_one_mistake_is_refused_whole_with_its_line_and_the_reason(site, people, data, name, line, why):
    before = names(site)
    answer = look(people["lan"], data, name=name)
    assert answer.status_code == 422
    said = text_of(answer.text)
    assert "Không có dòng nào được nhập" in said
    assert re.search(rf"Nội dung cần sửa {line} .*{re.escape(why)}", said)
    assert names(site) == before


def test_a_form_without_file_or_day_says_what_is_missing(site, people):
    client = people["lan"]
    answer = client.post("/roster/import", data={"csrf": token_of(client), "effective": TODAY})
    assert (answer.status_code, "Cần chọn tệp" in answer.text) == (422, True)
    assert "Cần ngày áp dụng" in look(client, effective="soon").text
    shown = look(client).text
    assert "Cần ghi lý do" in carry_out(client, shown, reason="").text
    assert "không còn nguyên vẹn" in carry_out(client, shown, packed="%%%").text
    assert client.post("/roster/import", content=b"x", headers={"Content-Length": str(9 << 20)}).status_code == 413


def test_what_a_secretary_brings_waits_for_a_lead(site, people):
    client = people["binh"]
    assert carry_out(client, look(client).text).headers["location"] == "/roster?done=proposed"
    assert "Sở Tư pháp" not in names(site)
    item, lead = proposal_of(site), people["lan"]
    said = text_of(lead.get(f"/review/{item.id}").text)
    assert "nhập danh sách đơn vị" in said
    assert "STP Sở Tư pháp Thêm" in said
    data = {"csrf": token_of(lead), "action": "confirm"}
    assert lead.post(f"/proposal/{item.id}", data=data, follow_redirects=False).status_code == 303
    assert "Sở Tư pháp" in names(site)
    assert "Binh xác nhận: Lan" in text_of(lead.get("/roster").text)


def test_a_roster_that_changes_the_past_needs_a_second_lead(site, people):
    client = people["lan"]
    page = look(client, effective=YESTERDAY).text
    assert "Cần một lãnh đạo phụ trách khác xác nhận" in page
    assert carry_out(client, page).headers["location"].endswith("proposed")
    item = proposal_of(site)
    own = client.post(f"/proposal/{item.id}", data={"csrf": token_of(client), "action": "confirm"})
    assert (own.status_code, "không thể tự xác nhận" in own.text) == (422, True)
    other = people["mai"]
    data = {"csrf": token_of(other), "action": "turn_down", "reason": "Chưa đủ căn cứ"}
    assert other.post(f"/proposal/{item.id}", data=data, follow_redirects=False).status_code == 303
    assert "Sở Tư pháp" not in names(site)


def test_two_who_looked_at_the_same_time_cannot_overwrite_each_other(site, people):
    one, two = people["lan"], people["mai"]
    first, second = look(one).text, look(two, ROSTER.replace("Sở Nội vụ", "Ban Nội vụ")).text
    proposed = look(people["binh"], ROSTER.replace("Sở Tài chính", "Ban Tài chính")).text
    carry_out(people["binh"], proposed)
    assert carry_out(one, first).status_code == 303
    late = carry_out(two, second)
    assert late.status_code == 409
    assert "so với danh sách mới nhất" in late.text
    assert "Ban Nội vụ" not in names(site)
    assert "STP Sở Tư pháp Bỏ" in text_of(late.text)
    assert "nên giữ dòng và ghi ngày kết thúc" in late.text
    item = proposal_of(site)
    data = {"csrf": token_of(two), "action": "confirm"}
    assert two.post(f"/proposal/{item.id}", data=data).status_code == 409
    assert "Ban Tài chính" not in names(site)
    assert carry_out(two, late.text).status_code == 303, "looked at again, it may be imported"
    assert "Ban Nội vụ" in names(site)
    two.post(f"/proposal/{item.id}", data=data | {"action": "turn_down"})


def test_a_report_type_nobody_configured_and_a_later_roster_are_named(site, people):
    client = people["lan"]
    said = text_of(look(client, NEW.replace(",weekly,", ",weekli,")).text)
    assert "Loại báo cáo “weekli” chưa có trong cấu hình, sẽ không được yêu cầu: STP." in said
    carry_out(client, look(client, effective="2017-09-01").text)
    assert "Chỉ áp dụng đến trước ngày 01/9/2017" in look(client, NEW.replace("Tư pháp", "Pháp chế")).text


def test_the_roster_taken_away_is_the_one_brought_back(site, people):
    client = people["kiem"]
    sheet = client.get("/roster/file.xlsx?day=2017-07-21")
    assert "danh-sach-don-vi-2017-07-21.xlsx" in sheet.headers["content-disposition"]
    lead = people["lan"]
    assert "không có gì thay đổi" in text_of(look(lead, sheet.content, name="a.xlsx", effective="2017-07-21").text)


def test_what_looks_like_a_formula_stays_text_in_the_sheet_and_comes_back_as_it_was():
    from notifier.roster_sheet import roster_workbook  # noqa: PLC0415

    text = ROSTER.replace("Sở Nội vụ", "=1+1")
    cells = {
        cell.value: cell.data_type for row in load_workbook(io.BytesIO(roster_workbook(text))).active for cell in row
    }
    assert cells["=1+1"] == "s"
    assert "=1+1" in roster_text("a.xlsx", roster_workbook(text))


def test_a_row_of_the_sheet_is_the_line_that_is_named(site, people):
    book = Workbook()
    for row in (ROSTER.splitlines()[0].split(","), [], [], ["SNV", "Sở Nội vụ", "", "", "", "snv"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert "Nội dung cần sửa 4 Cột addresses" in text_of(look(people["lan"], out.getvalue(), name="a.xlsx").text)


def test_an_auditor_and_an_operator_import_nothing_and_see_no_button(site, people):
    assert "/roster/import" not in people["kiem"].get("/roster").text
    for name in ("kiem", "van"):
        assert people[name].get("/roster/import").status_code == 403
        assert look(people[name]).status_code == 403


def test_every_mistake_of_a_roster_is_said_in_vietnamese():
    told = texts()["roster_problem"]
    assert set(told) == set(WORDS)
    blanks = {code: set(re.findall(r"{(\w+)}", words)) for code, words in WORDS.items()}
    for code, words in told.items():
        assert set(re.findall(r"{(\w+)}", words)) <= blanks[code], code
    assert t("roster_problem.name_empty") == "Chưa có tên cơ quan."
