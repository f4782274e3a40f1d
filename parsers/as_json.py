"""Reports and parts as the contract's JSON (``cchc.read/1``), and back again."""

from __future__ import annotations

from typing import Any

from parsers.values import PartReading, Report


def report_json(report: Report) -> dict[str, Any]:
    """The contract's report object."""
    raise NotImplementedError


def report_from_json(data: dict[str, Any]) -> Report:
    """The inverse of ``report_json``, lossless."""
    raise NotImplementedError


def part_json(part: PartReading) -> dict[str, Any]:
    """The contract's part object."""
    raise NotImplementedError


def part_from_json(data: dict[str, Any]) -> PartReading:
    """The inverse of ``part_json``, lossless."""
    raise NotImplementedError
