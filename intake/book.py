"""The book of one agency and one report type: every claim it ever made, judged together and recorded where the word changed.

Rules:

1. The whole book is judged each time, ordered by receipt, so the order of fetching can never matter (ADR 0006).
2. A verdict is a new row, only where it differs from the latest one; nothing is overwritten.
3. Decisions of people are read beside the facts and win over everything automatic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, cast

from intake import outages
from intake.desk import EMPTY_ROSTER, Desk, parsed_roster
from intake.rules.calendar import Calendar
from intake.rules.judge import judge
from intake.rules.roster import Roster
from intake.rules.values import Assignment, Claim, DueState, DueStatus, Period, ReportType
from storage.ledger import Tx
from storage.queries import BookEntry, Queries
from storage.read_dues import in_force
from storage.records import Decision, DueRow, RosterVersion, Submission, Verdict

RULES_VERSION = "7"  # raised when a rule of intake/rules changes its meaning
WHOSE = frozenset({"ambiguous_agency", "sender_unknown", "sender_unverified"})  # settled once a person says whose it is
_OUTCOMES = {
    "accept": "accepted",
    "refuse": "refused",
    "credit": "credited",
    "withdraw": "withdrawn",
    "superseded": "withdrawn",
    "readable": "accepted",
    "not-a-report": "not_a_report",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the judge said of one submission, and what had been said before."""

    submission: Submission
    verdict: Verdict
    before: Verdict | None  # None: judged for the first time
    copies: tuple[Ruling, ...] = ()  # those found to repeat this one

    @property
    def changed(self) -> bool:
        """Whether this is a different word from the one before."""
        return self.before is not None and self.before.id != self.verdict.id


@dataclass(frozen=True, slots=True)
class Law:
    """Roster and calendar in force for one transaction.

    ``roster`` is of the day asked for; what a period is owed by is asked of the roster in force on its due day, so that
    neither the order of fetching nor the day of judging can change it.
    """

    roster: Roster
    calendar: Calendar
    rosters: tuple[RosterVersion, ...] = ()  # every one imported

    def roster_for(self, period: Period) -> Roster:
        """The roster in force on the day the period is due."""
        version = in_force(self.rosters, period.due_day or period.cutoff_day)
        return parsed_roster(version.csv) if version else self.roster

    def owes(self, agency: str, report_type: str, period: Period) -> bool:
        """Whether the agency owes that period."""
        return self.roster_for(period).owes(agency, report_type, period)


def law_of(desk: Desk, q: Queries, day: date | None = None) -> Law:
    """The roster in force on that day (default today) and the calendar, as the ledger holds them now."""
    rosters = q.rosters()
    version = in_force(rosters, day or desk.calendar.day(desk.clock.now()))
    return Law(parsed_roster(version.csv if version else EMPTY_ROSTER), desk.calendar_of(q), rosters)


def judge_book(tx: Tx, law: Law, agency: str, report_type: ReportType, at: datetime) -> tuple[Ruling, ...]:
    """Judge every claim of the agency for that type; write a verdict for each whose word is new or different."""
    entries = {entry.submission.ref: entry for entry in tx.book(agency, report_type.type)}
    claims = [claim_of(entry, agency) for entry in entries.values()]
    row = law.roster.row(agency, law.calendar.day(at))
    assignments = judge(
        claims,
        report_type,
        law.calendar,
        lambda period: not len(law.roster.agencies) or law.owes(agency, report_type.type, period),
        lambda key: due_state(tx, key, agency),
        window_shift=row.window_shift if row else 0,
        held_up=outages.held_up(tx, entries),
    )
    return _with_copies(
        [_record(tx, law, entries[word.ref], claim, word) for claim, word in _paired(claims, assignments)]
    )


def _with_copies(rulings: list[Ruling]) -> tuple[Ruling, ...]:
    copies: dict[str, tuple[Ruling, ...]] = {}
    for ruling in rulings:
        if first := ruling.verdict.duplicate_of:
            copies[first] = (*copies.get(first, ()), ruling)
    return tuple(replace(ruling, copies=copies.get(ruling.submission.ref, ())) for ruling in rulings)


