"""What letters state, gathered from the ledger while the fact they report is being written (same transaction).

Acknowledgement and correction about a mail, reminder and missing notice to an agency, digest to the secretariat.
Only codes, names and numbers go in; the wording is ``notifier``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from intake import other_revisions
from intake.board import due_class, period_of
from intake.book import Law, Ruling, next_period
from intake.desk import Desk
from intake.findings import findings_of
from intake.owing import owed
from intake.people import agency_figures, content_of
from intake.rules import near
from intake.rules.judge import SAME_CONTENT
from intake.rules.values import Agency, Period
from intake.task_rows import overdue, task_of
from intake.understanding import Understanding
from notifier.facts import AcknowledgementFacts, Change, FigureFact, FileFact, FindingFact, ReportFact, TaskFact
from parsers.form import Form
from storage.queries import Queries
from storage.records import Json, Mail, Part, Submission, Verdict

PERSON = "person"  # how an agency is known that a person named
_UNREAD = {"inferred": "unread"}  # of a file nobody read nothing is said of what stands in it
SUCCESSOR = "successor"  # how an agency is known that writes for the one it came after


def acknowledgement(
    desk: Desk,
    q: Queries,
    law: Law,
    mail: Mail,
    seen: Understanding,
    rulings: Sequence[Ruling],
    at: datetime,
) -> AcknowledgementFacts:
    """The one answer to a mail: every report in it with its verdict, every file with its fate, what is still owed."""
    code = seen.sender.code or (rulings[0].verdict.agency if rulings else "")
    agency = law.roster.get(code, law.calendar.day(mail.received_at)) if code else None
    envelope = seen.reading.envelope
    reports = tuple(report_fact(desk, q, law, ruling, at) for ruling in rulings)
    waits = (q.mail(mail.id) or mail).state == "needs_review"
    return AcknowledgementFacts(
        agency_name=agency.name if agency else "",
        agency=code,
        subject=envelope.subject,
        in_reply_to=envelope.message_id or "",
        references=envelope.references,
        received_at=mail.received_at,
        clock=clock_of(mail),
        internaldate=mail.internaldate,
        border_received=mail.border_received,
        receipt=next((r.receipt for r in reports if r.receipt), mail_receipt(mail)),
        reports=reports,
        files=tuple(file_fact(part, looked_at=waits) for part in q.parts(mail.id)),
        owed=owed(desk, q, law, agency, at) if agency else (),
        next_due_at=next_due(desk, law, agency.code, at) if agency else None,
        test=seen.state == "test",
        owes_nothing=bool(agency and not agency.reports),
        reports_to_name=name_of(law, agency.reports_to, at) if agency and not agency.reports else "",
        outcome=seen.reading.outcome,
        reason=seen.reason,
        mail_sha256=mail.sha256,
    )


def clock_of(mail: Mail) -> str:
    """Which clock says when it came."""
    return "border" if mail.border_received else "internaldate"


def mail_receipt(mail: Mail) -> str:
    """How a mail without a due is quoted."""
    return f"CCHC-X-{mail.sha256[:10]}"


def next_due(desk: Desk, law: Law, code: str, at: datetime) -> datetime | None:
    """The next cutoff the agency still has to meet, of whatever type."""
    found = [p.due_at for t in desk.calendar.types if (p := next_period(law, code, t.type, at))]
    return min(found, default=None)


def name_of(law: Law, code: str, at: datetime) -> str:
    """An agency's name on that day, empty when it is not in the roster."""
    row = law.roster.get(code, law.calendar.day(at))
    return row.name if row else ""


def latest_name(law: Law, code: str) -> str:
    """An agency's name as it was called last, also when it has ended."""
    row = law.roster.latest(code)
    return row.name if row else ""


def file_fact(part: Part, *, looked_at: bool = True) -> FileFact:
    """One file and what became of it; what we could not read is ``unread`` where the mail waits for nobody."""
    outcome = "unread" if part.outcome == "needs_review" and not looked_at else part.outcome
    return FileFact(part.name, outcome, part.reason, part.size, part.type)


