"""Figures told in running text: which number belongs to which words.

Published reports say "đã giải quyết 57.689 bộ hồ sơ (57.502 hồ sơ giải quyết đúng hạn, 187 hồ sơ giải quyết quá hạn)".
Rules:

1. A number belongs to the words of its own clause, before or behind it; of two numbers in a clause each takes the words on
   the side the clause begins with. Words and number in neighbouring clauses are joined only when neither has another
   partner, and doubted.
2. Inside a bracket or behind "trong đó" a clause inherits what it is a part of: "(… 75 hồ sơ quá hạn)" behind "đang giải
   quyết" is not the overdue line of the form.
3. Comparisons, goals and averages are not figures. "Lũy kế", "từ đầu năm", "8 tháng qua", or dates more than 45 days apart make
   what follows cumulative.
4. Nothing here is certain: every reading is ``prose`` and the caller flags it unless arithmetic confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from parsers.candidates import Candidate
from parsers.clauses import SENTENCE_MAX, Clause, Sentence, atoms_in, sentences
from parsers.dates import read_window
from parsers.labels import Labels, meaning_of, plain_atoms
from parsers.numbers import Token, scan, widen
from parsers.values import Basis, FigureState, Place
from parsers.words import vocabulary, words_of

_STATUS = frozenset(
    [
        "received",
        "new",
        "workload",
        "stock",
        "carried",
        "resolved",
        "on_time",
        "early_and_on_time",
        "early",
        "overdue",
        "pending",
        "within",
        "returned",
        "withdrawn",
        "due",
        "handed_back",
        "electronic",
        "outgoing",
        "incoming",
    ]
)
_CHANNEL = frozenset(
    ["online", "direct", "postal", "level3", "level4", "fully_online", "partly_online", "levels_mixed"]
)
_WAY = frozenset(["postal", "online", "direct"])
_OBJECT = frozenset(["files", "feedback", "documents", "procedures", "services"])
_LEVELS = frozenset(["level3", "level4", "fully_online", "partly_online"])
_INHERITED = frozenset(["pending", "resolved"])
_LATE = frozenset(["pending", "resolved"])  # kinds of overdue files a bracket behind "quá hạn" may tell apart
_LEAF = frozenset(["on_time", "overdue"])  # what a bracket may explain further
_OWN_STATE = frozenset(
    [
        "received",
        "new",
        "carried",
        "stock",
        "returned",
        "pending",
        "resolved",
        "withdrawn",
        "workload",
        "due",
        "within",
        "refused",
    ]
)
_NEVER_NEGATED = frozenset(["received", "resolved", "on_time"])  # "không có hồ sơ tiếp nhận trễ" says nothing of them
_REASON = re.compile(r"\b(?:do|vì|nguyên nhân)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:không|khong) (?:có|còn|phát sinh|để xảy ra|để|co|con)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_TIMES = ("tháng", "năm", "tuần", "ngày", "quý", "thang", "nam", "tuan")
_PERIOD_MAX = 45  # days; a longer range of dates is no week's and no month's
_COMPARED_WITHIN = 25  # characters between "tăng" and the number it speaks of
_NEAR = 24  # characters in front of a number in which "gần", "hơn" may stand


def read_prose(
    labels: Labels, text: str, place: Callable[[int], Place], *, context: frozenset[str] = frozenset(), offset: int = 0
) -> list[Candidate]:
    """The candidates of a paragraph. ``context``: atoms of the figure it explains; ``offset`` of the text in its line."""
    text = widen(text)
    found: list[Candidate] = []
    frame = _Frame()
    topic = context & _OBJECT
    for start, end in sentences(text):
        if end - start > SENTENCE_MAX:
            continue
        sentence = Sentence(text[start:end])
        frame = _frame(sentence.text, frame)
        binding = _Binding(labels, sentence, context, topic)
        for candidate in binding.read():
            at = offset + start + candidate.spot[1]
            where = place(at)
            found.append(frame.tell(replace(candidate, place=where, spot=(where.block or 0, at))))
        topic = binding.topic or topic
    return found


@dataclass(frozen=True, slots=True)
class _Frame:
    """The time a sentence speaks of."""

    cumulative: bool = False
    past: bool = False

    def tell(self, candidate: Candidate) -> Candidate:
        """The candidate within this time."""
        if self.cumulative:
            candidate = replace(candidate, basis="cumulative")
        return candidate.doubted("past") if self.past else candidate


def _frame(sentence: str, before: _Frame) -> _Frame:
    """Cumulative when the sentence opens so; a new time of its own ends what was said before."""
    words = words_of(sentence)
    counted = (t for t in scan(sentence) if t.kind in ("count", "ratio", "malformed") and not _is_time(sentence, t))
    opening = next((token.start for token in counted), len(sentence))
    early = [hit.names for hit in vocabulary().times.all(sentence, words) if words[hit.first].start < opening]
    times = frozenset().union(*early)
    if "period" in times:
        return _Frame()
    if "cumulative" in times or _is_long(sentence[:opening]):
        return _Frame(cumulative=True)
    if "past" in times:
        return _Frame(past=True)
    dated = any(token.kind == "other" for token in scan(sentence[:opening]))
    return _Frame() if times or dated else before


def _is_long(text: str) -> bool:
    window = read_window(text, None)
    return (
        window is not None
        and None not in (window.start, window.end)
        and (
            (window.end - window.start).days > _PERIOD_MAX  # type: ignore[operator]
        )
    )


def _is_time(sentence: str, token: Token) -> bool:
    """``4 tháng qua``, ``2018``: numbers that tell a time."""
    after = sentence[token.end : token.end + 12].strip().lower()
    return bool(_YEAR.match(token.raw)) or after.startswith(_TIMES)


@dataclass(slots=True)
class _Context:
    """What the clauses read so far hand on to the next one."""

    parents: list[frozenset[str]]  # by depth of brackets: what a clause there is a part of
    last: frozenset[str] = frozenset()  # what "trong đó" would be a part of
    near: dict[int, frozenset[str]] = field(default_factory=dict)  # what a bracket opened at that depth would explain
    level: frozenset[str] = frozenset()  # "mức độ 4 là 1.537 hồ sơ, đã giải quyết 1.500": up to the semicolon
    channel: frozenset[str] = (
        frozenset()
    )  # "Qua bưu chính đã tiếp nhận 07 hồ sơ và trả kết quả 08": up to the semicolon
    done: bool = False  # "giải quyết mức độ 3 là 4/9 hồ sơ; mức độ 4 là 5/9": what was done with the level before
    scope: str = ""
    whole: str = ""  # the scope in force before "trong đó cấp xã …"
    part: bool = False  # "riêng lĩnh vực đất đai …": the rest of the sentence speaks of a part
    words: Clause | None = None  # words that still wait for a number
    number: Clause | None = None  # a number that still waits for words

    def parent(self, clause: Clause) -> frozenset[str]:
        """What a clause is a part of."""
        while len(self.parents) <= clause.depth:
            self.parents.append(self.near.get(len(self.parents) - 1, self.parents[-1]))
        del self.parents[clause.depth + 1 :]
        inherited = self.last if clause.sub and not clause.depth else frozenset()
        return self.parents[clause.depth] | inherited

    def pass_on(self, clause: Clause, parent: frozenset[str]) -> None:
        """Note what a clause was about."""
        names = atoms_in(clause.hits)
        main = names & (_INHERITED | _CHANNEL | _LEAF | {"outgoing"})
        if names & _CHANNEL:
            self.level = names & _LEVELS
        if not clause.sub:
            self.whole = self.scope
        if clause.closed:
            self.level, self.channel, self.words, self.number = frozenset(), frozenset(), None, None
            self.scope = self.whole
        if clause.numbers and names & _STATUS:
            self.near[clause.depth] = main if main & _INHERITED else main | (parent & _INHERITED)
        if clause.numbers and main and not clause.sub:
            self.last = main


class _Binding:
    """The numbers of one sentence tied to its words."""

    def __init__(self, labels: Labels, sentence: Sentence, context: frozenset[str], topic: frozenset[str]) -> None:
        self.labels = labels
        self.sentence = sentence
        self.topic = topic
        self.context = _Context([context])

    def read(self) -> list[Candidate]:
        """The candidates, each with its offset in the sentence as the second half of its spot."""
        found: list[Candidate] = []
        for clause in self.sentence.clauses:
            context = self.context
            names = atoms_in(clause.hits)
            parent = context.parent(clause)
            held = frozenset() if names & _CHANNEL else context.level
            opened = frozenset() if names & _CHANNEL else context.channel
            context.channel = self._opening(clause) or context.channel
            context.scope = meaning_of(self.sentence.told(clause)).scope or context.scope
            context.part = context.part or _is_part(self.sentence.told(clause))
            beside = context.near.get(clause.depth, frozenset())
            for candidate in self._clause(clause, parent | held | opened):
                told = replace(candidate, scope=candidate.scope or context.scope)  # type: ignore[arg-type]
                told = told.doubted("loose") if held else told
                told = told.doubted("part") if context.part else told
                found.append(_after_pending(told, names, parent, beside))
            context.pass_on(clause, parent)
        return found

    def _opening(self, clause: Clause) -> frozenset[str]:
        """The way of sending a sentence opens with, before what was done: it holds for what follows, too."""
        first = next((hit for hit in clause.hits if hit.names & (_CHANNEL | _STATUS)), None)
        return first.names & _WAY if first and not first.names & _STATUS else frozenset()

    def _clause(self, clause: Clause, parent: frozenset[str]) -> list[Candidate]:
        numbers = [token for token in clause.numbers if self.sentence.counts(token)]
        if not numbers:
            return self._words_alone(clause, parent)
        if len(numbers) > 1:
            self.context.words = self.context.number = None
            return self._several(clause, numbers, parent)
        return self._one(clause, numbers[0], parent)

    def _words_alone(self, clause: Clause, parent: frozenset[str]) -> list[Candidate]:
        """A clause without a number: a zero in words, or the words of a number next door."""
        names, context = atoms_in(clause.hits), self.context
        if negated := self._negated(clause, names, parent):
            return [negated]
        if clause.numbers or not names & _STATUS:
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
        if token.kind == "ratio" and names & _LEVELS:
            names |= {"resolved"} if context.done and not names & _STATUS else frozenset()
            context.done = "resolved" in names
        if names & _STATUS:
            joined = atoms_in(waiting.hits) if waiting and names & {"on_time", "early"} else frozenset()
            return self._bind(token, names | joined, parent, clause, *(("loose",) if waiting else ()))
        if waiting and waiting.depth == clause.depth:
            return self._bind(token, names | atoms_in(waiting.hits), parent, clause, "loose")
        if names & _CHANNEL:
            return self._bind(token, names, parent, clause, "loose")
        context.number = clause
        return []

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
            if names & (_STATUS | _CHANNEL):
                found += self._bind(token, names, parent, clause, "loose")
        return found

    def _negated(self, clause: Clause, names: frozenset[str], parent: frozenset[str]) -> Candidate | None:
        """As in "Không có hồ sơ quá hạn": a zero told in words."""
        match = _NEGATION.search(self.sentence.told(clause))
        if not match or clause.numbers:
            return None
        key, _ = self.labels.by_meaning(plain_atoms(_full(names, parent)))
        if key is None or key in _NEVER_NEGATED:
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
        why = set(doubts)
        meaning = meaning_of(self._without_reason(clause, token))
        if meaning.strange:
            why.add("words")
        if "compare" in names:
            why.add("loose")
        plain = plain_atoms(_full(names - {"compare", "percent", "total"}, parent))
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
        counted = unit.names & _OBJECT if unit else frozenset()
        if counted:
            self.topic = counted
        elif not names & _OBJECT:
            names |= self.topic
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
        share = self.sentence.share(token)
        return [replace(_plain(key, token, loosely=loosely), combined=combined, percent=share)]

    def _ratio(self, token: Token, core: frozenset[str]) -> list[Candidate]:
        """As in "20.280/22.229 hồ sơ đã được tiếp nhận": both sides, doubted."""
        key, loosely = self.labels.by_meaning(core - {"received"} if {"resolved", "received"} <= core else core)
        if key is None:
            return []
        line = self.labels.form.line(key)
        asked = line is not None and line.over is not None
        over = line.over if line and line.over else "received" if key == "resolved" else None
        share = self.sentence.share(token)
        top = replace(_plain(key, token, loosely=loosely), percent=share)
        if over is None:
            return [top.doubted("fraction")]
        below = Token("count", token.end, token.end, token.below_raw, token.below)
        sure = _agrees(token, share) if share is not None else asked and _is_part_of(token)
        pair = [top, _plain(over, below, loosely=loosely)]
        return pair if sure else [candidate.doubted("loose") for candidate in pair]

    def _finish(self, candidate: Candidate, token: Token, clause: Clause, why: set[str]) -> Candidate:
        text = self.sentence.text
        lists = "," in self.sentence.told(clause).strip(" ,") and bool(atoms_in(clause.hits) & _CHANNEL)
        clean = not why and not candidate.doubts and not lists
        return replace(
            candidate,
            approximate=candidate.approximate
            or _is_rounded(text[max(0, token.start - _NEAR) : token.start], text[token.end :]),
            doubts=candidate.doubts | frozenset(why),
            clean=clean,
            spot=(0, token.start + (candidate.raw != token.raw)),
        )


def _after_pending(
    candidate: Candidate, names: frozenset[str], parent: frozenset[str], beside: frozenset[str]
) -> Candidate:
    """As in "Đang giải quyết 20 hồ sơ, quá hạn 3 hồ sơ": resolved late, or pending and late? Nobody can tell."""
    unsure = candidate.key == "overdue" and not names & _OWN_STATE and "pending" in beside and "resolved" not in parent
    return candidate.doubted("loose", "pending") if unsure else candidate


def _is_part(text: str) -> bool:
    """Whether a clause speaks of one sector or group; "trên 06 lĩnh vực" counts them."""
    words = words_of(text)
    hits = [hit for hit in vocabulary().scopes.all(text, words) if "part" in hit.names]
    return any(not hit.first or not words[hit.first - 1].key[0].isdigit() for hit in hits)


def _full(names: frozenset[str], parent: frozenset[str]) -> frozenset[str]:
    """A clause's atoms with what it inherits."""
    names = names - {"others"}
    if (
        "overdue" in parent
        and names & _LATE
        and not names & {"on_time", "early", "within", "returned", "early_and_on_time"}
    ):
        names |= {"overdue"}
    if not names & _OWN_STATE:
        names |= parent & _INHERITED
    if "electronic" in names and "incoming" not in names:
        names |= parent & {"outgoing"}
    return names if names & _CHANNEL else names | (parent & _CHANNEL)


