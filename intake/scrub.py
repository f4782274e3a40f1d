"""The daily scrub: every file of the vault read again and compared with its name; what is damaged is fetched anew.

Rules:

1. A pass takes one folder of the vault after the other (256 of them) and stops when its time is up: mails are never kept
   waiting by it. How far it came stands in the ledger, so that a restart goes on there.
2. What the ledger knows of and the vault does not hold is damage as well.
3. A damaged mail still in the mailbox is fetched and put into its place; the vault only takes what has the right hash.
4. What was erased and lies there all the same (we died between the log's entry and the removal) is removed.
5. The result of the last whole pass stands in ``status``; damage left over is an alarm until a pass finds none.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import structlog

from intake.daily import Daily
from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from storage.records import Json

LOG = structlog.get_logger()
FOLDERS = 256
STATE, RESULT = "scrub", "last_scrub"  # in the ledger: the pass under way, and what the last whole one found
_DAILY = Daily(STATE, RESULT)


@dataclass(slots=True)
class Pass:
    """A pass under way."""

    began: str  # ISO moment
    folder: int = 0  # the next one to read
    files: int = 0  # read so far
    damaged: list[str] | None = None  # sha256 of those that are not whole


def scrub(desk: Desk, seconds: float) -> Json | None:
    """Go on with today's pass, or begin it, for about so long; the result once it is whole, None before."""
    owed = _DAILY.owed(desk)
    if owed is None:
        return None
    work = Pass(**owed[0])
    until = time.monotonic() + seconds
    while work.folder < FOLDERS:
        _folder(desk, work)
        if time.monotonic() >= until:
            break
    return _remember(desk, work)


def _folder(desk: Desk, work: Pass) -> None:
    prefix = f"{work.folder:02x}"
    there = desk.vault.names_in(prefix)
    with desk.ledger.read() as q:
        known = q.vault_names(prefix)
        strays = there - known
        erased = q.erased(strays) if strays else frozenset()
    for name in sorted(erased):
        LOG.warning("an erased mail still lay in the vault", sha256=name)
        desk.vault.remove(name)
    for name in sorted((known | there) - erased):
        work.files += 1
        if desk.vault.check(name) is not None:
            work.damaged = [*(work.damaged or ()), name]
    work.folder += 1


def _remember(desk: Desk, work: Pass) -> Json | None:
    now = desk.clock.now()
    result: Json | None = None
    if work.folder >= FOLDERS:
        left = [name for name in work.damaged or () if not _mended(desk, name)]
        mended = len(work.damaged or ()) - len(left)
        result = {"began": work.began, "ended": now.isoformat(), "files": work.files, "damaged": left, "mended": mended}
        if work.damaged:
            LOG.warning("the vault was damaged", damaged=len(work.damaged), mended=mended, left=left)
    _DAILY.remember(desk, now, asdict(work), result)
    return result


def _mended(desk: Desk, sha256: str) -> bool:
    """Whether the file is whole again: fetched from where the mail was last seen."""
    with desk.ledger.read() as q:
        mail = q.mail_by_sha256(sha256)
        seen = q.sightings(mail_id=mail.id, gone=False) if mail else ()
    if not seen:
        return False
    source = desk.open_source()
    try:
        for sighting in seen:
            if sighting.account == source.account:
                for batch in source.fetch(sighting.folder, sighting.uidvalidity, [sighting.uid]):
                    desk.vault.put_many([fetched.raw for fetched in batch.mails])
    except (MailboxError, OSError) as error:
        LOG.warning("a damaged mail cannot be fetched again", sha256=sha256, error=str(error))
    finally:
        source.close()
    return desk.vault.check(sha256) is None
