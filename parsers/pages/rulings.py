"""Ruled tables of a straight page, found by their lines; and the page without any line.

Rules:

1. A line is long and thin: several letters' heights at least. Lines that meet are one table.
2. Neighbouring fields without a line between them are one cell, if together they are a rectangle.
3. A frame around text (one column or one field) is no table; underlinings and leaders are erased like all lines.
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
    tables = _tables(across, down)
    return tables, erased(grey, cv2.bitwise_or(across, down))


def erased(grey: Pixels, lines: Pixels) -> Pixels:
    """Lines painted over; strokes of letters that cross a line keep what stands beside it."""
    wide = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    out = grey.copy()
    out[wide > 0] = 255
    return out


def without_specks(grey: Pixels) -> Pixels:
    """The page without specks: ink smaller than a point of print, or small and with no letter near."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink_of(grey))
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    letters = (sides >= 10) & (stats[:, cv2.CC_STAT_HEIGHT] <= 90)
    letters[0] = False
    if letters.sum() < _LETTERS_MIN:
        return grey
    high = float(np.median(stats[letters, cv2.CC_STAT_HEIGHT]))
    small = sides < _SMALL * high
    small[0] = False
    near = np.zeros(count, np.uint8)
    near[letters & ~small] = 1
    reach = np.ones((max(1, round(1.3 * high)), max(1, round(1.1 * high))), np.uint8)
    around = cv2.dilate(near[labels], reach)
    kept = np.bincount(labels.ravel(), weights=around.ravel(), minlength=count) > 0
    gone = (small & ~kept).astype(np.uint8)
    mask = cv2.dilate(gone[labels], np.ones((5, 5), np.uint8)).astype(bool)
    out = grey.copy()
    out[mask] = 255
    return out


def _tables(across: Pixels, down: Pixels) -> list[Ruling]:
    grid = cv2.dilate(cv2.bitwise_or(across, down), np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grid)
    width = across.shape[1]
    found = []
    for n in range(1, count):
        x, y, wide, high = (int(v) for v in stats[n, :4])
        if wide < width / 8 or high < width / 50:
            continue
        window = np.s_[y : y + high, x : x + wide]
        own = labels[window] == n
        table = _table(np.where(own, across[window], 0), np.where(own, down[window], 0), (x, y), width)
        if table:
            found.append(table)
    return sorted(found, key=lambda one: (one.box[1], one.box[0]))


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
