"""The sheet of paper on a photograph: where its corners are.

Rules:

1. Paper is brighter than what it lies on, or of less colour; a shadow over it changes the first and not the second. Each
   way of telling them apart proposes corners.
2. Corners are believed when the picture is darker just outside along every side of them: a shadow's soft rim is not.
   The best borne out are taken, and each side is moved to the edge it runs along.
3. A page that fills the picture, the frame of a table and a picture without a darker ground have no corners.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from parsers.pages.source import Pixels

_SMALL = 900  # pixels of the longer side of the picture looked at
_PAGE_MIN = 0.25  # share of a photograph its page covers at least
_PAGE_FULL = 0.97  # share above which nothing is gained by cutting the page out
_DARKER = 0.88  # brightness just outside a side against just inside, at most
_BORNE = 0.6  # share of each side along which it is so
_SURELY = 0.97  # share with which no other proposal is looked at
_PAPERS_MAX = 3  # sheets looked for on one photograph
_MOST = 0.6  # share of a photograph from which its page leaves no room for another
_STEP = 7  # pixels inside and outside a side that are compared
_POINTS = 60  # looked at along a side
_REACH = 16  # pixels a side is looked for around where it was proposed
_ENDS = 0.06  # share of a side at its ends that is not asked


def page_corners(pixels: Pixels) -> np.ndarray | None:
    """The corners of a page on something darker, clockwise from the top left; None when there is no such page."""
    share = _SMALL / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))  # print goes, paper stays
    closed = np.asarray(cv2.GaussianBlur(closed, (0, 0), 2), dtype=np.uint8)
    grey = np.asarray(cv2.cvtColor(closed, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    best, worth = None, _BORNE
    for quad in _proposed(closed, grey):
        borne = _borne_out(grey, quad)
        if borne >= worth:
            best, worth = quad, borne
        if worth >= _SURELY:
            break
    return None if best is None else np.asarray(best / share)


def papers(pixels: Pixels) -> list[np.ndarray]:
    """The corners of every page on a picture, from the top down: two sheets may lie beside or under one another."""
    found: list[np.ndarray] = []
    rest = pixels
    while len(found) < _PAPERS_MAX and (quad := page_corners(rest)) is not None:
        found.append(quad)
        if cv2.contourArea(quad.astype(np.float32)) > _MOST * pixels.shape[0] * pixels.shape[1]:
            break
        rim = np.concatenate([pixels[:4].reshape(-1, 3), pixels[-4:].reshape(-1, 3)])
        ground = [float(v) for v in np.median(rim, axis=0)]
        rest = cv2.fillConvexPoly(rest.copy(), quad.round().astype(np.int32), ground)
        rest = cv2.polylines(rest, [quad.round().astype(np.int32)], True, ground, max(3, max(pixels.shape) // 60))
    return sorted(found, key=lambda one: float(one[:, 1].mean()))


def _proposed(colour: Pixels, grey: Pixels) -> Iterator[np.ndarray]:
    for mask in (_bright(grey), _by_edges(grey), _colourless(colour), _unlike_the_rim(colour)):
        quad = _quad(mask)
        if quad is not None:
            yield _fitted(grey, quad)


def _bright(grey: Pixels) -> Pixels:
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _by_edges(grey: Pixels) -> Pixels:
    edges = cv2.dilate(cv2.Canny(grey, 20, 60), np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = np.zeros_like(grey)
    cv2.drawContours(filled, contours, -1, 255, -1)
    return np.asarray(filled, dtype=np.uint8)


def _colourless(colour: Pixels) -> Pixels:
    saturation = cv2.cvtColor(colour, cv2.COLOR_BGR2HSV)[:, :, 1]
    return np.asarray(cv2.threshold(saturation, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _unlike_the_rim(colour: Pixels) -> Pixels:
    """What differs in tint from the rim of the picture, whatever the light."""
    light = colour.astype(np.float32) + 8
    tint = light / light.sum(axis=2, keepdims=True)
    rim = np.concatenate(
        [tint[:8].reshape(-1, 3), tint[-8:].reshape(-1, 3), tint[:, :8].reshape(-1, 3), tint[:, -8:].reshape(-1, 3)]
    )
    far = np.abs(tint - np.median(rim, axis=0)).sum(axis=2)
    scaled = np.clip(far * 1500, 0, 255).astype(np.uint8)
    return np.asarray(cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _quad(mask: Pixels) -> np.ndarray | None:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    area = mask.shape[0] * mask.shape[1]
    largest = cv2.convexHull(max(contours, key=cv2.contourArea))
    covered = cv2.contourArea(largest) / area
    if not _PAGE_MIN <= covered <= _PAGE_FULL:
        return None
    for slack in (0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(largest, slack * cv2.arcLength(largest, True), True)
        if len(corners) == 4:
            found = _clockwise(corners.reshape(4, 2).astype(np.float64))
            return found if cv2.contourArea(found.astype(np.float32)) > 0.9 * covered * area else None
    return None


def _clockwise(corners: np.ndarray) -> np.ndarray:
    """From the top left on."""
    middle = corners.mean(axis=0)
    order = np.argsort(np.arctan2(*(corners - middle).T[::-1]))
    ordered = corners[order]
    first = int(np.argmin(ordered.sum(axis=1)))
    return np.roll(ordered, -first, axis=0)


# ---- sides ------------------------------------------------------------------------------------------------------------


def _sides(quad: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Points along each side, and the direction out of the page there."""
    shares = np.linspace(_ENDS, 1 - _ENDS, _POINTS)[:, None]
    for a, b in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = (b - a) / max(1e-6, float(np.linalg.norm(b - a)))
        yield a + shares * (b - a), np.array([along[1], -along[0]])


