"""What a report states: values only.

A ``Said`` is one figure as a careful person reads it in the document: its state and value, the sentence it stands in, other values
that person would accept, and whether a warning must stand beside it. A key without a ``Said`` is not stated: whatever is read there is
invented. ``Truth`` is one report, ``Case`` one file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

NUMBER, ZERO, NIL, BLANK, UNREADABLE = "number", "zero", "nil", "blank", "unreadable"


@dataclass(frozen=True, slots=True)
class Value:
    """A figure before it is written: how it is, not how it looks."""

    state: str
    number: float | None = None  # 1625; 95.5; None unless state is number or zero

    @staticmethod
    def of(number: float) -> Value:
        return Value(ZERO if number == 0 else NUMBER, number)


@dataclass(slots=True)
class Said:
    """One figure as the document states it."""

    state: str
    value: float | None
    sentence: str  # the line, the table row or the clause it stands in
    accept: list[float | None] = field(
        default_factory=list
    )  # what a careful person could read as well; None: leaving it unread
    must_flag: bool = False  # rounded, malformed, or part of a sum that fails: a warning must stand beside it


@dataclass(slots=True)
class Truth:
    """One report as the document states it."""

    type: str  # weekly | monthly
    agency: str | None = None
    number: str | None = None
    date: str | None = None  # 2017-07-21
    window: tuple[str, str] | None = None
    period: str | None = None  # weekly:2017-07-21 | monthly:2017-07
    figures: dict[str, Said] = field(default_factory=dict)


@dataclass(slots=True)
class Case:
    """One file and the reports in it; no reports: nothing may be read as a report."""

    file: str
    format: str  # docx, doc (LibreOffice), scan clean PDF …
    group: str  # native | legacy encodings | containers | broken text layer | scan clean | … : targets are set by group
    layout: str
    reports: list[Truth]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Case:
        reports = [
            Truth(**{**r, "figures": {k: Said(**s) for k, s in r["figures"].items()}, "window": r["window"]})
            for r in data["reports"]
        ]
        return Case(**{**data, "reports": reports})
