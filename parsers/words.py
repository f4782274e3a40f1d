"""The shared vocabulary (``words.toml``): phrases found in running text, tone-blind.

Rules:

1. Text is cut into words (letters and digits). In a line written without any tone, words are compared folded; in a line
   with tones they must carry the right ones (``số`` is not ``sở``), wherever the tone mark is put (``hoà``, ``hòa``); of a
   phrase of several words half may carry a wrong tone.
2. A phrase may be broken by blanks, commas, brackets, dashes and quotes, never by a colon, semicolon, slash or full stop.
3. The longest phrase wins at each word; ``#`` in a phrase stands for any number.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate, filterfalse, repeat
from pathlib import Path
from typing import Any, NamedTuple

from parsers.fold import fold

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook, dot below
_REMEMBERED = 1000  # characters of a text whose words are remembered; a line is looked at several times
_WORDS_KEPT = 20_000  # words whose spellings are remembered
_WORD = re.compile(r"\w+")
_PIECES = re.compile(r"(\w+)")
_KEY = re.compile(r"#|\w+")
_Keys = tuple[tuple[str, str], ...]  # folded and toned spelling of each word
_BRIDGE = re.compile(r"[\s,()\[\]\"'“”‘’\-–—&]*\Z")  # what may part the words of one phrase


class Word(NamedTuple):  # made by the thousand: a tuple is made in a quarter of the time
    """A word of a text: its offsets and its spelling, folded and with tones."""

    start: int
    end: int
    key: str  # "so"
    toned: str  # "sô" + acute, the mark always last; "" in a text without tones


class Found(NamedTuple):
    """A phrase found: which words, which names it carries."""

    first: int  # index of its first word
    last: int  # index after its last word
    names: frozenset[str]


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order; those of short texts are remembered."""
    return _remembered(text) if len(text) <= _REMEMBERED else _cut(text)


def _cut(text: str) -> tuple[Word, ...]:
    pieces = _PIECES.split(text)  # what is no word, a word, what is no word …
    if len(pieces) == 1:
        return ()
    ends = tuple(accumulate(map(len, pieces)))
    keys, toned = zip(*map(_SPELLED.__getitem__, pieces[1::2]), strict=True)
    plain = text.isascii() or keys == toned
    return tuple(map(_word, zip(ends[::2], ends[1::2], keys, repeat("") if plain else toned)))  # noqa: B905 - one word a start


_word = partial(tuple.__new__, Word)  # without a function of Python between: a fifth of the time
_found = partial(tuple.__new__, Found)
_remembered = lru_cache(maxsize=4096)(_cut)
_NONE: frozenset[str] = frozenset()
_COUNTED = re.compile(r"\s*/\s*\d|[.,]\d")  # "mức độ 3 và 4/6 hồ sơ": the 4 is no level


class _Spelled(dict[str, tuple[str, str]]):
    """The spellings of a word, folded and toned, worked out when first met."""

    def __missing__(self, word: str) -> tuple[str, str]:
        spelled = _spellings(word)
        if len(self) < _WORDS_KEPT:
            self[word] = spelled
        return spelled


_SPELLED = _Spelled()


def _spellings(word: str) -> tuple[str, str]:
    if word.isascii():
        return (plain := word.lower()), plain
    parts = unicodedata.normalize("NFD", word.lower())
    base = "".join(filterfalse(_TONES.__contains__, parts))
    tone = "".join(filter(_TONES.__contains__, parts))
    return fold(word), unicodedata.normalize("NFC", base) + tone


def keys_of(phrase: str) -> tuple[str, ...]:
    """The folded words of a phrase; ``#`` stays."""
    return tuple("#" if m == "#" else _SPELLED[m][0] for m in _KEY.findall(phrase))


_Option = tuple[_Keys, int, frozenset[str]]  # a phrase, its length, and the names it carries


def _by_second(options: Sequence[_Option]) -> dict[str, list[_Option]]:
    """Phrases with one first word, by the word that follows it in a text; under "" those that fit any."""
    seconds = {"", *(keys[1][0] for keys, size, _ in options if size > 1)}
    return {
        second: [option for option in options if option[1] == 1 or option[0][1][0] in (second, "#")]
        for second in seconds
    }


