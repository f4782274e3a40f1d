"""Where things stand on a page of a PDF as a person sees it, whatever its rotation or origin: points from the top left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from parsers import limits
from parsers.readers.pdf_letters import Bounds, Box


@dataclass(frozen=True, slots=True)
class Placing:
    """Turns pdfium's left, bottom, right, top into points from the top left of the page as shown."""

    page: Bounds
    turn: int  # degrees
    sane: bool  # False: the page has no size to speak of, nothing has a place

    def __call__(self, left: float, bottom: float, right: float, top: float) -> Box | None:
        """One rectangle's place; none where the page has no size."""
        if not self.sane:
            return None
        x0, y0, x1, y1 = self.page
        if self.turn == 90:
            return bottom - y0, left - x0, top - y0, right - x0
        if self.turn == 180:
            return x1 - right, bottom - y0, x1 - left, top - y0
        if self.turn == 270:
            return y1 - top, x1 - right, y1 - bottom, x1 - left
        return left - x0, y1 - top, right - x0, y1 - bottom

    def each(self, texts: Sequence[str], bounds: Sequence[Bounds | None]) -> list[Box | None]:
        """The place of each letter; a blank has none."""
        pairs = zip(texts, bounds, strict=True)
        if not self.sane or self.turn in (90, 180, 270):
            return [None if found is None or text.isspace() else self(*found) for text, found in pairs]
        x0, _, _, y1 = self.page  # as most pages are, without a call for every letter
        return [
            None if found is None or text.isspace() else (found[0] - x0, y1 - found[3], found[2] - x0, y1 - found[1])
            for text, found in pairs
        ]


def placing(page: pdfium.PdfPage) -> Placing:
    """How places of a page become those of the page as shown."""
    box = page.get_mediabox()
    x0, y0, x1, y1 = box
    sane = all(map(math.isfinite, box)) and 0 < max(x1 - x0, y1 - y0) <= limits.PAGE_POINTS_MAX
    return Placing(box, page.get_rotation(), sane)
