"""Tables as text (csv): delimiter and charset found out, read only when the lines really make a table.

Rules:

1. The delimiter is the one under which most lines fall into the same two or more fields; a first line ``sep=;`` names it. One that
   leaves a quote standing inside a field, or that a blank mostly follows as a comma in a sentence, comes last.
2. Where few lines are rows of a table, quotes tell: a writer quotes a field because the delimiter stands in it.
3. Lines that share no number of fields and hold no such quotes are no table; the file is then plain text (``parsers.sniff`` asks
   ``delimiter``).
4. Where commas divide fields and may stand inside numbers as well (``label,1,625``), no number can be told from two:
   ``low_text_quality``, a person looks. A writer that quotes fields with commas has quoted such a number, too.
5. Fields are text as written; whatever they begin with, nothing is computed.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise

from parsers import limits
from parsers.readers.budget import Budget
from parsers.readers.decoding import GUESS, characters
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.values import Block, Document, Finding
from parsers.vietnamese import quality

READER = "csv/1"
_DELIMITERS = ";\t,|"
_SAMPLE = 200  # lines looked at
_SHARE = 3  # the lines of a table are at least one in so many; a letterhead and titles stand above it
_NAMED = re.compile(r"\A\ufeff?sep=(.)\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r"""(?:^|(?<=[;\t,|]))"((?:[^"]|"")*+)"(?=[;\t,|]|\r?$)""", re.MULTILINE)
_HEAD, _TAIL = re.compile(r"[+-]?[0-9]{1,3}\Z"), re.compile(r"[0-9]{3}(?:[.][0-9]+)?%?\Z")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """One table; raises ``Unreadable``."""
    del budget
    text, guessed = characters(data, charset)
    if not text.strip(_DELIMITERS + ' \r\n\ufeff"'):
        raise Unreadable("empty", "only delimiters")
    found = delimiter(text) or ","
    rows = [row for row in _rows(_body(text), found) if any(field.strip() for field in row)]
    if found == "," and _ambiguous(rows) and _by_quotes(text) != ",":
        raise Unreadable("low_text_quality", "commas both divide fields and group digits")
    grid = Grid()
    for row in rows:
        grid.open_row()
        for field in row[: limits.SHEET_COLUMNS_MAX]:
            grid.add(field.strip())
        grid.close_row()
    findings: tuple[Finding, ...] = (GUESS,) if guessed else ()
    if any(len(row) > limits.SHEET_COLUMNS_MAX for row in rows):
        findings += (Finding("cells_beyond_range", "warning"),)
    blocks = (Block(1, table=grid.table()),)
    return Document("csv", READER, blocks, findings, quality=quality(text) if guessed else 1.0)


def delimiter(text: str) -> str:
    """What divides the fields of this text, "" when it is no table."""
    if named := _NAMED.match(text):
        return named[1]
    sample = "\n".join(text.splitlines()[:_SAMPLE])
    best, best_rank = "", (False, False, 0, 0)
    for candidate in _DELIMITERS:
        try:
            rows = [row for row in _rows(sample, candidate) if any(field.strip() for field in row)]
        except Unreadable:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        enough = count >= max(2, len(rows) / _SHARE)
        rank = (*_manners(sample, candidate), count, width)
        if enough and rank > best_rank:
            best, best_rank = candidate, rank
    if best and best_rank[:2] == (True, True):
        return best
    return _by_quotes(sample) or best


def _manners(text: str, delimiter: str) -> tuple[bool, bool]:
    """Whether every quote stands where a writer who divides by this would put it, and whether it divides as no sentence does."""
    field = rf'(?:^|(?<={re.escape(delimiter)}))"(?:[^"]|"")*+"(?={re.escape(delimiter)}|\r?$)'
    bare = re.sub(field, "", text, flags=re.MULTILINE)
    return '"' not in bare, 2 * bare.count(delimiter + " ") <= bare.count(delimiter)


def _by_quotes(text: str) -> str:
    """The delimiter that stands in every quoted field, "" when there is none or more than one could be it."""
    quoted = [field for field in _QUOTED.findall(text) if not {'"', "\n"} & set(field)]
    if not quoted:  # quoted for the line ends in them: what stands beside the quotes divides
        beside = {text[at] for m in _QUOTED.finditer(text) for at in (m.start() - 1, m.end()) if 0 <= at < len(text)}
        quoted = ["".join(beside & set(_DELIMITERS))]
    shared = [one for one in _DELIMITERS if quoted and all(one in field for field in quoted)]
    shared = shared if len(shared) < 2 else [one for one in shared if all(_manners(text, one))]
    return shared[0] if len(shared) == 1 else ""


def _body(text: str) -> str:
    named = _NAMED.match(text)
    return text[named.end() :] if named else text.removeprefix("\ufeff")


def _rows(text: str, found: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=found))
    except csv.Error as error:
        raise Unreadable("corrupt", f"csv: {error}") from error


def _ambiguous(rows: list[list[str]]) -> bool:
    """Whether a number may have been cut in two and no heading says it was not."""
    cut = [row for row in rows if any(_HEAD.search(a.strip()) and _TAIL.match(b) for a, b in pairwise(row))]
    if not cut:
        return False
    width = max(map(len, cut))
    headed = any(len(row) == width and all(field.strip(" 0123456789") for field in row) for row in rows)
    return not headed or any(len(row) > width for row in rows)
