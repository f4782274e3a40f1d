"""What a digest states: the board as the secretariat reads it, whom to urge, what to decide, the province's sums.

Sums are over the top level only (a district's report already holds its communes); figures missing are missing, never 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from intake import difficulties, results
from intake.board import gather
from intake.book import Law
from intake.covered_days import covered_days
from intake.desk import Desk
from intake.findings import findings_of, to_check
from intake.letters import figure_facts, latest_name, mail_receipt, name_of
from intake.owing import recent_periods, streak
from intake.people import about, adds, content_of, figures_of, stated_figures_of, with_decisions
from intake.progress import tasks_of
from intake.rules import near
from intake.rules.coverage import Days
from intake.rules.values import CLASSES, Board, BoardLine, Period
from intake.waiting import waiting_in, waiting_mails
from notifier.facts import ExplainedFact
from notifier.facts_of_many import AgencyFigures, CoverageFact, DigestFacts, LineFact, ReviewFact, TotalFact
from storage.queries import Queries
from storage.records import Json, Submission

FAILED_TOLD = timedelta(days=10)  # how long a letter that failed is named in digests; summaries count them all


def digest(
    desk: Desk,
    q: Queries,
    law: Law,
    board: Board,
    period: Period,
    at: datetime,
    *,
    provisional: bool,
    last_good_poll: datetime | None,
) -> DigestFacts:
    """The board as the secretariat reads it, with the province's sums over the top level only."""
    head = q.head()
    figures = agency_figures(desk, q, law, board, period)
    return DigestFacts(
        type=period.type,
        period=period.key,
        at=at,
        due_at=board.due_at,
        expected=board.expected,
        classes={name: board.classes.get(name, 0) for name in CLASSES},
        provisional=provisional,
        last_good_poll=last_good_poll,
        waived=board.waived,
        not_applicable=board.not_applicable,
        not_yet_due=board.not_yet_due,
        received=board.received,
        lines=lines(desk, q, law, board, period, at),
        review=review(q, law, at),
        totals=totals(desk, law, board, period, stated_figures_of(q, period.key)),
        figures=figures,
        set_aside=tuple(f"{mail.id} {mail.from_address}: {mail.reason or ''}" for mail in q.mails(state="set_aside")),
        letters_failed=letters_failed(q, law, at),
        difficulties=tuple(desk.box.confinement().notes),
        explained=explained(q, law, period.key),
        results=results.results(desk, q, law, (period,), before(law, period), at),
        told=difficulties.difficulties(q, law, period, at),
        tasks=tasks_of(desk, q, law, period, at),
        days=days(desk, q, law, period),
        beside=beside(q, law, period),
        log_seq=head.seq if head else None,
        log_hash=head.hash if head else "",
        due_why=period.due_why,
        due_original=period.due_original,
    )


def beside(q: Queries, law: Law, period: Period) -> tuple[str, ...]:
    """Reports accepted for the period of agencies that have no due in it: name and receipt; they count nowhere until one is opened."""
    dues = {due.agency for due in q.dues(period.key)}
    found = {w.agency: w.receipt for w in q.words(period.key) if w.acceptable and w.receipt and w.agency not in dues}
    return tuple(f"{latest_name(law, agency) or agency} – {receipt}" for agency, receipt in found.items())


def letters_failed(q: Queries, law: Law, at: datetime) -> tuple[str, ...]:
    """Letters of the last days that could not be delivered, or came back: which, to whom, why."""
    failed = (x for x in q.letters(state="failed") if x.created_at and at - FAILED_TOLD <= x.created_at <= at)
    return tuple(
        f"{x.kind} {latest_name(law, x.agency or '')} ({', '.join(x.unreached)}): {x.smtp_reply or ''}" for x in failed
    )


def lines(desk: Desk, q: Queries, law: Law, board: Board, period: Period, at: datetime) -> tuple[LineFact, ...]:
    """One line for each due, in protocol order."""
    day = law.calendar.day(period.due_at)
    report_type = desk.report_type(period.type)
    periods = recent_periods(q, law, report_type, at) if report_type else []
    gather(q, (past.key for past in periods))
    latest = {v.agency: (s, v) for s, v in q.verdicts(period.key) if not v.duplicate_of}
    dues = {due.agency: due for due in q.dues(period.key)}
    letters_of = letters_sent(q, period)
    reports = {word.reading_id: with_decisions(report, said) for word, report, said in q.reports_of(period.key)}
    waiting = waiting_in(q, law.calendar, periods, at)
    found = []
    for line in board.lines:
        agency = law.roster.row(line.agency, day)
        submission, verdict = latest.get(line.agency, (None, None))
        silent, unread = line.due_class == "missing", line.due_class == "in_review" and submission is None
        missed, earlier = streak(q, law, line.agency, period, periods, at, waiting) if silent else (0, ())
        report = _report(q, submission, reports)
        due = dues.get(line.agency)
        found.append(
            LineFact(
                line.agency,
                agency.name if agency else line.agency,
                line.due_class,
                agency.group if agency else "",
                agency.level if agency else "",
                line.received_at,
                _against_due(line),
                line.receipt,
                line.revision,
                report.get("number") or "",
                len(to_check(findings_of(q, submission, verdict, report.get("findings")))) if submission else 0,
                " ".join(letters_of.get(line.agency, ())),
                due.paper if due else "not_required",
                due.paper_number if due else "",
                missed,
                earlier,
                agency.contact_name if agency else "",
                agency.contact_phone if agency else "",
                (verdict.reason or "") if verdict else "",
                line.arrived,
                line.due_at if line.due_at != board.due_at else None,
                len(waiting_mails(q, law.calendar, line.agency, [period], at)) if silent or unread else 0,
            )
        )
    return tuple(found)


