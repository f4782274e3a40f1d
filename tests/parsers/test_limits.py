"""Every cap of ``parsers.limits`` reached from below and from above: nothing lost, and the reason of the contract.

Caps are lowered here so that a small file reaches them; what a cap is set to is looked at nowhere, only that it holds.
Those that have tests of their own are named with the file that has them; a cap nobody tries fails ``test_every_cap_is_tried``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from intake.rules.roster import Roster
from intake.rules.sender import Trust, identify
from parsers import limits, mail, part
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.pages.source import load
from parsers.part import read_leaf, read_part
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.scan import PageScan, ScannedItem, ScannedLine, ScannedPart
from parsers.sniff import sniff
from parsers.values import Envelope, Hints, Leaf, PartReading
from tests.parsers.container_builders import rar4, rar5, seven_zip, tar
from tests.parsers.document_builders import cell, docx_of, paragraph, pdf_of, table
from tests.parsers.office_builders import ods_of
from tests.parsers.scan_builders import png, tiff

FORMS = load_forms()
HERE = Path(__file__).parents[1]
HEAD = b"From: a@tinh.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
ELSEWHERE = {
    "BLOCKS_MAX": "parsers/test_readers_markup.py",
    "CELLS_MAX": "parsers/test_readers_sheets.py",
    "HEADERS_MAX": "parsers/test_mail.py",
    "IMAGE_SIDE_MAX": "parsers/test_pages.py",
    "MAIL_MAX": "parsers/test_mail.py",
    "MEMBERS_SCANNED_MAX": "parsers/test_sniff.py",
    "OOXML_ENTRIES_MAX": "parsers/test_readers_docx.py",
    "OOXML_MEMBER_MAX": "parsers/test_readers_docx.py",
    "OPINION_MAX": "parsers/test_mail.py",
    "PAGES_MAX": "parsers/test_readers_pdf.py",
    "PART_MAX": "parsers/test_part.py",
    "PDF_LINE_SEGMENTS_MAX": "parsers/test_readers_pdf.py",
    "PDF_PAGE_CHARS_MAX": "parsers/test_readers_pdf.py",
    "PDF_REMARKS_MAX": "parsers/test_pdf_struck.py",
    "SCAN_LETTERS_MIN": "parsers/test_reach.py",
    "SCAN_SIDE_MIN": "parsers/test_reach.py",
    "SHEETS_MAX": "parsers/test_readers_sheets.py",
    "SHEET_AREA_MAX": "parsers/test_readers_sheets.py",
    "TABLE_PAGES_MAX": "parsers/test_readers_pdf.py",
    "TABLE_SECONDS": "parsers/test_readers_pdf.py",
    "TEXT_MAX": "parsers/test_readers_pdf.py",
    "TEXT_QUALITY_MIN": "parsers/test_readers_pdf.py",
    "UNAR_OUT_MAX": "parsers/test_unar.py",
    "WORKER_OUTPUT": "parsers/test_box.py",
    "XML_DEPTH": "parsers/test_readers_markup.py",
}
# the walls of a worker, tried from inside: eat_memory, spin, big_file, many_files, sleep, a crash tried twice; and PAGE_IDLE
WALLS = {
    "WORKER_ADDRESS_SPACE": ("parsers/test_box.py", "eat_memory"),
    "WORKER_CPU": ("parsers/test_box.py", "spin"),
    "WORKER_FILE_SIZE": ("parsers/test_box.py", "big_file"),
    "WORKER_FILES": ("parsers/test_box.py", "many_files"),
    "WORKER_WALL": ("parsers/test_box.py", '"sleep", b"600"'),
    "WORKER_TRIES": ("parsers/test_box.py", "costs_one_try"),
    "PAGE_IDLE": ("parsers/test_scans.py", "CCHC_PAGE_IDLE"),
}


def leaf(data: bytes, name: str, role: str = "attachment") -> Leaf:
    return Leaf(("2",), name, "", "", data, hashlib.sha256(data).hexdigest(), role)


def parts_of(data: bytes, name: str) -> tuple[PartReading, ...]:
    return read_part(leaf(data, name), FORMS, Hints())


def said(data: bytes, name: str) -> set[str]:
    """Reasons and warnings of everything in a file."""
    found = parts_of(data, name)
    return {p.reason for p in found if p.reason} | {
        f.code for p in found for f in p.findings if f.severity == "warning"
    }


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


# ---- documents and archives -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cap:
    """A cap lowered, a file that just fits and one that just does not, and what is said of the second."""

    limit: str
    lowered: int
    name: str
    make: Callable[[int], bytes]
    fits: int
    reason: str


def _texts(n: int) -> dict[str, bytes]:
    return {f"{i}.txt": b"Kinh gui" for i in range(n)}


def _nested(n: int) -> bytes:
    data = b"Kinh gui"
    for level in range(n):
        data = zipped({"a.txt" if level == 0 else "in.zip": data})
    return data


def _tables(n: int) -> str:
    inner = paragraph("x")
    for _ in range(n):
        inner = table("<w:tr>" + f"<w:tc>{inner}{paragraph('')}</w:tc>" + "</w:tr>")
    return inner


def _ods(rows: int, columns: int) -> bytes:
    cell_ = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    return ods_of(f"<table:table-row>{cell_ * columns}</table:table-row>" * rows)


def _picture(side: int) -> bytes:
    return png(np.full((side, side, 3), 255, np.uint8))


CAPS = [
    Cap("ZIP_ENTRIES_MAX", 3, "a.zip", lambda n: zipped(_texts(n)), 3, "zip_too_many_entries"),
    Cap("ZIP_ENTRIES_MAX", 3, "a.7z", lambda n: seven_zip(_texts(n)), 3, "zip_too_many_entries"),
    Cap("ZIP_ENTRIES_MAX", 3, "a.tar", lambda n: tar(_texts(n)), 3, "zip_too_many_entries"),
    Cap("ZIP_ENTRIES_MAX", 3, "a.rar", lambda n: rar5(_texts(n)), 3, "zip_too_many_entries"),
    Cap("ZIP_ENTRIES_MAX", 3, "b.rar", lambda n: rar4({k.encode(): v for k, v in _texts(n).items()}), 3, "zip_too_many_entries"),
    Cap("ZIP_DEPTH_MAX", 2, "a.zip", _nested, 2, "zip_nested_too_deep"),
    Cap("PART_MAX", 400, "a.txt", lambda n: b"x" * n, 400, "too_large"),
    Cap("TABLE_DEPTH_MAX", 3, "a.docx", lambda n: docx_of(_tables(n)), 3, "xml_too_deep"),
    Cap("BLOCKS_MAX", 5, "a.docx", lambda n: docx_of(paragraph("x") * n), 5, "too_large"),
    Cap("TEXT_MAX", 50, "a.docx", lambda n: docx_of(paragraph("x" * n)), 50, "too_large"),
    Cap("CELLS_MAX", 4, "a.docx", lambda n: docx_of(table("<w:tr>" + cell("1") * n + "</w:tr>")), 4, "too_large"),
    Cap("SHEET_ROWS_MAX", 5, "a.ods", lambda n: _ods(n, 1), 5, "cells_beyond_range"),
    Cap("SHEET_COLUMNS_MAX", 5, "a.ods", lambda n: _ods(1, n), 5, "cells_beyond_range"),
    Cap("SHEET_COLUMNS_MAX", 5, "a.csv", lambda n: b"\n".join([b",".join([b"x"] * n)] * 3), 5, "cells_beyond_range"),
    Cap("IMAGE_PIXELS_MAX", 500 * 500, "a.png", _picture, 500, "image_too_large"),
    Cap("IMAGE_SIDE_MAX", 500, "a.png", _picture, 500, "image_too_large"),
]  # fmt: skip


@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: f"{cap.limit}-{cap.name}")
def test_a_cap_is_reached_from_below_and_above(monkeypatch, cap: Cap):
    monkeypatch.setattr(limits, cap.limit, cap.lowered)
    assert cap.reason not in said(cap.make(cap.fits), cap.name), "what just fits is read"
    assert cap.reason in said(cap.make(cap.fits + 1), cap.name)


def test_one_budget_holds_a_whole_tree_of_archives(monkeypatch):
    """Each of the three would fit alone; together, two levels down, they do not."""
    member = zipped({"a.txt": bytes(np.random.default_rng(1).integers(97, 122, 30_000, np.uint8))})
    tree = zipped({"a.zip": member, "b.zip": member[:-1] + b"\0", "c.7z": seven_zip({"c.txt": b"x" * 30_000})})
    spent = 30_000 * 3 + 2 * len(member) + 200
    for left, expected in ((10 * spent, False), (70_000, True)):
        monkeypatch.setattr(part, "Budget", lambda left=left: Budget(left))
        assert ("zip_bomb" in {p.reason for p in parts_of(tree, "a.zip")}) is expected
    monkeypatch.setattr(part, "Budget", lambda: Budget(70_000))
    assert {p.reason for p in parts_of(member, "a.zip")} == {None}


def test_the_budget_is_the_cap():
    budget = Budget()
    budget.take(limits.INFLATED_MAX)
    with pytest.raises(Exception, match="zip_bomb"):
        budget.take(1)


@pytest.mark.parametrize("name", ["a.zip", "a.7z"])
def test_a_ratio_counts_from_a_size_on(monkeypatch, name):
    data = {"a.txt": b"x" * 40_000}
    packed = zipped(data) if name == "a.zip" else seven_zip(data)
    for start, ratio, expected in ((50_000, 10, set()), (20_000, 10, {"zip_bomb"}), (20_000, 5000, set())):
        monkeypatch.setattr(limits, "RATIO_FROM", start)
        monkeypatch.setattr(limits, "RATIO", ratio)
        assert said(packed, name) & {"zip_bomb"} == expected


def test_a_cell_keeps_what_excel_would(monkeypatch):
    monkeypatch.setattr(limits, "CELL_TEXT_MAX", 10)
    from parsers.readers import read_document  # noqa: PLC0415

    document = read_document(b"a,bbbbbbbbbbbbbbbbbbbb\nc,d\n", "csv", charset="", budget=Budget())
    assert [c.text for block in document.blocks for row in (block.table.rows if block.table else ()) for c in row] == [
        "a", "b" * 10, "c", "d",
    ]  # fmt: skip


def test_of_a_gzip_file_no_more_is_inflated_than_tells_a_tar(monkeypatch):
    inside = gzip.compress(tar({"a.txt": b"x"}))
    assert sniff(inside, "a.tgz").type == "tar.gz"
    monkeypatch.setattr(limits, "GZ_PEEK", 100)
    assert sniff(inside, "a.tgz").type != "tar.gz"


# ---- pictures of pages ------------------------------------------------------------------------------------------------


def test_a_picture_smaller_than_a_page_is_a_logo(monkeypatch):
    for side, wanted in ((limits.IMAGE_SIDE_MIN - 1, 0), (limits.IMAGE_SIDE_MIN, 1)):
        assert len(read_leaf(leaf(_picture(side), "a.png"), FORMS, Hints()).wanted) == wanted


def test_a_small_picture_of_the_mails_own_dress_is_not_looked_at(monkeypatch):
    data = _picture(500)
    for most, wanted in ((len(data), 0), (len(data) - 1, 1)):
        monkeypatch.setattr(limits, "INLINE_PICTURE_MAX", most)
        assert len(read_leaf(leaf(data, "a.png", "inline"), FORMS, Hints()).wanted) == wanted


def _seen(data: bytes, pages: int, sure: float = 1.0) -> PartReading:
    line = ScannedItem(line=ScannedLine("Kính gửi Sở Nội vụ tỉnh Thái Nguyên về việc họp", (0, 0, 9, 9), sure))
    scans = ScannedPart(
        hashlib.sha256(data).hexdigest(), tuple(PageScan(n, 500, 500, 0, (line,)) for n in range(1, pages + 1))
    )
    (reading,) = read_leaf(leaf(data, "a.tif"), FORMS, Hints(), scans=(scans,)).readings
    return reading


def test_of_many_pages_the_first_are_looked_at_and_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(limits, "SCAN_PAGES_MAX", 2)
    page = np.full((500, 500, 3), 255, np.uint8)
    two, three = tiff([page] * 2), tiff([page] * 3)
    assert [w.pages for w in read_leaf(leaf(three, "a.tif"), FORMS, Hints()).wanted] == [(1, 2)]
    assert (_seen(two, 2).outcome, _seen(two, 2).reason) == ("enclosure", None)
    reading = _seen(three, 2)
    assert "pages_without_text" in {f.code for f in reading.findings}
    assert (reading.outcome, reading.reason) == ("needs_review", "too_many_pages")


def test_no_report_is_believed_only_of_a_page_read_surely():
    page = tiff([np.full((500, 500, 3), 255, np.uint8)])
    assert _seen(page, 1, limits.SCAN_SURE_MIN + 0.01).outcome == "enclosure"
    assert _seen(page, 1, limits.SCAN_SURE_MIN - 0.01).reason == "unreadable_scan"


def test_a_page_beyond_all_sizes_is_not_drawn(monkeypatch):
    monkeypatch.setattr(limits, "PAGE_POINTS_MAX", 900)
    assert load(pdf_of(b"", page="/MediaBox [0 0 595 900]"), "pdf", 1).height == 900
    with pytest.raises(Unreadable, match="page_too_large"):
        load(pdf_of(b"", page="/MediaBox [0 0 595 901]"), "pdf", 1)


# ---- mails ------------------------------------------------------------------------------------------------------------


def multipart(n: int) -> bytes:
    one = b'--b\r\nContent-Type: application/octet-stream; name="a.txt"\r\n\r\nx\r\n'
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + one * n + b"--b--\r\n"


def forwarded_side_by_side(n: int) -> bytes:
    one = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + HEAD + b"\r\nx\r\n"
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + one * n + b"--b--\r\n"


def forwarded_inside(n: int) -> bytes:
    raw = HEAD + b"\r\nx\r\n"
    for _ in range(n):
        raw = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + raw
    return raw


@pytest.mark.parametrize(
    ("limit", "lowered", "make", "fits", "reason"),
    [
        ("PARTS_MAX", 4, multipart, 4, "too_many_parts"),
        ("DELIMITERS_MAX", 5, multipart, 4, "too_many_parts"),
        ("FORWARDS_MAX", 3, forwarded_side_by_side, 3, "too_many_parts"),
        ("MIME_DEPTH_MAX", 3, forwarded_inside, 3, "mime_too_deep"),
        ("HEADER_FIELDS_MAX", 10, lambda n: HEAD + b"X-A: b\r\n" * (n - 3) + b"\r\nx", 10, "mime_defect"),
    ],
)
def test_a_mail_beyond_a_cap_waits_for_a_person_with_its_bytes_kept(monkeypatch, limit, lowered, make, fits, reason):
    monkeypatch.setattr(limits, limit, lowered)
    assert open_mail(make(fits)).reason is None
    assert open_mail(make(fits + 1)).reason == reason


def test_a_head_beyond_its_cap_is_a_defect(monkeypatch):
    raw = HEAD + b"X-Long: " + b"y" * 3000 + b"\r\nX-Next: z\r\n\r\nbody"
    assert open_mail(raw).reason is None
    monkeypatch.setattr(limits, "HEADER_BLOCK_MAX", 1000)
    assert open_mail(raw).reason == "mime_defect"


def kept(envelope: Envelope, name: str) -> list[str]:
    return [value for field, value in envelope.headers if field == name]


@pytest.mark.parametrize(
    ("limit", "lowered", "raw", "length"),
    [
        ("SUBJECT_MAX", 5, b"From: a@x.example\r\nSubject: abcdefgh\r\n\r\n", lambda e: len(e.subject)),
        ("NAME_MAX", 12, multipart(1).replace(b"a.txt", b"a" * 40 + b".txt"), lambda e: len(e.leaves[0].name)),
        ("BODY_TEXT_MAX", 7, HEAD + b"\r\n" + b"x" * 40, lambda e: len(e.text)),
        ("HEADER_VALUE_MAX", 6, HEAD + b"X-A: bcdefghijkl\r\n\r\n", lambda e: len(kept(e, "x-a")[0])),
        ("RECEIVED_KEPT", 3, b"Received: by a\r\n" * 9 + HEAD + b"\r\n", lambda e: len(e.received)),
        ("FROM_ADDRESSES_MAX", 2, b"From: a@x.example, b@x.example, c@x.example\r\n\r\n", lambda e: len(e.from_addresses)),
        ("ADDRESSES_MAX", 2, HEAD + b"Cc: a@x.example, b@x.example, c@x.example\r\n\r\n", lambda e: len(e.cc)),
        ("HEADER_BYTES_MAX", 40, HEAD + b"X-A: " + b"b" * 30 + b"\r\n" + b"X-B: cccccccccc\r\nX-C: d\r\n\r\n", lambda e: len(kept(e, "x-c"))),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_a_field_is_carried_on_bounded_and_the_mail_is_read(monkeypatch, limit, lowered, raw, length):
    whole = length(open_mail(raw))
    monkeypatch.setattr(limits, limit, lowered)
    envelope = open_mail(raw)
    assert length(envelope) < whole
    assert length(envelope) in (lowered, 0)
    assert envelope.reason is None


def test_how_many_hops_there_were_is_counted_beyond_what_is_kept():
    envelope = open_mail(b"Received: by a\r\n" * (limits.RECEIVED_KEPT + 5) + HEAD + b"\r\n")
    assert (len(envelope.received), envelope.received_count) == (limits.RECEIVED_KEPT, limits.RECEIVED_KEPT + 5)


def test_a_field_mail_parser_would_be_slow_on_is_kept_from_it(monkeypatch):
    raw = HEAD + b"Cc: " + b", ".join(b"u%d@x.example" % n for n in range(20)) + b"\r\n\r\nx"
    asked: list[bytes] = []
    monkeypatch.setattr(mail, "second_opinion", asked.append)
    for most, shown in ((1000, True), (50, False)):
        asked.clear()
        monkeypatch.setattr(limits, "OPINION_FIELD_MAX", most)
        envelope = open_mail(raw)
        assert envelope.reason is None
        assert any(b"u19@" in one for one in asked) is shown


def test_a_mail_over_so_many_hops_goes_in_circles():
    for hops, reason in ((limits.HOPS_MAX, "sender_unknown"), (limits.HOPS_MAX + 1, "loop_suspected")):
        envelope = open_mail(b"Received: by a\r\n" * hops + HEAD + b"\r\n")
        assert identify(envelope, Roster(()), date(2017, 7, 21), Trust()).reason == reason


# ---- none is forgotten ------------------------------------------------------------------------------------------------


def test_every_cap_is_tried():
    names = set(re.findall(r"^([A-Z][A-Z_]+) = ", Path(limits.__file__).read_text(encoding="utf-8"), re.MULTILINE))
    here = set(
        re.findall(
            r"\b[A-Z]+(?:_[A-Z]+)+\b|\bRATIO\b",
            Path(__file__).read_text(encoding="utf-8").partition("\n# ---- documents")[2],
        )
    )
    for name, file in ELSEWHERE.items():
        assert re.search(rf"\b{name}\b", (HERE / file).read_text(encoding="utf-8")), f"{name} is not tried in {file}"
    for file, how in WALLS.values():
        assert how in (HERE / file).read_text(encoding="utf-8")
    assert names - {"KIB", "MIB"} - here - set(ELSEWHERE) - set(WALLS) == set()
