"""Mailbox against ledger at a glance, for ``status``: nothing is fetched and nothing written (``reconcile`` does that).

Rules:

1. The ledger is read before the server is asked: what comes in between is new mail, not a mail that was missed.
2. New mail is not missed yet: above the cursor, or where there is none (a Maildir) received since the last good poll began.
3. A watched folder that does not exist holds nothing, except the first: without the inbox there is no mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.desk import Desk
from intake.mailbox.errors import NoSuchFolder
from intake.mailbox.source import Listing, Source
from intake.reconcile import folders
from storage.read_mails import Fetched


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many mails either side holds."""

    server: int  # in watched and filed folders
    fresh: int  # of those, the ones only the next poll will see
    ledger: int  # sightings that should be there

    @property
    def agrees(self) -> bool:
        """Whether nothing was missed and nothing is gone."""
        return self.server - self.fresh == self.ledger


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the ledger holds of one folder."""

    cursor: Fetched | None
    uids: frozenset[int]


def completeness(desk: Desk) -> Completeness:
    """Ask both sides. Raises ``MailboxError``."""
    source = desk.open_source()
    try:
        watched = source.folders()
        with desk.ledger.read() as q:
            ledger = q.sighting_count()
            poll = q.meta("last_good_poll")
            kept = {f: _Kept(q.cursor(source.account, f), q.known_uids(source.account, f)) for f in watched}
        since = datetime.fromisoformat(str(poll["began"])) if poll else None
        server = fresh = 0
        for folder in folders(desk, source):
            listing = _listing(source, folder)
            server += len(listing.mails)
            fresh += _fresh(listing, kept[folder], since) if folder in kept else 0
        return Completeness(server, fresh, ledger)
    finally:
        source.close()


def _listing(source: Source, folder: str) -> Listing:
    try:
        return source.listing(folder)
    except NoSuchFolder:
        if folder == source.folders()[0]:
            raise
        return Listing(0, ())


def _fresh(listing: Listing, kept: _Kept, since: datetime | None) -> int:
    unknown = [mail for mail in listing.mails if mail.uid not in kept.uids]
    if kept.cursor is not None:
        if kept.cursor.uidvalidity != listing.uidvalidity:
            return (
                0  # the server counts anew, the next poll reads the folder whole: until then plain numbers are compared
            )
        return sum(mail.uid > kept.cursor.last_uid for mail in unknown)
    return sum(since is None or mail.internaldate >= since for mail in unknown)
