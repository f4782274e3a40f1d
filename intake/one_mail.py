"""One mail whole, as the contract's JSON: its timeline and reports, every rule that fired. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from intake.asking import Found, NotFound, Times, row_json
from intake.board import class_as_of, period_of
from intake.book import Law, law_of
from intake.comparing import differences
from intake.desk import Desk
from intake.findings import explained, findings_of
from intake.people import content_of
from storage.queries import Queries
from storage.records import Json


def show_json(desk: Desk, q: Queries, found: Found, as_of: datetime) -> Json:
    """One mail: its log row, its timeline and its reports with figures and evidence."""
    mail = q.mail(found.mail_id)
    if mail is None:
        raise NotFound(str(found.mail_id))
    times = Times(desk)
    return {
        "schema": "cchc.show/1",
        **row_json(desk, q, law_of(desk, q), mail, as_of),
        "timeline": [
            {**line, "at": times(line["at"]), "payload": times.within(line["payload"])} for line in q.timeline(mail.id)
        ],
        "reports": _reports(q, times, mail.id),
        "later_readings": _later_readings(q, times, mail.id),
    }


def _reports(q: Queries, times: Times, mail_id: int) -> list[Json]:
    """Each report once: the reading its verdict rests on, with what people stated."""
    read_at = {r.id: r.at for r in q.readings(mail_id)}
    return [
        {
            "id": s.ref,
            "read_at": times(read_at[s.reading_id]),
            **content_of(q, s),
            "findings": [_finding_json(times, f) for f in findings_of(q, s, q.latest_verdict(s.id))],
        }
        for s in q.submissions(mail_id)
        if s.reading_id
    ]


def _finding_json(times: Times, finding: Json) -> Json:
    said = finding.get("explanation")
    if not said:
        return finding
    return {**finding, "explanation": {**said, "at": times(datetime.fromisoformat(said["at"]))}}


def _later_readings(q: Queries, times: Times, mail_id: int) -> list[Json]:
    """Readings no verdict rests on (``replay --apply``, a mail read again) that say something else than the one it does."""
    resting = {s.ref: reading for s in q.submissions(mail_id) if s.reading_id and (reading := q.reading(s.reading_id))}
    later = []
    for reading in q.readings(mail_id):
        ref = f"{reading.mail_id}.{reading.part_n}.{reading.report_n}"
        held = resting.get(ref)
        if held is None or (reading.id != held.id and differences(held.report, reading.report)):
            later.append({"id": ref, "read_at": times(reading.at), **reading.report})
    return later


def explain_json(desk: Desk, q: Queries, found: Found, as_of: datetime) -> Json:
    """Every rule that fired, in order, and why an answer was or was not sent."""
    mail = q.mail(found.mail_id)
    if mail is None:
        raise NotFound(str(found.mail_id))
    times = Times(desk)
    trail = [{"rule": rule, "said": said} for rule, said in mail.facts.get("trail", [])]
    for submission in q.submissions(mail.id):
        for verdict in q.verdicts_of(submission.id):
            said = f"{verdict.period or 'no period'} ({verdict.how}): {verdict.outcome}, {verdict.timing}, {verdict.late_seconds} s after {times(verdict.due_at)}"
            trail.append(
                {
                    "rule": f"judge {submission.ref} at {times(verdict.at)}",
                    "said": said,
                    "notes": list(verdict.notes),
                    "reason": verdict.reason,
                }
            )
    trail += _explained(q, mail.id)
    trail += _classes(q, law_of(desk, q), mail.id, as_of)
    trail += [
        {"rule": f"letter {letter.kind}", "said": f"{letter.state} {letter.withheld_because or ''}".strip()}
        for letter in q.letters(mail_id=mail.id)
    ]
    return {"schema": "cchc.explain/1", "id": mail.id, "state": mail.state, "reason": mail.reason, "rules": trail}


def _explained(q: Queries, mail_id: int) -> Iterator[Json]:
    """What the agency answered to findings of this mail's reports, and what this mail itself explains."""
    for submission in q.submissions(mail_id):
        for finding in explained(findings_of(q, submission, q.latest_verdict(submission.id))):
            said = finding["explanation"]
            yield {
                "rule": f"explained {submission.ref} {finding['code']}",
                "said": f"mail {said['mail']}: {said['reason']}",
            }
    for said in q.explanations(mail_id=mail_id, taken_back=True):
        yield {"rule": f"explains {said.code} of {said.period} {said.agency}", "said": said.reason}
        for gone in q.decisions(f"explanation:{said.id}"):
            yield {
                "rule": f"taken back {said.code} of {said.period} {said.agency}",
                "said": f"{gone.who}: {gone.reason}",
            }


def _classes(q: Queries, law: Law, mail_id: int, as_of: datetime) -> Iterator[Json]:
    """What every due the mail is for stands at."""
    for submission in q.submissions(mail_id):
        verdict = q.latest_verdict(submission.id, as_of)
        if verdict and verdict.period:
            period = period_of(q, law.calendar, verdict.period, as_of)
            due_class, arrived = class_as_of(q, law, period, verdict.agency, as_of)
            said = f"{due_class}, arrived {arrived}" if arrived else due_class
            yield {"rule": f"class of {verdict.period} {verdict.agency}", "said": said}
