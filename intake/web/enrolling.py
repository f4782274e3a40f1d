"""A new roster brought to the console: first what it would change, then imported whole, or not at all.

Rules:

1. What was looked at is what is imported: the same text for the same day, and no other roster imported in between (``Stale``).
2. Only a lead imports; what a secretary brings waits for one. A roster that holds from a day already past changes what was owed:
   it waits for a second lead.
3. Who brought it, from which file, why, and who confirmed stand in the log beside it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from intake import decisions
from intake.decisions import Refused
from intake.desk import Desk
from intake.frozen_dues import Differing, differing, unknown_words
from intake.roster_file import digest
from intake.rules.roster import Change, Roster, Unknown, diff, parse_roster
from intake.web.access import Visitor
from storage.errors import Stale
from storage.queries import Queries
from storage.records import Json

KIND = "roster"  # of a proposal


@dataclass(frozen=True, slots=True)
class Draft:
    """A roster that could be imported, and what it was compared with."""

    csv: str
    name: str  # of the file
    effective: date
    against: int  # number of the roster imported last, 0 for none

    @property
    def packed(self) -> str:
        """Its text as a field of a form, untouched by line ends."""
        return base64.b64encode(self.csv.encode()).decode()


@dataclass(frozen=True, slots=True)
class Agencies:
    """What changes for one agency."""

    code: str
    name: str
    kind: str  # added | removed | changed
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a draft would change."""

    rows: tuple[Agencies, ...]
    total: int  # agencies of the new roster
    unknown: tuple[Unknown, ...]
    open_dues: tuple[Differing, ...]  # of periods open already, that the roster would have otherwise
    later: date | None  # from when another roster holds

    def count(self, kind: str) -> int:
        """How many agencies are added, removed or changed."""
        return sum(row.kind == kind for row in self.rows)


@dataclass(frozen=True, slots=True)
class Imported:
    """One roster the log knows."""

    effective: date
    at: datetime | None
    actor: str
    said: Mapping[str, object]  # reason, second, file
    sha256: str


def unpacked(text: str) -> str:
    """The text of a field. Raises ``Refused``."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("roster_field") from None


def last(q: Queries) -> int:
    """The number of the roster imported last."""
    known = q.rosters()
    return known[-1].id if known else 0


def look(desk: Desk, q: Queries, draft: Draft) -> Look:
    """What importing it would change. Raises ``RosterError``."""
    new, old = parse_roster(draft.csv), desk.roster(q, day=draft.effective)
    by_code: dict[str, list[Change]] = {}
    for change in diff(old, new):
        by_code.setdefault(change.code, []).append(change)
    later = min((one.effective for one in q.rosters() if one.effective > draft.effective), default=None)
    rows = tuple(Agencies(code, _name(new, old, code), found[0].kind, tuple(found)) for code, found in by_code.items())
    open_dues = differing(desk, q, draft.csv, draft.effective)
    return Look(rows, len(new.codes), unknown_words(desk, new), open_dues, later)


def _name(new: Roster, old: Roster, code: str) -> str:
    row = new.latest(code) or old.latest(code)
    return row.name if row else code


def waits(desk: Desk, visitor: Visitor, draft: Draft) -> bool:
    """Whether somebody else must confirm (rule 2)."""
    return not visitor.may("dues") or draft.effective < desk.calendar.day(desk.clock.now())


def bring(desk: Desk, draft: Draft, reason: str, second: str | None = None) -> None:
    """Import it. Raises ``RosterError``, ``Stale``."""

    def unchanged(q: Queries) -> None:
        if last(q) != draft.against:
            raise Stale("roster")

    said = {"reason": reason, "file": draft.name} | ({"second": second} if second else {})
    decisions.import_roster(desk, draft.csv, draft.effective, digest(draft.csv), unchanged=unchanged, said=said)


def proposal(desk: Desk, draft: Draft, reason: str) -> tuple[str, Json]:
    """What a proposal is known by, and what it keeps."""
    return f"{KIND}:{digest(draft.csv)[:12]}", {
        "by": desk.actor,
        "action": KIND,
        "reason": reason,
        "file": draft.name,
        "csv": draft.csv,
        "effective": draft.effective.isoformat(),
        "against": draft.against,
    }


def kept(said: Mapping[str, object]) -> Draft:
    """The draft a proposal keeps."""
    effective = date.fromisoformat(str(said["effective"]))
    return Draft(str(said["csv"]), str(said["file"]), effective, int(str(said["against"])))


def history(q: Queries, most: int = 12) -> tuple[Imported, ...]:
    """The rosters imported, the latest first, with whoever brought them."""
    found = []
    for version in reversed(q.rosters()[-most:]):
        entry = q.entry(version.seq)
        said = entry.payload if entry and entry.payload else {}
        found.append(Imported(version.effective, version.at, entry.actor if entry else "", said, version.sha256))
    return tuple(found)
