"""The numbers of one sentence tied to its words, clause by clause.

Rules: those of ``prose``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from parsers.candidates import Candidate
from parsers.clauses import Clause, Sentence, atoms_in
from parsers.counted import (
    CHANNEL,
    LEVELS,
    LIFTED,
    NEVER_NEGATED,
    OBJECT,
    STATUS,
    WAY,
    after_pending,
    agrees,
    candidate_of,
    is_part,
    is_part_of,
    is_rounded,
    with_inherited,
)
from parsers.handed_on import HandedOn
from parsers.labels import Labels, meaning_of, plain_atoms
from parsers.numbers import Token, show
from parsers.quick import replace
from parsers.values import Basis, Place
from parsers.words import vocabulary

_REASON = re.compile(r"\b(?:do|vì|nguyên nhân)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:không|khong) (?:có|còn|phát sinh|để xảy ra|để|co|con)\b", re.IGNORECASE)
_OF_A_WHOLE = re.compile(r"\b(?:trên|trong|tren)\s+(?:tổng số|tổng|tong so|số)\s*\Z", re.IGNORECASE)
_AND = ("và", "va")
_GIVEN_BACK = frozenset(["resolved", "handed_back"])
_TWO_GROUPS = re.compile(r"(?<!\d)\d{3}[ \u00a0\u2009\u202f]\d{3}(?!\d)")  # may be the figures of two columns
_COMPARED_WITHIN = 25  # characters between "tăng" and the number it speaks of


class Binding:
    """The numbers of one sentence tied to its words."""

    def __init__(self, labels: Labels, sentence: Sentence, context: frozenset[str], topic: frozenset[str]) -> None:
        self.labels = labels
        self.sentence = sentence
        self.topic = topic
        done = "resolved" in context and bool(context & LEVELS)  # "giải quyết mức độ 3: 4/9; mức độ 4 là 5/9"
        self.context = HandedOn([context], done=done)

    def read(self) -> list[Candidate]:
        """The candidates, each with its offset in the sentence as the second half of its spot."""
        found: list[Candidate] = []
        for clause, sent in zip(self.sentence.clauses, self._sent(), strict=True):
            context = self.context
            names = atoms_in(clause.hits)
            parent = context.parent(clause)
            held = frozenset() if names & CHANNEL else context.level
            opened = frozenset() if names & CHANNEL else context.channel
            context.channel = self._opening(clause) or context.channel
            told = self.sentence.told(clause)
            if vocabulary().scopes.within(told):
                context.scope = meaning_of(told).scope or context.scope
            context.part = context.part or is_part(told)
            beside = context.near.get(clause.depth, frozenset())
            for candidate in self._clause(clause, parent | held | opened | sent):
                read = replace(candidate, scope=candidate.scope or context.scope)  # type: ignore[arg-type]
                read = read.doubted("loose") if held else read
                read = read.doubted("part") if context.part else read
                read = read.doubted("backward") if sent else read
                found.append(after_pending(read, names, parent, beside))
            context.pass_on(clause, parent)
        return found

    def _sent(self) -> list[frozenset[str]]:
        """For each clause the way told behind the next one: "tiếp nhận 02 hồ sơ và trả kết quả 03 hồ sơ qua bưu chính"."""
        ways = []
        for clause, following in pairwise(self.sentence.clauses):
            between = self.sentence.text[clause.end : following.start].strip().lower()
            names, more = atoms_in(clause.hits), atoms_in(following.hits)
            joined = between in _AND and "received" in names and not names & CHANNEL and bool(more & _GIVEN_BACK)
            ways.append(more & WAY if joined and clause.numbers and following.numbers else frozenset())
        return [*ways, frozenset()][: len(self.sentence.clauses)]

    def _opening(self, clause: Clause) -> frozenset[str]:
        """The way of sending a sentence opens with, before what was done: it holds for what follows, too."""
        first = next((hit for hit in clause.hits if hit.names & (CHANNEL | STATUS)), None)
        return first.names & WAY if first and not first.names & STATUS else frozenset()

    def _clause(self, clause: Clause, parent: frozenset[str]) -> list[Candidate]:
        numbers = [token for token in clause.numbers if self.sentence.counts(token)]
        if not numbers:
            return self._words_alone(clause, parent)
        if len(numbers) > 1:
            self.context.words = self.context.number = None
            return self._of_a_whole(clause, numbers, parent) or self._several(clause, numbers, parent)
        return self._one(clause, numbers[0], parent)

    def _words_alone(self, clause: Clause, parent: frozenset[str]) -> list[Candidate]:
        """A clause without a number: a zero in words, or the words of a number next door."""
        names, context = atoms_in(clause.hits), self.context
        if negated := self._negated(clause, names, parent):
            return [negated]
        if clause.numbers or not names & STATUS:
            return []
        lonely, context.number = context.number, None
        if lonely and lonely.depth == clause.depth:
            context.words = None
            token = next(token for token in lonely.numbers if self.sentence.counts(token))
            return self._bind(token, names | atoms_in(lonely.hits), parent, clause, "loose")
        context.words = clause
        return []

    def _one(self, clause: Clause, token: Token, parent: frozenset[str]) -> list[Candidate]:
        names, context = atoms_in(clause.hits), self.context
        waiting, context.words, context.number = context.words, None, None
        if token.kind == "ratio" and names & LEVELS:
            names |= {"resolved"} if context.done and not names & STATUS else frozenset()
            context.done = "resolved" in names
        if names & STATUS:
            joined = atoms_in(waiting.hits) if waiting and names & {"on_time", "early"} else frozenset()
            return self._bind(
                token,
                names | joined,
                parent,
                clause,
                *(("loose",) if waiting and not _is_said_again(waiting, names) else ()),
            )
        if waiting and waiting.depth == clause.depth:
            return self._bind(token, names | atoms_in(waiting.hits), parent, clause, "loose")
        if names & CHANNEL:
            return self._bind(token, names, parent, clause, "loose")
        context.number = clause
        return []

    def _of_a_whole(self, clause: Clause, numbers: Sequence[Token], parent: frozenset[str]) -> list[Candidate]:
        """A ratio in words: "27 hồ sơ được giải quyết ở mức độ 3 trên tổng số 32 hồ sơ mức độ 3"."""
        top, whole = numbers[:2]
        if len(numbers) != 2 or {top.kind, whole.kind} != {"count"}:
            return []
        if not _OF_A_WHOLE.search(self.sentence.text, top.end, whole.start):
            return []
        ratio = replace(top, kind="ratio", below=whole.value, below_raw=whole.raw)
        found = self._bind(ratio, atoms_in(clause.hits), parent, clause)
        return found if len(found) == 2 else []

    def _several(self, clause: Clause, numbers: Sequence[Token], parent: frozenset[str]) -> list[Candidate]:
        """Each number takes the words on the side the clause begins with."""
        span = self.sentence.span
        words_first = bool(clause.hits) and span(clause.hits[0])[0] < numbers[0].start
        found = []
        for index, token in enumerate(numbers):
            before = numbers[index - 1].end if index else clause.start
            behind = numbers[index + 1].start if index + 1 < len(numbers) else clause.end
            low, high = (before, token.start) if words_first else (token.end, behind)
            unit = self.sentence.unit(numbers[index - 1]) if words_first and index else None
            names = atoms_in([hit for hit in clause.hits if low <= span(hit)[0] < high and hit != unit])
            if names & (STATUS | CHANNEL):
                found += self._bind(token, names, parent, clause, "loose")
        return found

    def _negated(self, clause: Clause, names: frozenset[str], parent: frozenset[str]) -> Candidate | None:
        """As in "Không có hồ sơ quá hạn": a zero told in words."""
        match = _NEGATION.search(self.sentence.told(clause))
        if not match or clause.numbers:
            return None
        key, _ = self.labels.by_meaning(plain_atoms(with_inherited(names, parent)))
        if key is None or key in NEVER_NEGATED:
            return None
        spot = (0, clause.start + match.start())
        return Candidate(
            key, "zero", Decimal(0), match.group(), Place(), "prose", doubts=frozenset({"loose"}), spot=spot
        )

    def _bind(
        self, token: Token, names: frozenset[str], parent: frozenset[str], clause: Clause, *doubts: str
    ) -> list[Candidate]:
        """The candidates of a number and its words."""
        names = self._about(token, names)
        if names & {"goal", "average"} or self._is_compared(clause, token):
            return []
        why = {*doubts, *(("loose",) if token is self.sentence.item else ())}
        meaning = meaning_of(self._without_reason(clause, token))
        if meaning.strange:
            why.add("words")
        if "compare" in names:
            why.add("loose")
        plain = plain_atoms(with_inherited(names - {"compare", "percent", "total"}, parent))
        read = self._ratio(token, plain) if token.kind == "ratio" else self._count(token, plain)
        cumulative = meaning.cumulative and not meaning.period
        told = [self._finish(candidate, token, clause, why) for candidate in read]
        basis: Basis = "cumulative" if cumulative else "period"
        inside = "on_time" if "on_time" in parent else ""
        return [replace(c, basis=basis, scope=meaning.scope, part_of=inside) for c in told]  # type: ignore[arg-type]

    def _without_reason(self, clause: Clause, token: Token) -> str:
        """A clause up to the reason it gives: "trả lại 3 hồ sơ do chưa đủ thành phần"."""
        reason = _REASON.search(self.sentence.text, token.end, clause.end)
        return self.sentence.text[clause.start : reason.start() if reason else clause.end]

    def _about(self, token: Token, names: frozenset[str]) -> frozenset[str]:
        """The atoms with what is counted: the noun behind the number, else what was spoken of last."""
        unit = self.sentence.unit(token)
        counted = unit.names & OBJECT if unit else frozenset()
        if counted:
            self.topic = counted
        elif not names & OBJECT:
            names |= self.topic
        elif "feedback" in names:
            self.topic = names & OBJECT  # "Phản ánh, kiến nghị: tiếp nhận 3, đã giải quyết 2"
        return (names - {"files"}) | counted if counted & {"feedback", "documents"} else names

    def _is_compared(self, clause: Clause, token: Token) -> bool:
        """Whether the number says by how much something changed."""
        ends = [self.sentence.span(hit)[1] for hit in clause.hits if "compare" in hit.names]
        before = [end for end in ends if end <= token.start]
        return bool(before) and token.start - before[-1] < _COMPARED_WITHIN

    def _count(self, token: Token, core: frozenset[str]) -> list[Candidate]:
        key, loosely = self.labels.by_meaning(core)
        if key is None:
            return []
        combined = "early_and_on_time" in core or {"early", "on_time"} <= core
        share = self.sentence.share(token, core)
        read = replace(candidate_of(key, token, loosely=loosely), combined=combined, percent=share)
        return [read, *self._asked(key, share)]

    def _ratio(self, token: Token, core: frozenset[str]) -> list[Candidate]:
        """As in "20.280/22.229 hồ sơ đã được tiếp nhận": both sides, doubted."""
        key, loosely = self.labels.by_meaning(core - {"received"} if {"resolved", "received"} <= core else core)
        if key is None:
            return []
        line = self.labels.form.line(key)
        asked = line is not None and line.over is not None
        over = line.over if line and line.over else "received" if key == "resolved" else None
        share = self.sentence.share(token, core)
        top = replace(candidate_of(key, token, loosely=loosely), percent=share)
        if over is None:
            return [replace(top, below=token.below).doubted("fraction")]
        below = Token("count", token.end, token.end, token.below_raw, token.below)
        sure = agrees(token, share) if share is not None else asked and is_part_of(token)
        pair = [*self._asked(key, share), top, candidate_of(over, below, loosely=loosely)]
        return pair if sure else [candidate.doubted("loose") for candidate in pair]

    def _asked(self, key: str, share: Decimal | None) -> list[Candidate]:
        """A percentage told of a figure, where the form asks for it too."""
        line = self.labels.form.share_of(key)
        if line is None or share is None:
            return []
        return [Candidate(line.key, "number" if share else "zero", share, f"{show(share)}%", Place(), "prose")]

    def _finish(self, candidate: Candidate, token: Token, clause: Clause, why: set[str]) -> Candidate:
        text = self.sentence.text
        lists = "," in self.sentence.told(clause).strip(" ,") and bool(atoms_in(clause.hits) & CHANNEL)
        if "spaced" in candidate.doubts and self.sentence.unit(token) and not _TWO_GROUPS.search(token.raw):
            candidate = replace(candidate, doubts=candidate.doubts - {"spaced"})  # "3 384 hồ sơ" is one number
        clean = not why and not candidate.doubts - LIFTED and not lists
        return replace(
            candidate,
            approximate=candidate.approximate or is_rounded(text, token),
            doubts=candidate.doubts | frozenset(why),
            clean=clean,
            spot=(0, token.start + (candidate.raw != token.raw)),
        )


def _is_said_again(words: Clause, names: frozenset[str]) -> bool:
    """Whether a clause without a number says nothing the next one does not: "Đã công khai, niêm yết 131/131 TTHC"."""
    return atoms_in(words.hits) <= names
