"""The digest's workbook: the board, the figures of every agency, and what is to be settled. Made for the screen and for A4 paper.

Rules:

1. text from outside is never a formula (``notifier.plain.neutral``); moments are real Excel moments on the office's wall clock;
2. a figure nobody stated is shown as missing, never as 0; the sums are the digest's own, with n/E beneath them;
3. agencies stand in protocol order; the columns of the board are those of the wording;
4. the same facts give the same bytes: the file says it was made at the digest's moment, and so do its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.consolidated_words import counted
from notifier.digest import CLASSES, lines_of, review_reason, silent, trouble_text
from notifier.facts import FigureFact
from notifier.facts_of_many import AgencyFigures, DigestFacts, LineFact, ReviewFact
from notifier.office import Office
from notifier.pen import Pen, closing
from notifier.settled import saved
from notifier.texts import phrase, words

_BOARD_WIDTHS = (5, 27, 13, 15, 18, 22, 6, 13, 9, 14, 11, 15, 21, 17)
_MATTER_WIDTHS = (5, 18, 44, 44, 26, 34)
_CLASS = 3  # where the class stands in a row of the board
_BOARD_STYLES = ("centre", "text", "text", "calm", "moment", "text", "centre", "text", "centre", *("text",) * 5)
_MATTER_STYLES = ("centre", "text", "text", "text", "centre", "text")


def digest_workbook(facts: DigestFacts, office: Office, seq: int | None = None, log_hash: str = "") -> bytes:
    """The workbook as bytes; ``seq`` and ``log_hash`` are the letter's place in the log (default: the digest's own)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    pen = Pen(book)
    proof = phrase("workbook", "proof", seq=facts.log_seq if seq is None else seq, hash=log_hash or facts.log_hash)
    _board(pen, book.create_sheet(phrase("workbook", "board")), facts, office, proof)
    _figures(pen, book.create_sheet(phrase("workbook", "figures")), facts, office, proof)
    _matters(pen, book.create_sheet(phrase("workbook", "matters")), facts, office, proof)
    return saved(book, _title(facts), office, facts.at)


def board_workbook(facts: DigestFacts, office: Office) -> bytes:
    """The same workbook for the console and the command line, without a letter around it."""
    return digest_workbook(facts, office)


