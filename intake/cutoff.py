"""What the clock owes at a moment: opening of periods, reminders, closing, notices and digests. Asked again and again, done once.

Rules:

1. What is due = calendar since ``start`` − the steps the ledger holds; the scheduler's memory is never asked (promise 5).
2. A step and its letters are written in one transaction; UNIQUE(type, period, step) makes it happen once.
3. A reminder whose cutoff has passed and a digest more than 7 days late are recorded as withheld, never sent.
4. Nobody is accused because our poll failed: no notice and no final digest before a poll begun after the cutoff has
   succeeded and no mail received by it still waits to be read; 60 minutes after the cutoff the digest goes as provisional.
5. Reports due in the same minute are asked for in one letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from intake.board import board_of, due_class, dues_of, period_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.digests import digest
from intake.owing import WEEKS_BACK, owed_fact, streak
from intake.rules import near
from intake.rules.values import DueState, Period
from notifier.facts import MissingFacts, ReminderFacts
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import DueRow, Letter, PeriodRow, Step

AHEAD = timedelta(days=40)  # how far ahead periods are looked at for opening
PROVISIONAL_AFTER = timedelta(minutes=60)
DIGEST_TOO_LATE = timedelta(days=7)
NOT_RECEIVED = ("missing", "incomplete")


@dataclass(slots=True)
class Tick:
    """What one tick did."""

    at: datetime
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)


def tick(desk: Desk) -> Tick:
    """Everything the clock owes now; idempotent."""
    now = desk.clock.now()
    done = Tick(now)
    periods = _open_periods(desk, now, done)
    _remind(desk, now, periods, done)
    for period in periods:
        if period.due_at <= now and not period.skipped:
            _close(desk, now, period, done)
            _notify(desk, now, period, done)
    return done


# ---- opening ---------------------------------------------------------------------------------------------------------


def _open_periods(desk: Desk, now: datetime, done: Tick) -> list[Period]:
    """Freeze every period that opens by now; returns all periods that may still owe something, in order of due moment."""
    with desk.ledger.read() as q:
        law = law_of(desk, q)
        finished = q.finished_periods("digest")
        opened = {row.key for row in q.periods()}
    live: list[Period] = []
    for report_type in law.calendar.types:
        last = law.calendar.day(now + AHEAD)
        for period in law.calendar.periods(report_type.type, law.calendar.rules.start, last):
            if period.key in finished:
                continue
            if period.key not in opened:
                if opens_at(law, period) > now:
                    continue
                _freeze(desk, now, law, period, done)
            live.append(period)
    with desk.ledger.read() as q:
        return sorted((period_of(q, law.calendar, p.key) for p in live), key=lambda p: (p.due_at, p.key))


def opens_at(law: Law, period: Period) -> datetime:
    """A period opens with the first day of its data window, in the office's time zone."""
    return near.midnight(law.calendar, period.window_from)


def _freeze(desk: Desk, now: datetime, law: Law, period: Period, done: Tick) -> None:
    report_type = desk.report_type(period.type)
    paper = (
        "awaited"
        if report_type and report_type.every == "month" and desk.settings.paper_expected(period.type)
        else "not_required"
    )
    with desk.write(now) as tx:
        codes = () if period.skipped else law.roster.expected(period)
        row = PeriodRow(
            period.key,
            period.type,
            period.window_from,
            period.window_to,
            period.due_original,
            period.due_at,
            period.due_why,
            period.skipped,
            law.calendar.version,
            law.roster.version,
        )
        dues = [
            DueRow(
                period.key,
                period.type,
                code,
                "required",
                period.due_at,
                period.due_original,
                period.due_why,
                paper=paper,
            )
            for code in codes
        ]
        if tx.add_step(Step(period.type, period.key, "opened", now)):
            tx.open_period(row, dues)
            done.opened.append(period.key)


# ---- reminders -------------------------------------------------------------------------------------------------------


