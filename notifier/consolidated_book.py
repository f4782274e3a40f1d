"""The consolidated workbook: an overview with charts, a sheet for each report type, roll-ups, periods, texts, and where every figure is from.

Rules: every figure cell links to the line of the report it was read from; sums stand beside n/E; what is missing is shown as
missing, never as 0; the same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.charts import class_chart, figure_chart, timeliness_chart
from notifier.consolidated import AgencyRow, Column, Consolidation, Figure, Group, Sum, TypeSheet
from notifier.consolidated_words import (
    class_label,
    class_mood,
    counted,
    identity,
    level_name,
    not_received,
    percent,
    span_title,
    standing,
    type_name,
    words,
)
from notifier.office import Office
from notifier.pen import Pen, closing, printed, sheet_name
from notifier.settled import saved
from notifier.tasks import state_text, tasks_identity
from notifier.texts import catalogue, phrase

FIRST_FIGURE = 6  # column of the first figure
_LEAD = (("stt", 5), ("agency", 32), ("level", 15), ("class", 17), ("receipt", 27))


def consolidated_workbook(found: Consolidation, office: Office) -> bytes:
    """The workbook as bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    pen = Pen(book)
    overview = book.create_sheet(words("overview"))
    pages = [(each, book.create_sheet(sheet_name(type_name(each), book.sheetnames))) for each in found.sheets]
    source = book.create_sheet(words("sources"))
    places = _sources(pen, source, found, office)
    for each, page in pages:
        _type_page(pen, page, each, found, office, places)
        if len(each.periods) > 1:
            _periods(pen, book.create_sheet(_beside(each, found, "by_period", book)), each, found, office)
        if each.groups:
            _rollup(pen, book.create_sheet(_beside(each, found, "rollup", book)), each, found, office)
        if each.tasks:
            _tasks(pen, book.create_sheet(sheet_name(phrase("tasks", "sheet"), book.sheetnames)), each, found, office)
        if any(row.passages for row in each.rows):
            _texts(pen, book.create_sheet(_beside(each, found, "texts", book)), each, found, office)
    _overview(pen, overview, found, office)
    book.move_sheet(source, len(book.sheetnames))
    return saved(book, span_title(found), office, found.at)


def _beside(sheet: TypeSheet, found: Consolidation, what: str, book: Workbook) -> str:
    """The name of a page that belongs to a type's own."""
    name = words(what) if len(found.sheets) == 1 else f"{words(what)} - {type_name(sheet)}"
    return sheet_name(name, book.sheetnames)


# ---- what stands on top ----------------------------------------------------------------------------------------------
def _heading(found: Consolidation, office: Office, sheets: Sequence[TypeSheet], title: str) -> list[tuple[str, str]]:
    """Whose it is, what it is of, and the days its figures cover."""
    first, last = min(sheet.first for sheet in sheets), max(sheet.last for sheet in sheets)
    at = wording.moments(office.timezone).at(found.at)
    span = words("span", first=vf.day(first), last=vf.day(last), at=at)
    return [(office.name.upper(), "office"), (words("title", report=title.upper()), "title"), (span, "note")]


def _opening(sheet: TypeSheet, found: Consolidation, office: Office, *, note: str = "") -> list[tuple[str, str]]:
    lines = _heading(found, office, (sheet,), span_title(found, sheet))
    lines.append((identity(sheet), "plain"))
    lines.append((standing(sheet), "plain" if sheet.whole else "warning"))
    if note:
        lines.append((note, "note"))
    return [*lines, (words("proof", seq=found.log_seq or 0, hash=found.log_hash), "fine")]


# ---- one report type ---------------------------------------------------------------------------------------------------
def _type_page(
    pen: Pen, page: Worksheet, sheet: TypeSheet, found: Consolidation, office: Office, places: dict[str, int]
) -> None:
    heads = [words(code) for code, _ in _LEAD] + [column.label for column in sheet.columns]
    widths = [*(float(width) for _, width in _LEAD), *(13.0 for _ in sheet.columns)]
    top = pen.opening(page, _opening(sheet, found, office, note=words("top_note")), max(8, min(len(heads), 14)))
    pen.head(page, top, heads, widths)
    for n, row in enumerate(sheet.rows, start=1):
        _agency_row(pen, page, top + n, n, row, sheet, places)
    _total_rows(pen, page, top + len(sheet.rows) + 1, sheet)
    closing(page, top, len(sheet.rows), len(heads), words("page"), frozen=2)


