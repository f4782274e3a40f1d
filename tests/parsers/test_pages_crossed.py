"""Figures struck through by hand on the picture of a page are doubted; what stands under no stroke is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from parsers.belief import agreement
from parsers.pages import page, sheet
from parsers.pages.crossed import is_crossed, is_under_line
from parsers.pages.recogniser import Recogniser
from parsers.pages.shapes import cut, shapes
from parsers.pages.source import Source
from parsers.values import SeenNumber
from tests.parsers.scan_builders import FONT, png

BLACK, BLUE, RED = (35, 35, 35), (160, 60, 30), (50, 40, 205)
Box = tuple[int, int, int, int]


def written(text: str, size: int = 36) -> tuple[np.ndarray, Box]:
    """A number printed on paper, and where it stands."""
    image = Image.new("RGB", (320, 120), (252, 252, 250))
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, size)
    draw.text((60, 40), text, font=font, fill=(30, 30, 30))
    x0, y0, x1, y1 = draw.textbbox((60, 40), text, font=font)
    return np.array(image)[:, :, ::-1].copy(), (int(x0), int(y0), int(x1), int(y1))


def struck(
    picture: np.ndarray, box: Box, *, ink: tuple[int, int, int] = BLACK, out: int = 0, rise: int = 0, thick: int = 3
) -> np.ndarray:
    x0, y0, x1, y1 = box
    middle = (y0 + y1) // 2
    cv2.line(picture, (x0 - out, middle + rise), (x1 + out, middle - rise), ink, thick, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 0.7)


def looked(picture: np.ndarray, box: Box) -> bool:
    cropped = cut(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), box)
    return is_crossed(cropped, [one for one in shapes(cropped) if one.tall])


@pytest.mark.parametrize("text", ["56", "993", "3682", "1001", "08", "77"])
@pytest.mark.parametrize("rise", [0, 3, -3])
def test_a_stroke_from_the_first_digit_to_the_last_is_seen(text, rise):
    picture, box = written(text)
    assert not looked(picture, box)
    assert looked(struck(picture, box, rise=rise), box)


@pytest.mark.parametrize("digit", "0123456789")
def test_a_stroke_that_reaches_out_beside_a_lone_digit_is_seen(digit):
    picture, box = written(digit)
    assert not looked(picture, box)
    assert looked(struck(picture, box, out=8), box)


def test_an_underline_and_digits_that_touch_are_no_stroke():
    picture, box = written("2447")
    x0, _, x1, y1 = box
    cv2.line(picture, (x0, y1 + 2), (x1, y1 + 2), BLACK, 2)
    assert not looked(picture, box)
    touching, box = written("00")
    x0, y0, x1, y1 = box
    middle = ((x0 + x1) // 2, (y0 + y1) // 2)
    cv2.line(touching, (middle[0] - 4, middle[1]), (middle[0] + 4, middle[1]), BLACK, 3)
    assert not looked(touching, box)


def run_together(text: str) -> tuple[np.ndarray, Box]:
    """A number in coarse print, whose digits touch, and where it stands."""
    image = Image.new("RGB", (320, 120), (252, 252, 250))
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 22)
    x, top, foot = 60.0, 120.0, 0.0
    for digit in text:
        draw.text((x, 40), digit, font=font, fill=(60, 60, 60))
        _, y0, x1, y1 = draw.textbbox((x, 40), digit, font=font)
        x, top, foot = x1 - 1, min(top, y0), max(foot, y1)
    picture = cv2.GaussianBlur(np.array(image)[:, :, ::-1].copy(), (0, 0), 1.2)
    return picture, (60, int(top), int(x) + 1, int(foot))


@pytest.mark.parametrize("text", ["54", "64", "684", "84", "94"])
def test_digits_that_coarse_print_runs_together_at_the_bar_of_a_4_are_not_struck_a_stroke_over_them_is_seen(text):
    picture, box = run_together(text)
    assert not looked(picture, box)
    for thick in (1, 2, 3):
        for rise in (0, 2, -2):
            assert looked(struck(picture.copy(), box, rise=rise, thick=thick), box)


def test_nothing_is_crossed_where_nothing_stands():
    assert not is_crossed(np.full((60, 80), 255, np.uint8), [])


def test_a_line_painted_over_is_told_where_it_ran_through_the_middle_only():
    lines = np.zeros((60, 200), np.uint8)
    lines[29:32, 20:180] = 255
    assert is_under_line(lines, (60, 15, 110, 45))
    assert not is_under_line(lines, (60, 0, 110, 30))  # under it
    assert not is_under_line(lines, (170, 15, 300, 45))  # beside it
    assert not is_under_line(lines, (60, 15, 60, 15))
    streak = np.zeros((60, 200), np.uint8)
    streak[:, 90:93] = 255
    assert is_under_line(streak, (60, 15, 110, 45))  # down through it
    assert not is_under_line(streak, (92, 15, 140, 45))  # along its rim


@pytest.mark.parametrize("ink", [BLUE, RED])
def test_a_coloured_stroke_and_figures_written_beside_stay_on_the_page_a_signature_gives_way(ink):
    page_ = np.full((2339, 1654, 3), 250, np.uint8)
    cv2.line(page_, (300, 420), (420, 385), ink, 4, cv2.LINE_AA)
    signature = np.array([[800 + 9 * n, 2000 + (90 if n % 2 else -90)] for n in range(30)])
    cv2.polylines(page_, [signature], False, ink, 4, cv2.LINE_AA)
    if ink == BLUE:  # red letters may be a seal's
        cv2.putText(page_, "1.234", (450, 420), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, ink, 3)
    grey, _ = sheet.printed(page_)
    assert (grey[380:425, 300:421] < 140).sum() > 200
    assert (grey[370:430, 445:600] < 140).any() == (ink == BLUE)
    assert (grey[1890:2110, 790:1080] < 140).sum() == 0


@pytest.mark.slow
def test_of_a_whole_page_the_struck_figures_alone_are_doubted():
    cv2.setNumThreads(1)
    image = Image.new("RGB", (1654, 2000), (252, 252, 250))
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 34)
    numbers = ("1.234", "567", "86", "3.905", "412", "7.340")
    boxes = []
    for n, text in enumerate(numbers):
        label = "- Tổng số hồ sơ đã giải quyết trong tuần: "
        x, y = 150 + int(draw.textlength(label, font=font)), 120 + 140 * n
        draw.text((150, y), label, font=font, fill=(30, 30, 30))
        draw.text((x, y), text, font=font, fill=(30, 30, 30))
        boxes.append(tuple(int(v) for v in draw.textbbox((x, y), text, font=font)))
    picture = np.array(image)[:, :, ::-1].copy()
    for n, (ink, out) in enumerate(((BLACK, 0), (BLUE, 300), (BLUE, 10))):
        picture = struck(picture, boxes[2 * n], ink=ink, out=out)
    seen = page.scan(png(picture), "png", 1, Recogniser())
    stand = {one.text for item in seen.items if item.line for one in item.line.numbers if _stands(one)}
    assert stand <= set(numbers[1::2])
    assert len(stand) > 1  # engines differ a little from one processor to another


def _stands(number) -> bool:
    readings = tuple((told.text, told.sure) for told in (number.line, number.alone, number.shapes))
    return agreement(SeenNumber(1, None, None, number.text, readings), number.text) == 2


@pytest.mark.parametrize(
    ("ink", "over", "quarters", "doubted"),
    [
        (BLUE, True, 0, True),
        (RED, True, 1, True),
        (BLUE, False, 0, False),
        ((120, 250, 130), True, 0, False),
        (None, False, 1, False),
    ],
    ids=["blue over black", "red over black", "blue beside it", "a marker", "printed in blue"],
)
def test_a_number_somebody_wrote_over_in_colour_is_doubted(ink, over, quarters, doubted):
    image = Image.new("RGB", (1654, 700), (252, 252, 250))
    font = ImageFont.truetype(FONT, 34)
    for n in range(8):
        ImageDraw.Draw(image).text((100, 60 + 70 * n), "Hồ sơ trả lại trong tuần", font=font, fill=(30, 30, 30))
    ImageDraw.Draw(image).text((700, 200), "02", font=font, fill=(30, 30, 30) if ink else BLUE[::-1])
    page_ = np.array(image)[:, :, ::-1].copy()
    if ink:
        x = 722 if over else 790
        points = np.array([[x + 6, 212], [x - 4, 228], [x + 14, 228], [x + 8, 218], [x + 8, 240]])
        cv2.polylines(page_, [points], False, ink, 12 if ink[1] > 200 else 4, cv2.LINE_AA)
    laid = sheet.lay(Source(np.ascontiguousarray(np.rot90(page_, quarters)), 1.0, 1654, 700, drawn=False))
    laid = laid.turned(90 * quarters - laid.turn)
    there = np.linalg.inv(laid.back) @ (np.array([[0, 1, 0], [-1, 0, 1653], [0, 0, 1]]) if quarters else np.eye(3))
    (x0, y0), (x1, y1) = cv2.perspectiveTransform(np.array([[[698.0, 205], [742, 243]]]), there)[0].round().astype(int)
    assert laid.is_written_on((x0, y0, x1, y1)) is doubted
