"""A page laid straight: found on the photograph, evenly lit, unturned, without its seal and signature.

Rules:

1. A page seen askew on something darker (``paper``) is stretched back to a rectangle; one that fills the picture is left alone.
2. Light is evened out by what the paper looks like around each spot, so that a shadow is paper again; faint print is
   darkened, a negative turned.
3. Lines of print lie level: first a quarter turn if they stand, then the small angle at which they are sharpest.
4. Coloured ink in large strokes (a seal, a signature) gives way to what is printed under it; coloured print stays, and so does
   a pen's stroke through a line and what is written beside it: it takes something back.
5. Every place found on the sheet can be told in the units of the page as it is shown (``Sheet.outside``), and how it lies to the
   others on the straight sheet (``Sheet.straight``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from parsers.pages.paper import page_corners, papers
from parsers.pages.penned import Penned, is_written_on, penned
from parsers.pages.source import Pixels, Source, pages_on
from parsers.scan import Box

_WANTED = 1820  # pixels of a page's shorter side: an A4 page of 220 dots an inch
_COARSE = 1.1  # times a page is enlarged at least, else it is left as it is
_LEAST = 600  # pixels of the shorter side below which nothing would be gained
_SKEW_MAX = 8.0  # degrees
_STROKE = 0.035  # share of the sheet's width a seal or signature stretches over at least
_PEN = 0.009  # the same, of the narrower side of a single stroke, at most
_RED = 0.35  # share of a seal that is red
_COLOURED = 135  # brightness above which coloured ink has no print under it
_SEAL = (0.07, 0.32)  # share of the sheet's width a seal is wide
_NIGHT, _MOSTLY_DARK = 100, 0.7  # light below which a pixel is dark, and the share of them on a negative
_STROKE_DEEP = 25  # grey levels by which a stroke is darker than what is around it
_STROKES_MIN = 400  # pixels of strokes from which they tell how dark the print is
_STAY = 0.5  # share of a page's strokes that stay strokes, without its grain
_CORE = 25  # per cent of a page's strokes that are their cores, not their rims
_FAINT, _DARK = 150, 90  # grey of the cores of print above which it is faint, and what it becomes
_DARKER_MAX = 3.5  # times faint print is made darker at most: with it the grain of the paper is
_LETTER = (5, 40)  # pixels of a letter's longer side on the smaller picture lines are sought on
_ASKED, _LETTERS_MAX = 250, 4000  # letters whose neighbour is looked for, and looked at
_ENOUGH = 8  # letters with a neighbour beside or below them from which they tell how lines run
_MOSTLY = 1.6  # times as many on one side


@dataclass(frozen=True, slots=True)
class Sheet:
    """A straight page, and the way back."""

    grey: Pixels
    back: np.ndarray  # 3 x 3: from pixels of the sheet to pixels of the source
    scale: float  # pixels of the source for one unit of the page
    turn: int = 0  # degrees clockwise the page was turned
    sealed: bool = False
    wiped: bool = False  # coloured ink was taken away: what looks empty may have been written on
    pen: Penned | None = None  # coloured ink that stayed

    def outside(self, box: tuple[float, float, float, float]) -> Box:
        """A rectangle of the sheet as the rectangle around it on the page, in the page's units."""
        x0, y0, x1, y1 = box
        corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float64)
        moved = cv2.perspectiveTransform(corners, self.back)[0] / self.scale
        (left, top), (right, low) = moved.min(axis=0), moved.max(axis=0)
        return round(float(left), 1), round(float(top), 1), round(float(right), 1), round(float(low), 1)

    def straight(self, box: tuple[float, float, float, float]) -> Box:
        """A rectangle of the sheet as it lies here, straight and upright, in the page's units."""
        width = self.grey.shape[1]
        ends = cv2.perspectiveTransform(np.array([[[0, 0], [width, 0]]], np.float64), self.back)[0] / self.scale
        unit = float(np.linalg.norm(ends[1] - ends[0])) / width
        x0, y0, x1, y1 = (round(side * unit, 1) for side in box)
        return x0, y0, x1, y1

    def is_written_on(self, box: tuple[int, int, int, int]) -> bool:
        """Whether somebody wrote in colour over the print of a place."""
        return is_written_on(self.pen, self.grey, self.back, box)

    def turned(self, degrees: int) -> Sheet:
        """The sheet turned clockwise by a quarter, a half or three quarters."""
        if degrees % 360 == 0:
            return self
        grey, matrix = quarter(self.grey, degrees)
        return replace(self, grey=grey, back=self.back @ np.linalg.inv(matrix), turn=(self.turn + degrees) % 360)


