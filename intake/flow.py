"""One mail, the eight steps: fetch, keep, open, read, judge, record, file, send. The picture, readable aloud.

Rules:

1. Raw bytes and their row are durable before anyone understands them (tx A); the cursor moves in that same commit.
2. The attempt is counted before the reading begins; a mail that fails three times is set aside with its reason.
3. What a mail means is recorded in ONE transaction with its letters (tx B); the mail is moved only after it.
4. A passing fault (disk full, database locked, mailbox gone) is not an attempt: the mail stays and is tried again.
5. A few mails are read side by side and recorded one after the other; a slow one (a long scan) is passed by and taken up when done.
6. The first pass after a cutoff also compares the whole mailbox with the ledger: only then is anybody called missing.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from intake import held_up, outages, reconcile
from intake.desk import Desk
from intake.filing import file_away
from intake.keeping import keep_all
from intake.mailbox.errors import MailboxError, NoSuchFolder
from intake.mailbox.source import Cursor, Source
from intake.readers import Begun
from intake.receipts import tell_waiting
from intake.recording import record
from intake.rules import near
from intake.set_aside import put_aside
from intake.settling import note_interrupted, send_again
from parsers.box import BoxFailure
from storage.errors import Stale, Unavailable
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.outbox import RESEND_AFTER
from storage.records import Mail, Waiting

LOG = structlog.get_logger()
ATTEMPTS_MAX = 3
BACKLOG = 100  # mails waiting: beyond this, those whose cutoff is near go first; below, plain order of receipt
NEAR = timedelta(days=1)  # a cutoff passed this long ago is no longer urgent
SEND_EVERY = 0.5  # seconds a finished letter waits for others to share its connection while a backlog is worked off
PASSING = (OSError, Unavailable)


@dataclass(slots=True)
class Pass:
    """What one pass over the mailbox did."""

    fetched: int = 0
    states: Counter[str] = field(default_factory=Counter)
    mails: list[int] = field(default_factory=list)
    letters_sent: int = 0
    letters_pending: int = 0
    told: set[int] = field(default_factory=set)  # mails looked at for a short receipt
    trouble: str | None = None  # why the outside world could not be reached
    smtp_down: bool = False  # letters wait for the end of the pass, so that the mails need not wait for a dead server


def poll(desk: Desk, *, linger: bool = True) -> Pass:
    """One pass: fetch and keep everything new, handle it, file it away, send what the outbox owes.

    Without ``linger`` a mail that takes long to read is left to a later pass.
    """
    done = Pass()
    recover(desk)
    source = desk.open_source()
    try:
        began = desk.clock.now()
        for mail_id in fetch_and_keep(desk, source):
            done.fetched += 1
            done.mails.append(mail_id)
        if not desk.stopping() and reconcile.is_owed(desk):
            found = reconcile.compare(desk, source)
            done.fetched += len(found.mails)
            done.mails.extend(found.mails)
        work_off(desk, done, linger=linger)
        if not desk.stopping():
            note_good_poll(desk, began)
            held_up.look_again(desk)
            send_again(desk, mailbox_read=True)
        file_away(desk, source)
    except MailboxError as error:
        done.trouble = f"mailbox: {error}"
        outages.note_trouble(desk)
        work_off(desk, done, linger=linger)
        send_again(desk, mailbox_read=False)
    finally:
        source.close()
    tell_waiting(desk, done.told)
    send(desk, done)
    return done


# ---- 1 FETCH, 2 KEEP -------------------------------------------------------------------------------------------------


def fetch_and_keep(desk: Desk, source: Source) -> Iterator[int]:
    """Keep every new mail of every watched folder; yields the id of each mail not seen before."""
    failpoint("before_fetch")
    for n, folder in enumerate(source.folders()):
        try:
            yield from _fetch_folder(desk, source, folder)
        except NoSuchFolder:
            if n == 0:
                raise
            LOG.warning("a watched folder does not exist", folder=folder)


def _fetch_folder(desk: Desk, source: Source, folder: str) -> Iterator[int]:
    with desk.ledger.read() as q:
        cursor = q.cursor(source.account, folder)
    at = Cursor(cursor.uidvalidity, cursor.last_uid) if cursor else None

    def known(uids: Collection[int]) -> frozenset[int]:
        with desk.ledger.read() as q:
            return q.known_uids(source.account, folder, uids)

    with closing(keep_all(desk, source.account, source.fetch_new(folder, at, known))) as kept:
        for _, new in kept:
            yield from new
            if desk.stopping():
                return


# ---- 3 OPEN … 6 RECORD -----------------------------------------------------------------------------------------------


def recover(desk: Desk) -> None:
    """Take up what a crash left: letters half sent are unknown; mails in ``reading`` are ``stored``, their attempt counted."""
    note_interrupted(desk)
    with desk.ledger.read() as q:
        left = [mail for mail in q.mails(state="reading") if mail.id not in desk.readers.busy]
    for mail in left:
        with desk.write(desk.clock.now()) as tx:
            _back_or_aside(desk, tx, mail, "reader_crashed")


def work_off(desk: Desk, done: Pass, *, linger: bool = True) -> None:
    """Handle every stored mail, those before the nearest cutoff first, oldest first; nobody's letter waits for the whole backlog.

    Unless our own copies come back into the mailbox and the oldest mail is so old that its answer may lie among them; or the moment was
    given (``--at``): then nobody waits for letters, no mail is passed by, and the log does not depend on how quick the machine is.
    Without ``linger`` the slow ones are left for the next pass.
    """
    waiting = _waiting(desk)
    answered = bool(desk.office.self_copy and waiting) and waiting[0].received_at < desk.clock.now() - RESEND_AFTER
    at_the_end = answered or desk.clock.kind == "given"
    every, sent = len(waiting) + len(desk.readers.busy), time.monotonic()
    for n, read in enumerate(_read(desk, waiting, linger=linger), 1):
        state = finish(desk, read)
        if state:
            done.states[state] += 1
        desk.progress("reading", n, every)
        if not done.smtp_down and (n == every or (not at_the_end and time.monotonic() - sent >= SEND_EVERY)):
            tell_waiting(desk, done.told)
            send(desk, done)
            sent = time.monotonic()


def _waiting(desk: Desk) -> list[Waiting]:
    with desk.ledger.read() as q:
        waiting = q.waiting()  # as they are judged
    if len(waiting) > BACKLOG:
        waiting.sort(key=lambda mail: _urgency(desk, mail))
    return waiting


def _urgency(desk: Desk, mail: Waiting) -> tuple[bool, datetime]:
    """Mails whose cutoff is near (the last day's or one to come) before an older backlog; in order of receipt inside each."""
    moments = [p.due_at for t in desk.calendar.types if (p := near.coming(desk.calendar, t.type, mail.received_at))]
    return (bool(moments) and min(moments) < desk.clock.now() - NEAR, mail.received_at)


def _read(desk: Desk, waiting: Sequence[Waiting], *, linger: bool) -> Iterator[Begun]:
    """Each mail once it is read, a few being read ahead; what is begun is finished even when the service is to stop."""
    readers, left = desk.readers, deque(mail.id for mail in waiting)
    readers.in_order = linger and desk.clock.kind == "given"
    while True:
        while left and readers.room and not desk.stopping():
            begin(desk, left.popleft())
        read = readers.next()
        if read is None and left and readers.room and not desk.stopping():
            continue
        if read is None and linger and not desk.stopping():
            read = readers.linger()
        if read is None:
            return
        yield read


def begin(desk: Desk, mail_id: int) -> None:
    """Count the attempt, then open and read the mail in a thread: steps 3 and 4."""
    desk.readers.begin(_counted(desk, mail_id))


def _counted(desk: Desk, mail_id: int) -> Mail:
    with desk.write(desk.clock.now()) as tx:
        mail = tx.begin_attempt(mail_id)
    failpoint("before_parse")
    return mail


def finish(desk: Desk, read: Begun) -> str | None:
    """Steps 5 and 6 for a mail that was read. Returns its new state; None when a passing fault left it waiting."""
    mail = read.mail
    try:
        reading = read.reading.result()
        failpoint("after_parse")
        return record(desk, mail, reading)
    except PASSING as error:
        with suppress(Stale):  # recorded after all: only the reply to its commit was lost
            let_wait(desk, mail, type(error).__name__)
        return None
    except BoxFailure as failure:
        if failure.reason == "tool_missing":  # no worker can start at all: not this mail's fault
            let_wait(desk, mail, failure.reason)
            return None
        LOG.warning("mail could not be opened", mail=mail.id, reason=failure.reason)
        return give_back(desk, mail, failure.reason)
    except Exception:
        LOG.exception("our mistake; the mail is kept", mail=mail.id)
        return give_back(desk, mail, "reader_crashed")


def handle(desk: Desk, mail_id: int) -> str | None:
    """Steps 3 to 6 for one mail alone, waited for."""
    with desk.readers.alone(_counted(desk, mail_id)) as read:
        return finish(desk, read)


def put_back(desk: Desk) -> None:
    """The service stops: mails still being read wait as they were; it is no attempt of theirs."""
    for read in desk.readers.leave():
        let_wait(desk, read.mail, "stopping")


def let_wait(desk: Desk, mail: Mail, why: str) -> None:
    """A passing fault is not an attempt: the mail waits as it was."""
    LOG.warning("passing fault, mail waits", mail=mail.id, why=why)
    with desk.write(desk.clock.now()) as tx:
        tx.move_mail(mail.id, "stored", expect=("reading",), why=f"passing: {why}", attempts=mail.attempts - 1)


def give_back(desk: Desk, mail: Mail, reason: str) -> str | None:
    """After a failed attempt: once more, or set aside with its reason."""
    with desk.write(desk.clock.now()) as tx:
        return _back_or_aside(desk, tx, mail, reason)


def _back_or_aside(desk: Desk, tx: Tx, mail: Mail, reason: str) -> str | None:
    if mail.attempts < ATTEMPTS_MAX:
        tx.move_mail(mail.id, "stored", expect=("reading",), why=reason)
        return None
    put_aside(desk, tx, mail, reason)
    return "set_aside"


# ---- 7 FILE (filing.py), 8 SEND -------------------------------------------------------------------------------------


def note_good_poll(desk: Desk, began: datetime) -> None:
    """Remember when the last pass that reached everything began and ended; missing notices depend on it."""
    with desk.write(desk.clock.now()) as tx:
        outages.note_end(tx, began)
        tx.set_meta("last_good_poll", {"began": began.isoformat(), "ended": desk.clock.now().isoformat()})


def send(desk: Desk, done: Pass | None = None) -> Pass:
    """Step 8: whatever the outbox owes now."""
    done = done or Pass()
    delivered = desk.open_postman().deliver(desk.clock.now())
    done.letters_sent += delivered.sent
    done.letters_pending = delivered.pending
    done.smtp_down = delivered.unreachable
    if delivered.unreachable:
        done.trouble = done.trouble or "smtp: not reachable"
    return done
