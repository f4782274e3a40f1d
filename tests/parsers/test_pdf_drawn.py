"""What is drawn on a page is gathered as pdfplumber gathers it, whatever stands among it, and no letter with it."""

from __future__ import annotations

import base64
import zlib
from io import BytesIO

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import LIT
from pdfplumber.table import edges_to_intersections, intersections_to_cells

from parsers.readers import pdf_drawn
from parsers.readers.pdf_drawn import DrawnPage, cells_between
from tests.parsers.document_builders import pdf_of

GRID = b" ".join(
    b"q 1 0 0 1 %d %d cm 0.5 w 0 0 m 120 0 l S 0 0 m 0 40 l S Q" % (x, y) for x in (50, 170) for y in (600, 640)
)
DRAWING = (
    "<< /Type /XObject /Subtype /Form /BBox [0 0 300 300] /Matrix [1 0 0 1 7 9] /Resources << /XObject << /D 6 0 R >> >>"
    " /Length 48 >>\nstream\n10 10 100 50 re S 10 30 m 110 30 l S /D Do /D Do\nendstream"
)
WORDS = b"BT /F1 12 Tf 1 0 0 1 50 700 Tm [(a)-20(b \\) 0 0 9 9 re f)]TJ <30> Tj (5 5 m 9 9 l S) Tj ET "
PAGES = {
    "lines": GRID,
    "lines and words": GRID + b" " + WORDS + GRID,
    "rectangles": b"50 600 120 40 re f* 170 600 -20.5 +40. re\n.5 .5 100 7 re B* 10 10 20 20 re W n 1 1 5 5 re b",
    "curves": b"50 600 m 60 610 70 620 80 630 c 90 640 100 650 v 1 2 3 4 y h S 10 10 m 10 90 l 50 90 l s",
    "comments": b"% 0 0 500 500 re f\n50 600 120 40 re f % (open\n10 10 m 90 10 l S",
    "names that look like commands": b"/m gs /l <</MCID 0>>BDC /S /re 50 600 120 40 re f EMC [3 2]0 d 1 0 0 rg 0 0 m 90 0 l S",
    "brackets inside strings": b"BT (a (b) 1 1 m) Tj ET " + GRID,
    "a picture among the commands": GRID + b" q BI /W 1 /H 1 /CS /G /BPC 8 ID \x28 EI Q " + GRID,
    "commands without their numbers": b"5 re S 1 m l 10 10 m 90 10 l S f* Q Q h n",
    "nothing": b"",
}  # fmt: skip


def edges(page) -> list[tuple[object, ...]]:
    return [tuple(edge[name] for name in ("x0", "x1", "top", "bottom", "orientation")) for edge in page.edges]


def both(data: bytes) -> tuple[pdfplumber.page.Page, DrawnPage]:
    whole = pdfplumber.open(BytesIO(data)).pages[0]
    return whole, DrawnPage(whole.pdf, whole.page_obj, whole.page_number)


@pytest.mark.parametrize("what", PAGES)
@pytest.mark.parametrize("turn", [0, 90])
def test_the_edges_of_a_page_are_those_pdfplumber_finds(what, turn):
    whole, drawn = both(pdf_of(PAGES[what], page=f"/MediaBox [0 0 595 842] /Rotate {turn}"))
    assert edges(drawn) == edges(whole)
    assert (what in ("nothing", "commands without their numbers")) or edges(drawn)


def test_letters_are_not_gathered():
    whole, drawn = both(pdf_of(PAGES["lines and words"]))
    assert whole.chars
    assert not drawn.chars


def test_a_drawing_on_the_page_counts_and_one_that_calls_itself_ends():
    whole, drawn = both(pdf_of(b"/D Do " + GRID, "/XObject << /D 6 0 R >>", extra=DRAWING))
    assert edges(drawn) == edges(whole)
    assert len(edges(drawn)) > len(edges(both(pdf_of(GRID))[1]))


@pytest.mark.parametrize("what", PAGES)
def test_the_tables_of_a_page_are_those_pdfplumber_finds(what):
    whole, drawn = both(pdf_of(PAGES[what]))
    assert [table.cells for table in drawn.found_tables()] == [table.cells for table in whole.find_tables()]


_SIDE = st.integers(0, 4).map(lambda n: 10.0 * n)
_RULING = st.builds(
    lambda level, place, one, other: (
        {"x0": min(one, other), "x1": max(one, other), "top": place, "bottom": place, "orientation": "h"}
        if level
        else {"x0": place, "x1": place, "top": min(one, other), "bottom": max(one, other), "orientation": "v"}
    ),
    st.booleans(), _SIDE, _SIDE, _SIDE,
)  # fmt: skip


@given(st.lists(_RULING, max_size=14))
def test_the_cells_between_rulings_are_those_pdfplumber_finds(rulings):
    crossings = edges_to_intersections(rulings)
    assert cells_between(crossings) == intersections_to_cells(crossings)


def armoured(data: bytes, end: bytes, filters: tuple[str, ...] = ("ASCII85Decode", "FlateDecode")) -> PDFStream:
    letters = base64.a85encode(zlib.compress(data), wrapcol=40).replace(b"z", b"!!!!!")
    return PDFStream({"Filter": [LIT(name) for name in filters]}, letters + end)


@pytest.mark.parametrize("end", [b"~>", b"~>\r\n", b"~", b" ~>"])
def test_armour_is_taken_off_as_pdfminer_does(end):
    assert pdf_drawn._unarmoured(armoured(GRID, end)) == armoured(GRID, end).get_data() == GRID


@pytest.mark.parametrize("end", [b"", b"z~>", b"\x0c~>", b"~> 1"])
def test_armour_that_is_not_plain_is_left_to_pdfminer(end):
    assert pdf_drawn._unarmoured(armoured(GRID, end)) == b""
    assert pdf_drawn._unarmoured(armoured(GRID, b"~>", ("ASCII85Decode",))) == b""


@given(st.binary(max_size=40))
def test_five_letters_of_armour_are_four_bytes(data):
    digits = bytes(code - 33 for code in base64.a85encode(data).replace(b"z", b"!!!!!"))
    assert pdf_drawn._bytes_of(digits) == data
