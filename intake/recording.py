"""Step 6, tx B: what a mail means, its submissions, verdicts, review items and letter, in one commit.

Rules:

1. Parts, readings and submissions are facts and are never changed; verdicts and decisions stand beside them.
2. Every book a mail touches is judged whole; a word that changed elsewhere is corrected by a letter.
3. What was read of a file that waits for a tool says whose report it is, of which type and days, and nothing else: its figures come with the tool.
4. The due a mail is for may be named by the letter it answers or by a receipt in its subject, before any other rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.answering import answer, take_back_repeats
from intake.attributed import not_asked_of, reading_of
from intake.book import Law, Ruling, judge_book, law_of
from intake.bounces import returned_letter
from intake.correcting import Cause, tell
from intake.desk import Desk
from intake.findings import to_check
from intake.found_by import found_by
from intake.own_letters import holds_letter
from intake.questioning import question
from intake.rejudging import settle_links
from intake.replying import WORDS_MAX, Replied, answers_ours, take_reply
from intake.requesting import request
from intake.rules import reply_gate
from intake.rules.judge import REFUSED_BEFORE
from intake.rules.schedule import span_of_label
from intake.rules.sender import identify
from intake.rules.values import ReportType
from intake.set_aside import correct_all, taken_up
from intake.tools import TOOL_MISSING, lacks_tool
from intake.understanding import Attempt, Occasion, Understanding, receipt_period, stated_period, understand
from parsers.as_json import finding_json
from parsers.periods import SPANS
from parsers.values import Envelope, MailReading, Report
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Decision, Json, Mail, Part, ReviewItem, Submission

Path = tuple[str, ...]


def record(desk: Desk, mail: Mail, reading: MailReading) -> str:
    """Step 5 and tx B: what the mail means, its submissions, verdicts, review items and letter, in one commit."""
    now = desk.clock.now()
    with desk.write(now) as tx:
        law = law_of(desk, tx, desk.calendar.day(mail.received_at))
        seen = judge_mail(desk, tx, law, mail, reading)
        doubted = taken_up(tx, mail.id)
        tx.set_mail_facts(mail.id, **_mail_facts(seen, law, now))
        numbers = _record_parts(tx, mail, seen)
        rulings = record_attempts(desk, tx, law, mail, seen, numbers, now)
        replied = take_reply(desk, tx, law, tx.mail(mail.id) or mail, seen, rulings, now)
        state, reason = _final_state(seen, rulings, replied)
        tx.move_mail(mail.id, state, expect=("reading",), why=reason, reason=reason, judged_at=now)
        if state == "needs_review":
            tx.open_review(
                ReviewItem(
                    "mail",
                    reason or _noted(rulings),
                    mail_id=mail.id,
                    detail=_for_a_person(seen, rulings, replied),
                )
            )
        if state == "bounce":
            _note_bounce(tx, seen.reading.envelope, mail)
        if state == "own" and reading.envelope.message_id:
            tx.letter_seen(reading.envelope.message_id, mail.sha256)
        answer(desk, tx, law, mail, seen, rulings, replied, now)
        request(desk, tx, law, mail, seen, rulings, now)
        settle_links(tx, rulings)
        if doubted:
            told = {(r.verdict.agency, r.verdict.type) for r in rulings}
            correct_all(desk, tx, doubted, now, Cause("earlier_mail"), told)
        failpoint("in_record")
    failpoint("after_record")
    return state


def judge_mail(desk: Desk, tx: Queries, law: Law, mail: Mail, reading: MailReading) -> Understanding:
    """Ask the rules what this mail is."""
    envelope = reading.envelope
    day = law.calendar.day(mail.received_at)
    decisions = tx.decisions(f"mail:{mail.id}")
    sender = identify(envelope, law.roster, day, desk.trust)
    occasion = Occasion(
        day,
        mail.internaldate,
        mail.border_received,
        decided_agency=next((d.after for d in reversed(decisions) if d.what == "agency"), None),
        released=any(d.what in ("accept", "credit") for d in decisions),
        answers_letter=answers_ours(tx, envelope, sender.code),
    )
    kind = reply_gate.kind_of(envelope, desk.own)
    if kind.kind == "own":
        whole = holds_letter(desk.vault.path(mail.sha256), desk.vault.has)
        kind = reply_gate.believed(kind, envelope, desk.own, whole_letter=whole, failed=sender.auth == "fail")
    return understand(reading, kind, sender, law.roster, law.calendar.types, occasion)


def _mail_facts(seen: Understanding, law: Law, now: datetime) -> dict[str, object]:
    envelope = seen.reading.envelope
    addresses = " ".join(a.address for a in envelope.from_addresses)
    return {
        "sent_at": envelope.sent_at,
        "from_address": seen.sender.address or addresses,
        "subject": envelope.subject,
        "message_id": envelope.message_id,
        "automatic": None if seen.kind.doubted else seen.kind.kind,
        "judged_at": now,
        "facts": {
            "trail": [list(line) for line in seen.trail],
            "sender": seen.sender.code,
            "auth": seen.sender.auth,
            "outcome": seen.reading.outcome,
            "defects": list(envelope.defects),
        },
        "search": found_by(seen, law),
    }


def _record_parts(tx: Tx, mail: Mail, seen: Understanding) -> dict[Path, int]:
    """Rows of the parts; returns path → n, the "17.2" of the contract."""
    numbers = numbered([part.path for part in seen.reading.parts], {part.path: part.n for part in tx.parts(mail.id)})
    for part in seen.reading.parts:
        findings = tuple(map(finding_json, part.findings))
        outcome = "enclosure" if part.path in seen.enclosures else part.outcome
        copy_of = numbers.get(part.copy_of) if part.copy_of else None
        tx.add_part(
            Part(
                mail.id,
                numbers[part.path],
                part.path,
                part.name,
                part.sha256,
                part.size,
                part.type,
                outcome,
                part.reason,
                copy_of,
                findings,
            )
        )
    return numbers


def numbered(paths: Sequence[Path], known: Mapping[Path, int]) -> dict[Path, int]:
    """Path → n: a part keeps the number an earlier reading gave it; what came out of one opened since takes its place first.

    >>> numbered([("1", "a"), ("1", "b"), ("2",)], {("1",): 1, ("2",): 2})
    {('2',): 2, ('1', 'a'): 1, ('1', 'b'): 3}
    """
    numbers = {path: known[path] for path in paths if path in known}
    free = {path: n for path, n in known.items() if path not in numbers}
    for path in paths:
        if path not in numbers:
            opened = next((one for one in free if path[: len(one)] == one), None)
            following = max((*known.values(), *numbers.values()), default=0) + 1
            numbers[path] = free.pop(opened) if opened else following
    return numbers


def record_attempts(
    desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, numbers: dict[Path, int], now: datetime
) -> list[Ruling]:
    """Submissions of this mail and the verdicts of every book they touch; corrections for what changed elsewhere."""
    known = {s.ref: s for s in tx.submissions(mail.id)}
    touched: dict[tuple[str, str], ReportType] = {}
    mine: set[str] = set()
    for attempt in seen.attempts:
        report_type = next((t for t in law.calendar.types if t.type == attempt.type), None)
        if report_type is None:
            continue
        submission = _submission(desk, tx, law, mail, seen, attempt, numbers, now)
        if submission.ref in mine:  # the second report of a file that waits for its tool
            continue
        if submission.ref not in known:
            submission = tx.add_submission(submission)
        elif _is_there_now(tx, known[submission.ref], submission):
            what = Decision(
                f"submission:{known[submission.ref].id}", "readable", None, "readable", "read again", "system"
            )
            tx.add_decision(what)
        elif _differs(known[submission.ref], submission):
            tx.open_review(
                ReviewItem(
                    "reading_differs", "reading_differs", mail_id=mail.id, submission_id=known[submission.ref].id
                )
            )
        mine.add(submission.ref)
        touched[attempt.agency, attempt.type] = report_type
    judged: list[Ruling] = []
    for (agency, _), report_type in touched.items():
        judged += judge_book(tx, law, agency, report_type, now)
    question(desk, tx, judged)
    take_back_repeats(tx, judged)
    tell(desk, tx, law, judged, now, Cause("earlier_mail", mine, mail.received_at))
    rulings = [ruling for ruling in judged if ruling.submission.ref in mine]
    return sorted(rulings, key=lambda r: (r.submission.part_n, r.submission.report_n))


def _is_there_now(tx: Tx, known: Submission, again: Submission) -> bool:
    """Whether a report of a type without a form, which is its file itself, can be opened now; what a person said of it stands."""
    waited = known.blocked == TOOL_MISSING and not known.recognised
    return waited and again.recognised and not tx.decisions(f"submission:{known.id}")


def _differs(known: Submission, again: Submission) -> bool:
    """Whether a report read again says something else, or something of it is to be checked that was not before."""
    asked = {(f["code"], *f.get("figures", ())) for f in to_check(known.findings)}
    found = {(f["code"], *f.get("figures", ())) for f in to_check(again.findings)}
    return bool(known.content_key) and (known.content_key != again.content_key or not found <= asked)


def _submission(
    desk: Desk,
    tx: Tx,
    law: Law,
    mail: Mail,
    seen: Understanding,
    attempt: Attempt,
    numbers: dict[Path, int],
    now: datetime,
) -> Submission:
    part_n = numbers[attempt.part.path] if attempt.part else 0
    told = attempt.report
    report = None if attempt.part and lacks_tool(attempt.part) else told
    envelope = seen.reading.envelope
    reading = reading_of(desk, law, mail, attempt, report, part_n, now) if report else None
    not_asked = not_asked_of(law, mail, attempt.agency)
    core = [key for key in report.core if key not in not_asked] if report else []
    name = attempt.part.name if attempt.part else ""
    return Submission(
        mail_id=mail.id,
        part_n=part_n,
        report_n=report.n if report else 0,
        type=attempt.type,
        agency=attempt.agency,
        received_at=mail.received_at,
        content_key=report.content_key if report else attempt.part.sha256 if attempt.whole and attempt.part else "",
        candidates=attempt.candidates,
        window_from=told.window.start if told else None,
        window_to=told.window.end if told else None,
        stated_period=_stated(told, attempt.type, envelope, name, law),
        answers=answered_period(tx, envelope, attempt),
        core_stated=_stated_count(report, core),
        core_total=len(core),
        recognised=report is not None or attempt.whole,
        blocked=attempt.blocked,
        refused=attempt.refused,
        findings=tuple(reading.report["findings"]) if reading else (),
        reading_id=tx.add_reading(reading) if reading else None,
    )


def _stated_count(report: Report | None, core: list[str]) -> int:
    return sum(1 for f in report.figures if f.key in core and f.state in ("number", "zero", "nil")) if report else 0


def _stated(report: Report | None, report_type: str, envelope: Envelope, name: str, law: Law) -> str | None:
    """The period a monthly report states: in its title, else in the subject or the file's name."""
    every = next((t.every for t in law.calendar.types if t.type == report_type), None)
    if every is None or every not in SPANS:
        return None
    stated = report.window.month if report else None
    label = stated if stated and span_of_label(every, stated) else None
    return stated_period(report_type, label, name, envelope.subject, every=every)


