"""Progress on the plan's tasks (plan 121/KH-UBND, "Danh mục"): by mail, kept from month to month, with what is past its date."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from intake import wiring
from intake.config import load
from intake.web.access import hashed
from intake.web.server import console_of
from intake.wiring import MovableClock, open_desk, open_reader_ledger
from parsers.box import Box
from tests.parsers.test_task_list import HEAD, docx, plan, progress
from tests.pipeline.test_loop import plain
from tests.pipeline.world import HEADER, World, at, mail, monthly_docx
from tests.web.conftest import PASSWORD, Site
from tests.web.test_board import text_of

TYPE = """
[[report]]
type = "tasks"
every = "month"
form = "tasks"
due = "last FRI 10:00"
[forms]
folder = "forms"
"""
ROSTER = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,monthly;tasks,2017-07-01,,\n"
    + "STP,Sở Tư pháp,department,TINH,TINH,stp@tinh.example,STP,tasks,2017-07-01,,\n"
)
JULY, AUGUST, SEPTEMBER = "tasks:2017-07", "tasks:2017-08", "tasks:2017-09"
FORMS = Path(wiring.__file__).parents[1] / "parsers" / "forms"


@pytest.fixture
def office(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An office that asks for progress and gives three tasks of the plan as its own list."""
    monkeypatch.setattr(wiring, "Box", Box)  # a worker of its own: it must know the office's own form
    own = (FORMS / "tasks.toml").read_text(encoding="utf-8")
    for number, task, lead, due in plan("1.3", "2.1", "8.6"):
        own += f'\n[[task]]\nnumber = "{number}"\ntask = "{task}"\nlead = "{lead}"\ndue = "{due}"\n'
    (world.folder / "forms").mkdir()
    (world.folder / "forms" / "tasks.toml").write_text(own, encoding="utf-8")
    world.roster, world.more = ROSTER, TYPE
    (world.folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    world.write_config()
    world.tick("2017-07-17 08:00:00")
    return world


def send(office: World, when: str, sender: str, rows: list[tuple[str, ...]], month: str, name: str) -> None:
    title = f"BÁO CÁO TIẾN ĐỘ THỰC HIỆN NHIỆM VỤ CCHC THÁNG {month}"
    file = docx(rows, HEAD, title, name)
    office.deliver(mail(f"{sender}@tinh.example", f"Tiến độ {month}", {"Tiến độ.docx": file}), f"{when} 09:00:00")
    office.poll(f"{when} 10:01:00")
    office.tick(f"{when} 10:06:00")


def shown(office: World, key: str, now: str, *more: str) -> dict:
    return office.board(key, now, *more)["tasks"]


def test_progress_is_kept_from_month_to_month_with_what_is_past_its_date(office: World):
    july = progress(s1_3="Đang thực hiện", s1_4="Chưa triển khai", s1_1="Đang thực hiện")
    send(office, "2017-07-28", "snv", july, "7/2017", "SỞ NỘI VỤ")
    assert office.classes(JULY, "2017-07-28 10:07:00") == {"SNV": "on_time", "STP": "missing"}
    first = shown(office, JULY, "2017-07-28 10:07:00")
    assert {n: first[n] for n in ("tasks", "done", "under_way", "not_begun", "unreported", "overdue")} == {
        "tasks": 5, "done": 0, "under_way": 2, "not_begun": 1, "unreported": 2, "overdue": 0
    }  # fmt: skip
    send(office, "2017-08-25", "stp", progress(s2_6="Hoàn thành 100%"), "8/2017", "SỞ TƯ PHÁP")
    send(office, "2017-09-29", "snv", progress(s1_4="Đã hoàn thành"), "9/2017", "SỞ NỘI VỤ")
    now = "2017-10-02 08:00:00"
    found = shown(office, SEPTEMBER, now)
    rows = {(one["number"], one["agency"]): one for one in found["rows"]}
    assert [(n, a, rows[n, a]["state"], rows[n, a]["period"], rows[n, a]["overdue"]) for n, a in rows] == [
        ("1.1", "SNV", "under_way", JULY, False),
        ("1.3", "SNV", "under_way", JULY, True),
        ("1.4", "SNV", "done", SEPTEMBER, False),
        ("2.1", "", "", "", False),
        ("2.6", "STP", "done", AUGUST, False),
        ("8.6", "SNV", "", "", True),
    ]
    assert rows["1.4", "SNV"]["since"] == JULY
    assert found["tasks"] == found["done"] + found["under_way"] + found["unreported"]
    then = shown(office, JULY, now, "--as-of", "2017-07-28T10:07:00+07:00")
    assert then == first, "as of then it is what it was then"
    said = office.cchc("board", SEPTEMBER, now=now).out
    assert "6 tasks = 2 done + 2 under_way + 0 not_begun + 0 unclear + 2 unreported; 2 overdue" in said
    subjects = {str(x["Subject"]): plain(x) for x in office.letters("thuky@tinh.example")}
    digest = next(text for subject, text in subjects.items() if "tiến độ nhiệm vụ CCHC tháng 9/2017" in subject)
    assert not [subject for subject in subjects if "báo cáo tuần" in subject], (
        "nobody owes it: there is nothing to tell"
    )
    assert "Tổng số 06 nhiệm vụ = 02 đã hoàn thành + 02 đang thực hiện" in digest
    assert (
        "1. 31/8/2017, Sở Nội vụ: 1.3. Tham mưu kiểm tra CCHC tại các cơ quan, đơn vị (đang thực hiện, theo báo cáo tháng 7/2017)."
        in digest
    )
    assert "8.6. Thành lập Tổ nghiên cứu xây dựng Đề án Trung tâm Hành chính công (chưa có báo cáo)." not in digest
    exported(office, now)
    on_the_console(office, now)


def on_the_console(office: World, now: str) -> None:
    """The same on a page of its own, with filters."""
    settings = load(office.folder / "config.toml", {})
    clock = MovableClock(at(now))
    with open_desk(settings, clock.clock(), lock=False) as desk, open_reader_ledger(settings) as reader:
        with desk.write(desk.clock.now()) as tx:
            tx.add_account("kiem", "Kiem", "auditor", hashed(PASSWORD))
        client = Site(office, console_of(desk, reader, lambda _mail: None), desk, clock).client("kiem")
        page = client.get(f"/tasks/{SEPTEMBER}").text
        assert f'href="/tasks/{SEPTEMBER}"' in client.get(f"/board/{SEPTEMBER}").text
        assert f'href="/tasks/{SEPTEMBER}"' in client.get(f"/period/{SEPTEMBER}").text
        late = text_of(client.get(f"/tasks/{SEPTEMBER}?state=overdue").text)
        mine = text_of(client.get(f"/tasks/{SEPTEMBER}?agency=STP").text)
    assert "Tổng số 06 nhiệm vụ = 02 đã hoàn thành + 02 đang thực hiện" in text_of(page)
    assert page.count("<tr>") == 7
    (row,) = [row for row in page.split("<tr>") if "<td>1.3</td>" in row]
    for words in ("Sở Nội vụ", "31/8/2017", "đang thực hiện", "quá thời gian", "Tháng 7/2017"):
        assert words in text_of(row), words
    assert "1.3" in late
    assert "1.4" not in late
    assert "2.6" in mine
    assert "1.3" not in mine


def exported(office: World, now: str) -> None:
    """The same in the workbook and the Word report."""
    book, document = office.folder / "out.xlsx", office.folder / "out.docx"
    assert office.cchc("export", SEPTEMBER, "--xlsx", str(book), "--docx", str(document), now=now).code == 0
    page = [[cell.value for cell in row] for row in load_workbook(book)["Nhiệm vụ"].iter_rows()]
    (late,) = [row for row in page if row[0] == "1.3"]
    assert (late[2], late[5], late[7], late[8]) == ("Sở Nội vụ", "đang thực hiện", "tháng 7/2017", "quá thời gian")
    tables = Document(str(document)).tables
    cells = [[cell.text for cell in row.cells] for table in tables for row in table.rows]
    assert ["1.4", plan("1.4")[0][1], "Sở Nội vụ", "Tháng 9/2017", "đã hoàn thành"] in cells


def test_the_list_behind_the_monthly_report_is_a_report_of_its_own_and_its_findings_are_answered(office: World):
    rows = progress(s1_3="Sở đã ban hành kế hoạch", s1_4="Đang thực hiện")
    document = Document(io.BytesIO(docx(rows, HEAD, "Danh mục nhiệm vụ kèm theo")))
    monthly = Document(io.BytesIO(monthly_docx("SỞ NỘI VỤ", "7/2017")))
    first = document.paragraphs[0]
    for paragraph in monthly.paragraphs:
        first.insert_paragraph_before(paragraph.text)
    out = io.BytesIO()
    document.save(out)
    file = {"Báo cáo tháng 7.docx": out.getvalue()}
    office.deliver(mail("snv@tinh.example", "Báo cáo tháng 7/2017", file), "2017-07-28 09:00:00")
    office.poll("2017-07-28 10:01:00")
    now = "2017-07-28 10:07:00"
    assert office.classes(JULY, now)["SNV"] == office.classes("monthly:2017-07", now)["SNV"] == "on_time"
    found = shown(office, JULY, now)
    assert (found["unclear"], found["under_way"], found["done"]) == (1, 1, 0), "what is not clear is not done"
    letter = plain(office.letters("snv@tinh.example")[-1])
    assert "[T03]" in letter
    assert "1.3 (Sở đã ban hành kế hoạch)" in letter
    assert "Số nhiệm vụ được báo cáo: 2" in letter
    assert "Nhiệm vụ đã đọc (02)" in letter
    assert 'chưa rõ tiến độ ("Sở đã ban hành kế hoạch"); thời gian hoàn thành 31/8/2017' in letter
    assert "1.4. " in letter
    again = mail("snv@tinh.example", "Giải trình [CCHC-tasks201707-M-SNV-r1]", text="T03: đang thực hiện")
    office.deliver(again, "2017-07-28 11:00:00")
    office.poll("2017-07-28 11:01:00")
    assert "Giải trình đã ghi nhận" in plain(office.letters("snv@tinh.example")[-1]), (
        "a receipt of its own type is known"
    )


def test_where_nobody_asks_for_progress_such_a_table_is_an_enclosure(world: World):
    world.tick("2017-07-17 08:00:00")
    file = docx(progress(s1_3="Đang thực hiện"))
    world.deliver(mail(subject="Gửi tài liệu", files={"Danh mục.docx": file}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 09:01:00")
    (row,) = world.log("2017-07-21 09:02:00")
    assert [part["outcome"] for part in row["parts"]] == ["enclosure"]
    assert row["submissions"] == []
