"""One story of a Word document (body, header, footer, notes) told as blocks; the rules are those of ``docx``.

Fields: the instruction of a field is not text, its result is. An instruction that fetches or runs something is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from parsers import limits
from parsers.fold import nfc
from parsers.quick import replace
from parsers.readers.docx_numbering import Numbering
from parsers.readers.docx_styles import Styles, W, is_faint, is_raised
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.readers.raised import raised
from parsers.values import Block
from parsers.vietnamese import from_font

Where = Literal["body", "header", "footer", "textbox", "footnote", "remark"]

_GONE = frozenset(
    f"{W}{n}" for n in ("del", "moveFrom", "delText", "pPr", "rPr", "sectPr", "instrText", "delInstrText")
)
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}noBreakHyphen": "-", f"{W}sym": " "}
_MARKS = {f"{W}{kind}Reference": f"{kind}s" for kind in ("footnote", "endnote", "comment")}
_PARAGRAPH, _RUN, _TEXT, _TABLE, _ROW, _CELL = (f"{W}{n}" for n in ("p", "r", "t", "tbl", "tr", "tc"))
_CHUNK, _FIELD, _INSTRUCTION, _PAGE = (f"{W}{n}" for n in ("altChunk", "fldChar", "instrText", "lastRenderedPageBreak"))
_CELL_PROPERTIES, _ROW_PROPERTIES, _BOX = (f"{W}{n}" for n in ("tcPr", "trPr", "txbxContent"))
_BEFORE, _SPAN, _DOWN, _ACROSS = (f"{W}{n}" for n in ("gridBefore", "gridSpan", "vMerge", "hMerge"))
_VALUE = f"{W}val"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_ABOVE = "{http://schemas.openxmlformats.org/officeDocument/2006/math}sup"
_BELOW = "{http://schemas.openxmlformats.org/officeDocument/2006/math}den"  # of a fraction
_SPAN_MAX = 100  # grid columns; Word itself allows 63
_FETCHING = ("INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "RD")
_RUNNING = ("DDE", "DDEAUTO", "MACROBUTTON")
_OFF = ("0", "false", "off")


class Story:
    """Collects blocks over several stories; ``n`` counts through all of them."""

    def __init__(self, styles: Styles, numbering: Numbering | None = None) -> None:
        self.blocks: list[Block] = []
        self.pages = False  # whether the story being told carries page marks
        self.remote = self.active = self.embedded = False
        self._styles = styles
        self._numbering = numbering
        self._page = 1
        self._fields: list[bool] = []  # a field opened: True while its instruction lasts
        self._instruction: list[str] = []
        self._boxes: list[Any] = []  # text boxes met, told after the block that holds them
        self._inner: list[Any] = []  # tables met inside cells
        self.stuck: dict[
            tuple[str, str], tuple[int, int | None, int | None]
        ] = {}  # kind and number of a note: block, row, cell
        self._marks: list[tuple[tuple[str, str], tuple[int, int] | None]] = []  # of notes in the block being told
        self._at: tuple[int, int] | None = None  # row and cell being told
        self._cells = 0
        self._chars = 0

    def tell(self, root: Any, where: Where) -> None:
        """Add the blocks of this element's children."""
        self._flow(root, where, 0)

    def tell_note(self, note: Any, where: Where, kind: str) -> None:
        """Add the blocks of a note, stuck to where its mark stands."""
        begun = len(self.blocks)
        self.tell(note, where)
        stuck = self.stuck.get((kind, note.get(f"{W}id") or ""))
        if stuck:
            self.blocks[begun:] = [replace(block, stuck=stuck) for block in self.blocks[begun:]]

    def _flow(self, root: Any, where: Where, depth: int) -> None:
        for child in root:
            if child.tag == _PARAGRAPH:
                page, text = self._paragraph(child)
                self._add(where, page, text)
            elif child.tag == _TABLE:
                self._table(child, where, depth)
            elif child.tag == _CHUNK:
                self.embedded = True
            elif child.tag not in _GONE:
                self._flow(_chosen(child), where, depth)
            boxes, self._boxes = self._boxes, []
            for box in boxes if depth < limits.TABLE_DEPTH_MAX else ():
                self._flow(box, "textbox" if where == "body" else where, depth + 1)

    def _add(self, where: Where, page: int, text: str) -> None:
        if text.strip():
            self._chars += len(text)
            if self._chars > limits.TEXT_MAX or len(self.blocks) >= limits.BLOCKS_MAX:
                raise Unreadable("too_large", "more text than a report holds")
            shown = page if self.pages else None
            self.blocks.append(Block(len(self.blocks) + 1, text=text, page=shown, where=where))
        self._settle()

    def _settle(self) -> None:
        """The marks of notes met since stand in the block told last."""
        for note, at in self._marks:
            self.stuck.setdefault(note, (len(self.blocks), *(at or (None, None))))
        self._marks.clear()

    # ---- paragraphs ---------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any) -> tuple[int, str]:
        """The page on which its first letter stands, and its text."""
        style = paragraph.find(f"{W}pPr/{W}pStyle") if self._styles.matters else None
        pieces = _Pieces(self._page)
        self._inline(paragraph, pieces, "" if style is None else style.get(_VALUE) or "")
        mark = self._numbering.mark(paragraph) if self._numbering else ""
        text = pieces.text()
        return pieces.page, f"{mark} {text}" if mark and text.strip() else text

    def _inline(self, root: Any, pieces: _Pieces, style: str) -> None:
        for child in root:
            tag = child.tag
            if tag == _RUN:
                self._run(child, pieces, style)
            elif tag == _MATH:
                pieces.add("", child.text or "", self._page)
            elif tag == _ABOVE:
                pieces.add("", raised("".join(child.itertext(_MATH)))[0], self._page)
            elif tag == _BELOW:
                pieces.add("", "/", self._page)
                self._inline(child, pieces, style)
            elif tag not in _GONE:
                self._inline(_chosen(child), pieces, style)

    def _run(self, run: Any, pieces: _Pieces, style: str) -> None:
        font, hidden = self._styles.of(run, style) if self._styles.matters else ("", False)
        for child in run:
            tag = child.tag
            if tag == _FIELD:
                self._field(child.get(f"{W}fldCharType"))
            elif tag == _INSTRUCTION:
                self._instruction.append(child.text or "")
            elif tag == _PAGE:
                self._page += 1
            elif hidden or (self._fields and any(self._fields)):
                continue
            elif tag == _TEXT:
                above = self._styles.raises and is_raised(run)
                text, face = raised(child.text or "", font) if above else (child.text or "", font)
                if self._styles.pales and text.strip().isdigit() and is_faint(run):
                    text = f" {text} "  # no digit of a number beside it; which of them is meant, nobody knows
                pieces.add(face, text, self._page)
            elif tag in _BREAKS:
                pieces.add(font, _BREAKS[tag], self._page)
            elif tag in _MARKS:
                self._marks.append(((_MARKS[tag], child.get(f"{W}id") or ""), self._at))
            elif tag not in _GONE:
                self._boxes += _text_boxes(child)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(True)
            self._instruction.clear()
        elif self._fields and kind in ("separate", "end"):
            if self._fields[-1]:
                self._judge("".join(self._instruction))
                self._fields[-1] = False
            if kind == "end":
                self._fields.pop()

    def _judge(self, instruction: str) -> None:
        words = instruction.upper().split()
        if words and words[0] in _RUNNING:
            self.active = True
        if words and words[0] in _FETCHING and ("://" in instruction or "\\\\" in instruction):
            self.remote = True

    # ---- tables -------------------------------------------------------------------------------------------------

    def _table(self, table: Any, where: Where, depth: int) -> None:
        if depth >= limits.TABLE_DEPTH_MAX:
            raise Unreadable("xml_too_deep", "tables inside tables")
        page = self._page
        outer, self._inner = self._inner, []
        grid = Grid(self._cells)
        for row in _rows(table):
            self._row(row, grid)
        self._cells = grid.count
        self._chars += grid.chars
        if self._chars > limits.TEXT_MAX:
            raise Unreadable("too_large", "more text than a report holds")
        found = grid.table()
        if any(cell.text for row in found.rows for cell in row):
            shown = page if self.pages else None
            self.blocks.append(Block(len(self.blocks) + 1, table=found, page=shown, where=where))
        self._settle()
        inner, self._inner = self._inner, outer
        for nested in inner:
            self._table(nested, where, depth + 1)

    def _row(self, row: Any, grid: Grid) -> None:
        grid.open_row(_number(_told(row.find(_ROW_PROPERTIES)).get(_BEFORE), 0))
        for cell in _wrapped(row, _CELL):
            told = _told(cell.find(_CELL_PROPERTIES))
            span = max(1, _number(told.get(_SPAN), 1))
            down, across = _merge(told.get(_DOWN)), _merge(told.get(_ACROSS))
            self._at = grid.place
            text = self._cell(cell)
            self._at = None
            grid.add(text, span, continues_up=down == "continue", continues_left=across == "continue")
        grid.close_row()

    def _cell(self, cell: Any) -> str:
        lines = []
        for child in _wrapped(cell, _PARAGRAPH, _TABLE):
            if child.tag == _TABLE:
                self._inner.append(child)
            elif text := self._paragraph(child)[1].strip():
                lines.append(text)
        return "\n".join(lines)


