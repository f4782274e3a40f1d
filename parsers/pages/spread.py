"""Two pages scanned side by side on one sheet, as an A3 glass takes an open booklet: read one after the other.

Rules:

1. Only a sheet clearly wider than high, on which the middle holds nothing from top to bottom and each half holds print, is two
   pages: a table or a line of print that crosses the middle is one page lying.
2. A half keeps its way back to the page it was scanned with.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parsers.pages.sheet import Sheet

_WIDE = 1.2  # width over height of a sheet that may be two pages
_MIDDLE = (0.42, 0.58)  # shares of the width between which pages part
_GUTTER = 0.02  # share of the width that is empty there, at least
_INK = 140  # grey below which a pixel is print
_DUST = 0.004  # share of a column's pixels that may be dark all the same
_CROSSING = 0.8  # share of the band that is dark where a ruled line crosses it
_HELD = 0.002  # share of a half that is print, at least


def halves(sheet: Sheet) -> list[Sheet]:
    """The pages of a sheet from left to right: mostly itself alone."""
    height, width = sheet.grey.shape
    if width < _WIDE * height:
        return [sheet]
    ink = sheet.grey < _INK
    at = _gutter(ink)
    if at is None or min(float(ink[:, :at].mean()), float(ink[:, at:].mean())) < _HELD:
        return [sheet]
    moved = np.array([[1, 0, at], [0, 1, 0], [0, 0, 1]], np.float64)
    left, right = (np.ascontiguousarray(part) for part in (sheet.grey[:, :at], sheet.grey[:, at:]))
    return [replace(sheet, grey=left), replace(sheet, grey=right, back=sheet.back @ moved)]


def _gutter(ink: np.ndarray) -> int | None:
    """The middle of the widest empty band about the middle of a sheet."""
    height, width = ink.shape
    first, last = (round(share * width) for share in _MIDDLE)
    empty = np.concatenate([[False], ink[:, first:last].sum(axis=0) <= _DUST * height, [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
    bands = [(int(b - a), first + int(a + b) // 2) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    wide, at = max(bands, default=(0, 0))
    if wide < max(2, _GUTTER * width):
        return None
    crossed = ink[:, at - wide // 2 : at + wide // 2].mean(axis=1) > _CROSSING
    return None if crossed.any() else at
