"""Two readings of one report: what the second says differently. A figure that is absent and one that is not there are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.records import Json

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing read differently, both sides in words."""

    key: str  # a figure of the form, or "type" "agency" "number" "window" "findings" "report"
    before: str
    after: str


def differences(before: Json, after: Json) -> list[Difference]:
    """Type, agency as written, number, window, codes of findings and every figure, where they differ."""
    pairs = [(key, said(before), said(after)) for key, said in _SAID.items()]
    old, new = before.get("figures") or {}, after.get("figures") or {}
    pairs += [(key, _figure(old.get(key)), _figure(new.get(key))) for key in {**old, **new}]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _figure(figure: Json | None) -> str:
    state = (figure or {}).get("state") or ABSENT
    return ABSENT if state == ABSENT else f"{state} {_number((figure or {}).get('value'))}".strip()


def _number(value: Any) -> str:
    """Exact and the same however it was kept: 95.50 is 95.5, a whole number has no point."""
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _window(report: Json) -> str:
    window = report.get("window") or {}
    return f"{window.get('from') or ''}..{window.get('to') or ''} {window.get('month') or ''}".strip()


def _findings(report: Json) -> str:
    return " ".join(sorted(finding["code"] for finding in report.get("findings") or ()))


_SAID = {
    "type": lambda report: report.get("type") or "",
    "agency": lambda report: (report.get("agency") or {}).get("text") or "",
    "number": lambda report: report.get("number") or "",
    "window": _window,
    "findings": _findings,
}
