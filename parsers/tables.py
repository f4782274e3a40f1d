"""Figures in tables: the label at the left or above, units, periods and totals in columns of their own.

Rules:

1. A row whose cell is a label of the form answers in the cells to its right; columns headed STT, đơn vị tính, ghi chú, kỳ
   trước, so sánh are not answers; "lũy kế" is cumulative; "cấp xã" and "cấp huyện" are parts of a total.
2. Several answers left over that differ: the period column, then the total column; else unreadable, both shown.
3. A value's cell merged over several labels answers the first, doubted. Labels standing side by side above numbers: the only row of data answers, or the row called total; rows that are a period,
   a scope or a level of service say so; rows of details never do.
4. The meaning of a cell is that of its row and its column together ("Mức độ 3" × "Đã xử lý").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from parsers.answers import Answer, strange_words
from parsers.candidates import Candidate, from_answer
from parsers.cells import answer_of, is_empty, is_percent, number_of, percent_of, unbracketed
from parsers.form import Line
from parsers.headings import Column, Head, Headings
from parsers.initials import spelled_cells
from parsers.labels import Hit, Labels, meaning_of
from parsers.lines import Grid, bullet_end
from parsers.numbers import is_plain, scan
from parsers.quick import replace
from parsers.row_remarks import with_remarks
from parsers.stated import read_hits
from parsers.table_cells import (
    column_at,
    counts,
    is_aside,
    is_stray,
    is_total,
    is_unclear,
    name_several_periods,
    parted,
    stacked,
    trimmed,
)
from parsers.taken_back import speaks_of_above, takes_above_back
from parsers.values import Place, Scope
from parsers.words import vocabulary

ROWS_MAX = 1500  # rows of one table looked at; a report's has some dozen, a register of files has thousands
COLUMNS_MAX = 64  # columns of one table looked at
_HEADING_ROWS = 4  # rows a heading may take
_LEVELS = frozenset(
    ["level3", "level4", "fully_online", "partly_online", "levels_mixed", "online", "postal", "feedback", "documents"]
)
_RECENT = 6  # keys read last that short labels may stand beside
_ANSWERED = re.compile(r"[\d:：…]|\.\.")  # what stands behind a label with an answer
_SHARE = re.compile(r"[\W\d]*(?:tỷ|tỉ) lệ\b", re.IGNORECASE)
_ROW_NUMBER = re.compile(r"\A\s*(?:\d+|[IVX]+)[.)]?\s+")


@dataclass(slots=True)
class GridReading:
    """What a table held."""

    candidates: list[Candidate] = field(default_factory=list)
    texts: list[tuple[str, str, Place]] = field(default_factory=list)  # key of a text line, its words, where
    seen: set[str] = field(default_factory=set)  # keys whose labels stand in the table
    owners: set[str] = field(default_factory=set)  # agencies with rows or columns of their own


def read_grid(labels: Labels, grid: Grid, recent: Sequence[str] = ()) -> GridReading:
    """The candidates of a table, the texts of its text lines, and the keys of labels seen."""
    reader = _Reader(labels, grid, tuple(recent))
    reader.read()
    reader.reading.candidates = with_remarks(labels, grid, reader.reading.candidates)
    return reader.reading


class _Reader:
    def __init__(self, labels: Labels, grid: Grid, recent: tuple[str, ...]) -> None:
        self.labels = labels
        self.grid = grid
        rows = [row[:COLUMNS_MAX] for row in grid.rows[:ROWS_MAX]]
        self.rows = spelled_cells([tuple([trimmed(cell) for cell in row]) for row in rows])
        self.headings = Headings(labels, self.rows, list(recent))
        self.recent = recent
        self.reading = GridReading()
        self.scope = ""
        self.cumulative = False
        self._beside: dict[int, frozenset[int]] = {}  # columns with numbers right of a column of labels

    def read(self) -> None:
        """Row by row; a row of headings opens a block read by columns."""
        index = 0
        header: list[Column] = []
        while index < len(self.rows):
            behind = self._column_block(index)
            if behind > index:
                index = behind
                continue
            if self._is_header(index, opened=bool(header)):
                columns = self.headings.columns(index, index + 1)
                header = stacked(header, columns) if header else columns
                self.reading.owners |= {column.owner for column in columns if column.owner}
            else:
                self._row(index, header)
            index += 1

    def _is_header(self, index: int, *, opened: bool) -> bool:
        if opened and self.headings.numeric(index):
            return False
        columns = self.headings.columns(index, index + 1)
        telling = sum(bool(one.kind or one.owner or one.estimated or (opened and one.scope)) for one in columns)
        if telling == 1 and columns[0].kind in ("label", "number") and not self.headings.numeric(index):
            return any(column.unclear or column.scope for column in columns)  # "Nội dung | Trực tuyến"
        return telling > 1 and not self.headings.heads(index)

    # ---- rows --------------------------------------------------------------------------------------------------------
    def _row(self, index: int, header: Sequence[Column]) -> None:
        row = self.rows[index]
        filled = [c for c, cell in enumerate(row) if not is_empty(cell)]
        if not filled:
            return
        heads = self.headings.heads(index)
        for c in filled:
            if not any(head.cell == c for head in heads):
                self._inner_lines(index, c)
        if not heads:
            text = " ".join(row[c].text for c in filled)
            if speaks_of_above(text) and takes_above_back(text):
                self._doubt(0)
            self._context(text)
            return
        for position, head in enumerate(heads):
            self.reading.seen |= set(head.keys)
            end = heads[position + 1].cell if position + 1 < len(heads) else len(row)
            nested = replace(head, hits=self.labels.nested(head.hits, self.headings.above))
            self._answers(index, nested, range(head.cell + max(row[head.cell].colspan, 1), end), header)

    def _context(self, text: str) -> None:
        """A row that is only "Toàn huyện", "Cấp xã" or "Lũy kế" speaks for the rows below it."""
        if strange_words(text) or scan(text):
            return
        scopes, times = vocabulary().scopes.within(text), vocabulary().times.within(text)
        named = next((name for name in ("total", "communes", "own") if name in scopes), None)
        self.scope = named or ("" if times else self.scope)
        self.cumulative = "cumulative" in times and "period" not in times

    def _inner_lines(self, index: int, c: int) -> None:
        """A cell that holds labels with their answers."""
        for piece in self.rows[index][c].text.splitlines():
            if is_plain(piece) or not _ANSWERED.search(piece):
                continue
            hits = self.labels.find(piece, bullet_end(piece), self.headings.above)
            if not hits or not hits[0].full or not hits[0].key or not _ANSWERED.search(piece, hits[0].end):
                continue
            self.reading.seen |= {hit.key for hit in hits if hit.key}
            place, hidden = self.grid.place(index, c), self._hidden(index, c)
            read = read_hits(self.labels, piece, hits, place, "cell", hidden=hidden, block=self.grid.block)
            self._keep([one.doubted("several") for one in read] if self._stands_beside(index, c, read) else read)
            told = [hit for hit in hits if self._line(hit.key, "text")]
            self.reading.texts += [(hit.key, piece[hit.end :], place) for hit in told]

    def _stands_beside(self, index: int, c: int, read: Sequence[Candidate]) -> bool:
        """Whether the cell behind one that answers its own label holds a number as well, and another one."""
        row = self.rows[index]
        behind = next((row[n] for n in range(c + 1, len(row)) if not is_empty(row[n])), None)
        number = number_of(behind) if behind else None
        return number is not None and not is_percent(behind) and all(one.value != number for one in read)  # type: ignore[arg-type]

    def _keep(self, read: Sequence[Candidate]) -> None:
        self.reading.candidates += read
        self.headings.above = [*self.recent, *(c.key for c in self.reading.candidates[-_RECENT:])]

    def _line(self, key: str, kind: str = "") -> Line | None:
        line = self.labels.form.line(key)
        return line if line and (not kind or line.kind == kind) else None

    def _hidden(self, index: int, c: int) -> bool:
        return self.grid.hidden or self.rows[index][c].hidden

    def _answers(self, index: int, head: Head, cells: range, header: Sequence[Column]) -> None:
        """The cells behind a label, by what their columns are for."""
        line = self._line(head.keys[0])
        row = self.rows[index]
        inside = [c for c in cells if c < len(row)]
        if line is None or not inside:
            return
        if line.kind == "text":
            own = [c for c in inside if row[c].text and not is_aside(row[c], column_at(header, c))]
            said = " ".join(row[c].text for c in own)
            self.reading.texts.append((line.key, said, self.grid.place(index, inside[0])))
            return
        usable = [c for c in inside if not is_empty(row[c]) and not is_aside(row[c], column_at(header, c))]
        if not usable:
            self._emit(head, Answer("blank"), index, inside[0], Column())
            return
        percent = next((percent_of(row[c]) for c in usable if column_at(header, c).kind == "percentage"), None)
        groups: dict[tuple[bool, str], list[int]] = {}
        for c in usable:
            column = column_at(header, c)
            if column.kind != "percentage" or line.kind == "percentage":
                groups.setdefault((column.kind == "cumulative", column.scope), []).append(c)
        for chosen in groups.values():
            self._group(head, line, index, chosen, header, percent)

    def _group(
        self,
        head: Head,
        line: Line,
        index: int,
        cells: Sequence[int],
        header: Sequence[Column],
        percent: Decimal | None,
    ) -> None:
        """One answer of the cells of one basis and scope."""
        row = self.rows[index]
        share = line.kind == "percentage"
        preferred = [c for c in cells if column_at(header, c).kind == "period"]
        preferred = preferred or [c for c in cells if column_at(header, c).kind == "total"] or list(cells)
        numeric = [c for c in preferred if number_of(row[c]) is not None] or preferred
        numeric = [c for c in numeric if is_percent(row[c]) == share] or numeric
        c = numeric[0]
        column = column_at(header, c)
        if len({number_of(row[n]) for n in numeric}) > 1:
            if line.over in head.keys and len(numeric) == 2:
                self._ratio_cells(head, line, index, numeric)
                return
            raw = " | ".join(row[n].text or str(row[n].number) for n in numeric)
            self._emit(head, Answer("unreadable", raw=raw[:80]), index, c, column)
            return
        if not share and (_SHARE.match(head.text) or (is_percent(row[c]) and "percent" in meaning_of(head.text).atoms)):
            self._told_share(line.key, percent_of(row[c]))
            return
        beside = next((percent_of(row[n]) for n in cells if n not in numeric and is_percent(row[n])), percent)
        answer = answer_of(row[c], share=share)
        answer = answer if share or beside is None else replace(answer, percent=beside)
        if not share and column.shares and not is_percent(row[c]):
            answer = replace(answer, doubts=answer.doubts | {"unit"})
        if is_unclear(column, head.text):
            answer = replace(answer, doubts=answer.doubts | {"words"})
        if (
            self._covers_others(index, head.cell, c)
            or (is_total(column) and name_several_periods(self.labels.form, (one.text for one in header)))
            or any(is_stray(row[n], column_at(header, n), answer) for n in cells if n not in numeric)
            or (answer.value and not column.kind and self._rivalled(index, head.cell, c, header))
        ):
            answer = replace(answer, doubts=answer.doubts | {"several"})
        self._emit(head, answer, index, c, column)

    def _rivalled(self, index: int, label: int, c: int, header: Sequence[Column]) -> bool:
        """Whether another column whose heading says nothing holds numbers beside these labels: "Trực tiếp | Trực tuyến"."""
        if label not in self._beside:
            rows = [r for r, row in enumerate(self.rows) if label < len(row) and row[label].text]
            data = [r for r in rows if not self.headings.is_index(r)]
            numbered = [n for r in data for n, cell in enumerate(self.rows[r]) if n > label and counts(cell)]
            self._beside[label] = frozenset(numbered)
        rivals = [n for n in self._beside[label] if n != c and not column_at(header, n).kind]
        if not rivals:
            return False
        other = min((head.cell for head in self.headings.heads(index) if head.cell > label), default=COLUMNS_MAX)
        return any(n < other for n in rivals)

    def _covers_others(self, index: int, label: int, c: int) -> bool:
        """Whether a value's cell is merged over rows below that have labels of their own: whose it is, nobody knows."""
        rows = self.rows[index]
        covered = range(index + max(rows[label].rowspan, 1), min(index + rows[c].rowspan, len(self.rows)))
        return any(self.headings.heads(below) for below in covered)

    def _told_share(self, key: str, percent: Decimal | None) -> None:
        """A row of its own for the share of a figure read above ("Tỷ lệ đúng hạn | 98,45 %"): held against it, no second value."""
        for at, candidate in enumerate(self.reading.candidates):
            if candidate.key == key and candidate.percent is None and candidate.basis == "period":
                self.reading.candidates[at] = replace(candidate, percent=percent)

    def _ratio_cells(self, head: Head, line: Line, index: int, cells: Sequence[int]) -> None:
        """Numerator and denominator in two cells behind one label naming both."""
        pair = zip((line.key, line.over or ""), cells, strict=True)
        read = [from_answer(key, answer_of(self.rows[index][c]), self.grid.place(index, c), "cell") for key, c in pair]
        self._keep([self._finished(c, Column(), index, cells[0], named=head.hits[0].named) for c in read])

    def _emit(self, head: Head, answer: Answer, index: int, c: int, column: Column) -> None:
        """The candidates of a label and its answer."""
        line = self._line(head.keys[0])
        if line is None:
            return
        place = self.grid.place(index, c)
        read = [from_answer(key, said, place, "cell") for key, said in parted(line, head.keys, answer)]
        if answer.below_state is not None and len(read) == 1:
            read = [read[0].doubted("fraction")]
        if answer.below_state is not None and line.parts:
            read = [candidate.doubted("several") for candidate in read]
        if not any(hit.full for hit in head.hits) and any(hit.slip for hit in head.hits):
            read = [candidate.doubted("words") for candidate in read]
        early = line.key == "on_time" and bool(meaning_of(head.text).atoms & {"early", "early_and_on_time"})
        named = head.hits[0].named and bool(head.hits[0].end)
        finished = [self._finished(candidate, column, index, c, named=named) for candidate in read]
        self._keep([replace(candidate, combined=early) for candidate in finished])

    def _finished(self, candidate: Candidate, column: Column, index: int, c: int, *, named: bool) -> Candidate:
        cumulative = column.kind == "cumulative" or self.cumulative or candidate.basis == "cumulative"
        scope: Scope = candidate.scope or column.scope or self.scope  # type: ignore[assignment]
        return replace(
            candidate,
            basis="cumulative" if cumulative else "period",
            scope=scope,
            approximate=candidate.approximate or column.estimated,
            hidden=self._hidden(index, c),
            named=named,
            owner=column.owner,
            spot=(self.grid.block, (index + 1) * 1000 + c),
        )

    # ---- labels above numbers ----------------------------------------------------------------------------------------
    def _column_block(self, first: int) -> int:
        """Read a block whose labels stand above its numbers; the index after it, or ``first`` when there is none."""
        heading = self.headings
        if self._is_caption(first):
            return first
        last = first
        while last < min(len(self.rows), first + _HEADING_ROWS) and (
            not heading.numeric(last, 1) or heading.is_index(last)
        ):
            last += 1
        if last == first or last >= len(self.rows) or not heading.numeric(last, 1) or heading.numeric(first):
            return first
        if heading.heads(last):
            return first
        rows = [r for r in range(first, last) if not heading.is_index(r)]
        columns = heading.keyed(first, rows[-1] + 1) if rows else []
        told = [column for column in columns if column.key or column.atoms - {"files", "others"}]
        if len({column.key or column.text for column in told}) < 2:
            return first
        return self._data_rows(columns, last)

    def _is_caption(self, index: int) -> bool:
        """As in "Bảng tổng hợp:" alone in the first cell above a row of headings: a name of the table, no heading of its first column."""
        row = self.rows[index]
        filled = [c for c, cell in enumerate(row) if not is_empty(cell)]
        below = self.rows[index + 1] if index + 1 < len(self.rows) else ()
        alone = filled == [0] and row[0].colspan <= 1 and len(below) > 0 and not is_empty(below[0])
        return alone and row[0].text.endswith(":") and not vocabulary().times.within(row[0].text)

    def _data_rows(self, columns: Sequence[Column], first: int) -> int:
        last = first
        while last < len(self.rows) and (self.headings.numeric(last) or not self.headings.heads(last)):
            last += 1
        rows = [r for r in range(first, last) if self.headings.numeric(r, 1) and not self.headings.is_index(r)]
        self.reading.seen |= {column.key for column in columns if column.key}
        before = len(self.reading.candidates)
        for r in rows:
            self._data_row(columns, r, alone=len(rows) == 1)
        sums = {tuple(map(number_of, self.rows[r])) for r in rows if "total" in self._row_kinds(columns, r)[1]}
        details = [" ".join(cell.text for cell in self.rows[r] if number_of(cell) is None) for r in rows]
        if len(sums) > 1 or (sums and name_several_periods(self.labels.form, details)):
            self._doubt(
                before
            )  # each the sum of the rows above it: none is known to be the whole; of several weeks, none is of this one
        return last

    def _doubt(self, before: int) -> None:
        """What was read since nobody is sure of."""
        self.reading.candidates[before:] = [c.doubted("several") for c in self.reading.candidates[before:]]

    def _row_kinds(self, columns: Sequence[Column], r: int) -> tuple[str, frozenset[str]]:
        """What stands in front of a row's numbers, and what that makes it."""
        row = enumerate(self.rows[r])
        texts = [cell.text for c, cell in row if number_of(cell) is None and not column_at(columns, c).key]
        label = _ROW_NUMBER.sub("", " ".join(texts))
        return label, vocabulary().columns.whole(label) | vocabulary().columns.whole(unbracketed(label))

    def _data_row(self, columns: Sequence[Column], r: int, *, alone: bool) -> None:
        """One row of data: the only one, a total, a period, a scope or a level; a row of details says nothing."""
        row = self.rows[r]
        label, kinds = self._row_kinds(columns, r)
        meaning = meaning_of(label)
        levels = meaning.atoms & _LEVELS
        scoped = "" if meaning.strange else meaning.scope
        owner = "" if kinds or scoped or levels else self.headings.owner(label)
        self.reading.owners |= {owner} - {""}
        if kinds & {"other", "note"} or not (alone or scoped or levels or kinds & {"total", "period", "cumulative"}):
            return
        for c, column in enumerate(columns):
            if c < len(row) and column.answers:
                before = len(self.reading.candidates)
                self._data_cell(replace(column, owner=owner), r, c, levels, "cumulative" in kinds, scoped)
                if any(other.key not in (None, column.key) for other in columns[c + 1 : c + row[c].colspan]):
                    self._doubt(before)  # merged below several labels

    def _data_cell(self, column: Column, r: int, c: int, levels: frozenset[str], cumulative: bool, scope: str) -> None:
        key, loosely = column.key, column.loosely
        if levels:
            key, loosely = (None, False) if column.strange else self.labels.by_meaning(column.atoms | levels)
        line = self._line(key) if key else None
        if line is None or line.kind == "text":
            return
        named = column.named and not levels
        head = Head(c, (Hit(line.key, 0, int(named), full=not loosely, slip=loosely, named=named),), column.text)
        told = replace(column, kind="cumulative" if cumulative else column.kind, scope=column.scope or scope)
        self._emit(head, answer_of(self.rows[r][c], share=line.kind == "percentage"), r, c, told)
