"""What ``tests/corpus/hostile/EXPECT.tsv`` demands, taken from its own words: the judge knows nothing of our code.

Rules:

1. An attachment: every outcome the row names ("read", "refused: zip_bomb … or corrupt", "needs_review: timeout"), and no other.
2. Where a row says "read", an enclosure is right too if the file is no report (the examples' own README). Which files are none is
   said here, of their contents, not of what we make of them: no title, and fewer than three lines of a form with values.
3. A mail: the clauses of the row that can be counted ("1 submission", "0 acks", "state automatic", "needs_review reason=…", "1 row").
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus" / "hostile"
NO_REPORTS = {
    "att/docx_huge_table.docx": "200 000 cells and not one letter in them",
    "att/xls_is_html.xls": "one line of a form, no title",
    "att/pdf_cmap_path.pdf": "one letter",
}
ENCLOSURE = ("no_report", "no_report")  # what a document that is only an enclosure ends as, and why
_OUTCOME = re.compile(r"\b(read|refused|needs_review)\b(?:: ([a-z_]+))?")
_OR_REASON = re.compile(r"\bor (corrupt|zip_bomb|xml_entity|encrypted|unsupported_type)\b")
_REASONS = re.compile(r"reason=([a-z_]+)")
_STATE = re.compile(r"\bstate ([a-z_]+)(?: or ([a-z_]+))?")
_COUNT = re.compile(r"\b(\d+) (submission|ack|row|mail)s?\b")
_WARNING = re.compile(r"warning ([a-z_]+)")
_FIGURES = re.compile(r"(\d+) figures")
_WITHHELD = re.compile(r"withheld_because ([a-z_]+)(?: or ([a-z_]+))?")
_PART = re.compile(r"\bpart refused: ([a-z_]+)")
_SUBMISSION = re.compile(r"\bsubmission outcome ([a-z_]+)")
_HELD = re.compile(r"\bneeds_review\b")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table and what it demands."""

    file: str  # "att/zip_bomb_flat.zip"
    text: str
    outcomes: frozenset[tuple[str, str | None]] = frozenset()  # attachment: (outcome, reason); reason None: any or none
    warnings: frozenset[str] = frozenset()
    figures: int | None = None
    states: frozenset[str] = frozenset()  # mail
    reason: str | None = None
    withheld: frozenset[str] = frozenset()
    part: str | None = None  # why a part of the mail is refused
    submission: str | None = None  # outcome of the submission
    counts: dict[str, int] = field(default_factory=dict)  # submission, ack, row, mail


def rows() -> list[Row]:
    """The table."""
    with (CORPUS / "EXPECT.tsv").open(encoding="utf-8") as table:
        return [row_of(line["file"], line["right_outcome"]) for line in csv.DictReader(table, delimiter="\t")]


def row_of(file: str, text: str) -> Row:
    """What one row demands."""
    if file.startswith("att/"):
        figures = _FIGURES.search(text)
        return Row(
            file,
            text,
            outcomes=_outcomes(text) | ({ENCLOSURE} if file in NO_REPORTS else frozenset()),
            warnings=frozenset(_WARNING.findall(text)),
            figures=int(figures[1]) if figures else None,
        )
    clauses = re.sub(r"\([^)]*\)", "", text)
    states = {name for match in _STATE.finditer(clauses) for name in match.groups() if name}
    states |= {"needs_review"} if _HELD.search(clauses) else set()
    withheld = _WITHHELD.search(clauses)
    return Row(
        file,
        text,
        states=frozenset(states),
        reason=_first(_REASONS, clauses),
        withheld=frozenset(name for name in withheld.groups() if name) if withheld else frozenset(),
        part=_first(_PART, clauses),
        submission=_first(_SUBMISSION, clauses),
        counts={what: int(number) for number, what in _COUNT.findall(clauses)},
    )


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _outcomes(text: str) -> frozenset[tuple[str, str | None]]:
    head = re.split(r";|\bnever\b", re.sub(r"\([^)]*\)", "", text))
    said = " ".join(part for part in head if _OUTCOME.search(part))
    found = {(outcome, reason or None) for outcome, reason in _OUTCOME.findall(said)}
    found |= {("refused", reason) for reason in _OR_REASON.findall(text)}
    return frozenset((o, None if o == "read" else r) for o, r in found)
