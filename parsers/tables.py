"""Figures in tables: the label at the left or above, units, periods and totals in columns of their own.

Rules:

1. A row whose cell is a label of the form answers in the cells to its right; columns headed STT, đơn vị tính, ghi chú, kỳ
   trước, so sánh are not answers; "lũy kế" is cumulative; "cấp xã" and "cấp huyện" are parts of a total.
2. Several answers left over that differ: the period column, then the total column; else unreadable, both shown.
3. Labels standing side by side above numbers: the only row of data answers, or the row called total; rows that are a period,
   a scope or a level of service say so; rows of details never do.
4. The meaning of a cell is that of its row and its column together ("Mức độ 3" × "Đã xử lý").
5. A row of 1, 2, 3 … under the headings is their numbering.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from parsers.answers import Answer, read_answer, strange_words
from parsers.candidates import Candidate, from_answer
from parsers.fold import nfc
from parsers.labels import Hit, Labels, meaning_of, plain_atoms
from parsers.lines import _BULLET, Grid
from parsers.numbers import scan
from parsers.stated import read_hits
from parsers.values import Cell, Place
from parsers.words import vocabulary, words_of

_LABEL_WORDS = 24  # a cell with more words is a paragraph, not a label
_INDEX = re.compile(r"[\s(]*(?:\d{1,2}|[A-E])(?:\s*=\s*[\d()+\s/]+)?[)\s.]*\Z")


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column's heading says."""

    kind: str  # of words.toml columns, or "" when it says nothing
    scope: str
    text: str
    key: str | None = None  # of the form, when the heading is a label
    loosely: bool = False
    atoms: frozenset[str] = frozenset()
    strange: int = 0
    combined: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    """A label cell of a row."""

    cell: int
    hits: tuple[Hit, ...]
    text: str


def read_grid(
    labels: Labels, grid: Grid, recent: Sequence[str] = ()
) -> tuple[list[Candidate], list[tuple[str, str]], set[str]]:
    """The candidates of a table, the texts of its text lines, and the keys of labels seen."""
    reader = _Reader(labels, grid, tuple(recent))
    reader.read()
    return reader.found, reader.texts, reader.seen


