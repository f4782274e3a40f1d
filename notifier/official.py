"""The province's report in Word, in the official form's layout: totals, narratives gathered by agency, and who is missing.

Rules: the form's own order and headings; every total says how many agencies stated it; nothing is written where nobody stated
anything; text from agencies is quoted under the agency's name, as one tame paragraph; the same values give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.consolidated import AgencyRow, Column, Consolidation, Passage, TypeSheet
from notifier.consolidated_words import class_label, counted, identity, not_received, percent, span_title, standing
from notifier.consolidated_words import words as book_words
from notifier.office import Office
from notifier.plain import one_line
from notifier.settled import settled
from notifier.tasks import standing_text, tasks_identity
from notifier.texts import catalogue, phrase

FONT = "Times New Roman"
PASSAGE_MAX = 6000  # characters of one agency's text
_TASK_MAX = 600
_TENS = 3  # Decree 30/2020: days below 10 and months 1 and 2 are written with a nought before them
_TASK_COLUMNS, _TASK_WIDTHS = (0, 1, 2, 4, 5), (1.3, 5.9, 3.1, 2.6, 3.6)  # of the words' columns; centimetres


def _words(code: str, **values: Any) -> str:
    return str(catalogue("official")["word"][code]).format(**values)


def official_report(found: Consolidation, office: Office) -> bytes:
    """The document as bytes; several report types stand one after the other."""
    document = Document()
    _page(document)
    for n, sheet in enumerate(found.sheets):
        if n:
            _para(document, "").add_run().add_break(WD_BREAK.PAGE)
        _heading(document, sheet, found, office)
        _body(document, sheet)
        _tasks(document, sheet)
        _appendix(document, sheet)
        _closing(document)
    moment = wording.moments(office.timezone).local(found.at).replace(tzinfo=None)
    _footer(document, found)
    document.core_properties.author = office.name
    document.core_properties.title = span_title(found)
    target = io.BytesIO()
    document.save(target)
    return settled(target.getvalue(), moment)


def _page(document: Any) -> None:
    """A4 portrait with the margins of administrative documents (Decree 30/2020); Times New Roman 13."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(4)
    style.paragraph_format.line_spacing = 1.15