def _remind(desk: Desk, now: datetime, periods: Sequence[Period], done: Tick) -> None:
    """Reminders due now, those for the same due moment in one letter an agency."""
    with desk.ledger.read() as q:
        law = law_of(desk, q)
        taken = {(s.period, s.step) for p in periods for s in q.steps(p.type, p.key)}
    groups: dict[tuple[str, datetime], list[Period]] = defaultdict(list)
    for period in periods:
        if period.skipped:
            continue
        for step, moment in law.calendar.reminders(period, desk.settings.notify.reminders):
            if (
                moment <= now
                and (period.key, f"reminder:{step}") not in taken
                and moment >= near.midnight(law.calendar, law.calendar.rules.start)
            ):
                groups[step, period.due_at].append(period)
    for (step, due_at), together in sorted(groups.items(), key=lambda item: item[0][1]):
        with desk.write(now) as tx:
            _remind_group(desk, tx, law, now, step, due_at, together, done)


def _remind_group(
    desk: Desk, tx: Tx, law: Law, now: datetime, step: str, due_at: datetime, periods: Sequence[Period], done: Tick
) -> None:
    new = [p for p in periods if tx.add_step(Step(p.type, p.key, f"reminder:{step}", now))]
    too_late = now >= due_at
    owing: dict[str, list[tuple[Period, DueState]]] = defaultdict(list)
    for period in new:
        for due in dues_of(tx, law.roster, period):
            if due.status in ("required", "extended") and due_class(tx, law, period, due.agency, now) in NOT_RECEIVED:
                owing[due.agency].append((period, due))
    for agency, items in owing.items():
        row = law.roster.get(agency, law.calendar.day(now))
        facts = ReminderFacts(
            agency_name=row.name if row else agency,
            at=now,
            items=tuple(owed_fact(desk, p, d, now) for p, d in items),
            agency=agency,
            step=step,
            mailbox=desk.office.mailbox_address,
        )
        about = f"agency:{agency}/{due_at.isoformat()}/{step}"
        _post(
            desk,
            tx,
            law,
            now,
            "reminder",
            about,
            agency,
            [p.key for p, _ in items],
            facts.to_json(),
            done,
            "too_late" if too_late else None,
        )


# ---- closing ---------------------------------------------------------------------------------------------------------


def _close(desk: Desk, now: datetime, period: Period, done: Tick) -> None:
    """The cutoff has passed: say so once, in the log."""
    with desk.write(now) as tx:
        if tx.add_step(Step(period.type, period.key, "closed", now, {"due_at": period.due_at.isoformat()})):
            done.closed.append(period.key)
    failpoint("after_close")


def _notify(desk: Desk, now: datetime, period: Period, done: Tick) -> None:
    """Notices to the missing and the digest, once our own polling is beyond doubt; a provisional digest while it is not."""
    due_at = period.due_at
    if now < due_at + timedelta(minutes=desk.settings.notify.digest_after_minutes):
        return
    with desk.ledger.read() as q:
        sure = beyond_doubt(q, due_at)
    if sure:
        _missing_notices(desk, now, period, done)
        _digest(desk, now, period, done, provisional=False)
    elif now >= due_at + PROVISIONAL_AFTER:
        _digest(desk, now, period, done, provisional=True)


def beyond_doubt(q: Queries, due_at: datetime) -> bool:
    """Whether a poll begun after the cutoff succeeded and no mail received by the cutoff still waits to be read."""
    poll = q.meta("last_good_poll")
    if not poll or datetime.fromisoformat(str(poll["began"])) < due_at:
        return False
    return not any(mail.received_at <= due_at for state in ("stored", "reading") for mail in q.mails(state=state))


