"""PDF with a text layer: paragraphs with pages and places by pdfium, ruled tables by pdfplumber.

Rules (plan, pitfalls, "Documents", and faults, "Libraries"):

1. Nothing is rendered and nothing in the file is run; what would run elsewhere is the finding ``active_content``.
2. Ruled tables are looked for only on pages with rulings, within a budget of pages and seconds; without them the page's
   lines stand as text. A letter is never in a table and in a paragraph.
3. A page that is one picture, one drawn without letters, one whose letters are no Vietnamese and one with letters laid
   invisibly over a picture by somebody's OCR are asked of the page worker (``Document.wanted``) and read with what it saw.
   Where it saw nothing: all pages scans → ``no_text``; some → the finding ``pages_without_text``; an OCR's layer → the
   finding ``ocr_layer``, and the text is worth a person's look, for OCR is silently wrong in one figure of twenty.
4. How much the text looks like Vietnamese is told with it: letters may be lost or pushed to line ends.
5. A form only Adobe's programs draw (XFA) is read from its own packets, where the pages do not show it (``pdf_xfa``).
6. A password is told apart from damage; an absurd page size costs the places, not the text.
7. What a viewer put over the pages is heard: strokes, typed text, notes, files pinned to them (``pdf_remarks``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import pdfplumber
import pypdfium2 as pdfium
import pypdfium2.raw as api
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from parsers import limits
from parsers.old_letters import read_as
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.pdf_active import is_active
from parsers.readers.pdf_columns import with_holes
from parsers.readers.pdf_drawn import DrawnPage
from parsers.readers.pdf_lines import Paragraph, paragraphs
from parsers.readers.pdf_page import Line, Page
from parsers.readers.pdf_remarks import Remarks, remarks_of, with_typed
from parsers.readers.pdf_struck import without_remarked, without_struck
from parsers.readers.pdf_tables import Ruled, goes_on, joined, ruled_tables, share_out
from parsers.readers.pdf_telling import may_run
from parsers.readers.pdf_xfa import form_blocks
from parsers.readers.scan import Scanned, stitch
from parsers.scan import PageScan
from parsers.values import Block, Document, Finding
from parsers.vietnamese import words_of_worth

READER = "pdf/1"
_OCR_WORTH = limits.TEXT_QUALITY_MIN / 2  # figures somebody's OCR read never pass without a person
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_BROKEN_WORDS = 8  # words of a page below which nothing is said about its letters
_SCAN_LETTERS = 400  # letters on a page covered by a picture below which they are a stamp, not the page's text
_FAULTS = (
    PDFException, PSException, PdfminerException, MalformedPDFException, KeyError, ValueError, TypeError, AttributeError, IndexError,
    AssertionError, RecursionError, OverflowError, NotImplementedError, EOFError, struct.error, zlib.error,
)  # fmt: skip  # what pdfminer raises on a file pdfium has read: then there are no tables

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it comments on every odd file
logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # so does it, on forms it cannot draw
os.environ.pop("CMAP_PATH", None)  # pdfminer would open files named by the document there (CVE-2025-70559)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    blocks: list[Block] = field(default_factory=list)
    good: int = 0  # words that look Vietnamese
    words: int = 0
    pages: int = 0
    scans: int = 0  # pages that are a picture without text
    layered: int = 0  # pictures with a text layer over them
    tail: Ruled | None = None  # the table the page ended with
    saw: Mapping[int, PageScan] = field(default_factory=dict)  # what the page worker saw
    filled: list[Block] = field(default_factory=list)  # of a form the pages do not show
    seen: Scanned = field(default_factory=Scanned)
    wanted: list[int] = field(default_factory=list)  # pages it should look at
    said: list[Remarks] = field(default_factory=list)  # over each page


def read(
    data: bytes, *, charset: str = "", budget: Budget | None = None, scans: Mapping[int, PageScan] | None = None
) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset, budget
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD
        raise Unreadable("encrypted" if locked else "corrupt", str(error)) from error
    tables = _Tables(data)
    try:
        reading = _pages(document, tables, scans or {})
        _fill(reading, document)
        active = may_run(data) and (document.count_attachments() > 0 or tables.active())
    finally:
        tables.close()
        document.close()
    return _document(reading, active=active)


def _fill(reading: _Reading, document: pdfium.PdfDocument) -> None:
    """A form the pages do not show; they only say so, in whatever language: nothing is asked of them."""
    shown = "\n".join(block.text for block in reading.blocks)
    reading.filled = form_blocks(document, shown, len(reading.blocks) + 1)
    if reading.filled:
        text = "\n".join(_told(block) for block in reading.filled)
        (reading.good, reading.words), reading.scans = words_of_worth(text), 0
        reading.wanted.clear()


def _told(block: Block) -> str:
    return block.text or "\n".join(cell.text for row in (block.table.rows if block.table else ()) for cell in row)


def _document(reading: _Reading, *, active: bool) -> Document:
    seen, wanted = reading.seen, tuple(reading.wanted)
    if not reading.filled and (not reading.blocks or reading.scans == reading.pages):
        raise Unreadable(
            seen.failure or "no_text",
            f"{reading.scans} of {reading.pages} pages are pictures",
            wanted,
            _pinned(reading),
        )
    findings = []
    if any(said.more for said in reading.said):
        findings.append(Finding("remarks_unread", "warning"))
    if active:
        findings.append(Finding("active_content", "warning"))
    if reading.scans:
        findings.append(Finding("pages_without_text", "warning"))
    if reading.layered:
        findings.append(Finding("ocr_layer", "warning"))
    worth = reading.good / reading.words if reading.words else 1.0
    if reading.layered:
        worth = min(worth, _OCR_WORTH)
    return Document(
        "pdf", READER, (*reading.blocks, *reading.filled, *_notes(reading)), tuple(findings), pinned=_pinned(reading),
        images=reading.scans + reading.layered + seen.sealed, quality=worth, wanted=wanted,
        scanned=tuple(seen.pages), numbers=tuple(seen.numbers), sure=seen.sure, unread=seen.failure,
    )  # fmt: skip


def _notes(reading: _Reading) -> list[Block]:
    """The words of notes, behind everything."""
    notes = [(page, note) for page, said in enumerate(reading.said, 1) for note in said.notes]
    first = len(reading.blocks) + len(reading.filled) + 1
    return [Block(first + n, text=note, page=page, where="remark") for n, (page, note) in enumerate(notes)]


def _pinned(reading: _Reading) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(one for said in reading.said for one in said.pinned)


def _pages(document: pdfium.PdfDocument, tables: _Tables, scans: Mapping[int, PageScan]) -> _Reading:
    count = len(document)
    if count == 0:
        raise Unreadable("corrupt", "no pages")
    if count > limits.PAGES_MAX:
        raise Unreadable("too_many_pages", str(count))
    reading = _Reading(pages=count, saw=scans)
    forms = document.get_formtype() != 0
    if forms:
        document.init_forms()
    size = 0
    for number in range(count):
        try:
            page = document[number]
            said = remarks_of(page)
            if forms or said.drawn:  # what was typed into the fields, or over the page, becomes text of the page
                api.FPDFPage_Flatten(page.raw, api.FLAT_NORMALDISPLAY)
                page.close()
                page = document[number]
        except pdfium.PdfiumError as error:
            raise Unreadable("corrupt", f"page {number + 1}: {error}") from error
        size += _page(Page(page), number, tables, reading, filled=forms or said.drawn, said=said)
        reading.said.append(said)
        page.close()
        if size > limits.TEXT_MAX or len(reading.blocks) > limits.BLOCKS_MAX:
            raise Unreadable("too_large", "more text than a report holds")
    return reading


def _page(page: Page, number: int, tables: _Tables, reading: _Reading, *, filled: bool, said: Remarks) -> int:
    drawn = page.rulings()
    across, down, scanned = drawn.across, drawn.down, drawn.scanned
    lines = without_struck(page.lines(by_place=filled), drawn.boxes)  # what was filled in is drawn last
    lines = with_typed(without_remarked(lines, said.struck), said.typed)
    letters = sum(len(line.letters) for line in lines)
    good, words = _worth("\n".join(line.text for line in lines))
    picture = (scanned and letters < _SCAN_LETTERS) or (not letters and bool(across or down or scanned))
    layered = not picture and scanned and page.invisible()
    broken = words >= _BROKEN_WORDS and good < limits.TEXT_QUALITY_MIN * words
    if picture or layered or broken:
        reading.wanted.append(number + 1)
        if _by_eye(reading, number + 1, good / words if broken else 0.0):
            return 0
    reading.scans += picture
    reading.layered += layered
    reading.good, reading.words = reading.good + good, reading.words + words
    ruled = tables.on(number) if across > 1 and down > 2 and letters else []
    order = share_out(lines, ruled)
    for n, item in enumerate(_flow(order)):
        if isinstance(item, Ruled):
            _add_table(reading, item, number, first=n == 0)
            reading.tail = item
        else:
            reading.blocks.append(Block(len(reading.blocks) + 1, text=item.text, page=number + 1, box=item.box))
            if not item.is_page_number:
                reading.tail = None
    return letters


def _worth(text: str) -> tuple[int, int]:
    """How many of the words are Vietnamese, in the letters of an old font if need be, and how many words there are."""
    good, words = words_of_worth(text)
    if words >= _BROKEN_WORDS and good < limits.TEXT_QUALITY_MIN * words:
        return words_of_worth(read_as(text))
    return good, words


def _by_eye(reading: _Reading, number: int, worth: float) -> bool:
    """Whether the page was taken from what the page worker saw: where that is worth more than its letters."""
    scan = reading.saw.get(number)
    if scan is None:
        return False
    seen = Scanned()
    seen.add(scan, len(reading.blocks) + 1)
    good, words = words_of_worth("\n".join(seen.text))
    if not seen.blocks or good < worth * words:
        reading.seen.unread += seen.unread
        return False
    stitch(reading.blocks, seen)
    reading.seen.take(seen)
    reading.blocks += seen.blocks
    reading.good, reading.words, reading.tail = reading.good + good, reading.words + words, None
    return True


def _flow(order: list[Line | Ruled]) -> Iterator[Paragraph | Ruled]:
    """Lines between tables joined to paragraphs."""
    waiting: list[Line] = []
    for item in order:
        if isinstance(item, Ruled):
            yield from paragraphs(with_holes(waiting))
            waiting = []
            yield item
        else:
            waiting.append(item)
    yield from paragraphs(with_holes(waiting))


def _add_table(reading: _Reading, ruled: Ruled, number: int, *, first: bool) -> None:
    table = ruled.table(number + 1)
    before = next((i for i in range(len(reading.blocks) - 1, -1, -1) if reading.blocks[i].table), None)
    if first and reading.tail and before is not None and goes_on(reading.tail, ruled):
        old = reading.blocks[before]
        whole = joined(old.table, table)[0] if old.table else table
        reading.blocks[before] = Block(old.n, table=whole, page=old.page, box=old.box)
    elif any(cell.text for row in table.rows for cell in row):
        reading.blocks.append(Block(len(reading.blocks) + 1, table=table, page=number + 1, box=ruled.box))


class _Tables:
    """pdfplumber, asked only when it pays and never trusted not to fail."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._until = time.monotonic() + limits.TABLE_SECONDS
        self._asked = 0

    @cached_property
    def _book(self) -> Any:
        """The document as pdfplumber has it, opened when first asked for; None when it cannot open it."""
        try:
            return pdfplumber.open(BytesIO(self._data))
        except _FAULTS:
            return None

    def on(self, number: int) -> list[Ruled]:
        """The ruled tables of a page, none when the budget is spent or the page is beyond pdfplumber."""
        if self._asked >= limits.TABLE_PAGES_MAX or time.monotonic() > self._until or self._book is None:
            return []
        self._asked += 1
        try:
            page = self._book.pages[number]
            found = ruled_tables(DrawnPage(self._book, page.page_obj, page.page_number).found_tables())
        except _FAULTS:
            return []
        return found

    def active(self) -> bool:
        """Whether the document's catalogue or pages would run something."""
        try:
            return self._book is not None and is_active(self._book.doc)
        except _FAULTS:
            return False

    def close(self) -> None:
        with contextlib.suppress(*_FAULTS):
            if self.__dict__.get("_book") is not None:
                self._book.close()
