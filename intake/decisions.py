"""What people decide: one mail or report, a roster (``intake.due_changes``: a due, a period). Each with reason and log entry.

Rules:

1. A decision is a new row; nothing it changes is overwritten. The book it touches is judged again in the same transaction.
2. One that changes a deadline class after the cutoff needs a second person (plan: waivers and extensions after the cutoff).
3. What a sent letter stated is corrected by a letter, never in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from intake import flow
from intake.asking import Found
from intake.book import Law, law_of
from intake.correcting import Cause, nothing_in_it
from intake.desk import Desk, parsed_roster
from intake.people import wrong_value
from intake.rejudging import close_reviews, judge_and_tell, settle_mail
from intake.replying import EXPLAINS, open_codes
from intake.rules.roster import Change, diff, parse_roster
from intake.set_aside import correct_all, taken_up
from intake.tools import lacks_tool
from parsers.fold import fold
from storage.ledger import Tx
from storage.records import Decision, RosterVersion, Submission, Verdict

OUTCOMES = ("accept", "refuse", "not-a-report", "credit", "withdraw")
UNDERSTOOD = ("read", "enclosure", "copy")  # outcomes of a part that leave nothing to ask of it
TOLD = ("accepted", "accepted_with_warnings", "incomplete", "refused")  # outcomes a letter has told as the result
AGAIN = ("set_aside", "needs_review", "not_a_report")  # states a mail is read again from
OF_CLASS = frozenset(
    {
        "accept",
        "credit",
        "deemed-at",
        "waive",
        "extend",
        "reopen",
        "not-applicable",
        "period",
        "refuse",
        "withdraw",
        "not-a-report",
    }
)


class Refused(Exception):
    """The operator's mistake: a decision that cannot be taken as given. The text says what is missing."""


class NeedsSecond(Refused):
    """The decision stands, but two persons must take it."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a person says of one mail or report."""

    reason: str
    second: str | None = None
    agency: str | None = None
    period: str | None = None
    sets: Mapping[str, str] | None = None
    outcome: str | None = None  # one of OUTCOMES
    deemed_at: datetime | None = None
    explains: tuple[str, ...] = ()  # codes of findings an answer in words of its own explains

    @property
    def says_something(self) -> bool:
        """Whether anything is decided at all."""
        return bool(_wanted(self))


def decide(
    desk: Desk,
    found: Found,
    verdicts: Verdicts,
    reread: Callable[[int], object] | None = None,
    unchanged: Callable[[Tx], None] = lambda _tx: None,
) -> list[int]:
    """Record what a person decided and judge again. Returns the ids of the decisions. Raises ``Refused``.

    A mail that made no submission is read again with the person's word: at once, or by ``reread`` where another reads.
    ``unchanged`` raises when the mail is no longer what the person looked at; asked inside the transaction.
    """
    if not verdicts.reason.strip():
        raise Refused("--reason: expected a reason in words")
    now = desk.clock.now()
    wanted = _wanted(verdicts)
    if not wanted:
        raise Refused(
            "decide: expected at least one of --agency --period --set --accept --refuse --not-a-report --credit --withdraw --deemed-at --explains"
        )
    with desk.write(now) as tx:
        unchanged(tx)
        _check(desk, tx, found, verdicts, now)
        ids = [
            tx.add_decision(_decision(tx, desk, found, submission, what, after, verdicts)).id
            for what, after in wanted
            for submission in found.submissions or (None,)
        ]
        _apply(desk, tx, found, verdicts, now)
    if not found.submissions and (verdicts.agency or verdicts.explains or verdicts.outcome in ("accept", "credit")):
        reread(found.mail_id) if reread else again(desk, found.mail_id)
    return ids


def _wanted(verdicts: Verdicts) -> list[tuple[str, str]]:
    wanted = [("set", f"{key}={value}") for key, value in (verdicts.sets or {}).items()]
    wanted += [(EXPLAINS, code) for code in verdicts.explains]
    if verdicts.agency:
        wanted.append(("agency", verdicts.agency))
    if verdicts.period:
        wanted.append(("period", verdicts.period))
    if verdicts.deemed_at:
        wanted.append(("deemed-at", verdicts.deemed_at.isoformat()))
    if verdicts.outcome:
        wanted.append((verdicts.outcome, verdicts.outcome))
    return wanted