def report_fact(desk: Desk, q: Queries, law: Law, ruling: Ruling, at: datetime) -> ReportFact:
    """One submission under its verdict, with figures beside last period's."""
    submission, verdict = ruling.submission, ruling.verdict
    period = period_of(q, law.calendar, verdict.period) if verdict.period else None
    form = desk.form(verdict.type, law.calendar.day(period.due_at if period else verdict.received_at))
    report_type = desk.report_type(verdict.type)
    following = next_period(law, verdict.agency, verdict.type, max(at, verdict.due_at or at)) if report_type else None
    content, before = content_of(q, submission), other_revisions.previous(q, verdict)
    part = next((p for p in q.parts(submission.mail_id) if p.n == submission.part_n), None)
    findings, stands = (
        findings_of(q, submission, verdict),
        verdict.outcome != "withdrawn" and verdict.reason != "no_report",
    )
    agency = law.roster.row(verdict.agency, law.calendar.day(verdict.received_at))
    return replace(
        _stated(law, content, verdict.agency, _ruled(law, submission, verdict), by_person=_attributed(q, submission)),
        revision=other_revisions.nth_sent(q, verdict),
        due_class=due_class(q, law, period, verdict.agency, at) if period else "",
        file=part.name if part else "",
        figures=figure_facts(form, content, last_figures(q, law, period, verdict.agency), agency)
        if form and stands
        else (),
        findings=tuple(
            finding_fact(f, part.name if part else "", form)
            for f in findings
            if not f.get("note") and not (verdict.outcome == "incomplete" and _only_lacking(form, content, f))
        ),
        notes=_notes(ruling, content, findings),
        next_due_at=following.due_at if following else None,
        duplicate_of=receipt_of(q, verdict.duplicate_of),
        basis=report_type.basis if report_type else "",
        changes=changes(form, before[1], content) if form and before else (),
        changes_since=before[0] if before else "",
        decided_by=other_revisions.decided_by(q, verdict),
        waits_for=other_revisions.in_review(q, verdict),
        same_content=other_revisions.same_content(q, submission, verdict) if SAME_CONTENT in verdict.notes else "",
        paper=paper_awaited(q, verdict),
        tasks=_tasks(law, content, verdict),
        candidates=tuple(filter(None, (name_of(law, c, at) for c in submission.candidates))),
    )


def _ruled(law: Law, submission: Submission, verdict: Verdict) -> ReportFact:
    """What the verdict alone says."""
    due_at = verdict.due_at
    return ReportFact(
        receipt=verdict.receipt or "",
        type=verdict.type,
        outcome=verdict.outcome,
        period=verdict.period,
        how=verdict.how,
        timing=verdict.timing,
        late_seconds=verdict.late_seconds,
        due_at=due_at,
        due_original=verdict.due_original,
        due_why=verdict.due_why,
        at_cutoff=law.calendar.at_cutoff(verdict.type),
        received_at=verdict.received_at if verdict.received_at != submission.received_at else None,
        reason=verdict.reason,
        cure_until=law.calendar.cure_until(verdict.type, due_at) if due_at and verdict.creditable else None,
    )


def _attributed(q: Queries, submission: Submission) -> bool:
    """Whether a person said whose report it is."""
    return any(decision.what == "agency" for decision in q.decisions(f"submission:{submission.id}"))


def _stated(law: Law, content: Json, agency: str, fact: ReportFact, *, by_person: bool) -> ReportFact:
    """With what the report itself states, its agency, number, day and window, and how the agency was found."""
    window = content.get("window") or {}
    how = PERSON if by_person else (content.get("agency") or {}).get("how") or ""
    return replace(
        fact,
        how=fact.how if content else _UNREAD.get(fact.how, fact.how),
        agency_how=how,
        agency_name=latest_name(law, agency) if how == SUCCESSOR else "",
        number=content.get("number") or "",
        date=_day(content.get("date")),
        window_from=_day(window.get("from")),
        window_to=_day(window.get("to")),
    )


