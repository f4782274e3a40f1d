"""An answer to a letter of ours: a finding explained by its code, a mail from an unknown address confirmed.

Rules (the loop closes by e-mail; nothing but a reply is ever needed from an agency):

1. Which letter is answered: In-Reply-To, then References from the newest, else a receipt in the subject. Only a mail of the agency
   the letter went to (or its successor), written by a person and not failed by our border, can explain or confirm.
2. A code explains the newest revision of a due the letter speaks of that has such a finding, this very mail's report first.
   What is quoted of our own letter (the title behind the code) is no reason.
3. A confirmation in answer to a ``request`` attributes the mail asked about, with its own time of receipt.
   A person who reads an answer in other words may say which codes it explains (``EXPLAINS``): its words are the reason then.
4. With neither, nor a report, the answer goes to a person, who is shown the answer's words and the letter answered. So does what
   names no letter but reads like an answer to one: a confirmation while the agency is asked for one, a code of a finding it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from intake import letters, other_revisions
from intake.book import Law, Ruling
from intake.correcting import Cause
from intake.desk import Desk
from intake.findings import findings_of, to_check
from intake.rejudging import judge_and_tell, settle_mail
from intake.understanding import Understanding
from notifier.facts import ExplainedFact
from parsers.fold import fold
from parsers.replies import REASON_MAX, Reply, Said, read_reply
from parsers.values import Envelope
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Decision, Explanation, Json, Letter, Mail, Submission, Verdict

_RECEIPT = re.compile(
    r"CCHC-(?:X-[0-9a-f]{10}|[0-9A-Za-z]{1,40}(?:-[0-9A-Za-z]{1,40}){0,8}-[A-Z]-[A-Z0-9]{2,12}-r\d{1,4})"
)
EXPLAINS = "explains"  # a person's decision on an answer: the code it explains
WORDS_MAX = 300  # characters of an answer a person is shown beside the letter
WRAPPED = 12  # letters of a heading that a mail program may have left on its line


@dataclass(frozen=True, slots=True)
class Replied:
    """What an answer brought."""

    explained: tuple[ExplainedFact, ...] = ()
    unknown: tuple[str, ...] = ()  # codes that name no finding
    confirmed: int | None = None  # id of the mail confirmed
    to: str = ""  # receipt or kind of the letter answered
    words: str = ""
    periods: tuple[str, ...] = ()  # the letter is about

    @property
    def taken(self) -> bool:
        """Whether the answer was understood."""
        return bool(self.explained) or self.confirmed is not None


def answered_letter(q: Queries, envelope: Envelope) -> Letter | None:
    """The letter of ours a mail answers by its threading headers, the nearest first."""
    for message_id in (*envelope.in_reply_to, *reversed(envelope.references)):
        if letter := q.letter_by_message_id(message_id):
            return letter
    return None


def answers_ours(q: Queries, envelope: Envelope, agency: str | None) -> bool:
    """Whether a mail answers a letter of ours: by its headers, a receipt in its subject, or by its words alone."""
    if answered_letter(q, envelope) or _RECEIPT.search(envelope.subject):
        return True
    return agency is not None and bool(_meant(q, agency, read_reply(envelope)))


def _meant(q: Queries, agency: str, reply: Reply) -> str:
    """The receipt of what an answer that names no letter may speak of, the newest; "" for none."""
    if reply.confirms:
        asked = q.letters(kind="request", agency=agency)
        waiting = (x for x in reversed(asked) if (mail := q.mail(_asked_of(x))) and mail.state == "needs_review")
        if letter := next(waiting, None):
            return str(letter.facts.get("receipt") or "")
    codes = {said.code for said in reply.said}
    words = (word for due in q.words_on_dues(agency).values() for word in due) if codes else ()
    found = [w for w in words if w.receipt and codes & {str(f.get("code")) for f in w.findings}]
    return max(found, key=lambda w: w.received_at).receipt or "" if found else ""


def _asked_of(request: Letter) -> int:
    """The mail a request asks about."""
    return int(request.about.removeprefix("mail:"))


def take_reply(
    desk: Desk, tx: Tx, law: Law, mail: Mail, seen: Understanding, rulings: list[Ruling], now: datetime
) -> Replied:
    """Record what the answer explains or confirms; see the module's rules."""
    envelope, agency = seen.reading.envelope, seen.sender.code
    if not seen.answers or agency is None or seen.sender.reason or seen.kind.kind or seen.state == "test":
        return Replied()
    letter, named = answered_letter(tx, envelope), _RECEIPT.search(envelope.subject)
    reply = _with_codes(read_reply(envelope), tx.decisions(f"mail:{mail.id}"))
    if letter is None and named is None:
        return Replied(to=_meant(tx, agency, reply), words=reply.words)
    to = str(letter.facts.get("receipt") or letter.kind) if letter else named[0] if named else ""
    confirmed = _confirm(desk, tx, mail, letter, named[0] if named else "", agency, reply, now)
    if confirmed is not None:
        return Replied(confirmed=confirmed, to=to, words=reply.words)
    dues = _dues(tx, law, letter, named[0] if named else "", agency, rulings)
    explained = tuple(fact for said in reply.said for due in dues for fact in _explain(tx, law, mail, said, due, now))
    unknown = {said.code for said in reply.said} - {fact.code for fact in explained}
    periods = tuple(letter.facts.get("periods", ())) if letter else ()
    return Replied(explained, tuple(sorted(unknown)), None, to, reply.words, periods)


