"""The headings of a table: which cells are labels of the form, what each column is for.

Rules:

1. A cell is a label when a label of the form fills it, brackets and harmless words apart; or when all its words are understood
   and a line of the form names that meaning.
2. A column's heading may stand over several rows; merged cells speak for every column they cover.
3. A row of 1, 2, 3 … is the numbering of columns, never data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from parsers.answers import strange_words
from parsers.cells import number_of, unbracketed
from parsers.dates import tells_long
from parsers.labels import Hit, Labels, meaning_of, plain_atoms
from parsers.lines import bullet_end
from parsers.numbers import is_plain, scan
from parsers.quick import quick, replace
from parsers.told import line_named
from parsers.values import Cell
from parsers.words import vocabulary, words_of

_NUMBER = re.compile(r"\d+")
_LABEL_WORDS = 24  # a cell with more words is a paragraph; twice as many for a label as printed
_INDEX = re.compile(r"[\s(]*(?:\d{1,2}|[A-E])(?:\s*=\s*[\d()+\s/]+)?[)\s.]*\Z")
_SHARES = re.compile(r"\(\s*%\s*\)\s*\Z")
_INDEX_FROM = 3  # cells a numbering has at least, and the highest number it begins with
_OWNER_WORDS = 14  # words of an agency's name
_OTHERWISE = frozenset(
    ["online", "direct", "postal", "procedures", "services", "pending", "stock", "within", "carried", "compare", "goal", "average", "others"]
)  # fmt: skip
_NOT_ANSWERS = frozenset(["percentage", "number", "unit", "note", "other"])


@quick
@dataclass(frozen=True, slots=True)
class Column:
    """What a column's heading says."""

    kind: str = ""  # of words.toml columns, or "" when it says nothing
    scope: str = ""
    text: str = ""
    key: str | None = None  # of the form, when the heading is a label
    loosely: bool = False
    named: bool = False  # the heading is a label as the form spells it
    atoms: frozenset[str] = frozenset()
    strange: int = 0
    combined: bool = False
    estimated: bool = False  # "Ước thực hiện": its figures are not the last ones
    shares: bool = False  # "Kết quả (%)": a bare number below it may be a share
    unclear: frozenset[str] = (
        frozenset()
    )  # what its words say beyond a column's usual names: "online"; "strange" for words nobody knows
    owner: str = ""  # the agency whose figures stand below it: "Sở Tài chính"

    @property
    def answers(self) -> bool:
        """Whether figures stand below it."""
        return self.kind not in _NOT_ANSWERS