def _check(desk: Desk, tx: Tx, found: Found, verdicts: Verdicts, now: datetime) -> None:
    law = law_of(desk, tx)
    if verdicts.agency and verdicts.agency not in law.roster.codes:
        raise Refused(f"--agency: expected a code of the roster, got {verdicts.agency!r}")
    if verdicts.period and law.calendar.period(verdicts.period) is None:
        raise Refused(f"--period: expected a period key such as weekly:2017-07-21, got {verdicts.period!r}")
    for submission in found.submissions if verdicts.period else ():
        if str(verdicts.period).partition(":")[0] != submission.type:
            raise Refused(f"--period: report {submission.ref} is a {submission.type} one, got {verdicts.period!r}")
    _check_explained(tx, found, verdicts)
    if verdicts.deemed_at and verdicts.deemed_at > now:
        raise Refused("--deemed-at: expected a moment that has passed")
    second_person(desk, verdicts.second, "--deemed-at needs a second person" if verdicts.deemed_at else None)
    if not found.submissions and verdicts.outcome not in (None, "not-a-report", "accept", "credit"):
        raise Refused(f"mail {found.mail_id} made no submission: only --agency, --accept or --not-a-report apply")
    for submission in found.submissions:
        form = desk.form(submission.type)
        wrong = [wrong_value(form, k, v) for k, v in (verdicts.sets or {}).items()] if form else []
        if problems := [w for w in wrong if w]:
            raise Refused("\n".join(problems))
    if verdicts.sets and not any(s.reading_id for s in found.submissions):
        raise Refused("--set: there is no report to state a figure of")
    verdicts_now = [tx.latest_verdict(submission.id) for submission in found.submissions]
    if any(_changes_class(desk, law, verdicts, said, now) for said in verdicts_now if said and said.outcome in TOLD):
        second_person(desk, verdicts.second, "a change of class after the cutoff needs a second person")


def _check_explained(tx: Tx, found: Found, verdicts: Verdicts) -> None:
    """Only what is open in the due an answer speaks of is explained by it, and only by an answer that waits for a person."""
    mail = tx.mail(found.mail_id) if verdicts.explains else None
    if mail is None:
        return
    known = () if found.submissions or mail.state != "needs_review" else open_codes(tx, mail)
    if wrong := [code for code in verdicts.explains if code not in known]:
        said = (
            f"expected one of {', '.join(known)}" if known else f"mail {mail.id} answers nothing that is still to check"
        )
        raise Refused(f"--explains {wrong[0]}: {said}")


def _changes_class(desk: Desk, law: Law, verdicts: Verdicts, said: Verdict, now: datetime) -> bool:
    """Whether a person's word on a report already told of may change the class of a due whose moment has passed."""
    over = said.due_at is not None and said.due_at <= now
    if verdicts.period and verdicts.period != said.period:
        wanted = law.calendar.period(verdicts.period)
        return over or bool(wanted and wanted.due_at <= now)
    of_class = {what for what, _ in _wanted(verdicts)} & OF_CLASS - {"period"}
    form = desk.form(said.type)
    completes = said.outcome == "incomplete" and form is not None and set(verdicts.sets or {}) & set(form.core)
    return over and bool(of_class or completes or (verdicts.agency and verdicts.agency != said.agency))


def second_person(desk: Desk, second: str | None, needed: str | None) -> None:
    """Two persons are two: the second is somebody, and not the one who decides. Raises ``Refused``."""
    if second is None:
        if needed:
            raise NeedsSecond(f"{needed}: --second NAME")
        return
    name = fold(second).strip()
    if not name:
        raise Refused("--second: expected a name")
    if name in (fold(desk.actor), fold(desk.actor.partition(":")[2])):
        raise Refused(f"--second: expected another person than the one who decides ({desk.actor})")


def _decision(
    tx: Tx, desk: Desk, found: Found, submission: Submission | None, what: str, after: str, verdicts: Verdicts
) -> Decision:
    target = f"submission:{submission.id}" if submission else f"mail:{found.mail_id}"
    before: str | None = None
    if submission:
        verdict = tx.latest_verdict(submission.id)
        before = {"agency": verdict.agency, "period": verdict.period}.get(what, verdict.outcome) if verdict else None
        if what == "set":
            before = _figure_before(tx, desk, submission, after.split("=", 1)[0])
    return Decision(target, what, before, after, verdicts.reason, desk.actor, verdicts.second)


def _figure_before(tx: Tx, desk: Desk, submission: Submission, key: str) -> str:
    """What the reader had: "core blank" when a core line was not stated, so that the book can count it as stated now."""
    reading = tx.reading(submission.reading_id) if submission.reading_id else None
    figure = reading.report["figures"].get(key) if reading else None
    form = desk.form(submission.type)
    line = form.line(key) if form else None
    if line is None:
        raise Refused(f"--set: {key!r} is no line of this form")
    state = figure["state"] if figure else "absent"
    stated = state in ("number", "zero", "nil")
    return f"{'core ' if line.core and not stated else ''}{state} {figure.get('value') if figure else ''}".strip()


