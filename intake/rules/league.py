"""The league table of a stretch of time: who met the cutoffs, compared fairly.

Rules:

1. Compared are shares of dues on time, then of dues met at all (on time, cured, late), as exact fractions, never rounded.
2. Equal shares share a rank, and the next rank is counted on from there (1, 1, 3).
3. Apart, without a rank: whoever owed for a part of the time only, had a due waived or taken away, or has a due still in review
   (that is ours to settle, never its fault). Their n/E is shown all the same.
4. In the order of the protocol where ranks are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from intake.rules.values import CLASSES, Board

Apart = Literal["", "part", "waived", "in_review", "nothing"]
_BESIDE = ("waived", "not_applicable")


@dataclass(frozen=True, slots=True)
class Standing:
    """One agency over several periods of one report type."""

    agency: str
    expected: int
    classes: dict[str, int]
    waived: int = 0  # dues waived or not applicable
    apart: Apart = ""  # why it has no rank
    rank: int | None = None  # 1 = best; equal shares share a rank

    @property
    def met(self) -> int:
        """Dues for which an acceptable report came."""
        return self.classes["on_time"] + self.classes["cured"] + self.classes["late"]


def league(boards: Sequence[Board]) -> tuple[Standing, ...]:
    """Every agency that owed anything in these periods: the ranked ones by rank, then those apart; protocol order inside each."""
    order = list(dict.fromkeys(line.agency for board in boards for line in board.lines))
    found = [_standing(agency, boards) for agency in order]
    ranked = _ranked([one for one in found if not one.apart])
    return (*ranked, *(one for one in found if one.apart))


def _standing(agency: str, boards: Sequence[Board]) -> Standing:
    lines = [line.due_class for board in boards for line in board.lines if line.agency == agency]
    classes: dict[str, int] = {name: lines.count(name) for name in CLASSES}
    waived = sum(lines.count(name) for name in _BESIDE)
    one = Standing(agency, sum(classes.values()), classes, waived)
    return replace(one, apart=_apart(one, owed=len(lines), periods=sum(bool(board.lines) for board in boards)))


def _apart(one: Standing, *, owed: int, periods: int) -> Apart:
    if owed < periods:
        return "part"
    if one.waived:
        return "waived"
    if one.classes["in_review"]:
        return "in_review"
    return "" if one.expected else "nothing"


def _ranked(found: Sequence[Standing]) -> list[Standing]:
    best_first = sorted(found, key=_share, reverse=True)  # stable: the protocol's order where shares are equal
    ranked: list[Standing] = []
    for place, one in enumerate(best_first, 1):
        tie = bool(ranked) and _share(ranked[-1]) == _share(one)
        ranked.append(replace(one, rank=ranked[-1].rank if tie else place))
    return ranked


def _share(one: Standing) -> tuple[Fraction, Fraction]:
    return Fraction(one.classes["on_time"], one.expected), Fraction(one.met, one.expected)
