"""Words of a PDF page struck out, by a line drawn through them or by a remark that says so: its writer took them back.

Rules:

1. A PDF knows no struck-out text: the stroke is a bar of its own, thin and level, through the middle of the letters. A table's
   ruling stands between lines, an underline under them.
2. Only the letters whose middle the bar covers are left out, as in the other formats; the page's other letters stay as they are.
3. A remark that strikes out (``/StrikeOut``, ``pdf_remarks``) names the places itself: letters whose middle lies there are left out, were
   it the whole page.
4. Bars through most lines of a page are no strokes of a pen but a pattern behind the text: nothing is left out then.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import pypdfium2.raw as api

from parsers import limits
from parsers.readers.pdf_letters import Box
from parsers.readers.pdf_page import Line
from parsers.readers.pdf_placing import Placing

_THIN = 3.0  # points a stroke is high at most
_SHORT = 3.0  # points it is long at least
_HIGHEST, _LOWEST = 0.2, 0.8  # shares of a letter's height between which it runs
_PATTERN = 8, 0.5  # lines, and share of a page's lines, that no pen strikes out


def struck_places(remark: Any, place: Placing) -> list[Box]:
    """The places a remark that strikes out names."""
    found: list[Box | None] = []
    corners = api.FS_QUADPOINTSF()
    for n in range(min(api.FPDFAnnot_CountAttachmentPoints(remark), limits.PDF_REMARKS_MAX)):
        if api.FPDFAnnot_GetAttachmentPoints(remark, n, ctypes.byref(corners)):
            xs = (corners.x1, corners.x2, corners.x3, corners.x4)
            ys = (corners.y1, corners.y2, corners.y3, corners.y4)
            found.append(place(min(xs), min(ys), max(xs), max(ys)))
    return [box for box in found if box]


def without_remarked(lines: list[Line], places: Sequence[Box]) -> list[Line]:
    """The lines without the letters whose middle lies in one of the places."""
    if not places:
        return lines
    left = [Line([one for one in line.letters if not (one.box and _inside(one.box, places))]) for line in lines]
    return [line for line in left if line.text]


def _inside(box: Box, places: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in places)


def without_struck(lines: list[Line], bars: Sequence[Box | None]) -> list[Line]:
    """The lines without the letters a bar runs through; ``bars``: rectangles around what is drawn, in places of the page."""
    strokes = sorted(
        ((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in filter(None, bars) if y1 - y0 <= _THIN and x1 - x0 >= _SHORT
    )
    if not strokes:
        return lines
    struck = [_rest(line, strokes) for line in lines]
    if sum(rest is not None for rest in struck) > max(_PATTERN[0], _PATTERN[1] * len(lines)):
        return lines
    left = [line if rest is None else rest for line, rest in zip(lines, struck, strict=True)]
    return [line for line in left if line.text]


def _rest(line: Line, strokes: list[tuple[float, float, float]]) -> Line | None:
    """What is left of a line; None when no bar runs through it."""
    box = line.box
    if not box:
        return None
    x0, y0, x1, y1 = box
    begin = bisect_left(strokes, (y0,))
    near = [stroke for stroke in strokes[begin : bisect_left(strokes, (y1,))] if stroke[1] < x1 and stroke[2] > x0]
    if not near:
        return None
    kept = [letter for letter in line.letters if not (letter.box and _through(letter.box, near))]
    return Line(kept) if len(kept) < len(line.letters) else None


def _through(box: Box, strokes: list[tuple[float, float, float]]) -> bool:
    x0, y0, x1, y1 = box
    middle, top, bottom = (x0 + x1) / 2, y0 + _HIGHEST * (y1 - y0), y0 + _LOWEST * (y1 - y0)
    return any(top <= y <= bottom and left <= middle <= right for y, left, right in strokes)
