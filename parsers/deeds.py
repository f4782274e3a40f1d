"""Counts told with what was done: "tuyển dụng 04 công chức, 02 viên chức; cử 11 cán bộ, công chức đi đào tạo".

Rules:

1. A count of a line stands directly before one of its nouns (``nouns``), behind one of its deeds; in a list the deed is said once.
2. Where the line names what follows (``toward``: "đi đào tạo"), it must follow.
3. Of words that begin alike the longest wins: "tham mưu ban hành" is not "ban hành".
4. A word nothing explains between deed, number and noun, or behind the noun, is doubted; a reading is ``prose`` like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from parsers.answers import strange_words
from parsers.candidates import Candidate
from parsers.counted import candidate_of, is_rounded
from parsers.form import Form, Line
from parsers.labels import Labels, meaning_of
from parsers.numbers import Token, scan
from parsers.quick import replace
from parsers.words import Found, Phrases, phrases_of, words_of

_GROUP = re.compile(r"[;.](?=\s|\Z)|[()]")
_LIST = re.compile(r"[\s,]*(?:\b(?:và|va)\b)?\s*\Z", re.IGNORECASE)  # between two numbers of one deed
_UP_TO = re.compile(r"[,;.()]|\b(?:và|va)\b", re.IGNORECASE)
_GOES = re.compile(r"\s*(?:(?:được|đi|dự|tham gia|tham dự|các|lớp|khóa|khoá)\s+)*", re.IGNORECASE)


def read_deeds(labels: Labels, sentence: str) -> Iterator[Candidate]:
    """The counts of a sentence, each with its offset as the second half of its spot."""
    vocab = _vocabulary(labels.form)
    if not vocab.lines:
        return
    start = 0
    for match in (*_GROUP.finditer(sentence), None):
        end = match.start() if match else len(sentence)
        for at, candidate in vocab.group(sentence[start:end]):
            yield replace(candidate, spot=(0, start + at))
        start = match.end() if match else end


class _Deeds:
    """The deeds and nouns of one form."""

    def __init__(self, form: Form) -> None:
        self.lines = tuple(line for line in form.lines if line.deeds)
        self._deeds = Phrases({deed: [deed] for line in self.lines for deed in line.deeds})
        self._nouns = Phrases({noun: [noun] for line in self.lines for noun in line.nouns})

    def group(self, text: str) -> Iterator[tuple[int, Candidate]]:
        """The counts between two semicolons."""
        words = words_of(text)
        deeds = self._deeds.all(text, words)
        done: frozenset[str] = frozenset()
        before = 0
        for token in (one for one in scan(text) if one.kind in ("count", "ratio", "malformed")):
            noun = self._noun(text, token)
            own = [hit for hit in deeds if before <= words[hit.first].start and words[hit.last - 1].end <= token.start]
            gap = text[words[own[-1].last - 1].end if own else before : token.start]
            done = own[-1].names if own else done if _LIST.fullmatch(gap) else frozenset()
            before = token.end if noun is None else noun[1]
            if noun and done and token.kind == "count" and (line := self._line(done, noun[0], text[noun[1] :])):
                yield token.start, _candidate(line, token, text, strange=bool(strange_words(gap)), rest=text[noun[1] :])

    def _noun(self, text: str, token: Token) -> tuple[frozenset[str], int] | None:
        """The noun directly behind a number, and the offset behind it."""
        rest = text[token.end :]
        words = words_of(rest)
        hit: Found | None = self._nouns.at(rest, words, 0) if words and not rest[: words[0].start].strip() else None
        return (hit.names, token.end + words[hit.last - 1].end) if hit else None

    def _line(self, deeds: frozenset[str], nouns: frozenset[str], rest: str) -> Line | None:
        fitting = [one for one in self.lines if deeds & set(one.deeds) and nouns & set(one.nouns) and _goes(one, rest)]
        return fitting[0] if len(fitting) == 1 else None


def _goes(line: Line, rest: str) -> bool:
    """Whether what a line is counted for follows: "đi đào tạo, bồi dưỡng"."""
    if not line.toward:
        return True
    rest = rest[_GOES.match(rest).end() :]  # type: ignore[union-attr]
    return phrases_of(line.toward).first(rest) is not None


def _candidate(line: Line, token: Token, text: str, *, strange: bool, rest: str) -> Candidate:
    read = candidate_of(line.key, token, loosely=False)
    meaning = meaning_of(f"{text[: token.start]} {rest}")  # "cấp xã" in the noun is no part of another figure
    behind = "" if line.toward else _UP_TO.split(rest, maxsplit=1)[0]
    unsure = strange or bool(strange_words(behind)) or bool(meaning.scope) or bool(meaning.atoms & {"compare", "goal"})
    read = read.doubted("words") if unsure else read
    cumulative = meaning.cumulative and not meaning.period
    return replace(
        read,
        approximate=read.approximate or is_rounded(text, token),
        basis="cumulative" if cumulative else "period",
        clean=not read.doubts,
    )


@lru_cache(maxsize=16)
def _vocabulary(form: Form) -> _Deeds:
    return _Deeds(form)
