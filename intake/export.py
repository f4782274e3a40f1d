"""The log as CSV and XLSX.

Whatever a sender wrote stays text: a cell that a spreadsheet would compute gets a quote before it, and characters that turn the
text or are not seen stand as marks such as ⟦U+202E⟧.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from notifier.plain import marked, neutral
from storage.records import Json

if TYPE_CHECKING:
    from openpyxl import Workbook

COLUMNS = (
    "id",
    "sha256",
    "received_at",
    "from",
    "subject",
    "state",
    "reason",
    "automatic",
    "agency",
    "type",
    "period",
    "receipt",
    "class",
    "late_seconds",
    "outcome",
    "findings",
    "seq",
    "hash",
)


def lines(rows: Iterable[Json]) -> Iterable[list[str]]:
    """One line for each submission, or for the mail when it made none."""
    for row in rows:
        for submission in row["submissions"] or [{}]:
            merged = {**row, **submission, "findings": " ".join(submission.get("findings", ()))}
            yield [neutral(marked("" if merged.get(c) is None else str(merged[c]))) for c in COLUMNS]


def write_csv(rows: Sequence[Json], path: Path) -> None:
    """UTF-8 with a byte order mark, as Vietnamese Excel expects it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(lines(rows))


def log_sheet(book: Workbook, rows: Iterable[Json]) -> None:
    """The log as a sheet of a write-only workbook: frozen header, every cell text."""
    sheet = book.create_sheet("log")
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for line in lines(rows):
        sheet.append(line)


def write_xlsx(rows: Sequence[Json], path: Path) -> None:
    """One sheet, frozen header, every cell text."""
    from openpyxl import Workbook  # noqa: PLC0415 heavy; only for this option

    with path.open("wb") as file:  # first: a workbook begun and never saved complains when it is thrown away
        book = Workbook(write_only=True)
        log_sheet(book, rows)
        book.save(file)
