"""One page from bytes to lines and tables with places and confidence (``parsers.scan.PageScan``).

Rules:

1. Tables by their rulings, read cell by cell; everything else in lines from top to bottom, a tab at a wide gap, as the
   reader of text PDFs does.
2. A page that reads badly is tried upside down, and lying where its letters do not say (``turns``), before it is taken apart.
3. What was hardly read, or passed over, is read once more (``again``). Every number is looked at again (``numbers``), those among
   words nobody could read too (``muddled``), and every dash that stands where a figure is asked for (``dashes``).
4. Dots that lead to a figure stand as one mark in its line, those of faint print too, of which the first alone was seen ("3.   190").
5. A line left on its dots is told as such where the paper behind its label is empty (``left_blank``).
6. Nothing is dropped: specks that are no letters are, by their size, and words that are none (``slivers``). A number with a stroke
   through it is doubted (``crossed``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from parsers.fold import nfc
from parsers.pages import dashes, left_blank
from parsers.pages.again import FRAME, HARDLY, clearer, is_dirt, missed, moved, sure, surest, usual
from parsers.pages.crossed import is_under_line
from parsers.pages.muddled import cleared
from parsers.pages.numbers import Checked, doubted, look_again
from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.rulings import Field, Pixel, Ruling, rulings, without_leaders, without_specks
from parsers.pages.shapes import snug
from parsers.pages.sheet import Sheet, lay, sheets
from parsers.pages.slivers import new_ones, without_dust, without_slivers
from parsers.pages.source import Pixels, Source, load
from parsers.pages.spread import halves
from parsers.pages.turns import legible, turn_of
from parsers.readers.errors import Unreadable
from parsers.scan import Number, PageScan, ScannedCell, ScannedItem, ScannedLine, ScannedTable

_TAB = 2.5  # heights of a letter between two words that make a tab
LEADER = "…"  # stands in a line where dots led to a figure
_BELOW = 0.4  # heights of a line by which dots may stand lower, or overlap a word
_NEXT = 2.0  # heights of a line from its last word to the dots behind it
_SAME_LINE = 0.55  # share of the lower of two words by which they overlap upright when they stand on one line
_CLOSE = 0.3  # heights between two words nearer than a blank
_DIGIT_END = re.compile(r"\d[.,]?$")
_FAR = 10_000  # pixels: no word that way
_PAPER = 2  # heights of a word behind a dash that must be paper
_FOOT = 0.75  # share of a figure's height below which no dash lies
_INK = 140  # grey below which a cell holds ink
_LEFT_OVER = re.compile(r"^[_.~…·]+(?=\d)|(?<=\w)_+$|(?<=\d)\._+$")


def scan(data: bytes, kind: str, number: int, recogniser: Recogniser) -> PageScan:
    """The page read; a ``reason`` instead where it cannot be."""
    try:
        source = load(data, kind, number)
    except Unreadable as error:
        return PageScan(number, reason=error.reason)
    parts = [half for sheet in sheets(source) for half in halves(sheet)]
    read = [_read(part, recogniser) for part in parts]
    if all((turn - part.turn) % 360 == 180 for part, (_, turn) in zip(parts, read, strict=True)):
        read.reverse()  # what lay last on a picture that stands on its head comes first
    found = tuple(item for items, _ in read for item in items)
    sealed = any(part.sealed for part in parts)
    return PageScan(number, source.width, source.height, read[0][1], found, sealed)


def _read(sheet: Sheet, recogniser: Recogniser) -> tuple[list[ScannedItem], int]:
    """What stands on a sheet, and how far it had to be turned."""
    paper = _paper(sheet)
    words = recogniser.page(paper.rest)
    if not legible(words).good and (turn := turn_of(paper.grey, recogniser)):
        paper = _paper(sheet.turned(turn))
        words = recogniser.page(paper.rest)
    return _items(paper, words, recogniser), paper.sheet.turn


def upright(source: Source, recogniser: Recogniser) -> int:
    """Degrees clockwise a page has to be turned for a person to read it."""
    paper = _paper(lay(source))
    return (paper.sheet.turn + turn_of(paper.grey, recogniser)) % 360


@dataclass(frozen=True, slots=True)
class _Paper:
    """A sheet ready to be read."""

    sheet: Sheet
    grey: Pixels  # without lines, leaders and specks
    rest: Pixels  # the same without its tables
    tables: tuple[Ruling, ...]
    leaders: tuple[Pixel, ...]  # where dots led to a figure
    lines: Pixels  # 255 where a line was
    high: int = 0  # pixels a word of it is high


def _paper(sheet: Sheet) -> _Paper:
    undotted, leaders = without_leaders(sheet.grey)
    tables, plain = rulings(undotted)
    grey = without_specks(plain)
    rest = grey.copy()
    for table in tables:
        x0, y0, x1, y1 = table.box
        rest[y0 : y1 + 1, x0 : x1 + 1] = 255
    lines = np.asarray(cv2.compare(undotted, plain, cv2.CMP_NE), dtype=np.uint8)
    return _Paper(sheet, grey, rest, tuple(tables), tuple(leaders), lines)


def _items(paper: _Paper, read: Sequence[Word], recogniser: Recogniser) -> list[ScannedItem]:
    words = without_slivers([word for word in read if not is_dirt(word)], usual(read))
    words = list(clearer(paper.rest, words, recogniser))
    words += new_ones(missed(paper.rest, words, recogniser), words)
    paper = replace(paper, high=usual(words))
    lines = [(line[0].box[1], ScannedItem(line=_line(paper, line, recogniser))) for line in in_lines(words)]
    ruled = [(table.box[1], ScannedItem(table=_table(paper, table, recogniser))) for table in paper.tables]
    return [item for _, item in sorted([*lines, *ruled], key=lambda pair: pair[0])]


# ---- lines ------------------------------------------------------------------------------------------------------------


def in_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped by what stands on one level, lines from top to bottom, words from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda one: (one.box[1] + one.box[3]) / 2):
        home = next((line for line in reversed(lines[-4:]) if _level(line, word)), None)
        if home is None:
            lines.append([word])
        else:
            home.append(word)
    for line in lines:
        line.sort(key=lambda one: one.box[0])
    return sorted(lines, key=lambda line: min(word.box[1] for word in line))


def _level(line: Sequence[Word], word: Word) -> bool:
    """Whether the word stands on the level of its nearest neighbour in the line."""
    near = min(line, key=lambda one: max(one.box[0] - word.box[2], word.box[0] - one.box[2]))
    top, low = max(near.box[1], word.box[1]), min(near.box[3], word.box[3])
    height = min(near.box[3] - near.box[1], word.box[3] - word.box[1])
    return low - top > _SAME_LINE * height


def numbers_of(grey: Pixels, words: Sequence[Word], recogniser: Recogniser) -> list[Checked]:
    """The words of a line with their numbers, muddled ones cleared; one that may be the rest of a longer number is doubted."""
    words = cleared(grey, [_snug(grey, word) for word in words], recogniser)
    rooms = zip(words, _rooms(words), strict=True) if words else ()
    checked = [look_again(grey, _swept(word), recogniser, room) for word, room in rooms]
    return [doubted(one) if torn else one for one, torn in zip(checked, _torn(words), strict=True)]


def _snug(grey: Pixels, word: Word) -> Word:
    """The word with a close box if it is a figure; one hardly read may be a piece of another, which a larger box still reaches."""
    figure = not _unsure(word) and any(c.isdigit() for c in word.text)
    return replace(word, box=snug(grey, word.box)) if figure else word


def without_dots(words: Sequence[Word]) -> list[Word]:
    """The words of a line without what is left of dots before a figure and was taken for a dash: it lies at the figure's foot."""
    behind = [*words[1:], None]
    return [word for word, figure in zip(words, behind, strict=True) if not (figure and _is_at_foot(word, figure))]