@quick
@dataclass(frozen=True, slots=True)
class Head:
    """A label cell of a row."""

    cell: int
    hits: tuple[Hit, ...]
    text: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys its labels name."""
        return tuple(hit.key for hit in self.hits if hit.key)


@dataclass(slots=True)
class Headings:
    """A table's rows, asked for labels and headings."""

    labels: Labels
    rows: Sequence[tuple[Cell, ...]]
    above: list[str] = field(default_factory=list)  # keys read last, for short labels
    _numeric: dict[int, tuple[bool, ...]] = field(default_factory=dict)
    _labels: dict[tuple[str, ...], tuple[Hit, ...]] = field(default_factory=dict)  # by the text and the keys above
    _columns: dict[tuple[int, int], list[Column]] = field(default_factory=dict)

    def label(self, text: str) -> tuple[Hit, ...]:
        """The labels a cell consists of; empty when it holds anything else."""
        asked = (text, *self.above)
        told = self._labels.get(asked)
        if told is None:
            told = self._labels[asked] = self._label(text)
        return told

    def _label(self, text: str) -> tuple[Hit, ...]:
        if not text or len(words_of(text)) > _LABEL_WORDS * 2:
            return ()
        hits = self.labels.find(text, bullet_end(text), self.above, cell=True)
        if not any(hit.key for hit in hits):
            return ()
        rest = unbracketed(text[hits[-1].end :])
        between = [text[a.end : b.start] for a, b in pairwise(hits)]
        counted = any(token.kind in ("count", "ratio", "malformed") for token in scan(rest))
        if counted or any(scan(piece) for piece in between) or strange_words(rest):
            return ()
        return self._reconsidered(hits, rest)

    def _reconsidered(self, hits: tuple[Hit, ...], rest: str) -> tuple[Hit, ...]:
        """Words behind a label that change it: "Hồ sơ tiếp nhận trực tuyến" is not the line "Hồ sơ tiếp nhận"."""
        line = self.labels.form.line(hits[-1].key)
        if line is None or not line.means or len(hits) > 1:
            return hits
        more = plain_atoms(meaning_of(rest).atoms) - {"others", "compare"}
        own = line.means[0]
        if not more - own:
            return hits
        key, loosely = self.labels.by_meaning(own | more)
        return (replace(hits[0], key=key if key and not loosely else ""),)

    def by_words(self, text: str) -> tuple[Hit, ...]:
        """A label in other words: every word understood, and a line of the form names this meaning."""
        bare = text[bullet_end(text) :]
        words = words_of(bare)
        if not words or len(words) > _LABEL_WORDS or any(token.kind != "other" for token in scan(bare)):
            return ()
        meaning = meaning_of(bare)
        if meaning.strange or not plain_atoms(meaning.atoms) or meaning.past:
            return ()
        key, loosely = self.labels.by_meaning(meaning.atoms)
        return (Hit(key, 0, len(text), full=not loosely, slip=loosely, named=False),) if key else ()

    def heads(self, index: int) -> list[Head]:
        """The label cells of a row."""
        found = []
        for c, cell in enumerate(self.rows[index]):
            if is_plain(cell.text):
                continue
            hits = () if cell.number is not None else self.label(cell.text) or self.by_words(cell.text)
            hits = self._count(cell.text, hits)
            if any(hit.key for hit in hits):
                found.append(Head(c, hits, cell.text))
        return found

    def _count(self, text: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """A count of one of the form's texts, where a table gives it a row: "Hội nghị giao ban, sơ kết | 2"."""
        form = self.labels.form
        if not text or any((line := form.line(hit.key)) and line.kind != "text" for hit in hits):
            return hits
        line = line_named(form, text)
        return (Hit(line.key, 0, len(text), full=True, named=False),) if line else hits

    def numeric(self, index: int, first: int = 0) -> bool:
        """Whether a row holds a number from that column on."""
        if index not in self._numeric:
            self._numeric[index] = tuple(number_of(cell) is not None for cell in self.rows[index])
        return any(self._numeric[index][first:])

    def is_index(self, index: int) -> bool:
        """1, 2, 3 … or (1) (2) (3): the numbering of columns."""
        texts = [cell.text or (str(cell.number) if cell.number is not None else "") for cell in self.rows[index]]
        filled = [text for text in texts if text]
        if len(filled) < _INDEX_FROM or not all(_INDEX.match(text) for text in filled):
            return False
        numbers = [int(match.group()) for text in filled if (match := _NUMBER.search(text))]
        steps = all(b - a == 1 for a, b in pairwise(numbers))
        return len(numbers) > 1 and steps and numbers[0] <= _INDEX_FROM

    def columns(self, first: int, last: int) -> list[Column]:
        """Headings of the columns, from rows first to last (excluded), merged cells spread."""
        told = self._columns.get((first, last))
        if told is None:
            told = self._columns[first, last] = self._headed(first, last)
        return told

    def _headed(self, first: int, last: int) -> list[Column]:
        width = max((len(row) for row in self.rows[first:last]), default=0)
        paths: list[list[str]] = [[] for _ in range(width)]
        for row in self.rows[first:last]:
            for c, cell in enumerate(row):
                if not cell.text:
                    continue
                for across in range(c, min(c + max(cell.colspan, 1), width)):
                    if across == c or not (across < len(row) and row[across].text):
                        paths[across].append(cell.text)
        return [self._owned(_column(" – ".join(path))) for path in paths]

    def _owned(self, column: Column) -> Column:
        owner = "" if column.kind or column.scope else self.owner(column.text)
        return replace(column, owner=owner) if owner else column

    def owner(self, text: str) -> str:
        """The agency a heading names; a label, a scope or a sector is none."""
        words = words_of(text)
        if not 1 < len(words) <= _OWNER_WORDS or vocabulary().offices.at(text, words, 0) is None:
            return ""
        named = strange_words(text) and not meaning_of(text).scope and not self.labels.starts(text)
        return text if named and not any(token.kind == "count" for token in scan(text)) else ""

    def keyed(self, first: int, last: int) -> list[Column]:
        """The columns of a block whose labels stand above its numbers, with the key each names."""
        leaves = self.columns(last - 1, last)
        return [
            self._keyed(column, leaves[c] if c < len(leaves) else Column())
            for c, column in enumerate(self.columns(first, last))
        ]

    def _keyed(self, column: Column, leaf: Column) -> Column:
        if not leaf.answers or not column.text:
            return replace(column, kind=leaf.kind or column.kind)
        meaning = meaning_of(column.text)
        key, loosely = self.labels.by_meaning(meaning.atoms)
        if meaning.strange:
            hits = self.label(leaf.text)
            alone = len(hits) == 1 and not meaning.atoms - meaning_of(leaf.text).atoms
            key, loosely = (hits[0].key or None) if alone else None, False
        named = self.label(column.text)
        if key is None and not meaning.strange and len(named) == 1 and named[0].full:
            key, loosely = named[0].key or None, False  # "Số hồ sơ trả lại cho tổ chức, cá nhân"
        if loosely and len(named) == 1 and named[0].full and named[0].key == key:
            loosely = False  # a label as the form prints it needs no guess
        return replace(
            column,
            key=key,
            loosely=loosely,
            named=bool(named),
            atoms=meaning.atoms,
            strange=meaning.strange,
            combined=bool(meaning.atoms & {"early", "early_and_on_time"}),
        )


def merged(above: Column, below: Column) -> Column:
    """Two rows of headings as one."""
    cumulative = "cumulative" in (above.kind, below.kind)
    kind = "cumulative" if cumulative else below.kind or above.kind
    text = f"{above.text} {below.text}".strip()
    return Column(
        kind,
        below.scope or above.scope,
        text,
        unclear=above.unclear | below.unclear,
        owner=below.owner or above.owner,
        estimated=above.estimated or below.estimated,
        shares=above.shares or below.shares,
    )


def _unclear(text: str, *, known: bool) -> frozenset[str]:
    """What a heading says that may make the numbers below it other figures: "Trực tuyến", "Xếp hạng", "Còn lại"."""
    strange = not known and any(map(str.isalpha, text)) and strange_words(unbracketed(text))
    return (meaning_of(text).atoms & _OTHERWISE) | (frozenset(["strange"]) if strange else frozenset())


@lru_cache(maxsize=2048)
def _column(text: str) -> Column:
    vocab = vocabulary()
    text = " ".join(text.split())
    names = vocab.columns.whole(unbracketed(text)) or vocab.columns.whole(text)
    times = vocab.times.within(text)
    kind = min(names, default="")
    if not kind and "%" in text:
        kind = "percentage"
    if not kind:
        kind = next(
            (
                to
                for name, to in (("cumulative", "cumulative"), ("past", "other"), ("period", "period"))
                if name in times
            ),
            "cumulative" if tells_long(text) else "",
        )
    scopes = vocab.scopes.within(text)
    return Column(
        kind,
        next((name for name in ("total", "communes", "own") if name in scopes), ""),
        text,
        estimated=bool(vocab.estimated.within(text)),
        unclear=frozenset() if names else _unclear(text, known=bool(kind or scopes)),
        shares=_SHARES.search(text) is not None,
    )