def answered_period(tx: Tx, envelope: Envelope, attempt: Attempt) -> str | None:
    """The due named by the letter this mail answers, or by a receipt in its subject, when it is of the same type."""
    named = receipt_period(envelope.subject)
    if named and named.startswith(f"{attempt.type}:"):
        return named
    for message_id in (*envelope.in_reply_to, *reversed(envelope.references)):
        letter = tx.letter_by_message_id(message_id)
        if letter is None or letter.agency not in (None, attempt.agency):
            continue
        periods = [p for p in letter.facts.get("periods", [letter.period]) if p and p.startswith(f"{attempt.type}:")]
        if periods:
            return str(periods[-1])
    return None


def _final_state(seen: Understanding, rulings: list[Ruling], replied: Replied) -> tuple[str, str | None]:
    """The mail's terminal state and reason; what the judge holds for a person, or what a tool is missing for, gives the mail its reason."""
    if replied.taken and not rulings and seen.reason == "no_report":
        return "recorded", None
    if seen.state != "recorded":
        return seen.state, seen.reason
    repeated = bool(rulings) and all(r.verdict.duplicate_of for r in rulings)
    held = next((r.verdict for r in rulings if r.verdict.outcome == "in_review"), None)
    if held and not repeated:
        return "needs_review", held.reason or seen.reason
    if any(map(lacks_tool, seen.reading.parts)):
        return "needs_review", TOOL_MISSING
    return "duplicate" if repeated else "recorded", seen.reason


def _for_a_person(seen: Understanding, rulings: list[Ruling], replied: Replied) -> Json:
    """What the review shows beside the mail: whose it may be, its receipt; of an answer its words and the letter answered."""
    detail = {"agency": seen.sender.code or "", "receipt": _first_receipt(rulings)}
    said = {"answers": replied.to, "said": replied.words[:WORDS_MAX], "periods": list(replied.periods)}
    return detail | (said if replied.to else {})


def _noted(rulings: list[Ruling]) -> str:
    """What a person is asked where no reason of the reader's says it: content refused before came again."""
    return REFUSED_BEFORE if any(REFUSED_BEFORE in r.verdict.notes for r in rulings) else ""


def _first_receipt(rulings: list[Ruling]) -> str:
    return next((r.verdict.receipt for r in rulings if r.verdict.receipt), "")


def _note_bounce(tx: Tx, envelope: Envelope, mail: Mail) -> None:
    """The letter a delivery report returns has failed for good."""
    if returned := returned_letter(tx, envelope, mail.received_at):
        tx.letter_bounced(returned.letter.id, mail.id, returned.addresses)
