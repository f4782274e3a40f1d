"""Figures told in running text: which number belongs to which words.

Published reports say "đã giải quyết 57.689 bộ hồ sơ (57.502 hồ sơ giải quyết đúng hạn, 187 hồ sơ giải quyết quá hạn)".
Rules:

1. A number belongs to the words of its own clause, before or behind it; of two numbers in a clause each takes the words on
   the side the clause begins with. Words and number in neighbouring clauses are joined only when neither has another
   partner, and doubted.
2. Inside a bracket or behind "trong đó" a clause inherits what it is a part of: "(… 75 hồ sơ quá hạn)" behind "đang giải
   quyết" is not the overdue line of the form.
3. Comparisons, goals and averages are not figures; what is cumulative is for ``told_time`` to say.
4. Nothing here is certain: every reading is ``prose`` and the caller flags it unless arithmetic confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from parsers.binding import Binding
from parsers.candidates import Candidate
from parsers.clauses import SENTENCE_MAX, Sentence, sentences
from parsers.counted import OBJECT, STATUS
from parsers.deeds import read_deeds
from parsers.fold import fold
from parsers.labels import Labels
from parsers.listed import read_lists
from parsers.numbers import widen
from parsers.quick import replace
from parsers.told_time import Frame, frame_of
from parsers.values import Place
from parsers.words import vocabulary, words_of

_GOES_ON = re.compile(
    r"\s*(?:trong đó|trong do|gồm|bao gồm)\b", re.IGNORECASE
)  # the next sentence explains the same figure


def read_prose(
    labels: Labels, text: str, place: Callable[[int], Place], *, context: frozenset[str] = frozenset(), offset: int = 0
) -> list[Candidate]:
    """The candidates of a paragraph. ``context``: atoms of the figure it explains; ``offset`` of the text in its line."""
    text = widen(text)
    found: list[Candidate] = []
    frame = Frame()
    topic = context & OBJECT
    told: list[tuple[str, int]] = []  # the office each sentence opens with, and where its candidates begin
    for start, end in sentences(text):
        if end - start > SENTENCE_MAX:
            continue
        frame = frame_of(text[start:end], frame)
        told.append((_office(text[start:end]), len(found)))
        listed, rest = read_lists(labels, text[start:end])
        binding = Binding(labels, Sentence(rest), context, topic)
        for candidate in (*listed, *binding.read(), *read_deeds(labels, rest)):
            at = offset + start + candidate.spot[1]
            where = place(at)
            found.append(frame.tell(replace(candidate, place=where, spot=(where.block or 0, at))))
        topic = binding.topic or topic
        context = context if _GOES_ON.match(text[end:]) else frozenset()
    return _apart(found, told)


def _office(sentence: str) -> str:
    """The office a sentence opens with: "Chi cục Quản lý đất đai tiếp nhận 60 hồ sơ"."""
    words = words_of(sentence)
    if not words or vocabulary().offices.at(sentence, words, 0) is None:
        return ""
    status = next((hit.first for hit in vocabulary().atoms.all(sentence, words) if hit.names & STATUS), 0)
    return fold(sentence[: words[status].start])


def _apart(found: list[Candidate], told: list[tuple[str, int]]) -> list[Candidate]:
    """The candidates, doubted where sentences about several offices tell the same line: nobody says which is the whole."""
    if len({office for office, _ in told} - {""}) < 2:
        return found
    offices: dict[str, set[str]] = {}
    for n, candidate in enumerate(found):
        office = next(name for name, first in reversed(told) if first <= n)
        offices.setdefault(candidate.key, set()).add(office)
    torn = {key for key, names in offices.items() if len(names - {""}) > 1}
    return [candidate.doubted("several") if candidate.key in torn else candidate for candidate in found]
