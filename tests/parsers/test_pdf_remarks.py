"""What people put over a PDF's page with a viewer: typed text, notes, strokes beyond counting, files pinned to it."""

from __future__ import annotations

import hashlib

import pytest

from parsers import limits
from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import read_document
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.document_builders import WEEKLY, pdf_of

PLAIN = (
    "BAO CAO TUAN VE CONG TAC CAI CACH HANH CHINH",
    "Tu ngay 14/7 den ngay 20/7 nam 2017",
    "Tong so ho so da tiep nhan: 1625",
    "Tong so ho so da giai quyet: 1615",
    "Ho so tra dung han: 1590",
    "Ho so qua han: 25",
    "Ho so tra lai: 10",
)
TOP, STEP, LEFT = 700, 20, 60
DUNG_HAN = 4  # its line above
EMBEDDED = "\n".join(WEEKLY).encode().hex()
FILE = f"<< /Type /EmbeddedFile /Filter /ASCIIHexDecode /Length {len(EMBEDDED) + 1} >>\nstream\n{EMBEDDED}>\nendstream"


def drawn(lines: tuple[str, ...] = PLAIN) -> bytes:
    text = "".join(f"BT /F1 11 Tf {LEFT} {TOP - STEP * n} Td ({line}) Tj ET " for n, line in enumerate(lines))
    return text.encode()


def page_with(remark: str, lines: tuple[str, ...] = PLAIN, more: str = "") -> bytes:
    look = "/MediaBox [0 0 595 842] /Annots [6 0 R]"
    return pdf_of(drawn(lines), page=look, extra=f"<< /Type /Annot {remark} >>" + (f"\n\n{more}" if more else ""))


def place(line: int, left: int, right: int) -> str:
    base = TOP - STEP * line
    return f"/Rect [{left} {base - 3} {right} {base + 11}]"


def parts(data: bytes) -> tuple[PartReading, ...]:
    leaf = Leaf(("1",), "a.pdf", "application/pdf", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    return read_part(leaf, load_forms(), Hints())


def value(part: PartReading, key: str) -> int | None:
    figure = part.reports[0].figure(key)
    return None if figure is None or figure.value is None else int(figure.value)


def test_typed_text_without_a_look_of_its_own_stands_in_its_line():
    open_line = tuple(line.replace(": 1590", ":") for line in PLAIN)
    (part,) = parts(page_with(f"/Subtype /FreeText /F 4 /Contents (1.590) {place(DUNG_HAN, 190, 230)}", open_line))
    assert (part.outcome, value(part, "on_time"), value(part, "resolved")) == ("read", 1590, 1615)


def test_typed_text_is_put_between_the_letters_it_stands_between():
    document = read_document(
        page_with(f"/Subtype /FreeText /Contents (25) {place(0, 83, 93)}", ("Tong   ho so",)), "pdf"
    )
    assert [block.text.split() for block in document.blocks] == [["Tong", "25", "ho", "so"]]


@pytest.mark.parametrize(("line", "at"), [(-1, 0), (8, 7)])
def test_typed_text_beside_no_line_is_a_line_where_it_stands(line: int, at: int):
    document = read_document(
        page_with(f"/Subtype /FreeText /Contents (Kinh gui: So Noi vu) {place(line, 60, 220)}"), "pdf"
    )
    assert "\n".join(block.text for block in document.blocks).split("\n").index("Kinh gui: So Noi vu") == at


@pytest.mark.parametrize("remark", ["/Contents ()", "/Contents (1590) /F 2", ""])
def test_typed_text_that_says_nothing_or_is_hidden_is_not_read(remark: str):
    document = read_document(page_with(f"/Subtype /FreeText {remark} {place(0, 300, 340)}", ("Tong so",)), "pdf")
    assert [block.text for block in document.blocks] == ["Tong so"]


def test_a_note_that_sets_a_figure_right_speaks_against_it():
    note = f"/Subtype /Text /Contents (Dinh chinh: ho so tra dung han: 1595) {place(DUNG_HAN, 300, 320)}"
    (part,) = parts(page_with(note))
    named = [key for one in part.reports[0].findings if one.severity == "warning" for key in one.figures]
    assert (part.outcome, value(part, "on_time"), named) == ("read", 1590, ["on_time"])


def test_other_notes_change_nothing():
    (part,) = parts(page_with(f"/Subtype /Text /Contents (Da xem) {place(DUNG_HAN, 300, 320)}"))
    assert (part.outcome, value(part, "on_time"), [one.severity for one in part.reports[0].findings]) == (
        "read",
        1590,
        [],
    )


def test_a_page_with_more_remarks_than_are_looked_at_is_for_a_person(monkeypatch: pytest.MonkeyPatch):
    remark = f"/Subtype /StrikeOut {place(DUNG_HAN, 150, 200)}"
    assert [part.outcome for part in parts(page_with(remark))] == ["read"]
    monkeypatch.setattr(limits, "PDF_REMARKS_MAX", 0)
    (part,) = parts(page_with(remark))
    assert (part.outcome, part.reason, [one.code for one in part.findings]) == (
        "needs_review",
        "too_large",
        ["remarks_unread"],
    )


def pinned(lines: tuple[str, ...], file: str = "8 0 R") -> bytes:
    remark = f"/Subtype /FileAttachment /FS 7 0 R {place(0, 500, 520)}"
    return page_with(remark, lines, f"<< /Type /Filespec /F (bao cao.txt) /EF << /F {file} >> >>\n\n{FILE}")


def test_a_file_pinned_to_a_page_is_read_like_any_attachment():
    cover, inner = parts(pinned(("Kinh gui: So Noi vu",)))
    assert (cover.outcome, inner.name, inner.outcome, value(inner, "received")) == (
        "enclosure",
        "bao cao.txt",
        "read",
        1625,
    )


def test_a_file_pinned_to_a_blank_page_makes_of_it_a_cover_that_asks_nobody_anything():
    cover, inner = parts(pinned(()))
    assert (cover.outcome, cover.reason, inner.outcome) == ("enclosure", None, "read")


def test_a_pinned_file_that_cannot_be_had_is_told():
    cover, inner = parts(pinned(PLAIN, "9 0 R"))
    assert (cover.outcome, inner.name, inner.outcome, inner.reason) == ("read", "bao cao.txt", "refused", "corrupt")


def test_a_remark_without_its_file_is_told():
    _, inner = parts(page_with(f"/Subtype /FileAttachment {place(0, 500, 520)}"))
    assert (inner.outcome, inner.reason) == ("refused", "corrupt")


def test_files_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "ZIP_ENTRIES_MAX", 0)
    catalog = b"/Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 7 0 R] >> >> >>"
    listed = pinned(PLAIN).replace(b"/Subtype /FileAttachment /FS 7 0 R", b"/Subtype /Popup" + b" " * 19)
    found = parts(listed.replace(b"/Pages 2 0 R >>", catalog))
    assert [(one.outcome, one.reason) for one in found] == [("read", None), ("refused", "zip_too_many_entries")]
