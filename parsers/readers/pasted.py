"""Scans pasted into an office file that was meant to be typed: pictures of pages, in the file's own order.

Rules:

1. Looked for only in a file of few words with pictures. A page is PNG, JPEG or TIFF and large enough to be legible (``docx_pictures``).
2. OpenDocument names its pictures where they stand; workbooks keep them as members; rtf writes them as hexadecimal figures; Word as one XML file in base64; old Word
   and old Excel keep them in their data beside other bytes, found by how such files begin. Each picture once, nothing outside the file.
3. Pictures nobody opens (``unopened``) are a finding, and without a report beside them a person looks (``unreadable_scan``).
4. The reader asks for the pages and the page worker opens them, by their number here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from parsers import limits
from parsers.findings import finding
from parsers.readers import wordxml
from parsers.readers.biff import drawings_of
from parsers.readers.budget import Budget
from parsers.readers.doc_file import WordFile
from parsers.readers.docx_pictures import is_page, page_pictures
from parsers.readers.errors import Unreadable
from parsers.readers.odf import OdfPackage
from parsers.readers.ooxml import Package
from parsers.readers.scan import Scanned
from parsers.readers.unopened import unopened_in
from parsers.scan import PageScan
from parsers.values import Block, Document
from parsers.vietnamese import quality

_WORDLESS = 600  # letters of a document below which it may be nothing but pasted pictures
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_BEGINS = re.compile(_PNG + b"|" + _JPEG + rb"[\xe0\xe1\xdb\xee\xed\xe2]")
_HEXADECIMAL = re.compile(rb"(?:89504e470d0a1a0a|ffd8ff)[0-9a-f\s]{1000,}", re.IGNORECASE)
_CARVED_MAX = 200  # beginnings looked at in one file


def letters_of(blocks: Sequence[Block]) -> int:
    """How many characters a document's blocks hold."""
    return sum(len(block.text) for block in blocks) + sum(
        len(cell.text) for block in blocks if block.table for row in block.table.rows for cell in row
    )


def with_pages(told: Document, data: bytes, budget: Budget, scans: Mapping[int, PageScan] | None) -> Document:
    """A document of few words with what was seen on its pictures; ``told`` itself where it has none; raises ``Unreadable``."""
    if not told.images or letters_of(told.blocks) >= _WORDLESS:
        return told
    told = _with_unopened(told, data, budget)
    wanted = tuple(range(1, len(pictures_in(data, told.type, budget)) + 1))
    seen = Scanned()
    for number in wanted:
        if scans and number in scans:
            seen.follow(scans[number], len(told.blocks) + len(seen.blocks) + 1)
    if not seen.blocks:
        if not told.blocks:
            reason = seen.failure or told.unread or "no_text"
            raise Unreadable(reason, "only pictures", wanted if scans is None else ())
        return replace(told, wanted=wanted if scans is None else (), unread=seen.failure or told.unread)
    words = tuple(replace(block, page=None) for block in told.blocks)
    return replace(
        told, blocks=(*words, *seen.blocks), quality=quality("\n".join(seen.text)), scanned=tuple(seen.pages),
        numbers=tuple(seen.numbers), sure=seen.sure, unread=seen.failure or told.unread,
    )  # fmt: skip


def _with_unopened(told: Document, data: bytes, budget: Budget) -> Document:
    """With a word of the pictures nobody opens: one of them may be the report."""
    kinds = unopened_in(data, told.type, budget)
    if not kinds:
        return told
    found = finding("picture_unread", kinds=", ".join(kinds))
    return replace(told, findings=(*told.findings, found), unread="unreadable_scan")


def picture_of(data: bytes, kind: str, number: int) -> bytes:
    """The picture with that number (1-based); raises ``Unreadable``."""
    found = pictures_in(data, kind, Budget())
    if not 1 <= number <= len(found):
        raise Unreadable("corrupt", f"no picture {number}")
    return found[number - 1]


def pictures_in(data: bytes, kind: str, budget: Budget) -> tuple[bytes, ...]:
    """The pictures that are pages, in order."""
    found: list[bytes] = []
    for picture in _HOLDERS[kind](data, budget):
        if len(found) < limits.SCAN_PAGES_MAX and picture not in found and is_page(picture):
            found.append(picture)
    return tuple(found)


def _of_docx(data: bytes, budget: Budget) -> Iterator[bytes]:
    package = Package(data, budget)
    yield from (package.read(name) for name in page_pictures(package, package.main_part()))


def _of_opendocument(data: bytes, budget: Budget) -> Iterator[bytes]:
    package = OdfPackage(data, budget)
    yield from (package.read(name) for name in package.images())


def _of_workbook(data: bytes, budget: Budget) -> Iterator[bytes]:
    package = Package(data, budget)
    names = [name for name in package.names if name.lower().startswith("xl/media/")]
    yield from (
        package.read(name) for name in sorted(names, key=lambda name: (int(re.sub(r"\D", "", name)[:9] or 0), name))
    )


def _of_rtf(data: bytes, budget: Budget) -> Iterator[bytes]:
    for match in _HEXADECIMAL.finditer(data):
        figures = re.sub(rb"\s+", b"", match[0])
        budget.take(len(figures) // 2)
        yield bytes.fromhex(figures[: len(figures) // 2 * 2].decode("ascii"))


def _of_doc(data: bytes, budget: Budget) -> Iterator[bytes]:
    del budget
    file = WordFile(data)
    for stream in (file.data, file.main):
        yield from _carved(stream)


def _of_xls(data: bytes, budget: Budget) -> Iterator[bytes]:
    del budget
    yield from _carved(drawings_of(data))


def _carved(stream: bytes) -> Iterator[bytes]:
    starts = [match.start() for match in _BEGINS.finditer(stream)][:_CARVED_MAX]
    yield from (stream[at:] for at in starts)


def count_in(data: bytes) -> int:
    """How many pictures seem to begin in these bytes."""
    return len(_BEGINS.findall(data)) if _PNG in data or _JPEG in data else 0


_HOLDERS = {
    "docx": _of_docx, "odt": _of_opendocument, "ods": _of_opendocument, "xlsx": _of_workbook, "rtf": _of_rtf, "doc": _of_doc,
    "xls": _of_xls, "wordxml": wordxml.pictures,
}  # fmt: skip
