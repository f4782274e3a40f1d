"""Writes the PDF files of ``documents/`` that need a real font.

    python tests/corpus/make_documents.py FONT.ttf     (made with DejaVuSerif.ttf; its licence allows embedding)

Everything else the reader tests use is built inside the tests. Output is the same for the same font and library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

HERE = Path(__file__).parent / "documents"
FONT, SIZE = "Body", 11
LINES = (
    "SỞ NỘI VỤ",
    "Số: 123/BC-SNV",
    "BÁO CÁO TUẦN",
    "Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 tháng 7 năm 2017",
    "- Tổng số hồ sơ đã tiếp nhận của các tổ chức và cá nhân trên địa bàn cả tỉnh",
    "trong tuần báo cáo là 1.625 hồ sơ.",
    "- Tổng số hồ sơ đã giải quyết: 1.615",
    "- Hồ sơ trả đúng hạn: 1.590",
)
HEAD = ["TT", "Chỉ tiêu", "Số liệu"]


def canvas(name: str, size: tuple[float, float] = A4) -> Canvas:
    made = Canvas(str(HERE / name), pagesize=size, invariant=1, pageCompression=1)
    made.setFont(FONT, SIZE)
    return made


def write_lines(page: Canvas, top: float = 780, lines: tuple[str, ...] = LINES, left: float = 72) -> float:
    page.setFont(FONT, SIZE)
    for line in lines:
        page.drawString(left, top, line)
        top -= 16
    return top


def ruled(page: Canvas, rows: list[list[str]], top: float, spans: tuple[object, ...] = ()) -> None:
    table = Table(rows, colWidths=[30, 290, 90])
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), FONT, SIZE), *spans])
    )
    _, height = table.wrapOn(page, 500, 700)
    table.drawOn(page, 72, top - height)


def report() -> None:
    """Paragraphs, one of them wrapped, and a ruled table cut by the end of the page in the middle of a row."""
    page = canvas("report.pdf")
    top = write_lines(page)
    ruled(
        page,
        [HEAD, ["1", "Tổng số hồ sơ đã tiếp nhận", "1.625"], ["2", "Tổng số hồ sơ\nđã giải quyết", "1.615"], ["3", "Hồ sơ trả lại (tổ chức,", "10"]],
        top,
    )  # fmt: skip
    page.showPage()
    ruled(
        page,
        [HEAD, ["", "cá nhân)", ""], ["4", "Hồ sơ quá hạn", "25"], ["Tổng cộng", "", "3.275"]],
        800,
        (("SPAN", (0, 3), (1, 3)),),
    )
    write_lines(page, 600, ("Nơi nhận: như trên.",))
    page.save()


def torn() -> None:
    """Letters the first font lacks are drawn after all others, as some programs do."""
    page = canvas("torn.pdf")
    top = 780.0
    for line in LINES:
        left, late = 72.0, []
        for char in line:
            (late.append((left, char)) if ord(char) > 0x1E00 else page.drawString(left, top, char))
            left += pdfmetrics.stringWidth(char, FONT, SIZE)
        for place, char in late:
            page.drawString(place, top, char)
        top -= 16
    page.save()


def turned() -> None:
    """A landscape page made by turning a portrait one, its origin moved."""
    page = canvas("turned.pdf")
    page.setPageRotation(90)
    page.translate(595, 0)
    page.rotate(90)
    top = write_lines(page, 500)
    ruled(page, [HEAD, ["1", "Tổng số hồ sơ đã tiếp nhận", "1.625"], ["2", "Hồ sơ quá hạn", "25"]], top)
    page.save()


def picture() -> ImageReader:
    image = Image.new("L", (300, 424), 255)
    for x in range(20, 280):
        for y in range(20, 400, 12):
            image.putpixel((x, y), 0)
    out = BytesIO()
    image.save(out, "PNG")
    return ImageReader(BytesIO(out.getvalue()))


def scan() -> None:
    """A picture of a page, with the few words of a digital signature's stamp."""
    page = canvas("scan.pdf")
    page.drawImage(picture(), 0, 0, *A4)
    write_lines(page, 100, ("Ký bởi: SỞ NỘI VỤ", "Thời gian ký: 21/07/2017 09:00"), 380)
    page.save()


def mixed() -> None:
    """A page of text, then a page that is a picture."""
    page = canvas("mixed.pdf")
    write_lines(page)
    page.showPage()
    page.drawImage(picture(), 0, 0, *A4)
    page.save()


def layered() -> None:
    """A scan with the text some OCR program laid over it, invisibly."""
    page = canvas("layered.pdf")
    page.drawImage(picture(), 0, 0, *A4)
    text = page.beginText(72, 780)
    text.setFont(FONT, SIZE)
    text.setTextRenderMode(3)
    for line in LINES * 2:
        text.textLine(line)
    page.drawText(text)
    page.save()


def fields() -> None:
    """A form filled in: the values stand in fields, not in the page."""
    page = canvas("fields.pdf")
    write_lines(page, 780, ("- Tổng số hồ sơ đã tiếp nhận:",))
    page.acroForm.textfield(name="received", value="1625", x=260, y=772, width=80, height=18, borderWidth=0)
    page.save()


def columns() -> None:
    """Labels and values apart on one line, without rulings."""
    page = canvas("columns.pdf")
    for n, (label, value) in enumerate((("Hồ sơ tiếp nhận", "1.625"), ("Hồ sơ quá hạn", "25"))):
        page.drawString(72, 780 - 16 * n, label)
        page.drawString(400, 780 - 16 * n, value)
    page.save()


def framed() -> None:
    """A box drawn around text is no table."""
    page = canvas("framed.pdf")
    write_lines(page, 700, LINES[:3])
    for inset in (0, 4):
        page.rect(60 + inset, 600 + inset, 400 - 2 * inset, 130 - 2 * inset)
    page.save()


MAKE: tuple[Callable[[], None], ...] = (report, torn, turned, scan, mixed, layered, fields, columns, framed)


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    pdfmetrics.registerFont(TTFont(FONT, sys.argv[1]))
    for make in MAKE:
        make()
