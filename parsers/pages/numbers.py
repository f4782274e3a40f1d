"""Every number of a page looked at three times: what makes a recognised figure credible.

Rules (plan, pitfalls: "12.377 read as 121977"):

1. With its line, by the Vietnamese engine; alone, cut out anew and enlarged, by an engine of other data that knows only
   figures; by its shapes, counted and judged one by one by our own eye (``shapes``). The three share little but the paper.
2. A number may stand inside a word ("640/tổng", "(2017)"): its shapes are counted from the end of the word it stands at.
3. Where the second and the third agree on another text than the line's, theirs stands in the line; all three are kept for
   whoever believes (``parsers.belief``). A shape as tall as a digit close beside the number, of no word, and a word of digits
   close before it make it doubtful: it may be the end of a longer one ("1." and "850"). A stroke behind the number that both saw and the line passed over is put there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from parsers.pages.beside import by_itself, is_no_dash, may_be_torn
from parsers.pages.crossed import is_crossed
from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.shapes import TALL, Shape, black, cut, judge, own_of, shapes
from parsers.pages.source import Pixels
from parsers.scan import Number, Told

_CORE = re.compile(r"\d(?:[\d.,/:;\-]*\d)?")
_BRACKETS = "()[]{}|#$?&"  # what a digit is taken for
_AROUND = "\"'“”‘’.,:;-–—=+~*_"  # marks that are not tall
_LOW = _AROUND + "…·•<>«»^`´"  # marks that are no misread figure
_ODD = re.compile(r"[^\W\d_]{3,}")  # a word of letters
_MIXED = re.compile(r"(?=.*[^\W\d_])(?=.*\d)[\w.,/]{2,7}[.,;:]?")  # letters and figures, and short: "S45"
_TORN = re.compile(r"\d+[⁄~|\\^'`§$&*!?]\d+")  # a digit between others taken for a mark: "3⁄2" for 372
_SLANTED = "⁄"  # a stroke to the engine, or a digit
_SURE_WORD = 0.9  # confidence from which a word of letters is one
_SURE_SHAPES = 0.9  # of each shape, where a word is to become a number
_ASKED = 0.7  # of each shape, from which the second engine is asked again where it tells something else
_SURE_ALONE = 0.5  # of the second engine's reading, from which it may outvote the line
_SURE_SECOND = 0.8  # of it, from which it needs no second try
_FAINT = 0.3  # of the line's reading, below which it says nothing
_SURE_LINE = 0.9  # of the line's reading, from which its digits are not fewer than it told
_WORD_MAX = 40  # characters of a word looked at; longer ones are leaders or dirt
_LONGEST = 14  # characters of a word that may be a number
_PARTLY = 3  # shapes of a number of which one may be unknown
_REACH = 0.9  # heights beside a word looked at for a digit it lost
_NARROWEST = 0.2  # heights of paper beside a word that can hold one
_THIN = 0.06  # share of the word's height a digit is wide at least
BAR = 0.2  # width over height below which a shape is a piece of a ruling, not a digit
_BY_ITSELF = 0.8  # share at which the first engine reads a number once more
_PAD = 14  # pixels of paper beside a number cut out
NOTHING = Told("", 0.0)
Room = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A word, perhaps with another text, and the number it holds."""

    word: Word
    number: Number | None = None


def look_again(grey: Pixels, word: Word, recogniser: Recogniser, room: Room = None) -> Checked:
    """The word with its number, if it holds one; ``room``: pixels to the words beside it, which are no part of it."""
    checked = _looked(grey, word, recogniser, room)
    if _SLANTED in word.text and checked.word == word:  # a stroke then, if the other two see one
        return look_again(grey, replace(word, text=word.text.replace(_SLANTED, "/")), recogniser, room)
    repaired = checked.word != word  # what the line passed over stands in it now
    return doubted(checked) if checked.number and room and not repaired and _goes_on(grey, word.box, room) else checked


def doubted(checked: Checked) -> Checked:
    """The same, its number told by its line alone, so that nobody believes it."""
    number = checked.number and replace(checked.number, alone=NOTHING, shapes=NOTHING)
    return replace(checked, number=number)


