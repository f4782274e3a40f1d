"""Ruled tables of a straight page, found by their lines; and the page without any line.

Rules:

1. A line is long and thin: several letters' heights at least. Lines that meet are one table.
2. Neighbouring fields without a line between them are one cell, if together they are a rectangle.
3. Dots in a row that lead to a figure are erased: next to them figures are misread.
4. A frame around text (one column or one field) is no table; underlinings and leaders are erased like all lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from parsers.pages.source import Pixels

Pixel = tuple[int, int, int, int]  # x0, y0, x1, y1

_DRAWN = 0.6  # share of a field's side that is inked when a line runs there
_NEAR = 0.006  # share of the page's width: lines closer together are one line
_FIELDS_MAX = 4000
_LETTERS_MIN = 30  # shapes of a letter's size without which nothing is called a speck
_DOT = 0.36  # share of a letter's height a dot of a leader measures at most
_DOT_INK = 0.012  # of the square of a letter's height, inked by a dot at least: grain of the paper is less
_DOTS_MIN = 3  # dots of a leader
_DOTS_APART, _DOTS_LEVEL = 0.75, 0.12  # letters' heights between two of them, along and across
_COARSE = 4  # pixels of the page for one of the map of where print is near
_SMALL = 0.45  # share of a letter's height below which a shape is small


@dataclass(frozen=True, slots=True)
class Field:
    """One cell."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: Pixel


@dataclass(frozen=True, slots=True)
class Ruling:
    """One table."""

    box: Pixel
    rows: int
    columns: int
    fields: tuple[Field, ...]


def ink_of(grey: Pixels) -> Pixels:
    """Ink as 255, judged by its surroundings."""
    size = max(15, grey.shape[1] // 60) | 1
    local = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, size, 18)
    return np.asarray(local, dtype=np.uint8)


