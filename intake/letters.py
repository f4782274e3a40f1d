"""What letters state, gathered from the ledger while the fact they report is being written (same transaction).

Acknowledgement and correction about a mail, reminder and missing notice to an agency, digest to the secretariat.
Only codes, names and numbers go in; the wording is ``notifier``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from intake.board import due_class, period_of
from intake.book import Law, Ruling, next_period
from intake.desk import Desk
from intake.rules.values import CLASSES, Agency, Board, DueState, Period, ReportType
from intake.understanding import Understanding
from notifier.facts import (
    AcknowledgementFacts,
    AgencyFigures,
    Change,
    CorrectionFact,
    DigestFacts,
    FigureFact,
    FileFact,
    FindingFact,
    LineFact,
    OwedFact,
    ReportFact,
    ReviewFact,
    TotalFact,
)
from parsers.form import Form
from storage.queries import Queries
from storage.records import Json, Mail, Part

WEEKS_BACK = 8  # periods looked at for what an agency still owes and how long it has been silent


def acknowledgement(
    desk: Desk, q: Queries, law: Law, mail: Mail, seen: Understanding, rulings: Sequence[Ruling], at: datetime, *, correction: CorrectionFact | None = None
) -> AcknowledgementFacts:
    """The one answer to a mail: every report in it with its verdict, every file with its fate, what is still owed."""
    code = seen.sender.code or (rulings[0].verdict.agency if rulings else "")
    agency = law.roster.get(code, law.calendar.day(mail.received_at)) if code else None
    envelope = seen.reading.envelope
    reports = tuple(report_fact(desk, q, law, ruling, at) for ruling in rulings)
    return AcknowledgementFacts(
        agency_name=agency.name if agency else "",
        agency=code,
        subject=envelope.subject,
        in_reply_to=envelope.message_id or "",
        references=envelope.references,
        received_at=mail.received_at,
        clock="border" if mail.border_received else "internaldate",
        internaldate=mail.internaldate,
        border_received=mail.border_received,
        receipt=next((r.receipt for r in reports if r.receipt), mail_receipt(mail)),
        reports=reports,
        files=tuple(file_fact(part) for part in q.parts(mail.id)),
        owed=owed(desk, q, law, agency, at) if agency else (),
        test=seen.state == "test",
        owes_nothing=bool(agency and not agency.reports),
        reports_to_name=_name(law, agency.reports_to, at) if agency and not agency.reports else "",
        outcome=seen.reading.outcome,
        reason=seen.reason,
        mail_sha256=mail.sha256,
        correction=correction,
    )


def mail_receipt(mail: Mail) -> str:
    """How a mail without a due is quoted."""
    return f"CCHC-X-{mail.sha256[:10]}"


def _name(law: Law, code: str, at: datetime) -> str:
    row = law.roster.get(code, law.calendar.day(at))
    return row.name if row else ""


def file_fact(part: Part) -> FileFact:
    """One file and what became of it."""
    return FileFact(part.name, part.outcome, part.reason, part.size, part.type)


def report_fact(desk: Desk, q: Queries, law: Law, ruling: Ruling, at: datetime) -> ReportFact:
    """One submission under its verdict, with figures beside last period's."""
    submission, verdict = ruling.submission, ruling.verdict
    report_type = desk.report_type(verdict.type)
    period = period_of(q, law.calendar, verdict.period) if verdict.period else None
    reading = next((r for r in reversed(q.readings(submission.mail_id)) if (r.part_n, r.report_n) == (submission.part_n, submission.report_n)), None)
    content: Json = reading.report if reading else {}
    part = next((p for p in q.parts(submission.mail_id) if p.n == submission.part_n), None)
    agency = law.roster.get(verdict.agency, law.calendar.day(verdict.received_at))
    form = desk.form(verdict.type)
    following = next_period(law, verdict.agency, report_type, max(at, verdict.due_at or at)) if report_type else None
    before = previous_revision(q, verdict.period, verdict.agency, verdict.revision)
    window = content.get("window") or {}
    return ReportFact(
        receipt=verdict.receipt or "",
        type=verdict.type,
        outcome=verdict.outcome,
        due_class=due_class(q, law, period, verdict.agency, at) if period else "",
        revision=verdict.revision,
        period=verdict.period,
        how=verdict.how,
        timing=verdict.timing,
        late_seconds=verdict.late_seconds,
        due_at=verdict.due_at,
        due_original=verdict.due_original,
        due_why=verdict.due_why,
        at_cutoff=law.calendar.rules.at_cutoff,
        received_at=verdict.received_at if verdict.received_at != submission.received_at else None,
        number=content.get("number") or "",
        date=_day(content.get("date")),
        window_from=_day(window.get("from")),
        window_to=_day(window.get("to")),
        file=part.name if part else "",
        figures=figure_facts(form, content, last_figures(q, law, period, verdict.agency), agency) if form else (),
        findings=tuple(finding_fact(f, part.name if part else "", form) for f in submission.findings),
        notes=verdict.notes,
        reason=verdict.reason,
        cure_until=law.calendar.cure_until(verdict.type, verdict.due_at) if verdict.due_at else None,
        next_due_at=following.due_at if following else None,
        duplicate_of=_receipt_of(q, verdict.duplicate_of),
        basis=report_type.basis if report_type else "",
        changes=changes(form, before, content) if form and before else (),
        candidates=tuple(filter(None, (_name(law, c, at) for c in submission.candidates))),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _receipt_of(q: Queries, ref: str | None) -> str | None:
    if not ref:
        return None
    mail_id, part_n, report_n = (int(x) for x in ref.split("."))
    found = next((s for s in q.submissions(mail_id) if (s.part_n, s.report_n) == (part_n, report_n)), None)
    verdict = q.latest_verdict(found.id) if found else None
    return verdict.receipt if verdict else None


def previous_revision(q: Queries, period: str | None, agency: str, revision: int | None) -> Json | None:
    """The report of the revision before this one, None for the first."""
    if not period or not revision or revision < 2:
        return None
    earlier = [(v.revision or 0, s) for s, v in q.verdicts(period) if v.agency == agency and (v.revision or 0) < revision and s.content_key]
    if not earlier:
        return None
    submission = max(earlier, key=lambda pair: pair[0])[1]
    reading = next((r for r in reversed(q.readings(submission.mail_id)) if (r.part_n, r.report_n) == (submission.part_n, submission.report_n)), None)
    return reading.report if reading else None


def last_figures(q: Queries, law: Law, period: Period | None, agency: str) -> Json:
    """The figures of the agency's previous period: latest acceptable revision, {} when there is none."""
    if period is None:
        return {}
    before = law.calendar.before(period)
    return q.figures_of(before.key).get(agency, {}).get("figures", {}) if before else {}


def figure_facts(form: Form, content: Json, last: Json, agency: Agency | None) -> tuple[FigureFact, ...]:
    """The lines of the form as read; lines the roster marks not applicable are left out unless stated."""
    figures = content.get("figures", {})
    not_asked = set(agency.not_applicable) if agency else set()
    facts = []
    for line in form.lines:
        figure = figures.get(line.key)
        if figure is None or line.kind == "text":
            continue
        if figure["state"] == "absent" and (not line.core or line.key in not_asked):
            continue
        facts.append(
            FigureFact(
                line.key,
                line.label,
                figure.get("raw") or "",
                _text(figure.get("value")),
                figure["state"],
                tuple(figure.get("flags", ())),
                _text((last.get(line.key) or {}).get("value")),
                core=line.core and line.key not in not_asked,
                section=line.section,
                percent=line.kind == "percentage",
            )
        )
    return tuple(facts)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def finding_fact(finding: Json, file: str, form: Form | None) -> FindingFact:
    """A finding with the place it stands at."""
    where = finding.get("where") or {}
    line = form.line(finding["figures"][0]) if form and finding.get("figures") else None
    return FindingFact(
        finding["code"],
        finding.get("severity", "warning"),
        finding.get("title", ""),
        finding.get("message", ""),
        finding.get("fix", ""),
        finding.get("example", ""),
        file,
        where.get("text") or "",
        where.get("page"),
        line.section if line else "",
        where.get("table"),
        where.get("row"),
        where.get("cell"),
    )


def changes(form: Form, before: Json, after: Json) -> tuple[Change, ...]:
    """The figures that differ from the revision before."""
    found = []
    for line in form.lines:
        old = _text((before.get("figures", {}).get(line.key) or {}).get("value"))
        new = _text((after.get("figures", {}).get(line.key) or {}).get("value"))
        if old != new:
            found.append(Change(line.key, line.label, old, new))
    return tuple(found)


def owed_fact(desk: Desk, period: Period, due: DueState | None = None, at: datetime | None = None) -> OwedFact:
    """One report an agency is asked for."""
    report_type = desk.report_type(period.type)
    due_at = due.due_at if due else period.due_at
    return OwedFact(
        period.type,
        period.key,
        period.window_from,
        period.window_to,
        due_at,
        period.due_original,
        (due.due_why if due else None) or period.due_why,
        paper=bool(due and due.paper == "awaited"),
        basis=report_type.basis if report_type else "",
        overdue=bool(at and due_at < at),
    )


def owed(desk: Desk, q: Queries, law: Law, agency: Agency, at: datetime) -> tuple[OwedFact, ...]:
    """What the agency still owes of the periods already closed, newest last, looking back over the recent ones."""
    found = []
    for report_type in desk.calendar.types:
        for period in recent_periods(q, law, report_type, at):
            if not law.roster.owes(agency.code, report_type.type, period) or period.due_at > at:
                continue
            if due_class(q, law, period, agency.code, at) in ("missing", "incomplete"):
                found.append(owed_fact(desk, period, at=at))
    return tuple(sorted(found, key=lambda o: str(o.due_at)))


def recent_periods(q: Queries, law: Law, report_type: ReportType, at: datetime) -> list[Period]:
    """The latest opened periods of a type, oldest first, as the ledger froze them."""
    rows = [row for row in q.periods(report_type.type, until=at) if not row.skipped]
    keys = [row.key for row in sorted(rows, key=lambda row: row.due_at)[-WEEKS_BACK:]]
    return [period_of(q, law.calendar, key) for key in keys]


def streak(q: Queries, law: Law, agency: str, period: Period, periods: Iterable[Period], at: datetime) -> tuple[int, tuple[str, ...]]:
    """How many periods in a row up to this one are missing, and the keys of all earlier missing ones."""
    count, earlier, unbroken = 0, [], True
    for past in sorted(periods, key=lambda p: p.due_at, reverse=True):
        if past.due_at > period.due_at or not law.roster.owes(agency, past.type, past):
            continue
        missing = due_class(q, law, past, agency, at) == "missing"
        unbroken = unbroken and missing
        count += unbroken
        if missing and past.key != period.key:
            earlier.append(past.key)
    return count, tuple(reversed(earlier))


def digest(desk: Desk, q: Queries, law: Law, board: Board, period: Period, at: datetime, *, provisional: bool, last_good_poll: datetime | None) -> DigestFacts:
    """The board as the secretariat reads it, with the province's sums over the top level only."""
    head = q.head()
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
        totals=totals(desk, q, law, board, period),
        figures=agency_figures(desk, q, law, board, period),
        set_aside=tuple(f"{mail.id}: {mail.reason or ''}" for mail in q.mails(state="set_aside")),
        letters_failed=tuple(f"{letter.kind} {letter.agency or ''}: {letter.smtp_reply or ''}" for letter in q.letters(state="failed")),
        difficulties=tuple(desk.box.confinement().notes),
        log_seq=head.seq if head else None,
        log_hash=head.hash if head else "",
        due_why=period.due_why,
        due_original=period.due_original,
    )


