"""A document as the lines a person sees: paragraphs cut and mended, tables kept as grids.

Rules:

1. A paragraph with line breaks is several lines; a line that plainly goes on in the next one (a PDF, a wrapped text) is
   mended. A line that carries its own bullet, number or label is never swallowed.
2. Lines with the same number of tabs (or bars) under one another are a table.
3. A table that is only layout (one column, or cells holding whole paragraphs) is read as lines, cell by cell. A sheet is a page:
   its rows with a single text above, below and (three or more of them, or a title) between its tables are lines.
4. Every character knows its block: evidence is the line, at most 300 characters of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from parsers.fold import fold, nfc
from parsers.quick import quick
from parsers.values import Block, Cell, Document, Place, Table
from parsers.words import vocabulary

TEXT_MAX = 250_000  # characters of lines looked at in one document; an official report has some 20,000
LINE_MAX = 4000  # characters of one line; a paragraph of a report has some hundred
EVIDENCE_MAX = 300  # characters of evidence kept with a figure
_BULLET = re.compile(
    r"\s*(?:\d{1,3}\t|[-+*•●▪■◦–—−]\s*|\(?[a-zđA-ZĐ]\)\s*|\d{1,2}(?:\.\d{1,2})*[.)]\s*(?!\d)|\d{1,2}(?:\.\d{1,2}){1,3}\s+(?=[^\W\d_]{2})|[IVX]{1,5}(?:(?:\.\d{1,2})+[.)]?(?=\s)|[.)/])\s*|[A-D]\.\s+)*"
)
_GLUED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}(?:\.\d{1,2})+)(?=[^\W\d_](?!\d)[^\W\d_A-ZĐ])")
_NUMBERS = frozenset("123456789IVX")
_VALUE_FIRST = re.compile(r"[.…_]{2,}|/|\d")  # the answer of a label that filled the line above
_ENDS = (".", ";", ":", "!", "?", "…")
_SHEETS = frozenset(["xlsx", "xls", "xlsm", "ods", "csv", "excelxml"])
_LINES_FROM = 3  # rows of one text each between two tables of a sheet
_TITLE = re.compile(r"(?:mau )?bao cao\b")
_EXPECTS = re.compile(r"(?:[:：…]|\.{2,})\s*\Z")
_LABEL_BRACKET = re.compile(r"\s*\([^()\d\t]*\)\s*(?:[:：.…\d]|\Z)")
_ROMAN = re.compile(r"\s*[IVX]{1,5}[.)/]")
_NUMBER = re.compile(r"\s*\d[\d.,\s]*%?\s*")
_LONG = 60  # characters from which an unfinished line of a PDF is taken to be wrapped


@lru_cache(maxsize=4096)
def bullet_end(text: str) -> int:
    """Length of the bullet or number in front of a text; a line is asked several times."""
    match = _BULLET.match(text)
    return match.end() if match else 0


def unglued(text: str) -> str:
    """A text whose row number runs into its label, with a full stop between: "1Tổng số hồ sơ", "I.1Tiếp nhận".

    >>> unglued("1Tổng số hồ sơ"), unglued("I.1Tiếp nhận"), unglued("12hs"), unglued("1. Tổng số")
    ('1. Tổng số hồ sơ', 'I.1. Tiếp nhận', '12hs', '1. Tổng số')
    """
    match = _GLUED.match(text) if text[:1] in _NUMBERS else None
    return f"{match[0]}. {text[match.end() :]}" if match and text[match.end()].isupper() else text


@quick
@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text. ``pieces`` maps offsets to the places they came from."""

    text: str
    pieces: tuple[tuple[int, Place], ...]
    hidden: bool = False
    where: str = "body"

    def place(self, offset: int = 0) -> Place:
        """Where the character at that offset stands, with the line as evidence."""
        start, place = [piece for piece in self.pieces if piece[0] <= offset][-1]
        end = next((at for at, _ in self.pieces if at > offset), len(self.text))
        own = self.text[start:end].strip()
        text = (
            own
            if len(own) <= EVIDENCE_MAX
            else self.text[max(start, offset - EVIDENCE_MAX // 2) :][:EVIDENCE_MAX].strip()
        )
        return Place(place.page, place.block, place.table, place.row, place.cell, place.box, text)

    @property
    def indent(self) -> int:
        """Length of the bullet or number in front."""
        return bullet_end(self.text)

    @property
    def bare(self) -> str:
        """The line without its bullet or number."""
        return self.text[self.indent :].strip()


@quick
@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is data."""

    rows: tuple[tuple[Cell, ...], ...]
    block: int
    number: int  # 1-based among the document's tables
    page: int | None = None
    hidden: bool = False
    box: tuple[float, float, float, float] | None = None
    above: int = 0  # rows of the table that stand above as lines

    def place(self, row: int, cell: int) -> Place:
        """Where a cell stands (0-based indices)."""
        text = " | ".join(" ".join(c.text.split()) for c in self.rows[row] if c.text.strip())
        own = self.rows[row][cell] if cell < len(self.rows[row]) else None
        page, box = (own.page or self.page, own.box or self.box) if own else (self.page, self.box)
        return Place(page, self.block, self.number, self.above + row + 1, cell + 1, box, text[:EVIDENCE_MAX])


Unit = TextLine | Grid


def units_of(document: Document, is_label: Callable[[str], bool]) -> tuple[Unit, ...]:
    """The body of a document as lines and grids, in order; running headers and footers left out."""
    units: list[Unit] = []
    looked_at = 0
    for unit in units_told(document):
        looked_at += len(unit.text) if isinstance(unit, TextLine) else 0
        if looked_at > TEXT_MAX:  # told by ``parsers.reach``
            break
        units.append(unit)
    return tuple(_grids_of_tabs(_mended(units, is_label)))


def units_told(document: Document) -> Iterator[Unit]:
    """The lines and grids as they stand, nothing mended, however many."""
    tables = 0
    for block in document.blocks:
        tables += block.table is not None
        if block.where in ("header", "footer", "footnote", "remark"):
            continue
        yield from _paragraph(block) if block.table is None else _table(block, block.table, tables, document.type)


def _paragraph(block: Block) -> Iterator[TextLine]:
    place = Place(block.page, block.n, box=block.box)
    for text in _pieces(block.text):
        yield TextLine(text, ((0, place),), block.hidden, block.where)


def _pieces(text: str) -> Iterator[str]:
    """The lines of a text that hold anything; one that goes on for pages is cut where a sentence or a word ends."""
    for whole in nfc(text).splitlines():
        line = whole.rstrip(" ")  # a tab at the end is an empty cell
        while len(line) > LINE_MAX:
            ends = [line.rfind(mark, LINE_MAX // 2, LINE_MAX) for mark in (". ", "; ", " ")]
            cut = next((end + 1 for end in ends if end >= 0), LINE_MAX)
            yield line[:cut]
            line = line[cut:]
        if line.strip():
            yield line


def _table(block: Block, table: Table, number: int, kind: str) -> Iterator[Unit]:
    if _is_layout(table):
        yield from _rows_as_lines(block, table, number, range(len(table.rows)))
        return
    runs = _runs(table) if kind in _SHEETS else [(range(len(table.rows)), False)]
    for rows, lines in runs:
        if lines:
            yield from _rows_as_lines(block, table, number, rows)
        else:
            own = table.rows[rows.start : rows.stop]
            yield Grid(own, block.n, number, block.page, block.hidden, block.box, rows.start)


def _rows_as_lines(block: Block, table: Table, number: int, rows: range) -> Iterator[TextLine]:
    for r in rows:
        for c, cell in enumerate(table.rows[r]):
            for text in _pieces(cell.text):
                place = Place(cell.page or block.page, block.n, number, r + 1, c + 1, cell.box or block.box)
                yield TextLine(text, ((0, place),), block.hidden or cell.hidden)


def _runs(table: Table) -> list[tuple[range, bool]]:
    """A sheet's rows in runs: (rows, whether they are lines). A row without text belongs to the run above it."""
    runs: list[tuple[range, bool]] = []
    for r, row in enumerate(table.rows):
        filled = [cell for cell in row if cell.text.strip() or cell.number is not None]
        single = len(filled) == 1 and filled[0].number is None
        if runs and (not filled or runs[-1][1] is single):
            runs[-1] = (range(runs[-1][0].start, r + 1), runs[-1][1])
        else:
            runs.append((range(r, r + 1), single))
    kept: list[tuple[range, bool]] = []
    for n, (rows, single) in enumerate(runs):
        lines = single and (n in (0, len(runs) - 1) or _speaks(table, rows))
        if kept and not lines and not kept[-1][1]:
            kept[-1] = (range(kept[-1][0].start, rows.stop), False)
        else:
            kept.append((rows, lines))
    return kept


def _speaks(table: Table, rows: range) -> bool:
    """Whether rows between two tables are text of their own; one or two may be a heading inside the table ("Cấp xã")."""
    texts = [cell.text.strip() for r in rows for cell in table.rows[r] if cell.text.strip()]
    return len(texts) >= _LINES_FROM or any(_TITLE.match(fold(text)) for text in texts)


def _is_layout(table: Table) -> bool:
    """One column only, or a cell that holds a page of text: a frame, not data. A letterhead keeps its two columns."""
    filled = [[cell for cell in row if cell.text.strip()] for row in table.rows]
    if any(len(row) > 1 for row in filled):
        longest = max(cell.text.strip().count("\n") for row in filled for cell in row)
        if longest < 3 or len(table.rows) > 4 or any(_of_numbers(row) for row in filled):
            return False
    return not any(vocabulary().mottoes.within(cell.text) for row in table.rows[:3] for cell in row)


def _of_numbers(row: Sequence[Cell]) -> bool:
    """A row of nothing but numbers: what stands above it are headings in narrow columns."""
    return len(row) > 1 and all(_NUMBER.fullmatch(cell.text) for cell in row)


def _mended(units: Sequence[Unit], is_label: Callable[[str], bool]) -> Iterator[Unit]:
    held: TextLine | None = None
    for unit in units:
        if isinstance(unit, TextLine) and held is not None and _goes_on(held, unit, is_label):
            pieces = held.pieces + tuple((at + len(held.text) + 1, place) for at, place in unit.pieces)
            held = TextLine(f"{held.text} {unit.text.strip()}", pieces, held.hidden, held.where)
            continue
        if held is not None:
            yield held
            held = None
        if isinstance(unit, TextLine):
            held = unit
        else:
            yield unit
    if held is not None:
        yield held


def _goes_on(line: TextLine, following: TextLine, is_label: Callable[[str], bool]) -> bool:
    text = following.text.strip()
    wrapped = _answer_wrapped(line, following) or _bracket_wrapped(line, following)
    if wrapped or _label_wrapped(line, following, is_label):
        return True
    if (
        line.hidden != following.hidden
        or "\t" in line.text
        or "\t" in text
        or following.indent
        or len(line.text) > LINE_MAX
        or line.text.rstrip().endswith(_ENDS)
    ):
        return False
    last, first = line.pieces[-1][1], following.pieces[0][1]
    same = (last.table, last.row, last.cell) == (first.table, first.row, first.cell)
    return same and _reads_on(line, text, is_label) and not is_label(text)


def _reads_on(line: TextLine, text: str, is_label: Callable[[str], bool]) -> bool:
    """Whether the words of a line go on in the text below it, unless that is a label."""
    if _VALUE_FIRST.match(text) and re.search(r"[^\W\d_]", text) and not re.search(r"\d", line.text[line.indent :]):
        return is_label(line.bare)
    if text[0].islower():
        return not line.text.strip().isupper()
    unfinished = len(line.text.strip()) >= _LONG and not re.search(r"\d\s*\Z", line.text)
    wrapped = (
        unfinished and not text.isupper() and text[0].isalpha() and line.text.rstrip()[-1:].islower() and len(text) > 12
    )
    return wrapped and not (_ROMAN.match(line.text) and is_label(line.bare))  # a heading of the form, whole on its line


def _answer_wrapped(line: TextLine, following: TextLine) -> bool:
    """A page's line that is full and ends where an answer is expected, and the answer at the beginning of the next."""
    if line.pieces[-1][1].page is None or line.hidden != following.hidden or following.indent:
        return False
    full = len(line.text.strip()) >= _LONG and bool(_EXPECTS.search(line.text))
    if not full:
        return False
    return bool(re.match(r"\s*\d", following.text)) or bool(vocabulary().values.whole(following.text))


def _label_wrapped(line: TextLine, following: TextLine, is_label: Callable[[str], bool]) -> bool:
    """As in "Hồ sơ trả lại" and "(tổ chức, cá nhân): 0" below it: the bracket belongs to the label."""
    if "\t" in line.text or line.text.rstrip().endswith(_ENDS) or line.hidden != following.hidden:
        return False
    bracket = _LABEL_BRACKET.match(following.text)
    return bracket is not None and not re.search(r"\d", line.text[line.indent :]) and is_label(line.bare)


def _bracket_wrapped(line: TextLine, following: TextLine) -> bool:
    """As in "(luân chuyển: 00, chuyển đổi:" and "03);" below it: no bullet, the answer."""
    opened = line.text.count("(") > line.text.count(")") and line.hidden == following.hidden
    return opened and bool(_EXPECTS.search(line.text)) and bool(re.match(r"\s*\d[\d.,]*\s*\)", following.text))


def _grids_of_tabs(units: Iterator[Unit]) -> Iterator[Unit]:
    run: list[TextLine] = []
    for unit in units:
        if (
            isinstance(unit, TextLine)
            and _columns(unit.text) >= 3
            and (not run or _columns(run[0].text) == _columns(unit.text))
        ):
            run.append(unit)
            continue
        yield from _flush(run)
        run = []
        if isinstance(unit, TextLine) and _columns(unit.text) >= 3:
            run = [unit]
        else:
            yield unit
    yield from _flush(run)


def _columns(text: str) -> int:
    return len(_split(text))


def _split(text: str) -> list[str]:
    if "\t" in text:
        return text.split("\t")
    if text.count("|") >= 2:
        return text.strip().strip("|").split("|")
    return [text]


def _flush(run: Sequence[TextLine]) -> Iterator[Unit]:
    if len(run) < 2:
        yield from run
        return
    rows = tuple(tuple(Cell(cell.strip()) for cell in _split(line.text)) for line in run)
    first = run[0].pieces[0][1]
    yield Grid(rows, first.block or 0, 0, first.page, run[0].hidden)
