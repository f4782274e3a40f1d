"""The names of the clock's steps: opened, reminder:D-1 14:00, closed, missing, digest-provisional, digest.

Rules:

1. A step belongs to a due moment. At the moment a period opened with it bears its plain name; once the period was moved for
   everybody, the name is followed by ``@`` and the new moment: what was moved is reminded of, closed and told anew.
2. A due moved on its own (an extension) has steps of its own: ``missing:STC:2017-07-24T09:00:00+00:00``.
3. A due a person opened again after the notices of its period went has a step of its own: ``missing:STC:reopened:311``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from intake.rules.values import DueState, Period
from storage.queries import Queries


def is_moved(q: Queries, period: Period) -> bool:
    """Whether the period's due moment is another one than when it opened."""
    opened = q.opening(period.key)
    return opened is not None and opened.due_at != period.due_at


def of_period(q: Queries, period: Period, name: str) -> str:
    """The name of a step of a period at the moment it is due now."""
    return f"{name}@{_iso(period.due_at)}" if is_moved(q, period) else name


def of_due(due: DueState, name: str) -> str:
    """The name of a step of one due moved on its own."""
    return f"{name}:{due.agency}:{_iso(due.due_at)}"


def of_reopened(due: DueState, seq: int) -> str:
    """The name of the notice of a due opened again by the decision at that place of the log."""
    return f"missing:{due.agency}:reopened:{seq}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
