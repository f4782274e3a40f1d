"""Mails our reader set aside whole: nobody knows what stands in them, so any may be its agency's report for any due of that time.

Rules:

1. Until such a mail is opened, or a person has said that it holds no report, it stands on each of these dues as a revision without a
   verdict: what our side could not read is in review, and no agency's fault.
2. It may be for every period whose data window had begun and whose predecessor's cutoff had passed when the mail came, up to the
   cutoff of the period after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from intake.rules import near
from intake.rules.calendar import Calendar
from intake.rules.values import Period, Revision
from storage.queries import Queries
from storage.receipts import mail_receipt

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def span_of(calendar: Calendar, period: Period) -> tuple[datetime, datetime | None]:
    """From when, and before which moment, a mail may have come that is for this period; None: no later period is known."""
    first, before = near.midnight(calendar, period.window_from), near.before(calendar, period)
    following = near.coming(calendar, period.type, period.due_at + SECOND)
    return max(first, before.due_at + SECOND) if before else first, following.due_at if following else None


def unopened(
    q: Queries, calendar: Calendar, period: Period, as_of: datetime | None = None, received_by: datetime | None = None
) -> dict[str, list[Revision]]:
    """Agency → its mails that stood aside at that moment and may be for this period, as revisions nobody has judged."""
    if not (aside := q.aside(as_of)):
        return {}
    since, until = span_of(calendar, period)
    found: dict[str, list[Revision]] = {}
    for mail, agency in aside:
        at = mail.received_at
        if since <= at and (until is None or at < until) and (received_by is None or at <= received_by):
            late = calendar.late_seconds(at, period.due_at)
            revision = Revision(str(mail.id), mail_receipt(mail.sha256), 0, at, late, "in_review", False, False)
            found.setdefault(agency, []).append(revision)
    return found
