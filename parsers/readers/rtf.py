"""Rich text (rtf): what the printed page would show, tables with their cells, old Vietnamese fonts converted.

Rules (plan, pitfalls, "Documents"):

1. Hidden and deleted text is not there, inserted text is; a field shows its result, an alternative in Unicode wins.
2. Headers before the body, footnotes, footers and comments after it; a text box after the paragraph that holds it.
3. Bytes are read in the charset of their font, else in the document's own; fonts named ``.Vn…`` or ``VNI…`` are converted
   run by run. LibreOffice writes the letter ư of TCVN3 as an optional hyphen.
4. Nothing embedded is opened. A group left open means the file was cut short: ``corrupt``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers import limits
from parsers.charset import known
from parsers.quick import quick, replace
from parsers.readers.budget import Budget
from parsers.readers.docx_story import Where
from parsers.readers.errors import Unreadable
from parsers.readers.flow import Edge, Flow, number
from parsers.readers.pieces import Pieces, is_old
from parsers.readers.raised import raised
from parsers.readers.rtf_words import (
    BACK,
    BREAKS,
    CHARSETS,
    FORMATS,
    GONE,
    HOLDING,
    LETTERS,
    LOOKS,
    MARKS,
    PLACES,
    STORIES,
    TOKEN,
    TOKENS,
    TOKENS_OF_LOOKS,
    closing,
)
from parsers.values import Block, Document, Finding

READER = "rtf/1"
_COLOURS = re.compile(r"\{\\colortbl([^{}]*)\}")
_SHADE = re.compile(r"\\(?:red|green|blue)(\d{1,3})")
_SMALL = re.compile(r"\\fs[1-8](?!\d)")
_WHITE = 240  # of 255, of each colour
_TINY = 8  # half points
_DEPTH_MAX = 500  # groups inside one another; Word stays below 50


@quick
@dataclass(frozen=True, slots=True)
class _State:
    """What holds until the group ends."""

    into: str = "text"  # text, fonts, instruction; skip: nothing until a word of ``BACK``; gone: nothing at all
    story: int = 0  # which story is being told; 0 is the body
    font: int = -1  # -1: the document's default
    hidden: bool = False
    deleted: bool = False
    above: bool = False  # set above the line
    white: bool = False
    tiny: bool = False
    struck: bool = False  # taken back by its writer, as by a tracked deletion
    skip_after: int = 1  # characters behind a Unicode letter that stand for it

    @property
    def unseen(self) -> bool:
        """Whether what is written now is no text of the document."""
        return self.hidden or self.deleted or self.struck


@dataclass(slots=True)
class _Story:
    """One story and its paragraph under construction."""

    where: Where
    flow: Flow
    pieces: Pieces = field(default_factory=Pieces)
    in_table: bool = False
    depth: int = 0  # tables around this paragraph, when the file says so

    @property
    def level(self) -> int:
        return self.depth or (1 if self.in_table else 0)


@dataclass(slots=True)
class _Rows:
    """The definition of the row that is being told."""

    start: int = 0
    edges: list[Edge] = field(default_factory=list)
    up: bool = False
    left: bool = False


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset, budget
    page = _Page()
    page.tell(data.rstrip(b"\0 \r\n").decode("latin-1"))
    blocks = page.blocks()
    findings = tuple(Finding(code, "warning") for code in sorted(page.found))
    return Document("rtf", READER, blocks, findings, images=page.images)


def _whites(text: str) -> frozenset[int]:
    """The numbers of the colours a file uses that are white or nearly."""
    table = _COLOURS.search(text)
    colours = table[1].split(";") if table else []
    shades = [[int(amount) for amount in _SHADE.findall(colour)] for colour in colours]
    whites = [n for n, shade in enumerate(shades) if len(shade) == 3 and min(shade) >= _WHITE]
    return frozenset(n for n in whites if re.search(rf"\\cf{n}(?!\d)", text))


class _Page:
    """Follows the file from token to token."""

    def __init__(self) -> None:
        self.images = 0
        self.found: set[str] = set()
        self._state = _State()
        self._stack: list[_State] = []
        self._stories = [_Story("body", Flow())]
        self._done: dict[Where, list[Block]] = {}
        self._rows = _Rows()
        self._charset = "cp1252"
        self._default_font = 0
        self._fonts: dict[int, str] = {}
        self._charsets: dict[int, str] = {}
        self._font = 0  # the font being defined
        self._ignorable = False
        self._skip = 0  # stand-ins still to be passed over
        self._instruction: list[str] = []
        self._whites: frozenset[int] = frozenset()  # numbers of colours nobody sees

    def tell(self, text: str) -> None:
        at, end = 0, len(text)
        self._whites = _whites(text)
        tokens = TOKENS_OF_LOOKS if self._whites or _SMALL.search(text) else TOKENS
        while at < end:
            match = (TOKEN if self._ignorable else tokens).match(text, at)
            if match is None:  # a lone backslash at the end
                break
            at = match.end()
            kind = match.lastgroup
            if kind == "dull":
                self._skip = 0
                continue
            if kind in ("word", "value"):
                if match["word"] == "bin":
                    at += max(0, int(match["value"] or 0))
                else:
                    self._word(match["word"], match["value"])
                    if self._state.into == "gone":
                        at = closing(text, at)
            elif kind == "hex":
                self._letters(chr(int(match["hex"], 16)))
            elif kind == "text":
                self._letters(match["text"])
            elif kind == "group":
                self._group(match["group"])
            elif kind == "sign":
                self._sign(match["sign"])
        if self._stack:
            raise Unreadable("corrupt", "a group is left open")

    def blocks(self) -> tuple[Block, ...]:
        self._paragraph()
        body = self._stories[0].flow.finish()
        told = self._done
        return number(
            (
                told.get("header", ()),
                body,
                *(told.get(kind, ()) for kind in ("textbox", "footnote", "footer", "remark")),
            )
        )

    # ---- groups -------------------------------------------------------------------------------------------------

    def _group(self, mark: str) -> None:
        self._skip = 0
        self._ignorable = False
        if mark == "{":
            if len(self._stack) >= _DEPTH_MAX:
                raise Unreadable("corrupt", "groups inside groups")
            self._stack.append(self._state)
            return
        if not self._stack:
            return  # one too many; the rest of the file is read all the same
        left, self._state = self._state, self._stack.pop()
        if left.into == "instruction" and self._state.into != "instruction":
            self._judge("".join(self._instruction))
            self._instruction.clear()
        if left.story > self._state.story:
            self._close(self._stories.pop())

    def _close(self, story: _Story) -> None:
        if not story.pieces.empty:
            story.flow.paragraph(story.pieces.take(), story.level)
        blocks = story.flow.finish()
        if story.where == "textbox" and len(self._stories) == 1:
            self._stories[0].flow.box(blocks)
        else:
            self._done.setdefault(story.where, []).extend(blocks)

    def _open(self, where: Where) -> None:
        if self._state.story + 1 < len(self._stories) or len(self._stories) > limits.TABLE_DEPTH_MAX:
            raise Unreadable("corrupt", "stories inside stories")
        self._stories.append(_Story(where, Flow(where)))
        self._state = _State(story=len(self._stories) - 1, skip_after=self._state.skip_after)

    # ---- control words ------------------------------------------------------------------------------------------

    def _word(self, word: str, value: str | None) -> None:
        if self._skip and word in LETTERS:
            self._skip -= 1
            return
        self._skip = 0  # programs put a letter there or nothing at all
        ignorable, self._ignorable = self._ignorable, False
        if self._state.into == "skip" and word not in BACK:
            return
        amount = int(value) if value else None
        if (ignorable or word in PLACES) and self._destination(word, ignorable=ignorable):
            return
        if self._state.into == "fonts":
            self._define_font(word, amount or 0)
        elif word in LETTERS:
            self._unicode(LETTERS[word])
        elif word == "u":
            self._code(amount or 0)
        elif word not in FORMATS and word not in LOOKS:
            self._structure(word, amount or 0)
        else:
            self._format(word, amount)

    def _destination(self, word: str, *, ignorable: bool) -> bool:
        """Whether the word says where the rest of its group goes."""
        if word in STORIES:
            self._open(STORIES[word])
        elif word in ("ud", "nesttableprops"):
            self._state = replace(self._state, into="text")
        elif word == "fonttbl":
            self._state = replace(self._state, into="fonts")
        elif word == "fldinst":
            self._state = replace(self._state, into="instruction")
        elif word in GONE or (ignorable and word not in MARKS):
            self.images += word == "pict"
            if word in ("objautlink", "objupdate"):
                self.found.add("active_content")
            if word == "objdata":
                self.found.add("embedded_document")
            self._state = replace(self._state, into="skip" if word in HOLDING else "gone")
        else:
            return False
        return True

    def _format(self, word: str, amount: int | None) -> None:
        state = self._state
        if word == "f":
            self._state = replace(state, font=amount or 0)
        elif word == "plain":
            self._state = replace(
                state, font=-1, hidden=False, deleted=False, struck=False, above=False, white=False, tiny=False
            )
        elif word in ("v", "webhidden"):
            self._state = replace(state, hidden=amount != 0)
        elif word in ("super", "sub", "nosupersub"):
            self._state = replace(state, above=word == "super" and amount != 0)
        elif word in ("up", "dn"):
            self._state = replace(state, above=word == "up" and amount != 0)
        elif word == "cf":
            self._state = replace(state, white=amount in self._whites)
        elif word == "fs":
            self._state = replace(state, tiny=0 < (amount or 0) <= _TINY)
        elif word in ("strike", "striked"):
            self._state = replace(state, struck=amount != 0)
        elif word == "deleted":
            self._state = replace(state, deleted=amount != 0)
        elif word == "uc":
            self._state = replace(state, skip_after=min(max(amount or 0, 0), 9))
        elif word == "ansicpg":
            self._charset = known(f"cp{amount}") or self._charset
        elif word == "deff":
            self._default_font = amount or 0
        elif word in ("objautlink", "objupdate"):
            self.found.add("active_content")

    def _structure(self, word: str, amount: int) -> None:
        rows, story = self._rows, self._stories[-1]
        if word in BREAKS:
            self._paragraph()
        elif word == "pard":
            story.in_table, story.depth = False, 0
        elif word == "intbl":
            story.in_table = True
        elif word == "itap":
            story.depth = min(max(amount, 0), limits.TABLE_DEPTH_MAX + 1)
        elif word in ("cell", "nestcell"):
            story.flow.cell(story.pieces.take(), self._table_level(word == "nestcell"))
        elif word in ("row", "nestrow"):
            story.flow.row(rows.edges, rows.start, self._table_level(word == "nestrow"))
        elif word == "trowd":
            self._rows = _Rows()
        elif word == "trleft":
            rows.start = amount
        elif word in ("clvmrg", "clmrg"):
            rows.up, rows.left = rows.up or word == "clvmrg", rows.left or word == "clmrg"
        elif word == "cellx" and len(rows.edges) < limits.SHEET_COLUMNS_MAX:
            rows.edges.append(Edge(amount, up=rows.up, left=rows.left))
            rows.up = rows.left = False

    def _table_level(self, nested: bool) -> int:
        depth = self._stories[-1].depth
        return max(depth, 2) if nested else 1

    def _paragraph(self) -> None:
        story = self._stories[-1]
        story.flow.paragraph(story.pieces.take(), story.level)

    def _define_font(self, word: str, amount: int) -> None:
        if word == "f":
            self._font = amount
            self._fonts.setdefault(amount, "")
        elif word == "fcharset" and amount in CHARSETS:
            self._charsets[self._font] = CHARSETS[amount]

    # ---- letters ------------------------------------------------------------------------------------------------

    def _letters(self, text: str) -> None:
        """Characters of the file as such, one a byte."""
        if self._skip:
            passed = min(self._skip, len(text))
            self._skip -= passed
            text = text[passed:]
        into = self._state.into
        if not text or into == "skip":
            return
        if into == "fonts":
            known_so_far = self._fonts.get(self._font, "")
            if len(known_so_far) < limits.NAME_MAX and not known_so_far.endswith(";"):
                self._fonts[self._font] = known_so_far + text
        elif into == "instruction":
            self._instruction.append(text)
        elif self._state.above and not self._state.unseen and not any(map(str.isalpha, text)):
            self._stories[-1].pieces.add(*raised(text))
        elif not self._state.unseen:
            font = self._state.font if self._state.font >= 0 else self._default_font
            if (self._state.white or self._state.tiny) and text.strip().isdigit():
                text = f" {text} "  # no digit of a number beside it; which of them is meant, nobody knows
            self._stories[-1].pieces.add_bytes(text, self._name(font), self._charsets.get(font) or self._charset)

    def _unicode(self, text: str) -> None:
        if self._state.into == "text" and not self._state.unseen:
            font = self._state.font if self._state.font >= 0 else self._default_font
            self._stories[-1].pieces.add(text, self._name(font))

    def _code(self, code: int) -> None:
        self._skip = self._state.skip_after
        code &= 0xFFFF
        if code:
            self._unicode(chr(code))

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._ignorable = True
        elif self._skip:
            self._skip -= 1
        elif sign in "\\{}":
            self._letters(sign)
        elif sign == "~":
            self._unicode("\u00a0")
        elif sign == "_":
            self._unicode("-")
        elif sign in "\r\n":
            self._paragraph()
        elif sign == "-":
            font = self._name(self._state.font if self._state.font >= 0 else self._default_font)
            if is_old(font):
                self._unicode("\u00ad")

    def _name(self, font: int) -> str:
        return self._fonts.get(font, "").rstrip(";").strip()

    def _judge(self, instruction: str) -> None:
        words = instruction.upper().split()
        if words and words[0] in ("DDE", "DDEAUTO", "MACROBUTTON"):
            self.found.add("active_content")
        fetching = ("INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "RD")
        if words and words[0] in fetching and ("://" in instruction or "\\\\" in instruction):
            self.found.add("remote_ref")
