"""OpenDocument texts (odt): the body in order, with everything a reader of the printed page would see, once.

Rules (plan, pitfalls, "Documents"; the same as for docx):

1. Headers before the body, footnotes, footers and comments after it; a text box after the paragraph that holds it.
2. Deleted text is kept apart by the format and not read; inserted text stands where it stands. Hidden text is not there.
3. A table inside a cell follows its outer table. Merged cells stand once.
4. Letters set in an old Vietnamese font are converted run by run.
5. Numbers and letters of lists stand before their paragraphs, as printed (``odt_numbering``).
6. Pages are counted by the soft page breaks the program left at its last layout, if it left any.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from parsers import limits
from parsers.readers.budget import Budget
from parsers.readers.docx_story import Where
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.readers.odf import DRAW, OFFICE, TABLE, TEXT, OdfPackage, OdfStyles, amount
from parsers.readers.odf_margins import comments, margins
from parsers.readers.odt_numbering import Numbering
from parsers.readers.pieces import Pieces
from parsers.readers.raised import raised
from parsers.values import Block, Document

READER = "odt/1"
_SPAN_MAX = 100  # columns
_REPEAT_MAX = 200  # the same cell or row told once and meant often
_BLANKS_MAX = 200
_GONE = frozenset(
    {
        f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{OFFICE}forms", f"{TEXT}note-citation",
        f"{TEXT}ruby-text", f"{TEXT}hidden-text", f"{TEXT}sequence-decls", f"{TEXT}variable-decls", f"{TEXT}bookmark",
        f"{TEXT}user-field-decls", f"{OFFICE}binary-data", f"{DRAW}control", f"{TEXT}script", f"{OFFICE}event-listeners",
    }
)  # fmt: skip
_SPACED = re.compile(r"[\n\t\r]|  ")  # white space that is no single blank
_PARAGRAPHS = frozenset((f"{TEXT}p", f"{TEXT}h"))
_PAGE, _SPACES, _SPAN, _NOTE = (f"{TEXT}{n}" for n in ("soft-page-break", "s", "span", "note"))
_TABLE, _ROW, _CELL, _COVERED = (f"{TABLE}{n}" for n in ("table", "table-row", "table-cell", "covered-table-cell"))
_STYLE = f"{TEXT}style-name"
_SHORT = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_SHAPES = frozenset(
    f"{DRAW}{n}" for n in ("frame", "text-box", "custom-shape", "rect", "g", "a", "ellipse", "polygon", "path")
)
_ROWS = frozenset(f"{TABLE}{n}" for n in ("table-header-rows", "table-row-group", "table-rows"))


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset
    package = OdfPackage(data, budget or Budget())
    body = package.body("text")
    story = _Story(OdfStyles(package), Numbering(package))
    heads, feet = margins(package)
    for part in heads:
        story.tell(part, "header")
    story.pages = next(body.iter(_PAGE), None) is not None
    story.tell(body, "body")
    story.pages = False
    for note in story.notes:
        story.tell(note, "footnote")
    for part in feet:
        story.tell(part, "footer")
    for note in comments(package):
        story.tell(note, "remark")
    images = sum(1 for _ in body.iter(f"{DRAW}image"))
    return Document("odt", READER, tuple(story.blocks), tuple(package.findings()), images=images)


class _Story:
    """Collects blocks over several stories; ``n`` counts through all of them."""

    def __init__(self, styles: OdfStyles, numbering: Numbering) -> None:
        self.blocks: list[Block] = []
        self.notes: list[Any] = []
        self.pages = False
        self._styles = styles
        self._numbering = numbering
        self._page = 1
        self._boxes: list[Any] = []
        self._inner: list[Any] = []  # tables met inside cells
        self._cells = self._chars = 0

    def tell(self, root: Any, where: Where, depth: int = 0) -> None:
        """Add the blocks of this element's children."""
        for child in root:
            tag = child.tag
            if tag in _PARAGRAPHS:
                page = self._page
                self._add(self._paragraph(child), where, page)
            elif tag == _TABLE:
                self._table(child, where, depth)
            elif tag == _PAGE:
                self._page += 1
            elif tag in _SHAPES:
                self._boxes.append(child)
            elif tag not in _GONE and isinstance(tag, str) and child.get(f"{TEXT}display") != "none":
                with self._numbering.entered(child):
                    self.tell(child, where, depth)
            self._tell_boxes(where, depth)

    def _tell_boxes(self, where: Where, depth: int) -> None:
        boxes, self._boxes = self._boxes, []
        for box in boxes if depth < limits.TABLE_DEPTH_MAX else ():
            self.tell(box, "textbox" if where == "body" else where, depth + 1)

    def _add(self, text: str, where: Where, page: int) -> None:
        if text.strip():
            self._count(len(text))
            shown = page if self.pages else None
            self.blocks.append(Block(len(self.blocks) + 1, text=text, page=shown, where=where))

    def _count(self, chars: int) -> None:
        self._chars += chars
        if self._chars > limits.TEXT_MAX or len(self.blocks) >= limits.BLOCKS_MAX:
            raise Unreadable("too_large", "more text than a report holds")

    # ---- paragraphs ---------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any) -> str:
        pieces = Pieces()
        style = paragraph.get(_STYLE) or ""
        font = self._styles.font(style, "paragraph") if self._styles.matters else ""
        if not (self._styles.matters and self._styles.hides(style, "paragraph")):
            self._inline(paragraph, pieces, font)
        mark, text = self._numbering.mark(), pieces.take()
        return f"{mark} {text}" if mark and text.strip() else text

    def _inline(self, root: Any, pieces: Pieces, font: str) -> None:
        pieces.add(_single(root.text), font)
        for child in root:
            tag = child.tag
            if tag in _SHORT:
                pieces.add(_SHORT[tag], font)
            elif tag == _SPACES:
                pieces.add(" " * amount(child, f"{TEXT}c", _BLANKS_MAX), font)
            elif tag == _PAGE:
                self._page += 1
            elif tag == _NOTE:
                self.notes += child.findall(f"{TEXT}note-body")
            elif tag in _SHAPES:
                self._boxes.append(child)
            elif tag == _SPAN:
                self._span(child, pieces, font)
            elif tag not in _GONE and isinstance(tag, str):
                self._inline(child, pieces, font)
            pieces.add(_single(child.tail), font)

    def _span(self, span: Any, pieces: Pieces, font: str) -> None:
        style = span.get(_STYLE) or ""
        if not self._styles.matters:
            self._inline(span, pieces, font)
        elif self._styles.raises(style) and not len(span):
            pieces.add(*raised(span.text or "", font))
        elif not self._styles.hides(style, "text"):
            self._inline(span, pieces, self._styles.font(style, "text") or font)

    # ---- tables -------------------------------------------------------------------------------------------------

    def _table(self, table: Any, where: Where, depth: int) -> None:
        if depth >= limits.TABLE_DEPTH_MAX:
            raise Unreadable("xml_too_deep", "tables inside tables")
        page = self._page
        outer, self._inner = self._inner, []
        grid = Grid(self._cells)
        fill_grid(table, grid, self._cell)
        self._cells = grid.count
        self._count(grid.chars)
        found = grid.table()
        if any(cell.text for row in found.rows for cell in row):
            shown = page if self.pages else None
            self.blocks.append(Block(len(self.blocks) + 1, table=found, page=shown, where=where))
        inner, self._inner = self._inner, outer
        for nested in inner:
            self._table(nested, where, depth + 1)

    def _cell(self, cell: Any) -> str:
        lines: list[str] = []
        self._lines(cell, lines)
        return "\n".join(lines)

    def _lines(self, root: Any, lines: list[str]) -> None:
        for child in root:
            if child.tag == _TABLE:
                self._inner.append(child)
            elif child.tag in _PARAGRAPHS:
                if text := self._paragraph(child).strip():
                    lines.append(text)
            elif child.tag in _SHAPES:
                self._boxes.append(child)
            elif child.tag not in _GONE and isinstance(child.tag, str):
                with self._numbering.entered(child):
                    self._lines(child, lines)


