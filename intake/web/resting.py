"""What kept classes rest on beside the ledger, and which of them another calendar may have changed.

Rules:

1. The dates of a period stand in the ledger and are judged there; a class itself asks the calendar only whether a receipt met its
   moment (``at_cutoff``, ``grace_seconds``) and where the cure window ends: that hour of the next working day.
2. So another hour of a type, or another grace, throws away the classes of that type; another day off those of the dues a cure window
   of which it could lie in; anything else in the calendar none at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from intake.book import RULES_VERSION
from intake.rules.calendar import Calendar
from intake.rules.schedule import DAY
from storage.queries import Queries
from storage.records import Json

_WINDOW = 366 * DAY  # no working day is looked for further than that
_ZONES = 2 * DAY  # a local day begins and ends within these


@dataclass(frozen=True, slots=True)
class Gone:
    """Periods the classes of which no longer hold; ``everything``: of all there are."""

    everything: bool
    periods: frozenset[str] = frozenset()


def basis(calendar: Calendar) -> Json:
    """What classes rest on, plain values: equal ones mean equal classes wherever the ledger is equal."""
    rules = calendar.rules
    types = {
        kind.type: [calendar.rule(kind), kind.cure_until.isoformat() if kind.cure_until else ""]
        for kind in calendar.types
    }
    days = {
        "off": _texts(rules.days_off),
        "worked": _texts(rules.days_worked),
        "holidays": _texts(rules.holidays),
    }
    return {"rules": RULES_VERSION, "timezone": rules.timezone, "types": types, "days": days}


def gone(q: Queries, before: object, now: Json) -> Gone:
    """What no longer holds of the classes kept by what stood ``before``."""
    if not isinstance(before, dict) or any(before.get(name) != now[name] for name in ("rules", "timezone")):
        return Gone(everything=True)
    changed = {name for name, said in now["types"].items() if before["types"].get(name) != said}
    cured = {name for name, (_, cure) in now["types"].items() if cure} - changed
    spans = _spans(_changed_days(before["days"], now["days"]))
    return Gone(everything=False, periods=q.periods_of_types(changed) | q.periods_due_in(cured, spans))


def _texts(days: Iterable[date]) -> list[str]:
    return sorted(map(str, days))


def _changed_days(before: Json, now: Json) -> list[date]:
    return sorted({date.fromisoformat(day) for name in now for day in {*before[name]} ^ {*now[name]}})


def _spans(days: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """Where a due may lie whose cure window reaches to one of these days."""
    found: list[tuple[datetime, datetime]] = []
    for day in days:
        last = datetime.combine(day, time(), tzinfo=UTC) + _ZONES
        first = last - _WINDOW - 2 * _ZONES
        if found and first <= found[-1][1]:
            first = found.pop()[0]
        found.append((first, last))
    return found
