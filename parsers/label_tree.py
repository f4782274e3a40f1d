"""The labels of a form as a tree of words, so that labels beginning alike are compared with a line once.

Rules:

1. A label is matched word by word; words that change nothing ("đã", "được", "các") may stand between its own.
2. In a label that has enough other words, those of its own may be missing.
3. One word of a label of four words or more may carry a slip of the pen, if it has four letters.
4. The words of a label are parted by blanks and light punctuation only.
5. What a stretch of words holds is remembered up to the first number no label has, whatever that number is: the labels of a form,
   rehearsed by the warm worker with what mostly stands behind them, are found again at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NamedTuple

from parsers.words import Word, keys_of, words_of

OPTIONAL = frozenset(
    ["da", "duoc", "cac", "la", "ve", "cua", "so", "luong", "tong", "va", "theo", "quy", "dinh", "tthc"]
)
_SLIP_FROM = 4  # words of a label that may carry a slip of the pen, and letters of the word that carries it
_SHORTENED_FROM = 3  # words a label must have beside the optional ones before one of those may be missing
_SLIPS_KEPT = 20_000  # unknown first words remembered with those one slip away
_WORD_MAX = 40  # letters of a word compared with others; a longer one is no word
_STRETCH_MAX = 40  # words remembered together
_STRETCHES_KEPT = 5_000
_ANY = "#"  # stands for every number no label has
_ENDINGS = ("", ": 0")  # what mostly stands behind a label
_INSIDE = re.compile(r"[\s,;%()\-–—&/.:…\"]*\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of one line."""

    keys: tuple[str, ...]
    key: str  # of the line, "" for a heading
    full: bool
    beside: tuple[str, ...]
    shorten: bool  # whether its optional words may be missing
    slips: int  # slips of the pen forgiven


def entry(label: str, key: str, beside: tuple[str, ...] = (), *, full: bool) -> Entry:
    """A label made ready."""
    keys = keys_of(label)
    weighty = sum(word not in OPTIONAL for word in keys)
    return Entry(keys, key, full, beside, weighty >= _SHORTENED_FROM, int(len(keys) >= _SLIP_FROM))


class Row(NamedTuple):
    """The words of a line, ready to be compared."""

    words: tuple[Word, ...]
    bound: tuple[bool, ...]  # for each word, whether a label may go on from the word before it
    marked: tuple[str, ...]  # its spelling, with a mark where a label may not go on; # for a number no label has
    stops: tuple[int, ...]  # index behind the next word no label can pass


class Match(NamedTuple):
    """A label that fits."""

    entry: Entry
    behind: int  # index behind its last word
    slip: bool  # a slip of the pen was forgiven


_match = partial(tuple.__new__, Match)  # without a function of Python between


@dataclass(slots=True)
class _Node:
    edges: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[int, Entry]] = field(default_factory=list)  # labels ending here, with their rank
    spare: list[tuple[str, _Node]] = field(default_factory=list)  # edges of optional words
    forgives: bool = False  # whether a label below forgives a slip


class _At(NamedTuple):
    """A place in the tree and in the line."""

    node: _Node
    word: int
    slips: int = 0
    short: bool = False  # an optional word of the label was missing
    bent: bool = False  # an optional word of the label carried the slip


