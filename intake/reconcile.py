"""The completeness ledger: mails on the server (watched and filed folders) = sightings in the ledger.

Rules:

1. What the cursor missed is fetched and kept; what is gone from the server is noted, never forgotten.
2. When the last comparison began and ended is remembered; one is owed again once a cutoff has passed since (promise 5:
   nobody is called missing before the mailbox was compared after the cutoff), and every hour besides; what it found is
   remembered with it, for ``status`` and the alarms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from intake.desk import Desk
from intake.keeping import keep_all
from intake.mailbox.errors import NoSuchFolder
from intake.mailbox.source import Source
from intake.rules import near
from storage.read_mails import Present

LOG = structlog.get_logger()
HOURLY = timedelta(hours=1)


@dataclass(slots=True)
class Reconciled:
    """What the comparison found."""

    server: int = 0  # mails on the server in watched and filed folders
    ledger: int = 0  # sightings of them the ledger holds, after the comparison
    fetched: int = 0  # were on the server and not in the ledger
    gone: int = 0  # are in the ledger and no longer where they were seen
    mails: list[int] = field(default_factory=list)  # ids of those that are new
    left: set[int] = field(default_factory=set)  # ids of those that are gone from where they were seen

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same mails now."""
        return self.server == self.ledger

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, with the verdict."""
        numbers = {name: getattr(self, name) for name in ("server", "ledger", "fetched", "gone")}
        return {**numbers, "agrees": self.agrees}


def reconcile(desk: Desk) -> Reconciled:
    """Compare every watched and filed folder; fetch what is missing. Raises ``MailboxError``."""
    source = desk.open_source()
    try:
        return compare(desk, source)
    finally:
        source.close()


def compare(desk: Desk, source: Source) -> Reconciled:
    """The same over a mailbox already open; remembers when it was done."""
    found = Reconciled()
    began = desk.clock.now()
    for n, folder in enumerate(folders(desk, source)):
        try:
            _folder(desk, source, folder, found)
        except NoSuchFolder:
            if n == 0:
                raise
            LOG.warning("a watched folder does not exist", folder=folder)
    ended = desk.clock.now()
    with desk.write(ended) as tx:
        moments = {"began": began.isoformat(), "ended": ended.isoformat()}
        lost = sum(not tx.sightings(mail_id=mail_id, gone=False) for mail_id in found.left)  # seen nowhere else
        tx.set_meta("last_reconcile", moments | found.as_dict() | {"lost": lost})
    return found


def is_due(desk: Desk) -> bool:
    """Whether a cutoff (of a period, or of one due moved on its own) has passed since the last comparison began."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        last = q.meta("last_reconcile")
        if not last:
            return True
        began = datetime.fromisoformat(str(last["began"]))
        if q.due_moments(began, now):
            return True
        calendar = desk.calendar_of(q)
    following = began + timedelta(microseconds=1)
    coming = (near.coming(calendar, report_type.type, following) for report_type in calendar.types)
    return any(period is not None and period.due_at <= now for period in coming)


def is_owed(desk: Desk) -> bool:
    """Whether a pass over the mailbox should compare it whole: a cutoff has passed, or an hour, since the last time."""
    with desk.ledger.read() as q:
        last = q.meta("last_reconcile")
    old = not last or desk.clock.now() - datetime.fromisoformat(str(last["began"])) >= HOURLY
    return old or is_due(desk)


def folders(desk: Desk, source: Source) -> list[str]:
    """Watched folders, and those we file into that exist."""
    target = desk.settings.mailbox.filed
    return [*source.folders(), *(source.filed_folders(target) if target else ())]


def _folder(desk: Desk, source: Source, folder: str, found: Reconciled) -> None:
    listing = source.listing(folder)
    on_server = {mail.uid: mail.internaldate for mail in listing.mails}
    held = _held(desk, source, folder, listing.uidvalidity)
    if on_server == held.moments:
        found.server += len(on_server)
        found.ledger += len(on_server)
        return
    # another moment of receipt under a known number is another mail: some servers give a number twice
    missing = [uid for uid, moment in on_server.items() if held.moments.get(uid) != moment]
    if missing:
        for batch, new in keep_all(desk, source.account, source.fetch(folder, listing.uidvalidity, sorted(missing))):
            found.mails += new
            found.fetched += len(batch.mails)
    gone = held.moments.keys() - on_server.keys()
    if gone:
        with desk.write(desk.clock.now()) as tx:
            tx.mark_gone(source.account, folder, listing.uidvalidity, sorted(gone))
        found.left |= {held.mails[uid] for uid in gone}
    now_held = _held(desk, source, folder, listing.uidvalidity) if missing or gone else held
    found.server += len(on_server)
    found.ledger += len(now_held.moments.keys() & on_server.keys())
    found.gone += len(gone)


def _held(desk: Desk, source: Source, folder: str, uidvalidity: int) -> Present:
    """What the ledger holds of a folder."""
    with desk.ledger.read() as q:
        return q.present(source.account, folder, uidvalidity)
