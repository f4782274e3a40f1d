"""Writing what is asked about a report beside its form's checks, and what agencies say of a finding. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storage.records import Explanation, Json, Verdict
from storage.rows import values
from storage.tables import table
from storage.write_log import LogWriting


class QuestionWriting(LogWriting):
    """Writes about findings."""

    __slots__ = ()

    def add_asked(self, verdict: Verdict, findings: Sequence[Json]) -> None:
        """Record what the judge asks with this verdict."""
        row = {"verdict_id": verdict.id, "submission_id": verdict.submission_id, "findings": tuple(findings)}
        said = {"receipt": verdict.receipt, "codes": [finding["code"] for finding in findings]}
        self._append("asked", row | {"at": self.at}, "asked", f"submission:{verdict.submission_id}", **said)

    def add_explanation(self, explanation: Explanation) -> Explanation:
        """Record what an agency said of a finding."""
        row = values(table("explanation"), explanation, without=("id", "seq"), at=self.at)
        said = {"code": explanation.code, "reason": explanation.reason, "mail": explanation.mail_id}
        number, entry = self._append(
            "explanation", row, "explanation", f"submission:{explanation.submission_id}", **said
        )
        return replace(explanation, id=number, seq=entry.seq, at=self.at)