def lines(desk: Desk, q: Queries, law: Law, board: Board, period: Period, at: datetime) -> tuple[LineFact, ...]:
    """One line for each due, in protocol order."""
    day = law.calendar.day(period.due_at)
    report_type = desk.report_type(period.type)
    periods = recent_periods(q, law, report_type, at) if report_type else []
    latest = {v.agency: (s, v) for s, v in q.verdicts(period.key) if not v.duplicate_of}
    found = []
    for line in board.lines:
        agency = law.roster.get(line.agency, day)
        submission, verdict = latest.get(line.agency, (None, None))
        missed, earlier = streak(q, law, line.agency, period, periods, at) if line.due_class == "missing" else (0, ())
        reading = q.reading(submission.reading_id) if submission and submission.reading_id else None
        due = next((d for d in q.dues(period.key) if d.agency == line.agency), None)
        found.append(
            LineFact(
                line.agency,
                agency.name if agency else line.agency,
                line.due_class,
                agency.group if agency else "",
                agency.level if agency else "",
                line.received_at,
                line.late_seconds,
                line.receipt,
                line.revision,
                (reading.report.get("number") or "") if reading else "",
                sum(f.get("severity") in ("ask", "warning", "error") for f in submission.findings) if submission else 0,
                "",
                due.paper if due else "not_required",
                due.paper_number if due else "",
                missed,
                earlier,
                agency.contact_name if agency else "",
                agency.contact_phone if agency else "",
                (verdict.reason or "") if verdict else "",
                line.arrived,
                line.due_at if line.due_at != board.due_at else None,
            )
        )
    return tuple(found)


