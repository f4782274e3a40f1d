"""Words of a PDF with a line drawn through them are not read; rulings and underlines take nothing away."""

from __future__ import annotations

import pytest

from parsers import limits
from parsers.readers import read_document
from tests.parsers.document_builders import pdf_of

LEFT, BASE, SIZE = 72, 720, 12  # points
DIGIT = 0.556 * SIZE  # Helvetica's
TURNED = {
    0: "1 0 0 1 0 0",
    90: "0 1 -1 0 900 0",
    180: "-1 0 0 -1 900 900",
    270: "0 -1 1 0 0 900",
}  # drawn so that the page stands upright


def said(*drawn: str, text: str, turn: int = 0) -> list[str]:
    page = f"{TURNED[turn]} cm BT /F1 {SIZE} Tf {LEFT} {BASE} Td ({text}) Tj ET {' '.join(drawn)}"
    document = read_document(pdf_of(page.encode("latin-1"), page=f"/MediaBox [0 0 900 900] /Rotate {turn}"), "pdf")
    return [block.text for block in document.blocks]


def bar(first: int, letters: int, above: float, high: float = 0.7) -> str:
    """A bar over so many digits of a line of digits, so many points above its baseline."""
    return f"{LEFT + first * DIGIT:.2f} {BASE + above:.2f} {letters * DIGIT:.2f} {high} re f"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_what_a_bar_runs_through_is_not_read(turn):
    assert said(bar(0, 4, 4.0), text="1615 1600", turn=turn) == ["1600"]


def test_a_number_written_right_behind_the_one_taken_back_is_its_own():
    assert said(bar(0, 4, 4.0), text="16151600") == ["1600"]


def test_two_bars_and_a_stroked_line_strike_out_as_well():
    assert said(bar(0, 4, 3.2), bar(0, 4, 5.0), text="1615 1600") == ["1600"]
    line = f"0.7 w {LEFT} {BASE + 4} m {LEFT + 4 * DIGIT} {BASE + 4} l S"
    assert said(line, text="1615 1600") == ["1600"]


@pytest.mark.parametrize("above", [-1.5, -0.3, 10.5])
def test_lines_under_and_over_letters_take_nothing_away(above):
    assert said(bar(0, 9, above), text="1615 1600") == ["1615 1600"]


def test_a_frame_a_shade_and_a_speck_take_nothing_away():
    frame = f"{LEFT - 2} {BASE - 3} 200 16 re S"
    shade = f"0.9 g {LEFT} {BASE - 2} 60 14 re f 0 g"
    assert said(frame, shade, bar(0, 1, 4.0).replace(f"{DIGIT:.2f} 0.7", "1 0.7"), text="1615 1600") == ["1615 1600"]


def test_bars_through_nearly_every_line_are_a_pattern():
    lines = 12
    text = f"BT /F1 {SIZE} Tf {LEFT} {BASE} Td " + "(1615) Tj 0 -16 Td " * lines + "ET "
    bars = " ".join(f"{LEFT} {BASE - 16 * n + 4} 200 0.5 re f" for n in range(lines))
    document = read_document(pdf_of((text + bars).encode("latin-1")), "pdf")
    assert "".join(block.text for block in document.blocks).count("1615") == lines


def remarked(remark: str, text: str = "1615 1600", turn: int = 0, drawn: str = "") -> list[str]:
    """What is read of a page with one remark on it."""
    page = f"{TURNED[turn]} cm BT /F1 {SIZE} Tf {LEFT} {BASE} Td ({text}) Tj ET".encode("latin-1")
    look = f"/MediaBox [0 0 900 900] /Rotate {turn} /Annots [6 0 R]"
    extra = f"<< /Type /Annot {remark} >>" + (f"\n\n{drawn}" if drawn else "")
    return [block.text for block in read_document(pdf_of(page, page=look, extra=extra), "pdf").blocks]


def quads(first: int, letters: int) -> str:
    """The place of so many digits, as programs tell it: upper corners, then lower."""
    x0, x1, y0, y1 = LEFT + first * DIGIT, LEFT + (first + letters) * DIGIT, BASE - 3, BASE + 10
    return f"/QuadPoints [{x0} {y1} {x1} {y1} {x0} {y0} {x1} {y0}] /Rect [{x0} {y0} {x1} {y1}]"


def test_what_a_remark_strikes_out_is_not_read():
    assert remarked(f"/Subtype /StrikeOut {quads(0, 4)}") == ["1600"]
    assert remarked(f"/Subtype /StrikeOut {quads(0, 9)}", text="1615 1600 1590") == ["1590"]


def test_no_more_places_of_a_remark_are_looked_at_than_its_cap(monkeypatch):
    first, second = quads(0, 4), quads(4, 5)
    both = first.replace("]", second.partition("[")[2].partition("]")[0].join((" ", "]")), 1)
    assert remarked(f"/Subtype /StrikeOut {both}", text="1615 1600 1590") == ["1590"]
    monkeypatch.setattr(limits, "PDF_REMARKS_MAX", 1)
    assert remarked(f"/Subtype /StrikeOut {both}", text="1615 1600 1590") == ["1600 1590"]


@pytest.mark.parametrize(
    "other", ["/Subtype /Underline", "/Subtype /Highlight", "/Subtype /StrikeOut /F 2", "/Subtype /StrikeOut /F 32"]
)
def test_other_remarks_and_hidden_ones_take_nothing_away(other):
    assert remarked(f"{other} {quads(0, 4)}") == ["1615 1600"]


def test_text_typed_over_the_page_is_read_in_its_line():
    look = "BT /F1 12 Tf 0 3 Td (1590) Tj ET"
    form = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 60 13] /Resources << /Font << /F1 5 0 R >> >> "
        f"/Length {len(look)} >>\nstream\n{look}\nendstream"
    )
    place = f"/Rect [{LEFT + 120} {BASE - 3} {LEFT + 180} {BASE + 10}]"
    typed = f"/Subtype /FreeText /F 4 /DA (/F1 12 Tf) /Contents (1590) {place} /AP << /N 7 0 R >>"
    assert remarked(typed, text="Tong so:", drawn=form) == ["Tong so:\t1590"]
