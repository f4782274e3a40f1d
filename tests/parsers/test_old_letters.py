"""Letters of another encoding without a font that says so: sheets, subjects, names, pages printed with another font."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlwt

from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.old_letters import put_back, read_as
from parsers.part import read_part
from parsers.readers import read_document
from parsers.values import Block, Cell, Document, Hints, PartReading, Table
from parsers.vietnamese import from_font
from tests.parsers.document_builders import WEEKLY, docx_bytes, docx_of, paragraph
from tests.parsers.office_builders import csv_lines, old, windows_1258
from tests.parsers.test_formats import FIGURES, core, leaf

FORMS = load_forms()
LINES = tuple(
    line if line.upper() != line else line.capitalize() for line in WEEKLY
)  # TCVN3 has no capitals with marks
ROWS = [line.split(";") for line in csv_lines(";").splitlines()]
SUBJECT = "Báo cáo tuần 29 của Sở Nội vụ"


def vni(text: str) -> str:
    """Text as typed in a VNI font: a letter, then its marks."""
    letters = [chr(code) for code in range(0xA1, 0x100)]
    typed = {from_font(one, "VNI-Times"): one for one in letters}
    typed |= {from_font(base + mark, "VNI-Times"): base + mark for base in "aAeEoOuUyYôÔöÖ" for mark in letters}
    return "".join(typed.get(char, char) for char in text)


def western(text: str) -> str:
    """UTF-8 as a program shows it that takes it for windows-1252."""
    return "".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in text.encode())


def lossy(text: str) -> str:
    """The same, by a program that drops what windows-1252 has no sign for."""
    return text.encode().decode("cp1252", "ignore")


def tcvn3(text: str) -> str:
    return old(text if text.upper() != text else text.capitalize())


def xlsx(typed) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    for row in ROWS:
        book.active.append([int(v.replace(".", "")) if v.replace(".", "").isdigit() else typed(v) for v in row])
    book.save(out)
    return out.getvalue()


def xls(typed) -> bytes:
    book, out = xlwt.Workbook(), BytesIO()
    sheet = book.add_sheet("S")
    for r, row in enumerate(ROWS):
        for c, value in enumerate(row):
            digits = value.replace(".", "")
            sheet.write(r, c, int(digits) if digits.isdigit() else typed(value))
    book.save(out)
    return out.getvalue()


def docx(typed) -> bytes:
    return docx_of("".join(paragraph(escape(typed(line))) for line in WEEKLY))


def read(name: str, data: bytes) -> PartReading:
    (reading,) = read_part(leaf(name, data), FORMS, Hints("", name, None))
    return reading


@pytest.mark.parametrize("typed", [tcvn3, vni, western, lossy])
@pytest.mark.parametrize(("name", "made"), [("b.xlsx", xlsx), ("b.xls", xls), ("b.docx", docx)])
def test_a_document_without_a_font_that_says_so_is_read_and_told_to_be_a_guess(name, made, typed):
    reading = read(name, made(typed))
    assert reading.outcome == "read"
    assert core(reading) == FIGURES
    (told,) = (one for one in reading.findings if one.code == "charset_guess")
    assert name in told.message
    assert reading.reports[0].agency_text.lower() == "sở nội vụ"


def test_of_a_mixed_document_only_the_old_lines_are_put_back():
    reading = read("b.docx", docx_of("".join(paragraph(old(one) if one[0] == "-" else one) for one in WEEKLY)))
    assert core(reading) == FIGURES
    assert reading.reports[0].agency_text == "SỞ NỘI VỤ"
    assert reading.reports[0].figures[0].place.text.startswith("- Tổng số hồ sơ đã tiếp nhận")


@pytest.mark.parametrize(
    "text",
    ["Sở Nội vụ – 25 m², 30 °C, ½ năm", "Réunion à Besançon: façade, naïveté, où ça", "Größe, Übung, Äpfel für München",
     "Số liệu «chính thức» ± 5 %", "plain letters"],
)  # fmt: skip
def test_what_reads_as_it_stands_stays(text):
    document = Document("docx", "docx/1", (Block(1, text=text), Block(2, table=Table(((Cell(text),),)))))
    assert put_back(document) is document
    assert read_as(text) == text


def test_what_was_torn_on_the_way_is_for_a_person():
    torn = (
        western(line).replace("»", "").replace("\u00c3", "\ufffd").replace("\u00c4", "\ufffd") for line in WEEKLY[4:]
    )
    reading = read(
        "b.docx", docx_of("".join(paragraph(escape(line)) for line in (*torn, "plain words of no language")))
    )
    assert (reading.outcome, reading.reason) == ("needs_review", "low_text_quality")


def test_a_torn_line_in_a_report_that_reads_well_costs_only_itself():
    torn = western("Nơi nhận: như trên, lưu văn thư, phòng cải cách hành chính").replace("\u00e1", "\ufffd")
    reading = read("b.docx", docx_of("".join(paragraph(escape(line)) for line in (*WEEKLY, torn))))
    assert reading.outcome == "read"
    assert core(reading) == FIGURES


def test_a_page_of_old_letters_is_read_line_by_line():
    assert read_as("\n".join([*map(old, LINES[4:]), WEEKLY[3]])) == "\n".join([*LINES[4:], WEEKLY[3]])


RAW = {
    "TCVN3": old(SUBJECT).encode("latin-1"),
    "VNI": vni(SUBJECT).encode("latin-1"),
    "windows-1258": windows_1258(SUBJECT),
    "UTF-8 twice": western(SUBJECT).encode(),
    "numbered": SUBJECT.encode("ascii", "xmlcharrefreplace"),
}


@pytest.mark.parametrize("name", RAW)
def test_a_subject_and_a_file_name_of_old_mail_programs_are_read(name):
    raw = RAW[name]
    head = b"From: a@b.example\r\nSubject: " + raw + b"\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    file = b'Content-Type: application/octet-stream; name="' + raw.replace(b";", b"\\;") + b'.docx"\r\n'
    mail = head + b"--q\r\n" + file + b"Content-Disposition: attachment\r\n\r\nx\r\n--q--\r\n"
    envelope = open_mail(mail)
    assert envelope.subject == SUBJECT
    assert [one.name for one in envelope.leaves] == [f"{SUBJECT}.docx"]


@pytest.mark.parametrize("subject", ["Réunion à Paris", "Grüße aus München", "Số 25/BC (bản 2)", "A&#B; 100 &#36;"])
def test_a_subject_that_reads_as_it_stands_stays(subject):
    assert open_mail(b"From: a@b.example\r\nSubject: " + subject.encode() + b"\r\n\r\nx").subject == subject


def test_a_page_that_names_old_fonts_is_left_to_them_whatever_charset_is_told():
    page = (
        "<html><body>" + "".join(f'<p><font face=".VnTime">{old(line)}</font></p>' for line in LINES) + "</body></html>"
    )
    document = read_document(page.encode("latin-1"), "html", charset="us-ascii")
    assert [block.text for block in document.blocks] == list(LINES)


def test_plain_text_whose_letters_old_web_mail_numbered_is_read():
    reading = read("b.txt", "\r\n".join(WEEKLY).encode("ascii", "xmlcharrefreplace"))
    assert core(reading) == FIGURES


def test_a_document_of_today_is_not_gone_through_again():
    document = read_document(docx_bytes(), "docx")
    assert put_back(document) is document
