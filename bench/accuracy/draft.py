"""One report being written: fills sentences, remembers what each of them states.

Slots of a sentence: ``{key}`` prints and states a figure; ``{.key}`` the same between dots; ``{key!}`` rounded, to be flagged;
``{~name}`` a number that is not asked for; ``{%a/b}`` a share of two figures; ``{key:words}`` in words; ``{=name}`` a text.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from bench.accuracy.numerals import Hand, in_words, rounded
from bench.accuracy.page import Block, Cell, Page, Para
from bench.accuracy.truth import BLANK, NIL, NUMBER, ZERO, Said, Truth, Value
from bench.accuracy.words import WORDS

SLOT = re.compile(r"\{([.~%=]?)([a-z0-9_]+)(?:/([a-z0-9_]+))?(!|:words)?\}")
PERCENT_KEYS = "_pct"


@dataclass(slots=True)
class Draft:
    """A report on its way to the page."""

    rng: random.Random
    hand: Hand
    values: dict[str, Value]
    beside: dict[str, int]
    names: dict[str, str]
    truth: Truth
    page: Page = field(default_factory=Page)
    zero_told: bool = False  # a zero may be told as "không có"
    dotted: str = "..."  # how this office's leaders look: dots, or the one-character ellipsis

    def pick(self, texts: list[Any]) -> Any:
        return self.rng.choice(texts)

    # ---- sentences -----------------------------------------------------------------------------------------------

    def fill(self, template: str) -> str:
        """The sentence, with everything it states recorded under it."""
        stated: list[tuple[str, Said]] = []
        text = SLOT.sub(lambda match: self._slot(match, stated), template)
        for key, said in stated:
            said.sentence = text
            self.truth.figures[key] = said
        return text

    def _slot(self, match: re.Match[str], stated: list[tuple[str, Said]]) -> str:
        sort, name, other, extra = match.groups()
        if sort == "=":
            return self.names[name]
        if sort == "~":
            return self.hand.count(self.beside[name])
        if sort == "%":
            return self.hand.share(self.number(name), self.number(other))
        if extra == ":words":
            return in_words(int(self.number(name)))
        if extra == "!":
            near = 10 * (int(self.number(name)) // 10 + 1)
            stated.append((name, Said(NUMBER, near, "", must_flag=True)))
            return self.hand.count(near)
        value = self.values[name]
        stated.append((name, Said(value.state, self.exact(name), "")))
        text = self.printed(name)
        return self._between_dots(text) if sort == "." else text

    def number(self, key: str) -> float:
        return self.values[key].number or 0

    def _between_dots(self, text: str) -> str:
        long, short = self.dotted * self.rng.randint(1, 3), self.dotted * self.rng.randint(0, 2)
        return f"{long}{text}{short}" if self.rng.random() < 0.8 else f"{long} {text} {short}".rstrip()

    def exact(self, key: str) -> float | None:
        """The value as it will stand on the page: a share has the digits this office gives it."""
        number = self.values[key].number
        return (
            float(rounded(number, self.hand.pct_digits))
            if number is not None and key.endswith(PERCENT_KEYS)
            else number
        )

    def printed(self, key: str) -> str:
        """A figure as this office writes it."""
        value = self.values[key]
        if value.state == NIL:
            return self.pick(WORDS["nil"])
        if value.state == BLANK:
            return self.pick(WORDS["blank"])
        if value.state == ZERO and self.zero_told:
            return self.pick(WORDS["zero"])
        if key.endswith(PERCENT_KEYS):
            return self.hand.percent(value.number or 0)
        return self.hand.count(value.number or 0)

    # ---- the page ----------------------------------------------------------------------------------------------------

    def put(self, block: Block) -> None:
        self.page.blocks.append(block)

    def say(self, template: str, **look: bool) -> None:
        """Fills a template and puts it on the page, a paragraph for each of its lines."""
        for line in template.split("\n"):
            text = self.fill(line)
            if text:
                self.put(Para(text, **look))

    def cell(self, key: str, label: str, **more: Any) -> Cell:
        """A cell of a table holding one figure; the row's label is its sentence."""
        value = self.values[key]
        text = self.printed(key) if value.state != BLANK or self.rng.random() < 0.5 else ""
        self.truth.figures[key] = Said(value.state, value.number, f"{label} | {text}")
        return Cell(text, number=value.number if value.state in (NUMBER, ZERO) else None, **more)

    def decoy(self, name: str, **more: Any) -> Cell:
        number = self.beside[name]
        return Cell(self.hand.count(number), number=number, **more)