class Tree:
    """Every label of a form; of equals the longer label, and the full one, comes first."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._roots: dict[str, _Node] = {}
        self._shorn: dict[
            str, list[tuple[int, str]]
        ] = {}  # first words by what is left of them without one letter, or whole
        self._near: dict[str, list[_Node]] = {}
        self._words: dict[str, set[str]] = {}  # words of labels by what is left of them without one letter, or whole
        self._alike: dict[str, frozenset[str]] = {}
        self._kept: dict[tuple[str, ...], list[tuple[Entry, int, bool]]] = {}
        entries = tuple(entries)
        self._numbers = frozenset(key for one in entries for key in one.keys if key[0].isdigit())
        for rank, one in enumerate(sorted(entries, key=lambda e: (-len(e.keys), not e.full))):
            node = self._roots.setdefault(one.keys[0], _Node())
            for key in one.keys[1:]:
                node.forgives = node.forgives or bool(one.slips)
                node = _child(node, key)
            node.ends.append((rank, one))
        for n, first in enumerate(self._roots):
            for shorn in _shorn(first):
                self._shorn.setdefault(shorn, []).append((n, first))
        for word in {key for one in entries for key in one.keys}:
            for shorn in _shorn(word):
                self._words.setdefault(shorn, set()).add(word)

    def may_open(self, words: Sequence[Word], index: int) -> bool:
        """Whether a label may begin at a word, or behind it if it changes nothing."""
        key = words[index].key
        if key in self._roots or (len(key) >= _SLIP_FROM and bool(self._misspelled(key))):
            return True
        return key in OPTIONAL and index + 1 < len(words) and words[index + 1].key in self._roots

    def row(self, text: str, words: tuple[Word, ...]) -> Row:
        """A line's words with what parts them."""
        bound: list[bool] = []
        marked: list[str] = []
        stops: list[int] = []
        behind = 0
        for index, (start, end, key, _) in enumerate(words, 1):
            ok = (start == behind + 1 and text[behind] == " ") or _INSIDE.match(text[behind:start]) is not None
            behind = end
            if not "a" <= key < "{" and key[0].isdigit() and key not in self._numbers:
                key = _ANY  # noqa: PLW2901 - which number it is says nothing
                stops += [index] * (index - len(stops))
            bound.append(ok)
            marked.append(key if ok else f"|{key}")
        stops += [len(words)] * (len(words) - len(stops))
        return Row(words, tuple(bound), tuple(marked), tuple(stops))

    def at(self, row: Row, index: int, *, slips: bool) -> list[Match]:
        """The labels that begin at a word, best first; ``slips``: the word itself may be misspelled."""
        key = row.words[index].key
        if key not in self._roots and (not slips or len(key) < _SLIP_FROM):
            return []
        stretch = (key, *row.marked[index + 1 : row.stops[index]])  # what parts it from the word before is no matter
        if len(stretch) > _STRETCH_MAX:
            return self._found(row, index)
        told = self._kept.get(stretch)
        if told is None:
            told = [(one, behind - index, slip) for one, behind, slip in self._found(row, index)]
            if len(self._kept) < _STRETCHES_KEPT:
                self._kept[stretch] = told
        return [_match((one, index + length, slip)) for one, length, slip in told]

    def _found(self, row: Row, index: int) -> list[Match]:
        key = row.words[index].key
        own = self._roots.get(key)
        starts = [_At(own, index + 1)] if own is not None else [_At(n, index + 1, 1) for n in self._misspelled(key)]
        return [match for _, match in sorted(self._walk(row, starts), key=lambda found: found[0])]

    def _misspelled(self, key: str) -> Sequence[_Node]:
        """First words one slip away: whatever the slip, both spellings have what is left without some letter in common."""
        if key not in self._near:
            alike = {one for shorn in _shorn(key) for one in self._shorn.get(shorn, ())}
            near = [self._roots[first] for _, first in sorted(alike) if one_slip(first, key)]
            self._near[key] = near if len(self._near) < _SLIPS_KEPT else []
        return self._near[key]

    def _walk(self, row: Row, todo: list[_At]) -> list[tuple[int, Match]]:
        found: list[tuple[int, Match]] = []
        while todo:
            at = todo.pop()
            node = at.node
            for rank, one in node.ends:
                if at.slips <= one.slips and not (at.short and not one.shorten) and not (at.bent and one.shorten):
                    found.append((rank, Match(one, at.word, bool(at.slips))))
            if node.edges and at.word < len(row.words):
                todo += self._steps(row, at)
        return found

    def _steps(self, row: Row, at: _At) -> list[_At]:
        """Where a label may go on: with the next word, behind words that change nothing, or without a word of its own."""
        words, (node, index, slips, short, bent) = row.words, at
        steps: list[_At] = []
        passed: list[str] = []
        while index < len(words):
            key = words[index].key
            child = node.edges.get(key)
            if child is not None and row.bound[index] and key not in passed:
                steps.append(_At(child, index + 1, slips, short, bent))
            passed.append(key)
            if key not in OPTIONAL:
                break
            index += 1
        if index >= len(words) or not row.bound[index]:
            return steps
        steps += [_At(child, index, slips, True, bent) for key, child in node.spare if key not in passed]
        if not slips and node.forgives:
            alike = self._one_slip_from(words[index].key)
            for key in node.edges if alike else ():
                if key in alike and key not in passed:
                    steps.append(_At(node.edges[key], index + 1, 1, short, bent or key in OPTIONAL))
        return steps

    def _one_slip_from(self, typed: str) -> frozenset[str]:
        """The words of labels that are one slip away."""
        alike = self._alike.get(typed)
        if alike is None:
            near = {word for shorn in _shorn(typed) for word in self._words.get(shorn, ())}
            alike = frozenset(word for word in near if one_slip(word, typed))
            if len(self._alike) < _SLIPS_KEPT:
                self._alike[typed] = alike
        return alike

    def rehearse(self, words: Iterable[str]) -> None:
        """Look at every label as offices write it, and at words they use, so that none of it is worked out again."""
        for one in {entry for node in self._nodes() for _, entry in node.ends}:
            for ending in _ENDINGS:
                text = f"{' '.join(one.keys)}{ending}"
                row = self.row(text, words_of(text))
                self.at(row, 0, slips=False)
                if (
                    one.keys[0] in OPTIONAL and len(row.words) > 1
                ):  # a label without its first word is looked for as well
                    self.at(row, 1, slips=False)
        for word in words:
            self._one_slip_from(word)
            self._misspelled(word)

    def _nodes(self) -> Iterator[_Node]:
        todo = list(self._roots.values())
        while todo:
            node = todo.pop()
            yield node
            todo += node.edges.values()


def _child(node: _Node, key: str) -> _Node:
    child = node.edges.get(key)
    if child is None:
        child = node.edges[key] = _Node()
        if key in OPTIONAL:
            node.spare.append((key, child))
    return child


def _shorn(word: str) -> set[str]:
    """A word whole and without each of its letters; nothing of a word too long to be one of a label's."""
    if len(word) > _WORD_MAX:
        return set()
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@lru_cache(maxsize=8192)
def one_slip(key: str, typed: str) -> bool:
    """Whether one letter was dropped, doubled, swapped or mistyped."""
    if len(key) < 4 or abs(len(key) - len(typed)) > 1 or key[0].isdigit() or typed[:1].isdigit():
        return False
    if len(key) == len(typed):
        wrong = [i for i, (a, b) in enumerate(zip(key, typed, strict=True)) if a != b]
        swapped = (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and key[wrong[0]] == typed[wrong[1]]
            and key[wrong[1]] == typed[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    longer, shorter = sorted((key, typed), key=len, reverse=True)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
