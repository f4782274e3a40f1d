"""Where a coloured pen wrote on a printed page: ink in colour that is neither a seal nor a signature.

Rules:

1. A number over which somebody wrote in colour ("04" over a printed "02") is doubted, whatever the engines see of it: they may well see what was taken back.
2. A number printed in colour as a whole holds no black ink; a marker's stroke is bright. Neither says anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from parsers.pages.source import Pixels

_STEP = 3  # pixels of the sheet for one of the mask
_VIVID = 60  # levels between the brightest and the darkest channel from which ink is coloured
_DARK, _INK, _BLACK = 170, 140, 110  # grey below which coloured ink is no marker's, ink is print, print is black
_GONE = 240  # grey of what was taken away
_SEAL = 0.06  # share of the sheet's width from which what was taken away is a seal or a signature, no figure in red
_LEAST = 15  # pixels of the mask below which nobody wrote
_WRITTEN, _PRINTED = 0.04, 0.1  # shares of a number's ink that is coloured, and that is black and clear of it, at least


@dataclass(frozen=True, slots=True)
class Penned:
    """Coloured ink on a sheet."""

    mask: Pixels  # 1 where it is
    back: np.ndarray  # 3 x 3: from pixels of the mask to pixels of the source


def penned(colour: Pixels, grey: Pixels, back: np.ndarray) -> Penned | None:
    """Where somebody wrote on a sheet in colour; ``grey``: ``colour`` without what was taken for a seal; None: nowhere."""
    small, left = np.ascontiguousarray(colour[::_STEP, ::_STEP]), grey[::_STEP, ::_STEP]
    blue, green, red = cv2.split(small)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    mask = ((spread > _VIVID) & (cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) < _DARK)).astype(np.uint8)
    if cv2.countNonZero(mask) < _LEAST:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((5, 5), np.uint8)))
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    gone = np.bincount(labels[(mask > 0) & (left > _GONE)], minlength=len(stats)) * 2 > np.bincount(
        labels[mask > 0], minlength=len(stats)
    )
    mask[(gone & (sides > _SEAL * mask.shape[1]))[labels]] = 0
    return Penned(mask, back @ np.diag([_STEP, _STEP, 1.0]))


def is_written_on(pen: Penned | None, grey: Pixels, back: np.ndarray, box: tuple[int, int, int, int]) -> bool:
    """Whether a place of a straight sheet holds print with coloured ink over it; ``back``: from its pixels to the source's."""
    x0, y0, x1, y1 = (max(0, side) for side in box)
    if pen is None or x1 <= x0 or y1 <= y0:
        return False
    there = np.linalg.inv(pen.back) @ back @ np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1]], np.float64)
    size = (x1 - x0, y1 - y0)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    written = np.asarray(cv2.warpPerspective(pen.mask, there, size, flags=flags), dtype=np.uint8)
    part = grey[y0:y1, x0:x1]
    ink = int((part < _INK).sum())
    if not ink or int(written.sum()) < _WRITTEN * ink:
        return False
    clear = cv2.dilate(written, np.ones((5, 5), np.uint8)) == 0
    return int(((part < _BLACK) & clear[: part.shape[0], : part.shape[1]]).sum()) >= _PRINTED * ink
