"""What people decided of a due before its period opened: an absence known ahead is recorded once, and the due opens with it.

Until then nothing is frozen: boards show what the roster expects under these decisions. The latest one counts; one that gives a
moment the cutoff has since been moved beyond gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from intake.rules.values import Period
from storage.queries import Queries
from storage.records import Decision, DueRow

_STATUSES = {"waive": "waived", "not-applicable": "not_applicable"}


@dataclass(frozen=True, slots=True)
class DueChange:
    """What a person changes on one due."""

    what: str  # waive | extend | not-applicable | reopen | paper
    reason: str
    second: str | None = None
    until: datetime | None = None
    paper_number: str = ""

    @property
    def after(self) -> str:
        """What the decision says holds now."""
        return self.until.isoformat() if self.until else self.paper_number or self.what


def changed(row: DueRow, period: Period, change: DueChange, *, after_cutoff: bool) -> DueRow:
    """The due under this change."""
    base = replace(row, reason=change.reason, after_cutoff=after_cutoff, seq=0, at=None)
    if change.what == "extend" and change.until:
        return replace(base, status="extended", due_at=change.until, due_why=f"extended: {change.reason}")
    if change.what == "paper":
        kept = replace(base, after_cutoff=row.after_cutoff, reason=row.reason)
        return replace(kept, paper="received", paper_number=change.paper_number)
    if change.what == "reopen":
        return replace(base, status="required", due_at=period.due_at, due_why=period.due_why)
    return replace(base, status=_STATUSES[change.what])


def foreseen(q: Queries, period: Period, rows: Iterable[DueRow], as_of: datetime | None = None) -> list[DueRow]:
    """The dues of a period that has not opened as people decided of them (by that moment)."""
    decided = q.decided_of_dues(period.key, as_of)
    return [_under(row, period, decided.get(row.agency, ())) for row in rows]


def _under(row: DueRow, period: Period, decisions: Iterable[Decision]) -> DueRow:
    for decision in decisions:
        until = datetime.fromisoformat(str(decision.after)) if decision.what == "extend" else None
        if until is None or until > period.due_at:
            number = str(decision.after) if decision.what == "paper" else ""
            change = DueChange(decision.what, decision.reason, decision.second, until, number)
            row = changed(row, period, change, after_cutoff=False)
    return row
