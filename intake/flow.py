"""One mail, the eight steps: fetch, keep, open, read, judge, record, file, send. The picture, readable aloud.

Rules:

1. Raw bytes and their row are durable before anyone understands them (tx A); the cursor moves in that same commit.
2. The attempt is counted before the reading begins; a mail that fails three times is set aside with its reason.
3. What a mail means is recorded in ONE transaction with its letters (tx B); the mail is moved only after it.
4. A passing fault (disk full, database locked, mailbox gone) is not an attempt: the mail stays and is tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from intake import letters
from intake.book import Law, Ruling, judge_book, law_of
from intake.desk import Desk
from intake.mailbox.errors import MailboxError
from intake.mailbox.source import Batch, Cursor, Fetched, Source
from intake.reading import read_stored
from intake.rules import reply_gate
from intake.rules.sender import border_received, identify
from intake.rules.values import ReportType
from intake.understanding import Attempt, Occasion, Understanding, receipt_period, stated_month, understand
from notifier.facts import AcknowledgementFacts, CorrectionFact
from parsers.as_json import part_json, report_json
from parsers.box import BoxFailure
from parsers.fold import fold
from parsers.mail import open_head
from parsers.values import Envelope, MailReading, Report
from storage.errors import Unavailable
from storage.failpoint import failpoint
from storage.ledger import Tx
from storage.records import Letter, Mail, Part, Reading, ReviewItem, Sighting, Submission

LOG = structlog.get_logger()
ATTEMPTS_MAX = 3
TERMINAL = frozenset({"recorded", "needs_review", "not_a_report", "automatic", "bounce", "duplicate", "own", "test"})
HEAD_BYTES = 65_536  # enough of a mail to find the border's Received
PASSING = (OSError, Unavailable)


@dataclass(slots=True)
class Pass:
    """What one pass over the mailbox did."""

    fetched: int = 0
    states: Counter[str] = field(default_factory=Counter)
    mails: list[int] = field(default_factory=list)
    letters_sent: int = 0
    letters_pending: int = 0
    trouble: str | None = None  # why the outside world could not be reached


def poll(desk: Desk) -> Pass:
    """One pass: fetch and keep everything new, handle it, file it away, send what the outbox owes."""
    done = Pass()
    recover(desk)
    source = desk.open_source()
    try:
        began = desk.clock.now()
        for mail_id in fetch_and_keep(desk, source):
            done.fetched += 1
            done.mails.append(mail_id)
        work_off(desk, done)
        note_good_poll(desk, began)
        file_away(desk, source)
    except MailboxError as error:
        done.trouble = f"mailbox: {error}"
        work_off(desk, done)
    finally:
        source.close()
    send(desk, done)
    return done


# ---- 1 FETCH, 2 KEEP -------------------------------------------------------------------------------------------------


def fetch_and_keep(desk: Desk, source: Source) -> Iterator[int]:
    """Keep every new mail of every watched folder; yields the id of each mail not seen before."""
    failpoint("before_fetch")
    for folder in source.folders():
        with desk.ledger.read() as q:
            cursor = q.cursor(source.account, folder)
            known = q.known_uids(source.account, folder)
        at = Cursor(cursor.uidvalidity, cursor.last_uid) if cursor else None
        for batch in source.fetch_new(folder, at, known.__contains__):
            failpoint("after_fetch")
            yield from keep(desk, source.account, batch)


def keep(desk: Desk, account: str, batch: Batch) -> list[int]:
    """Tx A: bytes into the vault, rows and cursor in one commit. Returns ids of mails that are new."""
    hashed = [(mail, desk.vault.put(mail.raw)) for mail in batch.mails]
    failpoint("after_vault")
    new: list[int] = []
    now = desk.clock.now()
    with desk.write(now) as tx:
        for mail, sha256 in hashed:
            mail_id, is_new = tx.keep(_sighting(desk, account, batch, mail, sha256, now))
            if is_new:
                new.append(mail_id)
        if batch.last_uid:
            tx.set_cursor(account, batch.folder, batch.uidvalidity, batch.last_uid)
        failpoint("in_keep")
    failpoint("after_keep")
    return new


def _sighting(desk: Desk, account: str, batch: Batch, mail: Fetched, sha256: str, now: datetime) -> Sighting:
    border = None
    if desk.trust.border:
        with desk.vault.path(sha256).open("rb") as file:
            border = border_received(open_head(file.read(HEAD_BYTES)), desk.trust.border)
    return Sighting(account, batch.folder, batch.uidvalidity, mail.uid, sha256, mail.internaldate, mail.size, border, seen_at=now)


# ---- 3 OPEN … 6 RECORD -----------------------------------------------------------------------------------------------


def recover(desk: Desk) -> None:
    """Take up what a crash left: mails found in ``reading`` go back to ``stored``, their attempt counted."""
    with desk.ledger.read() as q:
        left = q.mails(state="reading")
    for mail in left:
        with desk.write(desk.clock.now()) as tx:
            _back_or_aside(tx, mail, mail.attempts, "reader_crashed")


def work_off(desk: Desk, done: Pass) -> None:
    """Handle every stored mail, those before the nearest cutoff first, oldest first; send after each so that nobody waits."""
    with desk.ledger.read() as q:
        waiting = sorted(q.mails(state="stored"), key=lambda mail: _urgency(desk, mail))
    for n, mail in enumerate(waiting, 1):
        state = handle(desk, mail.id)
        if state:
            done.states[state] += 1
        if n % 10 == 0:
            desk.progress("reading", n, len(waiting))
            send(desk, done)


def _urgency(desk: Desk, mail: Mail) -> tuple[float, float]:
    """Mails whose upcoming cutoff is the latest one come first (an old backlog must not starve today's), oldest first inside it."""
    moments = [p.due_at for t in desk.calendar.types if (p := desk.calendar.coming(t.type, mail.received_at))]
    return (-min(moments).timestamp() if moments else 0.0, mail.received_at.timestamp())


def handle(desk: Desk, mail_id: int) -> str | None:
    """Steps 3 to 6 for one mail. Returns its new state; None when a passing fault left it waiting."""
    now = desk.clock.now()
    with desk.write(now) as tx:
        attempts = tx.begin_attempt(mail_id)
    failpoint("before_parse")
    with desk.ledger.read() as q:
        mail = q.mail(mail_id)
    if mail is None:
        return None
    try:
        reading = read_stored(desk.box, desk.vault.path(mail.sha256), desk.calendar.day(mail.received_at))
        failpoint("after_parse")
        return record(desk, mail, reading)
    except PASSING as error:
        LOG.warning("passing fault, mail waits", mail=mail_id, error=str(error))
        with desk.write(now) as tx:
            tx.move_mail(mail_id, "stored", expect=("reading",), why=f"passing: {type(error).__name__}", attempts=attempts - 1)
        return None
    except BoxFailure as failure:
        LOG.warning("mail could not be opened", mail=mail_id, reason=failure.reason)
        return give_back(desk, mail, attempts, failure.reason)
    except Exception:
        LOG.exception("our mistake; the mail is kept", mail=mail_id)
        return give_back(desk, mail, attempts, "reader_crashed")


def give_back(desk: Desk, mail: Mail, attempts: int, reason: str) -> str | None:
    """After a failed attempt: once more, or set aside with its reason."""
    with desk.write(desk.clock.now()) as tx:
        return _back_or_aside(tx, mail, attempts, reason)


def _back_or_aside(tx: Tx, mail: Mail, attempts: int, reason: str) -> str | None:
    if attempts < ATTEMPTS_MAX:
        tx.move_mail(mail.id, "stored", expect=("reading",), why=reason)
        return None
    tx.move_mail(mail.id, "set_aside", expect=("reading",), why=reason, reason=reason)
    tx.open_review(ReviewItem("set_aside", reason, mail_id=mail.id))
    return "set_aside"


def record(desk: Desk, mail: Mail, reading: MailReading) -> str:
    """Step 5 and tx B: what the mail means, its submissions, verdicts, review items and letter, in one commit."""
    now = desk.clock.now()
    with desk.write(now) as tx:
        law = law_of(desk, tx)
        seen = judge_mail(desk, tx, law, mail, reading)
        tx.set_mail_facts(mail.id, **_mail_facts(mail, seen, now))
        numbers = _record_parts(tx, mail, seen)
        rulings = record_attempts(desk, tx, law, mail, seen, numbers, now)
        state = _final_state(seen, rulings)
        tx.move_mail(mail.id, state, expect=("reading",), why=seen.reason, reason=seen.reason, judged_at=now)
        if state == "needs_review":
            tx.open_review(ReviewItem("mail", seen.reason or "", mail_id=mail.id, detail={"agency": seen.sender.code or "", "receipt": _first_receipt(rulings)}))
        if state == "bounce":
            _note_bounce(tx, seen.reading.envelope, mail, now)
        answer(desk, tx, law, mail, seen, rulings, now)
        failpoint("in_record")
    failpoint("after_record")
    if state == "own" and reading.envelope.message_id:
        desk.outbox.settle(reading.envelope.message_id, now)
    return state


def judge_mail(desk: Desk, tx: Tx, law: Law, mail: Mail, reading: MailReading) -> Understanding:
    """Ask the rules what this mail is."""
    envelope = reading.envelope
    day = law.calendar.day(mail.received_at)
    decisions = tx.decisions(f"mail:{mail.id}")
    occasion = Occasion(
        day,
        mail.internaldate,
        mail.border_received,
        decided_agency=next((d.after for d in reversed(decisions) if d.what == "agency"), None),
        released=any(d.what in ("accept", "credit") for d in decisions),
        answers_letter=any(tx.letter_by_message_id(mid) for mid in (*envelope.in_reply_to, *envelope.references)),
    )
    kind = reply_gate.kind_of(envelope, desk.own)
    sender = identify(envelope, law.roster, day, desk.trust)
    return understand(reading, kind, sender, law.roster, law.calendar.types, occasion)


def _mail_facts(mail: Mail, seen: Understanding, now: datetime) -> dict[str, object]:
    envelope = seen.reading.envelope
    addresses = " ".join(a.address for a in envelope.from_addresses)
    names = " ".join(part.name for part in seen.reading.parts)
    return {
        "sent_at": envelope.sent_at,
        "from_address": seen.sender.address or addresses,
        "subject": envelope.subject,
        "message_id": envelope.message_id,
        "automatic": seen.kind.kind if seen.kind.kind in ("automatic", "list", "bounce", "own") else None,
        "judged_at": now,
        "facts": {"trail": [list(line) for line in seen.trail], "sender": seen.sender.code, "auth": seen.sender.auth, "outcome": seen.reading.outcome, "defects": list(envelope.defects)},
        "search": fold(f"{envelope.subject} {addresses} {names} {seen.sender.code or ''}"),
    }


def _record_parts(tx: Tx, mail: Mail, seen: Understanding) -> dict[tuple[str, ...], int]:
    """Rows of the parts; returns path → n, the "17.2" of the contract."""
    numbers = {part.path: n for n, part in enumerate(seen.reading.parts, 1)}
    for part in seen.reading.parts:
        findings = tuple(part_json(part).get("findings", ()))
        outcome = "enclosure" if part.path in seen.enclosures else part.outcome
        copy_of = numbers.get(part.copy_of) if part.copy_of else None
        tx.add_part(Part(mail.id, numbers[part.path], part.path, part.name, part.sha256, part.size, part.type, outcome, part.reason, copy_of, findings))
    return numbers


def record_attempts(desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, numbers: dict[tuple[str, ...], int], now: datetime) -> list[Ruling]:
    """Submissions of this mail and the verdicts of every book they touch; corrections for what changed elsewhere."""
    known = {s.ref: s for s in tx.submissions(mail.id)}
    touched: dict[tuple[str, str], ReportType] = {}
    mine: set[str] = set()
    for attempt in seen.attempts:
        report_type = next((t for t in law.calendar.types if t.type == attempt.type), None)
        if report_type is None:
            continue
        submission = _submission(tx, law, mail, seen, attempt, numbers, now)
        if submission.ref not in known:
            submission = tx.add_submission(submission)
        elif known[submission.ref].content_key != submission.content_key:
            tx.open_review(ReviewItem("reading_differs", "reading_differs", mail_id=mail.id, submission_id=known[submission.ref].id))
        mine.add(submission.ref)
        touched[attempt.agency, attempt.type] = report_type
    rulings: list[Ruling] = []
    for (agency, _), report_type in touched.items():
        for ruling in judge_book(desk, tx, law, agency, report_type, now):
            if ruling.submission.ref in mine:
                rulings.append(ruling)
            elif ruling.changed:
                correct(desk, tx, law, ruling, now, "earlier_mail")
    return sorted(rulings, key=lambda r: (r.submission.part_n, r.submission.report_n))


def _submission(
    tx: Tx, law: Law, mail: Mail, seen: Understanding, attempt: Attempt, numbers: dict[tuple[str, ...], int], now: datetime
) -> Submission:
    part_n = numbers[attempt.part.path] if attempt.part else 0
    report = attempt.report
    envelope = seen.reading.envelope
    reading_id = None
    content: dict[str, object] = {}
    if report:
        content = report_json(report)
        content["agency"] = {**content["agency"], "code": attempt.agency, "how": attempt.how}  # type: ignore[dict-item]
        reading_id = tx.add_reading(Reading(mail.id, part_n, report.n, report.form, report.form_sha256, report.reader, now, content))
    agency = law.roster.get(attempt.agency, law.calendar.day(mail.received_at))
    not_asked = set(agency.not_applicable) if agency else set()
    core = [key for key in report.core if key not in not_asked] if report else []
    name = attempt.part.name if attempt.part else ""
    return Submission(
        mail_id=mail.id,
        part_n=part_n,
        report_n=report.n if report else 0,
        type=attempt.type,
        agency=attempt.agency,
        received_at=mail.received_at,
        content_key=report.content_key if report else "",
        candidates=attempt.candidates,
        window_from=report.window.start if report else None,
        window_to=report.window.end if report else None,
        stated_period=_stated(report, attempt.type, envelope, name, law),
        answers=answered_period(tx, envelope, attempt),
        core_stated=_stated_count(report, core),
        core_total=len(core),
        recognised=report is not None,
        blocked=attempt.blocked,
        refused=attempt.refused,
        findings=tuple(content.get("findings", ())),  # type: ignore[arg-type]
        reading_id=reading_id,
    )


def _stated_count(report: Report | None, core: list[str]) -> int:
    return sum(1 for f in report.figures if f.key in core and f.state in ("number", "zero", "nil")) if report else 0


def _stated(report: Report | None, report_type: str, envelope: Envelope, name: str, law: Law) -> str | None:
    """The period a monthly report states: in its title, else in the subject or the file's name."""
    every = next((t.every for t in law.calendar.types if t.type == report_type), "")
    if every != "month":
        return None
    if report and report.window.month:
        return f"{report_type}:{report.window.month}"
    stated = stated_month(name) or stated_month(envelope.subject)
    return stated.replace("monthly:", f"{report_type}:") if stated else None


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


def _final_state(seen: Understanding, rulings: list[Ruling]) -> str:
    if seen.state == "recorded" and rulings and all(r.verdict.duplicate_of for r in rulings):
        return "duplicate"
    if seen.state == "recorded" and any(r.verdict.outcome == "in_review" for r in rulings):
        return "needs_review"
    return seen.state


def _first_receipt(rulings: list[Ruling]) -> str:
    return next((r.verdict.receipt for r in rulings if r.verdict.receipt), "")


def _note_bounce(tx: Tx, envelope: Envelope, mail: Mail, now: datetime) -> None:
    """Tie a bounce to the letter it returns: by our Message-ID anywhere in it."""
    for message_id in (*envelope.in_reply_to, *envelope.references, *(inner.message_id for inner in envelope.inner)):
        letter = tx.letter_by_message_id(message_id) if message_id else None
        if letter:
            tx.letter_bounced(letter.id, mail.id, now)
            return


# ---- letters about a mail --------------------------------------------------------------------------------------------


def answer(desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, rulings: list[Ruling], now: datetime) -> None:
    """Put the acknowledgement into the outbox, or record why nobody is answered."""
    if seen.state in ("own", "bounce") or (seen.state == "needs_review" and seen.reason == "no_report"):
        return
    withheld = withheld_because(desk, tx, mail, seen, rulings, now)
    facts = letters.acknowledgement(desk, tx, law, mail, seen, rulings, now)
    periods = [r.verdict.period for r in rulings if r.verdict.period]
    tx.add_letter(
        Letter(
            kind="acknowledgement",
            about=f"mail:{mail.id}",
            to=(seen.sender.address,) if seen.sender.address else (),
            facts={**facts.to_json(), "periods": periods},
            state="withheld" if withheld else "pending",
            withheld_because=withheld,
            agency=facts.agency or None,
            period=periods[0] if periods else None,
        ),
        desk.office.bot_domain,
    )


def withheld_because(desk: Desk, tx: Tx, mail: Mail, seen: Understanding, rulings: list[Ruling], now: datetime) -> str | None:
    """Why this mail is not answered; None when it is."""
    if not desk.settings.notify.answer:
        return "answering_off"
    if rulings and all(r.verdict.duplicate_of for r in rulings):
        return "duplicate"
    since = now - timedelta(hours=1)
    counts = reply_gate.Counts(
        to_address=tx.letters_since(since, to=seen.sender.address),
        overall=tx.letters_since(since),
        thread=sum(1 for mid in seen.reading.envelope.references if tx.letter_by_message_id(mid)),
    )
    return reply_gate.may_answer(seen.kind, seen.sender, counts, desk.budgets)


def correct(desk: Desk, tx: Tx, law: Law, ruling: Ruling, now: datetime, why: str) -> None:
    """A verdict changed after its mail was answered: say so in a letter; nothing stated is changed in silence."""
    submission, before = ruling.submission, ruling.before
    mail = tx.mail(submission.mail_id)
    told = [x for x in tx.letters(about=f"mail:{submission.mail_id}") if x.kind in ("acknowledgement", "correction") and x.state != "withheld"]
    if mail is None or before is None or not told:
        return
    last = told[-1]
    agency = law.roster.get(ruling.verdict.agency, law.calendar.day(now))
    report = letters.report_fact(desk, tx, law, ruling, now)
    facts = AcknowledgementFacts(
        agency_name=agency.name if agency else "",
        agency=ruling.verdict.agency,
        subject=mail.subject,
        in_reply_to=mail.message_id or "",
        references=(),
        received_at=mail.received_at,
        receipt=report.receipt or letters.mail_receipt(mail),
        reports=(report,),
        mail_sha256=mail.sha256,
        correction=CorrectionFact(_said(before), _said(ruling.verdict), why, before.receipt or "", last.seq),
    )
    tx.add_letter(
        Letter(
            kind="correction",
            about=f"mail:{mail.id}",
            to=last.to,
            n=1 + sum(1 for x in told if x.kind == "correction"),
            facts={**facts.to_json(), "periods": [ruling.verdict.period] if ruling.verdict.period else []},
            state="pending" if desk.settings.notify.answer else "withheld",
            withheld_because=None if desk.settings.notify.answer else "answering_off",
            agency=ruling.verdict.agency,
            period=ruling.verdict.period,
        ),
        desk.office.bot_domain,
    )


def _said(verdict: object) -> str:
    """What a letter said of a verdict, as codes: the period when it moved, else the timing or outcome."""
    period, timing, outcome = (getattr(verdict, name) for name in ("period", "timing", "outcome"))
    return f"{period} {timing if outcome.startswith('accepted') else outcome}"


# ---- 7 FILE, 8 SEND --------------------------------------------------------------------------------------------------


def file_away(desk: Desk, source: Source) -> int:
    """Move every terminal mail to CCHC/<year of receipt>, only now; a mail that cannot be moved stays and is known."""
    target = desk.settings.mailbox.filed
    moved = 0
    if not target:
        return moved
    with desk.ledger.read() as q:
        waiting = q.unfiled(source.account, TERMINAL)
    for sighting, mail in waiting:
        year = desk.calendar.local(mail.received_at).year
        try:
            filed = source.file(sighting.folder, sighting.uidvalidity, sighting.uid, f"{target}/{year}")
        except MailboxError as error:
            if not error.permanent:
                raise
            LOG.warning("mail cannot be filed", mail=mail.id, error=str(error))
            continue
        failpoint("after_move")
        with desk.write(desk.clock.now()) as tx:
            tx.mark_filed(sighting, filed.folder if filed else None, filed.uidvalidity if filed else 0, filed.uid if filed else 0)
        moved += 1
    return moved


def note_good_poll(desk: Desk, began: datetime) -> None:
    """Remember when the last pass that reached everything began and ended; missing notices depend on it."""
    with desk.write(desk.clock.now()) as tx:
        tx.set_meta("last_good_poll", {"began": began.isoformat(), "ended": desk.clock.now().isoformat()})


def send(desk: Desk, done: Pass | None = None) -> Pass:
    """Step 8: whatever the outbox owes now."""
    done = done or Pass()
    delivered = desk.open_postman().deliver(desk.clock.now())
    done.letters_sent += delivered.sent
    done.letters_pending = delivered.pending
    if delivered.unreachable:
        done.trouble = done.trouble or "smtp: not reachable"
    return done
