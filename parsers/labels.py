"""Where the labels of a form stand in a line, tone-blind, and what a phrase means in other words.

Rules:

1. A label is matched word by word, tolerantly (``label_tree``).
2. A label counts at the start of a line (behind its bullet, "Trong tuần" and the like) or behind a separator; a short label
   only behind the label it belongs beside: one of its own line, or one above where no full label opens the line.
3. The longest label wins. A phrase no label fits is read by meaning: its atoms (words.toml) must be exactly those a line of
   the form names, and no word may be left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from parsers.form import Form, Line
from parsers.label_tree import OPTIONAL, Entry, Row, Tree, entry
from parsers.quick import quick, replace
from parsers.words import Word, vocabulary, words_of

_BEFORE = 8  # characters looked at before a word where a label may begin
_MARKS = frozenset(";,/:(.+-–—…|&")  # one of them, or a tab, parts a label from what stands before it
_LINKS = ("và", "va", "gồm", "đó")  # open a full label, or a short one named by the label before it
_JOINED = re.compile(r"\b(?:và|va|gồm|đó)\s+\Z")
_ANSWERED = re.compile(r"[\s)]*(?:\([^()]*\)\s*)?(?:[:：…]|\.{2})")  # what stands behind a label
_REMEMBERED = 1000  # characters of a phrase whose meaning is remembered
LABELS_MAX = 40  # labels of one line; the form has at most four
_START_MAX = 600  # characters of a line's beginning in which its first label must end
_NEUTRAL = frozenset(["total", "files", "percent"])
_LEVELS = frozenset(["level3", "level4", "fully_online", "partly_online"])
_ATOM = "atom:"


@quick
@dataclass(frozen=True, slots=True)
class Hit:
    """A label found in a text."""

    key: str
    start: int
    end: int
    full: bool  # a full label, not a short one
    slip: bool = False  # matched with a slip of the pen
    named: bool = True  # as the form file spells it; False: by meaning


@quick
@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase says."""

    atoms: frozenset[str]
    strange: int  # words no part of the vocabulary explains
    cumulative: bool = False
    period: bool = False
    past: bool = False
    scope: str = ""


class _Line(NamedTuple):
    """A line being searched."""

    text: str
    row: Row
    recent: Sequence[str]
    cell: bool