def sheets(source: Source) -> list[Sheet]:
    """The pages of a source, straight: one, or those stuck together in one long picture."""
    height, width = source.pixels.shape[:2]
    count = pages_on(width, height)
    if count == 1:
        return [_laid(source, quad) for quad in papers(source.pixels)] or [_laid(source, None)]
    found = []
    for rows in np.array_split(np.arange(height), count):
        top = int(rows[0])
        sheet = lay(replace(source, pixels=np.ascontiguousarray(source.pixels[top : top + len(rows)])))
        down = np.array([[1, 0, 0], [0, 1, top], [0, 0, 1]], np.float64)
        pen = sheet.pen and replace(sheet.pen, back=down @ sheet.pen.back)
        found.append(replace(sheet, back=down @ sheet.back, pen=pen))
    return found


def lay(source: Source) -> Sheet:
    """The page of a source, straight."""
    return _laid(source, page_corners(source.pixels))


def _laid(source: Source, quad: np.ndarray | None) -> Sheet:
    pixels, back = source.pixels, np.eye(3)
    if quad is not None:
        pixels, back = _stretched(pixels, quad)
    pixels, back = _enlarged(positive(pixels), back)
    colour = evened(pixels)
    grey, sealed = printed(colour)
    wiped = not np.array_equal(grey, cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY))
    sheet = Sheet(darkened(grey), back, source.scale, 0, sealed, wiped, penned(colour, grey, back))
    if stands(grey):
        sheet = sheet.turned(90)
    return levelled(sheet)


# ---- the page on a photograph -----------------------------------------------------------------------------------------


def _stretched(pixels: Pixels, quad: np.ndarray) -> tuple[Pixels, np.ndarray]:
    a, b, c, d = quad
    width = max(np.linalg.norm(b - a), np.linalg.norm(c - d))
    height = max(np.linalg.norm(d - a), np.linalg.norm(c - b))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    size = (max(1, round(float(width))), max(1, round(float(height))))
    flat = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(flat, dtype=np.uint8), np.linalg.inv(matrix)


def _enlarged(pixels: Pixels, back: np.ndarray) -> tuple[Pixels, np.ndarray]:
    """A coarse picture with the pixels the engines want."""
    share = _WANTED / min(pixels.shape[:2])
    if share < _COARSE or min(pixels.shape[:2]) < _LEAST:
        return pixels, back
    large = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, dtype=np.uint8), back @ np.diag([1 / share, 1 / share, 1])


# ---- light and colour -------------------------------------------------------------------------------------------------


def positive(pixels: Pixels) -> Pixels:
    """White on black turned black on white: some scanners and fax programs store a page as its negative."""
    dark = float((pixels[::8, ::8].max(axis=2) < _NIGHT).mean())
    return np.asarray(cv2.bitwise_not(pixels), dtype=np.uint8) if dark > _MOSTLY_DARK else pixels


def evened(pixels: Pixels) -> Pixels:
    """Each channel over what the paper looks like there."""
    share = 300 / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 15)
    ground = cv2.resize(paper, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, np.maximum(ground, 40), scale=250), dtype=np.uint8)


