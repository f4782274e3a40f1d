"""Notices to agencies of which nothing came by the cutoff, one letter for everything missed at that moment.

Rules: asked for only once our own polling is beyond doubt (``cutoff``); whoever misses again and again is written of to somebody higher
(``escalating``); a notice more than 7 days late is recorded and not sent, and nobody is written to beside it.
"""

from __future__ import annotations

from datetime import datetime

from intake import steps
from intake.board import gather, opened_class
from intake.book import Law, law_of
from intake.clock_letters import TOO_LATE, Owed, Tick, name_on, owed_letter, post, shown
from intake.desk import Desk
from intake.escalating import climb
from intake.opening import Together, by_agency, common_dues, reopened_dues
from intake.owing import owed_fact, recent_periods, streak
from intake.rules import near
from intake.rules.values import DueState, Period
from intake.waiting import waiting_in, waiting_mails
from notifier.facts import MissingFacts
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Step


def missing_notices(desk: Desk, together: Together, done: Tick) -> None:
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
        missing = [(p, d) for p, d in asked if opened_class(tx, law, p, d.agency, now) == "missing"]
        owing = by_agency(law, missing)
        for agency, items in owing.items():
            _missing_notice(desk, tx, law, agency, items, done)
        in_time = {agency: items for agency, items in owing.items() if not _too_late(desk, items, now)}
        done.letters += [shown(letter) for letter in climb(desk, tx, law, in_time, now)]


def _missing_notice(desk: Desk, tx: Tx, law: Law, agency: str, items: Owed, done: Tick) -> None:
    first, due_at = items[0][0], items[0][1].due_at
    since = near.midnight(law.calendar, min(period.window_from for period, _ in items))
    facts = MissingFacts(
        agency_name=name_on(law, agency, due_at),
        at=done.at,
        items=tuple(owed_fact(desk, p, d, done.at) for p, d in items),
        agency=agency,
        mailbox=desk.office.mailbox_address,
        test_mails=tuple(m.received_at for m in tx.test_mails(agency, since, due_at)),
        streak=_silent(desk, tx, law, agency, items, done.at),
        waiting=waiting_mails(tx, law.calendar, agency, [period for period, _ in items], done.at),
    )
    about = f"due:{first.key}/{agency}"
    too_late = _too_late(desk, items, done.at)
    post(desk, tx, law, owed_letter("missing_notice", about, agency, items, facts.to_json(), too_late=too_late), done)


def _too_late(desk: Desk, items: Owed, now: datetime) -> bool:
    return now > _working_from(desk, items[0][1].due_at) + TOO_LATE


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
    return streak(q, law, agency, period, recent, now, waiting_in(q, law.calendar, recent, now))[0]