def _board(pen: Pen, sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    top = pen.opening(sheet, _opening(facts, office, proof), len(_BOARD_WIDTHS))
    pen.head(sheet, top, tuple(words("workbook")["columns"]), _BOARD_WIDTHS)
    for n, line in enumerate(facts.lines, start=1):
        mood = _mood(line, provisional=facts.provisional)
        styles = (*_BOARD_STYLES[:_CLASS], mood, *_BOARD_STYLES[_CLASS + 1 :])
        pen.row(sheet, top + n, _board_cells(n, line, office, provisional=facts.provisional), styles)
    closing(sheet, top, len(facts.lines), len(_BOARD_WIDTHS), phrase("workbook", "page"), frozen=2)


def _mood(line: LineFact, *, provisional: bool) -> str:
    """How a class looks; who may have sent something, and anybody while our own polling is in doubt, does not look accused."""
    if line.due_class == "missing" and (provisional or line.waiting):
        return "calm"
    return wording.class_word(line.due_class, "mood") or "calm"


def _board_cells(n: int, line: LineFact, office: Office, *, provisional: bool) -> tuple[Any, ...]:
    moments = wording.moments(office.timezone)
    return (
        n,
        line.name,
        line.group,
        _class_cell(line, provisional=provisional),
        moments.local(line.received_at) if line.received_at else None,
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


def _figures(pen: Pen, sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    labels = _labels(facts)
    head = ("STT", phrase("workbook", "agency"), phrase("workbook", "receipt"), *labels.values())
    lines = _opening(facts, office, proof, note=phrase("workbook", "figures_note"))
    top = pen.opening(sheet, lines, max(len(head), 8))
    pen.head(sheet, top, head, (5, 30, 26, *(14 for _ in labels)))
    for n, row in enumerate(facts.figures, start=1):
        _figure_row(pen, sheet, top + n, n, row, tuple(labels))
    _sums(pen, sheet, top + len(facts.figures) + 1, facts, tuple(labels))
    closing(sheet, top, len(facts.figures), len(head), phrase("workbook", "page"), frozen=2)


def _labels(facts: DigestFacts) -> dict[str, str]:
    """Every figure of the period by key, in the form's order as far as the facts tell it."""
    labels = {total.key: total.label for total in facts.totals}
    for row in facts.figures:
        labels |= {key: figure.label for key, figure in row.values.items() if key not in labels}
    return labels


def _figure_row(pen: Pen, sheet: Worksheet, at: int, n: int, row: AgencyFigures, keys: Sequence[str]) -> None:
    figures = [row.values.get(key) for key in keys]
    values = (n, row.name, row.receipt or phrase("workbook", "no_report"), *map(_value, figures))
    pen.row(sheet, at, values, ("centre", "text", "centre", *map(_style, figures)))


def _style(figure: FigureFact | None) -> str:
    """A figure that is approximate, read by OCR or hidden is shown, but not as if it were plain."""
    if figure is None or not isinstance(_value(figure), Decimal):
        return "absent"
    return (
        ("doubt_percent" if figure.percent else "doubt") if figure.flags else "percent" if figure.percent else "number"
    )


def _value(figure: FigureFact | None) -> Any:
    if figure is None or figure.state == "absent":
        return phrase("workbook", "absent")
    if figure.state in ("number", "zero") and figure.value is not None:
        return Decimal(figure.value)
    return phrase("figure_state", figure.state) or figure.raw


def _sums(pen: Pen, sheet: Worksheet, at: int, facts: DigestFacts, keys: Sequence[str]) -> None:
    totals = {total.key: total for total in facts.totals}
    absent = phrase("workbook", "absent")
    values = [Decimal(t.value) if (t := totals.get(key)) and t.value is not None else absent for key in keys]
    stated = [counted(t) if (t := totals.get(key)) else absent for key in keys]
    styles = (*("sum_text",) * 3, *("sum",) * len(keys))
    pen.row(sheet, at, ("", phrase("workbook", "sum"), "", *values), styles)
    pen.row(sheet, at + 1, ("", phrase("workbook", "stated"), "", *stated), styles)


def _matters(pen: Pen, sheet: Worksheet, facts: DigestFacts, office: Office, proof: str) -> None:
    top = pen.opening(sheet, _opening(facts, office, proof), len(_MATTER_WIDTHS))
    pen.head(sheet, top, tuple(words("workbook")["matter_columns"]), _MATTER_WIDTHS)
    rows = [(n, *row) for n, row in enumerate(_matter_rows(facts), start=1)]
    rows = rows or [("", "", phrase("workbook", "no_matters"), "", "", "")]
    for n, row in enumerate(rows, start=1):
        pen.row(sheet, top + n, row, _MATTER_STYLES)
    closing(sheet, top, len(rows), len(_MATTER_WIDTHS), phrase("workbook", "page"))


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


def _opening(facts: DigestFacts, office: Office, proof: str, note: str = "") -> list[tuple[str, str]]:
    """Title, moment, identity and proof, each with its style."""
    moments = wording.moments(office.timezone)
    classes = {code: vf.count(facts.classes.get(code, 0)) for code in CLASSES}
    beside = {name: vf.count(getattr(facts, name)) for name in ("waived", "not_applicable", "not_yet_due")}
    identity = "identity_provisional" if facts.provisional else "identity"
    lines = [
        (office.name.upper(), "office"),
        (_title(facts), "title"),
        (phrase("workbook", "as_of", at=moments.at(facts.at), due=moments.due(facts.due_at)), "note"),
        (phrase("workbook", identity, expected=vf.number(facts.expected), **classes, **beside), "plain"),
    ]
    if facts.provisional:
        lines.append((phrase("workbook", "provisional"), "warning"))
    if note:
        lines.append((note, "note"))
    return [*lines, (proof, "fine")]
