"""A sentence taken apart: its clauses, the numbers in each, and the words that say what is counted.

Rules:

1. A clause ends at a comma, semicolon, bracket or full stop, at "trong đó" and "gồm", at a colon behind a number, and at "và"
   between two numbers; never inside a number or a phrase of the vocabulary. Where the colon has an answer of its own it ends behind the number.
2. A bracket, and what stands behind "trong đó", is *under* what stands before it.
3. The noun directly behind a number says what is counted. Visits, people, sectors, services, an unknown noun and a bare year
   are not counted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from parsers.labels import meaning_of
from parsers.numbers import Token, scan
from parsers.quick import quick
from parsers.words import Found, vocabulary, words_of

SENTENCE_MAX = 2000  # characters; a longer one is a list or a file that lost its marks, and is not read
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_ITEM = re.compile(r"\s*\d{1,2} +(?=[^\W\d_]{2})")
_INITIAL = re.compile(r"(?:^|[\s(.])[A-ZĐ]\.\s*\Z|\b[A-Z]{1,3}\.\s*\Z")  # "Q.", "TP.": no end of a sentence
_AND = frozenset(["và", "va", "với", "voi"])
_BREAK = re.compile(
    r"[,;:()\[\]]|\.(?=\s|\Z)|\b(?:trong đó|trong do|bao gồm|bao gom|gồm|gom|và|va|với|voi)\b", re.IGNORECASE
)
_HARD_BREAK = re.compile(r"[,;()]|\.(?=\s|\Z)")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_COUNTED = frozenset(["files", "feedback", "documents"])
_NOT_COUNTED = frozenset(["others", "services", "procedures"])
_SHARE_OF = re.compile(
    r"[(,;]\s*(?:đạt|chiếm|tương ứng)?\s*(?:tỷ lệ|tỉ lệ|khoảng)?\s*\Z|(?:đạt|chiếm)\s*(?:tỷ lệ|tỉ lệ)?\s*\Z",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\b(?:tăng|giảm|so với|kế hoạch|chỉ tiêu|mục tiêu)\b", re.IGNORECASE)
_STATES = frozenset(["received", "resolved", "on_time", "early", "early_and_on_time", "overdue", "pending", "returned"])
_CASE = "truong"  # "trường hợp": a case of whatever was spoken of


@quick
@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence with its numbers and its phrases."""

    start: int
    end: int
    depth: int  # brackets around it
    sub: bool  # behind "trong đó", a bracket or a colon
    closed: bool  # ends in a semicolon or full stop
    numbers: tuple[Token, ...]
    hits: tuple[Found, ...]


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets of the sentences of a text; those of the last ones are remembered: each count of a form looks through the same."""
    cuts = [0]
    for match in _SENTENCE.finditer(text):
        opens = text[match.end() : match.end() + 3].lstrip('"“(-+•* ')[:1]
        ends = "\n" in match.group() or opens.isupper() or not opens
        if ends and not _INITIAL.search(text, max(0, match.start() - 5), match.start()):
            cuts.append(match.end())
    return tuple((a, b) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True) if text[a:b].strip())


def atoms_in(hits: Sequence[Found]) -> frozenset[str]:
    """The atoms of some phrases together."""
    return frozenset().union(*(hit.names for hit in hits))


class Sentence:
    """One sentence: words, phrases, numbers, clauses.

    ``item``: the number it opens with that may be its row's ("5 Hồ sơ trả lại | Hồ sơ 0"): it counts nothing where another one stands.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self.hits = tuple(self._phrases())
        tokens = scan(text)
        numbers = tuple(token for token in tokens if token.kind in ("count", "ratio", "malformed"))
        opened = _ITEM.match(text)  # a unit behind a number is written small
        self.item = numbers[0] if numbers and opened and text[opened.end()].isupper() else None
        self.numbers = numbers[1:] if self.item and len(numbers) > 1 else numbers
        self.shares = tuple(token for token in tokens if token.kind == "percent")
        self._publicised = any("publicised" in hit.names for hit in self.hits)
        self.clauses = tuple(self._cut())

    def span(self, hit: Found) -> tuple[int, int]:
        """Offsets of a phrase."""
        return self.words[hit.first].start, self.words[hit.last - 1].end

    def told(self, clause: Clause) -> str:
        """The text of a clause."""
        return self.text[clause.start : clause.end]

    def unit(self, token: Token) -> Found | None:
        """The noun directly behind a number."""
        index = self._behind(token)
        return None if index is None else vocabulary().atoms.at(self.text, self.words, index)

    def share(self, token: Token, core: frozenset[str]) -> Decimal | None:
        """The percentage told of a number of these atoms: "237/290 văn bản … (đạt 81,7 %)", nothing between that means another."""
        share = next((one for one in self.shares if one.start >= token.end), None)
        if share is None or any(token.end <= one.start < share.start for one in self.numbers):
            return None
        gap = self.text[token.end : share.start]
        said = meaning_of(gap).atoms & _STATES
        if said - core:
            return None
        return share.value if _SHARE_OF.search(gap) and not _CHANGE.search(gap + self.text[share.end :][:20]) else None

    def counts(self, token: Token) -> bool:
        """Whether a number counts files, documents or feedback, or could."""
        unit = self.unit(token)
        if unit is not None:
            counted = _COUNTED | {"procedures"} if self._publicised else _COUNTED
            return bool(unit.names & counted) or not (unit.names & _NOT_COUNTED or _YEAR.match(token.raw))
        index = self._behind(token)
        return not _YEAR.match(token.raw) and (index is None or self._is_known(index))

    def _behind(self, token: Token) -> int | None:
        """Index of the word directly behind a number, nothing but blanks between."""
        index = next((i for i, word in enumerate(self.words) if word.start >= token.end), None)
        if index is None or self.text[token.end : self.words[index].start].strip():
            return None
        return index

    def _is_known(self, index: int) -> bool:
        """A word behind a number that no vocabulary knows is taken for a unit of something else."""
        vocab = vocabulary()
        known = (vocab.atoms, vocab.fillers, vocab.links, vocab.times, vocab.units, vocab.scopes)
        return self.words[index].key == _CASE or any(table.at(self.text, self.words, index) for table in known)

    def _phrases(self) -> Iterator[Found]:
        vocab = vocabulary()
        index = 0
        while index < len(self.words):
            hit = vocab.atoms.at(self.text, self.words, index)
            plain = vocab.fillers.at(self.text, self.words, index)
            if plain and (hit is None or plain.last > hit.last):
                index = plain.last
                continue
            if hit:
                yield hit
            index = hit.last if hit else index + 1

    def _cut(self) -> Iterator[Clause]:
        start, subs = 0, [False]
        for match in self._breaks():
            mark = match.group().lower()
            if mark in _AND and not self._between_numbers(start, match.start(), match.end()):
                continue
            before = [token for token in self.numbers if start <= token.start < match.start()] if mark == ":" else []
            if mark == ":" and not before:
                continue
            if before and self._answers(match.end()):
                yield from self._clause(start, before[-1].end, subs, closed=False)
                start = before[-1].end
                continue
            yield from self._clause(start, match.start(), subs, closed=mark in ";.")
            start = match.end()
            if mark in "([":
                subs.append(True)
            elif mark in ")]":
                subs = subs[:-1] or [False]
            elif mark not in _AND and mark not in ",;.":
                subs[-1] = True
        yield from self._clause(start, len(self.text), subs, closed=False)

    def _answers(self, at: int) -> bool:
        """Whether a number stands right behind a colon: "tiếp nhận: 125 giải quyết: 120"; the words before it are its own."""
        return any(token.start >= at and not self.text[at : token.start].strip() for token in self.numbers)

    def _breaks(self) -> Iterator[re.Match[str]]:
        """Marks that stand neither in a number nor in a phrase."""
        tokens = (*self.numbers, *self.shares)
        spans = [self.span(hit) for hit in self.hits] + [(token.start, token.end) for token in tokens]
        for match in _BREAK.finditer(self.text):
            if not any(a < match.end() and match.start() < b for a, b in spans):
                yield match

    def _clause(self, start: int, end: int, subs: Sequence[bool], *, closed: bool) -> Iterator[Clause]:
        if self.text[start:end].strip():
            numbers = tuple(token for token in self.numbers if start <= token.start < end)
            hits = tuple(hit for hit in self.hits if start <= self.span(hit)[0] < end)
            yield Clause(start, end, len(subs) - 1, subs[-1], closed, numbers, hits)

    def _between_numbers(self, start: int, before: int, after: int) -> bool:
        """A number on the left, and one on the right before the next break: "1.073 hồ sơ và đã giải quyết 1.014"."""
        inside = [(token.start, token.end) for token in self.numbers]
        breaks = (after + match.start() for match in _HARD_BREAK.finditer(self.text[after:]))
        right = next((at for at in breaks if not any(a <= at < b for a, b in inside)), len(self.text))
        left = any(start <= token.start < before for token in self.numbers)
        return left and any(after <= token.start < right for token in self.numbers)
