"""The digest's workbook: the board, the figures of every agency, and what is to be settled. Made for the screen and for A4 paper.

Rules:

1. text from outside is never a formula (``notifier.plain.neutral``); moments are real Excel moments on the office's wall clock;
2. a figure nobody stated is shown as missing, never as 0; the sums are the digest's own, with n/E beneath them;
3. agencies stand in protocol order; the columns of the board are those of the wording;
4. the same facts give the same bytes: the file says it was made at the digest's moment, and so do its members.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.consolidated_words import counted
from notifier.digest import CLASSES, lines_of, review_reason, silent, trouble_text
from notifier.facts import FigureFact
from notifier.facts_of_many import AgencyFigures, DigestFacts, LineFact, ReviewFact
from notifier.office import Office
from notifier.pen import TEXT_MAX, tame
from notifier.plain import neutral, one_line
from notifier.settled import saved
from notifier.texts import phrase, words

_LINES_MAX = 8  # of a row; longer texts are read in the cell
_LETTER_WIDTH = 0.85  # of a letter in units of column width, capitals allowed for
_BOARD_WIDTHS = (5, 27, 13, 15, 18, 22, 6, 13, 9, 14, 11, 15, 21, 17)
_MATTER_WIDTHS = (5, 18, 44, 44, 26, 34)
_FILLS = {"good": "E3F2E6", "warn": "FCEBCB", "act": "F9DEDC", "calm": "E1EAF6"}
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FONT = "Times New Roman"  # what administrative documents are set in
_MOMENT_FORMAT = "dd/mm/yyyy hh:mm:ss"

Looks = dict[tuple[Any, ...], Any]  # what distinguishes a look → the style as openpyxl numbers it, of one sheet


def digest_workbook(facts: DigestFacts, office: Office, seq: int | None = None, log_hash: str = "") -> bytes:
    """The workbook as bytes; ``seq`` and ``log_hash`` are the letter's place in the log (default: the digest's own)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    proof = phrase("workbook", "proof", seq=facts.log_seq if seq is None else seq, hash=log_hash or facts.log_hash)
    _board(book.create_sheet(phrase("workbook", "board")), facts, office, proof)
    _figures(book.create_sheet(phrase("workbook", "figures")), facts, office, proof)
    _matters(book.create_sheet(phrase("workbook", "matters")), facts, office, proof)
    return saved(book, _title(facts), office, facts.at)


def board_workbook(facts: DigestFacts, office: Office) -> bytes:
    """The same workbook for the console and the command line, without a letter around it."""
    return digest_workbook(facts, office)


