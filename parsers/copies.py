"""Copies inside one mail: the Word file beside its signed scan is one report.

Rules (facts that shape the design, 4):

1. Reports of different parts with the same type, agency and window are one. What one of them does not state (a letterhead
   lost in a scan) is no difference, if at least half of the figures both state agree.
2. The figures are those of the native file: Word, then sheets, then text, then PDF, then pictures; a file without a single
   core line stated stands behind one that has them.
3. The others become ``copy`` with ``copy_of``; the signature, number and date they add are kept.
4. A report read from a picture may have lost letters: a letterhead much alike is the same, days that differ are no
   difference where the figures agree; figures its readings doubt say nothing, and a copy's doubts are not the report's.
5. A figure that differs is a warning ``copies_disagree`` with both values; between the two forms of one body it is
   ``body_parts_disagree`` and a person looks. Where a mail program wrote the rows of a table as lines of text, the same words in
   the same order are no difference: the table says which of them is the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from parsers.findings import finding
from parsers.fold import fold
from parsers.form import FormSet
from parsers.values import Figure, Finding, PartReading, Report

_NATIVE = {
    "docx": 0, "doc": 0, "odt": 0, "rtf": 0, "wordxml": 0, "excelxml": 1, "xlsx": 1, "xls": 1, "ods": 1, "csv": 1, "html": 3, "mht": 3, "txt": 4, "pdf": 5,
}  # fmt: skip
_PICTURE = 9
_ALIKE, _PERHAPS = 0.8, 0.6  # of two letterheads, one of them read from a picture
_STATED = ("number", "zero", "nil")
_VALUES_SHOWN = 20  # differing figures spelled out in one message


@dataclass(slots=True)
class _Item:
    """One report of one part while copies are sorted out."""

    part: int
    report: Report
    winner: _Item | None = None


def settle_copies(parts: Sequence[PartReading], forms: FormSet | None = None) -> tuple[PartReading, ...]:
    """The parts with every report kept once; all others say whose copy they are. ``forms`` names figures in messages."""
    items = [_Item(n, report) for n, part in enumerate(parts) for report in part.reports]
    winners: list[_Item] = []
    for item in sorted(items, key=lambda one: _rank(parts[one.part], one.report)):
        twin = next((one for one in winners if one.part != item.part and same_report(one.report, item.report)), None)
        if twin is None:
            winners.append(item)
        else:
            item.winner = twin
            pairs = differing(twin.report, item.report)
            if parts[twin.part].role == parts[item.part].role == "body":
                pairs = tuple((a, b) for a, b in pairs if not _same_words(a, b))
            twin.report = _merged(twin.report, item.report)
            if pairs:
                found = _disagreement(twin.report, pairs, parts[twin.part], parts[item.part], forms)
                twin.report = replace(twin.report, findings=(*twin.report.findings, found))
    return tuple(_settled(n, part, parts, items) for n, part in enumerate(parts))


def _settled(n: int, part: PartReading, parts: Sequence[PartReading], items: Sequence[_Item]) -> PartReading:
    mine = [item for item in items if item.part == n]
    if not mine:
        return part
    kept = tuple(item.report for item in mine if item.winner is None)
    if kept:
        return replace(part, reports=kept)
    first = mine[0].winner
    assert first is not None
    return replace(part, outcome="copy", reason=None, copy_of=parts[first.part].path, reports=())


def _rank(part: PartReading, report: Report) -> tuple[bool, bool, int, bool, tuple[str, ...], int]:
    kind = _PICTURE if by_eye(report) else _NATIVE.get(part.type, _PICTURE)
    return (report.core_stated == 0, part.outcome != "read", kind, part.role == "body", part.path, report.n)


def same_report(one: Report, other: Report) -> bool:
    """Whether two reports are the same one in two forms."""
    if one.type != other.type:
        return False
    if one.content_key and one.content_key == other.content_key:
        return True
    agencies = _agencies(one, other)
    windows = _windows(one, other)
    if agencies is False or windows is False:
        return False
    return (agencies is True and windows is True) or _mostly_equal(one, other)


def _agencies(one: Report, other: Report) -> bool | None:
    """True: the same letterhead; False: another; None: one of them states none, or none that can be read."""
    a, b = fold(one.agency_text), fold(other.agency_text)
    if not a or not b:
        return None
    if a in b or b in a:
        return True
    if by_eye(one) or by_eye(other):
        alike = SequenceMatcher(None, a, b, autojunk=False).ratio()
        return True if alike >= _ALIKE else None if alike >= _PERHAPS else False
    return False


def _windows(one: Report, other: Report) -> bool | None:
    """The same for the window; a stated month stands in for days."""
    pairs = [
        (one.window.start, other.window.start),
        (one.window.end, other.window.end),
        (one.window.month, other.window.month),
    ]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not both:
        return None
    same = all(a == b for a, b in both)
    if not same and (by_eye(one) or by_eye(other)) and _mostly_equal(one, other, 4):
        return None  # a digit of the days misread
    return same


def by_eye(report: Report) -> bool:
    """Whether it was read from a picture."""
    return any("ocr" in figure.flags for figure in report.figures)


def _doubted(report: Report) -> set[str]:
    """Figures the readings of a picture do not agree on."""
    return {key for found in report.findings if found.code == "ocr_doubtful" for key in found.figures}


def _mostly_equal(one: Report, other: Report, least: int = 1) -> bool:
    both = [
        (a, b)
        for a in one.figures
        if a.state in _STATED and (b := other.figure(a.key)) is not None and b.state in _STATED
    ]
    return len(both) >= least and sum(_equal(a, b) for a, b in both) * 2 >= len(both)


def _equal(a: Figure, b: Figure) -> bool:
    return (a.value or 0) == (b.value or 0) and (a.state == "nil") == (b.state == "nil")


def differing(one: Report, other: Report) -> tuple[tuple[Figure, Figure], ...]:
    """Figures that both state differently, or that only the copy states."""
    out = []
    unsure = _doubted(other)
    for a in one.figures:
        b = other.figure(a.key)
        if b is None or b.state not in _STATED or a.key in unsure:
            continue
        if a.state not in _STATED or not _equal(a, b):
            out.append((a, b))
    return tuple(out)


def _same_words(cell: Figure, line: Figure) -> bool:
    """Whether a line of text holds the cells of the very row a figure was read from, and nothing else."""
    row, text = (figure.place.text if figure.place else "" for figure in (cell, line))
    return cell.place is not None and cell.place.cell is not None and row.replace(" | ", " ").split() == text.split()


def figure_name(report: Report, key: str, forms: FormSet | None) -> str:
    """What letters call a figure; its key where the form is not at hand."""
    try:
        line = forms.get(report.form).line(key) if forms else None
    except KeyError:
        line = None
    return line.label if line else key


def _disagreement(
    report: Report,
    pairs: Sequence[tuple[Figure, Figure]],
    part: PartReading,
    other: PartReading,
    forms: FormSet | None,
) -> Finding:
    shown = "; ".join(
        f"{figure_name(report, a.key, forms)}: {a.raw or '…'} – {b.raw or '…'}" for a, b in pairs[:_VALUES_SHOWN]
    )
    code = "body_parts_disagree" if part.role == other.role == "body" else "copies_disagree"
    keys = tuple(a.key for a, _ in pairs)
    return finding(code, keys, pairs[0][0].place, name=part.name, other=other.name, values=shown)


def _merged(winner: Report, copy: Report) -> Report:
    """The winner with what its signed copy adds: signature, number, date, letterhead."""
    unsigned = winner.signature.state in ("none", "unknown") and copy.signature.state in ("digital", "image")
    return replace(
        winner,
        signature=copy.signature if unsigned else winner.signature,
        number=winner.number or copy.number,
        date=winner.date or copy.date,
        agency_text=winner.agency_text or copy.agency_text,
    )
