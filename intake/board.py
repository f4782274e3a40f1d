"""The board of a period as the log knew it at a moment: dues frozen at opening, latest verdicts, classes by ``rules.compliance``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import cast

from intake.book import Law, due_of_row, due_state
from intake.desk import Desk
from intake.foreseen import foreseen
from intake.rules import compliance, near
from intake.rules.calendar import Calendar
from intake.rules.roster import Roster
from intake.rules.values import Board, DueState, Outcome, Period, Revision
from intake.unopened import unopened
from storage.queries import Queries
from storage.read_words import Word
from storage.records import DueRow, Step


class NoSuchPeriod(LookupError):
    """A period key no calendar rule produces."""


def period_of(q: Queries, calendar: Calendar, key: str, as_of: datetime | None = None) -> Period:
    """The period as frozen when it opened, else as the calendar has it now. Raises ``NoSuchPeriod``."""
    period = calendar.period(key)
    if period is None:
        raise NoSuchPeriod(key)
    row = q.period(key, as_of)
    if row is None:
        return period
    return replace(
        period,
        window_from=row.window_from,
        window_to=row.window_to,
        due_at=row.due_at,
        due_original=row.due_original,
        due_why=row.due_why,
        skipped=row.skipped,
    )


def dues_of(q: Queries, roster: Roster, period: Period, as_of: datetime | None = None) -> tuple[DueState, ...]:
    """The dues of a period in protocol order; before it opened, those the roster expects."""
    rows = {row.agency: row for row in q.dues(period.key, as_of)}
    if not rows:
        if period.skipped:
            return ()
        return _expected(q, period, roster.expected(period), as_of)
    order = {code: n for n, code in enumerate(roster.codes)}
    return tuple(due_of_row(rows[code]) for code in sorted(rows, key=lambda code: (order.get(code, len(order)), code)))


def _expected(
    q: Queries, period: Period, agencies: Iterable[str], as_of: datetime | None = None
) -> tuple[DueState, ...]:
    """The dues of these agencies as the period would open with them."""
    moments = (period.due_at, period.due_original, period.due_why)
    rows = [DueRow(period.key, period.type, code, "required", *moments) for code in agencies]
    return tuple(due_of_row(row) for row in foreseen(q, period, rows, as_of))


def _revisions(words: Iterable[Word]) -> list[Revision]:
    """Submissions under their latest verdicts, as the rules of compliance see them; copies are none."""
    return [
        Revision(
            ref=word.ref,
            receipt=word.receipt or "",
            revision=word.revision or 0,
            received_at=word.received_at,
            late_seconds=word.late_seconds,
            outcome=cast("Outcome", word.outcome),
            acceptable=word.acceptable,
            creditable=word.creditable,
            settled=word.timing != "unknown",
        )
        for word in words
        if not word.duplicate_of
    ]


def revisions_of(
    q: Queries, calendar: Calendar, period: Period, as_of: datetime | None = None, received_by: datetime | None = None
) -> dict[str, list[Revision]]:
    """Agency → its revisions for the period; a report, or a mail nobody could open, that may be its stands under it as in review."""
    words = q.words_by_agency(period.key, as_of=as_of, received_by=received_by)
    found = {agency: _revisions(of_agency) for agency, of_agency in words.items()}
    for agency, mails in unopened(q, calendar, period, as_of, received_by).items():
        found[agency] = [*found.get(agency, ()), *mails]
    return found


def revisions_of_agency(
    q: Queries, calendar: Calendar, period: Period, agency: str, as_of: datetime | None = None
) -> list[Revision]:
    """The revisions of one due, with the mails nobody could open."""
    return [*opened_of_agency(q, period.key, agency, as_of), *unopened(q, calendar, period, as_of).get(agency, ())]


def opened_of_agency(q: Queries, key: str, agency: str, as_of: datetime | None = None) -> list[Revision]:
    """The revisions of one due: looked up among the period's once these were asked for, else among the agency's.

    With ``as_of`` this due's alone are asked for: a page shows one.
    """
    if q.knows("words", key, *((("as_of", as_of),) if as_of else ())):
        words = q.words_by_agency(key, as_of=as_of).get(agency, ())
    elif as_of is None:
        words = q.words_on_dues(agency).get(key, ())
    else:
        words = q.words_on_due(key, agency, as_of=as_of)
    return _revisions(words)


def gather(q: Queries, keys: Iterable[str]) -> None:
    """Ask for everything of these periods at once: many of their dues will be looked at."""
    for key in keys:
        q.words(key)
        q.dues(key)


def board_of(desk: Desk, q: Queries, key: str, as_of: datetime, received_by: datetime | None = None) -> Board:
    """Every due of a period with its class, as of a moment. Raises ``NoSuchPeriod``."""
    calendar = desk.calendar_of(q, as_of)
    period = period_of(q, calendar, key, as_of)
    roster = desk.roster(q, as_of, period.due_day or period.cutoff_day)
    dues = dues_of(q, roster, period, as_of)
    closed = any(_closes(step, period) and step.at <= as_of for step in q.steps(period.type, period.key))
    return compliance.board(
        period, dues, revisions_of(q, calendar, period, as_of, received_by), as_of, calendar, closed
    )


def _closes(step: Step, period: Period) -> bool:
    """Whether a step says that the period's present cutoff has passed; one before the period was moved does not."""
    moment = step.detail.get("due_at")
    return step.step.startswith("closed") and bool(moment) and datetime.fromisoformat(str(moment)) == period.due_at


