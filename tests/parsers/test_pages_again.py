"""What is read a second time: figures at other sizes, words hardly read, ink passed over, lines left on their dots."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from intake.tools import tools
from parsers import tessdata
from parsers.pages import again, left_blank, page
from parsers.pages.numbers import look_again
from parsers.pages.recogniser import Recogniser, Word
from parsers.pages.shapes import cut, shapes, snug
from parsers.pages.sheet import Sheet
from tests.parsers.scan_builders import FONT

BOX = (0, 0, 60, 30)


def paper(*texts: str, size: int = 40, gap: int = 90) -> np.ndarray:
    image = Image.new("L", (700, 90), 255)
    for n, text in enumerate(texts):
        ImageDraw.Draw(image).text((30 + n * gap, 20), text, font=ImageFont.truetype(FONT, size), fill=0)
    return np.asarray(image).copy()


def around(image: np.ndarray) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(image < 128)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


# ---- the second engine ------------------------------------------------------------------------------------------------


class _Sized(Recogniser):
    """Second data that tell something else at each size."""

    def __init__(self, *told: tuple[str, float]) -> None:
        self.told = iter((*told, *[("", 0.0)] * 9))

    def _surest(self, _grey: np.ndarray, _shares: Sequence[float]) -> tuple[str, float]:
        return next(self.told)


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ((("64", 0.97), ("643", 0.93), ("64", 0.96)), "643"),
        ((("1277/1122", 0.2), ("", 0.0), ("1.712", 0.95)), "1.712"),
        ((("12", 0.3), ("1/22", 0.5)), "1/22"),
    ],
    ids=["a digit is rather lost than made up", "unsure of more digits", "sure of none"],
)
def test_of_several_sizes_the_fullest_answer_the_second_engine_is_sure_of_counts(told, taken):
    assert _Sized(*told).figure_again(paper("643"))[0] == taken


def test_without_second_data_there_is_no_second_reading_and_check_says_so(monkeypatch, tmp_path):
    vietnamese = tessdata.data_folder() / "vie.traineddata"
    (tmp_path / "vie.traineddata").symlink_to(vietnamese)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert not tessdata.has_second(tessdata.data_folder())
    alone = Recogniser()
    assert alone.figure(paper("643")) == alone.figure_again(paper("643")) == ("", 0.0)


def test_check_names_the_package_of_the_second_data(monkeypatch, tmp_path):
    class Walls:
        complete = True

    class Box:
        def page_confinement(self):
            return Walls

    (tmp_path / "vie.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    told = next(tool for tool in tools(Box()) if tool.what == "scans")
    assert told.missing
    assert "apt-get install --no-install-recommends tesseract-ocr-eng, then cchc retry --all" in told.said
    (tmp_path / "eng.traineddata").touch()
    assert not next(tool for tool in tools(Box()) if tool.what == "scans").missing


# ---- brackets ---------------------------------------------------------------------------------------------------------


class _Second:
    """A second engine that always sees the same."""

    def __init__(self, text: str, sure: float = 0.96) -> None:
        self._told = text, sure

    def figure(self, _grey: np.ndarray) -> tuple[str, float]:
        return self._told

    figure_again = figure


@pytest.mark.parametrize(
    ("line", "second", "text"),
    [
        ("7)", _Second("73"), "73"),
        ("7);", _Second("73"), "73;"),
        ("(3", _Second("73"), "73"),
        ("7)", _Second("73", 0.6), None),
        ("7)", _Second("7"), None),
        ("7)", _Second("75"), None),
    ],
)
def test_a_digit_taken_for_a_bracket_stands_where_the_other_two_readers_see_it(line, second, text):
    image = paper("73")
    found = look_again(image, Word(line, 0.96, around(image)), second)
    assert (found.word.text if found.number.alone.text else None) == text
    assert text is None or found.number.line.text == line.rstrip(";")


# ---- words ------------------------------------------------------------------------------------------------------------


def word(text: str, sure: float) -> Word:
    return Word(text, sure, BOX)


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        ({1.0: [word("l", 0.56)], 0.6: [word("117", 0.97)]}, "117"),
        ({1.0: [word("117", 0.97)], 0.6: [word("999", 0.99)]}, "117"),
        ({1.0: [], 0.6: [word("0", 0.3)], 0.8: [word("0", 0.9)]}, "0"),
        ({1.0: [word("quyết:", 0.3)], 0.6: [word("q", 0.9)], 0.8: [word("quyết:", 0.7)]}, "quyết:"),
    ],
    ids=["hardly read", "surely read", "passed over", "more letters"],
)
def test_words_hardly_read_are_read_at_other_sizes(sizes, taken):
    found = again.surest(paper("1"), lambda _grey, share: sizes.get(share, []))
    assert [one.text for one in found] == [taken]


class _Alone:
    """An engine that reads one word by itself."""

    def __init__(self, *words: Word) -> None:
        self._words = list(words)

    def line(self, _part: np.ndarray, _share: float) -> list[Word]:
        return self._words


@pytest.mark.parametrize(
    ("seen", "alone", "taken"),
    [
        (word("vănbảndđi", 0.4), (word("văn", 0.97), word("bản", 0.96), word("đi", 0.9)), "văn bản đi"),
        (word("vănbảndđi", 0.7), (word("văn", 0.97), word("bản", 0.96), word("đi", 0.9)), "vănbảndđi"),
        (word("vănbảndđi", 0.4), (word("văn", 0.97), word("bản", 0.5), word("đi", 0.9)), "vănbảndđi"),
        (word("độ3_", 0.4), (word("độ", 0.97), word("3", 0.97)), "độ 3"),
        (word("440/tổng", 0.4), (word("410/tổng", 0.97),), "440/tổng"),
        (word("bản", 0.4), (word("51", 0.97),), "bản"),
        (word("quyết", 0.1), (word("q", 0.97),), "quyết"),
        (word("II.", 0.5), (word("HẠ", 0.97),), "II."),
        (word("quyết", 0.1), (), "quyết"),
    ],
    ids=[
        "ran together",
        "surely",
        "unsure",
        "same figure",
        "another figure",
        "a figure of none",
        "fewer",
        "Roman",
        "none",
    ],
)
def test_a_word_hardly_read_is_read_by_itself(seen, alone, taken):
    found = again.clearer(paper("1"), [seen], _Alone(*alone))
    assert " ".join(one.text for one in found) == taken


def test_a_word_passed_over_on_grainy_paper_is_found():
    image = paper("117", "được", "23", gap=180)
    chance = np.random.default_rng(3)
    for y, x in zip(chance.integers(0, 88, 500), chance.integers(0, 698, 500), strict=True):
        image[y : y + 2, x : x + 2] = 90

    class Line:
        def line(self, part: np.ndarray, _share: float) -> list[Word]:
            return [Word("được", 0.9, (14, 14, part.shape[1] - 14, part.shape[0] - 14))]

    seen = [Word("117", 0.9, (28, 22, 104, 64)), Word("23", 0.9, (386, 22, 444, 64))]
    (found,) = again.missed(image, seen, Line())
    assert 190 < found.box[0] < 220


def test_a_box_too_high_for_its_digits_is_drawn_close():
    image = paper("4065")
    x0, y0, x1, y1 = around(image)
    image[y0 - 18 : y0 - 15, x0 + 40 : x0 + 43] = 60  # a speck
    loose = (x0, y0 - 18, x1, y1 + 8)
    assert abs(snug(image, loose)[1] - y0) <= 1
    assert abs(snug(image, loose)[3] - y1) <= 1
    assert snug(image, (x0, y0, x1, y1)) == (x0, y0, x1, y1)
    assert len([one for one in shapes(cut(image, snug(image, loose))) if one.tall]) == 4


# ---- lines left on their dots -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawn", "empty"),
    [("", True), ("....", True), ("7", False), ("/", False)],
    ids=["paper", "dots", "digit", "stroke"],
)
def test_dots_say_that_nothing_was_written_only_where_the_paper_is_empty(drawn, empty):
    image = paper("", drawn, gap=300)
    number = left_blank.stated(image, (30, 22, 200, 64), page.LEADER)
    assert (number.text, number.shapes.text) == (page.LEADER, page.LEADER if empty else "")


def test_a_faint_figure_behind_the_dots_leaves_the_line_unproven():
    image = paper("", "7", gap=300)
    faint = cv2.convertScaleAbs(image, alpha=0.3, beta=178)
    assert left_blank.stated(faint, (30, 22, 200, 64), page.LEADER).shapes.text == ""


@pytest.mark.parametrize("wiped", [False, True], ids=["as scanned", "coloured ink was taken away"])
def test_a_line_ends_in_dots_nobody_wrote_on_only_where_nothing_was_taken_away(wiped):
    grey = paper("lại:")
    dots = (around(grey)[2] + 20, 58, 400, 62)
    laid = page._Paper(Sheet(grey, np.eye(3), 1.0, wiped=wiped), grey, grey, (), (dots,), np.zeros_like(grey))
    line = page._line(laid, [Word("lại:", 0.97, around(grey))], _Second(""))
    assert line.text == f"lại: {page.LEADER}"
    assert [one.text for one in line.numbers] == ([] if wiped else [page.LEADER])