def _apply(desk: Desk, tx: Tx, found: Found, verdicts: Verdicts, now: datetime) -> None:
    """Judge every book the decision touches again; correct what letters said; close the review items it settles."""
    books: set[tuple[str, str]] = set()
    for submission in found.submissions:
        books.add((submission.agency, submission.type))
        if verdicts.agency and verdicts.agency != submission.agency:
            books.add((verdicts.agency, submission.type))
    judge_and_tell(desk, tx, books, now, Cause(_why(verdicts), about_mail=found.mail_id))
    if found.submissions or verdicts.outcome == "not-a-report":
        state = "not_a_report" if verdicts.outcome == "not-a-report" else "recorded"
        settled = settle_mail(tx, found.mail_id, state, f"decided: {verdicts.outcome or 'person'}", "decided")
        mail = tx.mail(found.mail_id)
        if settled and mail and not found.submissions:
            nothing_in_it(desk, tx, law_of(desk, tx), mail, now)
            if doubted := taken_up(tx, found.mail_id):
                correct_all(desk, tx, doubted, now, Cause("decision"))


def _why(verdicts: Verdicts) -> str:
    """What a correction gives as its reason: a code of the wording, else the person's own words."""
    if verdicts.deemed_at:
        return "deemed_at"
    if verdicts.agency:
        return "agency"
    if verdicts.outcome == "withdraw":
        return "withdrawn"
    return "period" if verdicts.period and not verdicts.outcome else verdicts.reason


def again(desk: Desk, mail_id: int) -> str | None:
    """Read a mail again from the vault: set aside, waiting for a tool, or attributed by a person."""
    now = desk.clock.now()
    with desk.write(now) as tx:
        mail = tx.mail(mail_id)
        if mail is None:
            raise Refused(f"there is no mail {mail_id}")
        if tx.erased_at(mail_id) is not None:
            raise Refused(f"mail {mail_id} was erased: there is nothing left to read")
        tx.move_mail(mail_id, "stored", expect=AGAIN, why="retry", attempts=0)
        close_reviews(tx, mail_id, "retry")
        before = tx.submissions(mail_id)
    state = flow.handle(desk, mail_id)
    with desk.write(now) as tx:
        _supersede(desk, tx, mail_id, before, state, now)
    return state


def _supersede(
    desk: Desk, tx: Tx, mail_id: int, before: Sequence[Submission], state: str | None, now: datetime
) -> None:
    """An attempt nobody could read is withdrawn once its file was understood, or the agency's report of that type stood in the mail."""
    known = {s.id for s in before}
    read = {(s.agency, s.type) for s in tx.submissions(mail_id) if s.id not in known and s.report_n}
    for submission in before:
        settled = (submission.agency, submission.type) in read or _is_read(desk, tx, submission, state)
        if submission.report_n == 0 and not submission.recognised and settled:
            what = Decision(f"submission:{submission.id}", "superseded", None, "superseded", "read again", "system")
            tx.add_decision(what)
    judge_and_tell(
        desk, tx, {(s.agency, s.type) for s in tx.submissions(mail_id)}, now, Cause("reread", about_mail=mail_id)
    )


def _is_read(desk: Desk, tx: Tx, attempt: Submission, state: str | None) -> bool:
    """Whether the file of an attempt, or the mail where none was named, has been understood by now as something else than its report.

    Of a type without a form the file itself is the report: it is never taken back for being readable.
    """
    part = next((part for part in tx.parts(attempt.mail_id) if part.n == attempt.part_n), None)
    if part is None:
        return state == "not_a_report"
    return part.outcome in UNDERSTOOD and (part.outcome != "enclosure" or desk.form(attempt.type) is not None)


def retryable(desk: Desk) -> list[int]:
    """Mails set aside, or with a part that waits for a tool; not those erased."""
    with desk.ledger.read() as q:
        waiting = [m for m in q.mails(state="needs_review") if any(map(lacks_tool, q.parts(m.id)))]
        return [m.id for m in (*q.mails(state="set_aside"), *waiting) if q.erased_at(m.id) is None]


# ---- roster ----------------------------------------------------------------------------------------------------------


def roster_diff(desk: Desk, csv: str, day: date | None = None) -> tuple[Change, ...]:
    """What importing this roster would change against the one in force that day. Raises ``RosterError`` with every mistake."""
    new = parse_roster(csv)
    with desk.ledger.read() as q:
        return diff(desk.roster(q, day=day), new)


def import_roster(
    desk: Desk,
    csv: str,
    effective: date,
    sha256: str,
    *,
    unchanged: Callable[[Tx], None] = lambda _tx: None,
    said: Mapping[str, str] | None = None,
) -> Sequence[Change]:
    """Make this the roster in force from a day on; refused whole when it has a mistake. Raises ``RosterError``.

    ``unchanged`` raises when it is no longer the roster the person compared it with; ``said`` goes into the log beside it.
    """
    changes = roster_diff(desk, csv, effective)
    parsed_roster(csv)
    with desk.write(desk.clock.now()) as tx:
        unchanged(tx)
        tx.import_roster(RosterVersion(csv, sha256, effective), **(said or {}))
    return changes
