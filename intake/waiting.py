"""Mails of an agency that a person has still to look at: any of them may be the report that seems missing, so nobody is accused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from intake.letters import mail_receipt
from intake.rules import near
from intake.rules.calendar import Calendar
from intake.rules.values import Period
from notifier.facts import WaitingFact
from storage.queries import Queries

_NO_FILE = ("enclosure", "copy")
SECOND = timedelta(seconds=1)


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


def waiting_for(q: Queries, calendar: Calendar, period: Period, as_of: datetime) -> Counter[str]:
    """Agency → its mails that may hold the report of this period and waited at that moment.

    Looked at are those received from the first day of its data window to the cutoff of the period after it.
    """
    following = near.coming(calendar, period.type, period.due_at + SECOND)
    until = min(as_of + SECOND, following.due_at) if following else as_of + SECOND
    since = near.midnight(calendar, period.window_from)
    return Counter(
        str(mail.facts["sender"])
        for mail in q.waiting_mails(since, until, as_of)
        if mail.facts.get("sender") and not any(q.latest_verdict(s.id, as_of) for s in q.submissions(mail.id))
    )
