"""What a letter about one submission says of the others: the one before it, the one its due rests on, the one still in review.

Rules:

1. Before and after are told by the moment of receipt (``Queries.verdicts`` breaks ties by mail, part, report), never by revision
   numbers: those follow recording, and a mail found late may be the earlier one.
2. A duplicate is no revision and is never compared with.
"""

from __future__ import annotations

from storage.queries import Queries
from storage.records import Json, Submission, Verdict


def in_order(q: Queries, period: str, agency: str) -> list[tuple[Submission, Verdict]]:
    """The revisions of a due in the order of their receipt."""
    own = [
        (s, v)
        for s, v in q.agency_verdicts(agency)
        if v.agency == agency and v.period == period and v.receipt and not v.duplicate_of
    ]
    return sorted(own, key=lambda pair: pair[1].received_at)  # stable: ties stay as the ledger orders them


def previous(q: Queries, verdict: Verdict) -> tuple[str, Json] | None:
    """Receipt and report of the revision received before this one, None for the first and for duplicates."""
    if not verdict.period or verdict.duplicate_of:
        return None
    earlier: tuple[str, Json] | None = None
    for submission, other in in_order(q, verdict.period, verdict.agency):
        if submission.id == verdict.submission_id:
            return earlier
        reading = q.reading(submission.reading_id) if submission.reading_id else None
        earlier = (other.receipt or "", reading.report) if reading else earlier
    return None


def decided_by(q: Queries, verdict: Verdict) -> str:
    """The receipt the due's class rests on when it is another revision's: the first acceptable one."""
    if not verdict.period:
        return ""
    first = next((v for _, v in in_order(q, verdict.period, verdict.agency) if v.acceptable), None)
    return first.receipt or "" if first and first.submission_id != verdict.submission_id else ""


def in_review(q: Queries, verdict: Verdict) -> str:
    """The receipt of another revision of the due that waits for a person, "" when none does."""
    if not verdict.period:
        return ""
    found = (v for _, v in in_order(q, verdict.period, verdict.agency) if v.outcome == "in_review")
    return next((v.receipt or "" for v in found if v.submission_id != verdict.submission_id), "")


def same_content(q: Queries, submission: Submission, verdict: Verdict) -> str:
    """The receipt of the agency's earlier report for another due that has this very content, "" when there is none."""
    if not submission.content_key:
        return ""
    book = [(e.submission, e.verdict) for e in q.book(verdict.agency, verdict.type) if e.verdict]
    found = (v for s, v in book if s.content_key == submission.content_key and v.period not in (None, verdict.period))
    return next((v.receipt or "" for v in found if v.received_at <= verdict.received_at), "")
