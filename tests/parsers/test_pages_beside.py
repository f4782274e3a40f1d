"""What stands beside a number's digits: remains of one, a dash nobody drew, half a mark, dust, signs that only blur together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from parsers.belief import agreement
from parsers.pages.numbers import look_again
from parsers.pages.page import without_dots
from parsers.pages.recogniser import Word
from parsers.pages.shapes import cut, judge, shapes
from parsers.pages.slivers import without_dust
from parsers.values import SeenNumber
from tests.parsers.scan_builders import FONT


class _Second:
    """A second engine that always sees the same and keeps what it was shown; the first one asked once more."""

    def __init__(self, text: str, line: float = 0.0) -> None:
        self.text, self.sure, self.shown = text, line, np.zeros((1, 1), np.uint8)

    def figure(self, grey: np.ndarray) -> tuple[str, float]:
        self.shown = grey
        return self.text, 0.96

    figure_again = figure

    def line(self, _grey: np.ndarray, _share: float) -> list[Word]:
        return [Word(self.text, self.sure, (0, 0, 9, 9))] if self.sure else []


def paper(text: str, blur: float = 0.0) -> np.ndarray:
    image = Image.new("L", (500, 100), 255)
    ImageDraw.Draw(image).text((60, 25), text, font=ImageFont.truetype(FONT, 40), fill=0)
    return np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), blur) if blur else image).copy()


def around(image: np.ndarray) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(image < 128)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def stands(image: np.ndarray, line: str, number: str) -> bool:
    found = look_again(image, Word(line, 0.96, around(image)), _Second(number)).number
    readings = tuple((told.text, told.sure) for told in (found.line, found.alone, found.shapes))
    return agreement(SeenNumber(1, None, None, found.text, readings, None), number) == 2


def whited(text: str, left: float, right: float) -> np.ndarray:
    """A number over the foot of which somebody ran correction fluid, between two shares of its width."""
    image = paper(text)
    x0, y0, x1, y1 = around(image)
    wide, high = x1 - x0, y1 - y0
    image[y0 + int(0.4 * high) : y1, x0 + int(left * wide) : x0 + int(right * wide)] = 255
    return image


@pytest.mark.parametrize(
    ("text", "left", "right", "line", "number"),
    [("50", 0, 0.5, "¬0", "0"), ("03", 0.5, 1, "0°", "0"), ("03", 0.5, 1, "0'", "0"), ("80", 0, 0.5, "0", "0")],
)
def test_a_number_beside_which_something_is_left_of_a_digit_is_doubted(text, left, right, line, number):
    assert not stands(whited(text, left, right), line, number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50", "50"),
        ("50;", "50"),
        ("“50”,", "50"),
        ("(50)", "50"),
        ("50%", "50"),
        ("-50", "50"),
        ("~50", "50"),
        ("50/tổng", "50"),
    ],
)
def test_known_marks_beside_a_number_leave_it_as_it_is(text, number):
    assert stands(paper(text), text, number)


def test_a_digit_taken_for_a_mark_stands_where_the_other_two_see_it_and_is_doubted_where_they_do_not():
    for seen, told in (("77", "77"), ("7", "")):
        found = look_again(paper("77"), Word("#7", 0.69, around(paper("77"))), _Second(seen))
        assert (found.number.alone.text, found.number.text) == (told, told or "7")


def test_a_dash_without_ink_is_none_and_one_that_was_drawn_stays():
    for text, seen in (("686", "686"), ("-686", "-686")):
        image = paper(text)
        x0, y0, x1, y1 = around(image)
        box = (x0 if text[0] == "-" else x0 - 20, y0, x1, y1)
        assert look_again(image, Word("-686", 0.7, box), _Second("686")).word.text == seen


def shown(image: np.ndarray, text: str) -> int:
    """How many columns of ink the second engine was shown, of a line it reads surely."""
    second = _Second("17")
    look_again(image, Word(text, 0.96, around(image)), second)
    return int((second.shown < 128).any(axis=0).sum())


def test_the_second_engine_is_shown_the_digits_without_half_a_mark_behind_them_and_without_dust():
    dusty = paper("17")
    gap = int(np.flatnonzero(~(dusty[:, 62:100] < 128).any(axis=0))[0]) + 62
    dusty = np.insert(dusty, [gap] * 12, 255, axis=1)
    plain = shown(dusty, "17")
    dusty[around(dusty)[1] + 12 : around(dusty)[1] + 15, gap + 4 : gap + 7] = 0
    assert plain - 1 <= shown(dusty, "17") <= plain + 1
    assert shown(paper("17;"), "17;") <= shown(paper("17"), "17") + 2


@pytest.mark.parametrize(("again", "sure"), [(0.95, 0.95), (0.4, 0.54), (0.0, 0.54)])
def test_a_line_unsure_of_what_both_others_see_is_asked_once_more(again, sure):
    image = paper("106")
    found = look_again(image, Word("106", 0.54, around(image)), _Second("106", again))
    assert (found.number.line.text, found.number.line.sure) == ("106", sure)


def test_a_line_that_says_something_else_once_more_is_as_unsure_as_before():
    image = paper("106")
    second = _Second("106", 0.95)
    second.line = lambda _grey, _share: [Word("108", 0.95, (0, 0, 9, 9))]
    assert look_again(image, Word("106", 0.54, around(image)), second).number.line.sure == 0.54


@pytest.mark.parametrize("text", ["10/27", "(17)"])
def test_signs_that_only_blur_together_are_told_apart(text):
    image = np.full((70, 400), 255, np.uint8)
    face, x = ImageFont.truetype(FONT, 40), 40
    for sign in text:
        picture = Image.fromarray(image)
        ImageDraw.Draw(picture).text((x, 8), sign, font=face, fill=0)
        image = np.asarray(picture)
        x = int(np.flatnonzero((image < 128).any(axis=0))[-1]) + 1  # the next one touches it
    picture = cut(cv2.GaussianBlur(image, (0, 0), 1.2), around(image))
    told = judge(shapes(picture))
    assert "".join(sign for sign, _ in told) == text


def test_dots_before_a_figure_that_were_taken_for_a_dash_are_none_and_a_dash_is():
    figure, label = Word("1.669", 0.9, (60, 10, 160, 40)), Word("hạn:", 0.9, (0, 10, 30, 40))
    dots, dash = Word("-", 0.65, (40, 33, 52, 39)), Word("-", 0.65, (40, 22, 52, 28))
    assert without_dots([label, dots, figure]) == [label, figure]
    assert without_dots([label, dash, figure]) == [label, dash, figure]
    assert without_dots([label, dots]) == [label, dots]


def test_a_figure_made_of_dust_is_none_and_a_faint_one_stays():
    image = paper("3")
    box = around(image)
    speck = np.full_like(image, 255)
    speck[box[1] + 10 : box[1] + 14, box[0] + 5 : box[0] + 9] = 90
    faint = cv2.convertScaleAbs(image, alpha=0.2, beta=204)
    three, other = Word("3", 0.69, box), Word("hạn", 0.3, box)
    high = box[3] - box[1]
    assert list(without_dust(speck, [three, other], high)) == [other]
    assert list(without_dust(faint, [three, other], high)) == [three, other]
