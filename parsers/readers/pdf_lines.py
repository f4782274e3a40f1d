"""Lines of a page joined to paragraphs where the writer's text only wrapped.

Rules:

1. A line goes on when it reaches the right margin, the next one follows closely and begins no item of its own. A line of columns
   (a tab in it) never goes on, nor does one with room left for the word the next one begins with in capitals, nor one that stands
   further from such a line than the lines of the page's paragraphs from each other; a line that ends in a dotted leader goes on with
   the number under it.
2. In doubt lines stay apart: a label and its value on two lines are still neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from parsers.fold import nfc
from parsers.readers.pdf_letters import Box

_ITEM = re.compile(
    r"\s*(?:[-–—+•*▪◦●■→✓]|\(?(?:[0-9]{1,3}|[IVXLC]{1,6}|[a-zđ])[.)/]\s|[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}\.?\s)"
)
_STOP = re.compile(r"[.;:!?…/]\s*$")
_LEADER = re.compile(r"(?:\.{3,}|…+)\s*$")
_REACH = 0.85  # share of the page's text width a wrapped line reaches
_INDENT = 0.2  # share of it a wrapped line's beginning may be indented
_NARROW = 200.0  # points; a column of text this narrow says nothing about where its lines end
_CLOSE = 1.3  # heights between a wrapped line and the next
_AMPLE = 1.25  # times the room the next word takes that a line must have left to have been ended by its writer
_FURTHER = 1.1  # times the usual step between lines of a paragraph from which another one begins
_STEPS = 3  # lines that surely go on, from which they tell the usual step
_NUMBER = re.compile(r"\s*[-–—]?\s*(?:\w+\s+)?[0-9]{1,4}(?:\s*/\s*[0-9]{1,4})?\s*[-–—]?\s*")


class Line(Protocol):
    """A line of print: of a text layer, or seen on a picture."""

    @property
    def text(self) -> str:
        """Its letters."""

    @property
    def box(self) -> Box | None:
        """Where it stands."""


@dataclass(slots=True)
class Paragraph:
    """Joined lines."""

    text: str
    box: Box | None

    @property
    def is_page_number(self) -> bool:
        """Whether it is nothing but the number of a page."""
        return _NUMBER.fullmatch(self.text) is not None


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """The lines as paragraphs, in order, no letter lost."""
    boxes = [line.box for line in lines]
    texts = [nfc(line.text) for line in lines]
    known = [box for box in boxes if box]
    left = min((box[0] for box in known), default=0.0)
    right = max((box[2] for box in known), default=0.0)
    margins = (left, right)
    usual = _usual_step(texts, boxes, margins)
    current: Paragraph | None = None
    last: Box | None = None
    before = ""
    for text, box in zip(texts, boxes, strict=True):
        apart = text[:1].isupper() and usual and _step(last, box) > _FURTHER * usual
        if current and not apart and "\t" not in before and _wraps(before, last, text, box, margins):
            current = Paragraph(f"{current.text} {text}", _around(current.box, box))
        else:
            if current:
                yield current
            current = Paragraph(text, box)
        last, before = box, text
    if current:
        yield current


def _usual_step(texts: Sequence[str], boxes: Sequence[Box | None], margins: tuple[float, float]) -> float:
    """From one line of a paragraph to the next, as those that go on in small letters stand; 0 where too few do."""
    steps = sorted(
        _step(box, below)
        for (text, box), (after, below) in pairwise(zip(texts, boxes, strict=True))
        if after[:1].islower() and "\t" not in text and _wraps(text, box, after, below, margins)
    )
    return steps[len(steps) // 2] if len(steps) >= _STEPS else 0.0


def _step(one: Box | None, other: Box | None) -> float:
    """From a line to the one below it; the lesser of two measures: a line askew stands higher and lower at its ends."""
    return min(other[1] - one[1], other[3] - one[3]) if one and other else 0.0


def _wraps(text: str, box: Box | None, after: str, below: Box | None, margins: tuple[float, float]) -> bool:
    if not box or not below or "\t" in after or _ITEM.match(after):
        return False
    close = -1.0 <= below[1] - box[3] <= _CLOSE * (box[3] - box[1])
    left, right = margins
    width = right - left
    if not close or width < _NARROW or box[2] < left + _REACH * width or box[0] > left + _INDENT * width:
        return False
    if _LEADER.search(text) and after[:1].isdigit():
        return True
    return after[:1].islower() or not (_STOP.search(text) or _had_room(text, box, after, right))


def _had_room(text: str, box: Box, after: str, right: float) -> bool:
    """Whether the next line's first word would have stood on this one: its writer ended the line, it did not wrap."""
    letter = (box[2] - box[0]) / max(len(text), 1)
    word = after.split(maxsplit=1)[0] if after[:1].isupper() else ""
    return bool(word) and right - box[2] > _AMPLE * (len(word) + 1) * letter


def _around(a: Box | None, b: Box | None) -> Box | None:
    if not a or not b:
        return a or b
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
