"""What waits for a person: the cutoff it is about decides the order, oldest first; else when the mail came, as one nobody could open."""

from __future__ import annotations

from datetime import datetime

from intake.asking import Times
from intake.board import NoSuchPeriod, period_of
from intake.desk import Desk
from storage.queries import Queries
from storage.records import Json, ReviewItem


def proposed(item: ReviewItem) -> datetime | None:
    """The moment proposed as the deemed receipt (``intake.outages``), None where nothing is."""
    moment = item.detail.get("deemed_at")
    return datetime.fromisoformat(str(moment)) if moment else None


def asked_of(desk: Desk, q: Queries, item: ReviewItem) -> datetime | None:
    """The cutoff a proposal about a due or a period would change, as it stands; None for other items."""
    said = item.detail
    if not (said.get("due") or said.get("whole")):
        return None
    due = q.due(str(said["period"]), str(said.get("agency")))
    try:
        return due.due_at if due else period_of(q, desk.calendar, str(said["period"])).due_at
    except NoSuchPeriod:  # the calendar has no such type any more
        return None


def queue_json(desk: Desk, q: Queries) -> Json:
    """``cchc.review/1``: open items, oldest cutoff first; what has none stands by when it came."""
    times = Times(desk)
    items, waiting = [], q.reviews(open_only=True)
    numbers = [item.mail_id for item in waiting if item.mail_id]
    mails, reports, words = q.mails_numbered(numbers), q.submissions_numbered(numbers), q.latest_words(numbers)
    for item in waiting:
        mail = mails.get(item.mail_id or 0)
        submissions, verdicts = reports.get(item.mail_id or 0, ()), words.get(item.mail_id or 0, ())
        held = [v for v in verdicts if v.outcome == "in_review"] or verdicts  # of two reports the one that waits
        due_at = min((v.due_at for v in held if v.due_at), default=None) or asked_of(desk, q, item)
        items.append(
            {
                "id": item.id,
                "kind": item.kind,
                "reason": item.reason,
                "mail": str(mail.id) if mail else None,
                "from": mail.from_address if mail else None,
                "subject": mail.subject if mail else None,
                "received_at": times(mail.received_at) if mail else None,
                "agency": next((v.agency for v in held), None) or item.detail.get("agency") or None,
                "candidates": sorted({c for s in submissions for c in s.candidates}),
                "period": next((v.period for v in held), None) or item.detail.get("period") or None,
                "due_at": times(due_at),
                "proposed": times(proposed(item)),
                "answers": item.detail.get("answers") or None,
                "said": item.detail.get("said") or None,
                "opened_at": times(item.opened_at),
                "version": item.version,
            }
        )
    items.sort(key=lambda i: (str(i["due_at"] or i["received_at"] or "~"), str(i["received_at"])))
    return {"schema": "cchc.review/1", "items": items}
