"""What is looked after beside the mails: vault and chain are walked along, the mailbox compared, tables looked at, alarms sounded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog

from intake.alarms import COMPARED, shown, sound
from intake.chain_walk import walk
from intake.completeness import completeness
from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from intake.retaining import retain
from intake.scrub import scrub
from storage.engine import tend

LOG = structlog.get_logger()
HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
TENDED = "last_tended"


def upkeep(desk: Desk, scrub_seconds: float) -> list[dict[str, Any]]:
    """Go on with the scrub and the walk for so long each, then say what is wrong; the letters owed for it."""
    scrub(desk, scrub_seconds)
    walk(desk, scrub_seconds)
    retain(desk)
    _tend(desk)
    return [shown(letter) for letter in sound(desk)]


def _tend(desk: Desk) -> None:
    """Once a day, let the database look at what its tables hold."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        last = q.meta(TENDED)
    if last and now - datetime.fromisoformat(str(last)) < DAILY:
        return
    tend(desk.ledger.engine)
    with desk.write(now) as tx:
        tx.set_meta(TENDED, now.isoformat())


def compare(desk: Desk) -> None:
    """Once an hour, put mailbox and ledger side by side without fetching anything; nothing when the mailbox is away."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        looked = [q.meta(COMPARED), q.meta("last_reconcile")]
    if any(one and now - datetime.fromisoformat(str(one["ended"])) < HOURLY for one in looked):
        return
    try:
        both = completeness(desk)
    except MailboxError as error:
        LOG.warning("mailbox and ledger cannot be compared", error=str(error))
        return
    found = {"ended": now.isoformat(), "server": both.server - both.fresh, "ledger": both.ledger}
    with desk.write(now) as tx:
        tx.set_meta(COMPARED, found)
