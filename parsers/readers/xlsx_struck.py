"""What is struck out in a workbook: its writer took it back, as by a tracked deletion in Word, and it is not read; what stands above the line.

Rules:

1. A cell whose font is struck out is empty; of a text in several fonts the runs struck out are left out.
2. Fonts and runs are looked at only where the file's bytes name a strike at all; hardly any does.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from parsers.readers.raised import raised

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MARK = b"<strike"
_OFF = ("0", "false")


def names_any(data: bytes) -> bool:
    """Whether a member may strike anything out."""
    return _MARK in data or b":strike" in data or b'"superscript"' in data


def struck_styles(styles: Any) -> frozenset[int]:
    """The numbers of the cell styles whose font is struck out."""
    fonts = {n for n, font in enumerate(styles.iterfind(f"{_MAIN}fonts/{_MAIN}font")) if _is_struck(font)}
    formats = styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    return frozenset(n for n, one in enumerate(formats) if _number(one.get("fontId")) in fonts)


def kept_strings(table: Any) -> list[str]:
    """The shared strings without their runs that are struck out, and without what tells how they sound."""
    return ["".join(_kept(item)) for item in table.iterfind(f"{_MAIN}si")]


def _kept(item: Any) -> list[str]:
    plain = [piece.text or "" for piece in item.iterfind(f"{_MAIN}t")]
    runs = [run for run in item.iterfind(f"{_MAIN}r") if not _is_struck(run.find(f"{_MAIN}rPr"))]
    return plain + [_placed(run, piece.text or "") for run in runs for piece in run.iterfind(f"{_MAIN}t")]


def _placed(run: Any, text: str) -> str:
    """A run's text, its digits raised where it stands above the line."""
    look = run.find(f"{_MAIN}rPr/{_MAIN}vertAlign")
    return raised(text)[0] if look is not None and look.get("val") == "superscript" else text


def _is_struck(font: Any) -> bool:
    mark = None if font is None else font.find(f"{_MAIN}strike")
    return mark is not None and mark.get("val") not in _OFF


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def kept_sheet(sheet: Any) -> bytes:
    """A sheet whose cells hold their texts themselves, without their runs that are struck out, raised digits as such."""
    for run in list(sheet.iter(f"{_MAIN}r")):
        if _is_struck(run.find(f"{_MAIN}rPr")):
            run.getparent().remove(run)
        for piece in run.iterfind(f"{_MAIN}t"):
            piece.text = _placed(run, piece.text or "")
    kept: bytes = etree.tostring(sheet)
    return kept
