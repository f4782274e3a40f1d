"""What is told of a roster beside its changes: words it has that nothing knows, and what it would have of periods that are open already.

The dues of an open period stay frozen, so a person is told what differs and how to change it.

Rules: only periods whose due moment is still to come; an agency that would no longer owe one has its due made not applicable, one that
would owe it is given its due (``cchc due … --reopen``), both by name, with a reason, in the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intake.board import period_of
from intake.book import law_of
from intake.desk import Desk, parsed_roster
from intake.rules.roster import Roster, Unknown, unknown
from storage.queries import Queries
from storage.read_dues import in_force
from storage.records import RosterVersion

STANDING = ("required", "extended")


@dataclass(frozen=True, slots=True)
class Differing:
    """A due of an open period that a roster would have otherwise."""

    period: str
    agency: str
    change: str  # not-applicable | reopen: the option of ``cchc due`` that makes it so


def differing(desk: Desk, q: Queries, csv: str, effective: date) -> tuple[Differing, ...]:
    """The dues of open periods that differ from what this roster expects, once it holds from that day."""
    rosters = q.rosters()
    newest = RosterVersion(csv, "", effective, id=1 + max((version.id for version in rosters), default=0))
    return tuple(_differing(desk, q, (*rosters, newest)))


def unknown_words(desk: Desk, roster: Roster) -> tuple[Unknown, ...]:
    """What a roster names that neither the configuration nor a form knows."""
    lines = {line.key for form in desk.forms.all() for line in form.lines}
    return unknown(roster, {one.type for one in desk.calendar.types}, lines)


def _differing(desk: Desk, q: Queries, versions: tuple[RosterVersion, ...]) -> Iterator[Differing]:
    now, calendar = desk.clock.now(), law_of(desk, q).calendar
    known = {report_type.type for report_type in calendar.types}
    for row in q.periods():
        if row.skipped or row.due_at <= now or row.type not in known:
            continue
        period = period_of(q, calendar, row.key)
        version = in_force(versions, period.due_day or period.cutoff_day)
        expected = parsed_roster(version.csv).expected(period) if version else ()
        dues = {due.agency: due.status for due in q.dues(row.key)}
        for agency, status in dues.items():
            if status in STANDING and agency not in expected:
                yield Differing(row.key, agency, "not-applicable")
        for agency in expected:
            if agency not in dues:
                yield Differing(row.key, agency, "reopen")
