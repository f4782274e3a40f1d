"""What is looked after beside the mails: the vault is scrubbed, the log's chain walked along, the mailbox compared, alarms sounded."""

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

LOG = structlog.get_logger()
HOURLY = timedelta(hours=1)


def upkeep(desk: Desk, scrub_seconds: float) -> list[dict[str, Any]]:
    """Go on with the scrub and the walk for so long each, then say what is wrong; the letters owed for it."""
    scrub(desk, scrub_seconds)
    walk(desk, scrub_seconds)
    retain(desk)
    return [shown(letter) for letter in sound(desk)]


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