class Phrases:
    """Named phrases, looked up by their first word, longest first."""

    def __init__(self, named: Mapping[str, Iterable[str]]) -> None:
        table: dict[_Keys, set[str]] = {}
        for name, phrases in named.items():
            for phrase in phrases:
                if keys := tuple(("#", "#") if w == "#" else _SPELLED[w] for w in _KEY.findall(phrase)):
                    table.setdefault(keys, set()).add(name)
        self.names = frozenset(named)
        by_first: dict[str, list[_Option]] = {}
        for keys, names in sorted(table.items(), key=lambda item: -len(item[0])):
            by_first.setdefault(keys[0][0], []).append((keys, len(keys), frozenset(names)))
        self._by_first = {first: _by_second(options) for first, options in by_first.items()}
        self._numbers = "#" in self._by_first  # whether a phrase may begin with any number

    def at(self, text: str, words: Sequence[Word], index: int) -> Found | None:
        """The longest phrase starting at that word."""
        _, _, key, own = words[index]
        seconds = self._by_first.get(key)
        if seconds is None and (not self._numbers or not key[0].isdigit()):
            return None
        following = words[index + 1][2] if index + 1 < len(words) else ""
        third = words[index + 2][2] if index + 2 < len(words) else ""
        options = seconds.get(following) or seconds[""] if seconds else []
        if self._numbers and key[0].isdigit():
            numbers = self._by_first["#"]
            options = options + (numbers.get(following) or numbers[""])
        names: frozenset[str] = frozenset()
        length = 0
        for keys, size, owners in options:
            if size < length:
                break
            if size > 2 and keys[2][0] != third and keys[2][0] != "#":
                continue
            fits = not own or keys[0][1] in (own, "#") if size == 1 else _fits(text, words, index, keys)
            if fits:  # two spellings may differ in tones only: the names of both
                names, length = names | owners if names else owners, size
        return _found((index, index + length, names)) if length else None

    def opened(self, key: str) -> bool:
        """Whether a phrase may begin with that word."""
        return key in self._by_first or (self._numbers and key[0].isdigit())

    def all(self, text: str, words: Sequence[Word]) -> tuple[Found, ...]:
        """Every phrase, left to right, none overlapping."""
        found = []
        behind = 0
        first, numbers = self._by_first, self._numbers
        for index, (_, _, key, _) in enumerate(words):
            if index < behind or (key not in first and not (numbers and key[0].isdigit())):
                continue
            if hit := self.at(text, words, index):
                found.append(hit)
                behind = hit.last
        return tuple(found)

    def within(self, text: str) -> frozenset[str]:
        """Names of every phrase a text holds."""
        hits = self.all(text, words_of(text))
        return frozenset().union(*[found.names for found in hits]) if hits else _NONE

    def whole(self, text: str) -> frozenset[str]:
        """Names of the phrase a text consists of, empty when it is not one phrase."""
        hit = self.first(text)
        return hit.names if hit and hit.last == len(words_of(text)) else _NONE

    def first(self, text: str) -> Found | None:
        """The longest phrase a text begins with; one that opens with another word is not cut into words for that."""
        key = opening(text)
        if key not in self._by_first and not (self._numbers and key[:1].isdigit()):
            return None
        return self.at(text, words_of(text), 0)

    def opening(self, text: str, words: Sequence[Word]) -> int:
        """How many words at the beginning are phrases, one behind the other."""
        index = 0
        while index < len(words) and (hit := self.at(text, words, index)):
            index = hit.last
        return index


def opening(text: str) -> str:
    """The first word of a text, folded, "" where it has none; that of a short text is remembered."""
    return _opening(text) if len(text) <= _REMEMBERED else _opened(text)


def _opened(text: str) -> str:
    match = _WORD.search(text)
    return _SPELLED[match.group()][0] if match else ""


_opening = lru_cache(maxsize=4096)(_opened)


@cache
def phrases_of(words: tuple[str, ...]) -> Phrases:
    """The table of these phrases, all of one name."""
    return Phrases({"": words})


