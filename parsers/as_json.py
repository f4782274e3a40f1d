"""Reports and parts as the contract's JSON (``cchc.read/1``), without loss.

Rules:

1. ``report_json`` is exactly the contract's report object; ``period``, ``verdict`` and ``agency.code`` are for others to fill in.
2. Values are exact: integers, or decimals as written, to be read from their shortest text (95.5 stays 95.5).
3. What the contract's object leaves out and the ledger needs (``form_sha256``, ``core``, ``content_key`` …) stands beside it under
   names of its own; the contract allows additions.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from parsers.values import Figure, Finding, PartReading, Place, Report, TaskRow


def report_json(report: Report) -> dict[str, Any]:
    """The contract's report object."""
    window = report.window
    return {
        "n": report.n,
        "type": report.type,
        "form": report.form,
        "form_sha256": report.form_sha256,
        "reader": report.reader,
        "agency": {"text": report.agency_text, "code": None, "how": "letterhead" if report.agency_text else None},
        "number": report.number,
        "date": _day(report.date),
        "window": {
            "from": _day(window.start),
            "to": _day(window.end),
            "week": window.week,
            "month": window.month,
            "text": window.text,
        },
        "period": None,
        "verdict": None,
        "figures": {figure.key: _figure_json(figure) for figure in report.figures},
        "texts": dict(report.texts),
        "signature": {"name": report.signature.name, "title": report.signature.title, "state": report.signature.state},
        "findings": [finding_json(finding) for finding in report.findings],
        "core": list(report.core),
        "content_key": report.content_key,
    } | ({"rows": [_row_json(row) for row in report.rows]} if report.rows else {})


def _row_json(row: TaskRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "task": row.task,
        "lead": row.lead,
        "due": _day(row.due),
        "due_text": row.due_text,
        "state": row.state,
        "said": row.said,
        "where": _place_json(row.place),
    }


def part_json(part: PartReading) -> dict[str, Any]:
    """The contract's part object."""
    return {
        "name": part.name,
        "sha256": part.sha256,
        "size": part.size,
        "type": part.type,
        "path": list(part.path),
        "role": part.role,
        "outcome": part.outcome,
        "reason": part.reason,
        "copy_of": list(part.copy_of) if part.copy_of is not None else None,
        "findings": [finding_json(finding) for finding in part.findings],
        "reports": [report_json(report) for report in part.reports],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding, as reports and parts carry it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "figures": list(finding.figures),
        "message": finding.message,
        "fix": finding.fix,
        "example": finding.example,
        "title": finding.title,
        "where": _place_json(finding.place),
    }


def _figure_json(figure: Figure) -> dict[str, Any]:
    return {
        "value": _number(figure.value),
        "state": figure.state,
        "raw": figure.raw,
        "scope": figure.scope,
        "basis": figure.basis,
        "flags": list(figure.flags),
        "where": _place_json(figure.place),
    }


def _number(value: Decimal | None) -> int | float | None:
    """A JSON number that reads back as the same decimal: figures have far fewer than 15 digits."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _place_json(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "page": place.page,
        "block": place.block,
        "table": place.table,
        "row": place.row,
        "cell": place.cell,
        "box": list(place.box) if place.box is not None else None,
        "text": place.text,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