class Labels:
    """Every label of one form, ready to be found."""

    def __init__(self, form: Form) -> None:
        self.form = form
        entries = [one for line in form.lines for one in _entries(line)]
        self._tree = Tree([*entries, *(entry(text, "", full=True) for text in form.headings)])
        self._means = {atoms: line.key for line in form.lines for atoms in line.means}
        self._loosely = {atoms: line.key for line in form.lines for atoms in line.loosely}

    def find(
        self, text: str, start: int = 0, recent: Sequence[str] = (), *, cell: bool = False, most: int = LABELS_MAX
    ) -> tuple[Hit, ...]:
        """The labels of a line, left to right. ``recent``: keys of the lines above; ``cell``: short labels may stand alone."""
        words = words_of(text)
        first = next((i for i, word in enumerate(words) if word.start >= start), len(words)) if start else 0
        index = first = _past_context(text, words, first)
        row: Row | None = None
        hits: list[Hit] = []
        while index < len(words) and len(hits) < most and (hits or index == first):
            found = None
            opens, joined = (True, False) if index == first else _before(text, words, index)
            run_on = not (opens or joined) and _runs_on(text, words, index)
            if (opens or joined or run_on) and self._tree.may_open(words, index):
                row = row or self._tree.row(text, words)
                found = self._opened(_Line(text, row, recent, cell), index, hits, opens=opens)
                found = None if found and run_on and not _is_answered(text, found[0]) else found
            if found:
                hits.append(found[0])
            index = found[1] if found else index + 1
        return tuple(hits)

    def _opened(self, line: _Line, index: int, hits: Sequence[Hit], *, opens: bool) -> tuple[Hit, int] | None:
        """The label at a word where one may begin."""
        line = line._replace(recent=()) if any(hit.full and hit.key for hit in hits) else line
        found = self._at(line, index, [hit.key for hit in hits])
        if found is None or found[0].full or self._named(found[0].key):
            return found
        if not opens or (hits and _open_bracket(line.text[hits[-1].end : line.row.words[index].start])):
            return None  # what a bracket tells of a figure is no line of the form
        return found

    def _named(self, key: str) -> bool:
        line = self.form.line(key)
        return line is not None and bool(line.beside)

    def rehearse(self, words: Iterable[str]) -> None:
        """Have every label, and words offices use, looked at before a report is read; those of a line also as they are printed."""
        self._tree.rehearse(words)
        for line in self.form.lines:
            below = self.form.line(line.over) if line.over else None
            printed = line.label[:1].upper() + line.label[1:]
            meaning_of(printed)
            for text in (printed, *(f"{printed}/{label}: 0" for label in (below.labels if below else ()))):
                self.find(text)

    def starts(self, text: str) -> bool:
        """Whether a line begins with a full label or a heading."""
        hits = self.find(text[:_START_MAX], most=1)
        return bool(hits) and hits[0].full

    def _at(self, line: _Line, index: int, seen: Sequence[str]) -> tuple[Hit, int] | None:
        """The longest label beginning at a word, and the index behind it."""
        words = line.row.words
        best: tuple[Hit, int] | None = None
        best_rank = (0, 0, False)
        for at in range(index, min(len(words), index + 1 + (words[index].key in OPTIONAL))):
            for match in self._tree.at(line.row, at, slips=at == index):
                one = match.entry
                if not _allowed(one, seen, line.recent, cell=line.cell):
                    continue
                rank = (match.behind, _nearness(one, seen, line.recent), not match.slip)
                if rank > best_rank:
                    best_rank = rank
                    end = words[match.behind - 1].end
                    best = Hit(one.key, words[index].start, end, one.full, match.slip), match.behind
        return best

    def nested(self, hits: tuple[Hit, ...], above: Sequence[str]) -> tuple[Hit, ...]:
        """Short labels under "Hồ sơ đang giải quyết" speak of pending files: "Quá hạn" there is not the form's line."""
        before = above[-1] if above else ""
        kept: list[Hit] = []
        for hit in hits:
            moved = None if hit.full else self._under(before, hit.key)
            kept.append(replace(hit, key=moved, slip=True) if moved else hit)
            before = kept[-1].key
        return tuple(kept)

    def _under(self, parent: str, key: str) -> str | None:
        """The key a short label names under a label of pending files, when it is another one."""
        above, line = self.form.line(parent), self.form.line(key)
        if above is None or line is None or not line.means or not any("pending" in atoms for atoms in above.means):
            return None
        moved, _ = self.by_meaning(line.means[0] | {"pending"})
        return moved if moved != key else None

    def by_meaning(self, atoms: frozenset[str]) -> tuple[str | None, bool]:
        """The key a set of atoms names, and whether only loosely."""
        core = plain_atoms(atoms)
        if core in self._means:
            return self._means[core], False
        return self._loosely.get(core), True


@lru_cache(maxsize=16)
def labels_of(form: Form) -> Labels:
    """The labels of a form, built once."""
    return Labels(form)


def _entries(line: Line) -> Iterable[Entry]:
    for label in line.labels:
        yield entry(label, line.key, full=True)
    for label in line.short:
        yield entry(label, line.key, line.beside, full=False)


def _allowed(one: Entry, seen: Sequence[str], recent: Sequence[str], *, cell: bool) -> bool:
    if one.full:
        return True
    if one.beside:
        return any(key in one.beside for key in (*seen, *recent))
    return cell or bool(seen) or bool(recent)


