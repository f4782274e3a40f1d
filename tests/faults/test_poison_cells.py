"""F32: poison for the reader and for the letter; one mail suffers, the others do not wait."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of, states
from tests.faults.poison import DEATHS, word
from tests.faults.province import Maker, Province

HOSTILE = Path(__file__).parents[1] / "corpus/hostile/att"
POISONED = {"CCHC_BOX_PROBES": str(Path(__file__).with_name("poison.py"))}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


@cell("F32")
def test_poison_for_the_reader_harms_its_own_mail_and_no_other(province: Province):
    """In the real confined worker: files made to loop or to swell, a good report among them."""
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
def test_a_reader_that_dies_of_a_file_in_any_way_harms_that_mail_and_no_other(make: Maker):
    """Aborted, segmentation fault, no memory, endless recursion, a mistake of ours: each waits for a person, the report is answered."""
    province = make()
    for agency, death in zip(("SNV", "SXD", "SCT", "STP", "SVH"), DEATHS, strict=False):
        _poisoned(province, agency, death)
    province.report("STC")
    province.well("poll", box="real", env=POISONED)
    province.settle()
    province.good()
    assert states(province.database) == {"needs_review": 5, "recorded": 1, "own": 6}
    reasons = {name: reason for name, reason in province.database.ask("SELECT name, reason FROM part") if reason}
    assert {name: reason for name, reason in reasons.items() if name != "memory.txt"} == dict.fromkeys(
        ("abort.txt", "segfault.txt", "recursion.txt", "mistake.txt"), "reader_crashed"
    )
    assert reasons["memory.txt"] == "memory"


@cell("F32")
def test_a_reader_that_hangs_delays_its_own_mail_and_no_other(make: Maker):
    province = make()
    _poisoned(province, "SNV", "hang")
    province.pass_time(minutes=1)
    report = province.report("STC")
    province.well("poll", box="real", env=POISONED, inject=[["hasty_reader", 8.0], ["clock_of_its_own"]])
    states_in_turn = province.database.ask(
        "SELECT m.sha256, s.after FROM mail_state s JOIN mail m ON m.id = s.mail_id ORDER BY s.seq"
    )
    done = [sha256 for sha256, after in states_in_turn if after in ("recorded", "needs_review")]
    first = next(m.sha256 for m in province.ledger.delivered if m.raw == report)
    assert done == [first, province.ledger.delivered[0].sha256], "the one that hangs came first and is done last"
    province.settle()
    province.good()
    assert ("timeout",) in province.database.ask("SELECT reason FROM part")


def _poisoned(province: Province, agency: str, death: str) -> None:
    raw = scene.mail_of(scene.address_of(agency), "Báo cáo tuần CCHC", "Xin gửi.", {f"{death}.txt": word(death)})
    province.arrive(raw, scene.address_of(agency), answered=True)
    province.ledger.delivered[-1] = replace(province.ledger.delivered[-1], unread=True)


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
