"""PDF text layers: each letter once, tables where ruled, scans told apart (pitfalls, "Documents", and faults)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from parsers import limits
from parsers.extract import extract
from parsers.form import load_forms
from parsers.lines import units_of
from parsers.part import read_part
from parsers.readers import Budget, Unreadable, pdf, read_document
from parsers.readers.pdf_attached import attached
from parsers.readers.pdf_letters import Letter
from parsers.readers.pdf_lines import paragraphs
from parsers.readers.pdf_page import Line
from parsers.readers.pdf_tables import joined
from parsers.readers.pdf_telling import may_run
from parsers.values import Block, Cell, Document, Hints, Leaf, Table
from tests.parsers.document_builders import pdf_of
from tests.parsers.reports import forms, stated

FOLDER = Path(__file__).parent.parent / "corpus" / "documents"
HOSTILE = Path(__file__).parent.parent / "corpus" / "hostile" / "att"
LINES = [
    "SỞ NỘI VỤ",
    "Số: 123/BC-SNV",
    "BÁO CÁO TUẦN",
    "Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 tháng 7 năm 2017",
    "- Tổng số hồ sơ đã tiếp nhận của các tổ chức và cá nhân trên địa bàn cả tỉnh trong tuần báo cáo là 1.625 hồ sơ.",
    "- Tổng số hồ sơ đã giải quyết: 1.615",
    "- Hồ sơ trả đúng hạn: 1.590",
]


def read(name: str) -> Document:
    return read_document((FOLDER / name).read_bytes(), "pdf")


def of(data: bytes) -> Document:
    return read_document(data, "pdf")


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.text]


def grid(block: Block) -> list[list[str]]:
    assert block.table
    return [[c.text for c in row] for row in block.table.rows]


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        of(data)
    return caught.value.reason


def show(*lines: str) -> bytes:
    moves = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
    return f"BT /F1 12 Tf 72 720 Td {moves}ET".encode("latin-1")


def test_wrapped_lines_are_one_paragraph_and_others_stand_apart():
    document = read("report.pdf")
    assert texts(document)[:7] == LINES
    assert document.quality > 0.9
    assert (document.type, document.reader, document.images) == ("pdf", "pdf/1", 0)


def test_a_ruled_table_is_a_table_and_its_letters_stand_nowhere_else():
    document = read("report.pdf")
    (found,) = [block for block in document.blocks if block.table]
    assert grid(found) == [
        ["TT", "Chỉ tiêu", "Số liệu"],
        ["1", "Tổng số hồ sơ đã tiếp nhận", "1.625"],
        ["2", "Tổng số hồ sơ\nđã giải quyết", "1.615"],
        ["3", "Hồ sơ trả lại (tổ chức,\ncá nhân)", "10"],
        ["4", "Hồ sơ quá hạn", "25"],
        ["Tổng cộng", "", "3.275"],
    ]
    assert found.table.rows[5][0].colspan == 2
    assert not any("Chỉ tiêu" in text or "3.275" in text for text in texts(document))
    assert texts(document)[-1] == "Nơi nhận: như trên."


def test_one_row_of_a_table_is_a_table():
    """What is left of a table at the top of a page; its letters are no lines of a text."""
    frame = "".join(f"72 {y} m 400 {y} l S " for y in (700, 730)) + "".join(
        f"{x} 700 m {x} 730 l S " for x in (72, 200, 300, 400)
    )
    words = "BT /F1 12 Tf 80 710 Td (14) Tj 128 0 Td (Buu chinh) Tj 100 0 Td (123) Tj ET"
    (block,) = [one for one in of(pdf_of((frame + words).encode())).blocks if one.table]
    assert grid(block) == [["14", "Buu chinh", "123"]]


def test_an_answer_in_words_that_did_not_fit_its_line_is_the_lines():
    label = "- So luong don vi da duoc cap chung chi quy trinh xu ly cong viec da duoc ap dung ISO:"
    document = of(pdf_of(show(label, "Khong phat sinh")))
    assert [unit.text for unit in units_of(document, lambda text: text == label)] == [f"{label} Khong phat sinh"]


def test_places_are_points_from_the_top_left_with_their_page():
    document = read("report.pdf")
    first, last = document.blocks[0], document.blocks[-1]
    assert (first.page, last.page) == (1, 2)
    assert first.box[:2] == pytest.approx((73, 51), abs=2)
    assert last.box[1] == pytest.approx(233, abs=3)


def test_letters_drawn_out_of_order_are_put_together_again():
    assert texts(read("torn.pdf")) == LINES


def test_a_turned_page_reads_as_a_person_sees_it():
    document = read("turned.pdf")
    assert texts(document) == LINES
    assert grid(document.blocks[-1]) == [
        ["TT", "Chỉ tiêu", "Số liệu"], ["1", "Tổng số hồ sơ đã tiếp nhận", "1.625"], ["2", "Hồ sơ quá hạn", "25"],
    ]  # fmt: skip
    assert document.blocks[0].box[:2] == pytest.approx((73, 84), abs=2)


@pytest.mark.parametrize(("turn", "x", "y"), [(0, 72, 110), (90, 710, 62), (180, 280, 719), (270, 110, 240)])
def test_places_follow_rotation_and_origin(turn, x, y):
    page = f"/MediaBox [10 10 605 852] /Rotate {turn}"
    (block,) = of(pdf_of(b"BT /F1 12 Tf 82 730 Td (BAO CAO TUAN) Tj ET", page=page)).blocks
    width = block.box[2] - block.box[0]
    assert (width > 80) == (turn in (0, 180))
    assert all(0 <= a <= 842 for a in block.box)
    if turn == 0:
        assert block.box[:2] == pytest.approx((x, y), abs=6)


def test_columns_on_one_line_keep_label_and_value_together():
    assert texts(read("columns.pdf")) == ["Hồ sơ tiếp nhận\t1.625", "Hồ sơ quá hạn\t25"]


def test_what_was_filled_into_a_form_is_read_where_it_stands():
    assert texts(read("fields.pdf")) == ["- Tổng số hồ sơ đã tiếp nhận: 1625"]


def test_a_frame_around_text_is_no_table():
    assert texts(read("framed.pdf")) == LINES[:3]


def test_a_scan_with_a_signature_stamp_has_no_text():
    assert refused((FOLDER / "scan.pdf").read_bytes()) == "no_text"


@pytest.mark.parametrize(("strips", "wanted"), [(9, (1,)), (3, ())])
def test_a_page_scanned_in_strips_is_asked_of_the_page_worker(strips: int, wanted: tuple[int, ...]):
    document, out = pdfium.PdfDocument.new(), BytesIO()
    page = document.new_page(595, 842)
    for n in range(strips):
        strip = pdfium.PdfImage.new(document)
        bitmap = pdfium.PdfBitmap.new_native(60, 10, pdfium.raw.FPDFBitmap_Gray)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, 60, 10)
        strip.set_bitmap(bitmap)
        strip.set_matrix(pdfium.PdfMatrix().scale(595, 842 / 9).translate(0, n * 842 / 9))
        page.insert_obj(strip)
    page.gen_content()
    document.save(out)
    with pytest.raises(Unreadable) as refused_:
        of(out.getvalue())
    assert (refused_.value.reason, refused_.value.wanted) == ("no_text", wanted)


def test_a_scanned_page_behind_a_page_of_text_is_told():
    document = read("mixed.pdf")
    assert texts(document) == LINES
    assert [f.code for f in document.findings] == ["pages_without_text"]
    assert document.images == 1


def test_text_somebodys_ocr_laid_over_a_scan_needs_a_person():
    document = read("layered.pdf")
    assert [f.code for f in document.findings] == ["ocr_layer"]
    assert document.quality < limits.TEXT_QUALITY_MIN


def test_letters_of_an_old_font_are_converted():
    data = pdf_of(show("B\\270o c\\270o tu\\307n 29", "s\\350 li\\326u")).replace(b"/Helvetica", b"/.VnTime  ")
    data = data.replace(b"/Type1 /BaseFont", b"/Type1 /Encoding /WinAnsiEncoding /BaseFont")
    assert texts(of(data)) == ["Báo cáo tuần 29", "số liệu"]


def test_a_text_that_lost_its_letters_is_of_low_quality():
    assert of(pdf_of(show("T ng s h s ti p nh n", "H s tr l i t ch c", "B o c o k t qu th c hi n"))).quality < 0.6


@pytest.mark.parametrize(
    "action",
    [
        "/OpenAction << /S /JavaScript /JS (x) >>",
        "/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /Launch /F (x) >> >>",
        "/AA << /WC << /S /SubmitForm >> >>",
        "/Names << /EmbeddedFiles << /Names [] >> >>",
        "/Names << /JavaScript << /Names [] >> >>",
        "/AcroForm << /XFA (x) /Fields [] >>",
        "/OpenAction << /S /Java#53cript /JS (x) >>",
        "/OpenAction << /S /#4aavaScript /JS (x) >>",
    ],
)
def test_what_would_run_elsewhere_is_a_finding(action):
    data = pdf_of(show("BAO CAO")).replace(b"/Type /Catalog", b"/Type /Catalog " + action.encode())
    assert [f.code for f in of(data).findings] == ["active_content"]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("/AA << /O << /S /JavaScript /JS (x) >> >>", True),
        ("/Annots [<< /Subtype /Link /A << /S /Launch /F (x) >> >>]", True),
        ("/Annots [<< /Subtype /Link /A << /S /URI /URI (http://x.example) >> >>]", False),
    ],
)
def test_pages_and_their_links_are_looked_at(page, found):
    data = pdf_of(show("BAO CAO"), page=f"/MediaBox [0 0 595 842] {page}")
    assert [f.code for f in of(data).findings] == (["active_content"] if found else [])


def test_opening_at_a_page_is_ordinary():
    data = pdf_of(show("BAO CAO")).replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction [3 0 R /Fit]")
    assert of(data).findings == ()


def test_locked_broken_and_empty_files_are_told_apart():
    assert refused((HOSTILE / "pdf_encrypted_user.pdf").read_bytes()) == "encrypted"
    assert refused(b"%PDF-1.7\n") == "corrupt"
    assert refused(pdf_of(b"")) == "no_text"
    assert refused(pdf_of(b"").replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0")) == "corrupt"
    assert refused((HOSTILE / "pdf_page_tree_loop.pdf").read_bytes()) == "corrupt"


@pytest.mark.parametrize("name", ["pdf_huge_mediabox.pdf", "pdf_negative_box.pdf"])
def test_an_absurd_page_size_costs_the_places_not_the_text(name):
    (block,) = of((HOSTILE / name).read_bytes()).blocks
    assert block.text.startswith("BAO CAO TUAN CCHC")
    assert block.box is None


def test_an_absurd_page_with_torn_lines_keeps_them():
    content = b"BT /F1 12 Tf 72 720 Td (BAO CAO) Tj ET BT /F1 12 Tf 40 720 Td (X) Tj ET"
    (block, *_) = of(pdf_of(content, page="/MediaBox [0 0 200000 200000]")).blocks
    assert "BAO CAO" in block.text


def test_caps_have_reasons_of_their_own(monkeypatch):
    data = pdf_of(show("BAO CAO TUAN", "- Tong so ho so: 1"))
    monkeypatch.setattr(limits, "TEXT_MAX", 5)
    assert refused(data) == "too_large"
    monkeypatch.setattr(limits, "PDF_PAGE_CHARS_MAX", 5)
    assert refused(data) == "pdf_bomb"
    monkeypatch.setattr(limits, "PAGES_MAX", 0)
    assert refused(data) == "too_many_pages"


def test_without_time_or_pages_left_for_tables_their_lines_are_text(monkeypatch):
    monkeypatch.setattr(limits, "TABLE_PAGES_MAX", 0)
    document = read("report.pdf")
    assert all(block.table is None for block in document.blocks)
    assert any("3.275" in text for text in texts(document))
    monkeypatch.setattr(limits, "TABLE_PAGES_MAX", 40)
    monkeypatch.setattr(limits, "TABLE_SECONDS", -1.0)
    assert all(block.table is None for block in read("report.pdf").blocks)


def test_too_many_rulings_are_not_looked_at_and_too_many_cells_are_refused(monkeypatch):
    data = (FOLDER / "report.pdf").read_bytes()
    monkeypatch.setattr(limits, "CELLS_MAX", 5)
    assert refused(data) == "too_large"
    monkeypatch.setattr(limits, "PDF_LINE_SEGMENTS_MAX", 3)
    assert all(block.table is None for block in of(data).blocks)


def test_a_fault_of_the_table_library_costs_only_the_tables(monkeypatch):
    def broken(*_, **__):
        raise KeyError("x")

    monkeypatch.setattr(pdf.pdfplumber.table.TableFinder, "get_edges", broken)
    assert all(block.table is None for block in read("report.pdf").blocks)
    monkeypatch.setattr(pdf.pdfplumber, "open", broken)
    assert texts(read("report.pdf"))[:7] == LINES


def a_table(*rows: tuple[str, ...]) -> Table:
    return Table(tuple(tuple(Cell(text) for text in row) for row in rows))


HEAD = ("TT", "Chỉ tiêu", "Số liệu")


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ((HEAD,), [("3", "Hồ sơ trả lại (tổ chức,", "10")]),
        ((HEAD, ("", "cá nhân)", "")), [("3", "Hồ sơ trả lại (tổ chức,\ncá nhân)", "10")]),
        ((("", "cá nhân)", "12"),), [("3", "Hồ sơ trả lại (tổ chức,", "10"), ("", "cá nhân)", "12")]),
        ((("", "Trong đó", ""),), [("3", "Hồ sơ trả lại (tổ chức,", "10"), ("", "Trong đó", "")]),
        ((("4", "cá nhân)", ""),), [("3", "Hồ sơ trả lại (tổ chức,", "10"), ("4", "cá nhân)", "")]),
    ],
)
def test_a_row_cut_by_the_page_is_joined_only_when_no_value_meets_another(below, rows):
    whole, _ = joined(a_table(HEAD, ("3", "Hồ sơ trả lại (tổ chức,", "10")), a_table(*below))
    assert [tuple(cell.text for cell in row) for row in whole.rows[1:]] == rows


def test_the_level_a_label_ends_with_is_joined_to_it_over_the_page():
    above = ("11", "Tổng số hồ sơ\nTTHC mức độ", "133")
    whole, _ = joined(a_table(HEAD, above), a_table(("", "3", ""), ("12", "Mức độ 4", "16")))
    assert [[cell.text for cell in row] for row in whole.rows[1:]] == [
        ["11", "Tổng số hồ sơ\nTTHC mức độ\n3", "133"],
        ["12", "Mức độ 4", "16"],
    ]
    apart, _ = joined(a_table(HEAD, ("11", "Trong đó:", "133")), a_table(("", "3", "")))
    assert len(apart.rows) == 3


def test_a_cmap_path_of_the_environment_is_forgotten():
    code = "import os, parsers.readers.pdf; print(os.environ.get('CMAP_PATH'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "CMAP_PATH": "/tmp"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"


def placed(*lines: tuple[str, int, float]) -> list[Line]:
    """Lines of ten-point letters six points wide: text, left, top; a tab leaves a hundred points."""
    out = []
    for text, left, top in lines:
        letters, x = [], float(left)
        for char in text:
            if char == "\t":
                x += 100
                continue
            letters.append(Letter(char, None if char == " " else (x, top, x + 6, top + 10)))
            x += 6
        out.append(Line(letters))
    return out


def test_a_line_of_columns_never_goes_on_with_the_title_under_it():
    lines = placed(
        ("Số: 58/BC-STP\tSông Lam, ngày 08 tháng 10 năm 2021", 50, 0), ("BÁO CÁO TUẦN CÔNG TÁC CCHC", 60, 12)
    )
    assert [p.text for p in paragraphs(lines)] == [
        "Số: 58/BC-STP\tSông Lam, ngày 08 tháng 10 năm 2021",
        "BÁO CÁO TUẦN CÔNG TÁC CCHC",
    ]


def test_a_dotted_leader_goes_on_with_the_number_under_it():
    long = "- Số văn bản đi được phát hành dưới dạng điện tử…… 285 …/tổng số văn bản đi………"
    lines = placed((long, 50, 0), ("413 ……", 50, 12), ("2.744 hồ sơ", 50, 60))
    assert [p.text for p in paragraphs(lines)] == [f"{long} 413 ……", "2.744 hồ sơ"]


def holding(data: bytes, name: str) -> bytes:
    """A PDF with a file attached."""
    document = pdfium.PdfDocument(pdf_of(show("BAO CAO")))
    document.new_attachment(name).set_data(data)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_files_attached_in_attached_files_are_opened_to_the_limit_and_the_rest_is_told():
    data = b"x,y\n1,2\n"
    for depth in range(limits.ZIP_DEPTH_MAX + 1):
        data = holding(data, "a.csv" if depth == 0 else f"{depth}.pdf")
    leaf = Leaf(("2",), "b.pdf", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    readings = read_part(leaf, load_forms(), Hints())
    assert [one.name for one in readings] == ["b.pdf", "3.pdf", "2.pdf", "1.pdf"]
    assert [any(found.code == "archive_depth" for found in one.findings) for one in readings] == [
        False,
        False,
        False,
        True,
    ]


def test_a_file_is_searched_for_actions_only_where_it_names_one_or_may_hide_it():
    plain = pdf_of(show("BAO CAO"))
    assert not may_run(plain)
    assert not may_run(plain + b"/GoTo /URI /OpenAction /AA /A /Page#zz")
    assert may_run(plain + b"<</Type/ObjStm>>")
    assert may_run(plain + b"<</Type/XRef>>")


def test_a_name_written_with_figures_is_what_it_is_when_spelled_out():
    plain = pdf_of(show("BAO CAO"))
    assert may_run(plain + b"<</S/J#61vaScript>>")
    assert may_run(plain + b"<</S/" + b"".join(b"#%02x" % letter for letter in b"RichMediaExecute") + b">>")
    assert not may_run(plain + b"<</BaseFont/Times#20New#20Roman>> \xfe/#41\xff/#4aava Script")
    assert may_run(plain + b"/#41" * 1000)


def test_attachments_of_what_cannot_be_opened_are_none():
    assert attached(b"%PDF-1.7\n", (), Budget()) == ()
    (refused_,) = attached(holding(b"x" * 100, "a.txt"), (), Budget(10))
    assert (refused_.reason, refused_.data) == ("zip_bomb", b"")


def laid(*rows: dict[int, str], step: int = 16) -> bytes:
    """Rows of pieces, each at its place from the left."""
    shown = (f"1 0 0 1 {x} {720 - step * n} Tm ({text}) Tj " for n, row in enumerate(rows) for x, text in row.items())
    return pdf_of(f"BT /F1 12 Tf {''.join(shown)}ET".encode("latin-1"))


def test_a_number_of_a_table_without_rulings_stands_in_the_column_it_is_printed_in():
    head = {72: "TT", 140: "Noi dung", 330: "Ky nay", 420: "Ky truoc"}
    rows = (
        {72: "1", 140: "Tiep nhan", 345: "125", 435: "110"},
        {72: "2", 140: "Qua han", 438: "1"},
        {72: "3", 140: "Tra lai", 345: "3"},
    )
    assert texts(of(laid(head, *rows))) == [
        "TT\tNoi dung\tKy nay\tKy truoc",
        "1\tTiep nhan\t125\t110",
        "2\tQua han\t \t1",
        "3\tTra lai\t3\t",
    ]


def test_a_row_whose_pieces_find_no_columns_of_their_own_stays_as_it_is():
    rows = ({72: "1", 140: "Tiep nhan", 345: "125", 435: "110"}, {72: "2", 340: "12345678901234567"})
    assert texts(of(laid(*rows)))[1] == "2\t12345678901234567"


def test_last_weeks_number_beside_an_empty_cell_is_not_this_weeks():
    labels = (
        "Tong so ho so da tiep nhan",
        "Tong so ho so da giai quyet",
        "Ho so tra dung han",
        "Ho so qua han",
        "Ho so tra lai",
    )
    numbers = ((125, 110), (120, 100), (118, 95), ("", 1), (3, 4))
    rows = [
        {60: str(n), 120: label, 345: str(now), 435: str(before)}
        for n, (label, (now, before)) in enumerate(zip(labels, numbers, strict=True), 1)
    ]
    (report,) = extract(
        of(laid({60: "TT", 120: "Noi dung", 330: "Ky nay", 420: "Ky truoc"}, *rows)), forms(), Hints(), "weekly"
    )
    assert stated(report) == {"received": 125, "resolved": 120, "on_time": 118, "overdue": "blank", "returned": 3}


def test_two_headings_run_together_are_the_heading_of_neither_column():
    head = {72: "Noi dung", 330: "Ky nay Ky truoc"}
    rows = (
        {72: "Tiep nhan", 335: "125", 390: "110"},
        {72: "Giai quyet", 335: "120", 390: "100"},
        {72: "Qua han", 392: "10"},
    )
    assert texts(of(laid(head, *rows)))[::3] == ["Noi dung\tKy nay Ky truoc", "Qua han\t \t10"]


def test_where_no_row_is_whole_the_numbers_tell_where_the_columns_stand():
    head = {72: "Noi dung", 300: "Ky truoc Ky nay", 480: "Ghi chu"}
    rows = (
        {72: "Tiep nhan", 310: "110", 370: "125"},
        {72: "Qua han", 312: "10"},
        {72: "Tra lai", 372: "30", 480: "thieu giay to"},
    )
    assert texts(of(laid(head, *rows))) == [
        "Noi dung\tKy truoc Ky nay\tGhi chu",
        "Tiep nhan\t110\t125\t",
        "Qua han\t10\t\t",
        "Tra lai\t \t30\tthieu giay to",
    ]


def test_the_foot_below_a_table_without_rulings_is_no_row_of_it():
    rows = (
        {72: "Tiep nhan", 335: "125", 420: "110"},
        {72: "Giai quyet", 335: "120", 420: "100"},
        {72: "Noi nhan:", 420: "GIAM DOC"},
    )
    assert texts(of(laid(*rows)))[-1] == "Noi nhan:\tGIAM DOC"
