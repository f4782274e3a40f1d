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

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from intake import steps
from intake.board import board_of, due_class, gather
from intake.book import Law, law_of
from intake.desk import Desk
from intake.digest_files import consolidated_files
from intake.digests import digest
from intake.escalating import climb
from intake.follow_up import follow_ups
from intake.opening import Together, by_agency, common_dues, due_together, live_periods, reopened_dues
from intake.owing import owed_fact, recent_periods, streak
from intake.rules import near
from intake.rules.values import DueState, Period
from intake.summaries import summaries
from intake.waiting import waiting_mails
from notifier.facts import MissingFacts, ReminderFacts
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Letter, Step

PROVISIONAL_AFTER = timedelta(minutes=60)
TOO_LATE = timedelta(days=7)  # a digest or a notice this long after its moment is recorded and not sent
NOT_RECEIVED = ("missing", "incomplete")
Owed = list[tuple[Period, DueState]]


@dataclass(slots=True)
class Tick:
    """What one tick did."""

    at: datetime
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)


def tick(desk: Desk) -> Tick:
    """Everything the clock owes now; idempotent."""
    done = Tick(desk.clock.now())
    periods = live_periods(desk, done.at, done.opened)
    with desk.ledger.read() as q:
        moments = due_together(q, law_of(desk, q), periods)
    if not quiet(desk, done.at):
        _remind(desk, moments, done)
    for together in moments:
        if desk.stopping():
            return done  # the next start goes on here
        if together.due_at <= done.at:
            for period in together.periods:
                _close(desk, period, done)
            _notify(desk, together, done)
    owed = [*follow_ups(desk, done.at), *summaries(desk, done.at, beyond_doubt)]
    done.letters += [_shown(letter) for letter in owed]
    return done


def quiet(desk: Desk, now: datetime) -> bool:
    """Whether agencies are left in peace: a day off, unless configured otherwise."""
    return desk.settings.notify.quiet_days_off and not desk.calendar.working_day(desk.calendar.day(now))


# ---- reminders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reminding:
    """One reminder of one period, or of a single due that was moved on its own."""

    period: Period
    step: str
    due: DueState | None = None


def _remind(desk: Desk, moments: Sequence[Together], done: Tick) -> None:
    """Reminders due now, those for the same due moment in one letter an agency."""
    groups: dict[tuple[datetime, str], list[Reminding]] = defaultdict(list)
    latest: dict[datetime, str] = {}  # of the reminders that have come due and did not go yet
    with desk.ledger.read() as q:
        law = law_of(desk, q)
        for together in moments:
            for reminding, since in _to_remind(q, law, together):
                taken = {s.step for s in q.steps(reminding.period.type, reminding.period.key)}
                at_due = replace(reminding.period, due_at=together.due_at)
                for spec, moment in law.calendar.reminders(at_due, desk.settings.notify.reminders):
                    step = _reminder_step(q, reminding, spec)
                    if since <= moment <= done.at and step not in taken:
                        groups[together.due_at, spec].append(replace(reminding, step=step))
                        latest[together.due_at] = spec
    for (due_at, spec), group in sorted(groups.items(), key=lambda item: item[0][0]):
        with desk.write(done.at) as tx:
            _remind_group(desk, tx, spec, due_at, group, done, overtaken=spec != latest[due_at])


def _to_remind(q: Queries, law: Law, together: Together) -> list[tuple[Reminding, datetime]]:
    """What is due then, each with the moment before which no reminder of it was owed: our start, or when it was moved."""
    start = near.midnight(law.calendar, law.calendar.rules.start)
    found = []
    for period in together.periods:
        row = q.period(period.key) if steps.is_moved(q, period) else None
        found.append((Reminding(period, ""), row.at if row and row.at else start))
    for period, due in together.dues:
        change = q.due(period.key, due.agency)
        found.append((Reminding(period, "", due), change.at if change and change.at else start))
    return found


def _reminder_step(q: Queries, reminding: Reminding, spec: str) -> str:
    name = f"reminder:{spec}"
    return steps.of_due(reminding.due, name) if reminding.due else steps.of_period(q, reminding.period, name)


def _remind_group(
    desk: Desk, tx: Tx, spec: str, due_at: datetime, group: Sequence[Reminding], done: Tick, *, overtaken: bool
) -> None:
    """``overtaken``: we were down, and a later reminder of the same moment goes out now: one letter is enough."""
    now, law = done.at, law_of(desk, tx)
    asked: Owed = []
    for one in group:
        if tx.add_step(Step(one.period.type, one.period.key, one.step, now)):
            asked += [(one.period, due) for due in ([one.due] if one.due else common_dues(tx, law, one.period))]
    gather(tx, {p.key for p, _ in asked})
    classes = {(p.key, d.agency): due_class(tx, law, p, d.agency, now) for p, d in asked}
    owing = [(p, d) for p, d in asked if classes[p.key, d.agency] in NOT_RECEIVED]
    for agency, items in by_agency(law, owing).items():
        facts = ReminderFacts(
            agency_name=_name(law, agency, now),
            at=now,
            items=tuple(
                owed_fact(desk, p, d, now, incomplete=classes[p.key, agency] == "incomplete") for p, d in items
            ),
            agency=agency,
            step=spec,
            mailbox=desk.office.mailbox_address,
        )
        about = f"agency:{agency}/{due_at.isoformat()}/{spec}"
        letter = _letter("reminder", about, agency, items, facts.to_json(), too_late=overtaken or now >= due_at)
        _post(desk, tx, law, letter, done)


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
        _missing_notices(desk, together, done)
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


