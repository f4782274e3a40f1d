"""Rows of a table without rulings: in which column a piece of a line stands, its place on the page says.

Rules:

1. Lines of columns that follow each other are rows of a table; those with the most pieces tell where its columns stand, unless these overlap.
2. Each piece of a row with fewer stands in the first column it shares a stretch of the page with, or the one it lies nearest to: between
   two of them an empty cell is told as a blank between tabs, at the end as a tab. A row whose pieces do not all find a column of their own,
   or with a number that stands in two, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.readers.pdf_letters import Box
from parsers.readers.pdf_page import Line

_LEAST = 3  # columns of a table
_WRAPPED = 2  # lines without columns, wrapped labels, that may stand between two rows

_Span = tuple[float, float]  # left and right edge


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its empty cells."""

    text: str
    box: Box | None


def with_holes(lines: Sequence[Line]) -> list[Line | Row]:
    """The lines in order; rows with holes tell where they are."""
    out: list[Line | Row] = list(lines)
    for run in _runs(lines):
        columns = _columns([lines[n].spans() for n in run])
        for n in run if columns else ():
            line = lines[n]
            pieces = line.text.split("\t")
            at = _places(pieces, line.spans(), columns)
            if 0 < len(at) < len(columns):
                told = dict(zip(at, pieces, strict=True))
                out[n] = Row("\t".join(told.get(c, " " if c < at[-1] else "") for c in range(len(columns))), line.box)
    return out


def _runs(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Lines of columns that follow each other."""
    run: list[int] = []
    for n, line in enumerate(lines):
        if "\t" not in line.text:
            continue
        if run and n - run[-1] > _WRAPPED + 1:
            yield run
            run = []
        run.append(n)
    yield run


def _columns(rows: Sequence[Sequence[_Span]]) -> list[_Span]:
    """Where the columns of the fullest rows stand; none where two of them overlap."""
    most = max(map(len, rows), default=0)
    full = [row for row in rows if len(row) == most]
    columns = [(min(left for left, _ in c), max(right for _, right in c)) for c in zip(*full, strict=True)]
    apart = all(one[1] < other[0] for one, other in pairwise(columns))
    return columns if most >= _LEAST and apart and len(full) < len(rows) else []


def _places(pieces: Sequence[str], spans: Sequence[_Span], columns: Sequence[_Span]) -> list[int]:
    """The column of each piece, from left to right; nothing where one has none of its own."""
    if len(pieces) != len(spans):
        return []
    at = [_place(piece, span, columns) for piece, span in zip(pieces, spans, strict=True)]
    return at if min(at, default=-1) >= 0 and all(a < b for a, b in pairwise(at)) else []


def _place(piece: str, span: _Span, columns: Sequence[_Span]) -> int:
    """The first column it stands in, else the nearest; -1: a number in two of them."""
    shared = [min(span[1], right) - max(span[0], left) for left, right in columns]
    over = [c for c, stretch in enumerate(shared) if stretch > 0]
    if len(over) > 1 and not any(map(str.isalpha, piece)):
        return -1
    return over[0] if over else max(range(len(columns)), key=shared.__getitem__)
