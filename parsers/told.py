"""Counts told inside the texts of a form: "ban hành 02 văn bản" under "Ban hành văn bản chỉ đạo".

Rules:

1. A clause that is a count's name and its answer ("Hội nghị giao ban: 02; số tin, bài: không") answers it; so does a cell of a table.
   A name is made of the form's words for it and of words that change nothing: "Số đơn vị được kiểm tra" is no name of "kiểm tra".
2. Else the count is taken only when the text holds exactly one number with the unit the form names, behind the word it names; else
   when the texts of its section hold exactly one with a unit that no shorter one begins.
3. A text that says "không phát sinh" says so of its counts; a text left blank leaves them blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from parsers.answers import Answer, read_answer
from parsers.candidates import Candidate, Found, from_answer
from parsers.clauses import sentences
from parsers.fold import fold
from parsers.form import Form, Line
from parsers.labels import Labels, meaning_of
from parsers.lines import bullet_end
from parsers.numbers import Token, scan
from parsers.quick import replace
from parsers.values import Place
from parsers.words import Phrases, phrases_of, vocabulary, words_of

_PART_OF = re.compile(r"trong đó|trong do|\bgồm\b", re.IGNORECASE)
_COMPARED = re.compile(r"cùng kỳ|so với|lũy kế|luỹ kế", re.IGNORECASE)
_CLAUSE = re.compile(r"[;|]|\.\s|\n")
_SAME = 30  # characters by which a text is found in the line it was told in


def count_told(labels: Labels, found: Found) -> None:
    """Counts told in a text of the form: "ban hành 02 văn bản"."""
    around: dict[str, list[tuple[str, Place]]] = {}  # the texts of a section
    for line in labels.form.lines:
        around.setdefault(line.section, []).extend(found.texts.get(line.key, ()))
    clauses = {section: [c for piece in pieces for c in _clauses(*piece)] for section, pieces in around.items()}
    for line in labels.form.lines:
        if not line.inside or found.has(line.key):
            continue
        own = found.texts.get(line.inside)
        candidate = _named(line, clauses[line.section]) or (_inside(line, own) if own is not None else None)
        if candidate is None or candidate.state == "blank":
            several = len(_hits(line, own or ())) > 1  # "04 hội nghị giao ban, 01 hội nghị sơ kết"
            longer = _with_unit(_long_units(line), around[line.section])
            candidate = (longer.doubted("several") if longer and several else longer) or candidate
        if candidate:
            found.add(candidate)


def line_named(form: Form, text: str) -> Line | None:
    """The count a text names and nothing else: "Số cuộc kiểm tra CCHC"."""
    if _all_named(form).first(text) is None and vocabulary().beside_count.first(text) is None:
        return None
    named = [line for line in form.lines if line.named and _names(line, text)]
    return named[0] if len(named) == 1 else None


def _names(line: Line, text: str) -> bool:
    words, phrases, beside = words_of(text), phrases_of(line.named), vocabulary().beside_count
    index, said = 0, False
    while index < len(words):
        own, other = phrases.at(text, words, index), beside.at(text, words, index)
        if own is None and other is None:
            return False
        index = max(hit.last for hit in (own, other) if hit)
        said = said or own is not None
    return said


@lru_cache(maxsize=16)
def _all_named(form: Form) -> Phrases:
    return Phrases({"named": [name for line in form.lines for name in line.named]})


def _named(line: Line, clauses: Sequence[tuple[str, str, Place]]) -> Candidate | None:
    """The one clause that names the count and answers it."""
    answers = [
        (answer, place)
        for name, said, place in (clauses if line.named else ())
        if _names(line, name) and (answer := read_answer(said)).state != "unreadable" and not answer.doubts - {"others"}
        if _own_unit(line, said[answer.end :] if answer.state == "number" else "")
        and len(_hits(line, [(said, place)])) < 2
    ]
    if len(answers) != 1:
        return None
    answer, place = answers[0]
    return from_answer(line.key, answer, place, "text")


def _own_unit(line: Line, rest: str) -> bool:
    """Whether nothing behind the number makes it a number of something else: "kiểm tra: 02 hội nghị" counts no inspections."""
    rest = re.split(r"[;,.(]", rest, maxsplit=1)[0]
    words, units, beside = words_of(rest), phrases_of(line.units), vocabulary().beside_count
    if not words or units.at(rest, words, 0):
        return True
    index = 0
    while index < len(words) and (hit := beside.at(rest, words, index)):
        index = hit.last
    return index == len(words)


def _clauses(text: str, place: Place) -> Iterator[tuple[str, str, Place]]:
    """Name, answer and place of each clause; the first may have its name in the label that stood before the text."""
    at = place.text.find(text[:_SAME])
    head, _, label = place.text[: max(at, 0)].rpartition(";")
    if (
        not label.strip(" ;") and head
    ):  # "Hội nghị giao ban: -; số tin, bài: 3": the first answer is no words of the text
        label = f"{head.rpartition(';')[2]};"
    whole = label + text if at > 0 else text
    for clause in _CLAUSE.split(whole):
        name, colon, said = clause[bullet_end(clause) :].partition(":")
        if colon and not re.search(r"\d", name):
            yield name, said, place


@cache
def _long_units(line: Line) -> Line:
    """The line with those of its units that no other of them begins: "văn bản" alone says too little."""
    folded = [fold(unit) for unit in line.units]
    kept = [
        u for u, own in zip(line.units, folded, strict=True) if not any(o != own and o.startswith(own) for o in folded)
    ]
    return replace(line, units=tuple(kept))


def _inside(line: Line, pieces: Sequence[tuple[str, Place]]) -> Candidate | None:
    if not pieces:
        return Candidate(line.key, "blank", None, "", Place(), "text")
    answer = read_answer(pieces[0][0])
    if len(pieces) == 1 and answer.state in ("nil", "zero") and not scan(pieces[0][0]):
        return from_answer(line.key, Answer(answer.state, answer.value, answer.raw), pieces[0][1], "text")
    return _with_unit(line, pieces)


def _with_unit(line: Line, pieces: Sequence[tuple[str, Place]]) -> Candidate | None:
    hits = _hits(line, pieces)
    return _counted(line, *hits[0]) if len(hits) == 1 else None


def _hits(line: Line, pieces: Sequence[tuple[str, Place]]) -> list[tuple[Token, str, Place]]:
    """The numbers with a unit of the count, each with its sentence."""
    return [
        (token, text[start:end], place)
        for text, place in pieces
        for start, end in sentences(text)
        for token in scan(text[start:end])
        if _has_unit(line, text[start:end], token)
    ]


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
        doubts=frozenset({"words"} if _COMPARED.search(sentence) or _PART_OF.search(sentence[: token.start]) else ()),
        spot=(place.block or 0, 0),
    )


def _has_unit(line: Line, sentence: str, token: Token) -> bool:
    if token.kind not in ("count", "malformed"):
        return False
    rest = sentence[token.end :]
    if rest[:1].strip():
        return False
    words = tuple(word.key for word in words_of(rest[:60]))
    return any(words[: len(keys)] == keys for keys in _keys(line.units)) and _behind(line, sentence[: token.start])


@cache
def _keys(units: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The folded words of each unit."""
    return tuple(keys for unit in units if (keys := tuple(word.key for word in words_of(unit))))


def _behind(line: Line, gap: str) -> bool:
    """Whether the words before a number, back to the number before it, are those the line asks for."""
    gap = fold(re.split(r"\d", gap)[-1])
    wanted = [fold(word) for word in line.before if not word.startswith("!")]
    unwanted = [fold(word[1:]) for word in line.before if word.startswith("!")]
    return (not wanted or any(word in gap for word in wanted)) and not any(word in gap for word in unwanted)
