"""Report types are data: a quarter by its own form, a form shared by two types, a type with no form, one asked of a few agencies once."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from intake import wiring
from intake.rules.values import ReportType
from intake.understanding import spoken_type
from parsers.box import Box
from parsers.periods import stated_label
from tests.pipeline.world import HEADER, World, mail, monthly_docx

QUARTERLY = (Path(__file__).parents[1] / "year" / "quarterly.toml").read_text(encoding="utf-8")
TYPES = """
[[report]]
type = "quarterly"
every = "quarter"
form = "quarterly"
due = "before day 20"
[[report]]
type = "plan"
every = "once"
form = ""
due = "2017-07-30"
holiday = "fixed"
key = "ke-hoach-2017"
words = ["kế hoạch nâng cao chỉ số CCHC"]
title = "Kế hoạch nâng cao chỉ số CCHC năm 2017"
"""
ROSTER = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly;quarterly,2017-07-01,,\n"
    + "STC,Sở Tài chính,department,TINH,TINH,stc@tinh.example,STC,weekly;quarterly;plan,2017-07-01,,\n"
    + "SYT,Sở Y tế,department,TINH,TINH,syt@tinh.example,SYT,weekly;plan,2017-07-01,,\n"
)
REPORT = """SỞ TÀI CHÍNH
BÁO CÁO QUÝ VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH
QUÝ III/2017
- Tổng số hồ sơ đã tiếp nhận: 1.625
- Tổng số hồ sơ đã giải quyết: 1.615
- Hồ sơ trả đúng hạn: 1.595
- Hồ sơ quá hạn: 20
- Hồ sơ trả lại (tổ chức, cá nhân): 10
"""


@pytest.fixture
def office(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(wiring, "Box", Box)  # a worker of its own: it must know the office's own form
    world.roster, world.more = ROSTER, TYPES
    (world.folder / "forms").mkdir()
    (world.folder / "forms" / "quarterly.toml").write_text(QUARTERLY, encoding="utf-8")
    (world.folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    world.write_config()
    return world


def test_a_quarterly_report_goes_to_the_quarter_it_states_and_is_due_before_the_20th(office: World):
    """Seed 002: "trước ngày 20" of March, June, September, December: the last moment of the 19th."""
    office.tick("2017-09-01 09:00:00")
    office.deliver(mail(subject="Báo cáo quý III/2017", text=REPORT), "2017-09-19 23:59:59")
    office.poll("2017-09-20 00:01:00")
    board = office.board("quarterly:2017-Q3", "2017-09-20 00:02:00")
    assert board["due_at"] == "2017-09-19T23:59:59+07:00"
    assert {d["agency"]: d["class"] for d in board["dues"]} == {"SNV": "missing", "STC": "on_time"}


def test_a_type_without_a_form_is_met_by_the_file_itself_from_those_named_in_the_roster(office: World):
    """The plan's own "chậm nhất ngày 30/7/2017": no hour, end of day; asked of the agencies whose roster row says so."""
    office.tick("2017-07-29 09:00:00")
    plan = _plain_docx()
    office.deliver(
        mail(subject="V/v gửi tài liệu", files={"Kế hoạch nâng cao chỉ số CCHC.docx": plan}), "2017-07-30 23:59:59"
    )
    office.deliver(mail("syt@tinh.example", subject="Gửi văn bản", files={"QĐ 12.docx": plan}), "2017-07-30 08:00:00")
    office.poll("2017-07-31 00:01:00")
    assert office.classes("ke-hoach-2017", "2017-07-31 00:02:00") == {"STC": "on_time", "SYT": "missing"}
    answer = office.letters("stc@tinh.example")[-1]
    assert "Kế hoạch nâng cao chỉ số CCHC năm 2017" in answer.get_body(("plain",)).get_content()
    office.deliver(mail(subject="Gửi lại", files={"Kế hoạch nâng cao chỉ số CCHC.docx": plan}), "2017-07-31 08:00:00")
    office.poll("2017-07-31 08:01:00")
    assert office.log("2017-07-31 08:02:00")[0]["state"] == "duplicate"


SURVEY = """name = "survey"
version = "2017-09-01"
title = "Báo cáo khảo sát mức độ hài lòng"
titles = ["báo cáo khảo sát *"]
[[line]]
key = "issued"
kind = "count"
core = true
label = "Số phiếu phát ra"
labels = ["Số phiếu phát ra"]
[[line]]
key = "returned_sheets"
kind = "count"
core = true
label = "Số phiếu thu về"
labels = ["Số phiếu thu về"]
"""
MORE_TYPES = """
[[report]]
type = "half"
every = "half"
form = ""
due = "before day 20"
[[report]]
type = "yearly"
every = "year"
form = ""
due = "day 15 10:00"
[[report]]
type = "survey"
every = "once"
form = "survey"
due = "2017-10-05 17:00"
key = "khao-sat-2017"
words = ["khảo sát"]
title = "Báo cáo khảo sát mức độ hài lòng về CCHC"
"""
MORE_ROSTER = (
    HEADER
    + "STC,Sở Tài chính,department,TINH,TINH,stc@tinh.example,STC,half;yearly,2017-07-01,,\n"
    + "SYT,Sở Y tế,department,TINH,TINH,syt@tinh.example,SYT,survey;yearly,2017-07-01,,\n"
)


