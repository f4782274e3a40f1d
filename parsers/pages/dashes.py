"""A dash where a figure is asked for, which says that there was none: seen by the engine, borne out by its ink.

Rules (product.md, "Definitions": "-" is ``nil``; a blank is none):

1. It stands alone in its cell, or last in its line behind a colon or dots that lead to it. A hyphen elsewhere is no answer.
2. Its ink is one dark, level bar, as long and as thin as a dash of that print, and nothing else is drawn in the cell, or behind
   the label: no rest of a digit, no faint stroke.
3. It lies in the middle of the line and clear of a cell's edges: a foot of dots, an underline and the rest of a ruling do not.
"""

from __future__ import annotations

import re

import cv2
import numpy as np

from parsers.pages.numbers import NOTHING
from parsers.pages.recogniser import Word
from parsers.pages.source import Pixels
from parsers.scan import Number, Told

_DASH = re.compile(r"[-–—]")
_SURE = 0.5  # of the engine, from which it saw a dash
_FAINT, _INK = 190, 140  # grey below which something may be drawn, and below which it is
_DARK = 100  # grey of the core of print
_LONG = 0.18, 1.7  # heights of a word a dash is long
_THIN = 0.24  # of it, and
_FLAT = 0.55  # of its own length, it is high at most
_FULL = 0.72  # share of the bar around it that is inked
_SPECK = 0.12  # share of the bar, inked, below which something else is grain of the paper
_EDGE = 0.25  # heights of a word from an edge of the place
_MIDDLE = 0.3, 0.72  # shares of a line's height between which it lies


def is_dash(word: Word) -> bool:
    """Whether the engine saw a dash and nothing else."""
    return _DASH.fullmatch(word.text) is not None


def stated(grey: Pixels, word: Word, place: tuple[int, int, int, int], high: int, *, in_line: bool) -> Number:
    """The dash with the engine's reading and the ink's, which says nothing where it does not bear it out.

    ``place``: the cell, or the line behind its label, which must hold nothing else; ``high``: of a word of this page.
    """
    x0, y0 = max(0, place[0]), max(0, place[1])
    part = grey[y0 : place[3], x0 : place[2]]
    borne = word.confidence >= _SURE and part.size > 0 and _is_bar_alone(part, high, in_line=in_line)
    return Number(word.text, Told(word.text, word.confidence), NOTHING, Told("-", 1.0) if borne else NOTHING)


def _is_bar_alone(part: Pixels, high: int, *, in_line: bool) -> bool:
    """Whether the place holds one bar and nothing beside it."""
    drawn = (part < _FAINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    if not len(areas):
        return False
    largest = 1 + int(areas.argmax())
    if any(area > _SPECK * areas.max() for n, area in enumerate(areas, 1) if n != largest):
        return False
    x, y, wide, tall = (int(v) for v in stats[largest, :4])
    own = np.where(labels == largest, part, 255)[y : y + tall, x : x + wide]
    return _is_bar(own, high) and _lies_clear(part, (x, y, wide, tall), high, in_line=in_line)


def _is_bar(own: Pixels, high: int) -> bool:
    core = own < _INK
    if not core.any() or own.min() > _DARK:
        return False
    rows, columns = np.flatnonzero(core.any(axis=1)), np.flatnonzero(core.any(axis=0))
    tall, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    thin = tall <= max(2, _THIN * high) and tall <= max(2, _FLAT * wide)
    long = _LONG[0] * high <= wide <= _LONG[1] * high
    return thin and long and float(core.sum()) >= _FULL * tall * wide


def _lies_clear(part: Pixels, bar: tuple[int, int, int, int], high: int, *, in_line: bool) -> bool:
    x, y, wide, tall = bar
    height, width = part.shape
    if in_line:
        return bool(_MIDDLE[0] * height <= y + tall / 2 <= _MIDDLE[1] * height)
    edge = _EDGE * high
    return bool(min(x, width - x - wide) >= edge and min(y, height - y - tall) >= edge)