def _is_at_foot(word: Word, figure: Word) -> bool:
    middle, (_, top, _, foot) = (word.box[1] + word.box[3]) / 2, figure.box
    return dashes.is_dash(word) and figure.text[:1].isdigit() and middle > top + _FOOT * (foot - top)


def _line(paper: _Paper, words: Sequence[Word], recogniser: Recogniser, cell: Pixel | None = None) -> ScannedLine:
    words = without_dots(words)
    checked = [
        doubted(one) if one.number and _is_marked(paper, one.word.box) else one
        for one in numbers_of(paper.grey, words, recogniser)
    ]
    seen = [one.word for one in checked]
    tall = max(word.box[3] - word.box[1] for word in seen)
    top, foot = min(word.box[1] for word in seen), max(word.box[3] for word in seen)
    dots = [box for box in paper.leaders if top < (box[1] + box[3]) / 2 < foot + _BELOW * tall]
    text = seen[0].text
    for before, word in pairwise(seen):
        wide = word.box[0] - before.box[2] > _TAB * tall
        if (wide and before.text.endswith(".") and word.text[:1].isdigit()) or any(
            before.box[2] - _BELOW * tall < (x0 + x1) / 2 < word.box[0] + _BELOW * tall for x0, _, x1, _ in dots
        ):
            text += f" {LEADER} {word.text}"
        else:
            text += ("\t" if wide else " ") + word.text
    behind = [
        box for box in dots if (box[0] + box[2]) / 2 - seen[-1].box[2] > 0 and box[0] - seen[-1].box[2] < _NEXT * tall
    ]
    if behind:
        text += f" {LEADER}"
    numbers = (*(one.number for one in checked if one.number), *_dash(paper, seen, dots, cell))
    if behind and cell is None and seen[-1].text.endswith(":") and not paper.sheet.wiped:
        numbers += (left_blank.stated(paper.grey, _around([word.box for word in seen]), LEADER),)
    box = _around([*(word.box for word in seen), *behind])
    return ScannedLine(nfc(text), paper.sheet.outside(box), round(sure(seen), 3), numbers, paper.sheet.straight(box))


