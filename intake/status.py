"""How things stand: mailbox against ledger, last good poll, outbox, mails set aside, next cutoffs, and what is alarming."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.asking import Times
from intake.completeness import Completeness, completeness
from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from intake.roster_file import differs
from intake.rules import near
from storage.queries import Queries
from storage.records import Json

POLL_TOO_OLD = timedelta(minutes=10)
LETTER_TOO_OLD = timedelta(hours=1)


def status_json(desk: Desk) -> Json:
    """``cchc.status/1``. The mailbox is asked; when it does not answer, that is an alarm and ``server`` is null."""
    now = desk.clock.now()
    alarms: list[Json] = []
    standing: Completeness | None = None
    try:
        standing = completeness(desk)
    except MailboxError as error:
        alarms.append({"what": "mailbox_unreachable", "detail": str(error)})
    with desk.ledger.read() as q:
        alarms += _alarms(desk, q, now, standing)
        poll = q.meta("last_good_poll")
        states = q.state_counts()
        outbox = q.outbox_counts()
        return {
            "schema": "cchc.status/1",
            "at": Times(desk)(now),
            "mailbox": {
                "server": standing.server if standing else None,
                "ledger": q.sighting_count(),
                "mails": sum(states.values()),
                "states": states,
            },
            "last_good_poll": Times(desk)(datetime.fromisoformat(str(poll["ended"]))) if poll else None,
            "outbox": {name: outbox.get(name, 0) for name in ("pending", "unknown", "failed")},
            "set_aside": states.get("set_aside", 0),
            "next_cutoffs": next_cutoffs(desk, q, now),
            "confinement": list(desk.box.confinement().notes),
            "alarms": alarms,
        }


def _alarms(desk: Desk, q: Queries, now: datetime, standing: Completeness | None) -> list[Json]:
    alarms: list[Json] = []
    if silence := _no_good_poll(desk, q, now):
        alarms.append({"what": "no_good_poll", "detail": silence})
    if standing and not standing.agrees:
        new = f" ({standing.fresh} of them new)" if standing.fresh else ""
        alarms.append(
            {
                "what": "ledger_disagrees",
                "detail": f"{standing.server} mails on the server{new}, {standing.ledger} in the ledger: cchc reconcile",
            }
        )
    waiting = [x for x in q.letters(state="pending") if x.created_at and now - x.created_at > LETTER_TOO_OLD]
    if waiting:
        alarms.append({"what": "letter_waits", "detail": f"{len(waiting)} letters wait for over an hour"})
    if failed := q.outbox_counts().get("failed", 0):
        alarms.append({"what": "letter_failed", "detail": f"{failed} letters could not be delivered"})
    if aside := q.state_counts().get("set_aside", 0):
        alarms.append({"what": "set_aside", "detail": f"{aside} mails set aside: cchc review, cchc retry"})
    if differs(desk.settings.roster_file, q):
        alarms.append(
            {
                "what": "roster_differs",
                "detail": "the roster file differs from the ledger: cchc roster diff, cchc roster import",
            }
        )
    return alarms


def _no_good_poll(desk: Desk, q: Queries, now: datetime) -> str | None:
    """Since when no pass over the mailbox has reached everything; None while that is recent, or the ledger is young."""
    poll = q.meta("last_good_poll")
    first = q.entries(limit=1)
    since = datetime.fromisoformat(str(poll["ended"])) if poll else first[0].at if first else now
    if now - since <= POLL_TOO_OLD:
        return None
    return (
        f"last good poll ended {Times(desk)(since)}"
        if poll
        else f"no good poll since the ledger began {Times(desk)(since)}"
    )


def next_cutoffs(desk: Desk, q: Queries, now: datetime) -> list[Json]:
    """The next cutoff of each report type."""
    calendar = desk.calendar_of(q)
    times = Times(desk)
    coming = [p for t in calendar.types if (p := near.coming(calendar, t.type, now))]
    return [{"period": p.key, "due_at": times(p.due_at)} for p in sorted(coming, key=lambda p: p.due_at)]