def _light(grey: Pixels, points: np.ndarray) -> np.ndarray:
    """Brightness at points; the picture's rim stands for what lies beyond it."""
    x = np.clip(points[..., 0].round().astype(int), 0, grey.shape[1] - 1)
    y = np.clip(points[..., 1].round().astype(int), 0, grey.shape[0] - 1)
    return np.asarray(grey[y, x], dtype=np.float64)


def _borne_out(grey: Pixels, quad: np.ndarray) -> float:
    """The share of its least borne out side along which it is darker outside."""
    shares = []
    for points, out in _sides(quad):
        inside, outside = _light(grey, points - _STEP * out), _light(grey, points + _STEP * out)
        shares.append(float((outside < _DARKER * inside).mean()))
    return min(shares)


def _fitted(grey: Pixels, quad: np.ndarray) -> np.ndarray:
    """Each side moved to the sharpest fall of light near it."""
    lines = []
    offsets = np.arange(-_REACH, _REACH + 1)
    for points, out in _sides(quad):
        places = points[:, None, :] + offsets[None, :, None] * out
        light = _light(grey, places)
        fall = light[:, :-4] - light[:, 4:]
        best = fall.argmax(axis=1)
        clear = fall[np.arange(len(best)), best] > 0.1 * light.max(axis=1)
        edge = points + (offsets[best] + 2)[:, None] * out
        if clear.sum() < _POINTS // 3:
            lines.append((points[0], points[-1] - points[0]))
            continue
        vx, vy, x, y = cv2.fitLine(edge[clear].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((np.array([x, y]), np.array([vx, vy])))
    found = [_meeting(one, other) for one, other in zip([lines[-1], *lines[:-1]], lines, strict=True)]
    moved = np.array(found)
    return moved if np.isfinite(moved).all() and np.abs(moved - quad).max() < 4 * _REACH else quad


def _meeting(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    (p, d), (q, e) = one, other
    cross = d[0] * e[1] - d[1] * e[0]
    if abs(cross) < 1e-9:
        return np.array([np.nan, np.nan])
    gap = q - p
    return np.asarray(p + (gap[0] * e[1] - gap[1] * e[0]) / cross * d)
