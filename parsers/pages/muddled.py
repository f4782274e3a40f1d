"""Words the Vietnamese engine could make nothing of, where the other two readers see numbers: "1 1/]" for 1.171, "S3)" for 35.

Rules:

1. Only words hardly read are looked at, with the figures that stand close to them; one made of letters is not, nor is a plain
   number, which is looked at anyway.
2. Their ink is cut anew where blanks part it, whatever words the engine saw there. Each piece must be a number to both: every
   shape surely a digit or a stroke and none a bar, the second engine sure of the same. Else all of them stay as they were.
3. The engine that was wrong says nothing of the new words: their confidence is nought.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parsers.pages.numbers import BAR, Room, fits, told_alone, told_by_shapes
from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.shapes import HEIGHT, Rect, Shape, cut, on_page, own_of, shapes
from parsers.pages.source import Pixels

_HARDLY = 0.6  # confidence of a word below which it may be anything
_SURE_SHAPES = 0.9  # of each shape
_SURE_SECOND = 0.8  # of the second engine's reading
_BLANK = 0.35  # heights of paper between two shapes from which they are of two words
_BESIDE = 0.6  # heights between two words of which one may be a piece of the other
_LONGEST = 18  # characters that may be numbers
_FAR = 10_000  # pixels: no word that way
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_FIGURES = re.compile(r"[\d.,/]+")
_PLAIN = re.compile(r"\d(?:[\d.,/]*\d)?[.,;:]?")


def cleared(grey: Pixels, words: Sequence[Word], recogniser: Recogniser) -> list[Word]:
    """The words of a line, from left to right; where they were muddled, the numbers that stand there."""
    out: list[Word] = []
    for first, last in _runs(words):
        run = list(words[first:last])
        before = run[0].box[0] - words[first - 1].box[2] if first else _FAR
        behind = words[last].box[0] - run[-1].box[2] if last < len(words) else _FAR
        out += (_is_muddled(run) and _numbers(grey, run, recogniser, (max(0, before), max(0, behind)))) or run
    return out


def _runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Words that may be pieces of one another, as first and last (excluded); others alone."""
    first = 0
    for n in range(1, len(words) + 1):
        if n == len(words) or not _belong(words[n - 1], words[n]):
            yield first, n
            first = n


def _belong(one: Word, other: Word) -> bool:
    high = max(word.box[3] - word.box[1] for word in (one, other))
    pieces = all(_is_hardly(word) or _FIGURES.fullmatch(word.text) for word in (one, other))
    return pieces and other.box[0] - one.box[2] < _BESIDE * high


def _is_hardly(word: Word) -> bool:
    return word.confidence < _HARDLY and not _LETTERS.search(word.text)


def _is_muddled(run: Sequence[Word]) -> bool:
    text = "".join(word.text for word in run)
    plain = len(run) == 1 and _PLAIN.fullmatch(text)
    return any(_is_hardly(word) for word in run) and not plain and len(text) <= _LONGEST


def _numbers(grey: Pixels, run: Sequence[Word], recogniser: Recogniser, room: Room) -> list[Word]:
    """The numbers that stand where the words were seen; none when anything else does."""
    x0, y0, x1, y1 = zip(*(word.box for word in run), strict=True)
    box = (min(x0), min(y0), max(x1), max(y1))
    picture = cut(grey, box)
    found = [shape for shape in own_of(shapes(picture), picture, box, room) if shape.tall or shape.low]
    out: list[Word] = []
    for piece in _pieces(found):
        text = _number(picture, piece, recogniser)
        if not text:
            return []
        out.append(Word(text, 0.0, on_page(_around(piece), box), run[0].line))
    return out


def _pieces(found: Sequence[Shape]) -> Iterator[list[Shape]]:
    """The shapes parted at blanks, each piece from its first tall one to its last."""
    piece: list[Shape] = []
    for n, shape in enumerate(found):
        piece.append(shape)
        if n + 1 == len(found) or found[n + 1].box[0] - max(one.right for one in piece) > _BLANK * HEIGHT:
            tall = [k for k, one in enumerate(piece) if one.tall]
            if tall:
                yield piece[tall[0] : tall[-1] + 1]
            piece = []


def _number(picture: Pixels, piece: Sequence[Shape], recogniser: Recogniser) -> str:
    seen = told_by_shapes(piece)
    bars = any(one.tall and one.aspect < BAR for one in piece)
    if bars or seen.sure < _SURE_SHAPES or "?" in seen.text or not any(c.isdigit() for c in seen.text):
        return ""
    told = told_alone(picture, piece, recogniser, seen)
    return told.text if told.sure >= _SURE_SECOND and fits(seen.text, told.text) else ""


def _around(piece: Sequence[Shape]) -> Rect:
    x, y = min(shape.box[0] for shape in piece), min(shape.box[1] for shape in piece)
    foot = max(shape.box[1] + shape.box[3] for shape in piece)
    return x, y, max(shape.right for shape in piece) - x, foot - y
