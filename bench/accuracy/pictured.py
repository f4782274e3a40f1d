"""The formats without a text of their own, or with a wrong one: broken text layers, scans, photographs, a scan beside its Word file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bench.accuracy import broken, mail, office, scans
from bench.accuracy.carried import GROUP, NOTE, envelope, name
from bench.accuracy.native import Format
from bench.accuracy.page import Page
from bench.accuracy.scans import CLEAN, FAIR, POOR, Quality
from bench.accuracy.truth import Truth

LAYER = "broken text layer"

BROKEN = (
    Format("pdf, letters lost", "pdf", broken.letters_lost, group=LAYER),
    Format("pdf, TCVN3 codes", "pdf", broken.old_codes, group=LAYER),
    Format("pdf, codes shifted", "pdf", broken.shifted, group=LAYER),
    Format("pdf, letters at line ends", "pdf", broken.line_ends, group=LAYER),
    Format("pdf, bad OCR layer", "pdf", broken.bad_ocr, group=LAYER),
)


def _pdf(quality: Quality, *, quarters: int = 0, rotate: int = 0) -> Callable[[Page], bytes]:
    def write(page: Page) -> bytes:
        turned = [np.rot90(picture, quarters).copy() for picture in scans.pictures(page, quality)]
        return scans.as_pdf(turned, quality.jpeg, rotate=rotate)

    return write


def _tiff(quality: Quality, *, black: bool) -> Callable[[Page], bytes]:
    return lambda page: scans.as_tiff(scans.pictures(page, quality), quality.dpi, black=black)


def _png(quality: Quality) -> Callable[[Page], bytes]:
    return lambda page: scans.as_png(_tall(scans.pictures(page, quality)))


def _jpeg(quality: Quality) -> Callable[[Page], bytes]:
    return lambda page: scans.as_jpeg(_tall(scans.pictures(page, quality)), quality.jpeg)


def _tall(pages: list[scans.Picture]) -> scans.Picture:
    """One picture: layouts of one page are chosen for these formats; a second page is put under the first."""
    return pages[0] if len(pages) == 1 else np.vstack(pages)


def _photo(page: Page) -> bytes:
    return scans.as_jpeg(_tall(scans.photographed(page)), scans.PHOTO.jpeg)


def _photo_pdf(page: Page) -> bytes:
    return scans.as_pdf(scans.photographed(page), scans.PHOTO.jpeg)


def with_scan(page: Page, truth: Truth) -> bytes:
    """The usual mail: the Word file and its signed scan."""
    files = {name(truth, "docx"): office.docx(page), "ban ky.pdf": _pdf(FAIR)(page)}
    return mail.attached(envelope(truth), files, NOTE)


LONG = (
    Format("scan clean, PDF", "pdf", _pdf(CLEAN), group="scan clean"),
    Format("scan clean, TIFF", "tif", _tiff(CLEAN, black=True), group="scan clean"),
    Format("scan clean, PDF upside down", "pdf", _pdf(CLEAN, quarters=2), group="scan clean"),
    Format("scan clean, PDF turned back by its page", "pdf", _pdf(CLEAN, quarters=1, rotate=90), group="scan clean"),
    Format("scan fair, PDF", "pdf", _pdf(FAIR), group="scan fair"),
    Format("scan fair, TIFF", "tif", _tiff(FAIR, black=False), group="scan fair"),
    Format("scan poor, PDF", "pdf", _pdf(POOR), group="scan poor"),
    Format("photo, PDF", "pdf", _photo_pdf, group="photo"),
)
SHORT = (
    Format("scan clean, PNG", "png", _png(CLEAN), group="scan clean"),
    Format("scan fair, JPEG", "jpg", _jpeg(FAIR), group="scan fair"),
    Format("scan poor, JPEG", "jpg", _jpeg(POOR), group="scan poor"),
    Format("photo, JPEG", "jpg", _photo, group="photo"),
)
BESIDE = Format("mail, docx and its scan", "eml", with_scan, group=GROUP)
