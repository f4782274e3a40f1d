"""Words hardly read, or passed over, read once more by the same engine, alone or at another size.

Rules:

1. A cell or a line in which a word was hardly read is read smaller too: at the size of fine scans the engine makes an "l" of a
   plain 117 now and then, and grain goes where a picture shrinks. The reading with most letters surely read counts.
2. A word of a page hardly read, two that ran together ("vănbảndđi"), is read by itself, and stands so where that is sure and
   makes no other figure of it. A figure is looked at by other readers anyway (``numbers``, ``muddled``), as is a Roman number.
3. Ink of a letter's height in a row and no word on it is a line that was passed over. Grain is none: on a poor page it would
   join everything that stands on it. A short word, which the rest of a letter may be, stands only when it is surely read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.rulings import Pixel, ink_of
from parsers.pages.source import Pixels

HARDLY = 0.6  # confidence of a word below which it may be anything, digits too
FRAME = 14  # pixels of paper around what is read by itself
_SPECK = 0.35  # confidence below which a word without letters and digits is dirt
_SMALLER = (0.6, 0.8)  # shares at which words hardly read are tried once more
_ALONE = 0.8  # share at which a word is read by itself
_SURE = 0.85  # confidence of a short word passed over, and of each word that takes another's place
_PASSED_OVER = 0.5  # the same of a longer word passed over, and of a number
_MOST = 300  # words passed over of one page
_GRAIN = 0.3  # heights of a word below which a piece of ink is no letter
_HIGH = 30  # pixels a word is high on a page without any
_KEPT = 0.5  # share of a word's letters its new reading has at least
_NO_WORD = re.compile(r"[\W_]+")
_NUMBER_OR_LONG = re.compile(r"[\d.,/]+[.,;:]?\Z|[^\W\d_]{4}")
_ROMAN = re.compile(r"[IVXLH1l|]+[.,:]?")


def usual(words: Sequence[Word]) -> int:
    """How many pixels a word of the page is high."""
    heights = sorted(word.box[3] - word.box[1] for word in words)
    return heights[len(heights) // 2] if heights else _HIGH


def is_dirt(word: Word) -> bool:
    """Whether it holds no letter and no figure and was hardly seen."""
    return word.confidence < _SPECK and _NO_WORD.fullmatch(word.text) is not None


def sure(words: Sequence[Word]) -> float:
    """How surely the letters of some words were read, 0..1."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def moved(words: Sequence[Word], x: int, y: int) -> list[Word]:
    """Words of a part of a page where they stand on it; ``x``, ``y``: where the part begins."""
    return [
        Word(word.text, word.confidence, (max(0, x0 + x), max(0, y0 + y), x1 + x, y1 + y), word.line)
        for word in words
        for x0, y0, x1, y1 in [word.box]
    ]


# ---- hardly read ------------------------------------------------------------------------------------------------------


def surest(part: Pixels, read: Callable[[Pixels, float], list[Word]]) -> list[Word]:
    """What an engine reads there; where a word is hardly read, the surest of several sizes."""
    words = read(part, 1.0)
    if words and all(word.confidence >= HARDLY for word in words):
        return words
    return max(words, *(read(part, share) for share in _SMALLER), key=_surely_read)


def _surely_read(words: Sequence[Word]) -> float:
    """How many letters were read, those more likely wrong than right counted against."""
    return sum((word.confidence - 0.5) * len(word.text) for word in words)


def clearer(grey: Pixels, words: Sequence[Word], recogniser: Recogniser) -> Iterator[Word]:
    """The words of a page; those hardly read as they read by themselves, where that is sure."""
    for word in words:
        hardly = word.confidence < HARDLY and _letters(word.text) > 1 and not _ROMAN.fullmatch(word.text)
        yield from (hardly and _by_itself(grey, word, recogniser)) or (word,)


def _by_itself(grey: Pixels, word: Word, recogniser: Recogniser) -> list[Word]:
    x0, y0, x1, y1 = word.box
    beside, over = (y1 - y0) // 4, (y1 - y0) // 6
    left, top = max(0, x0 - beside), max(0, y0 - over)
    part = np.pad(grey[top : y1 + over, left : x1 + beside], FRAME, constant_values=255)
    found = recogniser.line(part, _ALONE)
    text = "".join(one.text for one in found)
    same = _digits(text) == _digits(word.text) and _letters(text) >= max(2, _KEPT * _letters(word.text))
    return moved(found, left - FRAME, top - FRAME) if same and all(one.confidence >= _SURE for one in found) else []


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c == "/")


# ---- passed over ------------------------------------------------------------------------------------------------------


def missed(grey: Pixels, words: Sequence[Word], recogniser: Recogniser) -> list[Word]:
    """Words of lines that were passed over: ink of a letter's height in a row, and no word on it."""
    high = usual(words)
    left = ink_of(grey)
    for word in words:
        x0, y0, x1, y1 = word.box
        left[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3] = 0
    left = _without_grain(left, high)
    joined = cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((max(1, high // 3), 2 * high), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found: list[Word] = []
    for n in range(1, count):
        x, y, wide, tall = (int(v) for v in stats[n, :4])
        ink = int((left[y : y + tall, x : x + wide] > 0).sum())
        if not (0.5 * high <= tall <= 2.5 * high and wide >= 0.6 * tall and ink >= 0.06 * wide * tall):
            continue
        found += _passed_over(grey, (x, y, x + wide, y + tall), high, recogniser)
        if len(found) > _MOST:
            break
    return found


def _without_grain(ink: Pixels, high: int) -> Pixels:
    """Ink without pieces too small for a letter."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sides = stats[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1)
    kept = sides >= _GRAIN * high
    kept[0] = False
    return np.where(kept[labels], np.uint8(255), np.uint8(0))


def _passed_over(grey: Pixels, box: Pixel, high: int, recogniser: Recogniser) -> list[Word]:
    x0, y0, x1, y1 = max(0, box[0] - high // 2), max(0, box[1] - high // 4), box[2] + high // 2, box[3] + high // 4
    part = np.pad(grey[y0:y1, x0:x1], FRAME, constant_values=255)
    words = [word for word in surest(part, recogniser.line) if _is_word(word) and not is_dirt(word)]
    return moved(words, x0 - FRAME, y0 - FRAME)


def _is_word(word: Word) -> bool:
    return word.confidence >= (_PASSED_OVER if _NUMBER_OR_LONG.match(word.text) else _SURE)