def _together(**tables: Mapping[str, Iterable[str]]) -> Phrases:
    """Several tables as one, asked at once; the longest phrase of all wins. Its names say of which table they are: ``time:period``."""
    return Phrases({f"{kind}:{name}": phrases for kind, table in tables.items() for name, phrases in table.items()})


def _fits(text: str, words: Sequence[Word], index: int, keys: _Keys) -> bool:
    """Whether a phrase of several words stands at a word its own first one was found by."""
    size = len(keys)
    if index + size > len(words):
        return False
    wrong = behind = 0
    forgiven = size // 2
    for (key, toned), (start, end, folded, own) in zip(keys, words[index : index + size]):  # noqa: B905 - as many
        if folded != key and not (key == "#" and folded[0].isdigit()):
            return False
        if own and own != toned and key != "#":
            wrong += 1
            if wrong > forgiven:
                return False
        if behind and not (start == behind + 1 and text[behind] == " ") and not _BRIDGE.match(text[behind:start]):
            return False
        behind = end
    listed = keys[-1][0].isdigit() and (keys[-2][0] == "va" or keys[-2][0].isdigit())
    return not listed or not _COUNTED.match(text, behind)


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
    corrections: Phrases  # words behind which the right number stands
    limiting: Phrases  # words that say a number is not all, or may be wrong
    amending: Phrases  # names: first, anywhere; sentences that set a figure elsewhere right
    amending_marks: tuple[str, ...]  # the same as they are written, with tones and without
    estimated: Phrases  # words of columns and lines whose figures are not the last ones
    beside_count: Phrases  # words that may stand in the name of a count
    initials: Mapping[str, str]  # "TN" → "tiếp nhận"
    context: Phrases  # what may stand in front of a label: times, scopes
    told: Phrases  # everything that has a meaning, or changes none; names: atom:…, time:…, scope:…, plain:…
    known: Phrases  # everything that may stand around a figure


@cache
def vocabulary() -> Vocabulary:
    """The packaged vocabulary, read once."""
    data: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    layout, atoms, scopes = data["layout"], data["atoms"], data["scopes"]
    approximate = {"before": data["approximate"], "after": data["approximate_after"]}
    times = {name: data[name] for name in ("period", "cumulative", "past")}
    values = {name: data[name] for name in ("zero", "nil")}
    plain = {"filler": data["filler"], "link": data["link"], **approximate}
    return Vocabulary(
        atoms=Phrases(atoms),
        fillers=Phrases({"filler": data["filler"]}),
        values=Phrases(values),
        approximate=Phrases(approximate),
        links=Phrases({"link": data["link"]}),
        units=Phrases({"unit": data["unit"]}),
        times=Phrases(times),
        scopes=Phrases(scopes),
        corrections=Phrases({"correction": data["correction"]}),
        limiting=Phrases({"limiting": data["limiting"]}),
        amending=Phrases(data["amending"]),
        amending_marks=tuple({mark for told in data["amending"].values() for one in told for mark in (one, fold(one))}),
        estimated=Phrases({"estimated": data["estimated"]}),
        beside_count=Phrases({"beside": data["beside_count"]}),
        initials=data["initials"],
        context=_together(time=times, scope=scopes),
        told=_together(atom=atoms, time=times, scope=scopes, plain=plain),
        known=_together(atom=atoms, time=times, scope=scopes, plain=plain, value=values, unit={"unit": data["unit"]}),
        columns=Phrases(data["columns"]),
        kinds=Phrases({"other": layout["other_kinds"]}),
        signers=Phrases({"signer": layout["signers"]}),
        mottoes=Phrases({"motto": layout["mottoes"]}),
        offices=Phrases({"office": layout["offices"]}),
        parents=Phrases({"parent": layout["parents"]}),
        footers=Phrases({"footer": layout["footers"]}),
        recipients=Phrases({"recipients": layout["recipients"]}),
        signs=Phrases(
            {"signed": layout["signed"], "digital": layout["digital"], "placeholder": layout["placeholders"]}
        ),
    )
