"""What people ask, as the contract's JSON: the board, rows of the log (``intake.one_mail``: one mail whole). Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.board import class_as_of, period_of
from intake.book import Law, law_of
from intake.desk import Desk, parsed_roster
from intake.findings import explained as findings_explained
from intake.findings import findings_of
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

    ``waiting``: mails of an agency that wait for a person and may hold what is missing or in review; ``tasks``: of a list form, as they stand;
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
                "waiting": (waiting or {}).get(line.agency, 0) if line.due_class in ("missing", "in_review") else 0,
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