class _Reader:
    def __init__(self, labels: Labels, grid: Grid, recent: tuple[str, ...]) -> None:
        self.labels = labels
        self.grid = grid
        self.rows = [tuple(replace(cell, text=nfc(cell.text).strip()) for cell in row) for row in grid.rows]
        self.recent = recent
        self.found: list[Candidate] = []
        self.texts: list[tuple[str, str]] = []
        self.seen: set[str] = set()
        self.scope = ""
        self.cumulative = False

    def read(self) -> None:
        """Row by row; a row of headings opens a block read by columns."""
        index = 0
        header: list[_Column] = []
        while index < len(self.rows):
            block = self._column_block(index)
            if block > index:
                index = block
                continue
            columns = self._columns_of(index, index + 1)
            if not header and sum(bool(c.kind) for c in columns) >= 2 and not self._heads(index):
                header = columns
                index += 1
                continue
            if (
                header
                and not self._heads(index)
                and sum(bool(c.kind or c.scope) for c in columns) >= 2
                and not self._numeric(index)
            ):
                header = [self._merged(a, b) for a, b in zip(header, columns, strict=False)] + header[len(columns) :]
                index += 1
                continue
            self._row(index, header)
            index += 1

    # ---- headings ----------------------------------------------------------------------------------------------------
    def _merged(self, above: _Column, below: _Column) -> _Column:
        kind = below.kind or above.kind
        if "cumulative" in (above.kind, below.kind):
            kind = "cumulative"
        return _Column(kind, below.scope or above.scope, f"{above.text} {below.text}".strip())

    def _column(self, text: str) -> _Column:
        vocab = vocabulary()
        text = " ".join(text.split())
        names = vocab.columns.whole(re.sub(r"\([^()]*\)", " ", text)) or vocab.columns.whole(text)
        kind = next(iter(sorted(names)), "")
        if not kind and text and "%" in text:
            kind = "percentage"
        within = vocab.times.within(text)
        if not kind and "cumulative" in within:
            kind = "cumulative"
        if not kind and "past" in within:
            kind = "other"
        if not kind and "period" in within:
            kind = "period"
        scopes = vocab.scopes.within(text)
        scope = next((name for name in ("total", "communes", "own") if name in scopes), "")
        return _Column(kind, scope, text)

    def _columns_of(self, first: int, last: int) -> list[_Column]:
        """Headings of the columns, from rows first to last (excluded), merged cells spread."""
        width = max((len(row) for row in self.rows), default=0)
        paths = [[""] * (last - first) for _ in range(width)]
        for r in range(first, last):
            for c, cell in enumerate(self.rows[r]):
                if not cell.text:
                    continue
                for across in range(c, min(c + max(cell.colspan, 1), width)):
                    free = across == c or not (across < len(self.rows[r]) and self.rows[r][across].text)
                    if free:
                        paths[across][r - first] = cell.text
        return [self._column(path[-1] if last - first == 1 else " – ".join(p for p in path if p)) for path in paths]

    # ---- rows --------------------------------------------------------------------------------------------------------
    def _is_label(self, text: str) -> tuple[Hit, ...]:
        """The labels a cell consists of; empty when it holds anything else."""
        if not text or len(words_of(text)) > _LABEL_WORDS * 2:
            return ()
        start = _BULLET.match(text).end()  # type: ignore[union-attr]
        hits = self.labels.find(text, start, self._above(), cell=True)
        if not hits or not any(hit.key for hit in hits):
            return ()
        rest = text[hits[-1].end :]
        between = [text[a.end : b.start] for a, b in zip(hits, hits[1:], strict=False)]
        if any(scan(piece) for piece in between) or [
            t for t in scan(_unbracketed(rest)) if t.kind in ("count", "ratio", "malformed")
        ]:
            return ()
        if strange_words(_unbracketed(rest)):
            return ()
        return self._reconsidered(text, start, hits, rest)

    def _reconsidered(self, text: str, start: int, hits: tuple[Hit, ...], rest: str) -> tuple[Hit, ...]:
        """Words behind a label that change it: "Hồ sơ tiếp nhận trực tuyến" is not the line "Hồ sơ tiếp nhận"."""
        line = self.labels.form.line(hits[-1].key)
        if line is None or not line.means or len(hits) > 1:
            return hits
        more = plain_atoms(meaning_of(_unbracketed(rest)).atoms) - {"others", "compare"}
        own = line.means[0]
        if not more - own:
            return hits
        key, loosely = self.labels.by_meaning(own | more)
        return (replace(hits[0], key=key),) if key and not loosely else (replace(hits[0], key=""),)

    def _by_words(self, text: str) -> tuple[Hit, ...]:
        """A label in other words: every word understood, and a line of the form names this meaning."""
        words = words_of(text)
        if not words or len(words) > _LABEL_WORDS or [t for t in scan(text) if t.kind != "other"]:
            return ()
        meaning = meaning_of(text)
        if meaning.strange or not plain_atoms(meaning.atoms) or meaning.past:
            return ()
        key, loosely = self.labels.by_meaning(meaning.atoms)
        return (Hit(key, 0, len(text), full=not loosely, slip=loosely, named=False),) if key else ()

    def _above(self) -> tuple[str, ...]:
        return (*self.recent, *(c.key for c in self.found[-6:]))

    def _heads(self, index: int) -> list[_Head]:
        heads = []
        for c, cell in enumerate(self.rows[index]):
            if cell.number is not None:
                continue
            hits = self._is_label(cell.text) or self._by_words(cell.text)
            if hits and any(hit.key for hit in hits):
                heads.append(_Head(c, hits, cell.text))
        return heads

    def _numeric(self, index: int, first: int = 0) -> bool:
        return any(_number_of(cell) is not None for cell in self.rows[index][first:])

    def _row(self, index: int, header: Sequence[_Column]) -> None:
        row = self.rows[index]
        filled = [c for c, cell in enumerate(row) if cell.text or cell.number is not None]
        if not filled:
            return
        heads = self._heads(index)
        for c in filled:
            if not any(head.cell == c for head in heads):
                self._inner_lines(index, c)
        if not heads:
            self._context(" ".join(row[c].text for c in filled))
            return
        for position, head in enumerate(heads):
            self.seen |= {hit.key for hit in head.hits if hit.key}
            end = heads[position + 1].cell if position + 1 < len(heads) else len(row)
            head = replace(head, hits=self.labels.nested(head.hits, self._above()))
            self._answers(index, head, range(head.cell + max(row[head.cell].colspan, 1), end), header)

    def _context(self, text: str) -> None:
        """A row that is only "Toàn huyện", "Cấp xã" or "Lũy kế" speaks for the rows below it."""
        scopes, times = vocabulary().scopes.within(text), vocabulary().times.within(text)
        if strange_words(text) or scan(text):
            return
        self.scope = next(
            (name for name in ("total", "communes", "own") if name in scopes), "" if times else self.scope
        )
        self.cumulative = "cumulative" in times and "period" not in times

    def _inner_lines(self, index: int, c: int) -> None:
        """A cell that holds labels with their answers."""
        for piece in self.rows[index][c].text.splitlines():
            start = _BULLET.match(piece).end()  # type: ignore[union-attr]
            hits = self.labels.find(piece, start, self._above())
            if hits and hits[0].full and hits[0].key and re.search(r"[\d:：…]|\.\.", piece[hits[0].end :]):
                place = self.grid.place(index, c)
                self.seen |= {hit.key for hit in hits if hit.key}
                read = read_hits(
                    self.labels, piece, hits, place, "cell", hidden=self._hidden(index, c), block=self.grid.block
                )
                self.found += read
                self.texts += [
                    (h.key, piece[h.end :]) for h in hits if (ln := self.labels.form.line(h.key)) and ln.kind == "text"
                ]

    def _hidden(self, index: int, c: int) -> bool:
        return self.grid.hidden or self.rows[index][c].hidden

    def _answers(self, index: int, head: _Head, cells: range, header: Sequence[_Column]) -> None:
        key = next(hit.key for hit in head.hits if hit.key)
        line = self.labels.form.line(key)
        row = self.rows[index]
        inside = [c for c in cells if c < len(row)]
        if line is None:
            return
        if line.kind == "text":
            self.texts.append((key, " ".join(row[c].text for c in inside if row[c].text)))
            return
        usable = [c for c in inside if not self._skipped(row[c], header, c)]
        filled = [c for c in usable if row[c].text or row[c].number is not None]
        if not filled:
            if inside:
                self._emit(head, Answer("blank"), index, inside[0], _Column("", "", ""))
            return
        groups: dict[tuple[str, str], list[int]] = {}
        for c in filled:
            column = header[c] if c < len(header) else _Column("", "", "")
            basis = "cumulative" if column.kind == "cumulative" else "period"
            if column.kind == "percentage":
                continue
            groups.setdefault((basis, column.scope), []).append(c)
        percent = next(
            (_percent_of(row[c]) for c in filled if c < len(header) and header[c].kind == "percentage"), None
        )
        for chosen in groups.values():
            self._group(head, index, chosen, header, percent)

    def _skipped(self, cell: Cell, header: Sequence[_Column], c: int) -> bool:
        if c < len(header) and header[c].kind in ("number", "unit", "other", "note", "label"):
            return True
        return bool(cell.text) and bool(vocabulary().units.whole(cell.text))

    def _group(
        self, head: _Head, index: int, cells: Sequence[int], header: Sequence[_Column], percent: Decimal | None
    ) -> None:
        row = self.rows[index]
        kinds = {c: header[c].kind if c < len(header) else "" for c in cells}
        preferred = (
            [c for c in cells if kinds[c] == "period"] or [c for c in cells if kinds[c] == "total"] or list(cells)
        )
        numeric = [c for c in preferred if _number_of(row[c]) is not None] or preferred
        numeric = [c for c in numeric if not _is_percent(row[c])] or numeric
        values = {_number_of(row[c]) for c in numeric}
        c = numeric[0]
        column = header[c] if c < len(header) else _Column("", "", "")
        if len(numeric) > 1 and len(values) > 1:
            raw = " | ".join(row[n].text or str(row[n].number) for n in numeric)
            pair = self._ratio_cells(head, index, numeric)
            if pair:
                self.found += pair
                return
            self._emit(head, Answer("unreadable", raw=raw[:80]), index, c, column)
            return
        beside = next((_percent_of(row[n]) for n in cells if n not in numeric and _is_percent(row[n])), percent)
        self._emit(head, self._answer(head, row[c], beside), index, c, column)

    def _ratio_cells(self, head: _Head, index: int, cells: Sequence[int]) -> list[Candidate]:
        """Numerator and denominator in two cells behind one label naming both."""
        keys = [hit.key for hit in head.hits if hit.key]
        line = self.labels.form.line(keys[0])
        if len(cells) != 2 or line is None or not line.over or line.over not in keys:
            return []
        answers = [self._answer(head, self.rows[index][c], None) for c in cells]
        places = [self._place(index, c) for c in cells]
        return [
            self._finished(from_answer(k, a, p, "cell"), _Column("", "", ""), index, cells[0])
            for k, a, p in zip((line.key, line.over), answers, places, strict=True)
        ]

    def _answer(self, head: _Head, cell: Cell, percent: Decimal | None) -> Answer:
        line = self.labels.form.line(next(hit.key for hit in head.hits if hit.key))
        percentage = line is not None and line.kind == "percentage"
        if cell.number is not None:
            return replace(_typed(cell, percentage=percentage), percent=percent)
        answer = read_answer(cell.text, percentage=percentage)
        spaced = (
            answer.doubts & {"spaced"}
            and len([t for t in scan(cell.text) if t.kind in ("count", "malformed", "ratio")]) == 1
        )
        answer = replace(answer, doubts=answer.doubts - {"spaced"}) if spaced else answer
        return answer if percent is None else replace(answer, percent=percent)

    def _emit(self, head: _Head, answer: Answer, index: int, c: int, column: _Column) -> None:
        """The candidates of a label and its answer."""
        keys = [hit.key for hit in head.hits if hit.key]
        line = self.labels.form.line(keys[0])
        place = self._place(index, c)
        if line is None:
            return
        over = line.over if line.over and (line.over in keys or answer.below_state is not None) else None
        if line.over and answer.below_state is not None:
            bottom = Answer(answer.below_state, answer.below, answer.below_raw)
            read = [
                from_answer(line.key, replace(answer, below_state=None, below=None), place, "cell"),
                from_answer(line.over, bottom, place, "cell"),
            ]
        elif over and answer.state in ("number", "unreadable"):
            doubtful = replace(answer, state="unreadable", value=None)
            read = [from_answer(key, doubtful, place, "cell") for key in (line.key, over)]
        elif over:
            read = [from_answer(key, answer, place, "cell") for key in (line.key, over)]
        else:
            read = [from_answer(line.key, answer, place, "cell")]
            if answer.below_state is not None:
                read = self._fraction(line.parts, answer, place) or [read[0].doubted("fraction")]
        if any(hit.slip for hit in head.hits) and not any(hit.full for hit in head.hits):
            read = [candidate.doubted("words") for candidate in read]
        combined = keys[0] == "on_time" and bool(meaning_of(head.text).atoms & {"early", "early_and_on_time"})
        named = head.hits[0].named and bool(head.hits[0].end)
        self.found += [replace(self._finished(c_, column, index, c), combined=combined, named=named) for c_ in read]

    def _fraction(self, parts: Sequence[str], answer: Answer, place: Place) -> list[Candidate]:
        if len(parts) != 2 or answer.below_state not in ("number", "zero"):
            return []
        below = Answer(answer.below_state, answer.below, answer.below_raw)
        pair = zip(parts, (replace(answer, below_state=None, below=None), below), strict=True)
        return [from_answer(key, part, place, "cell").doubted("several") for key, part in pair]

    def _place(self, index: int, c: int) -> Place:
        return self.grid.place(index, c)

    def _finished(self, candidate: Candidate, column: _Column, index: int, c: int) -> Candidate:
        cumulative = column.kind == "cumulative" or self.cumulative or candidate.basis == "cumulative"
        return replace(
            candidate,
            basis="cumulative" if cumulative else "period",
            scope=candidate.scope or column.scope or self.scope,  # type: ignore[arg-type]
            hidden=self._hidden(index, c),
            spot=(self.grid.block, (index + 1) * 1000 + c),
        )

    # ---- labels above numbers ----------------------------------------------------------------------------------------
    def _column_block(self, first: int) -> int:
        """Read a block whose labels stand above its numbers; the index after it, or ``first`` when there is none."""
        if self._numeric(first) and not self._is_index(first):
            return first
        last = first
        while last < len(self.rows) and last - first < 4 and (not self._numeric(last, 1) or self._is_index(last)):
            last += 1
        if last == first or last >= len(self.rows) or not self._numeric(last, 1):
            return first
        headings = [r for r in range(first, last) if not self._is_index(r)]
        columns = self._keyed_columns(first, headings[-1] + 1) if headings else []
        if len({c.key for c in columns if c.key} | {c.text for c in columns if c.atoms}) < 2:
            return first
        if sum(bool(c.key) or bool(c.atoms - {"files", "others"}) for c in columns) < 2 or any(self._heads(last)):
            return first
        return self._data_rows(columns, last)

    def _is_index(self, index: int) -> bool:
        """1, 2, 3 … or (1) (2) (3): the numbering of columns."""
        texts = [cell.text or (str(cell.number) if cell.number is not None else "") for cell in self.rows[index]]
        filled = [text for text in texts if text]
        if len(filled) < 3 or not all(_INDEX.match(text) for text in filled):
            return False
        numbers = [int(match.group()) for text in filled if (match := re.search(r"\d+", text))]
        return (
            len(numbers) >= 2
            and all(b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False))
            and numbers[0] <= 3
        )

    def _keyed_columns(self, first: int, last: int) -> list[_Column]:
        columns = []
        for column, leaf in zip(self._columns_of(first, last), self._columns_of(last - 1, last), strict=True):
            meaning = meaning_of(column.text)
            if leaf.kind in ("percentage", "number", "unit", "note", "other") or not column.text:
                columns.append(replace(column, kind=leaf.kind or column.kind))
                continue
            key, loosely = self.labels.by_meaning(meaning.atoms)
            combined = bool(meaning.atoms & {"early", "early_and_on_time"})
            if meaning.strange:
                hits = self._is_label(leaf.text)
                key, loosely = (
                    (
                        hits[0].key or None
                        if len(hits) == 1 and not meaning_of(column.text).atoms - meaning_of(leaf.text).atoms
                        else None
                    ),
                    False,
                )
            columns.append(
                replace(
                    column, key=key, loosely=loosely, atoms=meaning.atoms, strange=meaning.strange, combined=combined
                )
            )
        return columns

    def _data_rows(self, columns: Sequence[_Column], first: int) -> int:
        last = first
        while last < len(self.rows) and not (self._heads(last) and not self._numeric(last)):
            last += 1
        rows = [r for r in range(first, last) if self._numeric(r, 1) and not self._is_index(r)]
        self.seen |= {c.key for c in columns if c.key}
        for r in rows:
            self._data_row(columns, r, alone=len(rows) == 1)
        return last

    def _data_row(self, columns: Sequence[_Column], r: int, *, alone: bool) -> None:
        label = " ".join(
            cell.text
            for c, cell in enumerate(self.rows[r])
            if _number_of(cell) is None and not (c < len(columns) and columns[c].key)
        )
        label = re.sub(r"\A\s*(?:\d+|[IVX]+)[.)]?\s+", "", label)
        vocab = vocabulary()
        kinds = vocab.columns.whole(label) | vocab.columns.whole(re.sub(r"\([^()]*\)", " ", label))
        meaning = meaning_of(label)
        levels = meaning.atoms & {"level3", "level4", "levels_mixed", "online", "postal", "feedback", "documents"}
        scoped = meaning.scope if not meaning.strange else ""
        time = kinds & {"period", "cumulative", "other"}
        if not (alone or kinds & {"total", "period", "cumulative"} or scoped or levels) or kinds & {"other", "note"}:
            return
        for c, column in enumerate(columns):
            if c >= len(self.rows[r]) or column.kind in ("percentage", "number", "unit", "note", "other"):
                continue
            self._data_cell(column, r, c, levels, "cumulative" in time, scoped)

    def _data_cell(self, column: _Column, r: int, c: int, levels: frozenset[str], cumulative: bool, scope: str) -> None:
        key, loosely = column.key, column.loosely
        if levels:
            key, loosely = self.labels.by_meaning(column.atoms | levels) if not column.strange else (None, False)
        line = self.labels.form.line(key) if key else None
        cell = self.rows[r][c]
        if line is None or line.kind == "text":
            return
        end = len(column.text) if not levels and self._is_label(column.text) else 0
        head = _Head(c, (Hit(line.key, 0, end, full=True),), column.text)
        answer = self._answer(head, cell, None) if cell.text or cell.number is not None else Answer("blank")
        self.scope, kept = scope or self.scope, self.scope
        before = len(self.found)
        self._emit(
            head, answer, r, c, replace(column, kind="cumulative" if cumulative or column.kind == "cumulative" else "")
        )
        self.scope = kept
        extra = ("words",) if loosely else ()
        self.found[before:] = [
            replace(x.doubted(*extra), combined=column.combined and x.key == "on_time") for x in self.found[before:]
        ]


