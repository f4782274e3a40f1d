"""Figures told one after the other behind their names: "số hồ sơ tiếp nhận, giải quyết lần lượt là 50 hồ sơ và 46 hồ sơ".

Rules:

1. Behind "lần lượt", "tương ứng", "theo thứ tự" stand as many numbers as names before it; anything else is not read at all.
2. A name without a state takes that of the name beside it ("giải quyết mức độ 3, mức độ 4"); what is counted, and the way it
   was sent, holds for all of them.
3. Every name must be exactly one line of the form, and no two the same.
4. What was looked at here is blanked out for those who read on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.answers import after_unit
from parsers.candidates import Candidate
from parsers.clauses import atoms_in
from parsers.counted import CHANNEL, LEVELS, OBJECT, STATUS, WAY, candidate_of, is_rounded
from parsers.labels import Labels, Meaning, meaning_of, plain_atoms
from parsers.numbers import Token, scan
from parsers.quick import replace
from parsers.values import Basis
from parsers.words import vocabulary, words_of

_MARK = re.compile(
    r"\b(?:(?:lần lượt|lan luot|tương ứng|tuong ung|theo thứ tự)\s+){1,2}(?:(?:là|la|đạt|có|gồm|với)\b)?\s*[:：]?",
    re.IGNORECASE,
)
_OPENS = re.compile(r"[;(:：]|\.\s")  # what may stand before the first name
_BETWEEN_NAMES = re.compile(r",|/|\b(?:và|va)\b", re.IGNORECASE)
_BETWEEN_NUMBERS = re.compile(r"\s*(?:,|;|/|\b(?:và|va)\b|,\s*(?:và|va)\b)\s*\Z", re.IGNORECASE)
_COUNTED = ("count", "ratio", "malformed", "percent")


def opens_list(text: str, start: int) -> bool:
    """Whether the names of a list stand behind an offset, no number before its mark."""
    mark = _MARK.search(text, start)
    return mark is not None and not any(token.kind in _COUNTED for token in scan(text[start : mark.start()]))


def read_lists(labels: Labels, text: str) -> tuple[list[Candidate], str]:
    """The figures of every list in a sentence, each with its offset as the second half of its spot; the text without the lists."""
    found: list[Candidate] = []
    while mark := _MARK.search(text):
        tokens = [token for token in scan(text) if token.kind in _COUNTED]
        start = max([m.end() for m in _OPENS.finditer(text, 0, mark.start())], default=0)
        start = max([start, *(token.end for token in tokens if token.end <= mark.start())])
        numbers = _numbers(text, mark.end(), tokens)
        if len(numbers) < 2:
            start, end = mark.span()
        else:
            end = numbers[-1].end
            found += _paired(labels, text, text[start : mark.start()], numbers)
        text = text[:start] + " " * (end - start) + text[end:]
    return found, text


def _numbers(text: str, start: int, tokens: Sequence[Token]) -> list[Token]:
    """The numbers behind the mark, only units and "và" between them."""
    numbers: list[Token] = []
    for token in (token for token in tokens if token.start >= start):
        gap = text[numbers[-1].end if numbers else start : token.start]
        if not (_BETWEEN_NUMBERS.fullmatch(after_unit(gap)) if numbers else not gap.strip()):
            break
        numbers.append(token)
    return numbers


def _paired(labels: Labels, text: str, head: str, numbers: Sequence[Token]) -> list[Candidate]:
    names = _names(head)
    if len(names) != len(numbers) or len(names) < 2:
        return []
    keys = [labels.by_meaning(plain_atoms(one)) for one in names]
    told = [key for key, loosely in keys if key and not loosely]
    if len(set(told)) != len(names) or any(token.kind != "count" for token in numbers):
        return []
    meaning = meaning_of(head)
    return [_candidate(key, token, text, meaning) for key, token in zip(told, numbers, strict=True)]


def _candidate(key: str, token: Token, text: str, meaning: Meaning) -> Candidate:
    read = candidate_of(key, token, loosely=bool(meaning.strange or meaning.atoms & {"compare", "goal", "average"}))
    basis: Basis = "cumulative" if meaning.cumulative and not meaning.period else "period"
    return replace(
        read,
        approximate=read.approximate or is_rounded(text, token),
        basis=basis,
        scope=meaning.scope,  # type: ignore[arg-type]
        clean=not read.doubts,
        spot=(0, token.start),
    )


def _names(head: str) -> list[frozenset[str]]:
    """The atoms of each name; words before the first one ("Trong tuần, …") are none."""
    pieces = [_atoms(piece) for piece in _BETWEEN_NAMES.split(head)]
    while pieces and not pieces[0] & (STATUS | CHANNEL):
        if len(pieces) > 1:
            pieces[1] |= pieces[0] & OBJECT
        del pieces[0]
    if not pieces or any(not piece & (STATUS | CHANNEL) for piece in pieces):
        return []
    if any(piece & LEVELS for piece in pieces) and not all(piece & LEVELS for piece in pieces):
        return []
    stated = [piece & STATUS for piece in pieces if piece & STATUS]
    shared = frozenset().union(*pieces) & WAY | (pieces[0] & OBJECT)
    return [
        piece
        | (shared & WAY)
        | (frozenset() if piece & OBJECT else shared & OBJECT)
        | (frozenset() if piece & STATUS or not stated else stated[0])
        for piece in pieces
    ]


def _atoms(piece: str) -> frozenset[str]:
    return atoms_in(vocabulary().atoms.all(piece, words_of(piece))) - {"total", "percent", "others"}