def _agency_row(
    pen: Pen, page: Worksheet, at: int, n: int, row: AgencyRow, sheet: TypeSheet, places: dict[str, int]
) -> None:
    source = row.sources[-1] if row.sources else None
    place = f"'{words('sources')}'!A{places[source.receipt]}" if source and source.receipt in places else ""
    shown, mood = _class_cell(row, sheet)
    receipt = (
        (source.receipt if len(sheet.periods) == 1 else words("period") + f": {len(row.sources)}") if source else ""
    )
    pen.row(page, at, (n, row.name, level_name(row.level), shown, None), ("centre", "text", "text", mood, "centre"))
    pen.put(page, at, 5, receipt or words("no_report"), "link" if place else "absent", place)
    for column, each in enumerate(sheet.columns, start=FIRST_FIGURE):
        value, style = figure_cell(row.figures.get(each.key), each)
        pen.put(page, at, column, value, style, place if style != "absent" else "")


def _class_cell(row: AgencyRow, sheet: TypeSheet) -> tuple[str, str]:
    if len(sheet.periods) == 1:
        name = next((name for name, n in row.classes.items() if n), "")
        return (class_label(sheet, name), class_mood(sheet, name)) if name else ("", "centre")
    on_time = row.classes.get("on_time", 0)
    return f"{on_time}/{row.expected}", "good" if on_time == row.expected else "calm"


def figure_cell(figure: Figure | None, column: Column) -> tuple[Any, str]:
    """What a cell shows, and how: a number, a word for a state that is none, a dash for nothing."""
    if figure is None or figure.state == "absent":
        return words("absent"), "absent"
    if figure.value is None:
        return phrase("figure_state", figure.state) or words("absent"), "absent"
    percentage = column.kind == "percentage"
    if figure.flags:
        return figure.value, "doubt_percent" if percentage else "doubt"
    return figure.value, "percent" if percentage else "number"


def _total_rows(pen: Pen, page: Worksheet, at: int, sheet: TypeSheet) -> None:
    rows: list[tuple[str, list[Any], str]] = [
        (words("total"), [_sum_cell(sheet.totals[c.key]) for c in sheet.columns], "sum"),
        (words("stated"), [counted(sheet.totals[c.key]) for c in sheet.columns], "sum"),
    ]
    if len(sheet.periods) == 1 and any(total.last is not None for total in sheet.totals.values()):
        rows.append((words("last"), [_last_cell(sheet.totals[c.key]) for c in sheet.columns], "sum"))
        rows.append((words("change"), [_change_cell(sheet.totals[c.key]) for c in sheet.columns], "sum_change"))
    if sheet.shares:
        rows.append((words("share"), [_share_cell(sheet, c) for c in sheet.columns], "sum"))
    for offset, (name, values, style) in enumerate(rows):
        lead = (None, name, None, None, None)
        pen.row(page, at + offset, (*lead, *values), (*("sum_text",) * 5, *(style,) * len(values)))


def _sum_cell(total: Sum) -> Any:
    return words("absent") if total.value is None else total.value


def _last_cell(total: Sum) -> Any:
    return words("absent") if total.last is None else total.last


def _change_cell(total: Sum) -> Any:
    return words("not_comparable") if total.change is None else total.change


def _share_cell(sheet: TypeSheet, column: Column) -> Any:
    share = sheet.shares.get(column.key)
    return None if share is None else percent(share.part, share.whole)


# ---- where every figure is from ----------------------------------------------------------------------------------------
def _sources(pen: Pen, page: Worksheet, found: Consolidation, office: Office) -> dict[str, int]:
    """One line for each report that counts; receipt → its row."""
    codes = ("stt", "receipt", "agency", "period", "class", "received", "number", "report_id", "sha256")
    widths = (6, 29, 32, 24, 18, 21, 17, 11, 68)
    moments = wording.moments(office.timezone)
    lines = [(office.name.upper(), "office"), (words("sources").upper(), "title")]
    top = pen.opening(page, [*lines, (words("proof", seq=found.log_seq or 0, hash=found.log_hash), "fine")], 9)
    pen.head(page, top, [words(code) for code in codes], [float(width) for width in widths])
    places: dict[str, int] = {}
    rows = [(row, source) for sheet in found.sheets for row in sheet.rows for source in row.sources]
    for n, (row, source) in enumerate(rows, start=1):
        values = (
            n,
            source.receipt,
            row.name,
            wording.period_name(source.period),
            wording.class_word(source.due_class, "page"),
        )
        more = (moments.local(source.received_at), source.number, source.report, source.sha256)
        styles = ("centre", "text", "text", "text", "centre", "moment", "centre", "centre", "text")
        pen.row(page, top + n, (*values, *more), styles)
        places[source.receipt] = top + n
    closing(page, top, len(rows), len(codes), words("page"), frozen=2)
    return places


