"""The roster: who owes what, since when, and who writes from which address.

Rules:

1. Validity is inclusive on both days, empty = open; one code may have several rows, never two on one day; addresses and
   reports may carry their own dates. All by day of the office's time zone.
2. An address belongs to one agency on any day: two would be a guess ("the full address decides").
3. An agency owes a period if its obligation is valid at the cutoff moment and on the last day of the data window before it.
4. Protocol order: the ``order`` column, then the order of the file.
5. Nothing knows levels: parents, ``reports_to`` and successors are data; a parent without a row is the root.

The file's grammar lies in ``roster_csv``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property

from intake.rules import names
from intake.rules.roster_csv import RosterError, read_agencies
from intake.rules.schedule import DAY
from intake.rules.values import Agency, Dated, Period

__all__ = ["Change", "Roster", "RosterError", "Unknown", "diff", "on_day", "parse_roster", "shown", "unknown", "valid"]
_OF_ROW = frozenset({"valid_from", "valid_to", "order"})  # what two rows of one agency differ in anyway
_LETTERHEADS_KEPT = 4096  # answers remembered; a forwarder's million different letterheads must not fill the memory


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two rosters."""

    kind: str  # added | removed | changed
    code: str
    field: str = ""  # changed: which column
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word of a roster that names nothing there is: it is kept, and does nothing."""

    column: str  # reports | not_applicable
    text: str
    agencies: tuple[str, ...]  # codes that have it


class Roster:
    """All agencies through time. Immutable; ``agencies`` are the rows in protocol order."""

    def __init__(self, agencies: Iterable[Agency] = ()) -> None:
        self.agencies: tuple[Agency, ...] = tuple(sorted(agencies, key=lambda a: a.order))
        self._rows: dict[str, list[Agency]] = {}
        self._addresses: dict[str, list[tuple[Agency, Dated]]] = {}
        for row in self.agencies:
            self._rows.setdefault(row.code, []).append(row)
            for dated in row.addresses:
                self._addresses.setdefault(dated.text, []).append((row, dated))
        self._keys = {row: names.variants((row.name, *row.aliases)) for row in self.agencies}
        self._letterheads: dict[tuple[str, date | None], tuple[str, ...]] = {}

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of all rows."""
        return hashlib.sha256(repr(self.agencies).encode()).hexdigest()[:12]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code once, in protocol order."""
        return tuple(self._rows)

    def get(self, code: str, day: date) -> Agency | None:
        """The row of that agency in force on that day."""
        return next((row for row in self._rows.get(code, ()) if valid(row, day)), None)

    def latest(self, code: str) -> Agency | None:
        """The agency's row in force last, also when it has ended; None for an unknown code."""
        return max(self._rows.get(code, ()), key=lambda row: row.valid_to or date.max, default=None)

    def row(self, code: str, day: date) -> Agency | None:
        """The same, or the row in force last: a frozen due stays the agency's, also when it has ended meanwhile."""
        return self.get(code, day) or self.latest(code)

    def addresses(self, code: str, day: date) -> tuple[str, ...]:
        """The agency's addresses in force on that day, the first one first."""
        row = self.get(code, day)
        return tuple(a.text for a in row.addresses if valid(a, day)) if row else ()

    def by_address(self, address: str, day: date) -> Agency | None:
        """Whose full address it is on that day."""
        holders = self._addresses.get(address.strip().lower(), ())
        return next((row for row, dated in holders if valid(row, day) and valid(dated, day)), None)

    def reports(self, code: str, day: date) -> tuple[str, ...]:
        """The report types the agency owes on that day."""
        row = self.get(code, day)
        return tuple(r.text for r in row.reports if valid(r, day)) if row else ()

    def reports_at_last(self, code: str, day: date) -> tuple[str, ...]:
        """What the agency owes on that day; of one that has ended by then, what it owed on its last day."""
        last = self.latest(code)
        ended = last is not None and last.valid_to is not None and last.valid_to < day
        return self.reports(code, last.valid_to if ended and last and last.valid_to else day)

    def formerly(self, address: str, day: date) -> str | None:
        """The agency whose address it was before that day, the latest of several; None for one that is somebody's, or never was."""
        text = address.strip().lower()
        if self.by_address(text, day):
            return None
        ends = (
            (min(row.valid_to or date.max, one.valid_to or date.max), row) for row, one in self._addresses.get(text, ())
        )
        past = [(end, row.code) for end, row in ends if end < day]
        return max(past)[1] if past else None

    def owes(self, code: str, report_type: str, period: Period) -> bool:
        """Whether the agency owes that period (rule 3)."""
        due_day = period.due_day or period.cutoff_day
        last = min(period.window_to, period.cutoff_day - DAY)
        return report_type in self.reports(code, due_day) and report_type in self.reports(code, last)

    def expected(self, period: Period) -> tuple[str, ...]:
        """Every agency that owes the period, in protocol order."""
        return tuple(code for code in self._rows if self.owes(code, period.type, period))

    def reports_to(self, child: str, parent: str, day: date) -> bool:
        """Whether the child reports to the parent on that day, directly or through others."""
        seen: set[str] = set()
        above = self.get(child, day)
        while above and above.code not in seen:
            seen.add(above.code)
            if above.reports_to == parent:
                return True
            above = self.get(above.reports_to, day)
        return False

    def succeeds(self, successor: str, code: str) -> bool:
        """Whether the first agency is named as a successor of the second."""
        return any(successor in row.successors for row in self._rows.get(code, ()))

    def heir(self, code: str, day: date) -> str:
        """The one agency that came after one that has ended by that day; "" while it stands, and where there is none or more than one."""
        last = None if self.get(code, day) else self.latest(code)
        after = [one for one in last.successors if self.get(one, day)] if last else []
        return after[0] if len(after) == 1 else ""

    def by_name(self, text: str, day: date | None) -> tuple[str, ...]:
        """The agencies whose letterhead this is, of those in force that day (None: of any day); several are no guess."""
        known = self._letterheads.get((text, day))
        if known is None:
            if len(self._letterheads) >= _LETTERHEADS_KEPT:
                self._letterheads.clear()
            known = self._letterheads[text, day] = self._by_name(names.key(text), day)
        return known

    def _by_name(self, text: names.Key, day: date | None) -> tuple[str, ...]:
        rows = [row for row in self.agencies if day is None or valid(row, day)]
        exact = [row for row in rows if text in self._keys[row]]
        if not exact and text:
            everyone = {k for row in rows for k in self._keys[row]}
            exact = [
                row for row in rows if names.is_letterhead_of(text, self._keys[row], self._parent_keys(row), everyone)
            ]
        return tuple(dict.fromkeys(row.code for row in exact))

    def _parent_keys(self, row: Agency) -> frozenset[names.Key]:
        parents = {row.parent, row.reports_to} - {row.code}
        return frozenset(k for code in parents for above in self._rows.get(code, ()) for k in self._keys[above])

    def by_number(self, number: str, day: date) -> tuple[str, ...]:
        """The agencies a document number names: "123/BC-SNV" → SNV."""
        tail = {names.compact(part) for part in number.partition("/")[2].replace("/", "-").split("-")} - {""}
        rows = [row for row in self.agencies if valid(row, day)]
        return tuple(row.code for row in rows if tail & {names.compact(n) for n in (row.code, *row.aliases)})


