"""Words that are none: slivers of a line beside, and letters read twice where two columns stand at different heights.

Rules:

1. Marks over and under the letters of another line, taken for a line of their own, are words a few pixels high: whatever was read
   there, no letter and no figure of that page is that low.
2. Letters that lie in a surer word were read with it already, as were letters nobody could read that reach into a surer one, and
   those found once more, where a piece of a word was left over, between or over words read before.
3. A word with a figure is never left out for that: what looks like its rest may be the figure.
4. A figure where nothing on the paper is as high as one was made of dust ("hạn 3" of a cell that says "hạn"): it is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from parsers.pages.recogniser import Word
from parsers.pages.shapes import black
from parsers.pages.source import Pixels

_LOW = 0.42  # share of the usual height of a word below which it is a sliver
_SURE = 0.6  # confidence with which a low word stays
_NOTHING = 0.1  # confidence of what could not be read
_INSIDE, _INTO = 0.55, 0.2  # share of a word that lies in a surer one; the same of one that could not be read
_BETWEEN, _OVER = 0.4, 0.6  # share of a word found once more that lies in others; of one of them that it covers
_SURELY, _SHORT = 0.9, 3  # confidence of a figure, and its characters, from which nobody asks whether it is of dust
_DUST = 0.3  # share of the usual height of a word below which a piece of ink is dust
_ASIDE = re.compile(r"[-–—.,:;…_/~=*•·\"'“”‘’]+")  # marks that are low by themselves
_LETTERS = re.compile(r"[^\d]*[^\W\d_][^\d]*")


def without_slivers(words: Sequence[Word], high: int) -> list[Word]:
    """The words that are some; ``high``: pixels a word of the page is high."""
    whole = [word for word in words if not _is_sliver(word, high)]
    return [word for word in whole if not _was_read(word, whole)]


def without_dust(grey: Pixels, words: Sequence[Word], high: int) -> Iterator[Word]:
    """The words but figures read where there is dust alone; ``high``: pixels a word of the page is high."""
    for word in words:
        short = word.confidence < _SURELY and len(word.text) < _SHORT and any(c.isdigit() for c in word.text)
        if not short or _highest(grey, word) >= _DUST * high:
            yield word


def _highest(grey: Pixels, word: Word) -> int:
    """Pixels the highest piece of ink of a word is high."""
    x0, y0, x1, y1 = word.box
    ink = cv2.bitwise_not(black(np.ascontiguousarray(grey[max(0, y0) : y1, max(0, x0) : x1])))
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return int(stats[1:, cv2.CC_STAT_HEIGHT].max(initial=0))


def new_ones(found: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    """Of words found once more those that are no piece of the ones read before."""
    return [
        word
        for word in found
        if sum(_shared(word, other) for other in words) < _BETWEEN * _area(word)
        and all(_shared(word, other) < _OVER * _area(other) for other in words)
    ]


def _is_sliver(word: Word, high: int) -> bool:
    low = word.box[3] - word.box[1] < _LOW * high
    return low and not _ASIDE.fullmatch(word.text) and (word.confidence < _SURE or not word.text.isalnum())


def _was_read(word: Word, words: Sequence[Word]) -> bool:
    """Whether letters lie in a surer word, or reach into one where they could not be read."""
    least = (_INTO if word.confidence < _NOTHING else _INSIDE) * _area(word)
    rank = (word.confidence, _area(word))
    return any(_shared(word, other) >= least for other in words if (other.confidence, _area(other)) > rank)


def _shared(word: Word, other: Word) -> int:
    """Pixels two words of letters share; none where one holds a figure."""
    wide = min(word.box[2], other.box[2]) - max(word.box[0], other.box[0])
    tall = min(word.box[3], other.box[3]) - max(word.box[1], other.box[1])
    if wide <= 0 or tall <= 0:
        return 0
    letters = _LETTERS.fullmatch(word.text) and _LETTERS.fullmatch(other.text)
    return wide * tall if letters else 0


def _area(word: Word) -> int:
    return max(1, word.box[2] - word.box[0]) * max(1, word.box[3] - word.box[1])
