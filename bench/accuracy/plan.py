"""Which layout is written in which format: a list of orders, the same for the same seed and size.

Every layout meets every Word format; tables and lines meet every sheet format; rarer formats meet a turning choice of layouts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.accuracy import carried, monthly, native, others, pictured
from bench.accuracy.native import Format
from bench.accuracy.weekly import LINES, PROSE, TABLES


@dataclass(frozen=True, slots=True)
class Order:
    """One file to write."""

    number: int
    type: str  # weekly | monthly | both | none
    layout: str
    format: Format
    seed: int


def orders(seed: int) -> list[Order]:
    pairs = [*_weekly(), *_monthly(), *_both(), *_none(), *_pictured()]
    return [
        Order(n, kind, layout, form, _seed(seed, layout, form.name)) for n, (kind, layout, form) in enumerate(pairs)
    ]


def _seed(seed: int, layout: str, form: str) -> int:
    return random.Random(f"{seed}/{layout}/{form}").getrandbits(48)


def _weekly() -> Iterator[tuple[str, str, Format]]:
    everything, flat = [*LINES, *TABLES, *PROSE], [*LINES, *TABLES]
    yield from _each("weekly", everything, native.WORD)
    yield from _each("weekly", flat, native.SHEETS)
    yield from _turning("weekly", [*LINES, *PROSE, *TABLES], native.TEXT, 7)
    yield from _turning("weekly", everything, native.ENCODED, 4)
    yield from _turning("weekly", everything, carried.LETTERS, 3)


def _monthly() -> Iterator[tuple[str, str, Format]]:
    layouts = list(monthly.LAYOUTS)
    yield from _each("monthly", layouts, native.WORD)
    yield from _each("monthly", monthly.TABLES, native.SHEETS)
    yield from _turning("monthly", layouts, (*native.TEXT, *native.ENCODED, *carried.LETTERS), 1)


BOTH = "weekly and monthly in one"


def _both() -> Iterator[tuple[str, str, Format]]:
    yield from _each("both", (BOTH,), (*native.WORD, native.TEXT[0], *carried.LETTERS[:3]))


def _none() -> Iterator[tuple[str, str, Format]]:
    """Documents that are no reports: in every Word format, and beside nothing in a mail."""
    yield from _each("none", list(others.DOCUMENTS), (*native.WORD[:2], native.WORD[5], native.WORD[7], native.TEXT[0]))
    yield from _turning("none", list(others.DOCUMENTS), (native.SHEETS[0], native.SHEETS[7]), 2)


PAPER = ("form on dotted lines", "typed lines", "table, label left", "table, ratios and shares", "prose")
PAPER += ("table, unit column", "mixed form and narrative", "table, period and cumulative", "table and prose")
ONE_PAGE = ("table, ratios and shares", "table, label above", "form on dotted lines", "table, scopes")


def _pictured() -> Iterator[tuple[str, str, Format]]:
    yield from _turning("weekly", PAPER, pictured.BROKEN, 7)
    yield from _turning("monthly", list(monthly.LAYOUTS), pictured.BROKEN, 1)
    yield from _turning("weekly", PAPER, pictured.LONG, 4)
    yield from _turning("monthly", ("monthly form filled", "monthly table, unit column"), pictured.LONG, 1)
    yield from _turning("weekly", ONE_PAGE, pictured.SHORT, 4)
    yield from _turning("weekly", PAPER, (pictured.BESIDE,), 3)


def _each(kind: str, layouts: Sequence[str], formats: Sequence[Format]) -> Iterator[tuple[str, str, Format]]:
    for form in formats:
        for layout in layouts:
            yield kind, layout, form


def _turning(
    kind: str, layouts: Sequence[str], formats: Sequence[Format], each: int
) -> Iterator[tuple[str, str, Format]]:
    """Each format meets ``each`` layouts, the next format the ones after them."""
    for n, form in enumerate(formats):
        for k in range(each):
            yield kind, layouts[(n * each + k) % len(layouts)], form
