"""Words the first engine could make nothing of are the numbers the other two readers see, or stay as they were."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from parsers.pages.muddled import cleared
from parsers.pages.page import numbers_of
from parsers.pages.recogniser import Word
from parsers.pages.shapes import HEIGHT, cut, on_page, shapes
from tests.parsers.scan_builders import FONT

FACE = ImageFont.truetype(FONT, 40)
Box = tuple[int, int, int, int]


def printed(*texts: str, gap: int = 20) -> tuple[np.ndarray, list[Box]]:
    """A line of print, and where each of its pieces stands."""
    image = Image.new("L", (600, 110), 255)
    pen, x, boxes = ImageDraw.Draw(image), 40, []
    for text in texts:
        pen.text((x, 30), text, font=FACE, fill=0)
        boxes.append(tuple(int(side) for side in pen.textbbox((x, 30), text, font=FACE)))
        x = boxes[-1][2] + gap
    return np.asarray(image), boxes


class _Second:
    """A second engine that tells one text after the other, and counts how often it was asked."""

    def __init__(self, *texts: str, sure: float = 0.96) -> None:
        self.texts, self.sure, self.asked = list(texts), sure, 0

    def figure(self, _grey: np.ndarray) -> tuple[str, float]:
        self.asked += 1
        return (self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]), self.sure

    figure_again = figure


def left(box: Box, share: float) -> Box:
    return box[0], box[1], int(box[0] + share * (box[2] - box[0])), box[3]


def right(box: Box, share: float) -> Box:
    return int(box[2] - share * (box[2] - box[0])), box[1], box[2], box[3]


@pytest.mark.parametrize("line", [("1", "1/]"), ("T", "1!")])
def test_a_number_torn_into_pieces_nobody_could_read_is_whole(line):
    image, (box,) = printed("1.171")
    words = [Word(line[0], 0.16, left(box, 0.3)), Word(line[1], 0.16, right(box, 0.6))]
    (word,) = cleared(image, words, _Second("1.171"))
    assert (word.text, word.confidence) == ("1.171", 0.0)
    assert all(abs(a - b) <= 6 for a, b in zip(word.box, box, strict=True))


def test_the_first_engine_bears_nothing_out_that_it_could_not_read():
    image, (box,) = printed("35")
    (checked,) = numbers_of(image, [Word("S3)", 0.02, box)], _Second("35"))
    number = checked.number
    assert (number.text, number.line.sure, number.alone.text, number.shapes.text) == ("35", 0.0, "35", "35")


def test_a_blank_parts_two_numbers_that_were_seen_as_one_word():
    image, boxes = printed("3", "776")
    box = (boxes[0][0], boxes[0][1], boxes[1][2], boxes[1][3])
    words = cleared(image, [Word("37Á»", 0.4, box)], _Second("3", "776"))
    assert [word.text for word in words] == ["3", "776"]


@pytest.mark.parametrize(
    ("seen", "told"),
    [("257", "251"), ("257", ""), ("2m7", "257"), ("2|7", "217")],
    ids=["unlike", "silent", "a letter", "a bar"],
)
def test_what_is_no_number_to_both_readers_stays_as_it_was(seen, told):
    image, (box,) = printed(seen)
    words = [Word("/29//", 0.0, box)]
    assert cleared(image, words, _Second(told)) == words


def test_an_unsure_second_reader_clears_nothing():
    image, (box,) = printed("257")
    words = [Word("/29//", 0.0, box)]
    assert cleared(image, words, _Second("257", sure=0.6)) == words


@pytest.mark.parametrize(
    "word", [("Tổng", 0.4), ("257", 0.4), ("29//", 0.9)], ids=["letters", "a plain number", "read surely"]
)
def test_words_that_were_not_muddled_cost_nothing(word):
    image, (box,) = printed("257")
    second = _Second("257")
    words = [Word(*word, box)]
    assert cleared(image, words, second) == words
    assert second.asked == 0


def test_words_beside_the_muddled_one_stay_and_are_no_part_of_it():
    image, boxes = printed("số", "35", "12")
    words = [Word("số", 0.96, boxes[0]), Word("S3)", 0.1, boxes[1]), Word("12", 0.96, boxes[2])]
    texts = [word.text for word in cleared(image, words, _Second("35"))]
    assert texts == ["số", "35", "12"]


def test_a_place_on_a_cut_word_leads_back_to_the_page():
    image, (box,) = printed("8")
    (shape,) = shapes(cut(image, box))
    assert shape.box[3] > 0.6 * HEIGHT
    back = on_page(shape.box, box)
    ys, xs = np.nonzero(image < 128)
    assert all(abs(a - b) <= 3 for a, b in zip(back, (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), strict=True))


def test_a_line_without_words_holds_no_numbers():
    assert numbers_of(printed("")[0], [], _Second("")) == []
