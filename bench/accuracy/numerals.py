"""Numbers as Vietnamese offices write them: dotted thousands, bare, spaced, two digits, in words, in shares."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bench.accuracy.words import WORDS


@dataclass(frozen=True, slots=True)
class Hand:
    """How one office writes: the habit is kept throughout a document."""

    thousands: str  # "." | "" | " " | ","
    padded: bool  # 05, 00
    pct_digits: int  # 0, 1 or 2 after the comma
    pct_space: bool  # 98,8 % beside 98,8%

    @staticmethod
    def drawn(rng: random.Random) -> Hand:
        thousands = rng.choices([".", "", " "], [7, 3, 1])[0]
        return Hand(thousands, rng.random() < 0.5, rng.choice([0, 1, 1, 2]), rng.random() < 0.25)

    def count(self, number: float) -> str:
        whole = int(number)
        if whole < 10 and self.padded:
            return f"{whole:02d}"
        return f"{whole:,}".replace(",", self.thousands)

    def share(self, part: float, whole: float) -> str:
        return self.percent(float(rounded(100 * part / whole, self.pct_digits))) if whole else "0%"

    def percent(self, value: float) -> str:
        exact = rounded(value, self.pct_digits)
        text = "100" if exact == 100 else str(exact).replace(".", ",")
        return text + (" %" if self.pct_space else "%")


def rounded(value: float, digits: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def in_words(number: int) -> str:
    """1625 → một nghìn sáu trăm hai mươi lăm."""
    if number == 0:
        return WORDS["digits"][0]
    groups = []
    rest = number
    while rest:
        rest, group = divmod(rest, 1000)
        groups.append(group)
    told = []
    for place in range(len(groups) - 1, -1, -1):
        if groups[place]:
            told.append(_three(groups[place], full=place < len(groups) - 1))
            told.append(WORDS["places"][place])
    return " ".join(word for word in told if word)


def _three(number: int, *, full: bool) -> str:
    digits, w = WORDS["digits"], WORDS
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    told = [digits[hundreds], w["hundred"]] if hundreds or full else []
    if tens == 0 and ones:
        told += ([w["odd"]] if told else []) + [digits[ones]]
    elif tens == 1:
        told += [w["ten"]] + ([w["five"] if ones == 5 else digits[ones]] if ones else [])
    elif tens > 1:
        last = {0: [], 1: [w["one"]], 4: [digits[4]], 5: [w["five"]]}.get(ones, [digits[ones]])
        told += [digits[tens], w["tens"], *last]
    return " ".join(told)
