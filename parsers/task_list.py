"""Progress on a list of tasks: a table with a row for each task, its lead agency, its due date and how far it is.

Rules (plan 121/KH-UBND, "Danh mục": task, lead agency, latest completion; progress is sent with the CCHC report):

1. Such a table is known by its head: columns of a list form for the task, for how far it is, and for the lead agency or the due date.
   It needs no title; a table that goes on behind a page break goes on without a head.
2. A row is a task; a row that holds nothing but a number and a heading parts the list and is none.
3. How far a task is, is said in words that are data. What says two things, or nothing known, is ``unclear``: never done by guess.
4. A due date is a day, a month, a quarter, a half or a year (its last day); "thường xuyên" and the like have none.
5. The figures of such a report are counts of its rows; what could not be read in a row is said of every count.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from parsers.choose import Note
from parsers.dates import read_date
from parsers.fold import fold
from parsers.form import Column, Form
from parsers.lines import EVIDENCE_MAX, Grid, Unit
from parsers.periods import stated_label
from parsers.values import Document, Figure, FigureState, Place, TaskRow
from parsers.words import keys_of, opening, words_of

ROWS_MAX = 500  # tasks of one report; the plan of 2017 has some 60
HEAD_ROWS = 12  # rows in which a table's head may stand
TEXT_MAX = 600  # characters kept of a cell
LABEL_MAX = 120  # characters of a column's name
COLUMNS_MAX = 40
NEEDED = ("task", "state")
BESIDE = ("lead", "due")
UNSURE = ("blank", "unclear")
_PERCENT = re.compile(r"(\d{1,3})(?:[.,]\d+)?\s*%")
_PART = re.compile(r"(?<!ngay )(?<![\d/])(\d{1,3})\s*/\s*(\d{1,3})(?![\d/])")
_LAST_YEAR = re.compile(r"\bnam\s*\d{4}\s*[-–]\s*(\d{4})\b")
_QUOTED = 5  # rows named in one finding


@dataclass(frozen=True, slots=True)
class TaskTable:
    """The rows of one list, and the blocks they stand in."""

    form: Form
    rows: tuple[TaskRow, ...]
    place: Place  # of the head
    blocks: frozenset[int]


def task_tables(document: Document, units: Sequence[Unit], forms: Iterable[Form]) -> list[TaskTable]:
    """The first form's list found in a document: its tables one after the other are one list."""
    for form in forms:
        rows: list[TaskRow] = []
        blocks: list[int] = []
        head: dict[str, int] = {}
        place: Place | None = None
        for grid in _grids(document, units):
            at, columns = _head(grid, form)
            if columns:
                head, place = columns, place or grid.place(at, columns["task"])
            elif not head or not _goes_on(grid, head):
                continue
            blocks.append(grid.block)
            rows += islice(_rows(grid, at + 1 if columns else 0, head, form), ROWS_MAX - len(rows))
        if place is not None:
            return [TaskTable(form, tuple(rows), place, frozenset(blocks))]
    return []


def _grids(document: Document, units: Sequence[Unit]) -> Iterable[Grid]:
    """Every table as it stands, and what is a table by its tabs."""
    tables = [block for block in document.blocks if block.table is not None]
    for n, block in enumerate(tables, 1):
        if block.table is not None and not block.hidden and block.where == "body":
            yield Grid(block.table.rows, block.n, n, block.page, block.hidden, block.box)
    known = {block.n for block in tables}
    yield from (unit for unit in units if isinstance(unit, Grid) and unit.block not in known)


def _head(grid: Grid, form: Form) -> tuple[int, dict[str, int]]:
    """The row of the head and which column is what; no columns when the table is no such list."""
    named, openings = _by_label(form.columns)
    for n, row in enumerate(grid.rows[:HEAD_ROWS]):
        found: dict[str, int] = {}
        for c, cell in enumerate(row[:COLUMNS_MAX]):
            for at in _meant(cell.text, named, openings):
                if form.columns[at].key not in found:
                    found[form.columns[at].key] = c
                    break
        if all(key in found for key in NEEDED) and any(key in found for key in BESIDE):
            return n, found
    return 0, {}


@lru_cache(maxsize=16)
def _by_label(columns: tuple[Column, ...]) -> tuple[dict[str, frozenset[int]], frozenset[str]]:
    """Which columns go by a label, and the first words of labels."""
    named: dict[str, frozenset[int]] = {}
    for at, column in enumerate(columns):
        for label in column.labels:
            named[_key(label)] = named.get(_key(label), frozenset()) | {at}
    return named, frozenset(label.split(" ")[0] for label in named)


def _meant(text: str, named: dict[str, frozenset[int]], openings: frozenset[str]) -> list[int]:
    """The columns whose label a cell's text begins with, in the form's order."""
    if not 0 < len(text) <= LABEL_MAX or opening(text) not in openings:
        return []
    words = _key(text).split(" ")
    return sorted({at for n in range(len(words)) for at in named.get(" ".join(words[: n + 1]), ())})


@lru_cache(maxsize=512)
def _key(text: str) -> str:
    keys = keys_of(text) if "#" in text else [word.key for word in words_of(text)]
    return " ".join(keys)


def _goes_on(grid: Grid, head: dict[str, int]) -> bool:
    """A table behind a page break: as wide as the one before, beginning with a task's number."""
    row = grid.rows[0] if grid.rows else ()
    if len(row) <= max(head.values()):
        return False
    return bool(re.match(r"\d+(\.\d+)*\.?\Z", row[head.get("number", 0)].text.strip()))


