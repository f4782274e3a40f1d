"""Progress on the plan's list of tasks: known by its head, a row a task, no state and no date by guess.

The tasks are rows of the "Danh mục" of Plan 121/KH-UBND of 19/7/2017 (tests/corpus/tasks.csv); their progress is made up.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from parsers.as_json import report_json
from parsers.extract import extract
from parsers.form import load_forms
from parsers.readers import read_document
from parsers.task_list import ROWS_MAX, due_day, state_of
from parsers.values import Hints, Report
from tests.parsers.from_json import report_from_json

PLAN = Path(__file__).parents[1] / "corpus" / "tasks.csv"
FORMS = load_forms()
FORM = FORMS.get("tasks")
HEAD = (
    "Số TT",
    "Nội dung công việc",
    "Cơ quan chủ trì",
    "Cơ quan phối hợp",
    "Thời gian hoàn thành chậm nhất",
    "Tiến độ",
)


def plan(*numbers: str) -> list[tuple[str, ...]]:
    """Rows of the plan: number, task, lead, due."""
    with PLAN.open(encoding="utf-8", newline="") as file:
        rows = {row[0]: tuple(row) for row in csv.reader(file)}
    return [rows[number] for number in numbers]


def progress(**states: str) -> list[tuple[str, ...]]:
    """Rows of a progress table: the plan's, with how far each is; ``s1_3`` is number 1.3."""
    told = {number.removeprefix("s").replace("_", "."): said for number, said in states.items()}
    return [(n, task, lead, "", due, told[n]) for n, task, lead, due in plan(*told)]