def fill_grid(table: Any, grid: Grid, text_of: Callable[[Any], str]) -> None:
    """Put the rows of a table into a grid; cells a merged cell covers lend it their place."""
    below: dict[int, tuple[int, int]] = {}  # first column of a cell that reaches down: rows left, its span
    for row in _rows(table):
        for _ in range(amount(row, f"{TABLE}number-rows-repeated", _REPEAT_MAX)):
            grid.open_row()
            covered = 0  # places to the right that the last cell has taken already
            for cell in row:
                if cell.tag not in (_CELL, _COVERED):
                    continue
                for _ in range(amount(cell, f"{TABLE}number-columns-repeated", _REPEAT_MAX)):
                    if covered:
                        covered -= 1
                        continue
                    column = grid.column
                    left, span = below.get(column, (0, 1))
                    if cell.tag == _COVERED and left:
                        below[column] = (left - 1, span)
                        grid.add("", span, continues_up=True)
                    else:
                        span = amount(cell, f"{TABLE}number-columns-spanned", _SPAN_MAX)
                        below[column] = (amount(cell, f"{TABLE}number-rows-spanned", limits.CELLS_MAX) - 1, span)
                        grid.add(text_of(cell), span)
                    covered = span - 1
            grid.close_row()


def _rows(table: Any) -> list[Any]:
    found: list[Any] = []
    for child in table:
        if child.tag == _ROW:
            found.append(child)
        elif child.tag in _ROWS:
            found += _rows(child)
    return found


def _single(text: str | None) -> str:
    """White space in the file is one blank on the page."""
    if not text:
        return ""
    if not _SPACED.search(text):
        return text
    lead, trail = text[:1].isspace(), text[-1:].isspace()
    inner = " ".join(
        piece for piece in text.replace("\t", " ").replace("\r", " ").replace("\n", " ").split(" ") if piece
    )
    return (" " if lead else "") + inner + (" " if trail and inner else "")
