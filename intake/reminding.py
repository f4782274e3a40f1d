"""Reminders before a cutoff: what is due at the same moment is asked for in one letter an agency.

Rules: a reminder whose cutoff has passed, and all but the latest that came due while we were down, are recorded as withheld, never sent;
so are those the mail server did not take in time (``notifier.postman``) and the earlier ones it did not take before the next came due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from intake import steps
from intake.board import gather, opened_class
from intake.book import Law, law_of
from intake.clock_letters import Owed, Tick, name_on, owed_letter, post
from intake.desk import Desk
from intake.opening import Together, by_agency, common_dues
from intake.owing import owed_fact
from intake.rules import near
from intake.rules.values import DueState, Period
from notifier.facts import ReminderFacts
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Letter, Step

NOT_RECEIVED = ("missing", "incomplete")


@dataclass(frozen=True, slots=True)
class Reminding:
    """One reminder of one period, or of a single due that was moved on its own."""

    period: Period
    step: str
    due: DueState | None = None


def remind(desk: Desk, moments: Sequence[Together], done: Tick) -> None:
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
    classes = {(p.key, d.agency): opened_class(tx, law, p, d.agency, now) for p, d in asked}
    owing = [(p, d) for p, d in asked if classes[p.key, d.agency] in NOT_RECEIVED]
    for agency, items in by_agency(law, owing).items():
        facts = ReminderFacts(
            agency_name=name_on(law, agency, now),
            at=now,
            items=tuple(
                owed_fact(desk, p, d, now, incomplete=classes[p.key, agency] == "incomplete") for p, d in items
            ),
            agency=agency,
            step=spec,
            mailbox=desk.office.mailbox_address,
        )
        about = f"agency:{agency}/{due_at.isoformat()}/{spec}"
        letter = owed_letter("reminder", about, agency, items, facts.to_json(), too_late=overtaken or now >= due_at)
        _overtake(desk, tx, letter, due_at)
        post(desk, tx, law, letter, done)


def _overtake(desk: Desk, tx: Tx, letter: Letter, due_at: datetime) -> None:
    """The agency's earlier reminders of the same moment that wait for the mail server: one letter is enough."""
    for spec in desk.settings.notify.reminders:
        for earlier in tx.letters(about=f"agency:{letter.agency}/{due_at.isoformat()}/{spec}", state="pending"):
            if earlier.about != letter.about and earlier.raw_sha256 is None:
                tx.settle_letter(earlier, "withheld", "too_late", withheld_because="too_late")
