"""Tesseract inside this process, twice: Vietnamese for the text, and a second, differently trained set of data for figures.

Rules:

1. Without the Vietnamese data there is no recogniser; without the second data figures have no second reading (``parsers.tessdata``).
2. One thread. The engines are made before the first child is forked and used by children only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tesserocr

from parsers.pages.source import Pixels
from parsers.tessdata import LANGUAGE, SECOND, data_folder, has_second

_FIGURES = "0123456789.,/%()-"
_PAGE = 0.8  # a whole page is recognised at this share: fewer lines are lost, and less time
_SIZES = (0.7, 1.0, 0.55)  # shares at which a number alone is tried
_MORE, _FRAMED = (
    (0.8, 1.0, 0.6, 0.45, 0.7, 0.4, 1.2),
    14,
)  # shares tried when in doubt, and pixels of paper put around it then
_WORTH = 0.8  # confidence from which an answer with more digits is taken for the fuller one
_ENOUGH = 0.93  # confidence with which no other size is tried
_RESOLUTION = 96  # dots an inch the engines are told, whatever the picture's: fewer than 70 they would guess anew
_WORD = "5"  # level of a word in Tesseract's table


class NoTesseract(Exception):
    """Tesseract, or its Vietnamese data, is not installed."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands, in pixels of the picture recognised."""

    text: str
    confidence: float  # 0..1
    box: tuple[int, int, int, int]  # x0, y0, x1, y1
    line: tuple[int, int, int] = (0, 0, 0)  # block, paragraph, line


class Recogniser:
    """The engines, ready."""

    def __init__(self) -> None:
        """Raises ``NoTesseract``."""
        folder = data_folder()
        if folder is None:
            raise NoTesseract("tesseract-ocr-vie")
        self.folder = folder  # where the language data lie
        try:
            self._text = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=LANGUAGE, psm=tesserocr.PSM.AUTO)
            self._figures = _second(folder)
        except RuntimeError as error:
            raise NoTesseract(str(error)) from error

    def page(self, grey: Pixels) -> list[Word]:
        """The words of a page of print, in Tesseract's reading order."""
        return self._words(grey, tesserocr.PSM.AUTO, _PAGE)

    def block(self, grey: Pixels, share: float = 1.0) -> list[Word]:
        """The words of one block of lines, recognised at a share of its size."""
        return self._words(grey, tesserocr.PSM.SINGLE_BLOCK, share)

    def line(self, grey: Pixels, share: float = 1.0) -> list[Word]:
        """The same of one line."""
        return self._words(grey, tesserocr.PSM.SINGLE_LINE, share)

    def figure(self, grey: Pixels) -> tuple[str, float]:
        """What stands there if it is a number, by the second engine, and how sure it is: the surest of a few sizes.

        Nothing where there are no second data.
        """
        return self._surest(grey, _SIZES)

    def figure_again(self, grey: Pixels) -> tuple[str, float]:
        """The same at other sizes with more paper around, whichever tells most digits of those it is sure of.

        Its finder of lines now and then passes over the plainest print, and at some sizes it loses a digit while it is sure.
        """
        framed = np.pad(grey, _FRAMED, constant_values=255)
        told = [self._surest(framed, (share,)) for share in _MORE]
        return max(told, key=lambda one: (sum(c.isdigit() for c in one[0]) if one[1] >= _WORTH else 0, one[1]))

    def _surest(self, grey: Pixels, shares: Sequence[float]) -> tuple[str, float]:
        best = ("", 0.0)
        engine = self._figures
        if engine is None:
            return best
        for share in shares:
            _show(engine, _smaller(grey, share))
            text = "".join(engine.GetUTF8Text().split())
            sure = engine.MeanTextConf() / 100
            if any(c.isdigit() for c in text) and sure >= best[1]:
                best = (text, sure)
            if best[1] >= _ENOUGH:
                break
        return best

    def _words(self, grey: Pixels, mode: int, share: float = 1.0) -> list[Word]:
        self._text.SetPageSegMode(mode)
        _show(self._text, _smaller(grey, share))
        return [_grown(word, grey.shape, share) for word in _parsed(self._text.GetTSVText(0).splitlines())]


def _second(folder: Path) -> tesserocr.PyTessBaseAPI | None:
    """The engine for figures alone, where its data are."""
    if not has_second(folder):
        return None
    engine = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=SECOND, psm=tesserocr.PSM.SINGLE_LINE)
    engine.SetVariable("tessedit_char_whitelist", _FIGURES)
    return engine


def _show(engine: tesserocr.PyTessBaseAPI, grey: Pixels) -> None:
    """The bytes themselves: by way of a Pillow image they would be written as a BMP file and read again."""
    height, width = grey.shape
    engine.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
    engine.SetSourceResolution(_RESOLUTION)


def _smaller(grey: Pixels, share: float) -> Pixels:
    return (
        grey if share == 1.0 else np.asarray(cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))
    )


def _grown(word: Word, shape: tuple[int, ...], share: float) -> Word:
    """A word of the smaller picture on the larger one."""
    if share == 1.0:
        return word
    x0, y0, x1, y1 = (side / share for side in word.box)
    box = (int(x0), int(y0), min(shape[1], math.ceil(x1)), min(shape[0], math.ceil(y1)))
    return Word(word.text, word.confidence, box, word.line)


def _parsed(rows: Sequence[str]) -> Iterator[Word]:
    for row in rows:
        cells = row.split("\t", 11)
        if len(cells) == 12 and cells[0] == _WORD and cells[11].strip():
            block, paragraph, line, _, x, y, width, height = map(int, cells[2:10])
            box = (x, y, x + width, y + height)
            yield Word(cells[11].strip(), max(0.0, float(cells[10]) / 100), box, (block, paragraph, line))
