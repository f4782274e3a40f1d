"""What people put over a PDF's page with a viewer: strokes, text typed over it, notes, files pinned to it.

Rules:

1. A remark that strikes out names the places itself (``pdf_struck``); one that is hidden says nothing.
2. Typed text that has a look of its own is drawn into the page by pdfium; one without (``/Contents`` alone, as some viewers write it) is put
   into the line at whose height it stands.
3. The words of a note belong to no line: they are told as remarks, and only looked through for what sets a figure right (``amended``).
4. A file pinned to a page is an attachment like any other, shown or not.
5. No more remarks of a page are looked at than ``PDF_REMARKS_MAX``: that there are more is told (``remarks_unread``).
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from parsers import limits
from parsers.fold import nfc
from parsers.readers.pdf_letters import Box, Letter
from parsers.readers.pdf_page import Line
from parsers.readers.pdf_placing import Placing, placing
from parsers.readers.pdf_struck import struck_places

_UNSEEN = api.FPDF_ANNOT_FLAG_HIDDEN | api.FPDF_ANNOT_FLAG_NOVIEW
_NOTES = frozenset(
    [
        api.FPDF_ANNOT_TEXT, api.FPDF_ANNOT_HIGHLIGHT, api.FPDF_ANNOT_UNDERLINE, api.FPDF_ANNOT_SQUIGGLY, api.FPDF_ANNOT_STRIKEOUT,
        api.FPDF_ANNOT_CARET, api.FPDF_ANNOT_STAMP, api.FPDF_ANNOT_SQUARE, api.FPDF_ANNOT_CIRCLE, api.FPDF_ANNOT_INK, api.FPDF_ANNOT_LINE,
    ]
)  # fmt: skip


@dataclass(slots=True)
class Remarks:
    """The remarks of one page."""

    struck: list[Box] = field(default_factory=list)
    drawn: bool = False  # whether typed text is to be drawn into the page
    typed: list[Line] = field(default_factory=list)  # typed text without a look of its own
    notes: list[str] = field(default_factory=list)
    pinned: list[tuple[str, bytes | None]] = field(default_factory=list)  # name and file; None: it cannot be had
    more: bool = False  # than are looked at


def remarks_of(page: pdfium.PdfPage) -> Remarks:
    """What is said over a page."""
    found, place = Remarks(), None
    count = api.FPDFPage_GetAnnotCount(page.raw)
    found.more = count > limits.PDF_REMARKS_MAX
    for n in range(min(count, limits.PDF_REMARKS_MAX)):
        remark = api.FPDFPage_GetAnnot(page.raw, n)
        if remark:
            place = place or placing(page)
            try:
                _hear(found, remark, place, page)
            finally:
                api.FPDFPage_CloseAnnot(remark)
    return found


def _hear(found: Remarks, remark: Any, place: Placing, page: pdfium.PdfPage) -> None:
    kind = api.FPDFAnnot_GetSubtype(remark)
    if kind in (api.FPDF_ANNOT_LINK, api.FPDF_ANNOT_WIDGET, api.FPDF_ANNOT_POPUP):
        return
    if kind == api.FPDF_ANNOT_FILEATTACHMENT:
        found.pinned.append(_file(remark, page, len(found.pinned)))
        return
    if api.FPDFAnnot_GetFlags(remark) & _UNSEEN:
        return
    if kind == api.FPDF_ANNOT_STRIKEOUT:
        found.struck += struck_places(remark, place)
    if kind in _NOTES and (said := _words(remark)):
        found.notes.append(said)
    if kind == api.FPDF_ANNOT_FREETEXT:
        looks = (
            api.FPDFAnnot_GetAP(remark, api.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2
        )  # bytes: the zero at its end
        found.drawn |= looks
        found.typed += [] if looks else _laid(_words(remark), remark, place)


def _file(remark: Any, page: pdfium.PdfPage, number: int) -> tuple[str, bytes | None]:
    raw = api.FPDFAnnot_GetFileAttachment(remark)
    if not raw:
        return f"attachment-{number + 1}", None
    held = pdfium.PdfAttachment(raw, page.pdf)
    try:
        return held.get_name() or f"attachment-{number + 1}", bytes(held.get_data())
    except pdfium.PdfiumError:
        return held.get_name() or f"attachment-{number + 1}", None


def _words(remark: Any) -> str:
    """What it says, at most as much as a line may hold."""
    size = api.FPDFAnnot_GetStringValue(remark, b"Contents", None, 0)
    if not 2 < size <= 2 * limits.CELL_TEXT_MAX:
        return ""
    room = (ctypes.c_ushort * (size // 2))()
    api.FPDFAnnot_GetStringValue(remark, b"Contents", room, size)
    return nfc(
        bytes(room).decode("utf-16-le", "replace").rstrip("\0").replace("\r\n", "\n").replace("\r", "\n")
    ).strip()


def _laid(said: str, remark: Any, place: Placing) -> list[Line]:
    """Its lines in its rectangle, each letter as wide as the others."""
    rect = api.FS_RECTF()
    if not said or not api.FPDFAnnot_GetRect(remark, ctypes.byref(rect)):
        return []
    box = place(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    if box is None:
        return []
    rows = [row for row in said.split("\n") if row.strip()]
    high, wide = (box[3] - box[1]) / len(rows), (box[2] - box[0]) / max(map(len, rows))
    return [
        Line(
            [
                Letter(char, (box[0] + wide * i, box[1] + high * n, box[0] + wide * (i + 1), box[1] + high * (n + 1)))
                for i, char in enumerate(row)
            ]
        )
        for n, row in enumerate(rows)
    ]


def with_typed(lines: list[Line], typed: Sequence[Line]) -> list[Line]:
    """The page's lines with each typed one in the line at whose height it stands, else between those above and below it."""
    for own in typed:
        x, top, _, bottom = own.box or (0.0, 0.0, 0.0, 0.0)
        middle = (top + bottom) / 2
        host = next((line for line in lines if line.box and line.box[1] <= middle <= line.box[3]), None)
        if host is None:
            at = next((n for n, line in enumerate(lines) if line.box and line.box[1] > middle), len(lines))
            lines = [*lines[:at], own, *lines[at:]]
            continue
        at = next((n for n, letter in enumerate(host.letters) if letter.box and letter.box[0] >= x), len(host.letters))
        blank = Letter(" ", None)
        put = Line([*host.letters[:at], blank, *own.letters, blank, *host.letters[at:]])
        lines = [put if line is host else line for line in lines]
    return lines
