"""An address a person found to be an agency's, put into the roster from today on.

Rules:

1. Only for an address no agency has that day; the whole roster is imported anew, so that who, when and from which version stand in
   the log as for any other roster.
2. A roster imported already for a later day gets it as well, from its own day on: unless it gives the address to somebody, or the
   agency has ended in it.
"""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date

from intake import decisions
from intake.decisions import Refused
from intake.desk import Desk, parsed_roster
from intake.roster_file import digest
from intake.rules.roster import RosterError
from storage.read_dues import in_force
from storage.records import RosterVersion


def remember(desk: Desk, mail_id: int, agency: str) -> None:
    """Put the mail's address into the roster from today on, for the agency it was found to be of. Raises ``Refused``."""
    today = desk.calendar.day(desk.clock.now())
    with desk.ledger.read() as q:
        mail, version, every = q.mail(mail_id), q.roster(day=today), q.rosters()
    if mail is None or version is None or "@" not in mail.from_address:
        raise Refused("address")
    _widen(desk, version, today, agency, mail.from_address, today)
    for day in sorted({one.effective for one in every if one.effective > today}):
        with suppress(Refused):
            _widen(desk, in_force(every, day), day, agency, mail.from_address, today)


def _widen(desk: Desk, version: RosterVersion | None, day: date, agency: str, address: str, since: date) -> None:
    """Import the roster with the address, in force from that day; nothing where somebody has it. Raises ``Refused``."""
    if version is None or parsed_roster(version.csv).by_address(address, day) is not None:
        return
    wider = with_address(version.csv, agency, address, since.isoformat())
    try:
        decisions.import_roster(desk, wider, day, digest(wider))
    except RosterError:
        raise Refused("address") from None  # it is somebody's on another day


def with_address(text: str, agency: str, address: str, since: str) -> str:
    """The roster with one more address for the agency's last row, in force from a day on."""
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    own = [row for row in rows if row["code"].strip() == agency]
    if not own:
        raise Refused("agency")
    own[-1]["addresses"] = ";".join(filter(None, (own[-1]["addresses"].strip(), f"{address}[{since}..]")))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