def _goes_on(grey: Pixels, box: tuple[int, int, int, int], room: tuple[int, int]) -> bool:
    """Whether something as tall as a digit, of no word, stands so close that the number may begin or end with it."""
    x0, y0, x1, y1 = box
    high = y1 - y0
    reach = round(_REACH * high)
    before, behind = (min(reach, side) for side in room)
    top, foot = max(0, y0 - high // 6), y1 + high // 6
    left, right = max(0, x0 - before), x1 + behind
    ink = cv2.bitwise_not(black(np.ascontiguousarray(grey[top:foot, left:right])))
    strips = (ink[:, : x0 - left][:, ::-1], before), (ink[:, x1 - left :], behind)
    return any(_digit_high(strip, high, by_word=wide < reach) for strip, wide in strips)


def _digit_high(strip: Pixels, high: int, *, by_word: bool) -> bool:
    """Whether a strip, from the word outwards, holds a shape of a digit's height.

    A ruling, which goes through, is none; nor is what hangs on the word or, where the next ends the strip (``by_word``), on that.
    """
    if strip.shape[1] < _NARROWEST * high:
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(strip), connectivity=8)
    for x, _, wide, tall, _ in stats[1:count].tolist():
        apart = x > 0 and not (by_word and x + wide == strip.shape[1])
        if apart and TALL * high <= tall < strip.shape[0] and wide >= _THIN * high:
            return True
    return False


def _looked(grey: Pixels, word: Word, recogniser: Recogniser, room: Room) -> Checked:
    """The word with its number, as if nothing stood beside it."""
    cores = list(_CORE.finditer(word.text))
    if len(word.text) > _WORD_MAX:
        return Checked(word)
    if not cores or _MIXED.fullmatch(word.text) or _TORN.fullmatch(word.text):
        whole = _hidden(grey, word, recogniser, room)
        if whole.number or not cores:
            return whole
        if not _ODD.search(word.text):  # a letter beside a figure may be a figure: "L7" for 17
            return Checked(word, Number(cores[0].group(), Told(cores[0].group(), word.confidence), NOTHING, NOTHING))
    core = cores[0]
    picture = cut(grey, word.box)
    drawn = own_of(shapes(picture), picture, word.box, room)
    found = _on_line(drawn)
    best = _part(found, word.text, core) if len(cores) == 1 else None
    if best is None:
        return Checked(word, Number(core.group(), Told(core.group(), word.confidence), NOTHING, NOTHING))
    before, behind = word.text[: core.start()], word.text[core.end() :]
    if is_no_dash(drawn, best, before):
        return _looked(grey, replace(word, text=word.text[core.start() :]), recogniser, room)
    seen = told_by_shapes(best)
    unsure = word.confidence < _SURE_LINE
    clear = by_itself(picture, drawn, best)
    alone = told_alone(clear, best, recogniser, seen, unsure=unsure)
    stroke = all(told.text.endswith("/") and _ended(told).text == core.group() for told in (alone, seen))
    if stroke and word.text.endswith(core.group()):  # a figure over the one behind the dots: "25/"
        word, seen = replace(word, text=f"{word.text}/"), _ended(seen)
    line = _surer(Told(core.group(), word.confidence), (_ended(alone), seen), clear, best, recogniser)
    told = voted(word, core, line, _ended(alone), seen)
    if is_crossed(picture, best):
        return doubted(told)
    shapes_told, more = _with_brackets(found, best, word.text, core)
    if any(more):
        return _unbracketed(picture, word, core, shapes_told, more, recogniser) or doubted(told)
    return doubted(told) if may_be_torn(drawn, best, before, behind) else told


def _surer(
    line: Told, others: tuple[Told, Told], picture: Pixels, own: Sequence[Shape], recogniser: Recogniser
) -> Told:
    """The line's reading; where it was unsure of what both others see, the same engine once more with the number by itself.

    Only how sure it is may change: dots beside a figure make it hesitate.
    """
    same = all(_digits(told.text) == _digits(line.text) for told in others)
    if not _FAINT <= line.sure < _SURE_LINE or not same or min(told.sure for told in others) < _SURE_ALONE:
        return line
    again = recogniser.line(_part_of(picture, own), _BY_ITSELF)
    agrees = len(again) == 1 and _digits(again[0].text) == _digits(line.text)
    return Told(line.text, max(line.sure, again[0].confidence)) if agrees else line


