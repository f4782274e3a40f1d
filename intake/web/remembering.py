"""An address a person found to be an agency's, put into the roster from today on.

Rules: only for an address no agency has that day; the whole roster is imported anew, so that who, when and from which version
stand in the log as for any other roster.
"""

from __future__ import annotations

import csv
import io

from intake import decisions
from intake.decisions import Refused
from intake.desk import Desk
from intake.roster_file import digest


def remember(desk: Desk, mail_id: int, agency: str) -> None:
    """Put the mail's address into the roster from today on, for the agency it was found to be of. Raises ``Refused``."""
    today = desk.calendar.day(desk.clock.now())
    with desk.ledger.read() as q:
        mail, version = q.mail(mail_id), q.roster(day=today)
        roster = desk.roster(q)
    if mail is None or version is None or "@" not in mail.from_address:
        raise Refused("address")
    if roster.by_address(mail.from_address, today) is not None:
        return
    wider = with_address(version.csv, agency, mail.from_address, today.isoformat())
    decisions.import_roster(desk, wider, today, digest(wider))


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
