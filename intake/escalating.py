"""The ladder after a notice: whoever misses period after period is written of to somebody higher, as configured.

Rules ([notify].escalation, "2 head", "3 secretariat"):

1. Counted are periods of one report type missed in a row, this one included; an agency with a mail that still waits for a person,
   and a due moved to a moment still ahead, climb nothing.
2. ``head``: a letter to the agency's ``head_address``; recorded as withheld where the roster has none.
3. ``secretariat``: one letter a period with all the agencies on that rung.
4. On a day off nothing climbs: the step is taken on the next working day, with the notices it follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.board import board_of
from intake.book import Law
from intake.desk import Desk
from intake.digests import lines
from intake.outgoing import put_out
from intake.owing import owed_fact, recent_periods, streak
from intake.rules.roster import valid
from intake.rules.values import DueState, Period
from intake.waiting import waiting_in, waiting_mails
from notifier.facts import MissingFacts
from notifier.facts_of_many import EscalationFacts
from storage.ledger import Tx
from storage.records import Letter

Owed = Sequence[tuple[Period, DueState]]


def climb(desk: Desk, tx: Tx, law: Law, missing: Mapping[str, Owed], now: datetime) -> list[Letter]:
    """The letters owed beside the notices to these agencies."""
    found: list[Letter] = []
    higher: dict[str, list[str]] = {}  # period → agencies on the secretariat's rung
    for agency, items in missing.items():
        for period, due in items:
            row = _missed(desk, tx, law, agency, period, now)
            for rung in desk.settings.notify.escalation:
                if row >= rung.after and rung.to == "head":
                    found.append(_to_head(desk, tx, law, period, due, row, now))
                elif row >= rung.after:
                    higher.setdefault(period.key, []).append(agency)
    periods = {period.key: period for items in missing.values() for period, _ in items}
    found += [_to_secretariat(desk, tx, law, periods[key], agencies, now) for key, agencies in higher.items()]
    return found


def _missed(desk: Desk, tx: Tx, law: Law, agency: str, period: Period, now: datetime) -> int:
    """How many periods of that type it has missed in a row; 0 while one of its mails may be the report."""
    report_type = desk.report_type(period.type)
    if report_type is None or waiting_mails(tx, law.calendar, agency, [period], now):
        return 0
    recent = recent_periods(tx, law, report_type, period.due_at)
    return streak(tx, law, agency, period, recent, now, waiting_in(tx, law.calendar, recent, now))[0]


def _to_head(desk: Desk, tx: Tx, law: Law, period: Period, due: DueState, row: int, now: datetime) -> Letter:
    agency = law.roster.row(due.agency, law.calendar.day(now))
    facts = MissingFacts(
        agency_name=agency.name if agency else due.agency,
        at=now,
        items=(owed_fact(desk, period, due, now),),
        agency=due.agency,
        mailbox=desk.office.mailbox_address,
        streak=row,
        to_head=True,
    )
    to = (agency.head_address,) if agency and agency.head_address and valid(agency, law.calendar.day(now)) else ()
    about = f"due:{period.key}/{due.agency}"
    said = {**facts.to_json(), "periods": [period.key]}
    return put_out(desk, tx, Letter("escalation", about, to, said, agency=due.agency, period=period.key))


def _to_secretariat(desk: Desk, tx: Tx, law: Law, period: Period, agencies: Sequence[str], now: datetime) -> Letter:
    board = board_of(desk, tx, period.key, now)
    told = tuple(line for line in lines(desk, tx, law, board, period, now) if line.agency in agencies)
    facts = EscalationFacts(period.type, period.key, now, period.due_at, told)
    to = desk.settings.notify.secretariat
    about = f"period:{period.key}"
    said = {**facts.to_json(), "periods": [period.key]}
    return put_out(desk, tx, Letter("escalation", about, tuple(to), said, period=period.key))
