"""The follow-up digest: once after a cutoff, when the last late one came or at the end of the day, and only if something changed.

Rules:

1. It follows the final digest of a period, within seven days; a period moved since then has a digest of its own.
2. It goes when nothing is missing, incomplete or in review any more, at the latest at ``[notify].follow_up`` of the due day; of the
   next working day for a cutoff later than that hour.
3. It brings the consolidated files of its own moment: the sums have changed with the classes.
4. Nothing changed since the digest: the step is taken, no letter is written.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from intake import steps
from intake.board import board_of, period_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.digest_files import consolidated_files
from intake.digests import digest
from intake.outgoing import put_out
from intake.rules.values import Board, Period
from notifier.facts_of_many import DigestFacts, MovedFact
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Json, Letter, Step

STEP = "follow-up"
WITHIN = timedelta(days=7)
OPEN = ("missing", "incomplete", "in_review")


def follow_ups(desk: Desk, now: datetime) -> list[Letter]:
    """The follow-up digests owed now."""
    with desk.ledger.read() as q:
        law = law_of(desk, q)
        owing = [period for period in _waiting(q, law, now) if _is_time(desk, q, law, period, now)]
    return [letter for period in owing if (letter := _follow(desk, period, now))]


def _waiting(q: Queries, law: Law, now: datetime) -> list[Period]:
    """Periods whose digest has gone and whose follow-up has not."""
    keys = q.finished_periods("digest") - q.finished_periods(STEP)
    rows = [row for row in q.periods() if row.key in keys and now - WITHIN <= row.due_at <= now and not row.skipped]
    found = [period_of(q, law.calendar, row.key) for row in sorted(rows, key=lambda row: (row.due_at, row.key))]
    return [period for period in found if not steps.is_moved(q, period)]


def _is_time(desk: Desk, q: Queries, law: Law, period: Period, now: datetime) -> bool:
    end = day_end(desk, law, period)
    if end is None:
        return False
    board = board_of(desk, q, period.key, now)
    return now >= end or not any(board.classes[name] for name in OPEN)


def day_end(desk: Desk, law: Law, period: Period) -> datetime | None:
    """When the follow-up goes at the latest; None when there is none."""
    hour = desk.settings.notify.follow_up
    if hour is None:
        return None
    day = law.calendar.day(period.due_at)
    end = law.calendar.moment(day, hour)
    return end if end > period.due_at else law.calendar.moment(law.calendar.next_working_day(day), hour)


def _follow(desk: Desk, period: Period, now: datetime) -> Letter | None:
    with desk.ledger.read() as q:
        before = [x for x in q.letters(about=f"period:{period.key}", kind="digest") if not x.facts.get("provisional")]
        changed = bool(before) and _changed(before[-1], board_of(desk, q, period.key, now))
    files = consolidated_files(desk, period, now) if changed else []
    with desk.write(now) as tx:
        if not tx.add_step(Step(period.type, period.key, STEP, now)) or not changed:
            return None
        facts = _facts(desk, tx, law_of(desk, tx), period, now)
        since = DigestFacts.from_json(before[-1].facts).at
        return _post(
            desk, tx, period, replace(facts, follow_up=True, since=since, moved=_moved(before[-1], facts)), files
        )


def _changed(before: Letter, board: Board) -> bool:
    was = {line["agency"]: line["due_class"] for line in before.facts["lines"]}
    return any(was.get(line.agency, "not_yet_due") != line.due_class for line in board.lines)


def _facts(desk: Desk, tx: Tx, law: Law, period: Period, now: datetime) -> DigestFacts:
    board = board_of(desk, tx, period.key, now)
    return digest(desk, tx, law, board, period, now, provisional=False, last_good_poll=None)


def _moved(before: Letter, facts: DigestFacts) -> tuple[MovedFact, ...]:
    was = {line["agency"]: line["due_class"] for line in before.facts["lines"]}
    return tuple(
        MovedFact(line.name, was.get(line.agency, "not_yet_due"), line.due_class)
        for line in facts.lines
        if was.get(line.agency, "not_yet_due") != line.due_class
    )


def _post(desk: Desk, tx: Tx, period: Period, facts: DigestFacts, files: list[Json]) -> Letter:
    to, about = tuple(desk.settings.notify.secretariat), f"period:{period.key}"
    n = max(3, tx.next_letter_n(about, "digest"))  # 1 is the provisional one's, 2 the final one's
    said = {**facts.to_json(), "periods": [period.key], "attached": files}
    return put_out(desk, tx, Letter("digest", about, to, said, period=period.key), n)
