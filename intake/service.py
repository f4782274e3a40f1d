"""``cchc run``: the scheduler and the mailbox's wake-up only knock; one thread answers the door, one thing at a time.

Rules:

1. What is due is never in the scheduler's memory: every knock asks the ledger again (promise 5).
2. A passing fault is logged and met again at the next knock, with backoff; the mails stay on the server.
3. SIGTERM finishes the mails being read and leaves; one that takes long waits as it was.
"""

from __future__ import annotations

import queue
import signal
from dataclasses import replace
from types import FrameType

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from intake import cutoff, decisions, flow
from intake.desk import Desk
from intake.mailbox.backoff import Backoff
from intake.mailbox.errors import MailboxError
from intake.mailbox.idle import Idle
from intake.mailbox.kept_open import KeptOpen
from intake.reconcile import is_due, reconcile
from intake.thrift import settle_down
from intake.upkeep import upkeep
from intake.wiring import imap_account
from storage.errors import Unavailable

LOG = structlog.get_logger()
TICK_SECONDS = 20
SEND_SECONDS = 30
SCRUB_SECONDS = 2.0  # of every tick, while the day's pass over the vault is under way
AGAIN = "again:"  # a person asked for a mail to be read again: "again:17"


class Door:
    """Knocks wait here; the same knock waits once."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[str] = queue.Queue()
        self._named: set[str] = set()
        self.stopping = False

    def knock(self, what: str) -> None:
        """Ask for something to be done soon; never blocks."""
        if what not in self._named:
            self._named.add(what)
            self._waiting.put(what)

    def answer(self, timeout: float) -> str | None:
        """The next knock, None when nobody came."""
        try:
            what = self._waiting.get(timeout=timeout)
        except queue.Empty:
            return None
        self._named.discard(what)
        return what

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Leave after what is being done now."""
        self.stopping = True
        self._waiting.put("stop")


def serve(desk: Desk, door: Door | None = None) -> None:
    """Answer the door until told to stop."""
    door = door or Door()
    mailbox = KeptOpen(desk.open_source())
    desk = replace(desk, open_source=mailbox.open, stopping=lambda: door.stopping)
    signal.signal(signal.SIGTERM, door.stop)
    signal.signal(signal.SIGINT, door.stop)
    scheduler = BackgroundScheduler(timezone=desk.settings.calendar.timezone)
    for what, seconds in (
        ("poll", desk.settings.mailbox.poll_seconds),
        ("tick", TICK_SECONDS),
        ("send", SEND_SECONDS),
    ):
        scheduler.add_job(door.knock, "interval", (what,), seconds=seconds, misfire_grace_time=None, coalesce=True)
    scheduler.start()
    idle = (
        Idle(desk.settings.mailbox, lambda: door.knock("poll"), account=imap_account(desk.settings))
        if desk.settings.mailbox.idle and desk.settings.mailbox.kind == "imap"
        else None
    )
    desk.readers.told = lambda: door.knock("poll")
    desk.box.warm()
    settle_down()
    for what in ("poll", "tick", "reconcile"):
        door.knock(what)
    try:
        if idle:
            idle.start()
        _answer(desk, door)
    finally:
        if idle:
            idle.stop()
        scheduler.shutdown(wait=False)
        flow.put_back(desk)
        mailbox.let_go()


def _answer(desk: Desk, door: Door) -> None:
    backoff = Backoff()
    while not door.stopping:
        what = door.answer(timeout=60.0)
        if what in (None, "stop"):
            continue
        try:
            _do(desk, str(what))
            backoff.reset()
        except (MailboxError, Unavailable, OSError) as error:
            wait = backoff.next()
            LOG.warning("the outside world cannot be reached", what=what, error=str(error), again_in=round(wait, 1))
        except Exception:
            LOG.exception("our mistake; the service goes on", what=what)


def _do(desk: Desk, what: str) -> None:
    if what == "poll":
        done = flow.poll(desk, linger=False)
        if done.trouble:
            LOG.warning("poll", trouble=done.trouble)
    elif what == "tick":
        if is_due(desk):  # a cutoff has just passed: the mailbox is compared before anybody is called missing
            _do(desk, "poll")
        if cutoff.tick(desk).letters + upkeep(desk, SCRUB_SECONDS):
            flow.send(desk)
    elif what == "send":
        flow.send(desk)
    elif what.startswith(AGAIN):
        decisions.again(desk, int(what.removeprefix(AGAIN)))
        flow.send(desk)
    elif what == "reconcile":
        reconcile(desk)
        _do(desk, "poll")
