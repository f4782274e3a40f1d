"""What a person is to look at: a page, or a place on it with some paper around, as PNG.

Rules: places are those of figures (``parsers.scan``); a page that was scanned lying is shown upright; nothing is made
brighter or cleaner than it came.
"""

from __future__ import annotations

import cv2
import numpy as np

from parsers.pages.page import upright
from parsers.pages.recogniser import Recogniser
from parsers.pages.sheet import quarter
from parsers.pages.source import Pixels, load
from parsers.readers.errors import Unreadable
from parsers.scan import Box, Picture

_MARGIN = 0.35  # of the place's height, above and below; twice that beside it
_LEAST = 0.012  # share of the page's longer side: the least margin
_SIDE_MAX = 2000  # pixels of the longer side of what is given


def cut_out(data: bytes, kind: str, page: int, box: Box | None, recogniser: Recogniser) -> Picture:
    """The place as PNG, or why there is none."""
    try:
        source = load(data, kind, page)
    except Unreadable as error:
        return Picture(reason=error.reason)
    turn = upright(source, recogniser)
    pixels = source.pixels if box is None else _place(source.pixels, [side * source.scale for side in box])
    if turn:
        pixels = quarter(pixels, turn)[0]
    share = _SIDE_MAX / max(pixels.shape[:2])
    if share < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Picture(bytes(cv2.imencode(".png", pixels)[1]))


def _place(pixels: Pixels, box: list[float]) -> Pixels:
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box
    beside = max(_MARGIN * (y1 - y0), _LEAST * max(width, height))
    left, right = (round(min(max(v, 0), width - 1)) for v in (x0 - 2 * beside, x1 + 2 * beside))
    top, low = (round(min(max(v, 0), height - 1)) for v in (y0 - beside, y1 + beside))
    return np.ascontiguousarray(pixels[top : max(low, top + 1), left : max(right, left + 1)])