def _nearness(one: Entry, seen: Sequence[str], recent: Sequence[str]) -> int:
    """How near the label it stands beside is: the nearer of two wins."""
    if not one.beside:
        return 0
    before = (*recent, *seen)
    return max((at + 1 for at, key in enumerate(before) if key in one.beside), default=0)


def _before(text: str, words: Sequence[Word], index: int) -> tuple[bool, bool]:
    """Whether a mark parts a word from what stands before it, and whether a word does that may open a label."""
    start, (began, behind, _, _) = words[index][0], words[index - 1]
    if start == behind + 1 and text[behind] == " ":
        return False, text[began:behind] in _LINKS
    before = text[max(0, start - _BEFORE) : start]
    return _parts(before), _joins(before)


def _runs_on(text: str, words: Sequence[Word], index: int) -> bool:
    """As in "Đã tiếp nhận: 125 Tổng số hồ sơ đã giải quyết: 120": a capital behind a number or a small letter, and no mark between."""
    return text[words[index][0]].isupper() and not text[words[index - 1][1] - 1].isupper()


def _is_answered(text: str, hit: Hit) -> bool:
    return hit.full and _ANSWERED.match(text, hit.end) is not None


def _parts(before: str) -> bool:
    """Whether a mark parts a word from what stands before it."""
    kept = before.rstrip()
    return kept[-1:] in _MARKS or "\t" in before[len(kept) :]


def _joins(before: str) -> bool:
    """Whether a word that may open a label stands before another."""
    return before.rstrip().endswith(_LINKS) and _JOINED.search(before) is not None


def _open_bracket(text: str) -> bool:
    return text.count("(") > text.count(")")


def _past_context(text: str, words: Sequence[Word], index: int) -> int:
    """Skip "Trong tuần", "Lũy kế", "Trong đó" and scopes in front of a label."""
    vocab = vocabulary()
    while index < len(words):
        key = words[index].key
        if key != "trong" and not vocab.context.opened(key):
            return index
        hit = vocab.times.at(text, words, index) or vocab.scopes.at(text, words, index)
        if hit is None and key == "trong" and index + 1 < len(words) and words[index + 1].key == "do":
            index += 2
            continue
        if hit is None or hit.last >= len(words):
            return index
        index = hit.last
    return index


def plain_atoms(atoms: frozenset[str]) -> frozenset[str]:
    """Atoms without those that change nothing: what is counted by default, totals, channels told twice."""
    core = atoms - _NEUTRAL
    if "files" in atoms:
        core = core - {"procedures"}
    core = core - {"handed_back"} | ({"resolved"} if "postal" in core and "handed_back" in core else frozenset())
    if core & _LEVELS:
        core = core - {"online", "services"}
    if "electronic" in core:
        core = core - {"online"}
    if "feedback" in core or "documents" in core:
        core = core - {"files"}
    if "returned" in core:
        core = core - {"refused"}
    return core


def meaning_of(text: str) -> Meaning:
    """What a phrase says, by its atoms; digits are not looked at."""
    return _remembered(text) if len(text) <= _REMEMBERED else _meaning(text)


def _meaning(text: str) -> Meaning:
    told = vocabulary().told
    words = words_of(text)
    names: set[str] = set()
    strange = index = 0
    while index < len(words):
        hit = told.at(text, words, index)
        if hit is None:
            strange += not words[index].key[0].isdigit()
            index += 1
        else:
            names |= _said(hit.names)
            index = hit.last
    atoms = frozenset(name[len(_ATOM) :] for name in names if name.startswith(_ATOM))
    scope = next((name for name in ("total", "communes", "own") if f"scope:{name}" in names), "")
    return Meaning(atoms, strange, "time:cumulative" in names, "time:period" in names, "time:past" in names, scope)


@cache
def _said(names: frozenset[str]) -> frozenset[str]:
    """What a phrase says: "others" only where it says nothing else."""
    return names if all(name.startswith(_ATOM) for name in names) else names - {f"{_ATOM}others"}


_remembered = lru_cache(maxsize=4096)(_meaning)
