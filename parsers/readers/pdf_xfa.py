"""XFA: a form inside a PDF that Adobe's programs draw themselves; the pages only ask the reader to wait.

Rules:

1. The packets are read as one guarded XML document (``xml_entity``, ``xml_too_deep``); nothing is computed, no script is run, nothing is
   laid out: captions and values in the template's order, rows of its tables as rows.
2. A field's value is the one the data holds under its name, in order where a name repeats; else the template's own. One chosen from a list is
   the one the list shows. A row that repeats is
   told once for each of its data.
3. Where the pages show the form's values already it is not told again.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from parsers import limits
from parsers.fold import nfc
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.readers.ooxml import parse_xml
from parsers.values import Block

_PACKETS_MAX = 50
_UNSEEN = ("hidden", "invisible", "inactive")
_ENOUGH = 2  # of so many values one shown on the pages means that the pages show the form


def form_blocks(document: pdfium.PdfDocument, shown: str, first: int) -> list[Block]:
    """The form's lines and tables, numbered from ``first``; none where there is no such form or the pages show it."""
    text = _packets(document)
    if not text:
        return []
    root = _root(text)
    template = next((one for one in root.iter("{*}template") if "xfa-template" in one.tag), None)
    if template is None:
        return []
    told = _Form(next(root.iter("{http://www.xfa.org/schema/xfa-data/1.0/}data"), None))
    told.walk(template)
    values = [value for value in told.values if len(value) > 1]
    if values and sum(value in shown for value in values) * _ENOUGH >= len(values):
        return []
    return [
        Block(first + n, text=item) if isinstance(item, str) else Block(first + n, table=item.table())
        for n, item in enumerate(told.items)
    ]


def _root(text: bytes) -> Any:
    """The packets as one document; some programs leave out those two that open and close it."""
    try:
        return parse_xml(text, "XFA")
    except Unreadable as error:
        if error.reason != "corrupt":
            raise
        return parse_xml(b"<xfa>" + text + b"</xfa>", "XFA")


def _packets(document: pdfium.PdfDocument) -> bytes:
    """The whole XFA document, its packets in order; b"" when there is none."""
    count = api.FPDF_GetXFAPacketCount(document.raw)
    out = b""
    for n in range(min(max(count, 0), _PACKETS_MAX)):
        size = ctypes.c_ulong()
        api.FPDF_GetXFAPacketContent(document.raw, n, None, 0, ctypes.byref(size))
        if len(out) + size.value > limits.TEXT_MAX:
            raise Unreadable("too_large", "an XFA form")
        buffer = ctypes.create_string_buffer(max(size.value, 1))
        if size.value and api.FPDF_GetXFAPacketContent(document.raw, n, buffer, size.value, ctypes.byref(size)):
            out += buffer.raw[: size.value]
    return out.strip()


class _Form:
    """Walks the template and takes the data as it goes."""

    def __init__(self, data: Any) -> None:
        self.items: list[str | Grid] = []
        self.values: list[str] = []
        self._held: dict[str, deque[str]] = defaultdict(deque)  # by the name of a field, in order
        self._groups: dict[str, int] = defaultdict(int)  # how often a group stands in the data
        self._cells = self._chars = 0
        for element in data.iter() if data is not None else ():
            if isinstance(element.tag, str):
                name = element.tag.rpartition("}")[2]
                if len(element):
                    self._groups[name] += 1
                else:
                    self._held[name].append(_clean(element.text or ""))

    def walk(self, parent: Any) -> None:
        """Everything below this element, in order."""
        for child in parent:
            kind = _kind(child)
            if child.get("presence") in _UNSEEN:
                continue
            if kind == "subform" and child.get("layout") == "table":
                self._table(child)
            elif kind in ("field", "draw"):
                self._say(self._line(child, kind))
            elif kind in ("subform", "pageSet", "pageArea", "exclGroup", "area", "subformSet"):
                for _ in range(self._times(child) if kind == "subform" else 1):
                    self.walk(child)

    def _say(self, text: str) -> None:
        if text:
            self._chars += len(text)
            if self._chars > limits.TEXT_MAX or len(self.items) >= limits.BLOCKS_MAX:
                raise Unreadable("too_large", "more text than a report holds")
            self.items.append(text)

    def _times(self, subform: Any) -> int:
        """How often a subform stands there: as often as its data, where it may repeat."""
        occur = next((one for one in subform if _kind(one) == "occur"), None)
        most = "1" if occur is None else occur.get("max") or "1"
        told = self._groups.get(subform.get("name") or "", 1)
        return min(told if most == "-1" else min(told, int(most)) if most.isdigit() else 1, limits.BLOCKS_MAX) or 1

    def _table(self, table: Any) -> None:
        grid = Grid(self._cells)
        for row in table:
            if _kind(row) != "subform" or row.get("presence") in _UNSEEN:
                continue
            for _ in range(self._times(row)):
                grid.open_row()
                for cell in row:
                    if (kind := _kind(cell)) in ("field", "draw", "subform"):
                        grid.add(self._text(cell, kind), _span(cell))
                grid.close_row()
        self._cells = grid.count
        if grid.chars:
            self.items.append(grid)

    def _text(self, cell: Any, kind: str) -> str:
        if kind != "subform":
            return self._line(cell, kind)
        inner = [self._line(one, _kind(one)) for one in cell if _kind(one) in ("field", "draw")]
        return "\n".join(filter(None, inner))

    def _line(self, element: Any, kind: str) -> str:
        """A field as caption and value, a drawn text as it stands."""
        if kind == "draw":
            return _words(element, "value")
        caption = next((_words(one, "value") for one in element if _kind(one) == "caption"), "")
        held = self._held.get(element.get("name") or "")
        value = _listed(element, held.popleft() if held else _words(element, "value"))
        self.values += [value] if value else []
        return f"{caption}{'' if not caption or caption[-1] in ':/…' else ':'} {value}".strip() if caption else value


def _listed(field: Any, value: str) -> str:
    """A value chosen from a list as the list shows it: what it is kept by may be a number of its own."""
    lists = {one.get("save") == "1": list(_texts(one)) for one in field if _kind(one) == "items"}
    kept, shown = lists.get(True, []), lists.get(False, [])
    return _clean(shown[kept.index(value)]) if len(kept) == len(shown) and value in kept else value


def _kind(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(element: Any, name: str) -> str:
    return _clean(" ".join(text for one in element if _kind(one) == name for text in _texts(one)))


def _texts(value: Any) -> Iterator[str]:
    for held in value:
        if _kind(held) in ("text", "exData", "integer", "decimal", "float", "date"):
            yield "".join(held.itertext())


def _clean(text: str) -> str:
    return nfc(" ".join(text.split()))[: limits.CELL_TEXT_MAX]


def _span(cell: Any) -> int:
    text = cell.get("colSpan") or ""
    return (
        max(1, min(int(text), limits.SHEET_COLUMNS_MAX)) if text.isascii() and text.isdigit() and len(text) < 5 else 1
    )
