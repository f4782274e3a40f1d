"""A report on paper, scanned: pages as pictures, a thumb over one number. A person must look at it beside its picture."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from intake.demo import documents
from intake.demo.letters import File
from intake.demo.paper import Paper, texts
from intake.demo.scene import DemoMail, Scene
from intake.rules.values import Agency

_DPI = 200
_THUMB = 10.0  # pixels the ink is smeared
_WIDE, _HIGH = 90, 12  # points of the thumb, from the end of the words on


def scan_only(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The signed paper alone, without the Word file; one number cannot be made out."""
    numbers = scene.numbers("weekly", agency)
    written = scene.paper("weekly", agency, numbers)
    name = texts("mails")["name"]["scan"].format(name=texts("weekly")["file_names"][0])
    scan = File(f"{name}.pdf", as_scan(written, texts("mails")["scan"]["thumb"]))
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("scan", agency), scan)
    expect = scene.expect("weekly", agency, "in_review", "in_review", numbers)
    return [scene.mail("scan_only", draft, scene.in_time(), expect, state="needs_review")]


def as_scan(paper: Paper, smudged: str) -> bytes:
    """The paper's pages as pictures in a PDF, smeared right of the words ``smudged``; the same bytes every time."""
    source = pypdfium2.PdfDocument(documents.as_pdf(paper))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in source:
        picture = page.render(scale=_DPI / 72, grayscale=True).to_pil().filter(ImageFilter.GaussianBlur(0.5))
        box = _right_of(page, smudged)
        if box:
            picture.paste(picture.crop(box).filter(ImageFilter.GaussianBlur(_THUMB)), box)
        canvas.drawImage(ImageReader(_worn(picture)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _right_of(page: pypdfium2.PdfPage, words: str) -> tuple[int, int, int, int] | None:
    """The box right of the last of these words, in pixels; None where they do not stand."""
    text = page.get_textpage()
    found = text.search(words).get_next()
    if found is None:
        return None
    start, count = found
    _, bottom, right, _ = text.get_charbox(start + count - 1)
    scale, top = _DPI / 72, page.get_height() - bottom
    return (
        round((right + 3) * scale),
        round((top - _HIGH) * scale),
        round((right + _WIDE) * scale),
        round((top + 4) * scale),
    )


def _worn(picture: Image.Image) -> Image.Image:
    """As an office's scanner saves it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return Image.open(io.BytesIO(out.getvalue()))
