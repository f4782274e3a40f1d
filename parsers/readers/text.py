"""Plain text: a paragraph a line, hard-wrapped lines joined, lines that stand in columns as a table.

Rules:

1. Neighbouring lines with the same number of tabs, or of bars, are a table; so are three or more lines that stand in
   three or more columns of spaces. A line is in the table or in a paragraph, never in both. Where two
   lines of tabs share three columns or more, those beside them with others are rows of the same table: headings over two
   lines, rows whose last cells are empty.
2. A line goes on in the next one when it is as long as a mail program wraps and the next one goes on in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from parsers import limits
from parsers.charset import unnumbered
from parsers.readers.budget import Budget
from parsers.readers.decoding import GUESS, characters
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.values import Block, Document, Table
from parsers.vietnamese import quality

READER = "txt/1"
_SPACES = re.compile(r" {2,}")
_WIDE = 3  # columns of tabs from which shorter lines beside are rows of the same table
_WRAP = (55, 100)  # characters of a line a mail program wrapped
_STOP = re.compile(r"[.;:!?…]\s*$")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The text's blocks; raises ``Unreadable``."""
    del budget
    text, guessed = characters(data, charset)
    text = unnumbered(text)
    blocks = tuple(blocks_of(text))
    if not blocks:
        raise Unreadable("empty", "only white space")
    findings = (GUESS,) if guessed else ()
    return Document("txt", READER, blocks, findings, quality=quality(text) if guessed else 1.0)


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a plain text."""
    n = 0
    for kind, count, group in _groups(text.splitlines()):
        if kind and len(group) >= (3 if kind == "spaces" else 2) and count > 1:
            n += 1
            yield Block(n, table=_table([_split(line, kind) for line in group]))
        else:
            for paragraph in _paragraphs(group):
                n += 1
                yield Block(n, text=paragraph)
        if n > limits.BLOCKS_MAX:
            raise Unreadable("too_large", f"more than {limits.BLOCKS_MAX} lines")


def _groups(lines: Sequence[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Neighbouring lines of one kind: kind, number of columns, lines."""
    for kind, run in groupby(lines, key=lambda line: _columns(line)[0]):
        group = list(run)
        widths = [_columns(line)[1] for line in group]
        if kind == "tabs" and any(width >= _WIDE and widths.count(width) > 1 for width in widths):
            yield kind, max(widths), group
            continue
        for columns, same in groupby(group, key=_columns):
            yield *columns, list(same)


def _columns(line: str) -> tuple[str, int]:
    """How a line might be a table's row: kind and number of columns; ("", 0) for prose."""
    for kind in ("tabs", "bars", "spaces"):
        cells = len(_split(line, kind))
        if cells > (2 if kind == "spaces" else 1):
            return kind, cells
    return "", 0


def _split(line: str, kind: str) -> list[str]:
    if kind == "tabs":
        return line.strip("\r").split("\t") if line.strip() else []
    if kind == "bars":
        return line.strip().strip("|").split("|")
    return _SPACES.split(line.strip())


def _table(rows: list[list[str]]) -> Table:
    grid = Grid()
    for row in rows:
        grid.open_row()
        for cell in row:
            grid.add(cell.strip())
        grid.close_row()
    return grid.table()


def _paragraphs(lines: list[str]) -> Iterator[str]:
    current = ""
    length = 0
    for line in lines:
        stripped = line.rstrip()
        goes_on = bool(current) and _WRAP[0] <= length <= _WRAP[1] and not _STOP.search(current)
        if goes_on and stripped[:1].islower():
            current = f"{current} {stripped.strip()}"
        else:
            if current.strip():
                yield current.strip()
            current = stripped
        length = len(stripped)
    if current.strip():
        yield current.strip()
