"""An explanation taken back by a person: the finding stands open again and is not answered by what was once said.

Rules:

1. Append-only: the explanation stays as it was given; a decision with its reason stands beside it, and from then on it counts nowhere.
2. Taken back is what stands behind a finding of the report named: what was said of it for this due, and what was remembered from an
   earlier one. Questions asked before stay as they were asked; later reports are asked again.
3. The agency was told that its explanation was noted: it is told that this holds no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from intake.asking import Found
from intake.book import judge_book, law_of
from intake.correcting import tell_again
from intake.decisions import Refused
from intake.desk import Desk
from intake.findings import findings_of
from storage.ledger import Tx
from storage.records import Decision, Explanation, Submission

WHAT = "revoke"


def take_back(
    desk: Desk,
    found: Found,
    codes: Sequence[str],
    reason: str,
    second: str | None = None,
    unchanged: Callable[[Tx], None] = lambda _tx: None,
) -> int:
    """Take back what stands behind these findings of a report; returns how many explanations that were. Raises ``Refused``.

    ``unchanged`` raises when the mail is no longer what the person looked at; asked inside the transaction.
    """
    if not reason.strip():
        raise Refused("--reason: expected a reason in words")
    now = desk.clock.now()
    with desk.write(now) as tx:
        unchanged(tx)
        chosen: dict[int, Explanation] = {}
        for code in codes:
            said = [one for submission in found.submissions for one in _behind(tx, submission, code)]
            if not said:
                raise Refused(f"--revoke {code}: no explanation of such a finding stands in {found.mail_id}")
            chosen |= {one.id: one for one in said}
        for one in chosen.values():
            tx.add_decision(Decision(f"explanation:{one.id}", WHAT, one.reason, one.code, reason, desk.actor, second))
        _tell(desk, tx, chosen.values())
    return len(chosen)


def _behind(tx: Tx, submission: Submission, code: str) -> list[Explanation]:
    verdict = tx.latest_verdict(submission.id)
    if verdict is None:
        return []
    about: set[str] = set()
    messages: set[str] = set()
    for finding in findings_of(tx, submission, verdict):
        if finding["code"] == code:
            about |= set(finding.get("about", ()))
            messages |= {str(finding.get("message") or "")}
    said = tx.explanations(agency=verdict.agency, type=verdict.type)
    here = {one.id for one in said if one.period == verdict.period and one.message in messages}
    return [one for one in said if one.code == code and (one.id in here or about & set(one.about))]


def _tell(desk: Desk, tx: Tx, revoked: Collection[Explanation]) -> None:
    """A letter about each report whose own explanation went."""
    law, now = law_of(desk, tx), desk.clock.now()
    ids = {one.submission_id for one in revoked}
    for agency, kind in sorted({(one.agency, one.type) for one in revoked}):
        report_type = desk.report_type(kind)
        rulings = judge_book(tx, law, agency, report_type, now) if report_type else ()
        tell_again(desk, tx, law, [r for r in rulings if r.submission.id in ids], now, "explanation")
