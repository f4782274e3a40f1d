"""Reports found late before it was known that an outage of ours held them up (``intake.outages``) are judged once more.

An outage is known by its end: a report recorded while another folder could not be reached was judged without it.
"""

from __future__ import annotations

from intake import outages
from intake.correcting import Cause
from intake.desk import Desk
from intake.rejudging import judge_and_tell
from storage.queries import Queries


def look_again(desk: Desk) -> None:
    """Judge the books of reports late for a moment inside an outage that ended within the last days."""
    now = desk.clock.now()
    with desk.ledger.read() as q:
        books = {book for span in outages.past(q) if now <= span[1] + 2 * outages.UNDER_WAY for book in _late(q, span)}
    if not books:
        return
    with desk.write(now) as tx:
        judge_and_tell(desk, tx, books, now, Cause(outages.KIND))


def _late(q: Queries, span: outages.Span) -> set[tuple[str, str]]:
    """Whose reports of which type are called late for a moment inside it."""
    began, ended = span
    return {
        (verdict.agency, verdict.type)
        for period in q.periods(since=began - outages.UNDER_WAY, until=ended + outages.UNDER_WAY)
        for _, verdict in q.verdicts(period.key)
        if verdict.timing == "late" and verdict.due_at and began <= verdict.due_at <= ended
    }
