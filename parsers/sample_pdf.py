"""The smallest PDF that says something: lines of text on one page, a ruled table on the next (``parsers.rehearsal``).

Rules:

1. Its letters are drawings of its own (a font of type 3): for any other font pdfium would look at the machine's fonts, which no child
   may open, and a child made after that would take them to be there.
2. Made here from text: nothing is installed or kept for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

_LETTERS_MAX = 255  # a code is one byte
_ACROSS = 90  # letters of a line
_SIZE, _HIGH, _WIDE, _LEFT, _TOP = 11, 14, 250, 50, 800  # points
_BUSY = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"


def pdf(lines: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A file of two pages: these lines, and these rows between rulings."""
    letters = sorted({letter for text in (*lines, *(cell for row in rows for cell in row)) for letter in text})
    codes = {letter: n for n, letter in enumerate(letters[:_LETTERS_MAX], 1)}
    cut = [line[at : at + _ACROSS] for line in lines for at in range(0, len(line), _ACROSS)]
    written = "".join(_text(line, _LEFT, _TOP - n * _HIGH, codes) for n, line in enumerate(cut))
    ruled = "".join(_row(row, _TOP - n * _HIGH, codes) for n, row in enumerate(rows))
    glyphs = " ".join("/g" for _ in range(_LETTERS_MAX))
    widths = " ".join("500" for _ in range(_LETTERS_MAX))
    return _filed(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R 5 0 R] /Count 2 >>",
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1"
        f" /LastChar {_LETTERS_MAX} /Widths [{widths}] /Encoding << /Type /Encoding /Differences [1 {glyphs}] >>"
        " /CharProcs << /g 8 0 R >> /Resources << >> /ToUnicode 9 0 R >>",
        f"<< {_BUSY} /Contents 6 0 R >>",
        f"<< {_BUSY} /Contents 7 0 R >>",
        _stream(written),
        _stream(ruled),
        _stream("500 0 0 0 500 700 d1 0 0 400 600 re f"),
        _stream(_meant(codes)),
    )


def _text(text: str, x: int, y: int, codes: Mapping[str, int]) -> str:
    shown = "".join(f"{codes[letter]:02x}" for letter in text if letter in codes)
    return f"BT /F {_SIZE} Tf {x} {y} Td <{shown}> Tj ET\n"


def _row(row: Sequence[str], y: int, codes: Mapping[str, int]) -> str:
    """Each text in a rectangle of its own."""
    cells = []
    for n, text in enumerate(row):
        left = _LEFT + n * _WIDE
        cells.append(f"{left} {y - 3} {_WIDE} {_HIGH} re S\n{_text(text[: _WIDE // _SIZE], left + 3, y, codes)}")
    return "".join(cells)


def _meant(codes: Mapping[str, int]) -> str:
    """Which letter each code stands for."""
    pairs = "\n".join(f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for letter, code in codes.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    )


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _filed(*objects: str) -> bytes:
    """The objects, numbered from 1, and where each begins."""
    parts = ["%PDF-1.4\n", *(f"{n} 0 obj\n{one}\nendobj\n" for n, one in enumerate(objects, 1))]
    places = list(accumulate(map(len, parts)))
    table = "".join(f"{place:010d} 00000 n \n" for place in places[:-1])
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{places[-1]}\n%%EOF\n"
    return "".join((*parts, end)).encode("ascii")
