"""A number struck through by hand: a stroke runs through the middle of its digits.

Rules (issue 3; what was taken back is never stated as certain):

1. Digits stand apart; a stroke through them joins them. Only numbers whose digits hang together, or whose one digit reaches out to
   its sides, are looked at.
2. A stroke runs through from the first digit to the last, level or nearly so, at the height where digits have none: their feet
   and heads, and the bar of a 4, lie elsewhere. Under steeper ones no reader knows the digits.
3. A stroke as long as a ruling was painted over with the rulings: where one ran through a word's middle, not under it, it is told; so
   is a streak of the scanner down through its digits, which took half of an 8 with it.
4. Digits that only touch, as coarse print runs together, are no strike: our own eye knows each of them surely, which it does not
   under a stroke; where they meet they are no hair's breadth; and no line keeps to the middle, where the bar of a 4 does not lie.
5. The number is doubted, never left out: whoever looks decides what its writer meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from parsers.pages.shapes import WIDE, Shape, black, judge
from parsers.pages.source import Pixels

_SLOPES = np.linspace(-0.2, 0.2, 9)  # rise of a stroke for each pixel across
_MIDDLE = 0.28, 0.6  # shares of the digits' height between which a stroke crosses them
_BESIDE = 0.2, 0.64  # shares above and below which a lone digit is as wide as it is: the bar of a 4 too
_WORD = 0.25, 0.75  # the same of a word's height, whose box may hold a comma's foot
_DOWN, _RIM = 0.9, 2  # share of a word's height a line ran down through, and pixels of its rim that are not asked
_ALONG = 0.6  # share of a word's width a line ran along
_THROUGH = 0.95  # share of the number's width it runs through
_ROWS = 1  # rows above and below a stroke's own in which its ink may lie: a hand is not steady
_OUT = 0.06  # heights a stroke reaches out beside a lone digit
_KNOWN = 0.9  # probability of a digit from which our own eye knows it
_MEET, _AROUND = (
    0.12,
    2,
)  # share of the number's height two digits that touch are thick where they meet; pixels around that looked at
_HIGH = 0.62  # share of the number's height from which a piece of ink is a digit of it


def is_crossed(picture: Pixels, own: Sequence[Shape]) -> bool:
    """Whether a stroke runs through the number; ``own``: its shapes in the cut picture."""
    tall = [shape for shape in own if shape.tall]
    if not tall:
        return False
    top, foot = min(one.box[1] for one in tall), max(one.box[1] + one.box[3] for one in tall)
    ink = cv2.bitwise_not(black(picture))[top:foot]
    left, right = min(one.box[0] for one in tall), max(one.right for one in tall)
    if len(tall) == 1 and tall[0].aspect <= WIDE:
        return _reaches_out(ink, left, right)
    part = np.ascontiguousarray(ink[:, left:right])
    count, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    digits = int((stats[1:count, cv2.CC_STAT_HEIGHT] >= _HIGH * (foot - top)).sum())
    return digits < max(len(tall), 2) and _runs_through(part) and not _only_touch(part, tall, left)


def is_under_line(lines: Pixels, box: tuple[int, int, int, int]) -> bool:
    """Whether a line that was painted over ran through a word from side to side, or from top to foot; ``lines``: 255 where one was."""
    x0, y0, x1, y1 = (max(0, side) for side in box)
    high = y1 - y0
    middle = lines[y0 + int(_WORD[0] * high) : y0 + int(_WORD[1] * high), x0:x1]
    if middle.size and float(middle.any(axis=0).mean()) >= _ALONG:
        return True
    inside = lines[y0:y1, x0 + _RIM : x1 - _RIM]
    return inside.size > 0 and bool(((inside > 0).mean(axis=0) >= _DOWN).any())


def _only_touch(ink: Pixels, digits: Sequence[Shape], left: int) -> bool:
    """Whether digits hang together without a stroke; ``ink``: from the first of them, which begins at ``left``, to the last."""
    if not all(sign.isdigit() and odds >= _KNOWN for sign, odds in judge(list(digits))):
        return False
    gaps = [sorted((before.right, behind.box[0])) for before, behind in pairwise(digits)]
    thin = [(ink[:, max(0, a - left - _AROUND) : b - left + _AROUND] > 0).sum(axis=0).min() for a, b in gaps]
    return bool(thin) and min(thin) >= _MEET * ink.shape[0] and not _runs_through(ink, inside=True)


def _runs_through(ink: Pixels, *, inside: bool = False) -> bool:
    """Whether some straight line through the middle is inked nearly all its way; ``inside``: one that stays in the middle."""
    height, width = ink.shape
    thick = cv2.dilate(ink, np.ones((2 * _ROWS + 1, 1), np.uint8)) > 0
    across = np.arange(width)
    first, last = (int(share * height) for share in _MIDDLE)
    starts = np.arange(first, last + 1)
    for slope in _SLOPES:
        rows = starts[:, None] + np.rint(slope * (across - width / 2)).astype(int)[None, :]
        held = (rows >= first) & (rows <= last) if inside else (rows >= 0) & (rows < height)
        met = thick[rows.clip(0, height - 1), across[None, :]] & held
        if float(met.mean(axis=1).max()) >= _THROUGH:
            return True
    return False


def _reaches_out(ink: Pixels, left: int, right: int) -> bool:
    """Whether ink hangs on a lone digit, at its middle, on both sides: there none of them has any."""
    height = ink.shape[0]
    middle = ink[int(_MIDDLE[0] * height) : int(_MIDDLE[1] * height) + 1]
    rest = np.concatenate([ink[: int(_BESIDE[0] * height)], ink[int(_BESIDE[1] * height) :]])
    ends = [np.flatnonzero(part[:, left:right].any(axis=0)) for part in (middle, rest)]
    if not all(len(one) for one in ends):
        return False
    out = _OUT * height
    return bool(ends[0][0] <= ends[1][0] - out and ends[0][-1] >= ends[1][-1] + out)
