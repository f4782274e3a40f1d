"""The shapes of a figure, and our own eye for digits: small, trained on many fonts, owing nothing to Tesseract.

Rules:

1. A figure is cut into the separate shapes drawn; digits, strokes and brackets are tall, points and commas are low.
2. Each tall shape is one of ``SIGNS`` or junk, with a probability; shapes that touch or break are junk to it.
3. Shapes too wide for one digit are cut where the ink is thinnest, into as many as are all surely digits, the stroke behind
   the last of them cut off first ("96/tổng"); a piece of a broken digit joins the piece above or below it.
4. What it has learned is data (``digits.npz``), written by ``bench/train_digits.py``; a change of ``SHAPE`` or ``SIGNS``
   means training anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise

import cv2
import numpy as np

from parsers.pages.source import Pixels

Rect = tuple[int, int, int, int]  # x, y, width, height

SIGNS = "0123456789/()"
JUNK = len(SIGNS)
SHAPE = (20, 14)  # rows, columns a shape is scaled to
HEIGHT = 40  # pixels the taller words are scaled to before they are cut
_RIM, _FRAME = 14, 12  # pixels of clean paper put beside a cut word, and above and below it
_MARGIN = 0.3  # heights of paper looked at around a word
TALL = 0.62  # share of the tallest shape's height a digit has at least
_LOOSE = 0.4, 0.8  # share of a box its taller shapes fill, between which it is too high for them
_SPECK = 0.08  # share of it below which a shape is dirt
_BROKEN = 0.28  # share of it from which a piece is a piece of a digit, not a point
_WHOLE = 0.85  # share of it two pieces of a digit reach together; those of a semicolon do not
WIDE = 0.82  # width over height from which a shape may be several digits that touch
_NARROWEST, _WIDEST = 0.3, 0.78  # width over height of one of them
_PARTS_MAX = 5  # digits that touch
_PARTS_SURE = 0.85  # of each of them, else the shape stays whole
_SLIDE = 0.22  # of a digit's width by which a cut may move
_STROKE = 0.2, 0.55  # width over height of a stroke behind them
_STROKE_SURE = 0.6
_CORES = (
    0.75,
    0.6,
    0.45,
    0.3,
)  # shares of the way from the darkest ink to the faintest at which signs that touch may come apart
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Shape:
    """One connected piece of ink in a word's picture."""

    box: Rect  # in the cut picture
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
    return np.asarray(
        cv2.copyMakeBorder(stretched, _FRAME, _FRAME, _RIM, _RIM, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8
    )


def on_page(rect: Rect, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Where a place of a cut word stands on the page; ``box``: what was cut."""
    high = box[3] - box[1]
    margin, scale = max(2, round(_MARGIN * high)), HEIGHT / max(8, high)
    left, top = max(0, box[0] - margin), max(0, box[1] - margin // 2)
    x, y, wide, tall = rect[0] - _RIM, rect[1] - _FRAME, rect[2], rect[3]
    x0, y0 = left + int(x / scale), top + int(y / scale)
    return max(0, x0), max(0, y0), left + math.ceil((x + wide) / scale), top + math.ceil((y + tall) / scale)


def snug(grey: Pixels, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A word's box without the paper above and below its taller shapes, where an engine made it much too high for a speck's sake.

    A word is scaled by its box: digits in one too high become so small that they touch.
    """
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), box[2], box[3]
    if x1 <= x0 or y1 <= y0:
        return box
    ink = cv2.bitwise_not(black(np.ascontiguousarray(grey[y0:y1, x0:x1])))
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall = stats[1:count, cv2.CC_STAT_HEIGHT]
    whole = stats[1:count][tall >= TALL * tall.max(initial=1)]
    if not len(whole):
        return box
    top = int(whole[:, cv2.CC_STAT_TOP].min())
    foot = int((whole[:, cv2.CC_STAT_TOP] + whole[:, cv2.CC_STAT_HEIGHT]).max())
    return (box[0], y0 + top, box[2], y0 + foot) if _LOOSE[0] <= (foot - top) / (y1 - y0) < _LOOSE[1] else box


def own_of(
    found: list[Shape], crop: Pixels, box: tuple[int, int, int, int], room: tuple[int, int] | None
) -> list[Shape]:
    """The shapes of a cut word without those of the words beside it; ``room``: pixels to the one before and the one behind.

    A shape beyond the word's box is another's only where another word is that near: else it may be a digit that was passed over.
    """
    high = box[3] - box[1]
    margin, scale = max(2, round(_MARGIN * high)), HEIGHT / max(8, high)
    before, behind = (side < margin for side in room or (margin, margin))
    first = _RIM + min(box[0], margin) * scale + 1
    last = crop.shape[1] - _RIM - margin * scale - 1
    return [shape for shape in found if not (before and shape.right <= first) and not (behind and shape.box[0] >= last)]


def black(crop: Pixels) -> Pixels:
    """The same in black and white."""
    _, out = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(out, dtype=np.uint8)


def shapes(crop: Pixels, *, closely: bool = True) -> list[Shape]:
    """The shapes of a cut word from left to right, dirt left out; ``closely``: it is a number, and worth a second look at what touches."""
    ink = cv2.bitwise_not(black(crop))
    pieces, tallest = _pieces(ink)
    talls = [y + high for _, (_, y, _, high) in pieces if high >= TALL * tallest]
    level = float(np.median(talls)) if talls else 0.0
    out: list[Shape] = []
    for own, box in pieces:
        tall = box[3] >= TALL * tallest
        low = not tall and box[1] > level - 0.45 * tallest
        whole = Shape(box, tall, low, _seen(crop, own, box), box[2] / max(1, box[3]))
        out += _parted(crop, own, whole, closely=closely) if tall and whole.aspect > WIDE else [whole]
    return sorted(out, key=lambda shape: shape.box[0])


def _pieces(ink: Pixels) -> tuple[list[tuple[np.ndarray, Rect]], int]:
    """The connected pieces of ink that are no dirt, and the height of the tallest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes: dict[int, Rect] = {}
    for n in range(1, count):
        x, y, wide, high = (int(v) for v in stats[n, :4])
        boxes[n] = (x, y, wide, high)
    tallest = max((box[3] for box in boxes.values()), default=0)
    kept = {n: box for n, box in boxes.items() if box[3] >= _SPECK * tallest and stats[n, cv2.CC_STAT_AREA] >= 6}
    groups = _joined(kept, tallest)
    found = [(np.isin(labels, members) if len(members) > 1 else labels == members[0], box) for members, box in groups]
    return found, tallest


def _joined(boxes: dict[int, Rect], tallest: int) -> list[tuple[list[int], Rect]]:
    """Pieces one above the other are one shape: a digit broken in two, not a semicolon, which begins lower."""
    upper = min((box[1] for box in boxes.values() if box[3] >= TALL * tallest), default=0) + 0.15 * tallest
    groups: list[tuple[list[int], Rect]] = []
    for n, box in sorted(boxes.items(), key=lambda one: one[1][0]):
        broken = _BROKEN * tallest <= box[3] < TALL * tallest
        if groups and (broken or _BROKEN * tallest <= groups[-1][1][3] < TALL * tallest):
            members, (x, y, wide, high) = groups[-1]
            shared = min(x + wide, box[0] + box[2]) - max(x, box[0])
            top, foot = min(y, box[1]), max(y + high, box[1] + box[3])
            if shared >= 0.6 * min(wide, box[2]) and top <= upper and _WHOLE * tallest <= foot - top <= 1.1 * tallest:
                left, right = min(x, box[0]), max(x + wide, box[0] + box[2])
                groups[-1] = ([*members, n], (left, top, right - left, foot - top))
                continue
        groups.append(([n], box))
    return groups


def _parted(crop: Pixels, own: np.ndarray, whole: Shape, *, closely: bool) -> list[Shape]:
    """A shape too wide for one digit as the digits that touch in it, and a stroke behind them; itself when they are not surely digits."""
    found = _digits(crop, own, whole)[0] or _with_stroke(crop, own, whole)
    return found or (_by_cores(crop, own, whole) if closely else []) or [whole]


def _digits(crop: Pixels, own: np.ndarray, whole: Shape) -> tuple[list[Shape], float]:
    """The digits that touch in a shape, and how sure the least sure of them is; none when some are not surely digits."""
    best: list[Shape] = []
    surest = _PARTS_SURE
    for count in range(2, _PARTS_MAX + 1):
        if not _NARROWEST <= whole.aspect / count <= _WIDEST:
            continue
        parts = _cut_up(crop, own, whole, count)
        told = judge(parts)
        least = min((odds for _, odds in told), default=0.0)
        if len(parts) == count and all(sign in _DIGITS for sign, _ in told) and least > surest:
            best, surest = parts, least
    return best, surest


def _with_stroke(crop: Pixels, own: np.ndarray, whole: Shape) -> list[Shape]:
    """Digits, and the stroke that hangs on the last of them; none when it is not so."""
    _, _, wide, high = whole.box
    if whole.aspect > _PARTS_MAX * _WIDEST:
        return []
    cuts = range(max(3, wide - round(_STROKE[1] * high)), wide - round(_STROKE[0] * high) + 1)
    ends = [(at, end) for at in cuts if (end := _piece(crop, own, whole, (at, wide)))]
    told = judge([end for _, end in ends])
    best: list[Shape] = []
    surest = _PARTS_SURE
    for (at, end), (sign, odds) in zip(ends, told, strict=True):
        left = _piece(crop, own, whole, (0, at)) if sign == "/" and odds >= _STROKE_SURE else None
        if not left:
            continue
        if left.aspect > WIDE:
            digits, least = _digits(crop, _columns(own, left.box[0], left.right), left)
        else:
            ((lone, least),) = judge([left])
            digits = [left] if lone in _DIGITS else []
        if digits and least > surest:
            best, surest = [*digits, end], least
    return best


def _by_cores(crop: Pixels, own: np.ndarray, whole: Shape) -> list[Shape]:
    """Signs that only their rims join, as blurred print runs together ("0/2", "7)"); none when one of them is not surely its sign.

    The darker ink must be, the fewer pixels are left of it: the cores of signs that touch come apart, each keeps the rim nearest to it.
    """
    x, y, wide, high = whole.box
    if whole.aspect > _PARTS_MAX * _WIDEST:
        return []
    part, ink = crop[y : y + high, x : x + wide], own[y : y + high, x : x + wide]
    darkest, faintest = np.percentile(part[ink], (2, 98))
    for share in _CORES:
        core = (ink & (part <= darkest + share * (faintest - darkest))).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
        tall = stats[:, cv2.CC_STAT_HEIGHT] >= TALL * high
        tall[0] = False
        if not 2 <= int(tall.sum()) <= _PARTS_MAX:
            continue
        _, near = cv2.distanceTransformWithLabels((~tall[labels]).astype(np.uint8), cv2.DIST_L2, 3)
        parts = sorted((_alone(part, ink & (near == n), (x, y)) for n in range(1, int(near.max()) + 1)), key=_left)
        if all(sign and odds > (_STROKE_SURE if sign == "/" else _PARTS_SURE) for sign, odds in judge(parts)):
            return parts
    return []


def _alone(part: Pixels, mask: np.ndarray, at: tuple[int, int]) -> Shape:
    """The ink of a mask as a shape; ``at``: where the part begins in the cut picture."""
    x, y, wide, high = cv2.boundingRect(mask.astype(np.uint8))
    grey = _seen(part, mask, (x, y, wide, high))
    return Shape((at[0] + x, at[1] + y, wide, high), tall=True, low=False, grey=grey, aspect=wide / max(1, high))


def _left(shape: Shape) -> int:
    return shape.box[0]


def _cut_up(crop: Pixels, own: np.ndarray, whole: Shape, count: int) -> list[Shape]:
    x, y, wide, high = whole.box
    ink = own[y : y + high, x : x + wide].sum(axis=0)
    each = wide / count
    edges = [0]
    for n in range(1, count):
        a, b = round((n - _SLIDE) * each), round((n + _SLIDE) * each) + 1
        edges.append(a + int(ink[a:b].argmin()))
    edges.append(wide)
    parts = [_piece(crop, own, whole, cut) for cut in pairwise(edges)]
    return [part for part in parts if part] if all(parts) else []


def _piece(crop: Pixels, own: np.ndarray, whole: Shape, at: tuple[int, int]) -> Shape | None:
    """The columns of a shape from the first to the last, counted from its left; None when hardly anything stands there."""
    x, (a, b) = whole.box[0], at
    mask = _columns(own, x + a, x + b)
    rows = np.flatnonzero(mask.any(axis=1))
    if b - a < 3 or not len(rows):
        return None
    box = (x + a, int(rows[0]), b - a, int(rows[-1] - rows[0] + 1))
    return Shape(box, tall=True, low=False, grey=_seen(crop, mask, box), aspect=box[2] / box[3])


def _columns(own: np.ndarray, left: int, right: int) -> np.ndarray:
    mask = np.zeros_like(own)
    mask[:, left:right] = own[:, left:right]
    return mask


def _seen(crop: Pixels, own: np.ndarray, box: Rect) -> np.ndarray:
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