def test_half_years_years_and_a_survey_of_a_few_agencies_with_its_own_form_and_date(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wiring, "Box", Box)
    world.start, world.roster, world.more = "2017-09-25", MORE_ROSTER, MORE_TYPES
    (world.folder / "forms").mkdir()
    (world.folder / "forms" / "survey.toml").write_text(SURVEY, encoding="utf-8")
    (world.folder / "roster.csv").write_text(MORE_ROSTER, encoding="utf-8")
    world.write_config()
    world.tick("2017-09-25 08:00:00")
    assert world.board("khao-sat-2017", "2017-09-25 08:00:30")["not_yet_due"] == 1, "open long before its only day"
    world.poll("2017-10-04 14:00:00")
    world.tick("2017-10-04 14:00:30")
    (reminder,) = world.letters("syt@tinh.example")
    due = "thời hạn 17 giờ 00, thứ Năm, ngày 05/10/2017"
    assert str(reminder["Subject"]) == f"Nhắc gửi báo cáo khảo sát mức độ hài lòng về CCHC – {due}"
    survey = "SỞ Y TẾ\nBÁO CÁO KHẢO SÁT MỨC ĐỘ HÀI LÒNG\n- Số phiếu phát ra: 120\n- Số phiếu thu về: 100"
    world.deliver(mail("syt@tinh.example", "Báo cáo khảo sát", text=survey), "2017-10-05 17:00:00")
    world.poll("2017-10-05 17:01:00")
    now = "2017-10-05 17:02:00"
    board = world.board("khao-sat-2017", now)
    assert (board["due_at"], [(d["agency"], d["class"]) for d in board["dues"]]) == (
        "2017-10-05T17:00:00+07:00",
        [("SYT", "on_time")],
    )
    answer = world.letters("syt@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "ĐÚNG HẠN" in answer
    assert "thời điểm nhận. Nếu chưa đúng" not in answer, "there is no other period it could be of"
    (report,) = world.cchc("show", board["dues"][0]["receipt"], "--json", now=now).json["reports"]
    assert {key: figure["value"] for key, figure in report["figures"].items()} == {
        "issued": 120,
        "returned_sheets": 100,
    }
    plan = _plain_docx()
    both = {"Báo cáo 6 tháng cuối năm 2017.docx": plan, "Báo cáo năm 2017.docx": plan}
    world.deliver(mail(subject="Gửi báo cáo", files=both), "2017-12-15 10:00:01")
    world.poll("2017-12-15 10:02:00")
    now = "2017-12-15 10:03:00"
    half, year = world.board("half:2017-H2", now), world.board("yearly:2017", now)
    assert (half["due_at"], year["due_at"]) == ("2017-12-19T23:59:59+07:00", "2017-12-15T10:00:00+07:00")
    assert [(d["agency"], d["class"], d["arrived"]) for d in half["dues"]] == [("STC", "not_yet_due", "on_time")]
    assert [(d["agency"], d["class"]) for d in year["dues"]] == [("STC", "late"), ("SYT", "missing")]


def _plain_docx() -> bytes:
    from tests.year.paper import docx  # noqa: PLC0415 - only here

    return docx("KẾ HOẠCH\nNâng cao chỉ số cải cách hành chính năm 2017\nI. Mục đích, yêu cầu")


@pytest.mark.parametrize(
    ("text", "every", "label"),
    [
        ("BÁO CÁO QUÝ III/2017", "quarter", "2017-Q3"),
        ("bc quý 4 năm 2017.docx", "quarter", "2017-Q4"),
        ("Báo cáo quý V/2017", "quarter", None),
        ("Báo cáo 6 tháng đầu năm 2017", "half", "2017-H1"),
        ("Báo cáo 06 tháng cuối năm 2017", "half", "2017-H2"),
        ("Báo cáo năm 2017", "year", "2017"),
        ("ngày 21 tháng 7 năm 2017", "year", None),
        ("Báo cáo 6 tháng đầu năm 2017", "year", None),
        ("Báo cáo tháng 7/2017", "month", "2017-07"),
        ("Báo cáo tháng 13/2017", "month", None),
        ("Báo cáo tuần", "week", None),
    ],
)
def test_the_period_a_text_states(text: str, every: str, label: str | None):
    assert stated_label(text, every) == label


def test_what_a_name_speaks_of():
    types = [
        ReportType("weekly", "week", "weekly", "FRI 10:00"),
        ReportType("quarterly", "quarter", "", "before day 20"),
        ReportType("half", "half", "", "before day 20"),
        ReportType("plan", "once", "", "2017-07-30", words=("kế hoạch CCHC",)),
    ]
    assert spoken_type("BC quý III.docx", types) == "quarterly"
    assert spoken_type("Báo cáo 6 tháng đầu năm", types) == "half"
    assert spoken_type("Ke hoach CCHC.docx", types) == "plan"
    assert spoken_type("bao cao tuan 30", types) == "weekly"
    assert spoken_type("bao cao thang 7", types) is None


def test_a_roster_comes_as_a_workbook_too(world: World):
    book = Workbook()
    for line in world.roster.splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    book.active.append(
        ["SGD", "Sở Giáo dục", "department", "TINH", "TINH", "sgd@tinh.example", None, "weekly", "2017-07-01"]
    )
    target = world.folder / "moi.xlsx"
    book.save(target)
    world.tick("2017-07-17 09:00:00")
    told = world.cchc("roster", "diff", str(target), "--json", now="2017-07-18 09:00:00").json
    assert [(c["code"], c["what"]) for c in told["changes"]] == [("SGD", "added")]
    assert world.cchc("roster", "import", str(target), now="2017-07-18 09:01:00").code == 0
    assert "SGD" in world.cchc("roster", "list", now="2017-07-18 09:02:00").out
    (world.folder / "kein.xlsx").write_bytes(b"PK no workbook")
    assert world.cchc("roster", "diff", str(world.folder / "kein.xlsx"), now="2017-07-18 09:03:00").code == 2


def test_dues_of_a_period_already_open_stay_as_they_were_frozen(world: World):
    """Product: a due is "frozen when the period opens, changed only by logged events"."""
    world.tick("2017-07-17 09:00:00")
    more = world.folder / "moi.csv"
    more.write_text(
        world.roster + "SGD,Sở Giáo dục,department,TINH,TINH,sgd@tinh.example,,weekly,2017-07-01,,\n", encoding="utf-8"
    )
    world.cchc("roster", "import", str(more), now="2017-07-18 09:00:00")
    world.tick("2017-07-22 09:00:00")
    agencies = {
        key: {d["agency"] for d in world.board(key, "2017-07-22 09:01:00")["dues"]}
        for key in ("weekly:2017-07-21", "weekly:2017-07-28")
    }
    assert "SGD" not in agencies["weekly:2017-07-21"]
    assert "SGD" in agencies["weekly:2017-07-28"]


def test_a_report_asked_for_once_is_met_by_a_file_called_by_its_title(office: World):
    office.more = TYPES.replace('words = ["kế hoạch nâng cao chỉ số CCHC"]\n', "")
    office.write_config()
    office.tick("2017-07-29 09:00:00")
    named = {"Kế hoạch nâng cao chỉ số CCHC năm 2017.docx": _plain_docx()}
    office.deliver(mail(subject="V/v gửi tài liệu", files=named), "2017-07-30 09:00:00")
    office.poll("2017-07-30 09:01:00")
    assert office.classes("ke-hoach-2017", "2017-07-31 00:02:00")["STC"] == "on_time"


def test_of_types_with_one_form_the_reports_own_title_says_more_than_the_subject(world: World):
    world.roster = ROSTER.replace("weekly;quarterly,2017", "weekly;monthly;quarterly,2017")
    world.more = TYPES.partition('[[report]]\ntype = "plan"')[0].replace('form = "quarterly"', 'form = "monthly"')
    (world.folder / "roster.csv").write_text(world.roster, encoding="utf-8")
    world.write_config()
    world.tick("2017-09-01 09:00:00")
    files = {"BC CCHC.docx": monthly_docx(month="9/2017")}
    world.deliver(mail("snv@tinh.example", "Báo cáo CCHC tháng 9 và quý III năm 2017", files), "2017-09-18 09:00:00")
    world.poll("2017-09-18 09:01:00")
    (row,) = world.log("2017-09-18 09:02:00")
    assert [s["period"] for s in row["submissions"]] == ["monthly:2017-09"]


def test_a_report_of_a_half_year_is_no_report_of_the_week(world: World):
    raw = REPORT.replace("BÁO CÁO QUÝ VỀ", "BÁO CÁO\n").replace("QUÝ III/2017", "6 THÁNG ĐẦU NĂM 2017")
    world.deliver(mail(files={"BC CCHC.txt": raw.encode()}), "2017-07-20 09:00:00")
    assert world.poll("2017-07-20 09:01:00")["needs_review"] == 1
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:10:00")["STC"] == "in_review"
    told = world.letters("stc@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "ĐÃ NHẬN, ĐANG XEM XÉT" in told
    assert "6 THÁNG ĐẦU NĂM 2017" in told