def _report(q: Queries, submission: Submission | None, known: Mapping[int | None, Json]) -> Json:
    """The report of a submission, people's figures laid over, looked up among those of its period; {} when there is none."""
    if submission is None or submission.reading_id is None:
        return {}
    return known[submission.reading_id] if submission.reading_id in known else content_of(q, submission)


def days(desk: Desk, q: Queries, law: Law, period: Period) -> tuple[CoverageFact, ...]:
    """Days no report covers, or two cover, in protocol order."""
    report_type = desk.report_type(period.type)
    found = covered_days(q, law, report_type, period, None) if report_type else {}
    order = {code: n for n, code in enumerate(law.roster.codes)}
    return tuple(
        CoverageFact(latest_name(law, code), _spans(found[code].uncovered), _spans(found[code].twice))
        for code in sorted(found, key=lambda code: order.get(code, len(order)))
    )


def _spans(spans: Sequence[Days]) -> tuple[str, ...]:
    return tuple(f"{first.isoformat()}..{last.isoformat()}" for first, last in spans)


def before(law: Law, period: Period) -> tuple[Period, ...]:
    """The period it is compared with; none where there is no earlier one."""
    earlier = near.before(law.calendar, period)
    return (earlier,) if earlier and earlier.due_at < period.due_at else ()


def explained(q: Queries, law: Law, period: str) -> tuple[ExplainedFact, ...]:
    """What agencies said of findings of a period, the last word on each, in the order they said it."""
    last = {(one.agency, one.code, one.message): one for one in q.explanations(period=period)}
    return tuple(
        ExplainedFact(one.code, one.reason, one.message, "", one.type, period, latest_name(law, one.agency), one.at)
        for one in sorted(last.values(), key=lambda one: one.id)
    )


def _against_due(line: BoardLine) -> int | None:
    """Seconds after the due moment, negative when before it."""
    if line.received_at is None:
        return None
    return int((line.received_at - line.due_at).total_seconds())


def review(q: Queries, law: Law, at: datetime) -> tuple[ReviewFact, ...]:
    """What waits for a person, oldest first."""
    found = []
    for item in q.reviews(open_only=True):
        mail = q.mail(item.mail_id) if item.mail_id else None
        code = str(item.detail.get("agency") or "")
        found.append(
            ReviewFact(
                name_of(law, code, at) or (mail.from_address if mail else item.kind),
                item.reason,
                str(item.detail.get("receipt") or (mail_receipt(mail) if mail else "")),
                mail.from_address if mail else "",
                str(item.detail.get("said") or (mail.subject if mail else "")),
                item.opened_at,
            )
        )
    return tuple(found)


def agency_figures(desk: Desk, q: Queries, law: Law, board: Board, period: Period) -> tuple[AgencyFigures, ...]:
    """Figures of each expected agency: the latest acceptable revision; no values where there is none."""
    day = law.calendar.day(period.due_at)
    form = desk.form(period.type, day)
    reports = figures_of(q, period.key)
    receipts = {w.agency: w.receipt for w in q.words(period.key) if w.acceptable and w.receipt}
    found = []
    for line in board.lines:
        agency = law.roster.row(line.agency, day)
        facts = figure_facts(form, reports[line.agency], {}, agency) if form and line.agency in reports else ()
        found.append(
            AgencyFigures(
                line.agency,
                agency.name if agency else line.agency,
                receipts.get(line.agency),
                {f.key: f for f in facts},
            )
        )
    return tuple(found)


def totals(desk: Desk, law: Law, board: Board, period: Period, reports: Mapping[str, Json]) -> tuple[TotalFact, ...]:
    """The province's sums: top level only, the number of agencies that stated each figure beside it; cumulative ones add nothing."""
    day = law.calendar.day(period.due_at)
    form = desk.form(period.type, day)
    if form is None:
        return ()
    counted = [line.agency for line in board.lines if line.due_class in CLASSES]
    top = [agency for agency in counted if near.top_level(law.roster, agency, day)]
    stated: dict[str, list[Decimal]] = defaultdict(list)
    only_about: Counter[str] = Counter()
    for agency in top:
        report = reports.get(agency, {})
        added = adds(report)
        for key, value in added.items():
            stated[key].append(value)
        only_about.update(about(report) & added.keys())
    return tuple(
        _total(line.key, line.label, stated.get(line.key, ()), len(top), only_about[line.key])
        for line in form.lines
        if line.kind in ("count", "ratio") and line.on_form
    )


def _total(key: str, label: str, stated: Sequence[Decimal], expected: int, only_about: int) -> TotalFact:
    value = str(sum(stated, Decimal(0))) if stated else None
    return TotalFact(key, label, value, len(stated), expected, about=only_about)


def letters_sent(q: Queries, period: Period) -> dict[str, list[str]]:
    """Agency → kinds of the letters that left about this period, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for agency, kind in q.kinds_sent(period.key):
        found[agency].append(kind)
    return found
