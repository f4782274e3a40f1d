"""What people ask about findings: those of the judge, what agencies said of them, and the reports an agency's history holds."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from storage.among import among
from storage.picking import picked
from storage.prepared import ask
from storage.records import Explanation, Json
from storage.rows import Snapshot, columns, records, remembered
from storage.tables import table

_asked, _explanation, _verdict = table("asked"), table("explanation"), table("verdict")
_submission, _reading, _decision = table("submission"), table("reading"), table("decision")
_ASKED = select(_asked.c.findings).where(_asked.c.verdict_id == bindparam("verdict_id"))
_LATEST = (
    select(func.max(_verdict.c.id))
    .where(_verdict.c.agency == bindparam("of_agency"), _verdict.c.type == bindparam("of_type"))
    .group_by(_verdict.c.submission_id)
)
_BEFORE = (
    select(_verdict.c.period, _verdict.c.submission_id, _submission.c.reading_id)
    .join(_submission, _submission.c.id == _verdict.c.submission_id)
    .where(_verdict.c.id.in_(_LATEST), _verdict.c.acceptable, _verdict.c.received_at < bindparam("before"))
    .where(_verdict.c.duplicate_of.is_(None), _verdict.c.period.is_not(None))
    .where(_submission.c.reading_id.is_not(None))
    .order_by(_verdict.c.received_at.desc(), _verdict.c.id.desc())
    .limit(bindparam("most"))
)
_REPORTS = select(_reading.c.id, _reading.c.report).where(among(_reading.c.id, "readings"))
_SET = (
    select(_decision.c.target, _decision.c.after)
    .where(among(_decision.c.target, "targets"), _decision.c.what == "set")
    .order_by(_decision.c.id)
)
_SET_THEN = _SET.where(_decision.c.at <= bindparam("as_of"))
_LAST_SAID = select(func.max(_verdict.c.id).label("last")).where(
    _verdict.c.submission_id.in_(select(_verdict.c.submission_id).where(_verdict.c.period == bindparam("of_period"))),
    _verdict.c.at <= bindparam("as_of"),
)
_LAST_STATED = select(func.max(_decision.c.id).label("last")).where(
    _decision.c.what == "set", _decision.c.at <= bindparam("as_of")
)
_REVOKED = select(_decision.c.target).where(_decision.c.what == "revoke", _decision.c.target.startswith("explanation:"))
_REVOKED_THEN = _REVOKED.where(_decision.c.at <= bindparam("as_of"))


@cache
def _explained(given: tuple[str, ...], *, then: bool) -> Select[Any]:
    """What was said of findings, by these columns; asked with every letter, so built once for each set of them."""
    where = [_explanation.c[name] == bindparam(name) for name in given]
    where += [_explanation.c.at <= bindparam("as_of")] if then else []
    return select(*columns(_explanation, Explanation)).where(*where).order_by(_explanation.c.id)


class QuestionQueries(Snapshot):
    """Questions about findings and history."""

    __slots__ = ()

    def asked(self, verdict_id: int) -> tuple[Json, ...]:
        """What the judge asked with this verdict."""
        found = [row[0] for row in ask(self.connection, _ASKED, {"verdict_id": verdict_id})]
        return tuple(finding for findings in found for finding in findings)

    def explanations(
        self,
        *,
        agency: str | None = None,
        type: str | None = None,  # noqa: A002 (the word the whole project uses)
        period: str | None = None,
        mail_id: int | None = None,
        submission_id: int | None = None,
        as_of: datetime | None = None,
        taken_back: bool = False,
    ) -> tuple[Explanation, ...]:
        """What agencies said of findings, oldest first; ``taken_back``: also what a person took back since."""
        wanted = {"agency": agency, "type": type, "period": period, "mail_id": mail_id, "submission_id": submission_id}
        given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        statement = _explained(tuple(given), then=as_of is not None)
        found = records(self.connection, statement, Explanation, given | ({"as_of": as_of} if as_of else {}))
        gone = () if taken_back or not found else self._taken_back(as_of)
        return tuple(one for one in found if one.id not in gone)

    @remembered("decision")
    def _taken_back(self, as_of: datetime | None) -> frozenset[int]:
        """The explanations people took back: targets ``explanation:12``. Few."""
        given = {"as_of": as_of} if as_of else {}
        found = [target for (target,) in ask(self.connection, _REVOKED_THEN if as_of else _REVOKED, given)]
        return frozenset(int(target.removeprefix("explanation:")) for target in found)

    def reports_before(
        self,
        agency: str,
        type: str,  # noqa: A002
        received_at: datetime,
        limit: int,
    ) -> tuple[tuple[str, Json, dict[str, str]], ...]:
        """An agency's acceptable revisions received before a moment: the last of each of the latest ``limit`` periods.

        Period, report as read, and the figures people stated for it; oldest received first.
        """
        given = {"of_agency": agency, "of_type": type, "before": received_at, "most": 4 * limit}
        last: dict[str, tuple[int, int]] = {}
        for period, submission_id, reading_id in ask(self.connection, _BEFORE, given):
            last.setdefault(str(period), (submission_id, reading_id))
        chosen = list(reversed(list(last.items())[:limit]))
        if not chosen:
            return ()
        reports = {n: report for n, report in ask(self.connection, _REPORTS, {"readings": [n for _, (_, n) in chosen]})}  # noqa: C416 - rows, not pairs
        people = self._stated_by_people([n for _, (n, _) in chosen])
        return tuple((period, reports[n], people.get(submission, {})) for period, (submission, n) in chosen)

    @remembered("submission", "verdict", "decision")
    def acceptable_reports(self, period: str, as_of: datetime) -> dict[str, tuple[Json, dict[str, str]]]:
        """Agency → report of its latest acceptable revision as the log knew it at a moment, and the figures people stated by then.

        The later received one wins; ties as the ledger wrote them.
        """
        return self._acceptable(period, as_of, _reading.c.report)

    @remembered("submission", "verdict", "decision")
    def acceptable_figures(
        self, period: str, as_of: datetime, keys: tuple[str, ...]
    ) -> dict[str, tuple[Json, dict[str, str]]]:
        """The same; of each report these figures alone, taken out by the database."""
        found = self._acceptable(period, as_of, picked(self.connection, _reading.c.report, "figures", keys))
        stated = {agency: ({k: v for k, v in said.items() if v}, people) for agency, (said, people) in found.items()}
        return {agency: ({"figures": said, "findings": []}, people) for agency, (said, people) in stated.items()}

    @remembered("submission", "verdict", "decision")
    def acceptable_texts(self, period: str, as_of: datetime) -> dict[str, Json]:
        """The same; of each report its number and its texts alone."""
        found = self._acceptable(period, as_of, picked(self.connection, _reading.c.report, "", ("number", "texts")))
        return {agency: said for agency, (said, _) in found.items()}

    def _acceptable(
        self, period: str, as_of: datetime, report: ColumnElement[Any]
    ) -> dict[str, tuple[Any, dict[str, str]]]:
        """By agency ``report`` (of the reading) and the figures people stated."""
        ever = select(_verdict.c.submission_id).where(_verdict.c.period == period)
        latest = select(func.max(_verdict.c.id)).where(_verdict.c.submission_id.in_(ever), _verdict.c.at <= as_of)
        statement = (
            select(_verdict.c.agency, _verdict.c.submission_id, report)
            .join(_submission, _submission.c.id == _verdict.c.submission_id)
            .join(_reading, _reading.c.id == _submission.c.reading_id)
            .where(_verdict.c.id.in_(latest.group_by(_verdict.c.submission_id)), _verdict.c.period == period)
            .where(_verdict.c.acceptable, _verdict.c.duplicate_of.is_(None))
            .order_by(_verdict.c.received_at, _verdict.c.submission_id)
        )
        found = {agency: (number, said) for agency, number, said in self.connection.execute(statement).all()}
        people = self._stated_by_people([number for number, _ in found.values()], as_of)
        return {agency: (report, people.get(number, {})) for agency, (number, report) in found.items()}

    def reports_version(self, period: str, as_of: datetime) -> tuple[int, int]:
        """Changes whenever ``acceptable_reports`` of that period may: the last verdict on its reports, and the last figure stated."""
        last = ask(self.connection, _LAST_SAID, {"of_period": period, "as_of": as_of})[0][0]
        return int(last or 0), self._last_stated(as_of)

    @remembered("decision")
    def _last_stated(self, as_of: datetime) -> int:
        return int(ask(self.connection, _LAST_STATED, {"as_of": as_of})[0][0] or 0)

    def _stated_by_people(self, submissions: list[int], as_of: datetime | None = None) -> dict[int, dict[str, str]]:
        targets = {"targets": [f"submission:{n}" for n in submissions]}
        rows = ask(self.connection, _SET if as_of is None else _SET_THEN, targets | ({"as_of": as_of} if as_of else {}))
        found: dict[int, dict[str, str]] = {}
        for target, after in rows:
            key, _, value = str(after).partition("=")
            found.setdefault(int(target.removeprefix("submission:")), {})[key] = value
        return found
