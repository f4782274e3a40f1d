"""Scans through the box, from bytes to a report, and what is said where something is missing (issue 3, "Scans")."""

from __future__ import annotations

import hashlib
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from parsers import limits
from parsers.box import Box, BoxFailure
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.document_builders import zipped
from tests.parsers.scan_builders import CLEAN, POOR, Wear, png, rendered, report_pdf, scan_pdf, tiff, truth, worn

FOLDER = Path(__file__).parents[1] / "corpus" / "documents"
CORE = ("received", "resolved", "on_time", "overdue", "returned")


@pytest.fixture(scope="module")
def box():
    with Box() as found:
        yield found


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return worn(rendered(report_pdf(21), 200), Wear(200, 0.4, 2))


def a_leaf(data: bytes, name: str, role: str = "attachment") -> Leaf:
    return Leaf(("2",), name, "", "", data, hashlib.sha256(data).hexdigest(), role)


def read(box: Box, data: bytes, name: str = "scan.pdf") -> PartReading:
    (reading,) = box.read_part(a_leaf(data, name), Hints())
    return reading


def flagged(reading: PartReading) -> set[str]:
    return {k for f in reading.reports[0].findings if f.severity in ("warning", "error") for k in f.figures}


def joined(*files: bytes) -> bytes:
    """The pages of several PDFs in one."""
    target = pdfium.PdfDocument.new()
    for data in files:
        target.import_pages(pdfium.PdfDocument(data))
    out = BytesIO()
    target.save(out)
    return out.getvalue()


# ---- read -------------------------------------------------------------------------------------------------------------


def test_a_clean_scan_is_read_with_the_place_of_every_figure(box, clean):
    reading = read(box, scan_pdf([clean]))
    assert (reading.outcome, reading.reason) == ("read", None)
    (report,) = reading.reports
    assert (report.type, report.agency_text) == ("weekly", "SỞ NỘI VỤ")
    assert (str(report.window.start), str(report.window.end)) == ("2017-07-14", "2017-07-20")
    for key in CORE:
        figure = report.figure(key)
        assert figure.value == truth(21)[key]
        assert "ocr" in figure.flags
        assert figure.place.page == 1
        assert figure.place.box[3] - figure.place.box[1] < 30
    assert not flagged(reading) & set(CORE)
    assert report.signature.state == "unknown"


def test_a_scan_in_an_archive_and_a_tiff_of_two_pages_are_read(box, clean):
    blank = np.full_like(clean, 255)
    readings = box.read_part(a_leaf(zipped({"bc/scan.tif": tiff([blank, clean])}), "goi.zip"), Hints())
    (reading,) = readings
    assert (reading.type, reading.outcome) == ("tiff", "read")
    assert reading.reports[0].figure("received").place.page == 2


def test_only_the_scanned_page_of_a_mixed_pdf_is_recognised(box, clean):
    reading = read(box, joined(report_pdf(22), scan_pdf([np.full_like(clean, 255)])))
    assert reading.outcome == "read"
    assert all("ocr" not in figure.flags for figure in reading.reports[0].figures)
    assert [f.code for f in reading.findings] == ["pages_without_text"]


def test_a_text_layer_that_lost_its_letters_gives_way_to_the_page_itself(box):
    broken = report_pdf(23, garbled=True)
    reading = read(box, broken)
    assert reading.outcome == "read"
    assert reading.reports[0].figure("received").value == truth(23)["received"]
    assert "ocr" in reading.reports[0].figure("received").flags


# ---- not read ---------------------------------------------------------------------------------------------------------


def test_what_nobody_can_read_is_for_a_person(box):
    image = worn(rendered(report_pdf(24), 55), Wear(55, 1.0, 18))
    reading = read(box, png(image), "scan.png")
    assert (reading.outcome, reading.reason) in {("needs_review", "unreadable_scan"), ("needs_review", "no_text")}


@pytest.mark.parametrize("name", ["blank.pdf", "blank.png"])
def test_an_empty_page_has_no_text(box, name):
    blank = np.full((1200, 900, 3), 255, np.uint8)
    reading = read(box, png(blank) if name.endswith("png") else scan_pdf([blank]), name)
    assert (reading.outcome, reading.reason) == ("needs_review", "no_text")


def test_a_logo_is_an_enclosure_and_nobody_looks_at_it(box):
    reading = read(box, png(np.full((120, 300, 3), 90, np.uint8)), "logo.png")
    assert (reading.outcome, reading.reason) == ("enclosure", None)


def test_a_picture_with_more_pixels_than_are_ever_decoded_is_refused(box):
    data = bytearray(png(np.full((500, 500, 3), 255, np.uint8)))
    data[16:24] = (limits.IMAGE_SIDE_MAX + 1).to_bytes(4) + (500).to_bytes(4)
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    reading = read(box, bytes(data), "scan.png")
    assert (reading.outcome, reading.reason) == ("refused", "image_too_large")


def test_without_tesseract_the_part_waits_and_the_rest_is_read(monkeypatch, tmp_path, clean):
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with Box() as blind:
        reading = read(blind, scan_pdf([clean, clean]))
        assert (reading.outcome, reading.reason) == ("needs_review", "tool_missing")
        assert read(blind, joined(report_pdf(22), scan_pdf([clean]))).outcome == "read"
        assert read(blind, report_pdf(22), "text.pdf").outcome == "read"
        with pytest.raises(BoxFailure, match="tesseract-ocr-vie"):
            blind.page_confinement()


def test_the_worker_for_pages_is_confined_and_leaves_when_idle(monkeypatch, clean):
    monkeypatch.setenv("CCHC_PAGE_IDLE", "0.5")
    with Box() as found:
        assert found._pages.pid is None
        told = found.page_confinement()
        assert told.complete, told.notes
        first = found._pages.pid
        found._pages._process._life.process.wait(20)
        assert read(found, png(clean), "scan.png").outcome == "read"
        assert found._pages.pid != first


def test_a_page_full_of_specks_is_looked_at_though_tesseract_warns_of_them(box):
    """It prints its warnings into the null device, and crashed where that could not be opened."""
    page = rendered(report_pdf(1), 72).copy()
    for x, y in np.random.default_rng(1).integers(0, 590, (600, 2)):
        page[y : y + 2, x : x + 2] = 0
    reading = read(box, png(page), "scan.png")
    assert (reading.outcome, reading.reason) == ("needs_review", "unreadable_scan")


def test_the_ordinary_worker_imports_nothing_that_looks_at_pictures(box):
    box.warm()
    modules = ("cv2", "numpy", "tesserocr")
    assert [name for name in modules if name in Path(f"/proc/{box._worker.pid}/maps").read_text()] == []


def test_a_picture_of_a_place_is_cut_in_the_worker(box, clean):
    picture = box.picture(png(clean), "png", 1, (100.0, 300.0, 700.0, 340.0))
    assert picture.png.startswith(b"\x89PNG")
    assert box.picture(b"%PDF-1.7", "pdf", 1).reason == "corrupt"


@pytest.mark.slow
@pytest.mark.parametrize(("wear", "seed"), [(CLEAN, 31), (POOR, 32), (POOR, 33)])
def test_nothing_wrong_goes_unsaid_at_any_quality(box, wear, seed):
    reading = read(
        box, scan_pdf([worn(rendered(report_pdf(seed, table=seed % 2 == 0), wear.dpi), wear, seed)], wear.jpeg)
    )
    for report in reading.reports:
        for key, value in truth(seed).items():
            figure = report.figure(key)
            if figure.state in ("number", "zero") and figure.value != value:
                assert reading.outcome == "needs_review" or key in flagged(reading), key