def _is_marked(paper: _Paper, box: Pixel) -> bool:
    """Whether a line ran through a number or somebody wrote over it in colour."""
    return is_under_line(paper.lines, box) or paper.sheet.is_written_on(box)


def _dash(paper: _Paper, words: Sequence[Word], dots: Sequence[Pixel], cell: Pixel | None) -> Iterator[Number]:
    """The dash a line ends with, or a cell holds, in a figure's place."""
    *before, last = words
    if not dashes.is_dash(last) or (before and cell):
        return
    place = cell
    if before and (before[-1].text.endswith(":") or any(before[-1].box[2] <= x0 < last.box[0] for x0, *_ in dots)):
        _, top, right, foot = before[-1].box
        place = (right + 1, top, last.box[2] + _PAPER * paper.high, foot)
    if place:
        yield dashes.stated(paper.grey, last, place, paper.high, in_line=cell is None)


def _rooms(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Pixels from each word of a line to the one before it and to the one behind."""
    gaps = [_FAR, *(max(0, word.box[0] - before.box[2]) for before, word in pairwise(words)), _FAR]
    return list(pairwise(gaps))


def _torn(words: Sequence[Word]) -> list[bool]:
    """Which words may be a piece of a longer number: nearer than a blank to digits ("1." and "850") or to what hardly was read."""
    near = [_near(before, word) for before, word in pairwise(words)]
    return [
        (n > 0 and near[n - 1] and (_DIGIT_END.search(words[n - 1].text) is not None or _unsure(words[n - 1])))
        or (n < len(near) and near[n] and _unsure(words[n + 1]))
        for n in range(len(words))
    ]


def _near(before: Word, word: Word) -> bool:
    high = min(one.box[3] - one.box[1] for one in (before, word))
    return word.box[0] - before.box[2] < _CLOSE * high


def _unsure(word: Word) -> bool:
    return word.confidence < HARDLY


def _swept(word: Word) -> Word:
    """A word without what is left of dots or a line beside its figure: "_2.445", "4_"."""
    text = _LEFT_OVER.sub("", word.text)
    return word if text == word.text else replace(word, text=text)


def _around(boxes: Sequence[Pixel]) -> Pixel:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


# ---- tables -----------------------------------------------------------------------------------------------------------


def _table(paper: _Paper, table: Ruling, recogniser: Recogniser) -> ScannedTable:
    cells = tuple(_cell(paper, field, recogniser) for field in table.fields)
    return ScannedTable(table.rows, table.columns, paper.sheet.outside(table.box), cells)


def _cell(paper: _Paper, field: Field, recogniser: Recogniser) -> ScannedCell:
    x0, y0, x1, y1 = field.box
    edge = 3
    part = paper.grey[y0 + edge : y1 - edge, x0 + edge : x1 - edge]
    inked = part.size > 0 and _has_ink(part)
    lines: tuple[ScannedLine, ...] = ()
    if inked:
        padded = np.pad(part, FRAME, constant_values=255)
        read = [word for word in surest(padded, recogniser.block) if not is_dirt(word)]
        words = list(without_dust(paper.grey, moved(read, x0 + edge - FRAME, y0 + edge - FRAME), paper.high))
        words = words or [_unread(part, x0 + edge, y0 + edge)]
        place = (x0 + edge, y0 + edge, x1 - edge, y1 - edge)
        lines = tuple(_line(paper, line, recogniser, place) for line in in_lines(words))
    return ScannedCell(
        field.row, field.column, field.rowspan, field.colspan, paper.sheet.outside(field.box), lines, inked=inked
    )


def _unread(part: Pixels, x: int, y: int) -> Word:
    """Ink the engine passed over, a lone digit mostly: a word of no meaning unless the other readers agree on one."""
    ys, xs = np.nonzero(part < _INK)
    return Word("$", 0.0, (x + int(xs.min()), y + int(ys.min()), x + int(xs.max()) + 1, y + int(ys.max()) + 1))


def _has_ink(part: Pixels) -> bool:
    return int((part < _INK).sum()) >= 12