def printed(colour: Pixels) -> tuple[Pixels, bool]:
    """The print alone in grey, and whether a red seal stands on the page."""
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    blue, green, red = cv2.split(colour)
    value, low = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    _, vivid = cv2.threshold(cv2.subtract(value, low), 60, 1, cv2.THRESH_BINARY)
    if cv2.countNonZero(vivid) < 200:
        return np.asarray(grey, dtype=np.uint8), False
    width = grey.shape[1]
    near = max(3, width // 250) | 1
    joined = cv2.morphologyEx(vivid, cv2.MORPH_CLOSE, np.ones((near, near), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    large = np.zeros(count, np.uint8)
    sealed = False
    for n in range(1, count):
        wide, high = stats[n, cv2.CC_STAT_WIDTH], stats[n, cv2.CC_STAT_HEIGHT]
        if max(wide, high) < _STROKE * width or min(wide, high) < 0.4 * _STROKE * width:
            continue  # print in colour
        own = labels == n
        part = colour[own].astype(np.int16)
        reddish = float((part[:, 2] - np.maximum(part[:, 0], part[:, 1]) > 40).mean())
        if _is_correction(own, min(wide, high) / width, red=reddish > _RED):
            continue
        large[n] = 1
        shape = 0.6 < wide / high < 1.7 and _SEAL[0] * width < max(wide, high) < _SEAL[1] * width
        sealed = sealed or bool(shape and reddish > _RED)
    mask = cv2.dilate(large[labels], np.ones((5, 5), np.uint8)).astype(bool)
    out = np.where(mask, np.where(value > _COLOURED, 255, value), grey)
    return np.asarray(out, dtype=np.uint8), sealed


def _is_correction(own: np.ndarray, low: float, *, red: bool) -> bool:
    """Whether coloured ink is a stroke of a pen through the print, or figures written beside it: no higher than a line or two.

    What is red and no stroke may be a piece of a seal.
    """
    if not red and low < _STROKE:
        return True
    (_, sides, _) = cv2.minAreaRect(cv2.findNonZero(own.astype(np.uint8)))
    return bool(min(sides) < _PEN * own.shape[1])


def darkened(grey: Pixels) -> Pixels:
    """Faint print, as thermal paper and an old ribbon leave it, as dark as print is elsewhere."""
    blurred = cv2.blur(grey, (31, 31))
    stroke = cv2.subtract(blurred, grey) > _STROKE_DEEP
    count = int(np.count_nonzero(stroke))
    if count < _STROKES_MIN:
        return grey
    usual = float(np.percentile(grey[stroke], _CORE))
    if usual <= _FAINT or _is_grain(grey, blurred, count):
        return grey
    share = min(_DARKER_MAX, (255 - _DARK) / (255 - usual))
    return np.asarray(cv2.bitwise_not(cv2.convertScaleAbs(cv2.bitwise_not(grey), alpha=share)), dtype=np.uint8)


def _is_grain(grey: Pixels, blurred: Pixels, strokes: int) -> bool:
    """Whether what is darker than its surroundings is the grain of an empty page, which goes when a few pixels are one; strokes stay."""
    stay = cv2.subtract(blurred, cv2.blur(grey, (3, 3))) > _STROKE_DEEP
    return bool(np.count_nonzero(stay) < _STAY * strokes)


# ---- angles -----------------------------------------------------------------------------------------------------------


def _inked(grey: Pixels, side: int) -> Pixels:
    """Ink as 255 on a smaller picture."""
    share = min(1.0, side / max(grey.shape))
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return np.asarray(ink, dtype=np.uint8)


def stands(grey: Pixels) -> bool:
    """Whether the lines of print run from top to bottom."""
    return lines_stand(grey) is True


def lines_stand(grey: Pixels) -> bool | None:
    """The same by the nearest neighbour of each letter, which stands in its own line; None: too few letters to say."""
    ink = _without_lines(_inked(grey, 1200))
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    letters = (sides >= _LETTER[0]) & (sides <= _LETTER[1])
    letters[0] = False
    if not letters.any():
        return None
    usual = float(np.median(sides[letters]))
    letters &= (sides >= 0.5 * usual) & (sides <= 2.5 * usual)
    beside, below = _neighbours(middles[letters][:_LETTERS_MAX].astype(np.float32))
    if beside + below < _ENOUGH or max(beside, below) < _MOSTLY * min(beside, below):
        return None
    return below > beside


def _neighbours(middles: np.ndarray) -> tuple[int, int]:
    """How many letters have their nearest one beside them, and how many above or below."""
    if len(middles) < 2:
        return 0, 0
    some = middles[:: max(1, len(middles) // _ASKED)]
    apart = np.abs(some[:, None, :] - middles[None, :, :])
    far = np.square(apart).sum(axis=2)
    far[far == 0] = np.inf  # the letter itself
    across, down = np.take_along_axis(apart, far.argmin(axis=1)[:, None, None], axis=1)[:, 0, :].T
    return int((across > 2 * down).sum()), int((down > 2 * across).sum())


def _without_lines(ink: Pixels) -> Pixels:
    """Without the rulings of tables, which run both ways."""
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 35), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((35, 1), np.uint8))
    return np.asarray(cv2.subtract(ink, cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))), np.uint8)


def _sharpness(ink: Pixels, angle: float) -> float:
    """How much rows of pixels differ from their neighbours when the picture is turned by so much."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    rows = cv2.warpAffine(ink, matrix, (width, height)).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum()) / max(1.0, float(np.square(rows).sum()))


def skew(grey: Pixels) -> float:
    """Degrees the picture has to be turned (counterclockwise) for its lines to lie level."""
    best = 0.0
    for side, reach, step in ((450, _SKEW_MAX, 1.0), (700, 0.75, 0.25), (1100, 0.2, 0.1)):
        ink = _inked(grey, side)
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(max(angles, key=lambda angle: _sharpness(ink, float(angle))))
    return best


def levelled(sheet: Sheet) -> Sheet:
    """The sheet with its lines level."""
    angle = skew(sheet.grey)
    if abs(angle) < 0.08:
        return sheet
    height, width = sheet.grey.shape
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1), [0, 0, 1]])
    grey = cv2.warpAffine(sheet.grey, matrix[:2], (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    return replace(sheet, grey=np.asarray(grey, dtype=np.uint8), back=sheet.back @ np.linalg.inv(matrix))


def quarter(grey: Pixels, degrees: int) -> tuple[Pixels, np.ndarray]:
    """A picture turned clockwise by quarters, and the matrix from old places to new ones."""
    height, width = grey.shape[:2]
    codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    matrices = {
        90: [[0, -1, height], [1, 0, 0], [0, 0, 1]],
        180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        270: [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
    }
    degrees %= 360
    return np.asarray(cv2.rotate(grey, codes[degrees]), dtype=np.uint8), np.array(matrices[degrees], np.float64)