def _board(sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    top = _opening(sheet, facts, office, proof, len(_BOARD_WIDTHS))
    _header(sheet, top, tuple(words("workbook")["columns"]), _BOARD_WIDTHS)
    looks: Looks = {}
    for n, line in enumerate(facts.lines, start=1):
        cells = _board_cells(n, line, office, provisional=facts.provisional)
        _row(sheet, top + n, cells, centred=(1, 4, 5, 7, 9), looks=looks)
        accused = line.due_class == "missing" and not facts.provisional and not line.waiting
        mood = wording.class_word(line.due_class, "mood") if accused or line.due_class != "missing" else "calm"
        bold = accused or line.due_class == "incomplete"
        with _looking(sheet.cell(top + n, 4), looks, ("class", mood, bold)) as cell:
            if cell:
                cell.fill = PatternFill("solid", fgColor=_FILLS.get(mood, _FILLS["calm"]))
                cell.font = Font(name=_FONT, size=11, bold=bold)
    _closing(sheet, top, len(facts.lines), len(_BOARD_WIDTHS), frozen_columns=2)


def _board_cells(n: int, line: LineFact, office: Office, *, provisional: bool) -> tuple[Any, ...]:
    moments = wording.moments(office.timezone)
    return (
        n,
        line.name,
        line.group,
        _class_cell(line, provisional=provisional),
        moments.local(line.received_at).replace(tzinfo=None) if line.received_at else None,
        _stretch(line, office),
        line.revision,
        line.number,
        line.findings or None,
        ", ".join(phrase("kind", kind) or kind for kind in line.letters.split()),
        _paper(line),
        "" if provisional else "; ".join(wording.period_name(key) for key in line.owed),
        ", ".join(filter(None, (line.contact_name, line.contact_phone))),
        phrase("digest", "waiting", n=vf.count(line.waiting)) if line.waiting else wording.note_word(line.note),
    )


def _class_cell(line: LineFact, *, provisional: bool) -> str:
    if provisional and line.due_class == "missing":
        return phrase("workbook", "not_seen")  # our own polling may have failed: nobody is accused
    shown = wording.class_word(line.due_class, "page")
    if line.due_class == "not_yet_due" and line.arrived:
        return phrase("workbook", "arrived", **{"class": shown})
    return shown


def _stretch(line: LineFact, office: Office) -> str:
    if line.received_at is None or line.late_seconds is None:
        return ""
    if line.late_seconds == 0:
        return phrase("workbook", "exactly")
    stretch = wording.moments(office.timezone).stretch(line.late_seconds)
    return phrase("workbook", "late" if line.late_seconds > 0 else "early", stretch=stretch)


def _paper(line: LineFact) -> str:
    if line.paper == "not_required":
        return ""
    return " ".join(filter(None, (phrase("paper", line.paper), line.paper_number)))


def _figures(sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    labels = _labels(facts)
    head = ("STT", phrase("workbook", "agency"), phrase("workbook", "receipt"), *labels.values())
    widths = (5, 30, 26, *(14 for _ in labels))
    top = _opening(sheet, facts, office, proof, max(len(head), 8), note=phrase("workbook", "figures_note"))
    _header(sheet, top, head, widths)
    looks: Looks = {}
    for n, row in enumerate(facts.figures, start=1):
        _figure_row(sheet, top + n, n, row, tuple(labels), looks)
    _sums(sheet, top + len(facts.figures) + 1, facts, tuple(labels))
    _closing(sheet, top, len(facts.figures), len(head), frozen_columns=2)


def _labels(facts: DigestFacts) -> dict[str, str]:
    """Every figure of the period by key, in the form's order as far as the facts tell it."""
    labels = {total.key: total.label for total in facts.totals}
    for row in facts.figures:
        labels |= {key: figure.label for key, figure in row.values.items() if key not in labels}
    return labels


def _figure_row(sheet: Worksheet, at: int, n: int, row: AgencyFigures, keys: Sequence[str], looks: Looks) -> None:
    receipt = row.receipt or phrase("workbook", "no_report")
    values = (n, row.name, receipt, *(_value(row.values.get(key)) for key in keys))
    _row(sheet, at, values, centred=(1, 3), looks=looks)
    for column, key in enumerate(keys, start=4):
        figure, value = row.values.get(key), values[column - 1]
        percent, doubted = bool(figure and figure.percent), bool(figure and figure.flags)
        look = (
            "figure",
            isinstance(value, Decimal) and value == int(value),
            isinstance(value, Decimal),
            percent,
            doubted,
        )
        with _looking(sheet.cell(at, column), looks, look) as cell:
            if cell:
                _as_number(cell, percent=percent)
            if cell and doubted:  # approximate, read by OCR, hidden: shown, but not as if it were plain
                cell.font = Font(name=_FONT, size=11, italic=True, color="8A4B00")


def _value(figure: FigureFact | None) -> Any:
    if figure is None or figure.state == "absent":
        return phrase("workbook", "absent")
    if figure.state in ("number", "zero") and figure.value is not None:
        return Decimal(figure.value)
    return phrase("figure_state", figure.state) or figure.raw


def _sums(sheet: Worksheet, at: int, facts: DigestFacts, keys: Sequence[str]) -> None:
    totals = {total.key: total for total in facts.totals}
    absent = phrase("workbook", "absent")
    values = [Decimal(t.value) if (t := totals.get(key)) and t.value is not None else absent for key in keys]
    stated = [counted(t) if (t := totals.get(key)) else absent for key in keys]
    _row(sheet, at, ("", phrase("workbook", "sum"), "", *values), centred=(1, 3))
    _row(sheet, at + 1, ("", phrase("workbook", "stated"), "", *stated), centred=(1, 3))
    for row in (at, at + 1):
        for column in range(1, len(keys) + 4):
            cell = sheet.cell(row, column)
            cell.font = Font(name=_FONT, size=11, bold=True)
            cell.fill = PatternFill("solid", fgColor="EFEFEF")
            if column > 3:
                _as_number(cell, percent=False)


def _matters(sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    top = _opening(sheet, facts, office, proof, len(_MATTER_WIDTHS))
    _header(sheet, top, tuple(words("workbook")["matter_columns"]), _MATTER_WIDTHS)
    rows = list(_matter_rows(facts))
    looks: Looks = {}
    for n, row in enumerate(rows, start=1):
        _row(sheet, top + n, (n, *row), centred=(1, 5), looks=looks)
    if not rows:
        _row(sheet, top + 1, ("", "", phrase("workbook", "no_matters"), "", "", ""), centred=(1,))
    _closing(sheet, top, max(len(rows), 1), len(_MATTER_WIDTHS), frozen_columns=0)


def _matter_rows(facts: DigestFacts) -> Iterable[tuple[str, ...]]:
    if not facts.provisional:
        for line in silent(facts):
            owed = "; ".join(wording.period_name(key) for key in line.owed)
            yield phrase("workbook", "matter_missing"), line.name, _said("missing"), "", _whom(line, owed)
    for line in lines_of(facts, "incomplete"):
        yield (
            phrase("workbook", "matter_incomplete"),
            line.name,
            _said("incomplete"),
            line.receipt or "",
            _whom(line, line.note),
        )
    for item in facts.review:
        yield phrase("workbook", "matter_review"), _who(item), review_reason(item), item.receipt, ""
    for said in facts.explained:
        heading = " ".join(filter(None, (f"[{said.code}]", said.title)))
        yield phrase("workbook", "matter_explained"), f"{said.agency_name}: {heading}", said.reason, said.receipt, ""
    for kind, texts in (
        ("set_aside", facts.set_aside),
        ("letter", facts.letters_failed),
        ("system", facts.difficulties),
    ):
        for text in texts:
            yield phrase("workbook", f"matter_{kind}"), trouble_text(text), "", "", ""


def _said(due_class: str) -> str:
    return wording.sentence(wording.class_word(due_class, "letter"))


def _whom(line: LineFact, note: str) -> str:
    return "; ".join(filter(None, (line.contact_name, line.contact_phone, note)))


def _who(item: ReviewFact) -> str:
    return item.what if item.from_ in ("", item.what) else f"{item.what}, {item.from_}"


def _title(facts: DigestFacts) -> str:
    return phrase("workbook", "title", report=wording.type_subject(facts.type, facts.period).upper())


def _opening(sheet: Worksheet, facts: DigestFacts, office: Office, proof: str, width: int, note: str = "") -> int:
    """Title, moment, identity, proof over the whole width; the row of the header below them."""
    moments = wording.moments(office.timezone)
    classes = {code: vf.count(facts.classes.get(code, 0)) for code in CLASSES}
    beside = {name: vf.count(getattr(facts, name)) for name in ("waived", "not_applicable", "not_yet_due")}
    lines = [
        (office.name.upper(), Font(name=_FONT, size=11, bold=True)),
        (_title(facts), Font(name=_FONT, size=14, bold=True)),
        (
            phrase("workbook", "as_of", at=moments.at(facts.at), due=moments.due(facts.due_at)),
            Font(name=_FONT, size=11, italic=True),
        ),
        (
            phrase(
                "workbook",
                "identity_provisional" if facts.provisional else "identity",
                expected=vf.number(facts.expected),
                **classes,
                **beside,
            ),
            Font(name=_FONT, size=11),
        ),
    ]
    if facts.provisional:
        lines.append((phrase("workbook", "provisional"), Font(name=_FONT, size=11, bold=True, color="B3261E")))
    if note:
        lines.append((note, Font(name=_FONT, size=11, italic=True)))
    lines.append((proof, Font(name=_FONT, size=9, color="595959")))
    for row, (text, font) in enumerate(lines, start=1):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        cell = sheet.cell(row, 1, neutral(text))
        cell.font = font
        cell.alignment = Alignment(horizontal="center" if row == 2 else "left", vertical="center", wrap_text=True)
    sheet.row_dimensions[2].height = 24
    sheet.row_dimensions[4].height = 32
    return len(lines) + 2


def _header(sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[float]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), start=1):
        cell = sheet.cell(row, column, neutral(one_line(name, TEXT_MAX)))
        cell.font = Font(name=_FONT, size=11, bold=True)
        cell.fill = PatternFill("solid", fgColor="DCE6F1")
        cell.border = _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    longest = max(len(name) / width for name, width in zip(names, widths, strict=True))
    sheet.row_dimensions[row].height = min(120, 18 + 15 * int(longest * 1.15))


@contextmanager
def _looking(place: Any, looks: Looks, look: tuple[Any, ...]) -> Iterator[Cell | MergedCell | None]:
    """Gives the cell to be styled when this look is new to the sheet, else None: then it looks like the one before.

    openpyxl compares every part of a style anew for each cell; a table of two hundred rows has a dozen looks.
    """
    if look in looks:
        place._style = copy(looks[look])  # noqa: SLF001
        yield None
        return
    yield place
    looks[look] = copy(place._style)  # noqa: SLF001


def _row(sheet: Worksheet, row: int, values: Sequence[Any], centred: Sequence[int], looks: Looks | None = None) -> None:
    looks = {} if looks is None else looks
    for column, value in enumerate(values, start=1):
        middle, moment = column in centred, isinstance(value, datetime)
        with _looking(sheet.cell(row, column, _tame(value)), looks, (middle, moment)) as cell:
            if cell:
                cell.font, cell.border = Font(name=_FONT, size=11), _BORDER
                cell.alignment = Alignment(horizontal="center" if middle else "left", vertical="center", wrap_text=True)
                if moment:
                    cell.number_format = _MOMENT_FORMAT
    lines = max(_lines(sheet, column, value) for column, value in enumerate(values, start=1))
    sheet.row_dimensions[row].height = 2 + 15 * min(lines, _LINES_MAX)


def _lines(sheet: Worksheet, column: int, value: Any) -> int:
    """How many lines a text takes in its column; programs do not all find the height of a row by themselves."""
    width = sheet.column_dimensions[get_column_letter(column)].width
    return math.ceil(len(value) * _LETTER_WIDTH / width) if isinstance(value, str) and value else 1


def _tame(value: Any) -> Any:
    return tame(value) if isinstance(value, str) else value


def _as_number(cell: Cell | MergedCell, *, percent: bool) -> None:
    cell.alignment = Alignment(horizontal="right", vertical="center", wrap_text=True)
    if isinstance(cell.value, (int, Decimal)):
        whole = cell.value == int(cell.value)
        cell.number_format = ("#,##0" if whole else "#,##0.##") + ('"%"' if percent else "")


def _closing(sheet: Worksheet, top: int, rows: int, columns: int, *, frozen_columns: int) -> None:
    """Frozen header, filter, and how it prints: A4 landscape, one page wide, the header on every page."""
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(columns)}{top + max(rows, 1)}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{top}:{top}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = phrase("workbook", "page")
