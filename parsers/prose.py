"""Figures told in running text: which number belongs to which words.

Published reports say "đã giải quyết 57.689 bộ hồ sơ (57.502 hồ sơ giải quyết đúng hạn, 187 hồ sơ giải quyết quá hạn)".
Rules:

1. A sentence is cut into clauses at commas, semicolons, brackets, "trong đó", and "và" between two numbers.
2. A number belongs to the words of its own clause, before or behind it; of two numbers in a clause each takes the words on
   the side the clause begins with. Words and number in neighbouring clauses are joined only when neither has another
   partner, and doubted.
3. Inside a bracket or behind "trong đó" a clause inherits what it is a part of: "(… 75 hồ sơ quá hạn)" behind "đang giải
   quyết" is not the overdue line of the form.
4. The noun behind the number says what is counted; a number of visits, people, sectors, services is nobody's.
5. Comparisons, goals and averages are not figures. "Lũy kế", "từ đầu năm", "8 tháng qua" make what follows cumulative.
6. Nothing here is certain: every reading is ``prose`` and the caller flags it unless arithmetic confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from parsers.candidates import Candidate
from parsers.dates import read_window
from parsers.labels import Labels, meaning_of, plain_atoms
from parsers.numbers import Token, scan, widen
from parsers.values import FigureState, Place
from parsers.words import Found, Word, vocabulary, words_of

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_INITIAL = re.compile(r"(?:^|[\s(.])[A-ZĐ]\.\s*\Z|\b[A-Z]{1,3}\.\s*\Z")
_BREAK = re.compile(
    r"[,;:()\[\]]|\.(?=\s|\Z)|\b(?:trong đó|trong do|bao gồm|bao gom|gồm|gom)\b|\b(?:và|va|với|voi)\b", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_STATUS = frozenset(
    "received new workload stock carried resolved on_time early_and_on_time early overdue pending within returned withdrawn "
    "refused due handed_back electronic outgoing incoming publicised".split()
)
_CHANNEL = frozenset("online direct postal level3 level4 levels_mixed".split())
_OBJECT = frozenset("files feedback documents procedures services".split())
_LEVELS = frozenset("level3 level4".split())
_INHERITED = frozenset("pending resolved".split())
_OWN_STATE = frozenset("received new carried stock returned pending resolved withdrawn workload due within refused".split())
_PERIOD_MAX = 45  # days; a longer range of dates is no week's and no month's
_GENERIC = frozenset(["truong"])  # "trường hợp"


@dataclass(slots=True)
class _Clause:
    """A stretch of a sentence with its numbers and its words."""

    start: int
    end: int
    depth: int
    sub: bool  # behind "trong đó", a bracket or a colon
    closed: bool = False  # ends in a semicolon or full stop
    numbers: list[Token] = field(default_factory=list)
    hits: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The time a sentence speaks of."""

    cumulative: bool = False
    past: bool = False


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a text."""
    cuts = [0]
    for match in _SENTENCE.finditer(text):
        opens = text[match.end() : match.end() + 3].lstrip('"“(-+•* ')[:1]
        ends = "\n" in match.group() or opens.isupper() or not opens
        if ends and not _INITIAL.search(text, max(0, match.start() - 5), match.start()):
            cuts.append(match.end())
    return [(a, b) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True) if text[a:b].strip()]


def read_prose(
    labels: Labels, text: str, place: Callable[[int], Place], *, context: frozenset[str] = frozenset(), offset: int = 0
) -> list[Candidate]:
    """The candidates of a paragraph. ``context``: atoms of the figure this text explains; ``offset`` of the text in its line."""
    text = widen(text)
    found: list[Candidate] = []
    frame = _Frame()
    topic: frozenset[str] = context & _OBJECT
    for start, end in sentences(text):
        sentence = text[start:end]
        frame = _frame(sentence, frame)
        read = _Sentence(labels, sentence, context, topic)
        for candidate, at in read.candidates():
            where = place(offset + start + at)
            found.append(
                replace(
                    candidate,
                    place=where,
                    spot=(where.block or 0, offset + start + at),
                    basis="cumulative" if frame.cumulative or candidate.basis == "cumulative" else "period",
                    doubts=candidate.doubts | ({"past"} if frame.past else frozenset()),
                )
            )
        topic = read.topic or topic
    return found


def _frame(sentence: str, before: _Frame) -> _Frame:
    """Cumulative when the sentence opens so; a new time of its own ends what was said before."""
    vocab = vocabulary()
    words = words_of(sentence)
    opening = next(
        (t.start for t in scan(sentence) if t.kind in ("count", "ratio", "malformed") and not _is_time(sentence, t)),
        len(sentence),
    )
    times: set[str] = set()
    for hit in vocab.times.all(sentence, words):
        if words[hit.first].start < opening:
            times |= hit.names
    span = read_window(sentence[:opening], None)
    longer = span is not None and span.start is not None and span.end is not None and (span.end - span.start).days > _PERIOD_MAX
    if ("cumulative" in times or longer) and "period" not in times:
        return _Frame(cumulative=True)
    if "past" in times and "period" not in times:
        return _Frame(past=True)
    dated = any(t.kind == "other" for t in scan(sentence[:opening]))
    return _Frame() if times or dated else before


def _is_time(sentence: str, token: Token) -> bool:
    """``4 tháng qua``, ``2018``: numbers that tell a time."""
    after = sentence[token.end : token.end + 12].strip().lower()
    return bool(_YEAR.match(token.raw)) or after.startswith(
        ("tháng", "năm", "tuần", "ngày", "quý", "thang", "nam", "tuan")
    )


class _Sentence:
    """One sentence taken apart."""

    def __init__(self, labels: Labels, text: str, context: frozenset[str], topic: frozenset[str]) -> None:
        self.labels = labels
        self.text = text
        self.context = context
        self.topic = topic
        self.words = words_of(text)
        self.hits = self._atoms()
        self.numbers = [t for t in scan(text) if t.kind in ("count", "ratio", "malformed")]
        self.clauses = self._cut()

    def _atoms(self) -> list[Found]:
        vocab = vocabulary()
        found = []
        index = 0
        while index < len(self.words):
            hit = vocab.atoms.at(self.text, self.words, index)
            plain = vocab.fillers.at(self.text, self.words, index)
            if plain and (hit is None or plain.last > hit.last):
                index = plain.last
                continue
            if hit:
                found.append(hit)
            index = hit.last if hit else index + 1
        return found

    def _span(self, hit: Found) -> tuple[int, int]:
        return self.words[hit.first].start, self.words[hit.last - 1].end

    def _cut(self) -> list[_Clause]:
        spans = [self._span(hit) for hit in self.hits] + [(t.start, t.end) for t in self.numbers]
        clauses: list[_Clause] = []
        start, depth, sub = 0, 0, False
        subs: list[bool] = []
        for match in _BREAK.finditer(self.text):
            if any(a < match.end() and match.start() < b for a, b in spans):
                continue
            mark = match.group().lower()
            if mark in ("và", "va", "với", "voi") and not self._between_numbers(start, match.start(), match.end()):
                continue
            if mark == ":" and not any(start <= t.start < match.start() for t in self.numbers):
                continue
            clauses.append(_Clause(start, match.start(), depth, sub, closed=mark in ";."))
            start = match.end()
            if mark in "([":
                subs.append(sub)
                depth, sub = depth + 1, True
            elif mark in ")]" and depth:
                depth -= 1
                sub = subs.pop()
            elif mark not in (",", ";", ".", ")", "]", "và", "va", "với", "voi"):
                sub = True
        clauses.append(_Clause(start, len(self.text), depth, sub))
        for clause in clauses:
            clause.numbers = [t for t in self.numbers if clause.start <= t.start < clause.end]
            clause.hits = [h for h in self.hits if clause.start <= self._span(h)[0] < clause.end]
        return [c for c in clauses if c.numbers or c.hits or self.text[c.start : c.end].strip()]

    def _between_numbers(self, start: int, before: int, after: int) -> bool:
        """A number on the left, and one on the right before the next break: "1.073 hồ sơ và đã giải quyết 1.014"."""
        right = _next_hard_break(self.text, after, [(t.start, t.end) for t in self.numbers])
        left = any(start <= t.start < before for t in self.numbers)
        return left and any(after <= t.start < right for t in self.numbers)

    def candidates(self) -> list[tuple[Candidate, int]]:
        """Readings with the offset of their numbers."""
        found: list[tuple[Candidate, int]] = []
        parents: list[frozenset[str]] = [self.context]
        scope = ""
        level: frozenset[str] = frozenset()  # "mức độ 4 là 1.537 hồ sơ, đã giải quyết 1.500": up to the semicolon
        last: dict[int, frozenset[str]] = {}  # what "trong đó" at that depth would be a part of
        near: dict[int, frozenset[str]] = {}  # what a bracket opened at that depth would explain
        waiting: tuple[str, _Clause] | None = None  # an orphan: "words" or "number"
        for clause in self.clauses:
            while len(parents) <= clause.depth:
                parents.append(near.get(len(parents) - 1, parents[-1]))
            del parents[clause.depth + 1 :]
            parent = parents[clause.depth] | (
                last.get(clause.depth, frozenset()) if clause.sub and clause.depth == 0 else frozenset()
            )
            scope = meaning_of(self.text[clause.start : clause.end]).scope or scope
            names = self._names(clause.hits)
            held = level if not names & _CHANNEL else frozenset()
            read, waiting = self._clause(clause, parent | held, waiting)
            read = [(replace(c, scope=c.scope or scope), at) for c, at in read]  # type: ignore[arg-type]
            read = [(c.doubted("loose") if held else c, at) for c, at in read]
            level = frozenset() if clause.closed else (names & _LEVELS if names & _CHANNEL else level)
            if clause.closed:
                waiting = None
            beside = near.get(clause.depth, frozenset())
            found += [(self._after_pending(c, clause, parent, beside), at) for c, at in read]
            main = self._names(clause.hits) & (_INHERITED | _CHANNEL)
            if clause.numbers and self._names(clause.hits) & _STATUS:
                near[clause.depth] = main | (parent & _INHERITED if not main & _INHERITED else frozenset())
            if clause.numbers and main and not (clause.sub and clause.depth == 0):
                last[clause.depth] = main
        return found

    def _after_pending(
        self, candidate: Candidate, clause: _Clause, parent: frozenset[str], beside: frozenset[str]
    ) -> Candidate:
        """ "Đang giải quyết 20 hồ sơ, quá hạn 3 hồ sơ": resolved late, or pending and late? Nobody can tell."""
        own = self._names(clause.hits) & _OWN_STATE
        unsure = candidate.key == "overdue" and not own and "pending" in beside and "resolved" not in parent
        return candidate.doubted("loose", "pending") if unsure else candidate

    def _names(self, hits: Sequence[Found]) -> frozenset[str]:
        return frozenset().union(*(hit.names for hit in hits))

    def _clause(
        self, clause: _Clause, parent: frozenset[str], waiting: tuple[str, _Clause] | None
    ) -> tuple[list[tuple[Candidate, int]], tuple[str, _Clause] | None]:
        numbers = [t for t in clause.numbers if self._counts_something(t)]
        names = self._names(clause.hits)
        status = names & _STATUS - {"refused", "publicised"}
        if not numbers:
            if negated := self._negated(clause, names, parent):
                return [negated], None
            if clause.numbers or not status:
                return [], waiting if not status else None
            if waiting and waiting[0] == "number" and waiting[1].depth == clause.depth:
                token = next(t for t in waiting[1].numbers if self._counts_something(t))
                both = names | self._names(waiting[1].hits)
                return self._bind(token, both, parent, clause, "loose"), None
            return [], ("words", clause)
        if len(numbers) == 1:
            if status:
                joined = waiting[1].hits if waiting and waiting[0] == "words" and names & {"on_time", "early"} else ()
                extra = ("loose",) if waiting and waiting[0] == "words" else ()
                return self._bind(numbers[0], names | self._names(list(joined)), parent, clause, *extra), None
            if waiting and waiting[0] == "words" and waiting[1].depth == clause.depth:
                both = names | self._names(waiting[1].hits)
                return self._bind(numbers[0], both, parent, clause, "loose"), None
            inside = names & _CHANNEL
            return (
                (self._bind(numbers[0], names, parent, clause, "loose"), None) if inside else ([], ("number", clause))
            )
        return self._several(clause, numbers, parent), None

    def _several(
        self, clause: _Clause, numbers: Sequence[Token], parent: frozenset[str]
    ) -> list[tuple[Candidate, int]]:
        """Each number takes the words on the side the clause begins with."""
        words_first = bool(clause.hits) and self._span(clause.hits[0])[0] < numbers[0].start
        found = []
        for index, token in enumerate(numbers):
            low = numbers[index - 1].end if index else clause.start
            high = numbers[index + 1].start if index + 1 < len(numbers) else clause.end
            low, high = (low, token.start) if words_first else (token.end, high)
            mine = [hit for hit in clause.hits if low <= self._span(hit)[0] < high]
            if words_first and index:
                unit = self._unit(numbers[index - 1])
                mine = [hit for hit in mine if hit is not unit]
            names = self._names(mine)
            if names & (_STATUS | _CHANNEL):
                found += self._bind(token, names, parent, clause, "loose")
        return found

    def _unit(self, token: Token) -> Found | None:
        """The noun directly behind a number."""
        index = next((i for i, word in enumerate(self.words) if word.start >= token.end), None)
        if index is None or self.text[token.end : self.words[index].start].strip():
            return None
        return vocabulary().atoms.at(self.text, self.words, index)

    def _counts_something(self, token: Token) -> bool:
        if _YEAR.match(token.raw):
            return self._unit(token) is not None and bool(self._unit(token).names & _OBJECT)  # type: ignore[union-attr]
        unit = self._unit(token)
        if unit is not None:
            return not (unit.names & {"others", "services", "procedures"}) or bool(
                unit.names & {"files", "feedback", "documents"}
            )
        following = next((word for word in self.words if word.start >= token.end), None)
        if following is None or self.text[token.end : following.start].strip():
            return True
        return not self._is_noun(following)

    def _is_noun(self, word: Word) -> bool:
        """A word directly behind a number that no vocabulary knows is taken for a unit of something else."""
        index = self.words.index(word)
        vocab = vocabulary()
        known = (vocab.atoms, vocab.fillers, vocab.links, vocab.times, vocab.units, vocab.scopes)
        return word.key not in _GENERIC and not any(table.at(self.text, self.words, index) for table in known)

    def _negated(self, clause: _Clause, names: frozenset[str], parent: frozenset[str]) -> tuple[Candidate, int] | None:
        """ "Không có hồ sơ quá hạn": a zero told in words."""
        text = self.text[clause.start : clause.end]
        match = re.search(r"\bkhông (?:có|còn|phát sinh|để xảy ra|để)\b", text, re.IGNORECASE)
        if not match or clause.numbers:
            return None
        key, _ = self.labels.by_meaning(plain_atoms(self._full(names - {"others"}, parent)))
        if key is None or key in ("received", "resolved", "on_time"):
            return None
        candidate = Candidate(key, "zero", None, match.group(), Place(), "prose", doubts=frozenset({"loose"}))
        candidate = replace(candidate, value=scan("0")[0].value)
        return candidate, clause.start + match.start()

    def _full(self, names: frozenset[str], parent: frozenset[str]) -> frozenset[str]:
        """The clause's atoms with what it inherits."""
        names = names - {"others"}
        if not names & _OWN_STATE:
            names |= parent & _INHERITED
        if not names & _CHANNEL:
            names |= parent & _CHANNEL
        return names

    def _bind(
        self, token: Token, names: frozenset[str], parent: frozenset[str], clause: _Clause, *doubts: str
    ) -> list[tuple[Candidate, int]]:
        text = self.text[clause.start : clause.end]
        unit = self._unit(token)
        counted = unit.names & _OBJECT if unit else frozenset()
        if counted:
            self.topic = counted
        elif self.topic and not names & _OBJECT:
            names |= self.topic
        if counted & {"feedback", "documents"}:
            names = (names - {"files"}) | counted
        if names & {"goal", "average"} or self._compared(clause, token):
            return []
        atoms = self._full(names - {"compare", "percent", "total"}, parent)
        meaning = meaning_of(text)
        why = set(doubts)
        if meaning.strange:
            why.add("words")
        if "compare" in names:
            why.add("loose")
        return [
            (self._finish(c, token, text, meaning.cumulative and not meaning.period, meaning.scope, why), token.start)
            for c in self._keyed(token, atoms)
        ]

    def _keyed(self, token: Token, atoms: frozenset[str]) -> list[Candidate]:
        core = plain_atoms(atoms)
        if token.kind == "ratio":
            return self._ratio(token, core)
        key, loosely = self.labels.by_meaning(core)
        if key is None:
            return []
        combined = "early_and_on_time" in core or {"early", "on_time"} <= core
        return [replace(self._plain(key, token, loosely=loosely), combined=combined)]

    def _plain(self, key: str, token: Token, *, loosely: bool) -> Candidate:
        state: FigureState = "unreadable" if token.value is None else "zero" if token.value == 0 else "number"
        doubts = frozenset({"words"} if loosely else ()) | frozenset({"spaced"} if token.spaced else ())
        return Candidate(key, state, token.value, token.raw, Place(), "prose", approximate=token.rounded, doubts=doubts)

    def _ratio(self, token: Token, core: frozenset[str]) -> list[Candidate]:
        below = Token("count", token.end, token.end, token.below_raw, token.below)
        if {"resolved", "received"} <= core:
            core -= {"received"}
        key, loosely = self.labels.by_meaning(core)
        if key is None:
            return []
        line = self.labels.form.line(key)
        over = line.over if line and line.over else "received" if key == "resolved" else None
        top = self._plain(key, token, loosely=loosely)
        if over is None:
            return [top.doubted("fraction")]
        return [top.doubted("loose"), self._plain(over, below, loosely=loosely).doubted("loose")]

    def _compared(self, clause: _Clause, token: Token) -> bool:
        """Whether the number says by how much something changed."""
        before = [h for h in clause.hits if "compare" in h.names and self._span(h)[1] <= token.start]
        return bool(before) and token.start - self._span(before[-1])[1] < 25

    def _finish(
        self, candidate: Candidate, token: Token, text: str, cumulative: bool, scope: str, why: set[str]
    ) -> Candidate:
        gap = self.text[max(0, token.start - 24) : token.start]
        words = words_of(gap)
        approximate = any(
            h.last == len(words) and "before" in h.names for h in vocabulary().approximate.all(gap, words)
        )
        after = words_of(self.text[token.end : token.end + 16])
        later = vocabulary().approximate.at(self.text[token.end : token.end + 16], after, 0) if after else None
        return replace(
            candidate,
            approximate=candidate.approximate or approximate or bool(later and "after" in later.names),
            basis="cumulative" if cumulative else "period",
            scope=scope if scope in ("total", "own", "communes") else "",  # type: ignore[arg-type]
            doubts=candidate.doubts | frozenset(why),
            clean=not why and not candidate.doubts and "," not in text.strip(" ,"),
        )


def _next_hard_break(text: str, start: int, numbers: Sequence[tuple[int, int]]) -> int:
    for match in re.finditer(r"[,;()]|\.(?=\s|\Z)", text[start:]):
        at = start + match.start()
        if not any(a <= at < b for a, b in numbers):
            return at
    return len(text)