def _part_of(picture: Pixels, own: Sequence[Shape]) -> Pixels:
    """The cut picture from its first shape to the last, on some paper."""
    left = max(0, own[0].box[0] - _PAD // 2)
    right = max(shape.right for shape in own) + _PAD // 2
    return np.pad(picture[:, left:right], ((0, 0), (_PAD, _PAD)), constant_values=255)


def _on_line(drawn: Sequence[Shape]) -> list[Shape]:
    """The shapes that stand on the line."""
    return [shape for shape in drawn if shape.tall or shape.low]


def _part(found: Sequence[Shape], text: str, core: re.Match[str]) -> list[Shape] | None:
    """The shapes of the number in the word."""
    tall = [n for n, shape in enumerate(found) if shape.tall]
    wanted = sum(c.isdigit() or c == "/" for c in core.group())
    before, after = text[: core.start()], text[core.end() :]
    if all(c in _BRACKETS + _AROUND for c in before):
        first = sum(c in _BRACKETS for c in before)
        own = tall[first : first + wanted]
        if all(c in _BRACKETS + _AROUND for c in after) and len(tall) != first + wanted + sum(
            c in _BRACKETS for c in after
        ):
            own = tall[first : len(tall) - sum(c in _BRACKETS for c in after)]  # more or fewer than the line told
    elif all(c in _BRACKETS + _AROUND for c in after):
        skip = sum(c in _BRACKETS for c in after)
        own = tall[max(0, len(tall) - wanted - skip) : len(tall) - skip]
    else:
        return None
    return list(found[own[0] : own[-1] + 1]) if own else None


def _with_brackets(
    found: Sequence[Shape], own: Sequence[Shape], text: str, core: re.Match[str]
) -> tuple[list[Shape], tuple[int, int]]:
    """The number's shapes with those that the line took for brackets and are digits to our own eye: "7)" for 73, "7|" for 71.

    And how many of them stand before it and behind.
    """
    tall = [shape for shape in found if shape.tall]
    first, last = tall.index(own[0]), tall.index(own[-1]) + 1
    before, after = (sum(c in _BRACKETS for c in part) for part in (text[: core.start()], text[core.end() :]))
    start = next((n for n in range(max(0, first - before), first) if _is_digit(tall[n])), first)
    end = next((n + 1 for n in reversed(range(last, min(len(tall), last + after))) if _is_digit(tall[n])), last)
    whole = found[found.index(tall[start]) : found.index(tall[end - 1]) + 1]
    return list(whole), (first - start, end - last)


def _is_digit(shape: Shape) -> bool:
    ((sign, odds),) = judge([shape])
    return sign.isdigit() and odds >= _SURE_ALONE and shape.aspect >= BAR


def _unbracketed(
    picture: Pixels,
    word: Word,
    core: re.Match[str],
    whole: Sequence[Shape],
    more: tuple[int, int],
    recogniser: Recogniser,
) -> Checked | None:
    """The word with the number the other two readers see where the line told brackets; None when they do not surely agree."""
    first, last = core.start() - more[0], core.end() + more[1]
    brackets = word.text[max(0, first) : core.start()] + word.text[core.end() : last]
    seen = told_by_shapes(whole)
    alone = _ended(told_alone(picture, whole, recogniser, seen))
    sure = seen.sure >= _SURE_SHAPES and alone.sure >= _SURE_SECOND and fits(seen.text, alone.text)
    if not sure or "?" in seen.text or any(c not in _BRACKETS for c in brackets):
        return None
    text = word.text[:first] + alone.text + word.text[last:]
    line = Told(word.text[first:last], word.confidence)
    return Checked(replace(word, text=text), Number(alone.text, line, alone, seen))


def told_alone(
    picture: Pixels, own: Sequence[Shape], recogniser: Recogniser, seen: Told, *, unsure: bool = True
) -> Told:
    """What the second engine sees there; asked at more sizes, the surest answer counting, where it hesitates or contradicts.

    ``seen``: what the shapes tell surely; ``unsure``: the line does not read surely, so that this engine's word is needed.
    """
    part = _part_of(picture, own)
    told = _trimmed(*recogniser.figure(part))
    hesitates = unsure and told.sure < _SURE_SECOND
    known = seen.sure >= (_SURE_SHAPES if hesitates else _ASKED) and "?" not in seen.text
    if known and (hesitates or not fits(seen.text, told.text)):
        again = _trimmed(*recogniser.figure_again(part))
        whole = again.sure >= _SURE_SECOND and told.text in again.text  # a digit is rather lost at an edge than made up
        return again if again.sure > told.sure or whole else told
    return told


def _trimmed(text: str, sure: float) -> Told:
    return Told(text.lstrip("/").strip(".,-:;"), sure)


def _ended(told: Told) -> Told:
    """Without strokes at its ends: they are no part of a number."""
    return replace(told, text=told.text.strip("./"))


def told_by_shapes(own: Sequence[Shape]) -> Told:
    """What our own eye says; unsure of the whole when unsure of one shape."""
    text, least = "", 1.0
    for shape, (sign, odds) in zip(own, judge(list(own)), strict=True):
        if shape.low:
            text += "."
            continue
        known = bool(sign) and sign in "0123456789/"
        least = min(least, odds if known else 1.0)
        text += sign if known else "?"
    return Told(text.strip("."), round(least, 4) if text.strip("?.") else 0.0)


def voted(word: Word, core: re.Match[str], line: Told, alone: Told, seen: Told) -> Checked:
    """The number with its readings; the second and the third together outvote the line."""
    text = core.group()
    agreed = fits(seen.text, alone.text) and alone.sure >= _SURE_ALONE
    lost = (
        len(_digits(alone.text)) < len(_digits(text)) and line.sure >= _SURE_LINE
    )  # what was cut out was not all of it
    if agreed and not lost and _digits(text) != _digits(alone.text) and seen.sure >= _SURE_SHAPES:
        text = alone.text
        word = replace(word, text=word.text[: core.start()] + text + word.text[core.end() :])
    return Checked(word, Number(text, line, alone, seen))


def _hidden(grey: Pixels, word: Word, recogniser: Recogniser, room: Room) -> Checked:
    """A word that is a number to the other two readers: "SI" for 51, "S45" for 545."""
    letters = _ODD.search(word.text) is not None
    if len(word.text) > _LONGEST or (letters and word.confidence > _SURE_WORD) or all(c in _LOW for c in word.text):
        return Checked(word)
    picture = cut(grey, word.box)
    found = _on_line(own_of(shapes(picture, closely=False), picture, word.box, room))
    while found and not found[-1].tall:
        found.pop()
    while found and not found[0].tall:
        found.pop(0)
    seen = told_by_shapes(found) if found else NOTHING
    if seen.sure < _SURE_SHAPES or "?" in seen.text or not any(c.isdigit() for c in seen.text):
        return Checked(word)
    alone = _ended(told_alone(picture, found, recogniser, seen))
    if not fits(seen.text, alone.text) or is_crossed(picture, found):
        return Checked(word)
    tail = word.text[-1] if word.text[-1] in ":;.," else ""
    return Checked(replace(word, text=alone.text + tail), Number(alone.text, NOTHING, alone, seen))


def fits(shapes_told: str, text: str) -> bool:
    """Whether a number has the digits the shapes tell, one of several may be unknown ("?").

    >>> fits("53?5", "5.325"), fits("5?", "53"), fits("53?5", "5.425")
    (True, False, False)
    """
    seen, told = re.sub(r"[^\d/?]", "", shapes_told), re.sub(r"[^\d/]", "", text)
    if not told or len(seen) != len(told) or seen.count("?") > (len(seen) >= _PARTLY):
        return False
    return all(a in ("?", b) for a, b in zip(seen, told, strict=True))


def _digits(text: str) -> str:
    return re.sub(r"[^\d/]", "", text)
