"""What the page worker saw, as the neutral blocks all readers give.

Rules:

1. Wrapped lines are joined as in text PDFs (``pdf_lines``), as they run on the page laid straight and upright, however askew it
   came: on a page askew the boxes of two lines overlap. Each number keeps the place of its own line.
2. What recognition gets wrong for want of context is put right, no figure ever: the office's first word in a letterhead, the
   abbreviation of "thủ tục hành chính", the point behind the number of an item ("5, Hồ sơ"), the dash before one ("~ Số hồ sơ"),
   the stroke before the whole a part is told of ("44 … „tổng số", "giải quyếUtổng số": "t/" run together), the abbreviation of
   an inspectorate or a submission ("TIr"), "ISO"; a mark among words that nobody types ("xong ˆ"), beside no figure.
3. Lines of a cell are joined where its text only wrapped. A table that goes on at the top of the next page is one table.
4. A page that could not be looked at is told by its reason; the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parsers.fold import nfc
from parsers.readers.pdf_lines import paragraphs
from parsers.readers.pdf_tables import joined
from parsers.scan import Box, Number, PageScan, ScannedCell, ScannedItem, ScannedLine, ScannedTable
from parsers.values import Block, Cell, SeenNumber, Table

_EMPTY = Cell("")
_AS_WIDE = 0.02  # share of a table's width by which a column may begin elsewhere on the next page
_OFFICE = re.compile(r"^S[OÒÓỎÕỌÔƠỜỚỠỢ](?= +[A-ZÀ-Ỹ]{2})", re.MULTILINE)
_ITEM = re.compile(r"\A(\d{1,2}),(?= [A-ZĐÀ-Ỹ][^\W\d_])")
_DASH = re.compile(r"\A[~«»=*](?= [A-ZĐÀ-Ỹ][^\W\d_])")
_STROKE = re.compile(r"(?<=[\d…])[ .\t]*[/|]?[“”„\"¿](?=t[ổốô]ng số )")
_LOST = re.compile(
    r"(?:(?<=quyế)[tUưl]?[Uưl|]|(?<=[^\W\d_])(?<!quyế[Uưl])(?<!quyết[Uưl]))"
    r"(?=t[ổốô]ng [sS]ố [^\d]{0,80}\d[\d.]*[\s…]*/[\s…]*\d)"
)
_ISO = re.compile(r"\b[I1l|]{1,2}SO(?=:? )")
_ABBREVIATED = re.compile(r"\bTT?Ir\b")  # TTr: thanh tra, tờ trình
_RATIO = re.compile(r"\d[\d.]*/\d[\d.]*")
_STRAY = re.compile(r"(?<=[^\W\d_])(?: +[ˆ‡†]+)+(?= +[^\W\d_]| *$)", re.MULTILINE)
_MARKS = re.compile(r"[ˆ‡†]+")  # a line of a cell that nobody types
_PROCEDURES = re.compile(r"(?<![^\W_])['‘’`]?[TILFJPY¡¿'|1l]{2,4} ?[HIFN]{1,2}[IC]?C\b(?<!CHC)")


@dataclass(slots=True)
class Scanned:
    """What the pages of one document held."""

    blocks: list[Block] = field(default_factory=list)
    numbers: list[SeenNumber] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)  # page, reason
    sealed: int = 0  # pages with a seal
    letters: int = 0
    weight: float = 0.0  # of the letters, each by the confidence of its line

    @property
    def sure(self) -> float:
        """How surely the letters were read, 0..1."""
        return self.weight / self.letters if self.letters else 1.0

    @property
    def failure(self) -> str | None:
        """Why the first page that could not be looked at was not."""
        return self.unread[0][1] if self.unread else None

    def take(self, other: Scanned) -> None:
        """What another page held."""
        self.blocks += other.blocks
        self.numbers += other.numbers
        self.text += other.text
        self.unread += other.unread
        self.pages += other.pages
        self.sealed += other.sealed
        self.letters += other.letters
        self.weight += other.weight

    def follow(self, page: PageScan, first: int) -> None:
        """What the next page holds, its blocks numbered from ``first``; a table that goes on is one."""
        more = Scanned()
        more.add(page, first)
        stitch(self.blocks, more)
        self.take(more)

    def add(self, page: PageScan, first: int) -> None:
        """The blocks of a page, numbered from ``first``."""
        if page.reason:
            self.unread.append((page.page, page.reason))
            return
        self.pages.append(page.page)
        self.sealed += page.sealed
        for line in _lines_of(page):
            self.letters += len(line.text)
            self.weight += len(line.text) * line.confidence
        new: list[Block] = []
        for lines, table in _groups(page.items):
            if table:
                new.append(self._table(page, table, first + len(new)))
            else:
                new += self._lines(page, lines, first + len(new))
        self.blocks += new

    def _lines(self, page: PageScan, lines: Sequence[ScannedLine], first: int) -> list[Block]:
        new: list[Block] = []
        waiting = [replace(line, text=_DASH.sub("-", line.text)) for line in lines]
        for whole in paragraphs([replace(line, box=line.straight or line.box) for line in waiting]):
            n, taken, boxes = first + len(new), "", []
            while waiting and len(taken) < len(whole.text):
                line = waiting.pop(0)
                taken = f"{taken} {nfc(line.text)}".lstrip()
                boxes.append(line.box)
                self.numbers += [_seen(one, n, None, line) for one in line.numbers]
            new.append(Block(n, text=_mended(whole.text), page=page.page, box=_around(boxes) if boxes else None))
            self.text.append(new[-1].text)
        return new

    def _table(self, page: PageScan, table: ScannedTable, n: int) -> Block:
        grid = [[_EMPTY] * table.columns for _ in range(table.rows)]
        told = {(cell.row, cell.column): nfc(_unwrapped([line.text for line in cell.lines])) for cell in table.cells}
        ratios = {row: text for (row, _), text in told.items() if _RATIO.fullmatch(text)}
        for cell in table.cells:
            text = _mended(told[cell.row, cell.column], ratios.get(cell.row, ""))
            grid[cell.row][cell.column] = Cell(text, cell.colspan, cell.rowspan, page=page.page, box=cell.box)
            self.text.append(text)
            self.numbers += [_seen(one, n, cell, line) for line in cell.lines for one in line.numbers]
        return Block(n, table=Table(tuple(map(tuple, grid))), page=page.page, box=table.box)


def stitch(before: list[Block], seen: Scanned) -> None:
    """The table at the top of a page joined to the one the page before it ended with, when it has the same columns."""
    upper, lower = before[-1] if before else None, seen.blocks[0] if seen.blocks else None
    if upper is None or lower is None or upper.table is None or lower.table is None or not _goes_on(upper, lower):
        return
    table, moved = joined(upper.table, lower.table)
    before[-1] = replace(upper, table=table)
    seen.blocks = [replace(block, n=block.n - 1) for block in seen.blocks[1:]]
    seen.numbers = [
        replace(one, block=upper.n, row=one.row + moved)
        if one.block == lower.n and one.row is not None
        else replace(one, block=one.block - 1)
        for one in seen.numbers
    ]


def _goes_on(upper: Block, lower: Block) -> bool:
    """Whether the columns are as many and as wide, each against the whole."""
    shares = [_columns(block) for block in (upper, lower)]
    return len(shares[0]) == len(shares[1]) > 1 and all(
        abs(a - b) <= _AS_WIDE for a, b in zip(shares[0], shares[1], strict=True)
    )


def _columns(block: Block) -> list[float]:
    """Where the columns of a table begin, as shares of its width."""
    assert block.table
    if not block.box or block.box[2] <= block.box[0]:
        return []
    left, wide = block.box[0], block.box[2] - block.box[0]
    rows = [row for row in block.table.rows if all(cell.box and cell.colspan == 1 for cell in row)]
    return [(cell.box[0] - left) / wide for cell in rows[0] if cell.box] if rows else []


def _unwrapped(lines: Sequence[str]) -> str:
    r"""The lines of a cell as its writer typed them: one that only wrapped goes on.

    >>> _unwrapped(["Hồ sơ trả lại", "(tổ chức, cá", "nhân)"]), _unwrapped(["Đơn vị", "tính:", "Hồ sơ"])
    ('Hồ sơ trả lại (tổ chức, cá nhân)', 'Đơn vị tính:\nHồ sơ')
    >>> _unwrapped(["Số hồ sơ giải", "quyết đúng", "ˆ", "hạn"]), _unwrapped(["ˆ"])
    ('Số hồ sơ giải quyết đúng hạn', 'ˆ')
    """
    out = ""
    for line in [line for line in lines if not _MARKS.fullmatch(line)] or lines:
        wraps = out and (line[:1].islower() or line[:1] == "(" or (line[:1].isdigit() and out[-1:].isalpha()))
        out += (" " if wraps and not out.endswith((".", ";", ":")) else "\n" if out else "") + line
    return out


def _mended(text: str, ratio: str = "") -> str:
    """What was misread put right; ``ratio``: the figures of a label's row, which says as well that it parts a whole.

    >>> _mended("SỎ NỘI VỤ"), _mended("áp dụng đối với LIHC mức độ 3")
    ('SỞ NỘI VỤ', 'áp dụng đối với TTHC mức độ 3')
    >>> _mended("5, Hồ sơ trả lại: 0"), _mended("5, 7 và 9"), _mended("12,5 Hồ sơ")
    ('5. Hồ sơ trả lại: 0', '5, 7 và 9', '12,5 Hồ sơ')
    >>> _mended("mức độ 4 … 44 … „tổng số hồ sơ"), _mended("nêu trong “tổng số hồ sơ”")
    ('mức độ 4 … 44 …/tổng số hồ sơ', 'nêu trong “tổng số hồ sơ”')
    >>> _mended("mức độ 4. 131 … .“tổng số hồ sơ"), _mended("376 … ¿tống số văn bản đi"), _mended("Số: 292/BC-TIr, I1SO: 8")
    ('mức độ 4. 131 …/tổng số hồ sơ', '376 …/tống số văn bản đi', 'Số: 292/BC-TTr, ISO: 8')
    >>> _mended("đã giải quyếttổng số tiếp nhận: 04/05"), _mended("đã giải quyếttổng số tiếp nhận: 04")
    ('đã giải quyết/tổng số tiếp nhận: 04/05', 'đã giải quyếttổng số tiếp nhận: 04')
    >>> _mended("Số hồ sơ đã giải quyết xong ˆ"), _mended("Hồ sơ giải ‡ quyết: 48/88"), _mended("quá hạn: 50ˆ")
    ('Số hồ sơ đã giải quyết xong', 'Hồ sơ giải quyết: 48/88', 'quá hạn: 50ˆ')
    >>> _mended("đã giải quyếUtống số tiếp nhận: … 03/ … 04 …"), _mended("đã giải quyếUtống số tiếp nhận: 04")
    ('đã giải quyết/tống số tiếp nhận: … 03/ … 04 …', 'đã giải quyếUtống số tiếp nhận: 04')
    >>> _mended("đã giải quyếUtống Số tiếp nhận", "04/06"), _mended("đã giải quyếUtống Số tiếp nhận")
    ('đã giải quyết/tống Số tiếp nhận', 'đã giải quyếUtống Số tiếp nhận')
    """
    if ratio:
        return _mended(f"{text} {ratio}").removesuffix(f" {ratio}")
    stroked = _LOST.sub(lambda lost: "t/" if lost.group() else "/", _STROKE.sub("/", text))
    stroked = _ISO.sub("ISO", _ABBREVIATED.sub("TTr", stroked))
    return _PROCEDURES.sub("TTHC", _OFFICE.sub("SỞ", _ITEM.sub(r"\1.", _STRAY.sub("", stroked))))


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _lines_of(page: PageScan) -> Iterator[ScannedLine]:
    for item in page.items:
        if item.line:
            yield item.line
        for cell in item.table.cells if item.table else ():
            yield from cell.lines


def _groups(items: Sequence[ScannedItem]) -> Iterator[tuple[list[ScannedLine], ScannedTable | None]]:
    """Runs of lines, and tables."""
    run: list[ScannedLine] = []
    for item in items:
        if item.line:
            run.append(item.line)
            continue
        if run:
            yield run, None
            run = []
        yield [], item.table
    if run:
        yield run, None


def _seen(number: Number, block: int, cell: ScannedCell | None, line: ScannedLine) -> SeenNumber:
    return SeenNumber(
        block,
        cell.row + 1 if cell else None,
        cell.column + 1 if cell else None,
        nfc(number.text),
        tuple((told.text, told.sure) for told in (number.line, number.alone, number.shapes)),
        cell.box if cell else line.box,
    )
