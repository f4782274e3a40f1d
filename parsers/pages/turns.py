"""Which way up a page stands, told by how its print reads.

Rules:

1. A page whose print reads as it lies stands as it should: the words read already tell, else a strip of it, or two.
2. A page that reads badly is tried on its head, and lying where its letters do not say how its lines run: where it reads
   best, and clearly better than it lies, is up.
3. Strips are of print alone: rulings, leaders and specks are gone, and a strip begins and ends where there is least ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.sheet import lines_stand, quarter
from parsers.pages.source import Pixels

_GOOD = 0.70  # mean confidence above which a page stands as it should
_SURELY = 0.88  # the same with which no other turn is tried
_LEGIBLE = 0.4  # the same below which no turn is better than none
_HOPELESS, _ENOUGH = 0.2, 150  # the same below which a strip holds no print, and letters from which it tells so
_CLEARLY = 0.12  # by how much a turn must read better than the page as it lies
_TELLING = 40  # letters from which they tell which way is up
_FEW = 10  # the same where the lines are known to lie level: head or foot is all that is asked
_STRIPS = 4  # looked at when a page may stand on its head
_STRIP = 12  # of a page's height one strip is high
_INK = 140  # grey below which a pixel is print
_DOT = 60  # pixels of print on a strip below which nothing stands on it
_SPARSE = 0.15  # share of the fullest strip's print below which a strip tells nothing


@dataclass(frozen=True, slots=True)
class Legible:
    """How print reads."""

    worth: float  # mean confidence of its letters, 0..1
    letters: int

    @property
    def good(self) -> bool:
        """Whether the page stands as it should."""
        return self.worth >= _GOOD and self.letters >= _TELLING


def legible(words: Sequence[Word]) -> Legible:
    """How surely words were read."""
    letters = sum(len(word.text) for word in words)
    return Legible(sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0, letters)


def turn_of(plain: Pixels, recogniser: Recogniser) -> int:
    """Degrees clockwise the print of a page has to be turned to stand upright; 0 too where nothing tells."""
    here = _strips(plain, recogniser, 1)
    if here.good:
        return 0
    lying = lines_stand(plain)
    turns, least = (
        ((0, 180), _FEW) if lying is False else ((90, 270, 0), _FEW) if lying else ((0, 180, 90, 270), _TELLING)
    )
    found: dict[int, Legible] = {}
    for turn in turns:
        found[turn] = _strips(quarter(plain, turn)[0] if turn else plain, recogniser)
        if found[turn].letters >= least and found[turn].worth >= _SURELY:
            return turn
    told = {turn: one.worth if one.letters >= least else 0.0 for turn, one in found.items()}
    best = max(told, key=lambda turn: told[turn])
    return best if told[best] > max(told[0] + _CLEARLY, _LEGIBLE) else 0


def _strips(plain: Pixels, recogniser: Recogniser, count: int = _STRIPS) -> Legible:
    """How the strips with most ink read."""
    rows = (plain < _INK).sum(axis=1)
    high = max(40, plain.shape[0] // _STRIP)
    edges = [_emptiest(rows, y, high // 3) for y in range(0, plain.shape[0] + 1, high)]
    strips = [(int(rows[a:b].sum()), a, b) for a, b in pairwise(edges) if b > a]
    fullest = sorted(strips, reverse=True)[:count]
    least = max(_DOT, _SPARSE * fullest[0][0]) if fullest else 0
    inked = [np.ascontiguousarray(plain[a:b]) for ink, a, b in fullest if ink >= least]
    words: list[Word] = []
    for strip in inked:
        words += recogniser.block(strip)
        if (so_far := legible(words)).letters >= _ENOUGH and so_far.worth < _HOPELESS:
            break  # the grain of empty paper, or a picture
    return legible(words)


def _emptiest(rows: np.ndarray, at: int, reach: int) -> int:
    """The row with least ink near one."""
    first, last = max(0, at - reach), min(len(rows), at + reach)
    return first + int(rows[first:last].argmin()) if last > first else at
