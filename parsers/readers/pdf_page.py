"""One page of a PDF as lines of letters with their places, by pdfium.

Rules (plan, pitfalls, "Documents"):

1. Letters come in pdfium's reading order; every letter of the page is in exactly one line, none is dropped.
2. Places are points from the top left of the page as a person sees it, whatever its rotation or origin.
3. A wide gap inside a line is a tab: columns stand apart, a label keeps the value on its line.
4. Letters in an old Vietnamese font (``.Vn…``, ``VNI…``) are converted run by run.
5. Small digits above the line behind a digit are raised ones: the mark of a note is no digit of the figure.
6. Where letters were drawn out of order (a second font for the letters the first one lacks), the page's lines are put
   together again from baselines and places.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from operator import gt, lt, sub
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from parsers import limits
from parsers.readers.errors import Unreadable
from parsers.readers.pdf_letters import (
    OVER,
    Box,
    Letter,
    bounds_of,
    codes_of,
    letters_of,
    overlap,
    raised_digits,
    written_over,
)
from parsers.readers.pdf_placing import Placing, placing
from parsers.readers.raised import raised
from parsers.vietnamese import from_font

_GAP = 2.5  # heights of the line's tallest letter between two letters of one line that make a tab
_BACKWARDS = 2.0  # points a letter may stand left of the one before it: accents drawn over their letter
_SAME_LINE = 0.3  # heights of a letter between baselines of one line: exponents, rounding
_SPACE = 0.16  # heights of a letter between two words
_HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at a line's end
_CHARACTERS_KEPT = 4096
_FONTS_ASKED = 20
_SCAN_COVER = 0.6  # share of the page its pictures cover on a scanned page
_DRAWINGS = (api.FPDF_PAGEOBJ_PATH, api.FPDF_PAGEOBJ_IMAGE)
_DEPTH = 4  # drawings within drawings that are looked into

_Sides = tuple[tuple[float, ...], ...]  # left, upper, right and lower edges of letters, or nothing


@dataclass(slots=True)
class Line:
    """Letters on one line, in reading order."""

    letters: list[Letter] = field(default_factory=list)
    _told: tuple[int, str] = field(default=(-1, ""), repr=False, compare=False)  # of how many letters; their text
    _sides: tuple[int, _Sides] = field(
        default=(-1, ()), repr=False, compare=False
    )  # of how many letters; where they stand

    @property
    def box(self) -> Box | None:
        """The rectangle around its letters."""
        if not (sides := self._standing()):
            return None
        x0, y0, x1, y1 = sides
        return min(x0), min(y0), max(x1), max(y1)

    @property
    def torn(self) -> bool:
        """Whether a letter stands to the left of the one before it."""
        if not (sides := self._standing()):
            return False
        lefts = sides[0]
        return any(map(lt, lefts[1:], map(sub, lefts, repeat(_BACKWARDS))))

    def _standing(self) -> _Sides:
        """The left, upper, right and lower edges of its letters; nothing where none has a place."""
        if self._sides[0] != len(self.letters):
            self._sides = len(self.letters), tuple(zip(*[box for _, box in self.letters if box], strict=True))
        return self._sides[1]

    @property
    def text(self) -> str:
        """Its letters, with a tab at each wide gap."""
        if self._told[0] != len(self.letters):
            self._told = len(self.letters), self._joined()
        return self._told[1]

    def _joined(self) -> str:
        if sides := self._standing():
            x0, y0, x1, y1 = sides
            wide = _GAP * max(map(sub, y1, y0))
            if any(map(gt, map(sub, x0[1:], x1), repeat(wide))):
                return self._parted(wide)
        return "".join([text for text, _ in self.letters]).strip()

    def spans(self) -> list[tuple[float, float]]:
        """The left and right edge of each piece between its wide gaps."""
        if not (sides := self._standing()):
            return []
        x0, y0, x1, y1 = sides
        wide = _GAP * max(map(sub, y1, y0))
        starts = [0, *(n for n in range(1, len(x0)) if x0[n] - x1[n - 1] > wide), len(x0)]
        return [(min(x0[a:b]), max(x1[a:b])) for a, b in pairwise(starts)]

    def _parted(self, wide: float) -> str:
        out: list[str] = []
        before: Box | None = None
        for text, box in self.letters:
            if box and before and box[0] - before[2] > wide:
                while out and out[-1] == " ":
                    out.pop()
                out.append("\t")
            out.append(text)
            before = box or before
        return "".join(out).strip()


@dataclass(slots=True)
class Rulings:
    """What is drawn on a page: how many lines across and down, the share pictures cover, and where each drawing stands."""

    across: int = 0
    down: int = 0
    covered: float = 0.0
    boxes: list[Box | None] = field(default_factory=list)

    @property
    def scanned(self) -> bool:
        """Whether pictures, whole or in strips, cover the page as a scan does."""
        return self.covered >= _SCAN_COVER


class Page:
    """An opened page."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page
        self._place = placing(page)

    def lines(self, *, by_place: bool = False) -> list[Line]:
        """Every line of the page in reading order; ``by_place``: put together from places whatever the order drawn."""
        textpage = self._page.get_textpage()
        try:
            count = textpage.count_chars()
            if count > limits.PDF_PAGE_CHARS_MAX:
                raise Unreadable("pdf_bomb", f"{count} letters on one page")
            lines = _lines(_letters(textpage.raw, count, self._place))
            if by_place or any(line.torn for line in lines):
                lines = rebuilt(textpage.raw, count, self._place) or lines
            return lines
        finally:
            textpage.close()

    def invisible(self) -> bool:
        """Whether the page's letters are laid invisibly over a picture, as OCR programs do."""
        textpage = self._page.get_textpage()
        try:
            count = textpage.count_chars()
            asked = range(0, count, max(1, count // _FONTS_ASKED))
            unseen = sum(_mode(textpage.raw, i) == api.FPDF_TEXTRENDERMODE_INVISIBLE for i in asked)
            return bool(unseen > len(asked) // 2)
        finally:
            textpage.close()

    def rulings(self) -> Rulings:
        """What is drawn on the page beside its letters; nothing drawn is told of a page that is one great drawing."""
        found = Rulings()
        width, height = self._page.get_size()
        sides = [ctypes.c_float() for _ in range(4)]
        asked = [ctypes.byref(side) for side in sides]
        for n, (item, kind, depth) in enumerate(_drawings(self._page.raw)):
            if n > limits.PDF_LINE_SEGMENTS_MAX:
                return Rulings(covered=found.covered)
            if not api.FPDFPageObj_GetBounds(item, *asked):
                raise pdfium.PdfiumError("a drawing stands nowhere")
            left, bottom, right, top = (side.value for side in sides)
            if kind == api.FPDF_PAGEOBJ_IMAGE:
                found.covered += (right - left) * (top - bottom) / max(1.0, width * height)
                continue
            found.across += right - left > 10
            found.down += top - bottom > 5
            if depth == 0:  # deeper ones have places of their own
                found.boxes.append(self._place(left, bottom, right, top))
        return found


def _drawings(parent: Any, depth: int = 0) -> Iterator[tuple[Any, int, int]]:
    """What is drawn on a page, or in a drawing on it, that is no letter: the object, its kind, how deep it lies.

    As pypdfium2's own walk, without an object of Python for every letter's object passed by.
    """
    count, at = (
        (api.FPDFFormObj_CountObjects, api.FPDFFormObj_GetObject)
        if depth
        else (api.FPDFPage_CountObjects, api.FPDFPage_GetObject)
    )
    for n in range(count(parent)):
        item = at(parent, n)
        if not item:
            raise pdfium.PdfiumError("a drawing cannot be had")
        kind = api.FPDFPageObj_GetType(item)
        if kind in _DRAWINGS:
            yield item, kind, depth
        elif kind == api.FPDF_PAGEOBJ_FORM and depth < _DEPTH - 1:
            yield from _drawings(item, depth + 1)


def _letters(raw: Any, count: int, place: Placing) -> list[Letter]:
    codes = codes_of(raw, count)
    texts = list(map(_CHARACTERS.__getitem__, codes))
    bounds = bounds_of(raw, count)
    for i in raised_digits(raw, codes, bounds):
        texts[i] = raised(texts[i])[0]
    for i in written_over(codes, bounds):
        texts[i] = f"_{texts[i]}"  # no number any more
    fonts = _old_fonts(raw, codes)
    if fonts:
        found = list(_converted(codes, fonts))
        texts, bounds = [text for text, _ in found], [bounds[i] for _, i in found]
    return letters_of(texts, place.each(texts, bounds))


def _converted(codes: list[int], fonts: dict[int, str]) -> Iterator[tuple[str, int]]:
    """Each letter with its index; a run in an old font gives its letters at the run's first indexes."""
    if not fonts:
        yield from zip(map(_CHARACTERS.__getitem__, codes), range(len(codes)), strict=True)
        return
    i = 0
    while i < len(codes):
        font = fonts.get(i, "")
        if not font:
            yield _CHARACTERS[codes[i]], i
            i += 1
            continue
        end = i
        while end < len(codes) and fonts.get(end) == font and codes[end] not in (0x20, 0x0A, 0x0D):
            end += 1
        if end == i:
            yield _CHARACTERS[codes[i]], i
            i += 1
            continue
        text = from_font("".join(map(_CHARACTERS.__getitem__, codes[i:end])), font)
        for n in range(max(end - i, len(text))):
            if n < len(text):
                yield text[n], min(i + n, end - 1)
        i = end


class _Characters(dict[int, str]):
    """The letter of each Unicode number, worked out when first met."""

    def __missing__(self, code: int) -> str:
        text = _character(code)
        if len(self) < _CHARACTERS_KEPT:
            self[code] = text
        return text


_CHARACTERS = _Characters()


def _character(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    if code in (0x0A, 0x0D):
        return "\n"
    if code == 0x09:
        return " "
    return chr(code) if 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _mode(raw: Any, index: int) -> int:
    found: int = api.FPDFTextObj_GetTextRenderMode(api.FPDFText_GetTextObject(raw, index))
    return found


def _old_fonts(raw: Any, codes: list[int]) -> dict[int, str]:
    """The font of each letter when the page uses an old Vietnamese one, else nothing."""
    doubtful = [i for i, code in enumerate(codes) if 0xA1 <= code <= 0xFF]
    if not any(_is_old(_font(raw, i)) for i in doubtful[:: max(1, len(doubtful) // _FONTS_ASKED)]):
        return {}
    return {i: name for i in range(len(codes)) if _is_old(name := _font(raw, i))}


def _font(raw: Any, index: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    used = api.FPDFText_GetFontInfo(raw, index, buffer, len(buffer), ctypes.byref(flags))
    return buffer.value.decode("latin-1") if 0 < used <= len(buffer) else ""


def _is_old(font: str) -> bool:
    name = font.partition("+")[2] or font
    return name.upper().startswith((".VN", "VNI"))


def _lines(letters: list[Letter]) -> list[Line]:
    lines: list[Line] = []
    begin = 0
    for end in [n for n, (text, _) in enumerate(letters) if text == "\n"] + [len(letters)]:
        held = [letter for letter in letters[begin:end] if letter[0]]
        begin = end + 1
        if held:
            lines.append(Line(held))
    return [line for line in lines if line.text]


def rebuilt(raw: Any, count: int, place: Placing) -> list[Line]:
    """The page's letters grouped by baseline and ordered from left to right; spaces from the gaps between them."""
    codes = codes_of(raw, count)
    x, y, rect = ctypes.c_double(), ctypes.c_double(), api.FS_RECTF()
    found: list[tuple[float, Box, str]] = []
    for text, i in _converted(codes, _old_fonts(raw, codes)):
        if not text or text == "\n" or api.FPDFText_IsGenerated(raw, i) == 1:
            continue
        api.FPDFText_GetCharOrigin(raw, i, ctypes.byref(x), ctypes.byref(y))
        api.FPDFText_GetLooseCharBox(raw, i, ctypes.byref(rect))
        box = place(rect.left, rect.bottom, rect.right, rect.top)
        spot = place(x.value, y.value, x.value, y.value)
        if box is None or spot is None:
            return []
        found.append((spot[1], box, text))
    lines: list[Line] = []
    base = -math.inf
    for spot_y, box, text in sorted(found, key=lambda item: item[0]):
        if spot_y - base > _SAME_LINE * max(1.0, box[3] - box[1]):
            lines.append(Line())
            base = spot_y
        lines[-1].letters.append(Letter(text, box))
    return [line for line in map(_spaced, lines) if line.text]


def _spaced(line: Line) -> Line:
    """From left to right, with a space wherever a gap is wide enough for one."""
    out: list[Letter] = []
    for letter in sorted(line.letters, key=lambda item: item.box[0] if item.box else 0.0):
        before = next((item.box for item in reversed(out) if item.box), None)
        if letter.text.isspace():
            if out and not out[-1].text.isspace():
                out.append(Letter(" ", None))
            continue
        gap = letter.box[0] - before[2] if letter.box and before else 0.0
        if out and letter.box and gap > _SPACE * (letter.box[3] - letter.box[1]) and not out[-1].text.isspace():
            out.append(Letter(" ", None))
        if (
            out
            and before
            and letter.box
            and out[-1].text.isdigit()
            and letter.text.isdigit()
            and overlap(before, letter.box) > OVER
        ):
            out.append(Letter("_", None))  # written over another: no number any more
        out.append(letter)
    return Line(out)
