"""What was sent, beside what was read of it: the bytes of one part, and its document with every figure's place marked.

Rules: the sender's bytes are opened in the confined worker only, never here; what a person sees is text of ours, escaped; the
place of a figure is the words its value was read from, or the whole line or cell where they cannot be told apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.desk import Desk
from parsers.box import BoxFailure
from parsers.values import Block, Cell, Document, Hints, Leaf
from storage.errors import NotFound
from storage.records import Json, Mail, Part

_KEPT = 24  # parts remembered
PICTURED = frozenset({"pdf", "png", "jpeg", "tiff"})  # types a page of which can be shown as a picture


@dataclass(frozen=True, slots=True)
class Original:
    """A part opened again, or why it could not be."""

    leaf: Leaf | None
    document: Document | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of the document; with the keys of the figures read from them."""

    text: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell."""

    pieces: tuple[Piece, ...]
    keys: tuple[str, ...]  # figures read from the cell as a whole
    colspan: int
    rowspan: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A paragraph, or a table."""

    pieces: tuple[Piece, ...] = ()
    keys: tuple[str, ...] = ()
    rows: tuple[tuple[ShownCell, ...], ...] | None = None
    page: int | None = None
    where: str = "body"
    hidden: bool = False
    name: str = ""


@dataclass(slots=True)
class Originals:
    """Parts opened again; the last ones are remembered."""

    _known: OrderedDict[tuple[str, int], Original] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, desk: Desk, mail: Mail, part: Part) -> Original:
        """The part as it came."""
        with self._lock:
            known = self._known.get((mail.sha256, part.n))
        if known is not None and desk.vault.has(mail.sha256):  # what was erased is not remembered either
            return known
        found = _opened(desk, mail, part)
        if found.reason is None:
            with self._lock:
                self._known[mail.sha256, part.n] = found
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return found


def _opened(desk: Desk, mail: Mail, part: Part) -> Original:
    try:
        envelope = desk.box.open_mail(desk.vault.get(mail.sha256))
        leaf = next((one for one in envelope.leaves if one.path == part.path[: len(one.path)]), None)
        if leaf is None:
            return Original(None, None, "not_there")
        day = desk.calendar.day(mail.received_at)
        shown = desk.box.show_part(leaf, Hints(envelope.subject, leaf.name, day), part.path)
    except BoxFailure as failure:
        return Original(None, None, failure.reason)
    except NotFound:
        return Original(None, None, "erased")
    if shown.leaf is None:
        return Original(leaf if leaf.path == part.path else None, None, None if leaf.path == part.path else "not_there")
    return Original(shown.leaf, shown.document)


# ---- marking ---------------------------------------------------------------------------------------------------------

Marks = dict[tuple[int | None, int | None, int | None, int | None], list[tuple[str, str]]]


def marked(document: Document, figures: Mapping[str, Json]) -> tuple[ShownBlock, ...]:
    """The document with the place of every figure; each key stands exactly once or not at all."""
    wanted = _places(figures)
    shown, table_n = [], 0
    for block in document.blocks:
        if block.table is not None:
            table_n += 1
            shown.append(_table(block, table_n, wanted))
        else:
            pieces, keys = _pieces(block.text, wanted.pop((block.n, None, None, None), []))
            shown.append(ShownBlock(pieces, keys, None, block.page, block.where, block.hidden))
    return tuple(shown)


def _places(figures: Mapping[str, Json]) -> Marks:
    wanted: Marks = {}
    for key, figure in figures.items():
        where = figure.get("where")
        if where:
            inside = where.get("table") is not None
            spot = (None if inside else where.get("block"), where.get("table"), where.get("row"), where.get("cell"))
            wanted.setdefault(spot, []).append((key, str(figure.get("raw") or "")))
    return wanted


def _table(block: Block, table_n: int, wanted: Marks) -> ShownBlock:
    assert block.table is not None
    rows = []
    for r, row in enumerate(block.table.rows, 1):
        whole = wanted.pop((None, table_n, r, None), [])
        cells = [_cell(cell, wanted.pop((None, table_n, r, c), [])) for c, cell in enumerate(row, 1)]
        if whole and cells:
            first = cells[0]
            cells[0] = ShownCell(
                first.pieces, (*first.keys, *(key for key, _ in whole)), first.colspan, first.rowspan, first.hidden
            )
        rows.append(tuple(cells))
    return ShownBlock((), (), tuple(rows), block.page, block.where, block.hidden, block.table.name)


def _cell(cell: Cell, marks: list[tuple[str, str]]) -> ShownCell:
    pieces, keys = _pieces(cell.text, marks)
    return ShownCell(pieces, keys, cell.colspan, cell.rowspan, cell.hidden)


def _pieces(text: str, marks: list[tuple[str, str]]) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The text cut at values that stand in it exactly once; keys whose value cannot be told apart mark the whole."""
    spans: dict[tuple[int, int], list[str]] = {}
    whole: list[str] = []
    for key, raw in marks:
        at = text.find(raw) if raw else -1
        if at >= 0 and text.count(raw) == 1:
            spans.setdefault((at, at + len(raw)), []).append(key)
        else:
            whole.append(key)
    pieces, end = [], 0
    for (start, stop), keys in sorted(spans.items()):
        if start < end:  # one value inside another's words
            whole += keys
            continue
        pieces += [Piece(text[end:start])] if start > end else []
        pieces.append(Piece(text[start:stop], tuple(keys)))
        end = stop
    if end < len(text) or not pieces:
        pieces.append(Piece(text[end:]))
    return tuple(pieces), tuple(whole)
