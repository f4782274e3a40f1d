"""The shared vocabulary (``words.toml``): phrases found in running text, tone-blind.

Rules:

1. Text is cut into words (letters and digits); words are compared folded, so case, tones and spelling of tones do not count.
2. A phrase may be broken by blanks, commas, brackets, dashes and quotes, never by a colon, semicolon, slash or full stop.
3. The longest phrase wins at each word; ``#`` in a phrase stands for any number.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from parsers.fold import fold

_WORD = re.compile(r"\w+")
_BRIDGE = re.compile(r"[\s,()\[\]\"'“”‘’\-–—&]*\Z")  # what may part the words of one phrase


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its offsets and its folded spelling."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: which words, which names it carries."""

    first: int  # index of its first word
    last: int  # index after its last word
    names: frozenset[str]


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    return tuple(Word(m.start(), m.end(), fold(m.group())) for m in _WORD.finditer(text))


def keys_of(phrase: str) -> tuple[str, ...]:
    """The folded words of a phrase; ``#`` stays."""
    return tuple("#" if m == "#" else fold(m) for m in re.findall(r"#|\w+", phrase))


class Phrases:
    """Named phrases, looked up by their first word, longest first."""

    def __init__(self, named: Mapping[str, Iterable[str]]) -> None:
        table: dict[tuple[str, ...], set[str]] = {}
        for name, phrases in named.items():
            for phrase in phrases:
                if keys := keys_of(phrase):
                    table.setdefault(keys, set()).add(name)
        self.names = frozenset(named)
        self._by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        for keys, names in sorted(table.items(), key=lambda item: -len(item[0])):
            self._by_first.setdefault(keys[0], []).append((keys, frozenset(names)))

    def at(self, text: str, words: Sequence[Word], index: int) -> Found | None:
        """The longest phrase starting at that word."""
        key = words[index].key
        options = self._by_first.get(key, [])
        if key[0].isdigit():
            options = options + self._by_first.get("#", [])
        for keys, names in options:
            if _fits(text, words, index, keys):
                return Found(index, index + len(keys), names)
        return None

    def all(self, text: str, words: Sequence[Word]) -> tuple[Found, ...]:
        """Every phrase, left to right, none overlapping."""
        found = []
        index = 0
        while index < len(words):
            hit = self.at(text, words, index)
            if hit:
                found.append(hit)
            index = hit.last if hit else index + 1
        return tuple(found)

    def within(self, text: str) -> frozenset[str]:
        """Names of every phrase a text holds."""
        words = words_of(text)
        return frozenset().union(*(found.names for found in self.all(text, words)))

    def whole(self, text: str) -> frozenset[str]:
        """Names of the phrase a text consists of, empty when it is not one phrase."""
        words = words_of(text)
        hit = self.at(text, words, 0) if words else None
        return hit.names if hit and hit.last == len(words) else frozenset()


def _fits(text: str, words: Sequence[Word], index: int, keys: tuple[str, ...]) -> bool:
    if index + len(keys) > len(words):
        return False
    for offset, key in enumerate(keys):
        word = words[index + offset]
        if word.key != key and not (key == "#" and word.key[0].isdigit()):
            return False
        if offset and not _BRIDGE.match(text[words[index + offset - 1].end : word.start]):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``words.toml``, ready to be asked."""

    atoms: Phrases
    fillers: Phrases
    values: Phrases  # names: zero, nil
    approximate: Phrases  # names: before, after
    links: Phrases
    units: Phrases
    times: Phrases  # names: period, cumulative, past
    scopes: Phrases  # names: total, own, communes, part
    columns: Phrases  # names: number, unit, label, period, cumulative, other, percentage, note, total
    kinds: Phrases  # names of documents that are not reports
    signers: Phrases
    mottoes: Phrases
    offices: Phrases
    parents: Phrases
    footers: Phrases
    recipients: Phrases
    signs: Phrases


@cache
def vocabulary() -> Vocabulary:
    """The packaged vocabulary, read once."""
    data: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    layout = data["layout"]
    return Vocabulary(
        atoms=Phrases(data["atoms"]),
        fillers=Phrases({"filler": data["filler"]}),
        values=Phrases({"zero": data["zero"], "nil": data["nil"]}),
        approximate=Phrases({"before": data["approximate"], "after": data["approximate_after"]}),
        links=Phrases({"link": data["link"]}),
        units=Phrases({"unit": data["unit"]}),
        times=Phrases({"period": data["period"], "cumulative": data["cumulative"], "past": data["past"]}),
        scopes=Phrases(data["scopes"]),
        columns=Phrases(data["columns"]),
        kinds=Phrases({"other": layout["other_kinds"]}),
        signers=Phrases({"signer": layout["signers"]}),
        mottoes=Phrases({"motto": layout["mottoes"]}),
        offices=Phrases({"office": layout["offices"]}),
        parents=Phrases({"parent": layout["parents"]}),
        footers=Phrases({"footer": layout["footers"]}),
        recipients=Phrases({"recipients": layout["recipients"]}),
        signs=Phrases({"signed": layout["signed"], "digital": layout["digital"], "placeholder": layout["placeholders"]}),
    )
