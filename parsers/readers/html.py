"""HTML, also where it is named .doc or .xls: shown text in order, tables as tables, nothing fetched, nothing run.

Rules (plan, faults, "Security anchors", and the hostile inputs):

1. Scripts, styles, comments and what is not displayed or struck out are dropped; scripts in a file are ``active_content``.
2. A page that would load pictures or frames from elsewhere is ``remote_ref``; a link to click is not.
3. A table that holds tables only lays out the page: its cells are read in order. The innermost ones are tables.
4. The charset is the one the bytes say (mark, UTF-8), else the page's own, else the mail's, else a guess that is told.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from parsers import limits
from parsers.charset import known
from parsers.fold import nfc
from parsers.readers.budget import Budget
from parsers.readers.decoding import GUESS, characters
from parsers.readers.errors import Unreadable
from parsers.readers.grid import Grid
from parsers.readers.raised import raised
from parsers.values import Block, Document, Finding
from parsers.vietnamese import from_font, quality

READER = "html/1"
_DROPPED = frozenset({"s", "strike", "del", "script", "style", "head", "title", "meta", "link", "noscript", "template", "object", "iframe", "svg", "select", "xml"})  # fmt: skip
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "section", "article", "header", "footer", "center", "body", "html", "form", "fieldset", "dl", "dt", "dd", "hr", "address", "main", "caption", "tr", "td", "th"})  # fmt: skip
_LOADS = {"img": "src", "iframe": "src", "frame": "src", "embed": "src", "object": "data", "script": "src", "link": "href", "input": "src", "video": "src", "audio": "src", "source": "src"}  # fmt: skip
_META = re.compile(rb"""<meta[^>]{0,300}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|text-decoration[-a-z]*\s*:[^;]*line-through"
    r"|(?<![\w-])(?:font-size|opacity)\s*:\s*0(?:\.0+)?(?![\d.])|(?<![\w-])(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_FAINT = re.compile(
    r"(?<![\w-])color\s*:\s*(?:white|#f[0-9a-f]{0,1}f[0-9a-f]{0,1}f[0-9a-f]{0,1}(?![0-9a-f])|rgba?\(\s*2[45]\d\s*,\s*2[45]\d\s*,\s*2[45]\d)",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?:white|#?fff(?:fff)?)\Z", re.IGNORECASE)  # a font's own attribute
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top|[1-9])", re.IGNORECASE)
_TURNED = re.compile(r"unicode-bidi\s*:[^;]*override", re.IGNORECASE)
_RULE = re.compile(r"\.([\w-]{1,60})\s*\{([^{}]{0,500})\}")  # of a style sheet: a class and what it does
_STYLE_URL = re.compile(r"url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
_FACE = re.compile(r"font-family\s*:\s*[\"']?([^;\"',]+)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_REMOTE = ("http:", "https:", "ftp:", "//", "\\\\", "file://")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The page's blocks; raises ``Unreadable``."""
    del budget
    declared = _META.search(data[: 4 * limits.KIB])
    named = declared[1].decode("ascii") if declared else ""
    text, guessed = characters(data, named if known(named) else charset)
    story = _Story()
    if text.strip():
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        try:
            root = html.document_fromstring(text.encode(), parser=parser)
        except (etree.ParserError, etree.XMLSyntaxError) as error:
            raise Unreadable("corrupt", str(error)) from error
        story.tell(root)
    if not story.blocks:
        raise Unreadable("no_text" if story.images else "empty", "nothing is shown")
    findings = [Finding(code, "warning") for code in sorted(story.found)] + ([GUESS] if guessed else [])
    shown = "\n".join(block.text for block in story.blocks)
    worth = quality(shown) if guessed and shown.strip() else 1.0
    return Document("html", READER, tuple(story.blocks), tuple(findings), images=story.images, quality=worth)


class _Story:
    """Walks the page and collects blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.found: set[str] = set()
        self.images = 0
        self._line: list[str] = []
        self._cells = 0
        self._above = 0  # how many <sup> around
        self._faint = 0  # how many elements around are set in white
        self._hiding: frozenset[str] = frozenset()  # classes nobody sees

    def tell(self, root: Any) -> None:
        """All blocks below this element."""
        for element in root.iter(etree.Element):
            self._look(element)
        rules = [rule for sheet in root.iter("style") for rule in _RULE.findall(sheet.text or "")]
        self._hiding = frozenset(name for name, does in rules if _HIDDEN.search(does))
        self._walk(root, "", 0)
        self._flush()

    def _look(self, element: Any) -> None:
        tag = element.tag.lower()
        if tag == "script" or any(name.startswith("on") for name in element.attrib):
            self.found.add("active_content")
        loads = element.get(_LOADS.get(tag, "src"), "") or element.get("background", "")
        stylesheet = tag != "link" or "stylesheet" in (element.get("rel") or "").lower()
        style = (element.text or "") if tag == "style" else element.get("style", "")
        if (stylesheet and loads.strip().lower().startswith(_REMOTE)) or _STYLE_URL.search(style):
            self.found.add("remote_ref")
        self.images += tag == "img"

    def _walk(self, element: Any, font: str, depth: int) -> None:
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        if depth > limits.XML_DEPTH:
            raise Unreadable("xml_too_deep", "more than the reader follows")
        if tag and tag not in _DROPPED and not self._is_hidden(element):
            font = _font(element) or font
            if tag == "table" and next(element.iterdescendants("table"), None) is None:
                self._table(element, font)
            elif tag == "br":
                self._line.append("\n")
            else:
                self._set(element, tag, font, depth)
        if element.tail and depth:
            self._say(element.tail, font)

    def _set(self, element: Any, tag: str, font: str, depth: int) -> None:
        """What an element holds, in the look it has."""
        style = element.get("style") or ""
        above = tag == "sup" or _RAISED.search(style) is not None
        faint = _FAINT.search(style) is not None or _WHITE.match(element.get("color") or "") is not None
        turned = tag == "bdo" or _TURNED.search(style) is not None
        self._above += above
        self._faint += faint
        self._line += ["\u202e"] * turned
        self._children(element, tag, font, depth)
        self._line += ["\u202c"] * turned
        self._above -= above
        self._faint -= faint

    def _is_hidden(self, element: Any) -> bool:
        named = self._hiding and not self._hiding.isdisjoint((element.get("class") or "").split())
        return bool(named) or _is_hidden(element)

    def _children(self, element: Any, tag: str, font: str, depth: int) -> None:
        if tag in _BLOCKS:
            self._flush()
        if element.text:
            self._say(element.text, font)
        if tag == "input" and (element.get("type") or "text").lower() == "text":
            self._say(element.get("value") or "", font)
        for child in element:
            self._walk(child, font, depth + 1)
        if tag in _BLOCKS:
            self._flush()

    def _say(self, text: str, font: str) -> None:
        if self._above:
            text, font = raised(text, font)
        if self._faint and text.strip().isdigit():
            text = f" {text} "  # no digit of a number beside it; which of them is meant, nobody knows
        self._line.append(_SPACES.sub(" ", from_font(text, font) if font else text))

    def _flush(self) -> None:
        text = _tidy("".join(self._line))
        self._line = []
        if text:
            self._add(Block(len(self.blocks) + 1, text=text))

    def _add(self, block: Block) -> None:
        if len(self.blocks) >= limits.BLOCKS_MAX:
            raise Unreadable("too_large", f"more than {limits.BLOCKS_MAX} paragraphs")
        self.blocks.append(block)

    def _table(self, table: Any, font: str) -> None:
        self._flush()
        grid = Grid(self._cells)
        open_down: dict[int, list[int]] = {}  # first column → columns, rows still covered from above
        for row in table.iter("tr"):
            if self._is_hidden(row):
                continue
            grid.open_row()
            column = _covered(grid, open_down, 0)
            for cell in row:
                if cell.tag not in ("td", "th") or self._is_hidden(cell):
                    continue
                span, down = _span(cell, "colspan"), _span(cell, "rowspan")
                grid.add(self._cell(cell, font), span)
                if down > 1:
                    open_down[column] = [span, down]
                column = _covered(grid, open_down, column + span)
            grid.close_row()
            for first in list(open_down):
                open_down[first][1] -= 1
                if open_down[first][1] < 1:
                    del open_down[first]
        self._cells = grid.count
        found = grid.table()
        if any(cell.text for row in found.rows for cell in row):
            self._add(Block(len(self.blocks) + 1, table=found))

    def _cell(self, cell: Any, font: str) -> str:
        inner = _Story()
        inner._hiding = self._hiding
        inner._walk(cell, font, 1)  # the same walk, its lines belong to the cell
        inner._flush()
        return "\n".join(block.text for block in inner.blocks)


def _covered(grid: Grid, open_down: dict[int, list[int]], column: int) -> int:
    """Step over the places a cell above reaches into."""
    while column in open_down and open_down[column][1] > 0 and grid.column == column:
        span = open_down[column][0]
        grid.add("", span, continues_up=True)
        column += span
    return column


def _span(cell: Any, name: str) -> int:
    text = (cell.get(name) or "").strip()
    return (
        max(1, min(int(text), limits.SHEET_COLUMNS_MAX)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    )


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style") or ""))


def _font(element: Any) -> str:
    face = element.get("face") or ""
    found = _FACE.search(element.get("style") or "")
    return face.split(",")[0].strip() or (found[1].strip() if found else "")


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in nfc(text).replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)
