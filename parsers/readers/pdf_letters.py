"""The letters of a PDF page as pdfium has them, asked for all at once: thousands of calls without a line of Python between them.

Rules:

1. A code and a rectangle for every letter of the page, in pdfium's order; what they mean is the reader's to say (``pdf_page``).
2. pdfium writes the rectangles into one stretch of memory of ours, which is as long as the page has letters.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2.raw as api

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in points from the top left
Bounds = tuple[float, float, float, float]  # left, bottom, right, top in pdfium's own points
_PLACE = struct.Struct("=4d")
_DIGITS = frozenset(range(0x30, 0x3A))
_BEHIND = re.compile(r"(?<=[0-9])[0-9]")
_HIGHER, _SMALLER = (
    0.2,
    0.85,
)  # shares of the digit before: how much higher a raised one begins, how small it is at most
OVER = 0.4  # share of a digit's width on another from which they are not one beside the other
_PAIRED = frozenset(range(0xD800, 0xE000))  # two of them are one letter
# the functions by their addresses: numbers in, a number out, nothing looked at on the way, and no other thread let in for each letter
_code = ctypes.PYFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(api.FPDFText_GetUnicode, ctypes.c_void_p).value or 0
)
_place = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4)(
    ctypes.cast(api.FPDFText_GetCharBox, ctypes.c_void_p).value or 0
)


class Letter(NamedTuple):
    """A letter and where it stands; ``box`` is None for a space pdfium made up."""

    text: str
    box: Box | None


def codes_of(raw: Any, count: int) -> list[int]:
    """The Unicode number of each letter of a text page."""
    room = (ctypes.c_ushort * (count + 1))()
    told = api.FPDFText_GetText(raw, 0, count, room) - 1  # without the zero at its end
    codes = list(room)[:count]
    if told == count and not (_PAIRED.intersection(codes)):
        return codes
    return list(map(_code, repeat(_address(raw)), range(count)))


def bounds_of(raw: Any, count: int) -> list[Bounds | None]:
    """Where each letter stands; None where pdfium does not say."""
    room = ctypes.create_string_buffer(_PLACE.size * count)
    first = ctypes.addressof(room)
    left, bottom, right, top = (
        range(first + 8 * n, first + _PLACE.size * count + 8 * n, _PLACE.size) for n in range(4)
    )
    known = list(map(_place, repeat(_address(raw)), range(count), left, right, bottom, top))
    found: list[Any] = list(_PLACE.iter_unpack(room.raw))
    return [place if said else None for said, place in zip(known, found, strict=True)] if 0 in known else found


def raised_digits(raw: Any, codes: list[int], bounds: Sequence[Bounds | None]) -> list[int]:
    """The digits that stand smaller and higher behind another digit: the mark of a note ("125" and a raised "1")."""
    found: list[int] = []
    base = 0  # the digit on the line
    text = "".join([chr(code) if code in _DIGITS else " " for code in codes])
    for match in _BEHIND.finditer(text):
        i = match.start()
        base = base if found and found[-1] == i - 1 else i - 1
        one, other = bounds[base], bounds[i]
        if one and other and other[1] - one[1] > _HIGHER * (one[3] - one[1]) > 0 and _is_smaller(raw, base, i):
            found.append(i)
    return found


def written_over(codes: list[int], bounds: Sequence[Bounds | None]) -> list[int]:
    """The digits that stand on top of the digit before: one was covered and another written there; which is seen, nobody knows."""
    text = "".join([chr(code) if code in _DIGITS else " " for code in codes])
    pairs = [(match.start(), bounds[match.start() - 1], bounds[match.start()]) for match in _BEHIND.finditer(text)]
    return [i for i, one, other in pairs if one and other and overlap(one, other) > OVER]


def overlap(one: Bounds, other: Bounds) -> float:
    """The share of the smaller letter that lies on the other, along the line and across it."""
    shares = []
    for low, high in ((0, 2), (1, 3)):
        smaller = min(one[high] - one[low], other[high] - other[low])
        shares.append((min(one[high], other[high]) - max(one[low], other[low])) / smaller if smaller > 0 else 0.0)
    return min(shares)


def _is_smaller(raw: Any, one: int, other: int) -> bool:
    """Whether a letter is set in a smaller size than another: figures of the old style stand at several heights."""
    heights: list[float] = []
    rect = api.FS_RECTF()
    for n in (one, other):
        api.FPDFText_GetLooseCharBox(raw, n, ctypes.byref(rect))
        heights.append(rect.top - rect.bottom)
    return 0.0 < heights[1] < _SMALLER * heights[0]


def letters_of(texts: list[str], boxes: list[Box | None]) -> list[Letter]:
    """Letters in their places."""
    return list(map(_letter, zip(texts, boxes, strict=True)))


_letter: Any = partial(tuple.__new__, Letter)


def _address(raw: Any) -> int | None:
    return ctypes.cast(raw, ctypes.c_void_p).value