def review(q: Queries, law: Law, at: datetime) -> tuple[ReviewFact, ...]:
    """What waits for a person, oldest first."""
    found = []
    for item in q.reviews(open_only=True):
        mail = q.mail(item.mail_id) if item.mail_id else None
        code = str(item.detail.get("agency") or "")
        found.append(
            ReviewFact(
                _name(law, code, at) or (mail.from_address if mail else item.kind),
                item.reason,
                str(item.detail.get("receipt") or (mail_receipt(mail) if mail else "")),
                mail.from_address if mail else "",
                mail.subject if mail else "",
            )
        )
    return tuple(found)


def agency_figures(desk: Desk, q: Queries, law: Law, board: Board, period: Period) -> tuple[AgencyFigures, ...]:
    """Figures of each expected agency: the latest acceptable revision; no values where there is none."""
    form = desk.form(period.type)
    reports = q.figures_of(period.key)
    receipts = {v.agency: v.receipt for _, v in q.verdicts(period.key) if v.acceptable and v.receipt}
    day = law.calendar.day(period.due_at)
    found = []
    for line in board.lines:
        agency = law.roster.get(line.agency, day)
        facts = figure_facts(form, reports[line.agency], {}, agency) if form and line.agency in reports else ()
        found.append(AgencyFigures(line.agency, agency.name if agency else line.agency, receipts.get(line.agency), {f.key: f for f in facts}))
    return tuple(found)


