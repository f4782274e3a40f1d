"""What people ask, as the contract's JSON: log rows, one mail whole, the board, status, the calendar. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.board import class_as_of, period_of
from intake.book import Law, law_of
from intake.comparing import differences
from intake.desk import Desk, parsed_roster
from intake.findings import explained as findings_explained
from intake.findings import findings_of
from intake.people import content_of
from intake.progress import counts as task_counts
from intake.results import Sum
from intake.rules.coverage import Coverage
from intake.rules.values import CLASSES, Board, BoardLine, DueClass
from notifier.facts import TaskFact
from parsers.fold import fold
from storage.queries import Queries
from storage.read_log import LogFilter
from storage.records import Decision, Json, Letter, Mail, Part, Submission, Verdict

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")  # as the ledger writes it
_ID = re.compile(r"^(\d+)(?:\.(\d+))?(?:\.(\d+))?$")


class NotFound(LookupError):
    """No mail, part, report or receipt of that name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an ID names: a mail and, when it named less than the whole, the submissions meant."""

    mail_id: int
    submissions: tuple[Submission, ...]
    part_n: int | None = None


def find(q: Queries, text: str) -> Found:
    """Resolve ``17``, ``17.2``, ``17.2.1``, a receipt or a sha256 prefix of 8 or more. Raises ``NotFound``."""
    match = _ID.match(text)
    if match and (mail := q.mail(int(match.group(1)))):
        part_n, report_n = (int(g) if g else None for g in match.groups()[1:])
        chosen = [s for s in q.submissions(mail.id) if part_n in (None, s.part_n) and report_n in (None, s.report_n)]
        return Found(mail.id, tuple(chosen), part_n)
    if text.startswith("CCHC-X-") and (mail := q.mail_by_sha256(text.removeprefix("CCHC-X-"))):
        return Found(mail.id, tuple(q.submissions(mail.id)))
    if text.startswith("CCHC-") and (submission := q.by_receipt(text)):
        return Found(submission.mail_id, (submission,), submission.part_n)
    if re.fullmatch(r"[0-9a-f]{8,64}", text) and (mail := q.mail_by_sha256(text)):
        return Found(mail.id, tuple(q.submissions(mail.id)))
    raise NotFound(
        f"{text}: expected a mail (17), part (17.2), report (17.2.1), receipt, or 8 or more characters of a sha256"
    )


class Times:
    """Moments as the contract writes them: office's time zone, RFC 3339, whole seconds."""

    def __init__(self, desk: Desk) -> None:
        self._local = desk.calendar.local

    def __call__(self, moment: datetime | None) -> str | None:
        """The text of a moment, None for none."""
        return self._local(moment).replace(microsecond=0).isoformat() if moment else None

    def within(self, value: Any) -> Any:
        """A log entry's payload with the moments in it written the same way."""
        if isinstance(value, dict):
            return {key: self.within(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.within(inner) for inner in value]
        return self(datetime.fromisoformat(value)) if isinstance(value, str) and _MOMENT.fullmatch(value) else value


def board_json(
    board: Board,
    times: Times,
    explained: Mapping[str, list[str]] | None = None,
    results: Mapping[str, Sum] | None = None,
    waiting: Mapping[str, int] | None = None,
    tasks: Sequence[TaskFact] = (),
    days: Mapping[str, Coverage] | None = None,
) -> Json:
    """``cchc.board/1``; ``explained``: codes of findings each agency has explained; ``results``: those beside punctuality.

    ``waiting``: mails of an agency that wait for a person and may hold what seems missing; ``tasks``: of a list form, as they stand;
    ``days``: of an agency's report those no report covers before it, and those two cover.
    """
    counts = {name: board.classes.get(name, 0) for name in CLASSES}
    assert board.expected == sum(counts.values()), "a due stands in no class or in two"
    return {
        "schema": "cchc.board/1",
        "period": board.period,
        "due_at": times(board.due_at),
        "as_of": times(board.as_of),
        "closed": board.closed,
        "expected": board.expected,
        "classes": counts,
        "waived": board.waived,
        "not_applicable": board.not_applicable,
        "not_yet_due": board.not_yet_due,
        **_rates(counts, board),
        "results": [{"key": key, **one.fact.to_json()} for key, one in (results or {}).items()],
        "dues": [
            _due_json(line, times)
            | {
                "explained": (explained or {}).get(line.agency, []),
                "uncovered": _days(days, line.agency, "uncovered"),
                "twice": _days(days, line.agency, "twice"),
                "waiting": (waiting or {}).get(line.agency, 0) if line.due_class == "missing" else 0,
            }
            for line in board.lines
        ],
    } | ({"tasks": task_counts(tasks) | {"rows": [one.to_json() for one in tasks]}} if tasks else {})


def _rates(counts: Mapping[DueClass, int], board: Board) -> Json:
    """How many of those expected are complete, on time, received."""
    expected, in_time = board.expected, counts["on_time"] + counts["cured"]
    return {
        "completeness": {"n": in_time + counts["late"], "expected": expected},
        "timeliness": {"n": counts["on_time"], "expected": expected, "including_cured": in_time},
        "received": {"n": board.received, "expected": expected},
    }


def _due_json(line: BoardLine, times: Times) -> Json:
    return {
        "agency": line.agency,
        "class": line.due_class,
        "status": line.status,
        "due_at": times(line.due_at),
        "received_at": times(line.received_at),
        "late_seconds": line.late_seconds,
        "receipt": line.receipt,
        "revision": line.revision,
        "arrived": line.arrived,
    }


def _days(days: Mapping[str, Coverage] | None, agency: str, what: str) -> list[Json]:
    spans = getattr(days[agency], what) if days and agency in days else ()
    return [{"from": first.isoformat(), "to": last.isoformat()} for first, last in spans]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The filters of ``cchc log``."""

    agency: str | None = None
    type: str | None = None
    period: str | None = None
    due_class: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    limit: int = 200


def unknown_words(desk: Desk, q: Queries, query: LogQuery) -> list[str]:
    """What in a query nobody knows: an agency no roster ever named, a type, a period; a line each."""
    wrong = []
    if query.agency and not any(query.agency in parsed_roster(version.csv).codes for version in q.rosters()):
        wrong.append(f"--agency: expected a code of the roster, got {query.agency!r}")
    if query.type and desk.report_type(query.type) is None:
        types = ", ".join(t.type for t in desk.calendar.types)
        wrong.append(f"--type: expected one of {types}, got {query.type!r}")
    if query.period and desk.calendar.period(query.period) is None:
        wrong.append(f"--period: expected a key such as weekly:2017-07-21 or monthly:2017-07, got {query.period!r}")
    return wrong


def log_json(desk: Desk, q: Queries, query: LogQuery, as_of: datetime) -> Json:
    """``cchc.log/1``, newest mail first."""
    return {"schema": "cchc.log/1", "as_of": Times(desk)(as_of), "rows": list(log_rows(desk, q, query, as_of))}


def filter_of(query: LogQuery) -> LogFilter:
    """The query as the ledger takes it: the text folded."""
    return LogFilter(
        agency=query.agency,
        type=query.type,
        period=query.period,
        state=query.state,
        since=query.since,
        until=query.until,
        text=fold(query.text) if query.text else None,
        due_class=query.due_class,
    )


def log_rows(desk: Desk, q: Queries, query: LogQuery, as_of: datetime) -> Iterator[Json]:
    """Rows that match, paged through the ledger by key."""
    law = law_of(desk, q)
    asked, given = filter_of(query), 0
    before: int | None = None
    while True:
        mails, before = q.log_scan(asked, before, min(200, query.limit))
        for mail in mails:
            row = row_json(desk, q, law, mail, as_of)
            if query.due_class is None or any(s["class"] == query.due_class for s in row["submissions"]):
                yield row
                given += 1
                if given >= query.limit:
                    return
        if before is None:
            return


def row_json(desk: Desk, q: Queries, law: Law, mail: Mail, as_of: datetime) -> Json:
    """One mail as a row of the log."""
    times = Times(desk)
    return {
        "id": mail.id,
        "sha256": mail.sha256,
        "message_id": mail.message_id,
        "from": mail.from_address,
        "subject": mail.subject,
        "sent_at": times(mail.sent_at),
        "received_at": times(mail.received_at),
        "seen_at": times(mail.seen_at),
        "judged_at": times(mail.judged_at),
        "state": mail.state,
        "reason": mail.reason,
        "automatic": mail.automatic,
        "submissions": [_submission_json(q, law, times, mail, s, as_of) for s in q.submissions(mail.id)],
        "parts": [_part_json(p) for p in q.parts(mail.id)],
        "letters": [letter_json(times, x) for x in q.letters(mail_id=mail.id)],
    }


def _submission_json(q: Queries, law: Law, times: Times, mail: Mail, submission: Submission, as_of: datetime) -> Json:
    verdict = q.latest_verdict(submission.id, as_of)
    said = [one.id for one in q.explanations(submission_id=submission.id, taken_back=True)]
    targets = (f"submission:{submission.id}", f"mail:{mail.id}", *(f"explanation:{number}" for number in said))
    decisions = [decision for target in targets for decision in q.decisions(target)]
    findings = findings_of(q, submission, verdict, submission.findings)
    base: Json = {
        "receipt": None,
        "report": submission.ref,
        "agency": submission.agency,
        "type": submission.type,
        "period": None,
        "revision": None,
        "class": None,
        "arrived": None,
        "late_seconds": None,
        "outcome": None,
        "findings": [f["code"] for f in findings],
        "explained": [f["code"] for f in findings_explained(findings)],
        "decisions": [_decision_json(times, d) for d in decisions if d.who != "system"],
    }
    if verdict is None:
        return base
    return base | _verdict_json(q, law, times, mail, submission, verdict, decisions, as_of)


def _verdict_json(
    q: Queries,
    law: Law,
    times: Times,
    mail: Mail,
    submission: Submission,
    verdict: Verdict,
    decisions: list[Decision],
    as_of: datetime,
) -> Json:
    entry = q.entry(verdict.seq)
    period = period_of(q, law.calendar, verdict.period, as_of) if verdict.period else None
    deemed = next((d.after for d in reversed(decisions) if d.what == "deemed-at"), None)
    reading = q.reading(submission.reading_id) if submission.reading_id else None
    due_class, arrived = class_as_of(q, law, period, verdict.agency, as_of) if period else (None, None)
    return {
        "receipt": verdict.receipt,
        "agency": verdict.agency,
        "period": verdict.period,
        "revision": verdict.revision,
        "class": due_class,
        "arrived": arrived,
        "late_seconds": max(0, verdict.late_seconds),
        "outcome": verdict.outcome,
        "how": verdict.how,
        "reason": verdict.reason,
        "duplicate_of": verdict.duplicate_of,
        "due_at": times(verdict.due_at),
        "due_original": times(verdict.due_original),
        "due_why": verdict.due_why,
        "clock": {
            "border_received": times(mail.border_received),
            "internaldate": times(mail.internaldate),
            "deemed_at": times(datetime.fromisoformat(deemed)) if deemed else None,
            "rule": verdict.rule,
        },
        "versions": {"form": reading.form if reading else None} | verdict.versions,
        "seq": verdict.seq,
        "hash": entry.hash if entry else None,
    }


def _decision_json(times: Times, decision: Decision) -> Json:
    return {
        "at": times(decision.at),
        "who": decision.who,
        "second": decision.second,
        "what": decision.what,
        "from": decision.before,
        "to": decision.after,
        "reason": decision.reason,
        "seq": decision.seq,
    }


def _part_json(part: Part) -> Json:
    return {
        "id": f"{part.mail_id}.{part.n}",
        "name": part.name,
        "sha256": part.sha256,
        "type": part.type,
        "outcome": part.outcome,
        "reason": part.reason,
        "copy_of": f"{part.mail_id}.{part.copy_of}" if part.copy_of else None,
        "findings": [f["code"] for f in part.findings],
    }


def letter_json(times: Times, letter: Letter) -> Json:
    """A letter as the log shows it."""
    return {
        "kind": letter.kind,
        "to": ", ".join(letter.to),
        "state": letter.state,
        "message_id": letter.message_id,
        "sent_at": times(letter.sent_at),
        "withheld_because": letter.withheld_because,
        "smtp_reply": letter.smtp_reply,
        "seq": letter.seq,
    }


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
        for finding in findings_explained(findings_of(q, submission, q.latest_verdict(submission.id))):
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
