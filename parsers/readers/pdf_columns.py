"""Rows of a table without rulings: in which column a piece of a line stands, its place on the page says.

Rules:

1. Lines of columns that follow each other are rows of a table; those with the most pieces tell where its columns stand. Where these overlap, or
   one's third piece stands where another's fourth does, each stretch of the page that pieces of rows with numbers cover is a column.
2. Each piece of a row with fewer stands in the first column it shares a stretch of the page with, or the one it lies nearest to: between
   two of them an empty cell is told as a blank between tabs, at the end as a tab. A row whose pieces do not all find a column of their own
   stays as it is; so does one with a piece over several columns, unless the last of them holds words ("TT Nội dung", never "Kỳ này Kỳ trước").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.readers.pdf_letters import Box
from parsers.readers.pdf_page import Line

_LEAST = 3  # columns of a table
_HEADINGS = 2  # rows of headings
_WRAPPED = 2  # lines without columns, wrapped labels, that may stand between two rows

_Span = tuple[float, float]  # left and right edge


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its empty cells."""

    text: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns of a table stand, and which of them hold words in every full row."""

    spans: tuple[_Span, ...]
    worded: tuple[bool, ...]


def with_holes(lines: Sequence[Line]) -> list[Line | Row]:
    """The lines in order; rows with holes tell where they are."""
    out: list[Line | Row] = list(lines)
    for run in _runs(lines):
        columns = _columns([lines[n] for n in run])
        for n in run if columns else ():
            line = lines[n]
            pieces = line.text.split("\t")
            at = _places(pieces, line.spans(), columns) if columns else []
            if columns and 0 < len(at) < len(columns.spans):
                told = dict(zip(at, pieces, strict=True))
                cells = (told.get(c, " " if c < at[-1] else "") for c in range(len(columns.spans)))
                out[n] = Row("\t".join(cells), line.box)
    return out


def _runs(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Lines of columns that follow each other: those with numbers, and what may be headings above them."""
    run: list[int] = []
    for n, line in enumerate(lines):
        if "\t" not in line.text:
            continue
        if run and n - run[-1] > _WRAPPED + 1:
            yield _with_numbers(lines, run)
            run = []
        run.append(n)
    yield _with_numbers(lines, run)


def _with_numbers(lines: Sequence[Line], run: Sequence[int]) -> list[int]:
    found = [at for at, n in enumerate(run) if any(map(_is_number, lines[n].text.split("\t")[1:]))]
    return list(run[max(found[0] - _HEADINGS, 0) : found[-1] + 1]) if found else []


def _columns(rows: Sequence[Line]) -> _Columns | None:
    """Where the columns of the fullest rows stand, or those of all rows with numbers where these are not theirs; none where they overlap."""
    read = [(pieces, spans) for row in rows if len(pieces := row.text.split("\t")) == len(spans := row.spans())]
    most = max((len(pieces) for pieces, _ in read), default=0)
    full = [(pieces, spans) for pieces, spans in read if len(pieces) == most]
    numbers = [(pieces, spans) for pieces, spans in read if any(map(_is_number, pieces[1:]))]
    places = _merged([span for _, spans in numbers for span in spans])
    hulls = [_hull(column) for column in zip(*(spans for _, spans in full), strict=True)]
    alike = [len({_within(spans[n], places) for _, spans in numbers if len(spans) == most}) < 2 for n in range(most)]
    if not (all(alike) and all(one[1] < other[0] for one, other in pairwise(hulls))):
        full, hulls = numbers, places
    if len(hulls) < _LEAST:
        return None
    held: list[list[str]] = [[] for _ in hulls]
    for pieces, spans in full:
        for piece, span in zip(pieces, spans, strict=True):
            held[_within(span, hulls)].append(piece)
    return _Columns(tuple(hulls), tuple(len(column) > 1 and all(map(_has_letters, column)) for column in held))


def _hull(spans: Sequence[_Span]) -> _Span:
    return min(left for left, _ in spans), max(right for _, right in spans)


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Stretches of the page that pieces cover together."""
    found: list[_Span] = []
    for left, right in sorted(spans):
        if found and left <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], right)
        else:
            found.append((left, right))
    return found


def _within(span: _Span, places: Sequence[_Span]) -> int:
    """Which of some stretches holds a piece."""
    return next((n for n, (left, right) in enumerate(places) if left <= span[0] and span[1] <= right), -1)


def _is_number(text: str) -> bool:
    return not _has_letters(text) and any(map(str.isdigit, text))


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _places(pieces: Sequence[str], spans: Sequence[_Span], columns: _Columns) -> list[int]:
    """The column of each piece, from left to right; nothing where one has none of its own."""
    if len(pieces) != len(spans):
        return []
    at = [_place(piece, span, columns) for piece, span in zip(pieces, spans, strict=True)]
    return at if min(at, default=-1) >= 0 and all(a < b for a, b in pairwise(at)) else []


def _place(piece: str, span: _Span, columns: _Columns) -> int:
    """The first column it stands in, else the nearest; -1: in several, none of which may be the label's."""
    shared = [min(span[1], right) - max(span[0], left) for left, right in columns.spans]
    over = [c for c, stretch in enumerate(shared) if stretch > 0]
    if len(over) > 1 and not (_has_letters(piece) and columns.worded[over[-1]]):
        return -1
    return over[0] if over else max(range(len(shared)), key=shared.__getitem__)
