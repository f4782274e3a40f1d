"""F32: poison for the reader and for the letter; one mail suffers, the others do not wait."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of
from tests.faults.province import Province

HOSTILE = Path(__file__).parents[1] / "corpus/hostile/att"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


@cell("F32")
def test_poison_for_the_reader_harms_its_own_mail_and_no_other(province: Province):
    """In the real confined worker: loops, bombs and files that crash readers, a good report among them."""
    bad = ("pdf_page_tree_loop.pdf", "docx_billion_laughs.docx", "xlsx_cell_bomb.xlsx", "zip_bomb_flat.zip")
    for agency, name in zip(("SNV", "SXD", "SCT", "STP"), bad, strict=True):
        files = {name: (HOSTILE / name).read_bytes()}
        raw = scene.mail_of(scene.address_of(agency), "Báo cáo tuần CCHC", "Xin gửi.", files)
        province.arrive(raw, scene.address_of(agency), answered=True)
        province.ledger.delivered[-1] = replace(province.ledger.delivered[-1], unread=True)
    province.report("STC")
    province.well("poll", box="real")
    province.settle()
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 5


@cell("F32")
def test_poison_for_the_letter_harms_its_own_letter_and_no_other(province: Province):
    """A subject and a name that would break out of a header, markup and a template in what is quoted."""
    for agency, words in (("SNV", "Báo cáo\r\nBcc: x@example.net"), ("SXD", "{{ 7*7 }} <script>\x00\u202e")):
        subject = f"=?utf-8?b?{b64encode(words.encode()).decode()}?="
        raw = scene.mail_of(scene.address_of(agency), "SUBJECT", "Xin hỏi.").replace(b"SUBJECT", subject.encode())
        province.arrive(raw, scene.address_of(agency), answered=True)
    province.report("STC")
    province.settle()
    province.good()
    letters = letters_of(province.ledger.left, "acknowledgement")
    assert len(letters) == 3
    assert not any(letter.header("Bcc") for letter in letters)
    assert not any("49" in str(letter.message["Subject"]) for letter in letters)
