"""Units told beside a table's figures that make a number mean something else than it shows.

Rules:

1. "nghìn hồ sơ" in a cell, in a heading's bracket or behind "Đơn vị tính" above the table: its numbers are thousands, rounded by
   somebody else. They are doubted, never multiplied. A cell of a row speaks for its row, a heading for the whole table, a line of text
   for all that stands below it.
2. A row whose unit is "%" where a count is asked gives a share: doubted.
3. A row whose unit is "thủ tục" where files are asked counts procedures: doubted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parsers.candidates import Candidate
from parsers.form import Form
from parsers.labels import meaning_of
from parsers.lines import Grid
from parsers.values import Cell
from parsers.words import vocabulary

_SCALE = r"(?:nghìn|ngàn|trăm|chục|triệu|1[.,]?000)"
_COUNTED = r"(?:bộ\s+)?(?:hồ sơ|hs|hsơ|văn bản|vb|thủ tục|tthc|lượt|người|phản ánh|kiến nghị)"
_SCALED = re.compile(rf"(?:\A|[(:])\s*{_SCALE}\s+{_COUNTED}\b", re.IGNORECASE)
_TOLD = re.compile(rf"\b(?:đơn vị tính|đvt)\W{{0,4}}{_SCALE}\b", re.IGNORECASE)


_SHARE = frozenset(["%", "phần trăm", "Phần trăm", "(%)"])  # the unit of a row
_LINE = re.compile(rf"\b(?:đơn vị tính|đvt)\W{{0,4}}(?:{_SCALE}\s+{_COUNTED}\b|%|phần trăm\b)", re.IGNORECASE)


def tells_scale(text: str) -> bool:
    """Whether a line says that the figures below it are not what they show: "Đơn vị tính: nghìn hồ sơ", "ĐVT: %"."""
    return _LINE.search(text) is not None


def with_units(form: Form, grid: Grid, above: str, read: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of a table, doubted where a unit says that their numbers are not what they show. ``above``: the line before."""
    rows = {candidate.place.row for candidate in read}
    scaled = {n for n, row in enumerate(grid.rows, grid.above + 1) if any(map(_is_scaled, row))}
    everything = bool(scaled - rows) or _TOLD.search(above) is not None
    procedures = {n for n, row in enumerate(grid.rows, grid.above + 1) if _counts_procedures(row)}
    shares = {n for n, row in enumerate(grid.rows, grid.above + 1) if any(cell.text in _SHARE for cell in row)}
    out = []
    for candidate in read:
        row = candidate.place.row
        if candidate.state == "number" and (everything or row in scaled):
            candidate = candidate.doubted("unit")  # noqa: PLW2901
        if candidate.state == "number" and row in shares and not _asks_share(form, candidate.key):
            candidate = candidate.doubted("unit")  # noqa: PLW2901
        if row in procedures and _asks_files(form, candidate.key):
            candidate = candidate.doubted("procedures")  # noqa: PLW2901
        out.append(candidate)
    return out


def _asks_share(form: Form, key: str) -> bool:
    line = form.line(key)
    return line is not None and line.kind == "percentage"


def _is_scaled(cell: Cell) -> bool:
    return bool(cell.text) and (_SCALED.search(cell.text) or _TOLD.search(cell.text)) is not None


def _counts_procedures(row: Iterable[Cell]) -> bool:
    return any("procedures" in vocabulary().atoms.whole(cell.text) for cell in row if cell.text)


def _asks_files(form: Form, key: str) -> bool:
    line = form.line(key)
    atoms = meaning_of(line.label).atoms if line else frozenset()
    return "files" in atoms and "procedures" not in atoms
