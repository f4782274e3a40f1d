"""Pictures of what was read, for a person: a page, or the place of a figure with some paper around it.

Rules: cut out in the confined worker, never in this process; None where there is no picture (a typed Word file, a broken page, no
Tesseract, whose worker does it). The bytes of a part are ``desk.box.show_part``'s, or the mail's own.
"""

from __future__ import annotations

from parsers.box import Box, BoxFailure
from parsers.readers import PASTED, PICTURES
from parsers.scan import Box as Rectangle

PAGED = PICTURES | PASTED | {"pdf"}  # types whose parts have pictures (an office file: those pasted into it)


def page(box: Box, data: bytes, kind: str, number: int) -> bytes | None:
    """A page of a part as PNG, upright, at most 2000 pixels; ``kind`` is the part's type, ``number`` counts from 1."""
    return _picture(box, data, kind, number, None)


def place(box: Box, data: bytes, kind: str, number: int, rectangle: Rectangle) -> bytes | None:
    """The place of a figure (``where.page``, ``where.box``) as PNG, with a margin."""
    return _picture(box, data, kind, number, rectangle)


def _picture(box: Box, data: bytes, kind: str, number: int, rectangle: Rectangle | None) -> bytes | None:
    if kind not in PAGED:
        return None
    try:
        return box.picture(data, kind, number, rectangle).png or None
    except BoxFailure:
        return None
