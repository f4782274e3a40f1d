"""How things stand: mailbox against ledger, last good poll, outbox, mails set aside, next cutoffs, and what is alarming."""

from __future__ import annotations

from datetime import datetime

from intake.alarms import Alarm, standing
from intake.asking import Times
from intake.completeness import Completeness, completeness
from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from intake.rules import near
from storage.queries import Queries
from storage.records import Json


def status_json(desk: Desk) -> Json:
    """``cchc.status/1``. The mailbox is asked; when it does not answer, that is an alarm and ``server`` is null."""
    now = desk.clock.now()
    alarms: list[Json] = []
    live: Completeness | None = None
    try:
        live = completeness(desk)
    except MailboxError as error:
        alarms.append({"what": "mailbox_unreachable", "detail": str(error)})
    with desk.ledger.read() as q:
        alarms += _alarms(desk, q, now, live)
        poll = q.meta("last_good_poll")
        states = q.state_counts()
        outbox = q.outbox_counts()
        return {
            "schema": "cchc.status/1",
            "at": Times(desk)(now),
            "mailbox": {
                "server": live.server if live else None,
                "ledger": q.sighting_count(),
                "mails": sum(states.values()),
                "states": states,
            },
            "last_good_poll": Times(desk)(datetime.fromisoformat(str(poll["ended"]))) if poll else None,
            "last_reconcile": _comparison(desk, q.meta("last_reconcile")),
            "last_scrub": _comparison(desk, q.meta("last_scrub")),
            "outbox": {name: outbox.get(name, 0) for name in ("pending", "unknown", "failed")},
            "set_aside": states.get("set_aside", 0),
            "next_cutoffs": next_cutoffs(desk, q, now),
            "confinement": list(desk.box.confinement().notes),
            "alarms": alarms,
        }


def _alarms(desk: Desk, q: Queries, now: datetime, live: Completeness | None) -> list[Json]:
    """The standing alarms; what was found at the last comparison gives way to what both sides say now."""
    found = [alarm for alarm in standing(desk, q, now) if live is None or alarm.what != "ledger_disagrees"]
    if live and not live.agrees:
        new = f" ({live.fresh} of them new)" if live.fresh else ""
        detail = f"{live.server} mails on the server{new}, {live.ledger} in the ledger: cchc reconcile"
        found.insert(0, Alarm("ledger_disagrees", detail))
    return [alarm.as_dict() for alarm in found]


def _comparison(desk: Desk, found: Json | None) -> Json | None:
    return found and {
        **found,
        **{name: Times(desk)(datetime.fromisoformat(str(found[name]))) for name in ("began", "ended")},
    }


def next_cutoffs(desk: Desk, q: Queries, now: datetime) -> list[Json]:
    """The next cutoff of each report type."""
    calendar = desk.calendar_of(q)
    times = Times(desk)
    coming = [p for t in calendar.types if (p := near.coming(calendar, t.type, now))]
    return [{"period": p.key, "due_at": times(p.due_at)} for p in sorted(coming, key=lambda p: p.due_at)]