# ---- roll-ups, periods, texts ---------------------------------------------------------------------------------------------
def _core(sheet: TypeSheet) -> list[Column]:
    return [column for column in sheet.columns if column.core]


def _rollup(pen: Pen, page: Worksheet, sheet: TypeSheet, found: Consolidation, office: Office) -> None:
    core = _core(sheet)
    heads = [words("group"), *map(words, ("agencies", "counted", "expected", "timeliness", "completeness"))]
    heads += [name for column in core for name in (column.label, words("stated"))]
    top = pen.opening(page, _opening(sheet, found, office), max(8, min(len(heads), 12)))
    pen.head(page, top, heads, [34.0, 10.0, 12.0, 10.0, 14.0, 16.0, *(12.0 for _ in range(2 * len(core)))])
    for n, group in enumerate(sheet.groups, start=1):
        _group_row(pen, page, top + n, group, core)
    closing(page, top, len(sheet.groups), len(heads), words("page"), frozen=1)


def _group_row(pen: Pen, page: Worksheet, at: int, group: Group, core: Sequence[Column]) -> None:
    name = level_name(group.name) if group.kind == "level" else group.name
    good = sum(group.classes[c] for c in ("on_time", "cured", "late"))
    values: list[Any] = [words(f"of_{group.kind}", name=name), group.agencies, group.top, group.expected]
    values += [_rate(group.classes["on_time"], group.expected), _rate(good, group.expected)]
    for column in core:
        total = group.sums[column.key]
        values += [_sum_cell(total), counted(total)]
    pen.row(
        page, at, values, ("text", "centre", "centre", "centre", "centre", "centre", *("number", "centre") * len(core))
    )


def _rate(n: int, expected: int) -> str:
    return f"{percent(n, expected)} ({n}/{expected})" if expected else words("nothing_due")


def _periods(pen: Pen, page: Worksheet, sheet: TypeSheet, found: Consolidation, office: Office) -> None:
    core, moments = _core(sheet), wording.moments(office.timezone)
    names = list(sheet.classes)
    heads = [words("period"), words("due"), words("expected"), *(class_label(sheet, name) for name in names)]
    heads += [words("timeliness"), *(name for column in core for name in (column.label, words("stated")))]
    widths = [24.0, 20.0, 9.0, *(11.0 for _ in names), 12.0, *(12.0 for _ in range(2 * len(core)))]
    top = pen.opening(page, _opening(sheet, found, office), max(8, min(len(heads), 12)))
    pen.head(page, top, heads, widths)
    for n, line in enumerate(sheet.periods, start=1):
        due = words("skipped") if line.skipped else moments.local(line.due_at)
        share = round(100 * line.classes["on_time"] / line.expected, 1) if line.expected else None
        values: list[Any] = [wording.period_name(line.key), due, line.expected, *line.classes.values(), share]
        for column in core:
            total = line.sums[column.key]
            values += [_sum_cell(total), counted(total)]
        styles = ("text", "moment", *("centre",) * (len(names) + 1), "percent", *("number", "centre") * len(core))
        pen.row(page, top + n, values, styles)
    timeliness_chart(page, top, len(sheet.periods), 4 + len(names), words("chart_timeliness"))
    closing(page, top, len(sheet.periods), len(heads), words("page"), frozen=1)


def _tasks(pen: Pen, page: Worksheet, sheet: TypeSheet, found: Consolidation, office: Office) -> None:
    """Every task as it stands, with what its agency wrote and the period it was said for."""
    lines = [*_opening(sheet, found, office)[:-1], (tasks_identity(sheet.tasks), "plain")]
    heads = list(catalogue("words")["tasks"]["columns"])
    top = pen.opening(page, lines, len(heads))
    pen.head(page, top, heads, [8.0, 60.0, 28.0, 28.0, 18.0, 20.0, 30.0, 20.0, 13.0])
    looks = {"done": "good", "under_way": "calm", "not_begun": "warn"}
    for at, task in enumerate(sheet.tasks, start=top + 1):
        late = phrase("tasks", "overdue") if task.overdue else ""
        said = wording.period_name(task.period) if task.period else ""
        values = (
            task.number,
            task.task,
            task.agency_name,
            task.lead,
            task.due_text,
            state_text(task),
            task.said,
            said,
            late,
        )
        state = "act" if task.overdue else looks.get(task.state, "warn" if task.state else "centre")
        pen.row(page, at, values, ("centre", "text", "text", "text", "centre", state, "text", "centre", "centre"))
    closing(page, top, len(sheet.tasks), len(heads), words("page"), frozen=2)