def _rows(grid: Grid, start: int, head: dict[str, int], form: Form) -> Iterable[TaskRow]:
    for r in range(start, len(grid.rows)):
        row = grid.rows[r]
        said = {key: " ".join(row[c].text.split())[:TEXT_MAX] if c < len(row) else "" for key, c in head.items()}
        hidden = any(c < len(row) and row[c].hidden for c in head.values())
        beside = any(said.get(key) for key in (*BESIDE, "state"))
        if not said["task"] or not beside or hidden or _again(said, form):
            continue
        text = " | ".join(" ".join(cell.text.split()) for cell in row if cell.text.strip())[:EVIDENCE_MAX]
        place = Place(grid.page, grid.block, grid.number, grid.above + r + 1, head["state"] + 1, grid.box, text)
        due = said.get("due", "")
        number = said.get("number", "").strip(" .")
        state = state_of(said["state"], form)
        yield TaskRow(number, said["task"], said.get("lead", ""), due, due_day(due), state, said["state"], place)


def _again(said: dict[str, str], form: Form) -> bool:
    """The head once more, at the top of the next page."""
    task = next(column for column in form.columns if column.key == "task")
    return any(fold(said["task"]) == fold(label) for label in task.labels)


# ---- how far, and until when ---------------------------------------------------------------------------------------------


def state_of(said: str, form: Form) -> str:
    """The state a cell says (rule 3): the one whose words stand in it, longest first; a part done is under way."""
    plain = fold(said)
    words = f" {' '.join(keys_of(said))} "
    if not words.strip() and not _PERCENT.search(plain):
        return "blank"
    found: set[str] = set()
    by_length = sorted(
        ((_key(word), state.key) for state in form.states_of_rows for word in state.words),
        key=lambda pair: -len(pair[0]),
    )
    for word, key in by_length:
        if f" {word} " in words:
            found.add(key)
            words = words.replace(f" {word} ", "  ")
    found |= {_by_share(int(match[1]), 100) for match in _PERCENT.finditer(plain)}
    found |= {_by_share(int(match[1]), int(match[2])) for match in _PART.finditer(plain)} - {""}
    if {"done", "under_way"} == found and _partly(plain):
        return "under_way"
    return found.pop() if len(found) == 1 else "unclear"


def _by_share(part: int, whole: int) -> str:
    if part > whole:
        return ""
    return "done" if part == whole else "under_way" if part else "not_begun"


def _partly(plain: str) -> bool:
    """Whether a share says that only a part is done, as in "hoàn thành 80%"."""
    return any(_by_share(int(match[1]), 100) == "under_way" for match in _PERCENT.finditer(plain))


def due_day(text: str) -> date | None:
    """The last day by which a task is to be done, None when the cell names none.

    >>> due_day("Tháng 8/2017"), due_day("Quý III/2017"), due_day("Thường xuyên")
    (datetime.date(2017, 8, 31), datetime.date(2017, 9, 30), None)
    """
    if day := read_date(text):
        return day
    for every, months in (("month", 1), ("quarter", 3), ("half", 6)):
        if label := stated_label(text, every):
            number = int(re.split(r"\D+", label)[1])
            return _end(int(label[:4]), number * months)
    if match := _LAST_YEAR.search(fold(text)):
        return _end(int(match[1]), 12)
    year = stated_label(text, "year")
    return _end(int(year), 12) if year else None


def _end(year: int, month: int) -> date | None:
    if not 1 <= month <= 12 or not date.min.year <= year <= date.max.year:
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


# ---- figures and what is to be asked ---------------------------------------------------------------------------------------


def counted(table: TaskTable) -> dict[str, Figure]:
    """The counts of the form: all rows, or those of one state; absent without any row."""
    figures = {}
    for line in table.form.figures:
        rows = [row for row in table.rows if line.counted in ("all", row.state)]
        state: FigureState = "absent" if not table.rows else "number" if rows else "zero"
        value = Decimal(len(rows)) if table.rows else None
        figures[line.key] = Figure(line.key, state, value, str(len(rows)) if table.rows else "", place=table.place)
    return figures


def notes_of(table: TaskTable, day: date | None) -> list[Note]:
    """What has to be said about rows, by kind of check."""
    keys = tuple(line.key for line in table.form.figures if line.counted not in ("", "all"))
    kinds = {
        "row_blank": [row for row in table.rows if row.state == "blank"],
        "row_unclear": [row for row in table.rows if row.state == "unclear"],
        "row_due": [row for row in table.rows if row.due is None and re.search(r"\d", row.due_text)],
        "row_overdue": [row for row in table.rows if day and row.due and row.due < day and row.state != "done"],
    }
    return [
        Note(kind, keys or tuple(line.key for line in table.form.figures), _named(kind, rows), place=rows[0].place)
        for kind, rows in kinds.items()
        if rows and table.form.figures
    ]


def _named(kind: str, rows: Sequence[TaskRow]) -> str:
    """The rows a finding is about: their numbers and what stands there."""
    said = {"row_unclear": "said", "row_due": "due_text", "row_overdue": "due_text"}.get(kind)
    names = [
        f"{row.number or row.task[:40]}{f' ({getattr(row, said)[:60]})' if said else ''}" for row in rows[:_QUOTED]
    ]
    more = len(rows) - len(names)
    return "; ".join(names) + (f"; … (+{more})" if more > 0 else "")
