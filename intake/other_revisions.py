"""What a letter about one submission says of the others: the one before it, the one its due rests on, the one still in review.

Rules:

1. Before and after are told by the moment of receipt (``Queries.verdicts`` breaks ties by mail, part, report), never by revision
   numbers: those follow recording, and a mail found late may be the earlier one.
2. A duplicate is no revision and is never compared with, nor is what was withdrawn or came from a sender nobody has confirmed.
"""

from __future__ import annotations

from intake.book import WHOSE
from storage.queries import Queries
from storage.read_words import Word
from storage.records import Json, Submission, Verdict


def in_order(q: Queries, period: str, agency: str) -> list[Word]:
    """The revisions of a due in the order of their receipt."""
    said = q.words_on_dues(agency).get(period, ())
    own = [word for word in said if word.agency == agency and word.receipt and not word.duplicate_of]
    return sorted(own, key=lambda word: word.received_at)  # stable: ties stay as the ledger orders them


def previous(q: Queries, verdict: Verdict) -> tuple[str, Json] | None:
    """Receipt and report of the revision received before this one, None for the first, for duplicates and for what may be another's."""
    if not verdict.period or verdict.duplicate_of or verdict.outcome == "withdrawn" or _whose(verdict):
        return None
    earlier: tuple[str, Json] | None = None
    for word in in_order(q, verdict.period, verdict.agency):
        if word.submission_id == verdict.submission_id:
            return earlier
        its_own = word.outcome != "withdrawn" and not _whose(word)
        reading = q.reading(word.reading_id) if word.reading_id and its_own else None
        earlier = (word.receipt or "", reading.report) if reading else earlier
    return None


def _whose(word: Word | Verdict) -> bool:
    """Whether it waits for a person to say whose it is."""
    return word.outcome == "in_review" and word.reason in WHOSE


def nth_sent(q: Queries, verdict: Verdict) -> int | None:
    """Which of the agency's sendings for the due it is: what was read of one mail at a later try was not sent again."""
    if not verdict.revision or verdict.revision == 1 or not verdict.period:
        return verdict.revision
    words = in_order(q, verdict.period, verdict.agency)
    mail = next((word.mail_id for word in words if word.submission_id == verdict.submission_id), 0)
    unread = [w for w in words if w.mail_id == mail and not w.report_n]
    return verdict.revision - sum((w.revision or verdict.revision) < verdict.revision for w in unread)


def decided_by(q: Queries, verdict: Verdict) -> str:
    """The receipt the due's class rests on when it is another revision's: the first acceptable one."""
    if not verdict.period:
        return ""
    first = next((word for word in in_order(q, verdict.period, verdict.agency) if word.acceptable), None)
    return first.receipt or "" if first and first.submission_id != verdict.submission_id else ""


def in_review(q: Queries, verdict: Verdict) -> str:
    """The receipt of another revision of the due that waits for a person, "" when none does."""
    if not verdict.period:
        return ""
    found = (word for word in in_order(q, verdict.period, verdict.agency) if word.outcome == "in_review")
    return next((word.receipt or "" for word in found if word.submission_id != verdict.submission_id), "")


def same_content(q: Queries, submission: Submission, verdict: Verdict) -> str:
    """The receipt of the agency's earlier report for another due that has this very content, "" when there is none."""
    if not submission.content_key:
        return ""
    book = [(e.submission, e.verdict) for e in q.book(verdict.agency, verdict.type) if e.verdict]
    found = (v for s, v in book if s.content_key == submission.content_key and v.period not in (None, verdict.period))
    return next((v.receipt or "" for v in found if v.received_at <= verdict.received_at), "")
