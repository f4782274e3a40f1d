"""Consolidated figures: the workbook and the official report, from outside: what is in them, what is missing, what links where."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.pipeline.world import FIGURES, World, mail, monthly_docx, weekly_docx

WEEK, BEFORE = "weekly:2017-07-28", "weekly:2017-07-21"


def province(world: World) -> None:
    """Two weeks of four agencies and a month: one always missing, one late, one with a formula for a name of a file."""
    world.tick("2017-07-17 00:05:00")
    for day, window, more in (
        ("21", "từ ngày 14/7 đến ngày 20/7/2017", 0),
        ("28", "từ ngày 21/7 đến ngày 27/7/2017", 10),
    ):
        for n, (code, name) in enumerate((("STC", "SỞ TÀI CHÍNH"), ("SYT", "SỞ Y TẾ"), ("HDT", "UBND HUYỆN ĐẠI TỪ"))):
            if code == "HDT" and day == "21":
                continue
            figures = tuple(int(v) + more + n for v in FIGURES)
            said = "Không có khó khăn, vướng mắc gì." if code == "HDT" else "Công tác CCHC được triển khai nghiêm túc."
            report = weekly_docx(name, window, figures, number=f"{day}/BC-{code}", assessment=said)
            world.deliver(
                mail(f"{code.lower()}@tinh.example", files={"bc.docx": report}), f"2017-07-{day} 0{8 + n // 2}:30:00"
            )
        world.poll(f"2017-07-{day} 10:01:00")
        world.tick(f"2017-07-{day} 10:06:00")


def sheets(world: World, span: str, now: str = "2017-07-28 10:30:00") -> dict[str, list[list[object]]]:
    target = world.folder / "out.xlsx"
    assert world.cchc("export", span, "--xlsx", str(target), now=now).code == 0
    return {
        page.title: [[cell.value for cell in row] for row in page.iter_rows()]
        for page in load_workbook(target).worksheets
    }


def test_cumulative_figures_are_shown_and_added_to_nothing_in_the_digest_as_in_the_export(world: World):
    world.tick("2017-07-17 00:05:00")
    plain = weekly_docx("SỞ Y TẾ", number="2/BC-SYT")
    since_january = weekly_docx(figures=("1.625 (lũy kế từ đầu năm: 40.000)", *FIGURES[1:]))
    only = weekly_docx("SỞ NỘI VỤ", figures=("lũy kế từ đầu năm 40.000", *FIGURES[1:]), number="3/BC-SNV")
    for sender, file in (("syt", plain), ("stc", since_january), ("snv", only)):
        world.deliver(mail(f"{sender}@tinh.example", files={"bc.docx": file}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    (digest,) = world.letters("thuky@tinh.example")
    text = digest.get_body(("plain",)).get_content()
    told = json.loads(world.cchc("export", BEFORE, "--json", now="2017-07-21 10:07:00").out)["types"][0]["totals"]
    assert (told["received"]["value"], told["received"]["n"], told["received"]["expected"]) == (3250, 2, 4)
    assert "tiếp nhận 3.250" in text
    groups = json.loads(world.cchc("export", BEFORE, "--json", now="2017-07-21 10:08:00").out)["types"][0]["groups"]
    levels = {g["name"]: (g["agencies"], g["classes"]["missing"], g["sums"]["received"]) for g in groups}
    assert levels["department"] == (3, 0, {"value": 3250, "n": 2, "expected": 3})
    assert levels["district"] == (1, 1, {"value": None, "n": 0, "expected": 1}), "missing is missing, never 0"


def row_of(rows: list[list[object]], name: str, column: int = 1) -> list[object]:
    return next(row for row in rows if row[column] == name)


def test_the_digest_brings_the_workbook_and_the_official_report(world: World):
    province(world)
    digest = [x for x in world.letters("thuky@tinh.example") if "28/7/2017" in str(x["Subject"])][-1]
    names = [part.get_filename() or "" for part in digest.iter_attachments()]
    assert [name.rpartition(".")[2] for name in names] == ["xlsx", "xlsx", "docx"]
    report = list(digest.iter_attachments())[-1].get_payload(decode=True)
    assert "4.908" in "\n".join(p.text for p in Document(io.BytesIO(report)).paragraphs)
    assert "báo cáo theo mẫu (.docx)" in digest.get_body(("plain",)).get_content()


def test_the_workbook_adds_up_shows_what_is_missing_and_links_every_figure_to_its_receipt(world: World):
    province(world)
    book = sheets(world, WEEK)
    page = book["Báo cáo tuần"]
    assert row_of(page, "Sở Nội vụ")[3] == "Chưa nhận"
    assert row_of(page, "Sở Nội vụ")[5:10] == ["–"] * 5, "missing is shown as missing, never as 0"
    assert row_of(page, "Sở Y tế")[5] == 1636
    assert row_of(page, "Toàn tỉnh")[5] == 1635 + 1636 + 1637
    assert row_of(page, "Số báo cáo có số liệu/phải nộp")[5] == "3/4"
    assert row_of(page, "Kỳ trước")[5] == 1625 + 1626
    assert row_of(page, "So với kỳ trước")[5] == "–", "two sums of different agencies are not compared"
    overview = [str(cell) for row in book["Tổng quan"] for cell in row if cell]
    assert "Số báo cáo" in overview
    assert any(said.startswith("So với kỳ trước: chỉ tính khi mọi cơ quan") for said in overview), "what the dash means"
    names = [row[1] for row in page if isinstance(row[0], int)]
    assert names == ["Sở Nội vụ", "Sở Tài chính", "Sở Y tế", "UBND huyện Đại Từ"], "in the order of the roster"
    assert any("CHƯA ĐẦY ĐỦ" in str(row[0]) and "Sở Nội vụ" in str(row[0]) for row in page)
    loaded = load_workbook(world.folder / "out.xlsx")
    at = next(r for r in range(1, 40) if loaded["Báo cáo tuần"].cell(r, 2).value == "Sở Y tế")
    link = loaded["Báo cáo tuần"].cell(at, 6).hyperlink.location
    sheet, cell = link.replace("'", "").split("!")
    number = loaded[sheet][cell].row
    assert loaded[sheet].cell(number, 2).value == "CCHC-20170728-W-SYT-r1"
    assert loaded[sheet].cell(number, 3).value == "Sở Y tế"
    assert len(loaded["Tổng quan"]._charts) == 2


def test_the_official_report_has_the_forms_lines_the_texts_by_agency_and_the_missing(world: World):
    province(world)
    target = world.folder / "out.docx"
    assert world.cchc("export", WEEK, "--docx", str(target), now="2017-07-28 10:30:00").code == 0
    text = "\n".join(p.text for p in Document(target).paragraphs)
    assert "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH" in text
    assert "- Tổng số hồ sơ đã tiếp nhận: 4.908 (3/4 đơn vị có số liệu)" in text
    assert "540/600 (đạt 90,0%; 3/4 đơn vị có số liệu)" in text
    assert (
        "Sở Y tế: Công tác CCHC được triển khai nghiêm túc.\nKhông có nội dung phát sinh (01): UBND huyện Đại Từ."
        in text
    )
    assert "Chưa nhận được báo cáo (01):\n1. Sở Nội vụ" in text
    assert "mức độ 3: chưa có số liệu (0/4 đơn vị)" in text


def test_a_range_pools_sums_and_never_averages(world: World):
    province(world)
    book = sheets(world, f"{BEFORE}..{WEEK}")
    page = book["Báo cáo tuần"]
    assert row_of(page, "Toàn tỉnh")[5] == 1625 + 1626 + 1635 + 1636 + 1637
    assert row_of(page, "Số báo cáo có số liệu/phải nộp")[5] == "5/8"
    assert row_of(page, "UBND huyện Đại Từ")[3] == "1/2"
    assert page[1][0] == "BẢNG TỔNG HỢP SỐ LIỆU BÁO CÁO TUẦN TỪ KỲ NGÀY 21/7/2017 ĐẾN KỲ NGÀY 28/7/2017"
    target = world.folder / "range.docx"
    assert world.cchc("export", f"{BEFORE}..{WEEK}", "--docx", str(target), now="2017-07-28 10:31:00").code == 0
    text = "\n".join(p.text for p in Document(target).paragraphs)
    assert "8.159 (5/8 báo cáo có số liệu)" in text, "of two weeks eight reports were due, not eight agencies"
    periods = book["Theo kỳ"]
    assert row_of(periods, "kỳ ngày 21/7/2017", 0)[2:4] == [4, 2]
    levels = book["Theo cấp, nhóm"]
    assert row_of(levels, "Cấp: UBND cấp huyện", 0)[1:5] == [1, 1, 2, "50,0% (1/2)"]


def test_a_month_has_a_sheet_for_each_report_type(world: World):
    province(world)
    world.deliver(mail(files={"thang.docx": monthly_docx()}, subject="Báo cáo tháng"), "2017-07-28 09:59:00")
    world.poll("2017-07-28 10:20:00")
    book = sheets(world, "2017-07")
    assert {"Tổng quan", "Báo cáo tuần", "Báo cáo tháng", "Nguồn số liệu"} <= book.keys()
    titles = [book[name][1][0] for name in ("Tổng quan", "Báo cáo tuần", "Báo cáo tháng")]
    told = ("BÁO CÁO CCHC, THÁNG 7/2017", "BÁO CÁO TUẦN, THÁNG 7/2017", "BÁO CÁO CCHC THÁNG 7/2017")
    assert titles == [f"BẢNG TỔNG HỢP SỐ LIỆU {name}" for name in told]
    assert row_of(book["Báo cáo tháng"], "Số báo cáo có số liệu/phải nộp")[-1] == "1/4"


def test_when_nobody_has_reported_everything_says_so(world: World):
    world.tick("2017-07-17 00:05:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    assert row_of(sheets(world, BEFORE, "2017-07-21 10:30:00")["Báo cáo tuần"], "Toàn tỉnh")[5] == "–"
    target = world.folder / "out.docx"
    assert world.cchc("export", BEFORE, "--docx", str(target), now="2017-07-21 10:30:00").code == 0
    text = "\n".join(p.text for p in Document(target).paragraphs)
    assert "Tổng số hồ sơ đã tiếp nhận: chưa có số liệu (0/4 đơn vị)" in text
    assert "Chưa có báo cáo." in text
    assert "không nêu nội dung" not in text, "who sent nothing did not leave anything out"


def test_the_figures_of_a_moment_can_be_had_a_year_later_byte_for_byte(world: World):
    province(world)
    first, again = world.folder / "a.xlsx", world.folder / "b.xlsx"
    moment = "2017-07-28T10:10:00+07:00"
    world.cchc("export", WEEK, "--xlsx", str(first), "--as-of", moment, now="2017-07-28 10:30:00")
    late = weekly_docx("SỞ NỘI VỤ", "từ ngày 21/7 đến ngày 27/7/2017", (1, 1, 1, 0, 0), "1/BC-SNV")
    world.deliver(mail("snv@tinh.example", files={"bc.docx": late}), "2017-07-28 11:00:00")
    world.poll("2017-07-28 11:01:00")
    world.cchc("export", WEEK, "--xlsx", str(again), "--as-of", moment, now="2018-07-28 10:30:00")
    assert first.read_bytes() == again.read_bytes()
    now = sheets(world, WEEK, "2018-07-28 10:31:00")
    assert row_of(now["Báo cáo tuần"], "Sở Nội vụ")[5] == 1


def test_what_cannot_be_exported_is_the_operators_mistake(world: World):
    world.tick("2017-07-17 00:05:00")
    assert world.cchc("export", WEEK, now="2017-07-18 10:00:00").code == 2
    assert world.cchc("export", "weekly:2017-07-22", "--json", now="2017-07-18 10:00:00").code == 2
    assert world.cchc("export", f"{WEEK}..monthly:2017-07", "--json", now="2017-07-18 10:00:00").code == 2
    told = world.cchc("export", WEEK, "--json", now="2017-07-18 10:00:00").json
    assert told["as_of"] == "2017-07-18T10:00:00+07:00"
    assert told["types"][0]["totals"]["received"] == {
        "value": None,
        "n": 0,
        "expected": 0,
        "last": None,
        "change": None,
    }


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)"])
def test_what_a_sender_wrote_computes_nothing(world: World, name: str):
    world.tick("2017-07-17 00:05:00")
    report = weekly_docx(number=f"{name}/BC")
    world.deliver(mail(files={"bc.docx": report}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 10:01:00")
    target = world.folder / "out.xlsx"
    world.cchc("export", BEFORE, "--xlsx", str(target), now="2017-07-21 10:30:00")
    for page in load_workbook(io.BytesIO(target.read_bytes())).worksheets:
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row), json.dumps(page.title)


def test_files_are_written_where_asked_or_the_mistake_is_said(world: World):
    world.tick("2017-07-17 00:05:00")
    assert world.cchc("export", BEFORE, "--xlsx", str(Path("/nowhere/x.xlsx")), now="2017-07-18 10:00:00").code == 2


def test_a_sum_of_which_somebody_told_only_about_how_many_says_so(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(files={"a.docx": weekly_docx()}), "2017-07-20 09:00:00")
    rough = weekly_docx("SỞ Y TẾ", number="9/BC-SYT", figures=("khoảng 100", 90, 80, 10, 0))
    world.deliver(mail("syt@tinh.example", files={"b.docx": rough}), "2017-07-20 09:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    digest = world.letters("thuky@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "tiếp nhận khoảng 1.725; giải quyết 1.705" in digest
    assert "Tổng số hồ sơ đã tiếp nhận: 1.725 (số cơ quan: 2/4, 01 ước lượng)" in digest
    assert "Tổng số hồ sơ đã giải quyết: 1.705 (số cơ quan: 2/4)" in digest
    word = world.folder / "c.docx"
    assert world.cchc("export", "weekly:2017-07-21", "--docx", str(word), now="2017-07-21 10:10:00").code == 0
    said = "\n".join(p.text for p in Document(str(word)).paragraphs)
    assert "1.725 (2/4, 01 ước lượng" in said
    assert "1.705 (2/4 " in said
