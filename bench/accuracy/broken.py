"""PDF whose page looks right and whose text layer is not: what a careful person reads is what stands on the page.

- letters lost: the font's table to Unicode leaves out every letter with a tone;
- TCVN3 codes: the table gives the bytes of an old font;
- codes shifted: the table is off by some places, digits too;
- letters at line ends: an invisible layer over the picture, toned letters behind each line;
- bad OCR layer: a searchable scan, as copiers make it, with a wrong letter or digit here and there.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import ttfonts
from reportlab.pdfgen import canvas

from bench.accuracy import legacy, pdf
from bench.accuracy.page import Page

Remap = Callable[[int], int]
LIKE = {"0": "O", "1": "l", "5": "6", "8": "3", "3": "8", "6": "5", "7": "1", "4": "9"}


def remapped(page: Page, remap: Remap) -> bytes:
    """The page by reportlab, its glyphs told to Unicode as ``remap`` says."""
    original = ttfonts.makeToUnicodeCMap

    def made(font: str, subset: list[int]) -> str:
        return str(original(font, [remap(code) for code in subset]))

    ttfonts.makeToUnicodeCMap = made
    try:
        return pdf.pdf(page)
    finally:
        ttfonts.makeToUnicodeCMap = original


def letters_lost(page: Page) -> bytes:
    return remapped(page, lambda code: code if code < 0x100 or code in (0x2026, 0x2013) else 0x20)


def old_codes(page: Page) -> bytes:
    def byte(code: int) -> int:
        return code if code < 128 else ord(bytes(legacy.tcvn3(chr(code))).decode("cp1252", "replace"))

    return remapped(page, byte)


def shifted(page: Page) -> bytes:
    return remapped(page, lambda code: code + 3 if code > 32 else code)


def line_ends(page: Page) -> bytes:
    def pushed(line: str) -> str:
        toned = "".join(c for c in line if ord(c) > 0xFF)
        return "".join(c for c in line if ord(c) <= 0xFF) + "  " + toned

    return over_picture(page, pushed)


def bad_ocr(page: Page) -> bytes:
    rng = random.Random(len(page.blocks))

    def misread(line: str) -> str:
        return "".join(_misread(char, rng) for char in line)

    return over_picture(page, misread)


def _misread(char: str, rng: random.Random) -> str:
    if char.isdigit():
        return LIKE.get(char, char) if rng.random() < 0.08 else char
    if char.isalpha() and ord(char) > 0x7F and rng.random() < 0.06:
        return chr(ord(char) + rng.choice([-2, 2]))
    return char


def over_picture(page: Page, text: Callable[[str], str]) -> bytes:
    """A picture of each page with its lines as invisible text where they stand."""
    good = pypdfium2.PdfDocument(pdf.pdf(page))
    out = io.BytesIO()
    pdf.fonts()
    target = canvas.Canvas(out, pagesize=A4)
    for sheet in good:
        picture = io.BytesIO()
        sheet.render(scale=200 / 72).to_pil().convert("L").save(picture, "JPEG", quality=75)
        target.drawImage(ImageReader(picture), 0, 0, *A4)
        _invisible(target, sheet, text)
        target.showPage()
    target.save()
    return out.getvalue()


def _invisible(target: canvas.Canvas, sheet: pypdfium2.PdfPage, text: Callable[[str], str]) -> None:
    layer = sheet.get_textpage()
    for n in range(layer.count_rects()):
        left, bottom, right, top = layer.get_rect(n)
        line = layer.get_text_bounded(left, bottom, right, top).strip()
        if line:
            writing = target.beginText(left, bottom)
            writing.setTextRenderMode(3)
            writing.setFont(pdf.FONT, max(6, top - bottom))
            writing.textOut(text(line))
            target.drawText(writing)