class _Pieces:
    """The runs of one paragraph; neighbours in one font are converted together, for VNI spells a letter with two."""

    def __init__(self, page: int) -> None:
        self.page = page
        self._parts: list[tuple[str, list[str]]] = []

    def add(self, font: str, text: str, page: int) -> None:
        if not self._parts:
            self.page = page
        if not self._parts or self._parts[-1][0] != font:
            self._parts.append((font, []))
        self._parts[-1][1].append(text)

    def text(self) -> str:
        joined = [("".join(texts), font) for font, texts in self._parts]
        return nfc("".join(from_font(text, font) if font else text for text, font in joined))


def _chosen(element: Any) -> Any:
    """Of an AlternateContent its first choice, of anything else itself."""
    if not isinstance(element.tag, str) or not element.tag.endswith("}AlternateContent"):
        return element
    choice = next((c for c in element if c.tag.endswith("}Choice")), None)
    return next((c for c in element if c.tag.endswith("}Fallback")), element) if choice is None else choice


def _text_boxes(element: Any) -> Iterator[Any]:
    if not isinstance(element.tag, str):
        return
    if element.tag == _BOX:
        yield element
        return
    for child in _chosen(element):
        yield from _text_boxes(child)


def _wrapped(root: Any, *wanted: str) -> Iterator[Any]:
    """Children of these names, also inside content controls, insertions and custom XML."""
    for child in root:
        if child.tag in wanted:
            yield child
        elif child.tag not in _GONE and isinstance(child.tag, str) and child.tag != _CELL_PROPERTIES:
            yield from _wrapped(_chosen(child), *wanted)


def _rows(table: Any) -> Iterator[Any]:
    for row in _wrapped(table, _ROW):
        properties = row.find(_ROW_PROPERTIES)
        hidden = None if properties is None else properties.find(f"{W}hidden")
        gone = properties is not None and properties.find(f"{W}del") is not None
        if not gone and (hidden is None or (hidden.get(_VALUE) or "1") in _OFF):
            yield row


def _told(properties: Any) -> dict[str, Any]:
    """What the properties of a row or a cell say, by name; of two of a name the first."""
    return {} if properties is None else {one.tag: one for one in reversed(properties)}


def _merge(element: Any) -> str | None:
    return None if element is None else element.get(_VALUE) or "continue"


def _number(element: Any, otherwise: int) -> int:
    value = None if element is None else element.get(_VALUE)
    return min(int(value), _SPAN_MAX) if value and value.isascii() and value.isdigit() else otherwise


def story_images(body: Any) -> int:
    """How many pictures stand in the body; the old drawing beside the new one is not counted twice."""
    return sum(1 for _ in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip")) or sum(
        1 for _ in body.iter("{urn:schemas-microsoft-com:vml}imagedata")
    )