def _notes(ruling: Ruling, content: Json, findings: Sequence[Json]) -> tuple[str, ...]:
    """The verdict's notes but those an agency has explained; and whom it came after."""
    verdict = ruling.verdict
    answered = {f["note"] for f in findings if f.get("note") and "explanation" in f}
    successor = (content.get("agency") or {}).get("how") == SUCCESSOR
    kept = (note if content else _UNREAD.get(note, note) for note in verdict.notes if note not in answered)
    return (*kept, *((SUCCESSOR,) if successor else ()))


def _tasks(law: Law, content: Json, verdict: Verdict) -> tuple[TaskFact, ...]:
    """The rows of a task list as read, with what was past its date when the report came."""
    period, day = verdict.period or "", law.calendar.day(verdict.received_at)
    found = (task_of(row, verdict.agency, period, period) for row in content.get("rows") or ())
    return tuple(replace(task, overdue=overdue(task, day)) for task in found)


def _only_lacking(form: Form | None, content: Json, finding: Json) -> bool:
    """Whether a finding says nothing but that core lines are not filled in: an incomplete report's letter lists those itself."""
    figures, keys = content.get("figures", {}), finding.get("figures") or ()
    blank = all((figures.get(key) or {}).get("state") in ("blank", "absent") for key in keys)
    return bool(form and keys) and blank and set(keys) <= set(form.core if form else ())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def receipt_of(q: Queries, ref: str | None) -> str | None:
    """The receipt of the report a reference such as "17.2.1" names."""
    if not ref:
        return None
    mail_id, part_n, report_n = (int(x) for x in ref.split("."))
    found = next((s for s in q.submissions(mail_id) if (s.part_n, s.report_n) == (part_n, report_n)), None)
    verdict = q.latest_verdict(found.id) if found else None
    return verdict.receipt if verdict else None


def paper_awaited(q: Queries, verdict: Verdict) -> bool:
    """Whether the due still waits for its paper copy."""
    due = q.due(verdict.period, verdict.agency) if verdict.period else None
    return due is not None and due.paper == "awaited"


def last_figures(q: Queries, law: Law, period: Period | None, agency: str) -> Json:
    """The figures of the agency's previous period: latest acceptable revision, {} when there is none."""
    if period is None:
        return {}
    before = near.before(law.calendar, period)
    return agency_figures(q, before.key, agency).get("figures", {}) if before else {}


def figure_facts(
    form: Form, content: Json, last: Json, agency: Agency | None, only: str = ""
) -> tuple[FigureFact, ...]:
    """The lines of the form (or one of them) as read; lines the roster marks not applicable are left out unless stated."""
    figures = content.get("figures", {})
    not_asked = set(agency.not_applicable) if agency else set()
    facts = []
    for line in form.lines:
        figure = figures.get(line.key)
        if figure is None or line.kind == "text" or only not in ("", line.key):
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
        str((finding.get("explanation") or {}).get("reason") or ""),
    )


def changes(form: Form, before: Json, after: Json) -> tuple[Change, ...]:
    """The figures that differ from the revision before, in number or in what stands instead of one."""
    found = []
    for line in form.figures:
        old, old_state = _said((before.get("figures") or {}).get(line.key))
        new, new_state = _said((after.get("figures") or {}).get(line.key))
        if (old, _UNSAID.get(old_state, old_state)) != (new, _UNSAID.get(new_state, new_state)):
            percent = line.kind == "percentage"
            found.append(Change(line.key, line.label, old, new, old_state, new_state, percent))
    return tuple(found)


_UNSAID = {"blank": "absent"}  # a line left blank and one left out state the same: nothing


def _said(figure: Json | None) -> tuple[str | None, str]:
    """A figure's number, else the state that stands instead of one."""
    value, state = _text((figure or {}).get("value")), str((figure or {}).get("state") or "absent")
    return (value, "") if value is not None else (None, state)