def lines_of(ink: Pixels) -> tuple[Pixels, Pixels]:
    """The level and the upright lines, 255 where they run."""
    long = max(30, ink.shape[1] // 32)
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    across = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    down = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    return _thin(across, upright=False), _thin(down, upright=True)


def _thin(lines: Pixels, *, upright: bool) -> Pixels:
    """Without what is too thick for a line: bars and blots."""
    thick = max(10, lines.shape[1] // 160)
    kernel = np.ones((1, thick) if upright else (thick, 1), np.uint8)
    blots = cv2.morphologyEx(lines, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.subtract(lines, cv2.dilate(blots, np.ones((3, 3), np.uint8))), dtype=np.uint8)


def rulings(grey: Pixels) -> tuple[list[Ruling], Pixels]:
    """The tables from top to bottom, and the page with its lines erased."""
    ink = ink_of(grey)
    across, down = lines_of(ink)
    tables, own = _tables(across, down)
    width = grey.shape[1]
    alone = cv2.bitwise_or(_longer(across, (1, width // 10)), _longer(down, (width // 16, 1)))
    return tables, erased(grey, cv2.bitwise_or(own, alone))


def _longer(lines: Pixels, size: tuple[int, int]) -> Pixels:
    """Lines of that length: what is shorter may be the feet of letters."""
    return np.asarray(cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones(size, np.uint8)), dtype=np.uint8)


def erased(grey: Pixels, lines: Pixels) -> Pixels:
    """Lines painted over; strokes of letters that cross a line keep what stands beside it."""
    wide = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    out = grey.copy()
    out[wide > 0] = 255
    return out


def without_specks(grey: Pixels) -> Pixels:
    """The page without specks: ink smaller than a point of print, or small and with no letter near."""
    stats = cv2.connectedComponentsWithStats(ink_of(grey))[2]
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    letters = (sides >= 10) & (stats[:, cv2.CC_STAT_HEIGHT] <= 90)
    letters[0] = False
    if letters.sum() < _LETTERS_MIN:
        return grey
    high = float(np.median(stats[letters, cv2.CC_STAT_HEIGHT]))
    small = stats[1:][sides[1:] < _SMALL * high, :4]
    near = cv2.integral(_around_print(stats[letters & (sides >= _SMALL * high)], grey.shape, high))
    (left, top), (right, low) = small[:, :2].T // _COARSE, (small[:, :2] + small[:, 2:]).T // _COARSE + 1
    alone = near[low, right] - near[top, right] - near[low, left] + near[top, left] == 0
    out = grey.copy()
    for x, y, wide, tall in small[alone].tolist():
        out[max(0, y - 2) : y + tall + 2, max(0, x - 2) : x + wide + 2] = 255
    return out


def _around_print(boxes: np.ndarray, shape: tuple[int, ...], high: float) -> Pixels:
    """Where print is near: the boxes of letters, and as far around them as a mark of theirs may stand; a coarse map."""
    near = np.zeros((shape[0] // _COARSE + 1, shape[1] // _COARSE + 1), np.uint8)
    beside, above = 0.55 * high, 0.65 * high
    for x, y, wide, tall in boxes[:, :4].tolist():
        top, left = int(max(0, y - above)) // _COARSE, int(max(0, x - beside)) // _COARSE
        near[top : int(y + tall + above) // _COARSE + 1, left : int(x + wide + beside) // _COARSE + 1] = 1
    return near


def without_leaders(grey: Pixels) -> tuple[Pixels, list[Pixel]]:
    """The page without its dotted leaders, three dots and more in a row where a figure is to be written; and where they ran."""
    ink = ink_of(grey)
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    heights = stats[:, cv2.CC_STAT_HEIGHT]
    letters = (sides >= 10) & (heights <= 90)
    letters[0] = False
    if letters.sum() < _LETTERS_MIN:
        return grey, []
    high = float(np.median(heights[letters]))
    small = (sides <= _DOT * high) & (stats[:, cv2.CC_STAT_AREA] >= _DOT_INK * high**2)
    small[0] = False
    ends = _in_rows(middles, np.flatnonzero(small), high)
    out, leaders = grey.copy(), []
    for row in ends:
        boxes = [stats[n, :4] for n in row]
        if len(row) >= _DOTS_MIN and not any(_stands_over(ink, box, high) for box in boxes):
            for x, y, wide, tall in boxes:
                if ink[max(0, y - round(0.6 * high)) : max(0, y - 2), x : x + wide].sum() > 6 * 255:
                    continue  # the foot of a colon
                out[max(0, y - 2) : y + tall + 2, max(0, x - 2) : x + wide + 2] = 255
            x0, y0 = (int(min(box[n] for box in boxes)) for n in (0, 1))
            x1, y1 = (int(max(box[n] + box[n + 2] for box in boxes)) for n in (0, 1))
            leaders.append((x0, y0, x1, y1))
    return out, leaders


def _stands_over(ink: Pixels, box: np.ndarray, high: float) -> bool:
    """Whether a dot is that of an i."""
    x, y, wide, tall = (int(v) for v in box)
    return bool(ink[y + tall + 2 : y + tall + round(0.4 * high), x : x + wide].sum() > 2 * 255)


def _in_rows(middles: np.ndarray, dots: np.ndarray, high: float) -> list[list[int]]:
    """Dots in rows: each right behind the one before it, on its level."""
    apart, level = _DOTS_APART * high, max(1.0, _DOTS_LEVEL * high)
    rows: list[list[int]] = []
    ends: dict[int, list[int]] = {}  # by level: the row that ends there
    for n in dots[np.argsort(middles[dots, 0], kind="stable")]:
        x, y = middles[n]
        at = int(y // level)
        home = next(
            (
                row
                for key in (at, at - 1, at + 1)
                if (row := ends.get(key)) and _follows(middles[row[-1]], x, y, apart, level)
            ),
            None,
        )
        if home is None:
            home = []
            rows.append(home)
        home.append(int(n))
        ends[at] = home
    return rows


def _follows(last: np.ndarray, x: float, y: float, apart: float, level: float) -> bool:
    return bool(0 < x - last[0] <= apart and abs(y - last[1]) <= level)


def _tables(across: Pixels, down: Pixels) -> tuple[list[Ruling], Pixels]:
    """The tables, and the lines that are theirs."""
    both = cv2.bitwise_or(across, down)
    own = np.zeros_like(both)
    grid = cv2.dilate(both, np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grid)
    width = across.shape[1]
    found = []
    for n in range(1, count):
        x, y, wide, high = (int(v) for v in stats[n, :4])
        if wide < width / 8 or high < width / 50:
            continue
        window = np.s_[y : y + high, x : x + wide]
        mine = labels[window] == n
        table = _table(np.where(mine, across[window], 0), np.where(mine, down[window], 0), (x, y), width)
        if table:
            found.append(table)
            own[window] = np.where(mine, both[window], own[window])
    return sorted(found, key=lambda one: (one.box[1], one.box[0])), own


def _table(across: Pixels, down: Pixels, at: tuple[int, int], page: int) -> Ruling | None:
    near = max(4, round(_NEAR * page))
    tops = _places(across.sum(axis=1, dtype=np.int64) // 255, near, max(near, across.shape[1] // 12))
    least = max(near, min(down.shape[0] // 3, max(page // 45, down.shape[0] // 8)))
    lefts = _places(down.sum(axis=0, dtype=np.int64) // 255, near, least)
    rows, columns = len(tops) - 1, len(lefts) - 1
    if rows < 1 or columns < 2 or rows * columns > _FIELDS_MAX:
        return None
    fields = _fields(across, down, tops, lefts, near)
    if len(fields) < 2:
        return None
    x, y = at
    placed = tuple(_moved(field, x, y) for field in fields)
    return Ruling((lefts[0] + x, tops[0] + y, lefts[-1] + x, tops[-1] + y), rows, columns, placed)


def _moved(field: Field, x: int, y: int) -> Field:
    x0, y0, x1, y1 = field.box
    return Field(field.row, field.column, field.rowspan, field.colspan, (x0 + x, y0 + y, x1 + x, y1 + y))


def _places(profile: np.ndarray, near: int, least: int) -> list[int]:
    """Where lines run: the middles of groups of rows (or columns) of pixels with enough ink."""
    hits = np.flatnonzero(profile >= least)
    groups: list[list[int]] = []
    for hit in hits:
        if groups and hit - groups[-1][-1] <= near:
            groups[-1].append(int(hit))
        else:
            groups.append([int(hit)])
    return [(group[0] + group[-1]) // 2 for group in groups]


def _fields(across: Pixels, down: Pixels, tops: Sequence[int], lefts: Sequence[int], near: int) -> list[Field]:
    rows, columns = len(tops) - 1, len(lefts) - 1
    parent = list(range(rows * columns))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for r in range(rows):
        for c in range(columns):
            here = r * columns + c
            if c + 1 < columns and not _runs(down, lefts[c + 1], (tops[r], tops[r + 1]), near, upright=True):
                parent[root(here + 1)] = root(here)
            if r + 1 < rows and not _runs(across, tops[r + 1], (lefts[c], lefts[c + 1]), near, upright=False):
                parent[root(here + columns)] = root(here)
    groups: dict[int, list[tuple[int, int]]] = {}
    for n in range(rows * columns):
        groups.setdefault(root(n), []).append(divmod(n, columns))
    return [field for group in groups.values() for field in _cells(group, tops, lefts)]


def _cells(group: Sequence[tuple[int, int]], tops: Sequence[int], lefts: Sequence[int]) -> list[Field]:
    """One cell where the group is a rectangle, else each field by itself."""
    r0, r1 = min(r for r, _ in group), max(r for r, _ in group)
    c0, c1 = min(c for _, c in group), max(c for _, c in group)
    if len(group) == (r1 - r0 + 1) * (c1 - c0 + 1):
        return [Field(r0, c0, r1 - r0 + 1, c1 - c0 + 1, (lefts[c0], tops[r0], lefts[c1 + 1], tops[r1 + 1]))]
    return [Field(r, c, 1, 1, (lefts[c], tops[r], lefts[c + 1], tops[r + 1])) for r, c in group]


def _runs(lines: Pixels, at: int, span: tuple[int, int], near: int, *, upright: bool) -> bool:
    """Whether a line runs there along the whole side of a field."""
    a, b = span[0] + near // 2, span[1] - near // 2
    low, high = max(0, at - near), at + near + 1
    strip = lines[a:b, low:high].max(axis=1) if upright else lines[low:high, a:b].max(axis=0)
    return bool(strip.size) and float((strip > 0).mean()) >= _DRAWN