def _missing_notices(desk: Desk, now: datetime, period: Period, done: Tick) -> None:
    """One notice to each agency of which nothing attributable came by its own due moment."""
    with desk.write(now) as tx:
        if not tx.add_step(Step(period.type, period.key, "missing", now)):
            return
        law = law_of(desk, tx)
        together = _closing_together(tx, law, period)
        too_late = now > period.due_at + DIGEST_TOO_LATE
        for due in dues_of(tx, law.roster, period):
            if (
                due.status not in ("required", "extended")
                or due.due_at > now
                or due_class(tx, law, period, due.agency, now) != "missing"
            ):
                continue
            row = law.roster.get(due.agency, law.calendar.day(period.due_at))
            facts = MissingFacts(
                agency_name=row.name if row else due.agency,
                at=now,
                items=(owed_fact(desk, period, due, now),),
                agency=due.agency,
                mailbox=desk.office.mailbox_address,
                test_mails=tuple(
                    m.received_at
                    for m in tx.test_mails(due.agency, near.midnight(law.calendar, period.window_from), due.due_at)
                ),
                streak=streak(tx, law, due.agency, period, together, now)[0],
            )
            about = f"due:{period.key}/{due.agency}"
            _post(
                desk,
                tx,
                law,
                now,
                "missing_notice",
                about,
                due.agency,
                [period.key],
                facts.to_json(),
                done,
                "too_late" if too_late else None,
            )


def _closing_together(q: Queries, law: Law, period: Period) -> list[Period]:
    rows = [row for row in q.periods(period.type, until=period.due_at) if not row.skipped]
    return [period_of(q, law.calendar, row.key) for row in sorted(rows, key=lambda row: row.due_at)[-WEEKS_BACK:]]


def _digest(desk: Desk, now: datetime, period: Period, done: Tick, *, provisional: bool) -> None:
    step = "digest-provisional" if provisional else "digest"
    with desk.ledger.read() as q:
        if any(s.step == step for s in q.steps(period.type, period.key)):
            return
        board = board_of(desk, q, period.key, now)
        poll = q.meta("last_good_poll")
        last_good = datetime.fromisoformat(str(poll["ended"])) if poll else None
    with desk.write(now) as tx:
        if not tx.add_step(Step(period.type, period.key, step, now)):
            return
        law = law_of(desk, tx)
        facts = digest(desk, tx, law, board, period, now, provisional=provisional, last_good_poll=last_good)
        to = desk.settings.notify.secretariat
        withheld = "too_late" if now > period.due_at + DIGEST_TOO_LATE else None if to else "no_address"
        withheld = withheld or (None if desk.settings.notify.answer else "answering_off")
        n = 1 if provisional else 2
        letter = tx.add_letter(
            Letter(
                "digest",
                f"period:{period.key}",
                tuple(to),
                {**facts.to_json(), "periods": [period.key]},
                "withheld" if withheld else "pending",
                n=n,
                withheld_because=withheld,
                period=period.key,
            ),
            desk.office.bot_domain,
        )
        done.letters.append(_shown(letter))


# ---- letters to agencies ---------------------------------------------------------------------------------------------


def _post(
    desk: Desk,
    tx: Tx,
    law: Law,
    now: datetime,
    kind: str,
    about: str,
    agency: str,
    periods: list[str],
    facts: dict[str, Any],
    done: Tick,
    withheld: str | None,
) -> None:
    """A letter to every registered address of an agency; one without an address is recorded as such."""
    to = law.roster.addresses(agency, law.calendar.day(now))[:1]
    withheld = withheld or (None if to else "no_address") or (None if desk.settings.notify.answer else "answering_off")
    letter = tx.add_letter(
        Letter(
            kind,
            about,
            tuple(to),
            {**facts, "periods": periods},
            "withheld" if withheld else "pending",
            withheld_because=withheld,
            agency=agency,
            period=periods[0],
        ),
        desk.office.bot_domain,
    )
    done.letters.append(_shown(letter))


def _shown(letter: Letter) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "about": letter.period if letter.kind == "digest" else letter.about,
        "to": ", ".join(letter.to),
        "state": letter.state,
        "message_id": letter.message_id,
    }
