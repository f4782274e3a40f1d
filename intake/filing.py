"""Step 7 FILE: a mail is moved only when everything it means is recorded.

Rules: nothing is deleted; a mail that cannot be moved stays where it is and is known; a hundred thousand are filed a few hundred at a time.
"""

from __future__ import annotations

import structlog

from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from intake.mailbox.source import Source
from storage.failpoint import failpoint
from storage.records import Mail, Sighting

LOG = structlog.get_logger()
TERMINAL = frozenset({"recorded", "needs_review", "not_a_report", "automatic", "bounce", "duplicate", "own", "test"})
AT_ONCE = 500  # mails to be filed, in memory at once


def file_away(desk: Desk, source: Source) -> int:
    """Move every terminal mail to CCHC/<year of receipt>, only now; a mail that cannot be moved stays and is known."""
    target = desk.settings.mailbox.filed
    moved = 0
    if not target:
        return moved
    stuck = 0
    while waiting := _unfiled(desk, source, stuck):
        for sighting, mail in waiting:
            if desk.stopping():
                return moved
            if _filed(desk, source, sighting, mail, target):
                moved += 1
            else:
                stuck += 1
    return moved


def _unfiled(desk: Desk, source: Source, stuck: int) -> tuple[tuple[Sighting, Mail], ...]:
    with desk.ledger.read() as q:
        return q.unfiled(source.account, TERMINAL, AT_ONCE, stuck)


def _filed(desk: Desk, source: Source, sighting: Sighting, mail: Mail, target: str) -> bool:
    year = desk.calendar.local(mail.received_at).year
    try:
        filed = source.file(sighting.folder, sighting.uidvalidity, sighting.uid, f"{target}/{year}")
    except MailboxError as error:
        if not error.permanent:
            raise
        LOG.warning("mail cannot be filed", mail=mail.id, error=str(error))
        return False
    failpoint("after_move")
    with desk.write(desk.clock.now()) as tx:
        if filed:
            tx.mark_filed(sighting, filed.folder, filed.uidvalidity, filed.uid, moved=filed.moved)
        else:
            tx.mark_filed(sighting)
    return True