def totals(desk: Desk, q: Queries, law: Law, board: Board, period: Period) -> tuple[TotalFact, ...]:
    """The province's sums: top level only, the number of agencies that stated each figure beside it."""
    form = desk.form(period.type)
    if form is None:
        return ()
    per_agency = [a for a in agency_figures(desk, q, law, board, period) if law.roster.top_level(a.agency, law.calendar.day(period.due_at))]
    expected = sum(1 for line in board.lines if line.due_class in CLASSES and law.roster.top_level(line.agency, law.calendar.day(period.due_at)))
    return tuple(_total(line.key, line.label, per_agency, expected) for line in form.lines if line.kind in ("count", "ratio") and line.on_form)


def _total(key: str, label: str, rows: Sequence[AgencyFigures], expected: int) -> TotalFact:
    stated = [Decimal(row.values[key].value or "0") for row in rows if key in row.values and row.values[key].state in ("number", "zero", "nil")]
    return TotalFact(key, label, str(sum(stated, Decimal(0))) if stated else None, len(stated), expected)


def with_correction(facts: AcknowledgementFacts, before: str, after: str, why: str, receipt: str, letter_seq: int | None) -> AcknowledgementFacts:
    """The same letter as a correction of an earlier one."""
    return replace(facts, correction=CorrectionFact(before, after, why, receipt, letter_seq))
