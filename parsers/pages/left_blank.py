"""A line left on its dots, which says that nothing was written there: told by the dots, borne out by the empty paper around them.

Rules (product.md, "Definitions": only dots are ``blank``):

1. The dots end the line, right behind its label: dots with a figure among them, or something between, are no such line.
2. From the label to the edge of the page nothing as high as a piece of a letter is drawn, not even faintly: a figure the engine
   passed over, a hand's light stroke or a corner of a seal leave the line unproven, and a person looks. So does a page from which
   coloured ink was taken away (``Sheet.wiped``): large figures by hand go with the signatures.
"""

from __future__ import annotations

import cv2
import numpy as np

from parsers.pages.numbers import NOTHING
from parsers.pages.source import Pixels
from parsers.scan import Number, Told

_FAINT = 200  # grey below which something may be drawn
_HIGH = 0.4  # share of a line's height from which a piece of ink is no dot and no grain
_AROUND = 0.3  # heights above and below the line that are looked at


def stated(grey: Pixels, line: tuple[int, int, int, int], leader: str) -> Number:
    """The dots as a reading that says nothing where the paper does not bear them out; ``line``: the words before them."""
    _, top, right, foot = line
    high = foot - top
    part = grey[max(0, top - round(_AROUND * high)) : foot + round(_AROUND * high), right + 1 :]
    return Number(leader, NOTHING, NOTHING, Told(leader, 1.0) if _is_empty(part, high) else NOTHING)


def _is_empty(part: Pixels, high: int) -> bool:
    """Whether nothing is drawn there but dots and grain."""
    drawn = np.ascontiguousarray(part < _FAINT).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    return part.size > 0 and all(tall < _HIGH * high for tall in stats[1:count, cv2.CC_STAT_HEIGHT].tolist())
