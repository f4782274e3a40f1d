"""A scan beside the Word file, a scan alone, and scans that wait for Tesseract (facts that shape the design, 4; issue 3)."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from intake import pictures, wiring
from parsers.box import Box
from tests.parsers.scan_builders import Wear, jpeg, rendered, report_docx, report_pdf, scan_pdf, stamped, truth, worn
from tests.pipeline.world import World, mail

WEEK = "weekly:2017-07-21"
BEFORE, POLLED, ASKED = "2017-07-20 09:00:00", "2017-07-20 09:01:00", "2017-07-20 09:02:00"
SEED = 47  # no 3 among the required figures: on some processors the engine takes this face's flat-topped 3 for a 5


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    page = rendered(report_pdf(SEED, agency="SỞ TÀI CHÍNH"), 200)
    return worn(stamped(page, (0.68, 0.8)), Wear(200, 0.4, 2, 0.5), 1)


@pytest.fixture(scope="module")
def scan(picture) -> bytes:
    return scan_pdf([picture])


def received(world: World, files: dict[str, bytes]):
    world.deliver(mail(files=files), BEFORE)
    world.poll(POLLED)
    (row,) = world.log(ASKED)
    return row


def letter(world: World) -> str:
    (one,) = world.letters("stc@tinh.example")
    return one.get_body(("plain",)).get_content()


def test_the_scan_beside_the_word_file_is_its_copy(world: World, scan: bytes):
    row = received(world, {"BC tuan 29.docx": report_docx(SEED, "SỞ TÀI CHÍNH"), "BC tuan 29 (ký).pdf": scan})
    assert (row["state"], [part["outcome"] for part in row["parts"]]) == ("recorded", ["read", "copy"])
    (submission,) = row["submissions"]
    assert submission["outcome"] == "accepted"
    assert "chưa chắc chắn" not in letter(world)


def test_a_clear_scan_alone_is_credited_with_its_figures(world: World, scan: bytes):
    row = received(world, {"BC tuan 29.pdf": scan})
    assert row["state"] == "recorded"
    assert row["submissions"][0]["outcome"] in ("accepted", "accepted_with_warnings")
    shown = world.cchc("show", str(row["id"]), "--json", now=ASKED).json
    figure = shown["reports"][0]["figures"]["received"]
    assert figure["value"] == truth(SEED)["received"]
    assert figure["flags"] == ["ocr"]
    assert figure["where"]["page"] == 1
    assert len(figure["where"]["box"]) == 4


def test_a_scan_nobody_can_read_surely_waits_for_a_person(world: World):
    faint = worn(rendered(report_pdf(SEED, agency="SỞ TÀI CHÍNH"), 60), Wear(60, 0.9, 16), 3)
    row = received(world, {"BC tuan 29.jpg": jpeg(faint, 60)})
    assert row["state"] == "needs_review"
    assert row["reason"] in ("unreadable_scan", "no_text", "low_text_quality")
    assert row["submissions"][0]["outcome"] == "in_review"
    assert "ĐANG XEM XÉT" in letter(world)


def test_without_tesseract_scans_wait_and_are_read_when_it_is_there(world: World, scan: bytes, monkeypatch, tmp_path):
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(wiring, "Box", Box)
    row = received(world, {"BC tuan 29.pdf": scan})
    assert (row["state"], row["reason"]) == ("needs_review", "tool_missing")
    assert row["submissions"][0]["outcome"] == "in_review"
    check = {line["what"]: line for line in world.cchc("check", "--json").json["lines"]}["tools"]
    assert "tesseract-ocr-vie" in check["said"]
    assert "cchc retry --all" in check["said"]
    monkeypatch.delenv("TESSDATA_PREFIX")
    again = world.cchc("retry", "--all", "--json", now="2017-07-20 15:00:00")
    assert [one["state"] for one in again.json["mails"]] == ["recorded"]
    (row,) = world.log("2017-07-20 15:01:00")
    assert row["submissions"][-1]["outcome"] in ("accepted", "accepted_with_warnings")
    assert row["submissions"][-1]["period"] == WEEK


def test_a_person_sees_the_place_a_figure_was_read_at(world: World, scan: bytes, worker: Box, picture: np.ndarray):
    row = received(world, {"BC tuan 29.pdf": scan})
    shown = world.cchc("show", str(row["id"]), "--json", now=ASKED).json
    place = shown["reports"][0]["figures"]["received"]["where"]
    png = pictures.place(worker, scan, "pdf", place["page"], tuple(place["box"]))
    cut = cv2.imdecode(np.frombuffer(png, np.uint8), 0)
    assert cut.shape[0] < cut.shape[1] / 3
    assert (cut < 100).sum() > 500
    whole = cv2.imdecode(np.frombuffer(pictures.page(worker, scan, "pdf", 1), np.uint8), 0)
    assert whole.shape[0] == 2000
    assert pictures.page(worker, b"%PDF-1.7", "pdf", 1) is None
    assert pictures.page(worker, b"x", "docx", 1) is None
    assert json.dumps(place)