def _with_codes(reply: Reply, decided: Iterable[Decision]) -> Reply:
    """The answer with the codes a person found it to explain, its own words their reason."""
    known, reason = {said.code for said in reply.said}, " ".join(reply.words.split())[:REASON_MAX]
    codes = dict.fromkeys(d.after for d in decided if d.what == EXPLAINS and d.after and d.after not in known)
    return replace(reply, said=(*reply.said, *(Said(code, reason) for code in codes if reason)))


# ---- explanations ----------------------------------------------------------------------------------------------------
def _dues(
    tx: Tx, law: Law, letter: Letter | None, receipt: str, agency: str, rulings: list[Ruling]
) -> list[tuple[str, str]]:
    """(period, agency) of every due the answer may speak of: of its own reports, the subject's receipt, the letter's."""
    found = [(r.verdict.period, r.verdict.agency) for r in rulings]
    receipts = [receipt, *(str(r.get("receipt") or "") for r in (letter.facts.get("reports", ()) if letter else ()))]
    for one in filter(None, receipts):
        submission = tx.by_receipt(one)
        verdict = tx.latest_verdict(submission.id) if submission else None
        if verdict:
            found.append((verdict.period, verdict.agency))
    if letter and letter.agency:
        found += [(str(period), letter.agency) for period in letter.facts.get("periods", ())]
    own = [(str(p), a) for p, a in found if p and (a == agency or law.roster.succeeds(agency, a))]
    return list(dict.fromkeys(own))


def _explain(tx: Tx, law: Law, mail: Mail, said: Said, due: tuple[str, str], now: datetime) -> Iterator[ExplainedFact]:
    """Record the reason for the newest revision of the due that has such a finding."""
    for word in reversed(other_revisions.in_order(tx, *due)):
        submission, verdict = tx.submission(word.submission_id), tx.latest_verdict(word.submission_id)
        assert submission is not None, "a word is on a submission"
        assert verdict is not None, "a word is a verdict"
        finding = next((f for f in findings_of(tx, submission, verdict) if f["code"] == said.code), None)
        if finding is None or verdict.outcome == "withdrawn":
            continue
        if not _quotes(said, finding):
            tx.add_explanation(_explanation(mail, submission, verdict, finding, said))
            name = letters.latest_name(law, verdict.agency)
            title = str(finding.get("title") or "")
            yield ExplainedFact(
                said.code, said.reason, title, verdict.receipt or "", verdict.type, verdict.period, name, now
            )
        return


