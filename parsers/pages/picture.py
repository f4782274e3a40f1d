"""What a person is to look at: a page, or a place on it with some paper around, as PNG.

Rules: places are those of figures (``parsers.scan``); a page that was scanned lying is shown upright; nothing is made
brighter or cleaner than it came.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from parsers.pages.page import upright
from parsers.pages.recogniser import Recogniser
from parsers.pages.sheet import quarter
from parsers.pages.source import Pixels, Source, load
from parsers.readers.errors import Unreadable
from parsers.scan import Box, Picture, Pictures

_MARGIN = 0.35  # of the height of the line there, above and below; twice that beside it
_LEAST = 0.012  # share of the page's longer side: the least margin
_FRAME = 0.0015  # share of the page's longer side: the width of one line of the frame
_PALE, _STRONG = (255, 255, 255), (20, 20, 200)  # blue, green, red
Place = tuple[Box | None, bool]  # None: the whole page; True: the whole page with a frame around the box
_SIDE_MAX = 2000  # pixels of the longer side of what is given


def cut_outs(data: bytes, kind: str, page: int, places: Sequence[Place], recogniser: Recogniser) -> Pictures:
    """Each place of one page as PNG, or why there is none; the page is drawn once."""
    try:
        source = load(data, kind, page)
    except Unreadable as error:
        return Pictures(tuple(Picture(reason=error.reason) for _ in places))
    turn = upright(source, recogniser)
    return Pictures(tuple(_one(source, turn, box, whole=whole) for box, whole in places))


def _one(source: Source, turn: int, box: Box | None, *, whole: bool) -> Picture:
    pixels = source.pixels
    if box is not None:
        place = [side * source.scale for side in box]
        pixels = _framed(pixels, place) if whole else _place(pixels, place, lying=turn % 180 == 90)
    if turn:
        pixels = quarter(pixels, turn)[0]
    share = _SIDE_MAX / max(pixels.shape[:2])
    if share < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Picture(bytes(cv2.imencode(".png", pixels)[1]))


def _framed(pixels: Pixels, box: list[float]) -> Pixels:
    """The page with a frame around the place: two lines, one of which stands out on any paper."""
    height, width = pixels.shape[:2]
    line = max(2, round(_FRAME * max(width, height)))
    x0, y0, x1, y1 = (round(side) for side in box)
    drawn = np.ascontiguousarray(pixels).copy()
    for outwards, colour in ((line, _PALE), (2 * line, _STRONG)):
        cv2.rectangle(drawn, (x0 - outwards, y0 - outwards), (x1 + outwards, y1 + outwards), colour, line)
    return np.asarray(drawn, dtype=np.uint8)


def _place(pixels: Pixels, box: list[float], *, lying: bool) -> Pixels:
    """The place with its margins; on a lying page a line runs down the picture."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box
    across = max(_MARGIN * (x1 - x0 if lying else y1 - y0), _LEAST * max(width, height))
    beside, above = (across, 2 * across) if lying else (2 * across, across)
    left, right = (round(min(max(v, 0), width - 1)) for v in (x0 - beside, x1 + beside))
    top, low = (round(min(max(v, 0), height - 1)) for v in (y0 - above, y1 + above))
    return np.ascontiguousarray(pixels[top : max(low, top + 1), left : max(right, left + 1)])