def _plain(key: str, token: Token, *, loosely: bool) -> Candidate:
    state: FigureState = "unreadable" if token.value is None else "number" if token.value else "zero"
    doubts = frozenset({"words"} if loosely else ()) | frozenset({"spaced"} if token.spaced else ())
    return Candidate(key, state, token.value, token.raw, Place(), "prose", approximate=token.rounded, doubts=doubts)


def _is_part_of(token: Token) -> bool:
    return token.value is not None and token.below is not None and token.value <= token.below


def _agrees(token: Token, share: Decimal) -> bool:
    """Whether a percentage told of a ratio is what the ratio makes, within the digits it was written with."""
    if token.value is None or not token.below:
        return False
    digits = max(0, -int(share.as_tuple().exponent))
    return abs(token.value * 100 / token.below - share) <= Decimal(1) / Decimal(10) ** digits


def _is_rounded(gap: str, rest: str) -> bool:
    """Whether "gần", "hơn" … stands right before a number, or "trở lên" right behind it."""
    approximate = vocabulary().approximate
    words = words_of(gap)
    if any(hit.last == len(words) and "before" in hit.names for hit in approximate.all(gap, words)):
        return True
    behind = words_of(rest[:_NEAR])
    after = approximate.at(rest[:_NEAR], behind, 0) if behind else None
    return after is not None and "after" in after.names