def open_codes(q: Queries, mail: Mail) -> tuple[str, ...]:
    """The codes an answer that waits for a person may explain: what is still to check of the due whose letter it answers."""
    answered = next(
        (str(item.detail["answers"]) for item in q.reviews(mail_id=mail.id) if item.detail.get("answers")), ""
    )
    submission = q.by_receipt(answered)
    verdict = q.latest_verdict(submission.id) if submission else None
    if verdict is None or not verdict.period:
        return ()
    found: dict[str, bool] = {}  # code → whether it stands open in the newest revision that has it
    for word in reversed(other_revisions.in_order(q, verdict.period, verdict.agency)):
        submission, own = q.submission(word.submission_id), q.latest_verdict(word.submission_id)
        if submission and own and own.outcome != "withdrawn":
            findings = findings_of(q, submission, own)
            still = {str(f["code"]) for f in to_check(findings)}
            for finding in findings:
                found.setdefault(str(finding["code"]), str(finding["code"]) in still)
    return tuple(sorted(code for code, still in found.items() if still))


def _quotes(said: Said, finding: Json) -> bool:
    """Whether the "reason" is our own heading come back unmarked."""
    title, reason = fold(str(finding.get("title") or "")), fold(said.reason)
    return bool(title) and (reason.startswith(title) or (len(reason) >= WRAPPED and title.startswith(reason)))


def _explanation(mail: Mail, submission: Submission, verdict: Verdict, finding: Json, said: Said) -> Explanation:
    return Explanation(
        submission_id=submission.id,
        agency=verdict.agency,
        type=verdict.type,
        period=verdict.period,
        code=said.code,
        about=tuple(finding.get("about", ())),
        message=str(finding.get("message") or ""),
        reason=said.reason,
        mail_id=mail.id,
    )


# ---- confirmations ---------------------------------------------------------------------------------------------------
def _confirm(
    desk: Desk, tx: Tx, mail: Mail, letter: Letter | None, receipt: str, agency: str, reply: Reply, now: datetime
) -> int | None:
    """Attribute the mail a request asked about; its id, None when this answer confirms nothing."""
    if not reply.confirms:
        return None
    asked = _request(tx, letter, receipt, agency)
    unknown = tx.mail(_asked_of(asked)) if asked else None
    if unknown is None:
        return None
    if unknown.state != "needs_review":  # settled already: another clerk confirmed, or a person decided
        return unknown.id if _attributed(tx, unknown, agency) else None
    who, why = f"agency:{agency}", f"{' '.join(reply.words.split())[:200]} ({letters.mail_receipt(mail)})"
    tx.add_decision(Decision(f"mail:{unknown.id}", "agency", None, agency, why, who))
    books = {(a, s.type) for s in tx.submissions(unknown.id) for a in (agency, s.agency)}
    judge_and_tell(desk, tx, books, now, Cause("confirmed", about_mail=unknown.id, answering=mail))
    settle_mail(tx, unknown.id, "recorded", "confirmed by the agency", "confirmed")
    return unknown.id


def _request(tx: Tx, letter: Letter | None, receipt: str, agency: str) -> Letter | None:
    """The request answered, when it went to this agency."""
    if letter and letter.kind == "request":
        return letter if letter.agency == agency else None
    mail = tx.mail_by_sha256(receipt.removeprefix("CCHC-X-")) if receipt.startswith("CCHC-X-") else None
    asked = tx.letters(about=f"mail:{mail.id}", kind="request", agency=agency) if mail else ()
    return asked[-1] if asked else None


def _attributed(tx: Tx, mail: Mail, agency: str) -> bool:
    return any(d.what == "agency" and d.after == agency for d in tx.decisions(f"mail:{mail.id}"))
