"""The contract's JSON read back: what ``parsers.as_json`` writes must be the whole report, part and finding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from parsers.values import Figure, Finding, PartReading, Place, Report, Signature, TaskRow, Window


def part_from_json(data: Mapping[str, Any]) -> PartReading:
    """The inverse of ``part_json``, lossless."""
    return PartReading(
        path=tuple(data["path"]),
        name=data["name"],
        sha256=data["sha256"],
        size=data["size"],
        type=data["type"],
        outcome=data["outcome"],
        reason=data["reason"],
        copy_of=tuple(data["copy_of"]) if data["copy_of"] is not None else None,
        findings=tuple(finding_from_json(finding) for finding in data["findings"]),
        reports=tuple(report_from_json(report) for report in data["reports"]),
        role=data["role"],
    )


def report_from_json(data: Mapping[str, Any]) -> Report:
    """The inverse of ``report_json``, lossless."""
    window, signature = data["window"], data["signature"]
    return Report(
        n=data["n"],
        type=data["type"],
        form=data["form"],
        form_sha256=data["form_sha256"],
        reader=data["reader"],
        agency_text=data["agency"]["text"],
        number=data["number"],
        date=_day_from(data["date"]),
        window=Window(
            _day_from(window["from"]), _day_from(window["to"]), window["week"], window["month"], window["text"]
        ),
        figures=tuple(_figure_from(key, figure) for key, figure in data["figures"].items()),
        texts=tuple((key, text) for key, text in data["texts"].items()),
        signature=Signature(signature["name"], signature["title"], signature["state"]),
        findings=tuple(finding_from_json(finding) for finding in data["findings"]),
        core=tuple(data["core"]),
        content_key=data["content_key"],
        rows=tuple(_row_from(row) for row in data.get("rows", ())),
    )


def _row_from(data: Mapping[str, Any]) -> TaskRow:
    due, place = _day_from(data["due"]), _place_from(data["where"])
    return TaskRow(
        data["number"], data["task"], data["lead"], data["due_text"], due, data["state"], data["said"], place
    )


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """The inverse of ``finding_json``."""
    return Finding(
        data["code"],
        data["severity"],
        tuple(data["figures"]),
        data["message"],
        data["fix"],
        data["example"],
        data["title"],
        _place_from(data["where"]),
    )


def _figure_from(key: str, data: Mapping[str, Any]) -> Figure:
    value = None if data["value"] is None else Decimal(str(data["value"]))
    place = _place_from(data["where"])
    return Figure(key, data["state"], value, data["raw"], data["scope"], data["basis"], tuple(data["flags"]), place)


def _place_from(data: Mapping[str, Any] | None) -> Place | None:
    if data is None:
        return None
    box = tuple(data["box"]) if data["box"] is not None else None
    return Place(data["page"], data["block"], data["table"], data["row"], data["cell"], box, data["text"])


def _day_from(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
