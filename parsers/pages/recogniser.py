"""Tesseract inside this process, twice: Vietnamese for the text, and a second, differently trained set of data for figures.

Rules:

1. The language data lie where Debian puts them, or in ``TESSDATA_PREFIX``; without Vietnamese there is no recogniser.
2. One thread. The engines are made before the first child is forked and used by children only.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tesserocr

from parsers.pages.source import Pixels

PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/5.00/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
LANGUAGE, SECOND = "vie", "eng"
_FIGURES = "0123456789.,/%()-"
_PAGE = 0.8  # a whole page is recognised at this share: fewer lines are lost, and less time
_SIZES = (0.7, 1.0, 0.55)  # shares at which a number alone is tried
_MORE, _FRAMED = (0.6, 0.8, 0.45), 14  # shares tried when in doubt, and pixels of paper put around it then
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


def data_folder() -> Path:
    """Where the Vietnamese data lie; raises ``NoTesseract``."""
    named = os.environ.get("TESSDATA_PREFIX")
    places = [Path(place) for place in ((named,) if named else PLACES)]
    found = next((place for place in places if (place / f"{LANGUAGE}.traineddata").is_file()), None)
    if found is None:
        raise NoTesseract("tesseract-ocr-vie")
    return found


class Recogniser:
    """The engines, ready."""

    def __init__(self) -> None:
        """Raises ``NoTesseract``."""
        folder = data_folder()
        second = SECOND if (folder / f"{SECOND}.traineddata").is_file() else LANGUAGE
        try:
            self._text = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=LANGUAGE, psm=tesserocr.PSM.AUTO)
            self._figures = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=second, psm=tesserocr.PSM.SINGLE_LINE)
        except RuntimeError as error:
            raise NoTesseract(str(error)) from error
        self._figures.SetVariable("tessedit_char_whitelist", _FIGURES)

    def page(self, grey: Pixels) -> list[Word]:
        """The words of a page of print, in Tesseract's reading order."""
        small = cv2.resize(grey, None, fx=_PAGE, fy=_PAGE, interpolation=cv2.INTER_AREA)
        words = self._words(np.asarray(small), tesserocr.PSM.AUTO)
        return [_grown(word, grey.shape) for word in words]

    def block(self, grey: Pixels) -> list[Word]:
        """The words of one block of lines."""
        return self._words(grey, tesserocr.PSM.SINGLE_BLOCK)

    def line(self, grey: Pixels) -> list[Word]:
        """The words of one line."""
        return self._words(grey, tesserocr.PSM.SINGLE_LINE)

    def figure(self, grey: Pixels) -> tuple[str, float]:
        """What stands there if it is a number, by the second engine, and how sure it is: the surest of a few sizes."""
        return self._surest(grey, _SIZES)

    def figure_again(self, grey: Pixels) -> tuple[str, float]:
        """The same at other sizes with more paper around: its finder of lines now and then passes over the plainest print."""
        return self._surest(np.pad(grey, _FRAMED, constant_values=255), _MORE)

    def _surest(self, grey: Pixels, shares: Sequence[float]) -> tuple[str, float]:
        best = ("", 0.0)
        for share in shares:
            small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
            _show(self._figures, small)
            text = "".join(self._figures.GetUTF8Text().split())
            sure = self._figures.MeanTextConf() / 100
            if any(c.isdigit() for c in text) and sure >= best[1]:
                best = (text, sure)
            if best[1] >= _ENOUGH:
                break
        return best

    def _words(self, grey: Pixels, mode: int) -> list[Word]:
        self._text.SetPageSegMode(mode)
        _show(self._text, grey)
        return list(_parsed(self._text.GetTSVText(0).splitlines()))


def _show(engine: tesserocr.PyTessBaseAPI, grey: Pixels) -> None:
    """The bytes themselves: by way of a Pillow image they would be written as a BMP file and read again."""
    height, width = grey.shape
    engine.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
    engine.SetSourceResolution(_RESOLUTION)


def _grown(word: Word, shape: tuple[int, ...]) -> Word:
    """A word of the smaller picture on the larger one."""
    x0, y0, x1, y1 = (side / _PAGE for side in word.box)
    box = (int(x0), int(y0), min(shape[1], math.ceil(x1)), min(shape[0], math.ceil(y1)))
    return Word(word.text, word.confidence, box, word.line)


def _parsed(rows: Sequence[str]) -> Iterator[Word]:
    for row in rows:
        cells = row.split("\t", 11)
        if len(cells) == 12 and cells[0] == _WORD and cells[11].strip():
            block, paragraph, line, _, x, y, width, height = map(int, cells[2:10])
            box = (x, y, x + width, y + height)
            yield Word(cells[11].strip(), max(0.0, float(cells[10]) / 100), box, (block, paragraph, line))
