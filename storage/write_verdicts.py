"""Writing what is said about reports: submissions, verdicts with their receipts, persons' decisions, review items.

Rules: a submission's facts are written once; verdicts and decisions are append-only, the latest counts. A receipt is
given with the first verdict for a due (not to a duplicate); its number follows recording order inside (type, period,
agency) and is never reused; the same submission judged again for the same due keeps it.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select, update

from storage.errors import NotFound, Stale
from storage.prepared import ask, write
from storage.receipts import mail_receipt, receipt
from storage.records import Decision, ReviewItem, Submission, Verdict
from storage.rows import insertion, one, values
from storage.search_tables import ANY_CLASS
from storage.tables import table
from storage.write_log import LogWriting
from storage.write_search import drop_classes, drop_sums, note_report, periods_of

_mail, _submission, _receipt, _review = table("mail"), table("submission"), table("receipt"), table("review")
_period = table("period")
_OF_DUE = select(_receipt.c.submission_id, _receipt.c.receipt, _receipt.c.revision, _receipt.c.type).where(
    _receipt.c.period == bindparam("period"), _receipt.c.agency == bindparam("agency")
)


def _named(*said: Submission | Verdict) -> tuple[set[str], set[str]]:
    """The agencies and the types named there."""
    return {one.agency for one in said if one.agency}, {one.type for one in said if one.type}


class VerdictWriting(LogWriting):
    """Writes about reports."""

    __slots__ = ()

    def add_submission(self, submission: Submission) -> Submission:
        """Record what a report claims; the one already recorded for that (mail, part, report) is given back as it is."""
        where = {name: getattr(submission, name) for name in ("mail_id", "part_n", "report_n")}
        known = one(self.connection, _submission, "id", **where)
        if known is not None and (there := self.submission(known)) is not None:
            return there
        row = values(_submission, submission, without=("id", "seq"), recorded_at=self.at)
        said = {"ref": submission.ref, "type": submission.type, "agency": submission.agency}
        number, entry = self._append("submission", row, "submission", f"mail:{submission.mail_id}", **said)
        note_report(self.connection, submission.mail_id, *_named(submission))
        return replace(submission, id=number, seq=entry.seq, recorded_at=self.at)

    def _keys_of(self, period: str | None) -> tuple[str, ...]:
        """The period's; and of one that has not opened, so that the search for a class looks there too."""
        if not period:
            return ()
        opened = one(self.connection, _period, "id", key=period, change=False) is not None
        return (f"period:{period}",) if opened else (f"period:{period}", ANY_CLASS)

    def add_verdict(self, verdict: Verdict) -> Verdict:
        """Record the judge's word and give the receipt it earns; receipt and revision passed in are not looked at."""
        submission = self.submission(verdict.submission_id)
        if submission is None:
            raise NotFound(f"submission {verdict.submission_id}")
        given, revision = self._receipt(verdict, submission)
        said = replace(verdict, receipt=given, revision=revision, at=self.at)
        facts = {name: getattr(said, name) for name in ("period", "agency", "outcome", "timing", "how", "receipt")}
        note_report(self.connection, submission.mail_id, *_named(submission, said), self._keys_of(said.period))
        drop_classes(self.connection, {said.period, *periods_of(self.connection, submission.id)})
        row = values(table("verdict"), said, without=("id", "seq"))
        number, entry = self._append(
            "verdict", row, "verdict", f"submission:{submission.id}", ref=submission.ref, **facts
        )
        return replace(said, id=number, seq=entry.seq)

    def _receipt(self, verdict: Verdict, submission: Submission) -> tuple[str | None, int | None]:
        if verdict.period is None:
            return mail_receipt(str(one(self.connection, _mail, "sha256", id=submission.mail_id))), None
        if verdict.duplicate_of:
            return None, None
        due = {"period": verdict.period, "agency": verdict.agency}
        given_before = ask(self.connection, _OF_DUE, due)
        for number, known, last, _ in given_before:
            if number == submission.id:
                return str(known), int(last)
        revision = 1 + max((int(last) for _, _, last, of_type in given_before if of_type == verdict.type), default=0)
        given = receipt(verdict.period, verdict.agency, revision)
        row = {"receipt": given, "type": verdict.type, "period": verdict.period, "agency": verdict.agency}
        write(self.connection, insertion(_receipt), {**row, "revision": revision, "submission_id": submission.id})
        return given, revision

    def add_decision(self, decision: Decision) -> Decision:
        """Record what a person decided."""
        if decision.what == "set" and (of := decision.target.removeprefix("submission:")).isdecimal():
            drop_sums(self.connection, periods_of(self.connection, int(of)))
        row = values(table("decision"), decision, without=("id", "seq"), at=self.at)
        said = {"what": decision.what, "before": decision.before, "after": decision.after, "reason": decision.reason}
        number, entry = self._append(
            "decision", row, "decision", decision.target, **said, who=decision.who, second=decision.second
        )
        return replace(decision, id=number, seq=entry.seq, at=self.at)

    def open_review(self, item: ReviewItem) -> int:
        """Ask for a person's eye; the same question still open is not asked twice."""
        for known in self.reviews(mail_id=item.mail_id):
            if (known.kind, known.reason, known.submission_id) == (item.kind, item.reason, item.submission_id):
                return known.id
        subject = f"mail:{item.mail_id}" if item.mail_id else f"submission:{item.submission_id}"
        subject = subject if item.mail_id or item.submission_id else item.reason  # a due, a period
        entry = self.log("review_opened", subject, {"kind": item.kind, "reason": item.reason, "detail": item.detail})
        row = values(_review, item, seq=entry.seq, opened_at=self.at, closed_at=None, version=1)
        return self._insert(_review, row)

    def close_review(self, review_id: int, version: int, why: str) -> None:
        """A person has looked; ``Stale`` when it was closed or changed since that version was read."""
        where = (_review.c.id == review_id, _review.c.version == version, _review.c.closed_at.is_(None))
        change = update(_review).where(*where).values(closed_at=self.at, version=version + 1)
        if self.connection.execute(change).rowcount != 1:
            raise Stale(f"review {review_id} is no longer open at version {version}")
        self.log("review_closed", f"review:{review_id}", {"why": why})
