"""Mails of an agency that a person has still to look at: any of them may be the report that seems missing, so nobody is accused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from intake.letters import mail_receipt
from intake.rules import near
from intake.rules.calendar import Calendar
from intake.rules.values import Period
from notifier.facts import WaitingFact
from storage.queries import Queries

_NO_FILE = ("enclosure", "copy")


def waiting_mails(
    q: Queries, calendar: Calendar, agency: str, periods: Iterable[Period], now: datetime
) -> tuple[WaitingFact, ...]:
    """Those received since the data window of the first of these periods began, that made no report of any due."""
    since = near.midnight(calendar, min(period.window_from for period in periods))
    return tuple(
        WaitingFact(
            mail.received_at,
            mail_receipt(mail),
            tuple(part.name for part in q.parts(mail.id) if part.outcome not in _NO_FILE),
        )
        for mail in q.unsettled_mails(agency, since, now)
        if not q.submissions(mail.id)
    )
