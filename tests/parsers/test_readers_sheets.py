"""Workbooks, new and old: values as computed, places as in the sheet, nothing silently left out."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from parsers import limits
from parsers.readers import Unreadable, read_document
from parsers.readers.biff import looks_of
from parsers.readers.sheet_scan import position, scan_sheet
from parsers.readers.sheet_values import shown
from parsers.values import Cell, Document, Table
from tests.parsers.document_builders import relation, relations, zipped


def book(fill) -> bytes:
    made = openpyxl.Workbook()
    fill(made, made.active)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def old_book(fill) -> bytes:
    made = xlwt.Workbook()
    fill(made, made.add_sheet("Bảng"))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(data: bytes, kind: str = "xlsx") -> Document:
    return read_document(data, kind)


def table(document: Document, n: int = 0) -> Table:
    found = document.blocks[n].table
    assert found
    return found


def at(document: Document, row: int, column: int) -> Cell:
    return table(document).rows[row - 1][column - 1]


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edited(data: bytes, name: str, old: str, new: str) -> bytes:
    members = members_of(data)
    assert old.encode() in members[name]
    return zipped({**members, name: members[name].replace(old.encode(), new.encode())})


def refused(data: bytes, kind: str = "xlsx") -> str:
    with pytest.raises(Unreadable) as caught:
        read(data, kind)
    return caught.value.reason


def test_cells_keep_their_row_and_column_of_the_sheet():
    def fill(_, sheet):
        sheet.title = "Biểu 1"
        sheet["C3"] = "Tổng số hồ sơ"
        sheet["D3"] = 1625

    document = read(book(fill))
    assert table(document).name == "Biểu 1"
    assert at(document, 3, 3).text == "Tổng số hồ sơ"
    assert at(document, 3, 4) == Cell("1625", number=Decimal(1625))
    assert at(document, 1, 1) == Cell("")


@pytest.mark.parametrize(
    ("value", "format_", "text", "number"),
    [
        (1625, "#,##0", "1625", "1625"),
        (0.955, "0.0%", "95,5%", "95.5"),
        (1, "0%", "100%", "100"),
        (95.49999999999999, "General", "95,5", "95.5"),
        (1.625, "General", "1,625", "1.625"),
        ("1.625", "General", "1.625", None),
        ("=1+1", "@", "=1+1", None),
        ("Ba\u0301o", "General", "Báo", None),
        (True, "General", "TRUE", None),
        (datetime(2017, 7, 21), "dd/mm/yyyy", "21/7/2017", None),
        (datetime(2017, 7, 21, 9, 5), "dd/mm/yyyy", "21/7/2017 09:05", None),
        (time(9, 30), "hh:mm", "09:30:00", None),
    ],
)
def test_a_value_is_shown_in_vietnamese_notation_and_kept_exact(value, format_, text, number):
    def fill(_, sheet):
        sheet["A1"] = value
        sheet["A1"].number_format = format_
        if isinstance(value, str):
            sheet["A1"].data_type = "s"

    found = at(read(book(fill)), 1, 1)
    assert (found.text, found.number) == (text, None if number is None else Decimal(number))


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(10**15), 10**15), st.sampled_from(["", "0.0%"]))
def test_every_number_is_shown_without_an_exponent_and_reads_back(value, code):
    text, number = shown(value, code)
    if number is None:
        assert text in ("nan", "inf", "-inf")
    else:
        assert Decimal(text.rstrip("%").replace(",", ".")) == number
        assert "e" not in text.lower()


def test_other_typed_values_are_text():
    assert shown(None) == ("", None)
    assert shown(date(2017, 7, 21)) == ("21/7/2017", None)


def test_a_formula_counts_by_its_result_and_without_one_it_is_neither_blank_nor_a_number():
    def fill(_, sheet):
        sheet["A1"] = "=1+1"
        sheet["A2"] = "=2+2"

    data = edited(book(fill), "xl/worksheets/sheet1.xml", "<f>2+2</f><v></v>", "<f>2+2</f><v>4</v>")
    data = edited(data, "xl/worksheets/sheet1.xml", "<f>1+1</f><v></v>", "<f>1+1</f><v/>")
    document = read(data)
    assert (at(document, 1, 1).text, at(document, 1, 1).number) == ("#?", None)
    assert at(document, 2, 1).number == Decimal(4)


def test_merged_cells_stand_once():
    def fill(_, sheet):
        sheet["A1"] = "SỞ NỘI VỤ"
        sheet.merge_cells("A1:B2")
        sheet["C3"] = 1

    found = at(read(book(fill)), 1, 1)
    assert (found.text, found.colspan, found.rowspan) == ("SỞ NỘI VỤ", 2, 2)


def test_hidden_rows_columns_and_sheets_are_read_and_marked():
    def fill(made, sheet):
        for place in ("A1", "A2", "B1"):
            sheet[place] = 1
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        other = made.create_sheet("ẩn")
        other["A1"] = 5
        other.sheet_state = "veryHidden"
        made.create_sheet("trống")

    document = read(book(fill))
    assert [at(document, 1, 1).hidden, at(document, 2, 1).hidden, at(document, 1, 2).hidden] == [False, True, True]
    assert [block.hidden for block in document.blocks] == [False, True]
    assert table(document, 1).rows[0][0] == Cell("5", hidden=True, number=Decimal(5))


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing_and_is_told():
    def fill(_, sheet):
        sheet["A1"] = 7
        sheet["XFD1048576"] = 1

    document = read(book(fill))
    assert [len(table(document).rows), len(table(document).rows[0])] == [1, 1]
    assert [f.code for f in document.findings] == ["cells_beyond_range"]


def test_too_many_cells_places_or_sheets_are_too_large(monkeypatch):
    def fill(made, sheet):
        for n in range(1, 11):
            sheet.cell(n, n, n)
        made.create_sheet("hai")

    data = book(fill)
    monkeypatch.setattr(limits, "SHEET_AREA_MAX", 99)
    assert refused(data) == "too_large"
    monkeypatch.setattr(limits, "CELLS_MAX", 9)
    assert refused(data) == "too_large"
    monkeypatch.setattr(limits, "SHEETS_MAX", 1)
    assert refused(data) == "too_large"


def test_a_doctype_in_any_part_is_refused():
    data = book(lambda _, sheet: sheet.append([1]))
    for name in ("xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        assert refused(zipped({**members_of(data), name: b"<!DOCTYPE x []><x/>"})) == "xml_entity"


def test_broken_workbooks_are_corrupt():
    data = book(lambda _, sheet: sheet.append([1]))
    assert refused(data[: len(data) // 2]) == "corrupt"
    assert refused(edited(data, "xl/worksheets/sheet1.xml", "</worksheet>", "")) == "corrupt"
    assert refused(edited(data, "xl/_rels/workbook.xml.rels", '/worksheet"', '/other"')) == "corrupt"
    assert (
        refused(edited(data, "xl/worksheets/sheet1.xml", '<c r="A1" t="n"><v>1', '<c r="A1" t="s"><v>99')) == "corrupt"
    )
    assert refused(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")) == "encrypted"


def test_boxes_drawn_over_a_sheet_are_read_and_pictures_alone_are_no_text():
    data = book(lambda _, sheet: sheet.append([1]))
    drawing = (
        '<x:wsDr xmlns:x="http://x" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><x:txBody>'
        "<a:p><a:r><a:t>SỞ NỘI</a:t></a:r><a:r><a:t> VỤ</a:t></a:r></a:p><a:p/></x:txBody></x:wsDr>"
    )
    members = members_of(data)
    document = read(zipped({**members, "xl/drawings/drawing1.xml": drawing}))
    assert [(b.where, b.text) for b in document.blocks[1:]] == [("textbox", "SỞ NỘI VỤ")]
    empty = book(lambda _, sheet: None)
    members = members_of(empty)
    assert refused(zipped({**members, "xl/media/image1.png": b"x"})) == "no_text"
    assert read(empty).blocks == ()


def test_what_a_workbook_would_fetch_or_run_is_a_finding():
    data = book(lambda _, sheet: sheet.append([1]))
    members = members_of(data)
    link = "<externalLink><ddeLink/></externalLink>"
    far = relations(relation("r", "externalLinkPath", "https://x.example/b.xlsx", external=True))
    found = read(zipped({
        **members, "xl/vbaProject.bin": b"x", "xl/connections.xml": "<x/>", "xl/externalLinks/externalLink1.xml": link,
        "xl/externalLinks/_rels/externalLink1.xml.rels": far,
    })).findings  # fmt: skip
    assert sorted(f.code for f in found) == ["active_content", "macro_present", "remote_ref"]


def test_a_dde_link_alone_is_active():
    data = book(lambda _, sheet: sheet.append([1]))
    members = members_of(data)
    found = read(zipped({**members, "xl/externalLinks/externalLink1.xml": "<x><ddeLink/></x>"})).findings
    assert [f.code for f in found] == ["active_content"]


def test_references_are_read_strictly():
    assert [position(r) for r in ("A1", "XFD1048576", "AA10", "XFE1", "1A", "")] == [
        (1, 1), (1048576, 16384), (10, 27), None, None, None,
    ]  # fmt: skip


def test_a_scan_follows_cells_without_references():
    sheet = b'<worksheet><sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row r="x"><c><is/></c></row></sheetData></worksheet>'
    scan = scan_sheet(sheet, "s")
    assert (scan.cells, scan.last_row, scan.last_column) == (3, 2, 2)


# ---- old workbooks ---------------------------------------------------------------------------------------------------


def test_an_old_workbook_is_read_with_its_places_merges_and_hidden_sheets():
    def fill(made, sheet):
        sheet.write_merge(0, 1, 0, 2, "SỞ NỘI VỤ")
        sheet.write(3, 1, "Tổng")
        sheet.write(3, 2, 1625)
        sheet.write(4, 2, 95.5)
        other = made.add_sheet("ẩn")
        other.write(0, 0, 5)
        other.visibility = 1
        made.add_sheet("trống")

    document = read(old_book(fill), "xls")
    assert (at(document, 1, 1).colspan, at(document, 1, 1).rowspan) == (3, 2)
    assert [at(document, 4, 2).text, at(document, 4, 3).number, at(document, 5, 3).text] == [
        "Tổng",
        Decimal(1625),
        "95,5",
    ]
    assert [b.hidden for b in document.blocks] == [False, True]
    assert (document.type, document.reader) == ("xls", "xls/1")


def formatted(made, sheet):
    share, custom = xlwt.easyxf(num_format_str="0%"), xlwt.easyxf(num_format_str='0.00" "%;-0.00%')
    sheet.write(0, 0, 0.955, share)
    sheet.write(1, 0, 0.955)
    sheet.write(1, 1, 0.4, custom)
    sheet.write(1, 2, 1, share)
    sheet.write(2, 0, xlwt.Formula("1/2"), share)
    sheet.write(3, 0, 7)
    sheet.row(3).hidden = True
    sheet.write(0, 5, 8)
    sheet.col(5).hidden = True
    made.add_sheet("hai").write(0, 0, 0.5, share)


def test_an_old_workbook_shows_shares_and_what_is_hidden():
    document = read(old_book(formatted), "xls")
    assert [at(document, 1, 1).text, at(document, 2, 1).text] == ["95,5%", "0,955"]
    assert [at(document, 2, 2).number, at(document, 2, 3).text] == [Decimal(40), "100%"]
    assert [at(document, 4, 1).hidden, at(document, 1, 6).hidden, at(document, 1, 1).hidden] == [True, True, False]
    assert table(document, 1).rows[0][0].text == "50%"


def test_a_large_old_workbook_is_looked_at_as_well():
    def fill(_, sheet):
        for row in range(400):
            for column in range(5):
                sheet.write(
                    row,
                    column,
                    row / 1000,
                    xlwt.easyxf(num_format_str="0.0%") if row == 399 else xlwt.Style.default_style,
                )

    assert at(read(old_book(fill), "xls"), 400, 5).text == "39,9%"


def test_where_the_looks_cannot_be_found_a_share_claims_no_number(monkeypatch):
    monkeypatch.setattr("parsers.readers.xls.looks_of", lambda data: None)
    document = read(old_book(formatted), "xls")
    assert (at(document, 1, 1).text, at(document, 1, 1).number) == ("#0,955", None)
    assert at(document, 4, 1).number == Decimal(7)


@given(st.data())
def test_looks_never_raise_on_any_bytes(data):
    whole = bytearray(old_book(formatted))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    looks_of(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


def test_other_versions_and_broken_files_say_nothing():
    data = old_book(formatted)
    assert looks_of(data) is not None
    assert looks_of(b"") is None
    assert looks_of(data.replace("Workbook".encode("utf-16-le"), "Workbxxk".encode("utf-16-le"))) is None
    assert looks_of(data.replace(b"\x09\x08\x10\x00\x00\x06", b"\x09\x08\x10\x00\x00\x05")) is None


def test_old_workbooks_broken_locked_or_vast_are_told_apart(monkeypatch):
    data = old_book(lambda _, sheet: sheet.write(9, 9, 1))
    assert refused(data[:600], "xls") == "corrupt"
    assert refused(b"not a workbook", "xls") == "corrupt"
    assert refused(data + "EncryptedPackage".encode("utf-16-le"), "xls") == "encrypted"
    assert [f.code for f in read(data + "_VBA_PROJECT".encode("utf-16-le"), "xls").findings] == ["macro_present"]
    monkeypatch.setattr(limits, "SHEET_AREA_MAX", 99)
    assert refused(data, "xls") == "too_large"
    monkeypatch.setattr(limits, "SHEETS_MAX", 0)
    assert refused(data, "xls") == "too_large"


def test_the_delimiter_is_the_one_that_leaves_no_quote_inside_a_field():
    """Fields of several lines, shares with commas, few rows as wide as the table: commas must not win (seen in generated files)."""
    text = (
        '"UBND TỈNH\nSỞ NỘI VỤ";;"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập"\nSố: 62/BC-SNV;;Sông Lam, ngày 07 tháng 08\n'
        "BÁO CÁO\nTuần về CCHC\nSTT;Nội dung;Kết quả;Tỷ lệ %\n1;Tiếp nhận;2.156\n2;Đúng hạn;2.054;99,8%\n3;Quá hạn;0;0,0%\n"
        "4;Phản ánh, kiến nghị;0/0\n5;Văn bản;410/583;70,3%\nIV. Đánh giá (điểm mạnh, hạn chế, vướng mắc)\n- Khó khăn, vướng mắc: ít\n"
        "Trên đây là kết quả, Sở báo cáo\n"
    )
    document = read_document(text.encode(), "csv")
    (table,) = [block.table for block in document.blocks]
    assert [[c.text for c in row if c.text] for row in table.rows[6:8]] == [
        ["2", "Đúng hạn", "2.054", "99,8%"],
        ["3", "Quá hạn", "0", "0,0%"],
    ]


def test_one_column_whose_quoted_fields_hold_both_marks_is_divided_by_the_one_no_sentence_holds():
    text = 'BÁO CÁO TUẦN\n"- Hội nghị: -; số tin, bài: 3; kiểm tra: …"\nKhó khăn, vướng mắc: ít\nĐơn vị báo cáo, tổng hợp\n'
    document = read_document(text.encode(), "csv")
    assert [row[0].text for row in document.blocks[0].table.rows][1:3] == [
        "- Hội nghị: -; số tin, bài: 3; kiểm tra: …",
        "Khó khăn, vướng mắc: ít",
    ]
