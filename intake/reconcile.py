"""The completeness ledger: mails on the server (watched and filed folders) = sightings in the ledger.

What the cursor missed is fetched and kept; what is gone from the server is noted, never forgotten.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from intake import flow
from intake.desk import Desk
from intake.mailbox.source import Source


@dataclass(slots=True)
class Reconciled:
    """What the comparison found."""

    server: int = 0  # mails on the server in watched and filed folders
    ledger: int = 0  # sightings of them the ledger holds, after the comparison
    fetched: int = 0  # were on the server and not in the ledger
    gone: int = 0  # are in the ledger and no longer where they were seen

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same mails now."""
        return self.server == self.ledger

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, with the verdict."""
        return {**asdict(self), "agrees": self.agrees}


def reconcile(desk: Desk) -> Reconciled:
    """Compare every watched and filed folder; fetch what is missing. Raises ``MailboxError``."""
    found = Reconciled()
    source = desk.open_source()
    try:
        for folder in folders(desk, source):
            _folder(desk, source, folder, found)
    finally:
        source.close()
    return found


def folders(desk: Desk, source: Source) -> list[str]:
    """Watched folders, and those we file into that exist."""
    target = desk.settings.mailbox.filed
    return [*source.folders(), *(source.filed_folders(target) if target else ())]


def _folder(desk: Desk, source: Source, folder: str, found: Reconciled) -> None:
    listing = source.listing(folder)
    on_server = {mail.uid for mail in listing.mails}
    with desk.ledger.read() as q:
        held = {
            s.uid: s
            for s in q.sightings(account=source.account, folder=folder)
            if s.uidvalidity == listing.uidvalidity and not s.gone
        }
    missing = on_server - held.keys()
    if missing:
        for batch in source.fetch(folder, listing.uidvalidity, sorted(missing)):
            flow.keep(desk, source.account, batch)
            found.fetched += len(batch.mails)
    gone = held.keys() - on_server
    if gone:
        with desk.write(desk.clock.now()) as tx:
            tx.mark_gone(source.account, folder, listing.uidvalidity, sorted(gone))
    with desk.ledger.read() as q:
        now_held = {
            s.uid
            for s in q.sightings(account=source.account, folder=folder)
            if s.uidvalidity == listing.uidvalidity and not s.gone
        }
    found.server += len(on_server)
    found.ledger += len(now_held & on_server)
    found.gone += len(gone)


def server_count(desk: Desk) -> int:
    """How many mails the server holds in watched and filed folders. Raises ``MailboxError``."""
    source = desk.open_source()
    try:
        return sum(len(source.listing(folder).mails) for folder in folders(desk, source))
    finally:
        source.close()