def _missing_notices(desk: Desk, together: Together, done: Tick) -> None:
    """One notice to each agency of which nothing attributable came for something due at that moment."""
    now = done.at
    with desk.ledger.read() as q:
        looked_at: list[tuple[Period, str, DueState | None]] = [
            *((p, steps.of_period(q, p, "missing"), None) for p in together.periods),
            *((p, steps.of_due(due, "missing"), due) for p, due in together.dues),
            *((p, step, due) for p in together.periods for due, step in reopened_dues(q, law_of(desk, q), p)),
        ]
        owed = [(p, step, due) for p, step, due in looked_at if not q.step(p.type, p.key, step)]
    if not owed:
        return
    with desk.write(now) as tx:
        law = law_of(desk, tx)
        asked: Owed = []
        for period, step, due in owed:
            if tx.add_step(Step(period.type, period.key, step, now)):
                asked += [(period, d) for d in ([due] if due else common_dues(tx, law, period))]
        gather(tx, {p.key for p, _ in asked})
        missing = [(p, d) for p, d in asked if due_class(tx, law, p, d.agency, now) == "missing"]
        owing = by_agency(law, missing)
        for agency, items in owing.items():
            _missing_notice(desk, tx, law, agency, items, done)
        done.letters += [_shown(letter) for letter in climb(desk, tx, law, owing, now)]


def _missing_notice(desk: Desk, tx: Tx, law: Law, agency: str, items: Owed, done: Tick) -> None:
    first, due_at = items[0][0], items[0][1].due_at
    since = near.midnight(law.calendar, min(period.window_from for period, _ in items))
    facts = MissingFacts(
        agency_name=_name(law, agency, due_at),
        at=done.at,
        items=tuple(owed_fact(desk, p, d, done.at) for p, d in items),
        agency=agency,
        mailbox=desk.office.mailbox_address,
        test_mails=tuple(m.received_at for m in tx.test_mails(agency, since, due_at)),
        streak=_silent(desk, tx, law, agency, items, done.at),
        waiting=waiting_mails(tx, law.calendar, agency, [period for period, _ in items], done.at),
    )
    about = f"due:{first.key}/{agency}"
    too_late = done.at > _working_from(desk, due_at) + TOO_LATE
    _post(desk, tx, law, _letter("missing_notice", about, agency, items, facts.to_json(), too_late=too_late), done)


def _working_from(desk: Desk, due_at: datetime) -> datetime:
    """From when a notice may go: the due moment, or the first working day after it."""
    day = desk.calendar.day(due_at)
    if not desk.settings.notify.quiet_days_off or desk.calendar.working_day(day):
        return due_at
    return near.midnight(desk.calendar, desk.calendar.next_working_day(day))


def _silent(desk: Desk, q: Queries, law: Law, agency: str, items: Owed, now: datetime) -> int:
    """How many periods in a row are missing; several reports in one letter have no one count, and none is stated."""
    period = items[0][0]
    report_type = desk.report_type(period.type)
    if len(items) > 1 or report_type is None:
        return 1
    recent = recent_periods(q, law, report_type, period.due_at)
    gather(q, (past.key for past in recent))
    return streak(q, law, agency, period, recent, now)[0]


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
        if not tx.add_step(Step(period.type, period.key, step, now)):
            return
        law = law_of(desk, tx)
        facts = digest(desk, tx, law, board, period, now, provisional=provisional, last_good_poll=last_good)
        to = desk.settings.notify.secretariat
        withheld = "too_late" if now > period.due_at + TOO_LATE else None if to else "no_address"
        withheld = withheld or (None if desk.settings.notify.answer else "answering_off")
        about = f"period:{period.key}"
        n = 1 if provisional else 2
        if moved:  # after those of the due moments before
            n = 1 + max((letter.n for letter in tx.letters(about=about, kind="digest")), default=2)
        letter = tx.add_letter(
            Letter(
                "digest",
                about,
                tuple(to),
                {**facts.to_json(), "periods": [period.key], "attached": files},
                "withheld" if withheld else "pending",
                n=n,
                withheld_because=withheld,
                period=period.key,
            ),
            desk.office.bot_domain,
        )
        done.letters.append(_shown(letter))


# ---- letters to agencies ---------------------------------------------------------------------------------------------


def _name(law: Law, agency: str, moment: datetime) -> str:
    row = law.roster.row(agency, law.calendar.day(moment))
    return row.name if row else agency


def _letter(kind: str, about: str, agency: str, items: Owed, facts: dict[str, Any], *, too_late: bool) -> Letter:
    """A letter about what an agency owes, its addresses still to be found."""
    keys = [period.key for period, _ in items]
    withheld = "too_late" if too_late else None
    return Letter(kind, about, (), {**facts, "periods": keys}, withheld_because=withheld, agency=agency, period=keys[0])


def _post(desk: Desk, tx: Tx, law: Law, letter: Letter, done: Tick) -> None:
    """A letter to every address the agency has registered that day; one without an address is recorded as such."""
    to = law.roster.addresses(letter.agency or "", law.calendar.day(done.at))
    withheld = letter.withheld_because or (None if to else "no_address")
    withheld = withheld or (None if desk.settings.notify.answer else "answering_off")
    state = "withheld" if withheld else "pending"
    n = 1 + len(tx.letters(about=letter.about, kind=letter.kind))
    letter = replace(letter, to=tuple(to), state=state, withheld_because=withheld, n=n)
    done.letters.append(_shown(tx.add_letter(letter, desk.office.bot_domain)))


def _shown(letter: Letter) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "about": (letter.period or letter.about) if letter.kind == "digest" else letter.about,
        "to": ", ".join(letter.to),
        "state": letter.state,
        "message_id": letter.message_id,
    }
