"""Documents for the extraction tests: paragraphs, tables, and the official forms filled by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from parsers.extract import Hints, extract
from parsers.form import FormSet, load_forms
from parsers.values import Block, Cell, Document, Report, Table

CORPUS = Path(__file__).parents[1] / "corpus"
TITLE = "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH"
WINDOW = "(Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 năm 2017)"


@cache
def forms() -> FormSet:
    return load_forms()


def corpus(name: str) -> str:
    return (CORPUS / "forms" / name).read_text("utf-8")


def answers(name: str) -> dict[str, int | None]:
    return json.loads(corpus(name))


def table(text: str) -> Table:
    """Rows of lines, cells between bars; ``^2 text`` spans two columns."""
    return Table(
        tuple(tuple(_cell(cell.strip()) for cell in line.split("|")) for line in text.strip("\n").splitlines())
    )


def _cell(text: str) -> Cell:
    span = 1
    if text.startswith("^"):
        span, text = int(text[1]), text[2:].strip()
    if text.startswith("#"):
        number = Decimal(text[1:])
        return Cell(text[1:], number=number)
    if text.startswith("~"):
        return Cell(text[1:].strip(), colspan=span, hidden=True)
    return Cell(text.replace("\\n", "\n"), colspan=span)


def document(*parts: str | Table, kind: str = "docx", images: int = 0) -> Document:
    """Paragraphs (one for each line) and tables in order."""
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Table):
            blocks.append(Block(len(blocks) + 1, table=part))
            continue
        blocks += [Block(len(blocks) + n, line) for n, line in enumerate(part.split("\n"), 1)]
    return Document(kind, f"{kind}/1", tuple(blocks), images=images)


def read(
    *parts: str | Table, kind: str = "docx", hints: Hints | None = None, as_form: str | None = None, images: int = 0
) -> tuple[Report, ...]:
    return extract(document(*parts, kind=kind, images=images), forms(), hints or Hints(), as_form)


def weekly(*parts: str | Table) -> Report:
    """A weekly report of these parts, under its title."""
    (report,) = read(f"{TITLE}\n{WINDOW}", *parts)
    return report


def flagged(report: Report) -> set[str]:
    return {key for finding in report.findings if finding.severity in ("warning", "error") for key in finding.figures}


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def stated(report: Report) -> dict[str, int | float | str]:
    """What was read: values, and the states that are not numbers, of every key that is not absent."""
    shown: dict[str, int | float | str] = {}
    for figure in report.figures:
        if figure.state == "absent":
            continue
        value = figure.value
        shown[figure.key] = figure.state if value is None else int(value) if value == int(value) else float(value)
    return shown


def differences(report: Report, expected: Mapping[str, int | None], *, quiet: bool = True) -> list[str]:
    """Where a report differs from what stands on paper; with ``quiet`` also figures flagged though right."""
    flags = flagged(report)
    found = []
    for key, want in expected.items():
        figure = report.figure(key)
        got = None if figure is None or figure.value is None else int(figure.value)
        if got != want:
            found.append(f"{key}: {got}, not {want}")
        elif quiet and want is not None and key in flags:
            found.append(f"{key}: flagged")
    return found


def lines_of(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {label}: {value}" for label, value in rows)