def docx(
    rows: list[tuple[str, ...]], head: tuple[str, ...] = HEAD, title: str = "", office: str = "SỞ NỘI VỤ"
) -> bytes:
    document = Document()
    for line in (office, "Số: 12/BC-SNV", title or "BÁO CÁO TIẾN ĐỘ THỰC HIỆN NHIỆM VỤ CCHC THÁNG 9/2017"):
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=len(head))
    for row in (head, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def reports(data: bytes, name: str = "tien do.docx") -> tuple[Report, ...]:
    found = read_document(data, name.rpartition(".")[2])
    return extract(found, FORMS, Hints(received=date(2017, 9, 29)))


ROWS = progress(
    s1="", s1_3="Đã hoàn thành", s1_4="Đang thực hiện", s8_6="Chưa triển khai", s8_3="Hoàn thành 80%", s8_5=""
)


def test_a_row_is_a_task_with_its_agency_its_last_day_and_how_far_it_is():
    (report,) = reports(docx(ROWS))
    assert (report.type, report.agency_text, report.window.month) == ("tasks", "SỞ NỘI VỤ", "2017-09")
    assert [(row.number, row.due, row.state) for row in report.rows] == [
        ("1.3", date(2017, 8, 31), "done"),
        ("1.4", date(2017, 9, 30), "under_way"),
        ("8.6", date(2017, 9, 30), "not_begun"),
        ("8.3", date(2017, 12, 31), "under_way"),
        ("8.5", None, "blank"),
    ]
    assert report.rows[0].lead == "Sở Nội vụ"
    assert (report.rows[0].place.table, report.rows[0].place.row) == (1, 3)
    values = {figure.key: figure.value for figure in report.figures}
    assert values == {"tasks": 5, "tasks_done": 1, "tasks_under_way": 2, "tasks_not_begun": 1}
    assert [(found.code, found.severity) for found in report.findings] == [("T02", "warning")]
    assert "8.5" in report.findings[0].message
    assert report_from_json(report_json(report)) == report


def test_a_sheet_of_tasks_is_read_alike():
    book = Workbook()
    for row in (("SỞ NỘI VỤ",), ("TIẾN ĐỘ THÁNG 9/2017",), (), HEAD, *ROWS):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    (report,) = reports(out.getvalue(), "tien do.xlsx")
    assert (report.agency_text, report.window.month) == ("SỞ NỘI VỤ", "2017-09")
    assert [row.number for row in report.rows] == ["1.3", "1.4", "8.6", "8.3", "8.5"]


def test_a_list_behind_the_monthly_report_is_a_report_of_its_own_for_the_same_month():
    document = Document(io.BytesIO(docx(ROWS, title="Danh mục nhiệm vụ kèm theo")))
    body = document.paragraphs[0]
    for line in (
        "SỞ NỘI VỤ",
        "BÁO CÁO",
        "Công tác cải cách hành chính tháng 8/2017",
        "- Tổng số hồ sơ đã tiếp nhận: 1.625",
        "- Tổng số hồ sơ đã giải quyết: 1.615",
        "- Hồ sơ trả đúng hạn: 1.595",
        "- Hồ sơ quá hạn: 20",
        "- Hồ sơ trả lại (tổ chức, cá nhân): 10",
    ):
        body.insert_paragraph_before(line)
    out = io.BytesIO()
    document.save(out)
    monthly, tasks = reports(out.getvalue())
    assert (monthly.type, monthly.figure("received").value) == ("monthly", 1625)
    assert (tasks.type, tasks.n, tasks.window.month, len(tasks.rows)) == ("tasks", 2, "2017-08", 5)


def test_the_plan_that_prescribes_the_list_is_no_report_on_it():
    bare = [(n, task, lead, "", due, "") for n, task, lead, due in plan("1.3", "1.4")]
    assert reports(docx(bare, title="KẾ HOẠCH", office="UBND TỈNH")) == ()
    without = [row[:5] for row in ROWS]
    assert reports(docx(without, HEAD[:5], title="DANH MỤC NHIỆM VỤ")) == (), "without a column for progress it is none"


def test_a_narrow_table_behind_a_list_whose_numbers_stand_last_breaks_nothing():
    head = ("Nội dung công việc", "Cơ quan chủ trì", "Tiến độ", "STT")
    document = Document(io.BytesIO(docx([("Việc một", "Sở Nội vụ", "Đang thực hiện", "1")], head)))
    document.add_table(rows=1, cols=2).cell(0, 0).text = "2"
    out = io.BytesIO()
    document.save(out)
    (report,) = reports(out.getvalue())
    assert [(row.number, row.task, row.due) for row in report.rows] == [("1", "Việc một", None)]


def test_only_so_many_rows_are_read():
    rows = [(str(n), f"Việc {n}", "Sở Nội vụ", "", "", "Đang thực hiện") for n in range(ROWS_MAX + 5)]
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    (report,) = reports(out.getvalue(), "tien do.xlsx")
    assert len(report.rows) == ROWS_MAX


def test_a_table_goes_on_behind_a_page_break_and_other_tables_do_not():
    document = Document(io.BytesIO(docx(ROWS[:2])))
    second = document.add_table(rows=0, cols=6)
    for row in ROWS[3:5]:
        for cell, text in zip(second.add_row().cells, row, strict=True):
            cell.text = text
    other = document.add_table(rows=2, cols=2)
    other.cell(0, 0).text = "1"
    narrow = document.add_table(rows=2, cols=1)
    narrow.cell(0, 0).text = "1"
    out = io.BytesIO()
    document.save(out)
    (report,) = reports(out.getvalue())
    assert [row.number for row in report.rows] == ["1.3", "8.6", "8.3"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Đã hoàn thành", "done"),
        ("hoàn thành ngày 15/8/2017", "done"),
        ("Hoàn thành 100%", "done"),
        ("Chưa hoàn thành", "under_way"),
        ("hoàn thành 80%", "under_way"),
        ("đã hoàn thành 3/5 đơn vị", "unclear"),
        ("2/5", "under_way"),
        ("Đang trình UBND tỉnh", "under_way"),
        ("Cơ bản hoàn thành", "under_way"),
        ("Dự kiến hoàn thành trong tháng 9", "under_way"),
        ("Đã hoàn thành dự thảo, chưa triển khai", "unclear"),
        ("Chưa thực hiện", "not_begun"),
        ("0%", "not_begun"),
        ("Sở đã ban hành văn bản số 12/SNV", "unclear"),
        ("Đạt", "unclear"),
        ("", "blank"),
        ("…", "blank"),
    ],
)
def test_what_says_two_things_or_nothing_known_is_never_done_by_guess(said: str, state: str):
    assert state_of(said, FORM) == state


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2017", date(2017, 12, 31)),
        ("Tháng 8/2017", date(2017, 8, 31)),
        ("Quý III/2017", date(2017, 9, 30)),
        ("Năm 2017", date(2017, 12, 31)),
        ("Năm 2017-2018", date(2018, 12, 31)),
        ("6 tháng đầu năm 2018", date(2018, 6, 30)),
        ("Thường xuyên", None),
        ("Theo quy định", None),
        ("Tháng 13/2017", None),
        ("", None),
    ],
)
def test_the_last_day_a_due_date_names(text: str, day: date | None):
    assert due_day(text) == day


def test_what_is_past_its_date_is_asked_about_and_a_date_nobody_understands_is_told():
    rows = [
        ("1", "Việc một", "Sở Nội vụ", "", "Tháng 8/2017", "Đang thực hiện"),
        ("2", "Việc hai", "", "", "T13/2017", "Xong"),
    ]
    (report,) = reports(docx(rows))
    found = {one.code: one.message for one in report.findings}
    assert set(found) == {"T03", "T04", "T05"}
    assert "2 (Xong)" in found["T03"]
    assert "2 (T13/2017)" in found["T04"]
    assert "1 (Tháng 8/2017)" in found["T05"]
    (empty,) = reports(docx([]))
    assert [one.code for one in empty.findings] == ["T01"]
