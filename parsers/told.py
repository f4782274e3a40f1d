"""Counts told inside the texts of a form: "ban hành 02 văn bản" under "Ban hành văn bản chỉ đạo".

Rules: the count is taken only when the text holds exactly one number with the unit the form names, behind the word it names; a
text that says "không phát sinh" says so of its counts; a text left blank leaves them blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parsers.answers import Answer, read_answer
from parsers.candidates import Candidate, Found, from_answer
from parsers.clauses import sentences
from parsers.fold import fold
from parsers.form import Line
from parsers.labels import Labels, meaning_of
from parsers.numbers import Token, scan
from parsers.values import Place
from parsers.words import vocabulary, words_of

_PART_OF = re.compile(r"trong đó|trong do|\bgồm\b|cùng kỳ|so với|lũy kế|luỹ kế", re.IGNORECASE)


def count_told(labels: Labels, found: Found) -> None:
    """Counts told in a text of the form: "ban hành 02 văn bản"."""
    for line in labels.form.lines:
        if not line.inside or line.inside not in found.texts or found.has(line.key):
            continue
        candidate = _inside(line, found.texts[line.inside])
        if candidate:
            found.add(candidate)


def _inside(line: Line, pieces: Sequence[tuple[str, Place]]) -> Candidate | None:
    if not pieces:
        return Candidate(line.key, "blank", None, "", Place(), "text")
    answer = read_answer(pieces[0][0])
    if len(pieces) == 1 and answer.state in ("nil", "zero") and not scan(pieces[0][0]):
        return from_answer(line.key, Answer(answer.state, answer.value, answer.raw), pieces[0][1], "text")
    hits = [
        (token, text[start:end], place)
        for text, place in pieces
        for start, end in sentences(text)
        for token in scan(text[start:end])
        if _has_unit(line, text[start:end], token)
    ]
    return _counted(line, *hits[0]) if len(hits) == 1 else None


def _counted(line: Line, token: Token, sentence: str, place: Place) -> Candidate:
    place = replace(place, text=sentence.strip()[:300])
    if token.value is None:
        return Candidate(line.key, "unreadable", None, token.raw, place, "text")
    meaning = meaning_of(sentence)
    gap = words_of(sentence[: token.start])
    before = vocabulary().approximate.all(sentence[: token.start], gap)
    return Candidate(
        line.key,
        "zero" if token.value == 0 else "number",
        token.value,
        token.raw,
        place,
        "text",
        basis="cumulative" if meaning.cumulative and not meaning.period else "period",
        approximate=token.rounded or any(hit.last == len(gap) and "before" in hit.names for hit in before),
        doubts=frozenset({"words"} if _PART_OF.search(sentence) else ()),
        spot=(place.block or 0, 0),
    )


def _has_unit(line: Line, sentence: str, token: Token) -> bool:
    if token.kind not in ("count", "malformed") or not _behind(line, sentence[: token.start]):
        return False
    rest = sentence[token.end :]
    if rest[:1].strip():
        return False
    words = [word.key for word in words_of(rest[:60])]
    return any(words[: len(keys)] == keys for unit in line.units if (keys := [w.key for w in words_of(unit)]))


def _behind(line: Line, gap: str) -> bool:
    """Whether the words before a number, back to the number before it, are those the line asks for."""
    gap = fold(re.split(r"\d", gap)[-1])
    wanted = [fold(word) for word in line.before if not word.startswith("!")]
    unwanted = [fold(word[1:]) for word in line.before if word.startswith("!")]
    return (not wanted or any(word in gap for word in wanted)) and not any(word in gap for word in unwanted)
