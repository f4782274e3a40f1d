"""What the pages of one mail show: its way from the server to the acknowledgement, its reports, its letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.asking import NotFound
from intake.board import class_as_of, period_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.findings import findings_of
from intake.letters import last_figures, latest_name
from intake.people import content_of
from parsers.form import Form
from storage.queries import Queries
from storage.records import Decision, Json, Letter, Mail, Part, ReviewItem, Submission, Verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the form as read."""

    key: str
    label: str
    section: str
    kind: str
    core: bool
    value: object
    state: str
    raw: str
    flags: tuple[str, ...]
    placed: bool
    boxed: bool  # its place on the page is known: a picture of it can be shown
    last: object  # the period before, None when not known
    findings: tuple[Json, ...]

    @property
    def doubtful(self) -> bool:
        """Whether a person should look: a finding names it, it was read from a picture without certainty, or a core line is not stated."""
        asked = any("explanation" not in finding for finding in self._warnings)
        return asked or self.state == "unreadable" or (self.core and self.state in ("blank", "absent"))

    @property
    def flagged(self) -> bool:
        """Whether a finding that is more than a remark names it."""
        return bool(self._warnings)

    @property
    def _warnings(self) -> list[Json]:
        return [finding for finding in self.findings if finding.get("severity") != "info"]

    @property
    def from_picture(self) -> bool:
        """Whether it was read from a picture."""
        return "ocr" in self.flags

    @property
    def on_page(self) -> bool:
        """Whether it has a line where figures are confirmed."""
        return self.core or self.stated

    @property
    def stated(self) -> bool:
        """Whether the report says anything for it."""
        return self.state in ("number", "zero", "nil", "unreadable", "blank")


@dataclass(frozen=True, slots=True)
class ReportView:
    """One submission with all that was said about it."""

    submission: Submission
    verdict: Verdict | None
    earlier: tuple[Verdict, ...]
    agency: str
    due_class: str | None
    arrived: str | None
    content: Json
    figures: tuple[Figure, ...]
    texts: tuple[tuple[str, str], ...]
    findings: tuple[Json, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class MailView:
    """One mail, whole."""

    mail: Mail
    sender: str  # the agency the address is of, "" when none
    reports: tuple[ReportView, ...]
    parts: tuple[Part, ...]
    letters: tuple[Letter, ...]
    timeline: tuple[Json, ...]
    decisions: tuple[Decision, ...]
    reviews: tuple[ReviewItem, ...]


def mail_view(desk: Desk, q: Queries, mail_id: int, now: datetime) -> MailView:
    """Everything of one mail. Raises ``NotFound``."""
    mail = q.mail(mail_id)
    if mail is None:
        raise NotFound(str(mail_id))
    law = law_of(desk, q)
    sender = str(mail.facts.get("sender") or "")
    return MailView(
        mail,
        latest_name(law, sender) if sender else "",
        tuple(report_view(desk, q, law, submission, now) for submission in q.submissions(mail_id)),
        q.parts(mail_id),
        q.letters(mail_id=mail_id),
        q.timeline(mail_id),
        q.decisions(f"mail:{mail_id}"),
        q.reviews(mail_id=mail_id),
    )


def report_view(desk: Desk, q: Queries, law: Law, submission: Submission, now: datetime) -> ReportView:
    """One submission."""
    verdicts = q.verdicts_of(submission.id)
    verdict = verdicts[-1] if verdicts else None
    agency = verdict.agency if verdict else submission.agency
    content = content_of(q, submission)
    period = period_of(q, law.calendar, verdict.period) if verdict and verdict.period else None
    due_class, arrived = class_as_of(q, law, period, agency, now) if period else (None, None)
    form = desk.form(submission.type)
    last = last_figures(q, law, period, agency) if form else {}
    findings = findings_of(q, submission, verdict, content.get("findings", submission.findings))
    texts = content.get("texts") or {}
    return ReportView(
        submission,
        verdict,
        verdicts[:-1],
        latest_name(law, agency) or agency,
        due_class,
        arrived,
        content,
        figures_of(form, content, last, findings) if form and content else (),
        tuple((line.label, str(texts[line.key])) for line in form.lines if texts.get(line.key)) if form else (),
        findings,
        _decisions(q, submission),
    )


def _decisions(q: Queries, submission: Submission) -> tuple[Decision, ...]:
    """What people decided of a report, and of what was said about its findings; oldest first."""
    said = q.explanations(submission_id=submission.id, taken_back=True)
    targets = (f"submission:{submission.id}", *(f"explanation:{one.id}" for one in said))
    found = [decision for target in targets for decision in q.decisions(target)]
    return tuple(sorted(found, key=lambda decision: decision.id))


def figures_of(form: Form, content: Json, last: Json, findings: Sequence[Json]) -> tuple[Figure, ...]:
    """Every line of the form that asks for a number, in the form's order; what is not on the form only where stated."""
    before: Mapping[str, Json] = last.get("figures") or {}
    found = []
    for line in form.figures:
        figure = (content.get("figures") or {}).get(line.key) or {"state": "absent"}
        if figure["state"] == "absent" and not line.on_form:
            continue
        found.append(
            Figure(
                key=line.key,
                label=line.label,
                section=line.section,
                kind=line.kind,
                core=line.core,
                value=figure.get("value"),
                state=figure["state"],
                raw=str(figure.get("raw") or ""),
                flags=tuple(figure.get("flags") or ()),
                placed=bool(figure.get("where")),
                boxed=bool((figure.get("where") or {}).get("box")),
                last=(before.get(line.key) or {}).get("value"),
                findings=tuple(f for f in findings if line.key in (f.get("figures") or ())),
            )
        )
    return tuple(found)
