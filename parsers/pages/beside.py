"""What stands beside a number's digits in its own word: marks, remains of a digit, dust, or nothing at all.

Rules:

1. Ink beside the digits that is too large for a mark, where no letter, figure or bracket was told, may be what is left of a digit
   under correction fluid, a tear or a pen ("¬0" of 50, "?1" of 11): the number is doubted.
2. A dash before the digits that has no ink of its own was made of the grain of the paper ("-1.686"): it is none.
3. The second engine is shown the digits alone: of a mark cut in half it makes anything ("2017;", "15/KH"), and dust between the
   digits, smaller than a point and not where points stand, makes it unsure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from parsers.pages.shapes import Shape
from parsers.pages.source import Pixels

_TOLD = re.compile(r"[\w()\[\]{}|/%]")  # what explains ink of any size
_DASHES = re.compile(r"[-–—~]+")
_FLAT = 0.3  # heights of the digits a mark is high at most: a dash, a point
_MARK = 0.35, 0.45  # heights a comma or a quotation mark is wide and high at most
_THIN = 0.2  # width over height below which a piece is one of a ruling
_DUST = 0.2  # heights of the digits below which a piece is dust


def may_be_torn(found: Sequence[Shape], own: Sequence[Shape], before: str, behind: str) -> bool:
    """Whether ink beside the digits may be the rest of one; ``before``, ``behind``: what the engine told there."""
    high = _height(own)
    left = [one for one in found if one.right <= own[0].box[0] + 1]
    right = [one for one in found if one.box[0] >= own[-1].right - 1]
    return any(
        not _TOLD.search(told) and any(_is_large(one, high) for one in pieces)
        for pieces, told in ((left, before), (right, behind))
    )


def _is_large(piece: Shape, high: int) -> bool:
    _, _, wide, tall = piece.box
    mark = tall <= _FLAT * high or (wide <= _MARK[0] * high and tall <= _MARK[1] * high)
    return not mark and piece.aspect >= _THIN


def is_no_dash(found: Sequence[Shape], own: Sequence[Shape], before: str) -> bool:
    """Whether what the engine told before the digits is a dash without ink."""
    return _DASHES.fullmatch(before) is not None and not any(
        one.right <= own[0].box[0] + 1 and max(one.box[2:]) >= _DUST * _height(own) / 2 for one in found
    )


def by_itself(picture: Pixels, found: Sequence[Shape], own: Sequence[Shape]) -> Pixels:
    """The cut picture of the number alone: the mark cut in half behind it ("2017;") and the dust in it are paper."""
    first, last = own[0].box[0], max(one.right for one in own)
    high, foot = _height(own), max(one.box[1] + one.box[3] for one in own if one.tall)
    out = np.array(picture)
    out[:, : (max([one.right for one in found if one.right <= first + 1], default=-first) + first) // 2] = 255
    out[
        :, (min([one.box[0] for one in found if one.box[0] >= last - 1], default=2 * out.shape[1]) + last + 1) // 2 :
    ] = 255
    dust = [one for one in found if not one.tall and max(one.box[2:]) < _DUST * high]
    for x, y, wide, tall in [one.box for one in dust if not one.low or one.box[1] >= foot]:
        out[max(0, y - 1) : y + tall + 1, max(0, x - 1) : x + wide + 1] = 255
    return out


def _height(own: Sequence[Shape]) -> int:
    return max(one.box[3] for one in own)
