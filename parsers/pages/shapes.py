"""The shapes of a figure, and our own eye for digits: small, trained on many fonts, owing nothing to Tesseract.

Rules:

1. A figure is cut into the separate shapes drawn; digits, strokes and brackets are tall, points and commas are low.
2. Each tall shape is one of ``SIGNS`` or junk, with a probability; shapes that touch or break are junk to it.
3. What it has learned is data (``digits.npz``), written by ``bench/train_digits.py``; a change of ``SHAPE`` or ``SIGNS``
   means training anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import cv2
import numpy as np

from parsers.pages.source import Pixels

SIGNS = "0123456789/()"
JUNK = len(SIGNS)
SHAPE = (20, 14)  # rows, columns a shape is scaled to
HEIGHT = 40  # pixels the taller words are scaled to before they are cut
_MARGIN = 0.3  # heights of paper looked at around a word
_TALL = 0.62  # share of the tallest shape's height a digit has at least
_SPECK = 0.08  # share of it below which a shape is dirt


@dataclass(frozen=True, slots=True)
class Shape:
    """One connected piece of ink in a word's picture."""

    box: tuple[int, int, int, int]  # x, y, width, height in the cut picture
    tall: bool
    low: bool  # stands at the foot of the line: a point or a comma
    grey: np.ndarray  # SHAPE, 0..1, ink is 1
    aspect: float  # width over height

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.box[0] + self.box[2]


def cut(grey: Pixels, box: tuple[int, int, int, int]) -> Pixels:
    """A word on clean paper, of the wanted height, evenly dark."""
    x0, y0, x1, y1 = box
    margin = max(2, round(_MARGIN * (y1 - y0)))
    part = grey[max(0, y0 - margin // 2) : y1 + margin // 2, max(0, x0 - margin) : x1 + margin]
    scale = HEIGHT / max(8, y1 - y0)
    large = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), 0.8)
    stretched = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    return np.asarray(cv2.copyMakeBorder(stretched, 12, 12, 14, 14, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8)


def black(crop: Pixels) -> Pixels:
    """The same in black and white."""
    _, out = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(out, dtype=np.uint8)


def shapes(crop: Pixels) -> list[Shape]:
    """The shapes of a cut word from left to right, dirt left out."""
    ink = cv2.bitwise_not(black(crop))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tallest = max((int(stats[n, cv2.CC_STAT_HEIGHT]) for n in range(1, count)), default=0)
    found = []
    for n in range(1, count):
        x, y, wide, high, area = (int(v) for v in stats[n])
        if high < _SPECK * tallest or area < 6:
            continue
        foot = y + high
        found.append((n, (x, y, wide, high), high >= _TALL * tallest, foot))
    level = float(np.median([foot for _, _, tall, foot in found if tall])) if found else 0.0
    out = []
    for n, box, tall, _ in found:
        low = not tall and box[1] > level - 0.45 * tallest
        out.append(Shape(box, tall, low, _seen(crop, labels == n, box), box[2] / max(1, box[3])))
    return sorted(out, key=lambda shape: shape.box[0])


def _seen(crop: Pixels, own: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """The shape alone, scaled."""
    x, y, wide, high = box
    mask = cv2.dilate(own[y : y + high, x : x + wide].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    part = np.where(mask, 255 - crop[y : y + high, x : x + wide], 0).astype(np.uint8)
    scaled = cv2.resize(part, (SHAPE[1], SHAPE[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, dtype=np.float32) / 255


def features(found: list[Shape]) -> np.ndarray:
    """A row for each shape: its picture, its aspect."""
    rows = [np.concatenate([shape.grey.ravel(), [min(2.0, shape.aspect)] * 4]) for shape in found]
    return np.array(rows, np.float32).reshape(len(rows), SHAPE[0] * SHAPE[1] + 4)


@cache
def _learned() -> list[tuple[np.ndarray, np.ndarray]]:
    with np.load(BytesIO(files("parsers.pages").joinpath("digits.npz").read_bytes())) as stored:
        layers = len(stored.files) // 2
        return [(stored[f"w{n}"].astype(np.float32), stored[f"b{n}"].astype(np.float32)) for n in range(layers)]


def judge(found: list[Shape]) -> list[tuple[str, float]]:
    """Each shape's sign ("" for junk) and how probable it is."""
    if not found:
        return []
    values = features(found)
    *hidden, last = _learned()
    for weights, bias in hidden:
        values = np.maximum(values @ weights + bias, 0)
    values = values @ last[0] + last[1]
    odds = np.exp(values - values.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    best = odds.argmax(axis=1)
    return [("" if n == JUNK else SIGNS[n], float(row[n])) for n, row in zip(best, odds, strict=True)]