def _unbracketed(text: str) -> str:
    return re.sub(r"\([^()]*\)", " ", text)


def _is_percent(cell: Cell) -> bool:
    return cell.number is None and bool(re.fullmatch(r"\s*\(?\s*\d+(?:[.,]\d+)?\s*%\s*\)?\s*", cell.text))


def _percent_of(cell: Cell) -> Decimal | None:
    if cell.number is not None:
        return cell.number * 100 if cell.number <= 1 else cell.number
    return next((token.value for token in scan(cell.text) if token.kind in ("percent", "count")), None)


def _number_of(cell: Cell) -> Decimal | str | None:
    """Something that makes cells differ: a typed number, or the text of one."""
    if cell.number is not None:
        return cell.number
    if len(words_of(cell.text)) > 8:
        return None
    tokens = [token for token in scan(cell.text) if token.kind != "other"]
    if not tokens or strange_words(cell.text):
        return None
    return tokens[0].value if tokens[0].kind == "count" and len(tokens) == 1 else cell.text


def _typed(cell: Cell, *, percentage: bool) -> Answer:
    """The typed value of a spreadsheet cell."""
    number = cell.number or Decimal(0)
    raw = cell.text or str(number)
    if percentage:
        return Answer("number" if number else "zero", number, raw)
    if number < 0 or number != number.to_integral_value():
        return Answer("unreadable", raw=raw)
    return Answer("number" if number else "zero", number.to_integral_value(), raw)
