"""Pictures in an office file that nobody here opens (EMF, WMF, bitmaps, GIF …): what was pasted as one is told, never passed over.

Rules:

1. Asked only of a file of few words with pictures (``pasted``). What is opened (PNG, JPEG, TIFF) is not told here, nor what an office
   program keeps beside an embedded object to show it where the object itself is a finding.
2. A picture that is known to be small is a seal, a signature or a line: it is no page. One of unknown size may be.
3. Old Word and old Excel name each picture's kind before it ([MS-ODRAW] 2.2.23); rtf with a word; the others keep whole files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from parsers.readers import wordxml
from parsers.readers.biff import drawings_of
from parsers.readers.budget import Budget
from parsers.readers.doc_file import WordFile
from parsers.readers.odf import OdfPackage
from parsers.readers.ooxml import Package

_SMALL = 60.0  # millimetres of the longer side up to which a drawing is no page
_PIXELS = 400  # of the longer side below which a bitmap is none
_INCH, _EMU, _TWIPS = 25.4, 36_000, 1440 / 25.4  # millimetres; to a millimetre
_EMF_MARK, _PLACEABLE, _WMF = b" EMF", b"\xd7\xcd\xc6\x9a", b"\x01\x00\x09\x00"
_ZIPPED = b"\x1f\x8b"  # EMZ and WMZ
_RECORDS = {
    b"\x40\x3d\x1a\xf0": "EMF", b"\x50\x3d\x1a\xf0": "EMF", b"\x60\x21\x1b\xf0": "WMF", b"\x70\x21\x1b\xf0": "WMF",
    b"\x20\x54\x1c\xf0": "PICT", b"\x30\x54\x1c\xf0": "PICT", b"\x80\x7a\x1f\xf0": "DIB", b"\x90\x7a\x1f\xf0": "DIB",
    b"\x40\x6e\x29\xf0": "TIFF", b"\x50\x6e\x29\xf0": "TIFF",
}  # fmt: skip  # how the record of such a picture begins
_RECORD = re.compile(b"|".join(map(re.escape, _RECORDS)))
_DRAWINGS = ("EMF", "WMF", "PICT")  # their records tell a size in EMU
_HEAD, _ID, _SIZE_AT = (
    8,
    16,
    20,
)  # bytes of a record before its body, of one identifier, of the metafile's own head before its size
_RTF = re.compile(rb"\\(emfblip|wmetafile\d*|dibitmap\d*|wbitmap\d*|macpict)(?![a-z])([^{}]{0,300})")
_RTF_SIDE = re.compile(rb"\\pic[wh]goal(\d{1,7})")
_RTF_KINDS = {b"emf": "EMF", b"wme": "WMF", b"dib": "DIB", b"wbi": "DIB", b"mac": "PICT"}
_RTF_AGAIN = re.compile(rb"\{\\nonshppict\s*\{\\pict[^{}]*\}\s*\}")  # a second picture of what stands before it


def begins_unopened(stream: bytes) -> int:
    """How many records of such pictures seem to begin in an old file's drawings."""
    return sum(map(stream.count, _RECORDS))


def unopened_in(data: bytes, kind: str, budget: Budget) -> tuple[str, ...]:
    """The kinds of such pictures in a file, each once, in order."""
    return tuple(dict.fromkeys(_HOLDERS[kind](data, budget)))


def kind_of(picture: bytes) -> str:
    """The kind of a whole file that is such a picture and may be a page, else "".

    >>> kind_of(b"GIF89a" + bytes([0x58, 2, 0x20, 3])), kind_of(b"GIF89a" + bytes([10, 0, 10, 0])), kind_of(b"RIFF....WEBP")
    ('GIF', '', 'WEBP')
    """
    if picture[40:44] == _EMF_MARK:
        left, top, right, bottom = struct.unpack_from("<4i", picture, 24)  # hundredths of a millimetre
        return _drawing("EMF", max(abs(right - left), abs(bottom - top)) / 100)
    if picture.startswith(_PLACEABLE) and len(picture) >= _ID:
        left, top, right, bottom, inch = struct.unpack_from("<4hH", picture, 6)
        return _drawing("WMF", max(abs(right - left), abs(bottom - top)) / max(1, inch) * _INCH)
    if picture.startswith((_WMF, _ZIPPED)):
        return "WMF"
    if picture.startswith(b"GIF8") and len(picture) >= 10:
        return "GIF" if max(struct.unpack_from("<HH", picture, 6)) >= _PIXELS else ""
    if picture.startswith(b"BM") and len(picture) >= 26:
        return "BMP" if max(map(abs, struct.unpack_from("<ii", picture, 18))) >= _PIXELS else ""
    if picture[8:12] == b"WEBP":
        return "WEBP"
    return "SVG" if b"<svg" in picture[:1000] else ""


def _drawing(kind: str, side: float) -> str:
    return kind if side > _SMALL else ""


def _of_docx(data: bytes, budget: Budget) -> Iterator[str]:
    yield from _of_package(Package(data, budget), "word/media/")


def _of_workbook(data: bytes, budget: Budget) -> Iterator[str]:
    yield from _of_package(Package(data, budget), "xl/media/")


def _of_package(package: Package, folder: str) -> Iterator[str]:
    for name in package.names:
        if name.lower().startswith(folder) and (kind := kind_of(package.read(name))):
            yield kind


def _of_opendocument(data: bytes, budget: Budget) -> Iterator[str]:
    package = OdfPackage(data, budget)
    for name in package.images():
        if not name.startswith("ObjectReplacements/") and (kind := kind_of(package.read(name))):
            yield kind


def _of_rtf(data: bytes, budget: Budget) -> Iterator[str]:
    del budget
    for found in _RTF.finditer(_RTF_AGAIN.sub(b"", data) if b"\\nonshppict" in data else data):
        sides = [int(side) / _TWIPS for side in _RTF_SIDE.findall(found[2])]
        if not sides or max(sides) > _SMALL:
            yield _RTF_KINDS[found[1][:3]]


def _of_doc(data: bytes, budget: Budget) -> Iterator[str]:
    del budget
    file = WordFile(data)
    for stream in (file.data, file.main):
        yield from _recorded(stream)


def _of_xls(data: bytes, budget: Budget) -> Iterator[str]:
    del budget
    yield from _recorded(drawings_of(data))


def _recorded(stream: bytes) -> Iterator[str]:
    for found in _RECORD.finditer(stream):
        kind, ids = _RECORDS[found[0]], 1 + (found[0][0] >> 4 & 1)
        at = found.start() + _HEAD + _ID * ids + _SIZE_AT
        known = kind in _DRAWINGS and at + 8 <= len(stream)
        if not known or max(map(abs, struct.unpack_from("<ii", stream, at))) / _EMU > _SMALL:
            yield kind


def _of_wordxml(data: bytes, budget: Budget) -> Iterator[str]:
    yield from filter(None, map(kind_of, wordxml.pictures(data, budget)))


_HOLDERS = {
    "docx": _of_docx, "odt": _of_opendocument, "ods": _of_opendocument, "xlsx": _of_workbook, "rtf": _of_rtf, "doc": _of_doc,
    "xls": _of_xls, "wordxml": _of_wordxml,
}  # fmt: skip
