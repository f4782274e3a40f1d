"""Whatever the bytes, a reader gives a document or says why not; it raises nothing else."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlwt

from parsers.box import Box
from parsers.readers import Unreadable, read_document
from parsers.values import Hints, Leaf
from tests.parsers.document_builders import cell, docx_of, paragraph, table, zipped

FOLDER = Path(__file__).parent.parent / "corpus" / "documents"
REASONS = {
    "corrupt", "encrypted", "empty", "no_text", "too_large", "zip_bomb", "zip_too_many_entries", "xml_entity",
    "xml_too_deep", "too_many_pages", "pdf_bomb",
}  # fmt: skip
SNIFFED = {"unsupported_type", "type_mismatch"}
TRIES = 60


def a_docx() -> bytes:
    rows = table(cell("a", '<w:gridSpan w:val="2"/>') + cell("b", "<w:vMerge/>"), cell("1") + cell("2") + cell("3"))
    return docx_of(paragraph("Báo cáo") + rows + paragraph("cuối"))


def an_xlsx() -> bytes:
    made = openpyxl.Workbook()
    for n in range(8):
        made.active.append([f"dòng {n}", n, n / 7, "=1+1"])
    made.active.merge_cells("A1:B2")
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def an_xls() -> bytes:
    made = xlwt.Workbook()
    sheet = made.add_sheet("x")
    for n in range(8):
        sheet.write(n, n, n / 7, xlwt.easyxf(num_format_str="0%"))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def spoiled(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 3, 20))):
        at = dice.randrange(len(out))
        way = dice.randrange(4)
        if way == 0:
            out[at] = dice.randrange(256)
        elif way == 1:
            del out[at : at + dice.randrange(1, 40)]
        elif way == 2:
            out[at:at] = out[at : at + dice.randrange(1, 60)]
        else:
            out[at : at + 4] = dice.choice((b"99999999", b"-1", b"\0\0\0\0", b"\xff\xff\xff\xff", b"<", b'"'))
        if not out:
            return b"x"
    return bytes(out)


def attempt(data: bytes, kind: str) -> None:
    reason = ""
    try:
        document = read_document(data, kind)
    except Unreadable as why:
        reason = why.reason
        assert reason in REASONS  # a document is as right an answer as a reason
    if not reason:
        assert [block.n for block in document.blocks] == list(range(1, len(document.blocks) + 1))
        for block in document.blocks:
            assert bool(block.text) != (block.table is not None)
            widths = {len(row) for row in block.table.rows} if block.table else {0}
            assert len(widths) == 1


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("docx", a_docx()), ("xlsx", an_xlsx()),
        ("html", b"<p>a<table><tr><td rowspan=2 colspan=3>b</td><td>1</td></tr><tr><td>c</td></tr></table><font face=x>d"),
        ("txt", "Báo cáo\tcột\nhai\tba\n  | a | b |\n".encode()),
    ],
    ids=["docx", "xlsx", "html", "txt"],
)  # fmt: skip
def test_spoiled_bytes_end_in_a_document_or_a_reason(kind, data):
    for seed in range(TRIES):
        attempt(spoiled(data, random.Random(seed)), kind)


@pytest.mark.parametrize(("kind", "data"), [("docx", a_docx()), ("xlsx", an_xlsx())], ids=["docx", "xlsx"])
def test_spoiled_members_end_in_a_document_or_a_reason(kind, data):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for seed in range(TRIES):
        dice = random.Random(seed)
        name = dice.choice(sorted(members))
        attempt(zipped({**members, name: spoiled(members[name], dice)}), kind)


@pytest.mark.parametrize("name", ["report.pdf", "fields.pdf", "layered.pdf"])
def test_pdf_cut_short_ends_in_a_document_or_a_reason(name):
    data = (FOLDER / name).read_bytes()
    for part in range(1, 12):
        attempt(data[: len(data) * part // 12], "pdf")


@pytest.mark.parametrize("name", ["a.xls", "a.pdf"])
def test_spoiled_files_of_native_libraries_cost_at_most_their_part(name):
    """Only inside the box: these libraries take as much memory as a length in the file claims, and may abort."""
    whole = an_xls() if name == "a.xls" else (FOLDER / "report.pdf").read_bytes()
    with Box() as box:
        for seed in range(25):
            leaf = Leaf(("1",), name, "", "", spoiled(whole, random.Random(seed)), "00", "attachment")
            (reading,) = box.read_part(leaf, Hints())
            assert reading.reason in {
                None,
                "low_text_quality",
                "unreadable_scan",
                *REASONS,
                *SNIFFED,
                "memory",
                "reader_crashed",
            }
