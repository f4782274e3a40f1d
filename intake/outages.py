"""Outages of our own mailbox across a cutoff: whoever sent in time and could not get through is proposed for a deemed receipt.

Rules (plan, fact 7: receipt times are never edited):

1. An outage begins with the last pass that reached everything before one that did not, and ends with the next that does.
   A service that merely stood still is none: the mail server goes on receiving and says when.
2. A report judged late counts as held up when its due moment lies inside an outage, it came during it or within a day
   after, and the sender dated it before the cutoff. It is shown to a person with that moment, once: never applied.
3. Until a person has decided, no letter calls it late: it came, and its moment is looked at.
4. A person confirms with ``decide --deemed-at`` (and a second person), or leaves the verdict with any other decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from intake.desk import Desk
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Mail, ReviewItem, Submission, Verdict

KIND = "own_outage"  # of the review item, and its reason
OPEN, PAST = "mailbox_outage", "mailbox_outages"  # in the ledger: the one going on, and those that ended
HELD_UP = timedelta(days=1)  # how long after its end a mail may still have been under way because of it
KEPT = 20  # ended outages remembered

Span = tuple[datetime, datetime]


def note_trouble(desk: Desk) -> None:
    """A pass did not reach the mailbox: an outage since the last one that did, noted once."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        if q.meta(OPEN):
            return
        last = q.meta("last_good_poll")
    with desk.write(now) as tx:
        tx.set_meta(OPEN, {"began": str(last["ended"]) if last else now.isoformat()})


def note_end(tx: Tx, now: datetime) -> None:
    """A pass reached everything: whatever outage there was is over."""
    if going_on := tx.meta(OPEN):
        past = [*(tx.meta(PAST) or []), {"began": going_on["began"], "ended": now.isoformat()}]
        tx.set_meta(PAST, past[-KEPT:])
        tx.set_meta(OPEN, None)


def propose(desk: Desk) -> int:
    """Ask a person about every report an outage may have held up; how many there were."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        spans = [span for span in _past(q) if now <= span[1] + 2 * HELD_UP]
        held = [found for span in spans for found in _held_up(q, span)]
    for span, mail, submission, verdict in held:
        detail = {
            "agency": verdict.agency,
            "receipt": verdict.receipt or "",
            "deemed_at": mail.sent_at.isoformat() if mail.sent_at else "",
            "outage": [moment.isoformat() for moment in span],
        }
        with desk.write(now) as tx:
            tx.open_review(ReviewItem(KIND, KIND, mail_id=mail.id, submission_id=submission.id, detail=detail))
    return len(held)


def held_up(q: Queries, mail: Mail, verdict: Verdict) -> bool:
    """Whether an outage, past or going on, may be why this report is late, and nobody has decided yet."""
    going_on = q.meta(OPEN)
    spans = [*_past(q), *([(datetime.fromisoformat(str(going_on["began"])), verdict.received_at)] if going_on else [])]
    return any(_may_be_why(span, mail, verdict) for span in spans) and not any(
        item.kind == KIND and item.closed_at for item in q.reviews(open_only=False, mail_id=mail.id)
    )


def settle(tx: Tx, mail_id: int) -> None:
    """A person has decided on the mail: nothing is proposed for it any more."""
    for item in tx.reviews(open_only=True, mail_id=mail_id):
        if item.kind == KIND:
            tx.close_review(item.id, item.version, "decided")


def _past(q: Queries) -> list[Span]:
    return [
        (datetime.fromisoformat(str(x["began"])), datetime.fromisoformat(str(x["ended"]))) for x in q.meta(PAST) or []
    ]


def _held_up(q: Queries, span: Span) -> Iterator[tuple[Span, Mail, Submission, Verdict]]:
    """Reports late for a moment inside the outage, dated before it, that nobody was asked about yet."""
    began, ended = span
    for period in q.periods(since=began - HELD_UP, until=ended + HELD_UP):
        for submission, verdict in q.verdicts(period.key):
            mail = q.mail(submission.mail_id) if verdict.timing == "late" else None
            if mail is None or not _may_be_why(span, mail, verdict):
                continue
            if not any(item.kind == KIND for item in q.reviews(open_only=False, mail_id=mail.id)):
                yield span, mail, submission, verdict


def _may_be_why(span: Span, mail: Mail, verdict: Verdict) -> bool:
    """Whether it was dated before a cutoff inside the outage and came during it or within a day after."""
    (began, ended), due, sent = span, verdict.due_at, mail.sent_at
    if verdict.timing != "late" or due is None or sent is None:
        return False
    return began <= due <= ended and sent <= due and verdict.received_at <= ended + HELD_UP
