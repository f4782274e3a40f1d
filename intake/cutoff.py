"""What the clock owes at a moment: reminders, closing, notices and digests. Asked again and again, done once.

Rules:

1. What is due = calendar since ``start`` − the steps the ledger holds; the scheduler's memory is never asked (promise 5).
2. A step and its letters are written in one transaction; UNIQUE(type, period, step) makes it happen once for each due moment.
3. A reminder whose cutoff has passed and a digest more than 7 days late are recorded as withheld, never sent.
4. Nobody is accused because our poll failed: no notice and no final digest before a poll and a comparison of the whole
   mailbox, both begun after the due moment, have succeeded and no mail received by it still waits to be read; 60 minutes
   after the cutoff the digest goes as provisional.
5. Reports due in the same minute are asked for, and missed, in one letter.
6. On days off agencies are left in peace: reminders, notices and escalations wait for a working day (``escalating``); the closing and
   the digests do not (``follow_up``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from intake import steps
from intake.board import board_of
from intake.book import law_of
from intake.clock_letters import TOO_LATE, Tick, shown
from intake.desk import Desk
from intake.digest_files import consolidated_files
from intake.digests import digest
from intake.follow_up import follow_ups
from intake.missing_notices import missing_notices
from intake.opening import Together, due_together, live_periods
from intake.outgoing import put_out
from intake.reminding import remind
from intake.rules.values import Period
from intake.summaries import summaries
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Json, Letter, Step

PROVISIONAL_AFTER = timedelta(minutes=60)


def tick(desk: Desk) -> Tick:
    """Everything the clock owes now; idempotent."""
    done = Tick(desk.clock.now())
    periods = live_periods(desk, done.at, done.opened)
    with desk.ledger.read() as q:
        moments = due_together(q, law_of(desk, q), periods)
    if not quiet(desk, done.at):
        remind(desk, moments, done)
    for together in moments:
        if desk.stopping():
            return done  # the next start goes on here
        if together.due_at <= done.at:
            for period in together.periods:
                _close(desk, period, done)
            _notify(desk, together, done)
    owed = [*follow_ups(desk, done.at), *summaries(desk, done.at, beyond_doubt)]
    done.letters += [shown(letter) for letter in owed]
    return done


def quiet(desk: Desk, now: datetime) -> bool:
    """Whether agencies are left in peace: a day off, unless configured otherwise."""
    return desk.settings.notify.quiet_days_off and not desk.calendar.working_day(desk.calendar.day(now))


# ---- closing ---------------------------------------------------------------------------------------------------------


def _close(desk: Desk, period: Period, done: Tick) -> None:
    """The cutoff has passed: say so once, in the log."""
    with desk.ledger.read() as q:
        step = steps.of_period(q, period, "closed")
        if q.step(period.type, period.key, step):
            return
    with desk.write(done.at) as tx:
        if tx.add_step(Step(period.type, period.key, step, done.at, {"due_at": period.due_at.isoformat()})):
            done.closed.append(period.key)
    failpoint("after_close")


def _notify(desk: Desk, together: Together, done: Tick) -> None:
    """Notices to the missing and the digests, once our own polling is beyond doubt; provisional digests while it is not."""
    due_at, now = together.due_at, done.at
    if now < due_at + timedelta(minutes=desk.settings.notify.digest_after_minutes):
        return
    with desk.ledger.read() as q:
        sure = beyond_doubt(q, due_at)
    if sure and not quiet(desk, now):
        missing_notices(desk, together, done)
    if sure or now >= due_at + PROVISIONAL_AFTER:
        for period in together.periods:
            _digest(desk, period, done, provisional=not sure)


def beyond_doubt(q: Queries, due_at: datetime) -> bool:
    """Whether a poll and a comparison begun after that moment succeeded and no mail received by it still waits to be read."""
    for what in ("last_good_poll", "last_reconcile"):
        last = q.meta(what)
        if not last or datetime.fromisoformat(str(last["began"])) < due_at:
            return False
    return not any(mail.received_at <= due_at for state in ("stored", "reading") for mail in q.mails(state=state))


def _digest(desk: Desk, period: Period, done: Tick, *, provisional: bool) -> None:
    now = done.at
    with desk.ledger.read() as q:
        step = steps.of_period(q, period, "digest-provisional" if provisional else "digest")
        if q.step(period.type, period.key, step):
            return
        moved = steps.is_moved(q, period)
        board = board_of(desk, q, period.key, now)
        poll = q.meta("last_good_poll")
        last_good = datetime.fromisoformat(str(poll["ended"])) if poll else None
    files = consolidated_files(desk, period, now, provisional=provisional)
    with desk.write(now) as tx:
        if not tx.add_step(Step(period.type, period.key, step, now)) or not (board.lines or tx.words(period.key)):
            return  # nobody owes it and nothing came: there is nothing to tell
        facts = digest(
            desk, tx, law_of(desk, tx), board, period, now, provisional=provisional, last_good_poll=last_good
        )
        said = {**facts.to_json(), "periods": [period.key], "attached": files}
        n = _number(tx, period, provisional=provisional, moved=moved)
        done.letters.append(shown(put_out(desk, tx, _digest_letter(desk, period, said, now), n)))


def _number(tx: Tx, period: Period, *, provisional: bool, moved: bool) -> int:
    """1 for the provisional digest, 2 for the final one; of a period that was moved after those of its moments before."""
    if not moved:
        return 1 if provisional else 2
    return 1 + max((letter.n for letter in tx.letters(about=f"period:{period.key}", kind="digest")), default=2)


def _digest_letter(desk: Desk, period: Period, said: Json, now: datetime) -> Letter:
    to, withheld = tuple(desk.settings.notify.secretariat), "too_late" if now > period.due_at + TOO_LATE else None
    return Letter("digest", f"period:{period.key}", to, said, withheld_because=withheld, period=period.key)