def due_class(q: Queries, law: Law, period: Period, agency: str, at: datetime) -> str:
    """The class of one due with all that has arrived, as it will count at its cutoff if nothing more comes."""
    return _due_class(q, law, period, agency, at, revisions_of_agency(q, law.calendar, period, agency))


def opened_class(q: Queries, law: Law, period: Period, agency: str, at: datetime) -> str:
    """The same by what could be opened alone: whoever seems silent is written to, and told of the mail that waits."""
    return _due_class(q, law, period, agency, at, opened_of_agency(q, period.key, agency))


def _due_class(q: Queries, law: Law, period: Period, agency: str, at: datetime, revisions: list[Revision]) -> str:
    due = due_state(q, period.key, agency) or _expected(q, period, [agency])[0]
    return compliance.classify(due, revisions, max(at, due.due_at), law.calendar)


def class_as_of(q: Queries, law: Law, period: Period, agency: str, as_of: datetime) -> tuple[str, str | None]:
    """The class of one due as the board of that moment has it; before its moment the one its reports would reach."""
    due = due_state(q, period.key, agency, as_of) or _expected(q, period, [agency], as_of)[0]
    revisions = revisions_of_agency(q, law.calendar, period, agency, as_of)
    came = any(revision.outcome != "withdrawn" for revision in revisions)
    due_class = compliance.classify(due, revisions, as_of, law.calendar)
    return due_class, compliance.reached(due, revisions, law.calendar) if due_class == "not_yet_due" and came else None


def latest_open(desk: Desk, q: Queries, at: datetime) -> str | None:
    """The latest slot already open of the first report type: what ``cchc board`` shows by default."""
    if not desk.calendar.types:
        return None
    report_type = desk.calendar.types[0].type
    opened = [row for row in q.periods(report_type) if row.at is not None and row.at <= at and not row.skipped]
    if opened:
        in_order = sorted(opened, key=lambda row: row.due_at)
        today = desk.calendar.day(
            at
        )  # on the day of a cutoff its own board is wanted, though the next slot is open already
        return next((row for row in in_order if desk.calendar.day(row.due_at) >= today), in_order[-1]).key
    calendar = desk.calendar_of(q)
    past = [p for p in calendar.periods(report_type, calendar.rules.start, calendar.day(at)) if not p.skipped]
    if past:
        return past[-1].key
    coming = near.coming(calendar, report_type, at)
    return coming.key if coming else None