def _texts(pen: Pen, page: Worksheet, sheet: TypeSheet, found: Consolidation, office: Office) -> None:
    heads = [words(code) for code in ("line", "agency", "period", "content", "receipt")]
    top = pen.opening(page, _opening(sheet, found, office), 5)
    pen.head(page, top, heads, [34.0, 32.0, 24.0, 90.0, 29.0])
    at = top
    for column in sheet.texts:
        for row in sheet.rows:
            for passage in row.passages:
                if passage.key == column.key:
                    at += 1
                    values = (
                        column.label,
                        row.name,
                        wording.period_name(passage.period),
                        passage.text,
                        passage.receipt,
                    )
                    pen.row(page, at, values)
    closing(page, top, at - top, len(heads), words("page"), frozen=2)


# ---- the first page ---------------------------------------------------------------------------------------------------------
def _overview(pen: Pen, page: Worksheet, found: Consolidation, office: Office) -> None:
    """The province at a glance: classes, rates, totals beside last period's, charts, whom to ask."""
    if not found.sheets:
        pen.opening(page, [(office.name.upper(), "office"), (words("nothing_due"), "title")], 8)
        return
    several = len(found.sheets) > 1
    heading = _heading(found, office, found.sheets, span_title(found))
    at = pen.opening(page, heading if several else _opening(found.sheets[0], found, office), 12)
    for letter, width in zip("ABCDEF", (38, 14, 16, 14, 15, 14), strict=True):
        page.column_dimensions[letter].width = float(width)
    for sheet in found.sheets:
        at = _glance(pen, page, at, sheet, several=several) + 2
    printed(page, words("page"))


def _glance(pen: Pen, page: Worksheet, at: int, sheet: TypeSheet, *, several: bool) -> int:
    if several:
        for text, style in ((type_name(sheet), "office"), (identity(sheet), "plain"), (standing(sheet), "note")):
            page.merge_cells(start_row=at, end_row=at, start_column=1, end_column=12)
            pen.put(page, at, 1, text, style)
            page.row_dimensions[at].height = 32 if len(text) > 110 else 18
            at += 1
    start = at
    pen.row(page, at, (words("class"), words("n_reports"), words("share")), "head")
    for n, (name, count) in enumerate(sheet.classes.items(), start=1):
        mood = class_mood(sheet, name)
        pen.row(
            page,
            at + n,
            (class_label(sheet, name), count, percent(count, sheet.expected)),
            ("text", mood, "centre"),
        )
    class_chart(page, at, len(sheet.classes), words("chart_classes"))
    at += len(sheet.classes) + 2
    heads = (words("figure"), words("value"), words("stated"), words("last"), words("change"), words("share"))
    pen.row(page, at, heads, "head")
    head = at
    for column in sheet.columns:
        total = sheet.totals[column.key]
        if column.kind != "percentage" and (column.core or total.n):
            at += 1
            values = (
                column.label,
                _sum_cell(total),
                counted(total),
                _last_cell(total),
                _change_cell(total),
            )
            styles = ("text", "number", "centre", "number", "change", "centre")
            pen.row(page, at, (*values, _share_cell(sheet, column)), styles)
    if any(total.last is not None and total.change is None for total in sheet.totals.values()):
        at += 1
        pen.put(page, at, 1, words("change_note"), "fine")
    figure_chart(
        page, head, len(_core(sheet)), start, words("chart_figures"), (words("chart_this"), words("chart_last"))
    )
    at = max(at, start + 34) + 1
    for code, pairs in not_received(sheet):
        names = _named(pairs, one=len(sheet.periods) == 1)
        page.merge_cells(start_row=at, end_row=at, start_column=1, end_column=12)
        pen.put(page, at, 1, f"{words(code)} ({len(pairs)}): {names}", "warning" if code == "missing" else "plain")
        page.row_dimensions[at].height = 17 * (1 + len(names) // 150)
        at += 1
    return at


def _named(pairs: Sequence[tuple[str, str]], *, one: bool) -> str:
    if one:
        return "; ".join(name for _, name in pairs)
    counts: dict[str, int] = {}
    for _, name in pairs:
        counts[name] = counts.get(name, 0) + 1
    return "; ".join(f"{name} ({n})" for name, n in sorted(counts.items(), key=lambda pair: -pair[1]))


def last_column(sheet: TypeSheet) -> str:
    """The letter of the last figure's column."""
    return get_column_letter(FIRST_FIGURE + len(sheet.columns) - 1)
