"""A dash in a figure's place on the picture of a page: what its ink must be (product.md: "-" is nil, a blank is none)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from parsers.pages import dashes
from parsers.pages.recogniser import Word

HIGH = 30  # pixels of a word
PLACE = (0, 0, 200, 60)  # the cell
BAR = (90, 28, 103, 32)


def picture(*drawn: tuple[tuple[int, int, int, int], int]) -> np.ndarray:
    """A cell with rectangles of a grey in it, as a scanner sees them."""
    grey = np.full((60, 200), 250, np.uint8)
    for (x0, y0, x1, y1), ink in drawn:
        grey[y0:y1, x0:x1] = ink
    return cv2.GaussianBlur(grey, (0, 0), 0.7)


def borne(grey: np.ndarray, *, in_line: bool = False, confidence: float = 0.93) -> bool:
    number = dashes.stated(grey, Word("-", confidence, BAR), PLACE, HIGH, in_line=in_line)
    assert (number.line.text, number.alone.sure) == ("-", 0.0)
    return number.shapes.sure == 1.0


@pytest.mark.parametrize("bar", [BAR, (80, 27, 105, 31), (75, 28, 120, 31)], ids=["hyphen", "en dash", "em dash"])
def test_one_level_bar_in_the_middle_is_a_dash(bar):
    assert borne(picture((bar, 20)))
    assert borne(picture((bar, 20)), in_line=True)


@pytest.mark.parametrize(
    "drawn",
    [
        ((BAR, 20), ((100, 32, 103, 44), 20)),  # a seven whose foot is there
        ((BAR, 20), ((100, 33, 103, 44), 175)),  # the same, faint
        ((BAR, 20), ((140, 22, 146, 40), 20)),  # a digit beside it
        (((90, 28, 94, 36), 20),),  # a point, or a one cut short
        (((20, 28, 180, 31), 20),),  # the rest of a ruling
        (((90, 53, 103, 57), 20),),  # on the cell's edge
        (((90, 20, 103, 40), 20),),  # a blot
        ((BAR, 130),),  # faint: what else is there may not have been seen
        (),
    ],
)
def test_anything_else_is_none(drawn):
    assert not borne(picture(*drawn))


def test_a_slanted_stroke_is_none():
    grey = picture()
    cv2.line(grey, (85, 40), (105, 20), 20, 4)
    assert not borne(grey)


def test_a_low_line_is_an_underline_and_the_engine_must_have_seen_a_dash():
    assert not borne(picture(((80, 48, 105, 52), 20)), in_line=True)
    assert not borne(picture((BAR, 20)), confidence=0.3)


def test_grain_of_the_paper_beside_it_changes_nothing():
    grey = picture((BAR, 20))
    noise = np.random.default_rng(3).normal(0, 12, grey.shape)
    assert borne(np.clip(grey.astype(float) - np.abs(noise), 0, 255).astype(np.uint8))