def claim_of(entry: BookEntry, agency: str) -> Claim:
    """The facts of a submission with the decisions people took on it."""
    facts = entry.submission
    outcome: str | None = None
    period: str | None = None
    received_at = received_of(entry)
    blocked, refused = facts.blocked, facts.refused
    decided_at: datetime | None = None
    deemed = False
    for decision in entry.decisions:
        if decision.what in _OUTCOMES:
            outcome, decided_at = _OUTCOMES[decision.what], decision.at
        elif decision.what == "period":
            period = decision.after
        elif decision.what == "deemed-at" and decision.after:
            received_at, deemed = datetime.fromisoformat(decision.after), True
            blocked = None if blocked == "clock_disagrees" else blocked
        elif decision.what == "agency":
            blocked = None if blocked in WHOSE else blocked
    if blocked in WHOSE and any(d.what == "agency" for d in entry.mail_decisions):
        blocked = None
    core_stated = min(facts.core_total, facts.core_stated + _stated_by_people(entry.decisions))
    return Claim(
        ref=facts.ref,
        mail_sha256=entry.mail_sha256,
        agency=agency,
        type=facts.type,
        received_at=received_at,
        window_start=facts.window_from,
        window_end=facts.window_to,
        stated_period=facts.stated_period,
        answers=facts.answers,
        content_key=facts.content_key,
        core_stated=core_stated,
        core_total=facts.core_total,
        recognised=facts.recognised,
        warnings=any(f.get("severity") in ("warning", "error") for f in facts.findings),
        blocked=None if outcome else blocked,
        refused=None if outcome else refused,
        person_period=period,
        person_outcome=outcome,  # type: ignore[arg-type]
        recorded=facts.seq,
        decided_at=decided_at,
        deemed=deemed,
    )


def received_of(entry: BookEntry) -> datetime:
    """When the mail came, by the earliest sighting known now."""
    return entry.mail_received_at or entry.submission.received_at


def _stated_by_people(decisions: tuple[Decision, ...]) -> int:
    """How many core lines people filled in that the reader had not: only counted when the facts say which were blank."""
    return len(
        {d.after.split("=", 1)[0] for d in decisions if d.what == "set" and d.after and "core" in (d.before or "")}
    )


def _paired(claims: list[Claim], assignments: tuple[Assignment, ...]) -> list[tuple[Claim, Assignment]]:
    by_ref = {claim.ref: claim for claim in claims}
    return [(by_ref[word.ref], word) for word in assignments]


def _record(tx: Tx, law: Law, entry: BookEntry, claim: Claim, word: Assignment) -> Ruling:
    new = Verdict(
        submission_id=entry.submission.id,
        agency=claim.agency,
        type=claim.type,
        period=word.period,
        how=word.how,
        outcome=word.outcome,
        timing=word.timing,
        late_seconds=word.late_seconds,
        received_at=claim.received_at,
        acceptable=word.acceptable,
        creditable=word.creditable,
        due_at=word.due_at,
        due_original=word.due_original,
        due_why=word.due_why,
        duplicate_of=word.duplicate_of,
        reason=word.reason,
        notes=word.notes,
        versions={"rules": RULES_VERSION, "calendar": law.calendar.version, "roster": law.roster.version},
    )
    before = entry.verdict
    if before is not None and same_word(before, new):
        return Ruling(entry.submission, before, before)
    new = replace(new, rule=law.calendar.rule(claim.type, _clock(tx, entry, claim)))
    said = tx.add_verdict(new)
    outages.ask(tx, entry, said)
    return Ruling(entry.submission, said, before)


def _clock(tx: Tx, entry: BookEntry, claim: Claim) -> str:
    """Which clock decided: a person, our border, or the mailbox."""
    if claim.received_at != received_of(entry):
        return "deemed"
    mail = tx.mail(entry.submission.mail_id)
    return "border" if mail and mail.border_received else "internaldate"


def same_word(a: Verdict, b: Verdict) -> bool:
    """Whether two verdicts say the same of the submission, whatever the versions they were made with."""
    fields = (
        "agency",
        "period",
        "outcome",
        "timing",
        "late_seconds",
        "acceptable",
        "creditable",
        "due_at",
        "duplicate_of",
        "reason",
        "received_at",
    )
    return all(getattr(a, f) == getattr(b, f) for f in fields)


def due_state(q: Queries, period: str, agency: str, as_of: datetime | None = None) -> DueState | None:
    """The due as the ledger froze or changed it (by that moment); None before its period was opened."""
    row = q.due(period, agency, as_of)
    return due_of_row(row) if row else None


def due_of_row(row: DueRow) -> DueState:
    """A row of the ledger as the rules want it; statuses in the ledger are the contract's words."""
    return DueState(
        period=row.period,
        type=row.type,
        agency=row.agency,
        status=cast("DueStatus", row.status),
        due_at=row.due_at,
        due_original=row.due_original,
        due_why=row.due_why,
        paper=cast("Literal['not_required', 'awaited', 'received']", row.paper),
        after_cutoff=row.after_cutoff,
        since=row.at,
    )


def next_period(law: Law, agency: str, report_type: str, after: datetime) -> Period | None:
    """The next period the agency owes whose cutoff lies after that moment, looking one year ahead."""
    day = law.calendar.day(after)
    ahead = (
        day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year + 1, day=28)
    )
    for period in law.calendar.periods(report_type, day, ahead):
        if not period.skipped and period.due_at > after and law.owes(agency, report_type, period):
            return period
    return None
