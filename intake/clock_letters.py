"""Letters the clock owes to agencies: what one tick did, and how a letter about what is owed reaches those it is for.

Rules: a letter goes to every address the agency has registered that day; one that may not go is recorded as withheld, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from intake.book import Law
from intake.desk import Desk
from intake.outgoing import put_out
from intake.rules.values import DueState, Period
from storage.ledger import Tx
from storage.records import Letter

TOO_LATE = timedelta(days=7)  # a digest or a notice this long after its moment is recorded and not sent
Owed = list[tuple[Period, DueState]]


@dataclass(slots=True)
class Tick:
    """What one tick did."""

    at: datetime
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)


def name_on(law: Law, agency: str, moment: datetime) -> str:
    """What the agency is called that day, its code where the roster does not know it."""
    row = law.roster.row(agency, law.calendar.day(moment))
    return row.name if row else agency


def owed_letter(kind: str, about: str, agency: str, items: Owed, facts: dict[str, Any], *, too_late: bool) -> Letter:
    """A letter about what an agency owes, its addresses still to be found."""
    keys = [period.key for period, _ in items]
    withheld = "too_late" if too_late else None
    return Letter(kind, about, (), {**facts, "periods": keys}, withheld_because=withheld, agency=agency, period=keys[0])


def post(desk: Desk, tx: Tx, law: Law, letter: Letter, done: Tick) -> None:
    """A letter to every address the agency has registered that day; one without an address is recorded as such."""
    to = law.roster.addresses(letter.agency or "", law.calendar.day(done.at))
    done.letters.append(shown(put_out(desk, tx, replace(letter, to=tuple(to)))))


def shown(letter: Letter) -> dict[str, Any]:
    """A letter as ``cchc tick`` names it."""
    return {
        "kind": letter.kind,
        "about": (letter.period or letter.about) if letter.kind == "digest" else letter.about,
        "to": ", ".join(letter.to),
        "state": letter.state,
        "message_id": letter.message_id,
    }
