"""Retention by setting: raw mails received longer ago than ``[retention].years`` go, as with ``cchc erase``; 0 keeps everything.

Rules:

1. Once a day, some at a time, oldest first. The setting is the decision: it stands in the log as the reason, the system as who.
2. What still waits for a person or for our own reader stays, however old.
3. What stays of an erased mail stays here too: its sum, its moments, what was read and decided; the chain still verifies.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from intake.desk import Desk
from storage.records import Mail

LOG = structlog.get_logger()
DAILY = timedelta(days=1)
RESULT = "last_retention"  # in the ledger: when the last pass ended
SOME = 100  # mails at a time


def retain(desk: Desk) -> int:
    """Erase some of what is too old; how many. 0 when nothing is, or today's pass is done."""
    years, now = desk.settings.retention_years, desk.clock.now()
    if not years:
        return 0
    with desk.ledger.read() as q:
        last = q.meta(RESULT)
        if last and now - datetime.fromisoformat(str(last)) < DAILY:
            return 0
        old = q.mails_to_forget(_years_before(desk, now, years), SOME)
    _forget(desk, old, now, f"[retention].years = {years}", whole=len(old) < SOME)
    return len(old)


def _years_before(desk: Desk, now: datetime, years: int) -> datetime:
    local = desk.calendar.local(now)
    day = local.date()
    leap = (day.month, day.day) == (2, 29)
    return desk.calendar.moment(day.replace(year=day.year - years, day=28 if leap else day.day), local.time())


def _forget(desk: Desk, old: tuple[Mail, ...], now: datetime, reason: str, *, whole: bool) -> None:
    with desk.write(now) as tx:
        for mail in old:
            tx.erase_mail(mail.id, reason, "")
        if whole:
            tx.set_meta(RESULT, now.isoformat())
    for mail in old:  # bytes go after the commit that says so
        desk.vault.remove(mail.sha256)
    if old:
        LOG.info("raw mails past their retention were erased", mails=len(old))
