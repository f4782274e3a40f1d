"""Outages of our own mailbox across a cutoff: whoever sent in time and could not get through is proposed for a deemed receipt.

Rules (plan, fact 7: receipt times are never edited):

1. An outage begins with the last pass that reached everything before one that did not, and ends with the next that does.
   A service that merely stood still is none: the mail server goes on receiving and says when.
2. A report that came after its due moment counts as held up when that moment lies inside an outage, it came during it or within a
   day after, and the sender dated it before the cutoff. Whether it is late is then unknown: its due is in review, no letter calls it
   late, and a person is asked, with that moment proposed, never applied.
3. A person settles it with ``decide --deemed-at`` (and a second person): the moment proposed, or the one it came at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache

from intake.desk import Desk
from intake.rules.judge import HELD_UP, HeldUp
from intake.rules.values import Claim
from storage.ledger import Tx
from storage.queries import BookEntry, Queries
from storage.records import ReviewItem, Verdict

KIND = HELD_UP  # of the review item, and its reason
OPEN, PAST = "mailbox_outage", "mailbox_outages"  # in the ledger: the one going on, and those that ended
UNDER_WAY = timedelta(days=1)  # how long after its end a mail may still have been under way because of it
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


def held_up(q: Queries, entries: Mapping[str, BookEntry]) -> HeldUp:
    """What the judge asks of a late claim: whether it was found held up before, or an outage, past or going on, may be why."""
    spans = cache(lambda: _spans(q))  # asked for once, and only where something is late

    def held_up(claim: Claim, due_at: datetime) -> bool:
        entry = entries[claim.ref]
        if entry.verdict and KIND in entry.verdict.notes and entry.verdict.due_at == due_at:
            return True
        if not any(_may_be_why(span, claim.received_at, due_at) for span in spans()):
            return False
        mail = q.mail(entry.submission.mail_id)
        return bool(mail and mail.sent_at and mail.sent_at <= due_at)

    return held_up


def ask(tx: Tx, entry: BookEntry, verdict: Verdict) -> None:
    """Keep what a person is asked as the new verdict has it: asked where a report is held up, and no longer where it is not."""
    doubted = KIND in verdict.notes
    if not doubted and not (entry.verdict and KIND in entry.verdict.notes):
        return
    waits = _asked(tx, entry)
    if doubted and not waits:
        mail = tx.mail(entry.submission.mail_id)
        detail = {
            "agency": verdict.agency,
            "receipt": verdict.receipt or "",
            "deemed_at": mail.sent_at.isoformat() if mail and mail.sent_at else "",
        }
        tx.open_review(ReviewItem(KIND, KIND, entry.submission.mail_id, entry.submission.id, detail))
    for item in waits if not doubted else ():
        tx.close_review(item.id, item.version, "settled")


def _asked(tx: Tx, entry: BookEntry) -> list[ReviewItem]:
    items = tx.reviews(open_only=True, mail_id=entry.submission.mail_id)
    return [item for item in items if item.kind == KIND and item.submission_id == entry.submission.id]


def past(q: Queries) -> Iterator[Span]:
    """Outages that ended, oldest first."""
    for x in q.meta(PAST) or []:
        yield datetime.fromisoformat(str(x["began"])), datetime.fromisoformat(str(x["ended"]))


def _spans(q: Queries) -> list[tuple[datetime, datetime | None]]:
    """Those that ended, and the one going on."""
    going_on = q.meta(OPEN)
    return [*past(q), *([(datetime.fromisoformat(str(going_on["began"])), None)] if going_on else [])]


def _may_be_why(span: tuple[datetime, datetime | None], received_at: datetime, due_at: datetime) -> bool:
    """Whether the due moment lies inside an outage, and the mail came during it or within a day after."""
    began, ended = span
    return began <= due_at <= (ended or received_at) and (ended is None or received_at <= ended + UNDER_WAY)
