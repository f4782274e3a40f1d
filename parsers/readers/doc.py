"""Word 97–2003 documents (doc): text by the piece table, tables by their marks, old Vietnamese fonts converted.

Rules (plan, pitfalls, "Documents"; stack: a pure reader, never an office program):

1. Hidden and deleted text is not there, inserted text is; a field shows its result, not its instruction.
2. Headers before the body; text boxes, footnotes, footers and comments after it.
3. A cell ends at its mark (07), a row at the mark that carries the cells' edges; a table in a cell follows its outer table.
4. Macros are told, never looked into. A password is told apart from a broken file. Word 95 and older is not read.
"""

from __future__ import annotations

import re
import struct

from parsers.readers.budget import Budget
from parsers.readers.doc_file import HEADERS, WordFile
from parsers.readers.doc_looks import Looks, letters, mark
from parsers.readers.docx_story import Where
from parsers.readers.errors import Unreadable
from parsers.readers.flow import Flow, number
from parsers.readers.pieces import Pieces, is_old
from parsers.readers.raised import raised
from parsers.values import Block, Document, Finding

READER = "doc/1"
_END = re.compile("[\r\x07\x0c]")
_CELL = "\x07"
_CONTROL = re.compile("[\x00-\x1f]")
_SHOWN = {"\x09": "\t", "\x0b": "\n", "\x0e": "\n", "\x1e": "-"}
_PICTURE = ("\x01", "\x08")
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SOFT_HYPHEN = "\x1f"
_HEADS, _FEET = (0, 1, 4), (2, 3, 5)  # the six margins of a section: even, odd, even, odd, first, first
_SEPARATORS = 6  # lines above notes, stored before the first section's margins
_DOCUMENTS = ("Workbook", "Book", "WordDocument", "Package")  # what an embedded document's storage holds
_RUNNING = ("DDE", "DDEAUTO", "MACROBUTTON")
_FETCHING = ("INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "RD")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset, budget
    teller = _Teller(WordFile(data))
    blocks = teller.blocks()
    findings = tuple(Finding(code, "warning") for code in sorted(teller.found))
    return Document("doc", READER, blocks, findings, images=teller.images)


class _Teller:
    """Tells one file story by story."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        try:
            self._looks = Looks(file)
        except (struct.error, IndexError) as error:
            raise Unreadable("corrupt", f"styles: {error}") from error
        self.images = 0
        self.found: set[str] = set()
        if any(name.rpartition("/")[2] in ("_VBA_PROJECT", "VBA") for name in file.names):
            self.found.add("macro_present")
        if any(name.startswith("ObjectPool/") and name.rpartition("/")[2] in _DOCUMENTS for name in file.names):
            self.found.add("embedded_document")
        self._fields: list[bool] = []  # a field opened: True while its instruction lasts
        self._instruction: list[str] = []

    def blocks(self) -> tuple[Block, ...]:
        stories = self._file.stories
        heads, feet = self._margins()
        body = self._tell(*stories.body, "body")
        boxes = self._tell(*stories.boxes, "textbox")
        notes = self._tell(*stories.footnotes, "footnote") + self._tell(*stories.endnotes, "footnote")
        remarks = self._tell(*stories.remarks, "remark")
        return number((heads, body, boxes, notes, feet, remarks))

    def _margins(self) -> tuple[list[Block], list[Block]]:
        plc = self._file.structure(HEADERS)
        first, last = self._file.stories.headers
        places = [first + place for (place,) in struct.iter_unpack("<I", plc[: len(plc) // 4 * 4])]
        heads: list[Block] = []
        feet: list[Block] = []
        for n in range(_SEPARATORS, len(places) - 2):
            if first <= places[n] < places[n + 1] <= last:
                kind = (n - _SEPARATORS) % 6
                where: Where = "header" if kind in _HEADS else "footer"
                (heads if kind in _HEADS else feet).extend(self._tell(places[n], places[n + 1], where))
        return heads, feet

    def _tell(self, start: int, end: int, where: Where) -> list[Block]:
        flow = Flow(where)
        text = self._file.text
        at = start
        self._fields.clear()
        while at < end:
            found = _END.search(text, at, end)
            stop = found.start() if found else end
            self._paragraph(at, stop, text[stop] if found else "", flow)
            at = stop + 1
        return flow.finish()

    def _paragraph(self, start: int, stop: int, ended_by: str, flow: Flow) -> None:
        here = mark(self._file.paragraph_properties(stop if ended_by else max(start, stop - 1)))
        shown = self._text(start, stop, here.style)
        level = max(here.level, 1) if ended_by == _CELL else here.level
        if level and here.row_end:
            flow.row(here.edges, here.start, level)
        elif level and (ended_by == _CELL or here.inner_cell):
            flow.cell(shown, level)
        else:
            flow.paragraph(shown, level)

    def _text(self, start: int, stop: int, style: int) -> str:
        pieces = Pieces()
        for first, last, properties in self._file.character_runs(start, stop):
            run = letters(properties)
            text = self._file.text[first:last]
            font = self._looks.font(run, style) if self._looks.matters else ""
            if run.hidden:
                text = "".join(char for char in text if char in (_FIELD, _RESULT, _FIELD_END))
            self._run(*(raised(text, font) if run.above else (text, font)), pieces)
        return pieces.take()

    def _run(self, text: str, font: str, pieces: Pieces) -> None:
        at = 0
        for found in _CONTROL.finditer(text):
            self._letters(text[at : found.start()], font, pieces)
            self._sign(found[0], font, pieces)
            at = found.end()
        self._letters(text[at:], font, pieces)

    def _letters(self, text: str, font: str, pieces: Pieces) -> None:
        if self._fields and self._fields[-1]:
            self._instruction.append(text)
        elif text and not any(self._fields):
            pieces.add(text, font)

    def _sign(self, sign: str, font: str, pieces: Pieces) -> None:
        if sign == _FIELD:
            self._fields.append(True)
            self._instruction.clear()
        elif sign in (_RESULT, _FIELD_END):
            if self._fields and self._fields[-1]:
                self._judge("".join(self._instruction))
                self._fields[-1] = False
            if sign == _FIELD_END and self._fields:
                self._fields.pop()
        elif sign in _PICTURE:
            self.images += 1
        elif sign == _SOFT_HYPHEN:
            if is_old(font):  # LibreOffice takes the letter ư of TCVN3 for one
                self._letters("\u00ad", font, pieces)
        elif sign in _SHOWN:
            self._letters(_SHOWN[sign], font, pieces)

    def _judge(self, instruction: str) -> None:
        words = instruction.upper().split()
        if words and words[0] in _RUNNING:
            self.found.add("active_content")
        if words and words[0] in _FETCHING and ("://" in instruction or "\\\\" in instruction):
            self.found.add("remote_ref")
