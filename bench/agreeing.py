"""How often readings that agree on a figure are all wrong: what belief (``parsers.belief``) rests on.

    python -m bench.agreeing [LINES] [SEED]

Lines with figures of seeded truth, in faces agencies use, drawn at 150 to 300 dots an inch and worn as scanners wear them,
are read as pages are read. A figure counts where the line holds as many numbers as were drawn. Printed: for each way the three readings may agree, how many
figures, and how many of them are not what was drawn.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.train_digits import worn
from parsers.belief import agreement
from parsers.pages.numbers import Checked
from parsers.pages.page import numbers_of
from parsers.pages.recogniser import Recogniser
from parsers.scan import Number
from parsers.values import SeenNumber

FACES = [
    f"/usr/share/fonts/truetype/{name}.ttf"
    for name in (
        "liberation/LiberationSerif-Regular", "liberation/LiberationSerif-Bold", "liberation/LiberationSerif-Italic",
        "liberation/LiberationSans-Regular", "croscore/Tinos-Regular", "croscore/Tinos-Regular", "croscore/Arimo-Regular",
        "dejavu/DejaVuSans", "dejavu/DejaVuSerif",
    )
]  # fmt: skip
LABELS = ("Tong so ho so da tiep nhan:", "Ho so qua han:", "Da giai quyet", "- Van ban dien tu:")


def drawn(chance: np.random.Generator) -> tuple[np.ndarray, str]:
    """A line and the number in it."""
    size = int(chance.choice([150, 150, 200, 220, 300]) * 13 / 72)
    face = ImageFont.truetype(str(chance.choice(FACES)), size)
    number = int(10 ** chance.uniform(0, 4.3))
    figure = f"{number:,}".replace(",", ".") if chance.random() < 0.7 else f"{number:02d}"
    if chance.random() < 0.25:
        figure += f"/{number + int(chance.integers(0, 40))}"
    text = f"{chance.choice(LABELS)} {figure} ho so"
    x0, y0, x1, y1 = face.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 40, int(y1 - y0) + 40), 255)
    ImageDraw.Draw(image).text((20 - x0, 20 - y0), text, font=face, fill=0)
    grey = worn(np.asarray(image), chance)
    share = 220 * 13 / 72 / size
    if share > 1.1:
        grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_CUBIC)
    return grey, figure


def way(number: Number) -> str:
    """How its readings agree."""
    digits = [re.sub(r"[^\d/?]", "", told.text) for told in (number.line, number.alone, number.shapes)]
    line, alone, shapes = digits
    both = bool(line) and line == alone
    sure = min(number.line.sure, number.alone.sure)
    third = "silent" if not shapes.strip("?/") else "partly" if "?" in shapes else "whole"
    fits = len(shapes) == len(alone) and all(a in ("?", b) for a, b in zip(shapes, alone, strict=True))
    eyes = "agrees" if fits and third != "silent" else third if third == "silent" else "differs"
    level = "0.94" if sure >= 0.94 else "0.9" if sure >= 0.9 else "0.8" if sure >= 0.8 else "less"
    return f"line = alone, least {level}; shapes {third} {eyes}" if both else f"line ≠ alone; shapes {third} {eyes}"


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chance = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    cv2.setNumThreads(1)
    recogniser = Recogniser()
    ways: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    levels: Counter[int] = Counter()
    wrong_levels: Counter[int] = Counter()
    for _ in range(lines):
        grey, figure = drawn(chance)
        found = [one for one in numbers_of(grey, recogniser.line(grey), recogniser) if one.number]
        if len(found) != 1:
            ways["another count of numbers"] += 1
            continue
        number = number_of(found[0])
        off = re.sub(r"[^\d/]", "", number.text) != re.sub(r"[^\d/]", "", figure)
        ways[way(number)] += 1
        wrong[way(number)] += off
        told = tuple((one.text, one.sure) for one in (number.line, number.alone, number.shapes))
        level = agreement(SeenNumber(1, None, None, number.text, told, None), number.text)
        levels[level] += 1
        wrong_levels[level] += off
        if off and level:
            print("  wrong:", figure, "read", number)
    for name, count in sorted(ways.items()):
        print(f"{name:60} {count:6} {wrong[name]:4} wrong")
    print("believed at 2, 1, 0:", [(level, levels[level], wrong_levels[level]) for level in (2, 1, 0)])


def number_of(one: Checked) -> Number:
    assert one.number
    return one.number


if __name__ == "__main__":
    main()