def _heading(document: Any, sheet: TypeSheet, found: Consolidation, office: Office) -> None:
    day = wording.moments(office.timezone).local(found.at).date()
    table = document.add_table(rows=1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    left, right = table.rows[0].cells
    left.width, right.width = table.columns[0].width, table.columns[1].width = Cm(6.2), Cm(10.3)
    _lines(left, ((office.name.upper(), True, False), ("––––––––––", False, False), (_words("number"), False, False)))
    dated = _words("dated", day=f"{day:%d}", month=f"{day:%m}" if day.month < _TENS else day.month, year=day.year)
    _lines(
        right,
        (
            (_words("nation"), True, False),
            (_words("motto"), True, False),
            ("–––––––––––––––––", False, False),
            (dated, False, True),
        ),
    )
    _para(document, "", space=2)
    titles: Mapping[str, str] = catalogue("official")["word"]["titles"]
    other = _words("other_title", report=span_title(found, sheet).upper())
    title = titles.get(sheet.type, other).format(
        period=wording.period_name(sheet.periods[0].key if sheet.periods else None)
    )
    for line in (title if len(sheet.periods) == 1 else other).split("\n"):
        _para(document, line, bold=True, centre=True, size=14)
    _para(document, _words("compiled", first=vf.day(sheet.first), last=vf.day(sheet.last)), italic=True, centre=True)
    if not sheet.whole or not sheet.expected:
        _para(document, standing(sheet), bold=True, space=8)


def _body(document: Any, sheet: TypeSheet) -> None:
    """The form's lines in order, under the form's headings; those of a type without headings of ours by their numbers."""
    titles: Mapping[str, str] = catalogue("official")["sections"].get(sheet.type, {})
    said: set[str] = set()
    for column in (*sheet.columns, *sheet.texts) if not titles else _in_form_order(sheet):
        for part in _above(column.section):
            if part not in said:
                said.add(part)
                name = part.rpartition(".")[2]
                _para(document, f"{name}. {titles.get(part, '')}".strip(), bold=True, space=6 if "." not in part else 3)
        if column.kind == "text":
            _narrative(document, sheet, column)
        elif not _is_denominator(sheet, column):
            _para(document, f"- {total_text(sheet, column)}")


def _in_form_order(sheet: TypeSheet) -> list[Column]:
    """Sections in order; inside one the figures first, then what is told in words."""
    sections = list(dict.fromkeys(c.section for c in (*sheet.columns, *sheet.texts)))
    ranked = sorted(sections, key=_rank)
    return [c for section in ranked for c in (*sheet.columns, *sheet.texts) if c.section == section]


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def _rank(section: str) -> tuple[int, int]:
    upper, _, lower = section.partition(".")
    return (_ROMAN.index(upper) if upper in _ROMAN else len(_ROMAN), int(lower) if lower.isdigit() else 0)


def _above(section: str) -> Iterable[str]:
    """Section II.2 stands under II."""
    upper, dot, _ = section.partition(".")
    return (upper, section) if dot else ((section,) if section else ())


def _is_denominator(sheet: TypeSheet, column: Column) -> bool:
    return any(other.over == column.key for other in sheet.columns)


def total_text(sheet: TypeSheet, column: Column) -> str:
    """One line of the form with the province's figure: never a number where nobody stated one."""
    total = sheet.totals[column.key]
    unit = _words("unit" if len(sheet.periods) == 1 else "unit_of_several")
    share = sheet.shares.get(column.key)
    if share is not None and share.n:
        values = {
            "part": vf.number(share.part),
            "whole": vf.number(share.whole),
            "share": percent(share.part, share.whole),
        }
        return _words("ratio", label=column.label, n=share.n, expected=share.expected, unit=unit, **values)
    if total.value is None:
        return _words("none", label=column.label, expected=total.expected, unit=unit)
    value = vf.number(total.value)
    text = _words("line", label=column.label, value=value, counted=counted(total), unit=unit)
    if total.change is None:
        return text
    sign = "+" if total.change > 0 else "–" if total.change < 0 else ""
    return text + _words("change", change=f"{sign}{vf.number(abs(total.change))}")


def _narrative(document: Any, sheet: TypeSheet, column: Column) -> None:
    passages = [(row, p) for row in sheet.rows for p in row.passages if p.key == column.key]
    if not passages and len(sheet.texts) > 1 and column.section in {c.section for c in sheet.columns}:
        return  # a line in words beside figures: nothing to say
    _para(document, f"- {column.label}:", keep=True)
    if not passages:
        came = any(row.sources for row in sheet.rows)
        _para(document, _words("nothing_written" if came else "nothing_received"), italic=True, indent=1)
    for row, passage in passages:
        if passage.says:
            text, label = one_line(passage.text, PASSAGE_MAX), _whose(sheet, row, passage)
            _para(document, _words("said", agency=label, text=text), indent=1, lead=label)
    if nothing := [_whose(sheet, row, passage) for row, passage in passages if not passage.says]:
        _para(
            document, _words("said_nothing", n=vf.count(len(nothing)), names="; ".join(nothing)), italic=True, indent=1
        )


def _whose(sheet: TypeSheet, row: AgencyRow, passage: Passage) -> str:
    return row.name if len(sheet.periods) == 1 else f"{row.name} ({wording.period_name(passage.period)})"


def _tasks(document: Any, sheet: TypeSheet) -> None:
    """Every task as it stands: the form's own columns, and what is past its date in bold."""
    if not sheet.tasks:
        return
    _para(document, phrase("tasks", "heading"), bold=True, space=10)
    _para(document, tasks_identity(sheet.tasks))
    heads = [catalogue("words")["tasks"]["columns"][n] for n in _TASK_COLUMNS]
    table = document.add_table(rows=1, cols=len(heads))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, (head, width) in enumerate(zip(heads, _TASK_WIDTHS, strict=True)):
        table.columns[column].width = table.rows[0].cells[column].width = Cm(width)
        _lines(table.rows[0].cells[column], ((head, True, False),), size=11)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - the head stands on every page
    for task in sheet.tasks:
        cells = table.add_row().cells
        state = standing_text(task, sheet.periods[-1].key) + (f"; {phrase('tasks', 'overdue')}" if task.overdue else "")
        texts = (task.number, task.task, task.agency_name or task.lead, task.due_text, state)
        for cell, text, width in zip(cells, texts, _TASK_WIDTHS, strict=True):
            cell.width = Cm(width)
            _lines(cell, ((one_line(text, _TASK_MAX), task.overdue and text is state, False),), centre=False, size=11)


def _appendix(document: Any, sheet: TypeSheet) -> None:
    """Who reported: the identity, the rates with n/E, the table of classes, the missing by name."""
    _para(document, _words("appendix"), bold=True, space=10)
    _para(document, identity(sheet), keep=True)
    good = sum(sheet.classes.get(name, 0) for name in ("on_time", "cured", "late"))
    if sheet.expected:
        rate = {
            "timeliness": f"{percent(sheet.classes['on_time'], sheet.expected)} ({sheet.classes['on_time']}/{sheet.expected})",
            "completeness": f"{percent(good, sheet.expected)} ({good}/{sheet.expected})",
        }
        _para(document, _words("rates", **rate), keep=True)
    else:
        _para(document, book_words("nothing_due"))
    table = document.add_table(rows=1, cols=2)
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    rows = [tuple(catalogue("official")["word"]["table"])]
    rows += [(class_label(sheet, name), str(n)) for name, n in sheet.classes.items()]
    rows.append((_words("expected"), str(sheet.expected)))
    for n, (name, count) in enumerate(rows):
        cells = table.rows[0].cells if n == 0 else table.add_row().cells
        bold = n in (0, len(rows) - 1)
        _lines(cells[0], ((name, bold, False),), centre=n == 0)
        _lines(cells[1], ((count, bold, False),))
        for cell in cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True  # the table stands on one page
    _para(document, "", space=2)
    if not sheet.missing and sheet.expected:
        _para(document, _words("nobody"))
    for code, pairs in not_received(sheet):
        _para(document, _words(code, n=vf.count(len(pairs))), bold=True)
        for n, (key, name) in enumerate(pairs, start=1):
            period = "" if len(sheet.periods) == 1 else f" – {wording.period_name(key)}"
            _para(document, f"{n}. {name}{period}", indent=1)


def _closing(document: Any) -> None:
    """Who receives it and who signs; never alone on a page."""
    for paragraph in document.paragraphs[-2:]:
        paragraph.paragraph_format.keep_with_next = True
    _para(document, "", space=4, keep=True)
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    left.width, right.width = Cm(8.25), Cm(8.25)
    receivers = catalogue("official")["word"]["receiver_lines"]
    _lines(
        left, ((_words("receivers"), True, True), *((line, False, False) for line in receivers)), centre=False, size=11
    )
    _lines(right, ((_words("signer"), True, False), (_words("sign_here"), False, True)))


def _footer(document: Any, found: Consolidation) -> None:
    """The place in the log and the page number on every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(book_words("proof", seq=found.log_seq or 0, hash=found.log_hash[:16]) + " · ")
    run.font.size = Pt(8)
    run.font.name = FONT
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        number = paragraph.add_run()  # each mark in a run of its own: programs take the size of the number from them
        number.font.size, number.font.name = Pt(8), FONT
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        number._r.append(element)  # noqa: SLF001 - python-docx has no words for fields


def _para(
    document: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    centre: bool = False,
    size: int = 13,
    space: int = 0,
    indent: float = 0,
    lead: str = "",
    keep: bool = False,
) -> Any:
    """A paragraph; ``lead``: the beginning of the text that stands in bold; a heading, or ``keep``: on one page with what follows."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = bold or keep
    paragraph.paragraph_format.space_before = Pt(space)
    paragraph.paragraph_format.left_indent = Cm(indent) if indent else None
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.JUSTIFY
    pieces = [(lead, True), (text.removeprefix(lead), bold)] if lead and text.startswith(lead) else [(text, bold)]
    for piece, strong in pieces:
        run = paragraph.add_run(one_line(piece, PASSAGE_MAX + 200) if piece.strip() == piece else piece)
        run.bold, run.italic, run.font.size, run.font.name = strong, italic, Pt(size), FONT
    return paragraph


def _lines(cell: Any, lines: Iterable[tuple[str, bool, bool]], *, centre: bool = True, size: int = 12) -> None:
    for n, (text, bold, italic) in enumerate(lines):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.size, run.font.name = bold, italic, Pt(size), FONT
