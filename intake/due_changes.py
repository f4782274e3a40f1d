"""What people change of what is owed: one due, one period for everybody. Each with reason and log entry.

Rules: those of ``intake.decisions``. After the cutoff a change needs a second person, but for the paper that has come; whoever was given
longer keeps it when the period moves. What is decided before the period opens holds from then on (``intake.foreseen``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from intake.board import class_as_of, period_of
from intake.book import Law, law_of
from intake.correcting import Cause
from intake.decisions import Refused, second_person
from intake.desk import Desk
from intake.excusing import tell_excused
from intake.foreseen import DueChange, changed, foreseen
from intake.opening import new_due
from intake.rejudging import judge_and_tell
from intake.rules.values import Period
from storage.ledger import Tx
from storage.records import Decision, DueRow, PeriodRow


def _whatever(_tx: Tx) -> None:
    """Nobody looked at anything before."""


def change_due(
    desk: Desk, key: str, agency: str, change: DueChange, unchanged: Callable[[Tx], None] = _whatever
) -> str:
    """Change one due; returns its class afterwards. Raises ``Refused``, ``NoSuchPeriod``.

    ``unchanged`` raises when the due is no longer what the person looked at; asked inside the transaction.
    """
    now = desk.clock.now()
    if not change.reason.strip():
        raise Refused("--reason: expected a reason in words")
    with desk.write(now) as tx:
        unchanged(tx)
        law = law_of(desk, tx)
        period = period_of(tx, law.calendar, key)
        row = tx.due(key, agency) or _new_due(desk, tx, law, period, agency)
        if row is None:
            raise Refused(f"{agency} owes nothing for {key}")
        if change.what == "extend" and (change.until is None or change.until <= period.due_at):
            raise Refused("--extend-to: expected a moment after the cutoff")
        after = now >= row.due_at or now >= period.due_at
        late = after and change.what != "paper"
        second_person(desk, change.second, "a change after the cutoff needs a second person" if late else None)
        tx.add_decision(
            Decision(
                f"due:{key}/{agency}",
                change.what,
                row.status,
                change.after,
                change.reason,
                desk.actor,
                change.second,
            )
        )
        if tx.is_open(key):
            tx.change_due(changed(row, period, change, after_cutoff=after))
        why = {"extend": "extended", "waive": "waived"}.get(change.what, "decision")
        judge_and_tell(desk, tx, {(agency, period.type)}, now, Cause(why))
        tell_excused(desk, tx, key, [agency], now)
        return class_as_of(tx, law, period, agency, now)[0]


def _new_due(desk: Desk, tx: Tx, law: Law, period: Period, agency: str) -> DueRow | None:
    """The due of an agency by the roster: its period has still to open, or opened before the roster had it. None where it has not."""
    if period.skipped or not law.owes(agency, period.type, period):
        return None
    return foreseen(tx, period, [new_due(desk, period, agency)])[0]


def change_period(
    desk: Desk,
    key: str,
    *,
    skip: bool,
    due_at: datetime | None,
    reason: str,
    second: str | None,
    unchanged: Callable[[Tx], None] = _whatever,
) -> PeriodRow:
    """Skip or move one period for everybody; ``unchanged`` as for a due. Raises ``Refused``, ``NoSuchPeriod``."""
    now = desk.clock.now()
    if not reason.strip():
        raise Refused("--reason: expected a reason in words")
    with desk.write(now) as tx:
        unchanged(tx)
        law = law_of(desk, tx)
        period = period_of(tx, law.calendar, key)
        late = now >= period.due_at
        second_person(desk, second, "a change after the cutoff needs a second person" if late else None)
        if due_at and due_at <= now:
            raise Refused("--due-at: expected a moment still to come")
        what, after = ("skip", "skip") if skip else ("due-at", due_at.isoformat() if due_at else "")
        moved_from = period.due_at.isoformat()
        tx.add_decision(Decision(f"period:{key}", what, moved_from, after, reason, desk.actor, second))
        row = _period_row(law, period, due_at, reason, skip=skip)
        before = tx.period(key)
        tx.change_period(row)
        if before is not None and before.skipped and not skip:
            _owed_again(tx, law, period, before, row, reason)
        _dues_follow(tx, key, due_at, reason, skip=skip)
        agencies = [due.agency for due in tx.dues(key)]
        judge_and_tell(desk, tx, {(agency, period.type) for agency in agencies}, now, Cause("calendar"))
        tell_excused(desk, tx, key, agencies, now)
        return row


def _period_row(law: Law, period: Period, due_at: datetime | None, reason: str, *, skip: bool) -> PeriodRow:
    window, versions = (period.window_from, period.window_to), (law.calendar.version, law.roster.version)
    due = due_at or period.due_at
    return PeriodRow(period.key, period.type, *window, period.due_original, due, _override(reason), skip, *versions)


def _override(reason: str) -> str:
    """Why a period or its dues stand elsewhere, as the calendar writes it."""
    return f"override: {reason}"


def _dues_follow(tx: Tx, key: str, due_at: datetime | None, reason: str, *, skip: bool) -> None:
    """The dues of the period move with it; one that was given longer keeps its own leave."""
    status, why = "not_applicable" if skip else "required", _override(reason)
    for due in tx.dues(key):
        longer = due.status == "extended" and due_at is not None and due.due_at > due_at
        if due.status in ("required", "extended") and not longer:
            new_due = due_at or due.due_at
            tx.change_due(replace(due, status=status, due_at=new_due, due_why=why, reason=reason, seq=0, at=None))


def _owed_again(tx: Tx, law: Law, period: Period, skipped: PeriodRow, row: PeriodRow, reason: str) -> None:
    """A period skipped before and wanted after all: the dues the skip took away come back, those never frozen are frozen now."""
    if not tx.is_open(row.key):
        return
    moved = replace(period, due_at=row.due_at, due_day=law.calendar.day(row.due_at), skipped=False)
    known = {due.agency: due for due in tx.dues(row.key)}
    for due in known.values():
        if due.status == "not_applicable" and due.at == skipped.at:
            tx.change_due(replace(due, status="required", reason=reason, seq=0, at=None))
    for code in law.roster_for(moved).expected(moved):
        if code not in known:
            tx.change_due(DueRow(row.key, row.type, code, "required", row.due_at, row.due_original, row.due_why))
