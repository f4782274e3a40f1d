"""Letters nobody sees, raised without the word for it, turned round or written over: none becomes a digit of the figure beside it."""

from __future__ import annotations

import hashlib
import io

import pytest
from docx import Document as Word
from docx.oxml import parse_xml
from reportlab.pdfgen import canvas

from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import docx, html, pdf, rtf
from parsers.values import Document, Hints, Leaf, PartReading

LABEL = "- Tổng số hồ sơ đã tiếp nhận: "
LINES = "".join(f"<p>- {label}: 2</p>" for label in ("Hồ sơ trả đúng hạn", "Hồ sơ quá hạn", "Hồ sơ trả lại"))
HEAD = ("SỞ NỘI VỤ", "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH", "(từ ngày 14/7 đến ngày 20/7/2017)")
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def shown(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks).strip()


def word_of(properties: str, more: str = "9") -> bytes:
    made, room = Word(), io.BytesIO()
    line = made.add_paragraph("125")
    line._p.append(parse_xml(f'<w:r xmlns:w="{WORD}"><w:rPr>{properties}</w:rPr><w:t>{more}</w:t></w:r>'))
    made.save(room)
    return room.getvalue()


@pytest.mark.parametrize(
    "properties",
    [
        '<w:color w:themeColor="background1"/>',
        '<w:color w:val="FEFEFE"/>',
        '<w:sz w:val="2"/>',
        '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="000000"/>',
    ],
    ids=["a theme's white", "nearly white", "tiny", "of its ground's colour"],
)
def test_a_faint_run_of_word_is_no_digit_of_the_number_beside_it(properties: str) -> None:
    assert shown(docx.read(word_of(properties))) == "125 9"


def test_a_run_lifted_by_its_position_is_raised() -> None:
    assert shown(docx.read(word_of('<w:position w:val="8"/><w:sz w:val="14"/>'))) == "125⁹"
    assert shown(docx.read(word_of('<w:position w:val="-4"/>'))) == "1259"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("125{\\up6\\fs12 1}", "125¹"),
        ("125{\\cf2 9}", "125 9"),
        ("125{\\fs2 9}", "125 9"),
        ("{\\cf1 125}{\\fs24 9}", "1259"),
    ],
    ids=["lifted", "white", "tiny", "black"],
)
def test_a_run_of_rich_text_nobody_sees_or_lifted_is_no_digit(said: str, seen: str) -> None:
    colours = "{\\colortbl;\\red0\\green0\\blue0;\\red255\\green255\\blue255;}"
    assert shown(rtf.read(f"{{\\rtf1\\ansi{colours}{said}\\par}}".encode())) == seen


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ('125<span class="h">9</span>', "125"),
        ('125<span style="font-size:0">9</span>', "125"),
        ('125<span style="font-size:0.8em">9</span>', "1259"),
        ('125<span style="opacity:0">9</span>', "125"),
        ('125<span style="position:absolute;left:-9999px">9</span>', "125"),
        ('125<span style="color:#fff">9</span>', "125 9"),
        ('125<font color="white">9</font>', "125 9"),
        ('125<span style="color:#ff0000">9</span>', "1259"),
        ('125<span style="vertical-align:super">1</span>', "125¹"),
        ("125<sup>1</sup>", "125¹"),
    ],
)
def test_what_a_page_does_not_show_or_lifts_is_no_digit(said: str, seen: str) -> None:
    page = f"<html><style>.h {{ display: none }}</style><body><p>{said}</p></body></html>"
    assert shown(html.read(page.encode())) == seen


def part(name: str, kind: str, data: bytes) -> PartReading:
    leaf = Leaf(("1",), name, kind, "utf-8", data, hashlib.sha256(data).hexdigest(), "attachment")
    (found,) = read_part(leaf, load_forms(), Hints("", name, None))
    return found


def test_a_number_shown_backwards_is_not_read() -> None:
    lines = "".join(f"<p>{line}</p>" for line in HEAD)
    page = f'<html><meta charset="utf-8"><body>{lines}<p>{LABEL}<bdo dir="rtl">521</bdo></p>{LINES}</body></html>'
    (report,) = part("bc.html", "text/html", page.encode()).reports
    assert report.figure("received").state == "unreadable"  # type: ignore[union-attr]


def test_a_time_of_day_in_a_sheet_is_no_zero() -> None:
    lines = "".join(f"<p>{line}</p>" for line in HEAD)
    label = "Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận"
    told = f"<table><tr><td>{label}<td>12:15:00</table>"
    page = f'<html><meta charset="utf-8"><body>{lines}{LINES}{told}</body></html>'
    (report,) = part("bc.html", "text/html", page.encode()).reports
    assert report.figure("feedback_resolved").state == "unreadable"  # type: ignore[union-attr]


def test_digits_written_over_covered_ones_run_into_no_number() -> None:
    room = io.BytesIO()
    page = canvas.Canvas(room)
    page.drawString(60, 700, "99")
    page.setFillColorRGB(1, 1, 1)
    page.rect(59, 697, 20, 14, stroke=0, fill=1)
    page.setFillColorRGB(0, 0, 0)
    page.drawString(60, 700, "125")
    page.drawString(60, 600, "1246")
    page.save()
    said = shown(pdf.read(room.getvalue()))
    assert "1246" in said
    assert "_" in said.replace("1246", "")