def parse_roster(csv_text: str) -> Roster:
    """The roster of the contract's CSV. Raises ``RosterError`` with every problem and its line."""
    return Roster(read_agencies(csv_text))


def valid(thing: Agency | Dated, day: date) -> bool:
    """Whether it is in force on that day; both ends inclusive, None = open."""
    return (thing.valid_from or date.min) <= day <= (thing.valid_to or date.max)


def unknown(roster: Roster, report_types: Container[str], lines: Container[str]) -> tuple[Unknown, ...]:
    """The report types nobody configured and the lines no form has, each with the agencies that name it."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in roster.agencies:
        odd = [("reports", one.text) for one in row.reports if one.text not in report_types]
        odd += [("not_applicable", key) for key in row.not_applicable if key not in lines]
        for one in odd:
            found.setdefault(one, {})[row.code] = None
    return tuple(Unknown(*one, tuple(codes)) for one, codes in found.items())


def on_day(row: Agency, day: date) -> Agency:
    """The row with the addresses and reports in force that day alone."""
    addresses, reports = (tuple(one for one in many if valid(one, day)) for many in (row.addresses, row.reports))
    return replace(row, addresses=addresses, reports=reports)


def diff(old: Roster, new: Roster) -> tuple[Change, ...]:
    """What a new roster would change, agency by agency."""
    changes: list[Change] = []
    for code in dict.fromkeys((*old.codes, *new.codes)):
        before = [row for row in old.agencies if row.code == code]
        after = [row for row in new.agencies if row.code == code]
        if len(before) == len(after):
            changes += [c for pair in zip(before, after, strict=True) for c in _row_changes(*pair)]
        elif not before or not after:
            row = (before or after)[0]
            changes.append(
                Change(
                    "added" if after else "removed",
                    code,
                    before=row.name if before else "",
                    after=row.name if after else "",
                )
            )
        else:
            changes.append(Change("changed", code, "rows", _spans(before), _spans(after)))
            changes += [c for row in after for c in _since_before(before, row)]
    return tuple(changes)


def _row_changes(before: Agency, after: Agency) -> list[Change]:
    pairs = [(f.name, shown(getattr(before, f.name)), shown(getattr(after, f.name))) for f in fields(Agency)]
    return [Change("changed", before.code, name, a, b) for name, a, b in pairs if a != b]


def _since_before(before: list[Agency], row: Agency) -> list[Change]:
    """What a row says otherwise than the agency's row in force on its first day until now, with the days it says so."""
    held = next((one for one in before if valid(one, row.valid_from or date.min)), before[0])
    told = [change for change in _row_changes(held, row) if change.field not in _OF_ROW]
    return [replace(change, after=f"{change.after}[{_spans([row])}]") for change in told]


def shown(value: object) -> str:
    """A cell as the file would have it: lists with semicolons, dates in brackets."""
    if isinstance(value, tuple):
        return ";".join(shown(item) for item in value)
    if isinstance(value, Dated):
        dates = f"[{shown(value.valid_from)}..{shown(value.valid_to)}]" if value.valid_from or value.valid_to else ""
        return value.text + dates
    return "" if value is None else str(value)


def _spans(rows: list[Agency]) -> str:
    return ";".join(f"{shown(row.valid_from)}..{shown(row.valid_to)}" for row in rows)
