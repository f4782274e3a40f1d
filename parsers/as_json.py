"""Reports and parts as the contract's JSON (``cchc.read/1``): whole numbers as integers, decimals as decimals, null never 0.

What only the service knows (period, verdict, the agency's code) is null here and filled in by ``intake``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from parsers.values import Figure, Finding, PartReading, Place, Report

Json = dict[str, Any]


def report_json(report: Report) -> Json:
    """The contract's report object."""
    return {
        "n": report.n,
        "type": report.type,
        "form": report.form,
        "reader": report.reader,
        "agency": {"text": report.agency_text, "code": None, "how": "letterhead" if report.agency_text else None},
        "number": report.number or None,
        "date": _day(report.date),
        "window": {
            "from": _day(report.window.start),
            "to": _day(report.window.end),
            "week": report.window.week,
            "month": report.window.month,
            "text": report.window.text,
        },
        "period": None,
        "verdict": None,
        "figures": {figure.key: _figure(figure) for figure in report.figures},
        "texts": dict(report.texts),
        "signature": {
            "name": report.signature.name,
            "title": report.signature.title,
            "state": report.signature.state,
        },
        "findings": [_finding(finding) for finding in report.findings],
    }


def part_json(part: PartReading) -> Json:
    """The contract's part object."""
    return {
        "name": part.name,
        "sha256": part.sha256,
        "size": part.size,
        "type": part.type,
        "path": list(part.path),
        "outcome": part.outcome,
        "reason": part.reason,
        "copy_of": list(part.copy_of) if part.copy_of else None,
        "findings": [_finding(finding) for finding in part.findings],
        "reports": [report_json(r) for r in part.reports] if part.outcome in ("read", "needs_review") else [],
    }


def number_json(value: Decimal | None) -> int | float | None:
    """An exact number as JSON has it: an integer, or a decimal for a percentage."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _figure(figure: Figure) -> Json:
    return {
        "value": number_json(figure.value),
        "state": figure.state,
        "raw": figure.raw,
        "scope": figure.scope,
        "basis": figure.basis,
        "flags": list(figure.flags),
        "where": _place(figure.place),
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "figures": list(finding.figures),
        "title": finding.title,
        "message": finding.message,
        "fix": finding.fix,
        "example": finding.example,
        "where": _place(finding.place),
    }


def _place(place: Place | None) -> Json | None:
    if place is None:
        return None
    return {
        "page": place.page,
        "block": place.block,
        "table": place.table,
        "row": place.row,
        "cell": place.cell,
        "box": list(place.box) if place.box else None,
        "text": place.text,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
