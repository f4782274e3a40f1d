"""What there is to check in a report: its form's findings, the judge's questions, and what the agency said of them.

Rules:

1. A finding is explained when the agency answered its code and it still says the same: same due, code and sentence with its
   numbers. A later revision with other numbers is asked again.
2. Findings of severity ``info`` ask nothing. An explained finding stays where it is, with what was said beside it.
3. Remarks of the judge that ask for something have codes of their own, so that they can be answered as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from intake.people import content_of
from storage.queries import Queries
from storage.records import Explanation, Json, Submission, Verdict

NOTE_CODES = {
    "same_content_as": "N01",
    "skipped_wanted": "N02",
    "own_wanted": "N03",
}  # note of a verdict → the code it is answered by
TO_CHECK = ("ask", "warning", "error")


def findings_of(
    q: Queries, submission: Submission, verdict: Verdict | None, own: Sequence[Json] | None = None
) -> tuple[Json, ...]:
    """Every finding of a report as it stands, each with ``explanation`` where the agency gave one.

    ``own``: the report's own findings, when known already; default: those left once people stated figures.
    """
    if own is None:
        own = content_of(q, submission).get("findings", submission.findings)
    asked = q.asked(verdict.id) if verdict else ()
    notes = [_of_note(note) for note in (verdict.notes if verdict else ()) if note in NOTE_CODES]
    found = [*own, *asked, *notes]
    said = _said(q, verdict) if verdict and found else {}
    return tuple(_explained(finding, said) for finding in found)


def _of_note(note: str) -> Json:
    return {"code": NOTE_CODES[note], "severity": "ask", "figures": [], "message": "", "note": note}


def _said(q: Queries, verdict: Verdict) -> dict[tuple[str, str], Explanation]:
    if verdict.period is None:
        return {}
    said = q.explanations(agency=verdict.agency, type=verdict.type, period=verdict.period)
    return {(one.code, one.message): one for one in said}


def _explained(finding: Json, said: dict[tuple[str, str], Explanation]) -> Json:
    one = said.get((finding["code"], finding.get("message", "")))
    if one is None:
        return finding
    return {**finding, "explanation": {"reason": one.reason, "mail": one.mail_id, "at": _iso(one)}}


def _iso(one: Explanation) -> str | None:
    return one.at.isoformat() if one.at else None


def to_check(findings: Iterable[Json]) -> list[Json]:
    """What still asks for something: not explained yet."""
    return [f for f in findings if f.get("severity") in TO_CHECK and "explanation" not in f]


def explained(findings: Iterable[Json]) -> list[Json]:
    """What the agency has explained."""
    return [f for f in findings if "explanation" in f]


def explained_by_agency(q: Queries, period: str, as_of: datetime) -> dict[str, list[str]]:
    """Agency → codes it has explained for a period, as of a moment."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in q.explanations(period=period, as_of=as_of):
        if one.code not in found[one.agency]:
            found[one.agency].append(one.code)
    return dict(found)
