"""What people ask about submissions: the judge's words on them, what persons decided, whose book they stand in.

``as_of`` T = what the log knew at T (rows written at or before T); ``received_by`` T = what had arrived by T, with
today's knowledge (product.md, Definitions). Without them: today's knowledge of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, func, or_, select

from storage.among import among
from storage.prepared import Row, ask
from storage.read_words import Word, WordQueries
from storage.records import Decision, Json, ReviewItem, Submission, Verdict
from storage.rows import columns, matching, one, record, records, remembered
from storage.stated_tables import report_of
from storage.tables import table

_mail, _submission, _verdict = table("mail"), table("submission"), table("verdict")
_decision, _receipt, _review, _reading = table("decision"), table("receipt"), table("review"), table("reading")
_stated = table("stated")
_STATED = select(_stated.c.reading_id, _stated.c.number, _stated.c.figures).where(
    among(_stated.c.reading_id, "readings")
)
_REPORTS = select(_reading.c.id, _reading.c.report).where(among(_reading.c.id, "readings"))
_SET_BY_PEOPLE = select(_decision.c.target).where(
    _decision.c.what == "agency", _decision.c.after == bindparam("of_agency")
)
_DECIDED = select(*columns(_decision, Decision)).where(among(_decision.c.target, "targets")).order_by(_decision.c.id)
_DECIDED_THEN = _DECIDED.where(_decision.c.at <= bindparam("as_of"))
_OPEN_OF_MAIL = (
    select(*columns(_review, ReviewItem))
    .where(_review.c.closed_at.is_(None), _review.c.mail_id == bindparam("of_mail"))
    .order_by(_review.c.id)
)
_VERDICT_COLUMNS = [column.label(f"v_{column.name}") for column in columns(_verdict, Verdict)]


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A submission with everything said about it."""

    submission: Submission
    verdict: Verdict | None  # the latest, None when not judged yet
    decisions: tuple[Decision, ...]  # on this submission, oldest first
    mail_sha256: str
    mail_decisions: tuple[Decision, ...] = ()  # on its mail
    mail_received_at: datetime | None = None  # as known now: an earlier sighting may have moved it


class VerdictQueries(WordQueries):
    """Questions about submissions, verdicts, decisions and reviews."""

    __slots__ = ()

    def by_receipt(self, receipt: str) -> Submission | None:
        """The submission a receipt was given to; for ``CCHC-X-…`` the first of its mail."""
        given = select(_receipt.c.submission_id).where(_receipt.c.receipt == receipt)
        quoted = select(_verdict.c.submission_id).where(_verdict.c.receipt == receipt)
        either = _submission.c.id.in_(
            given.union(quoted)
        )  # by one "or" the other PostgreSQL looks through all there are
        statement = select(*columns(_submission, Submission)).where(either).order_by(_submission.c.id).limit(1)
        found = records(self.connection, statement, Submission)
        return found[0] if found else None

    def latest_verdict(self, submission_id: int, as_of: datetime | None = None) -> Verdict | None:
        """The word that counts on a submission, None before the first."""
        said = [v for v in self.verdicts_of(submission_id) if as_of is None or v.at is None or v.at <= as_of]
        return said[-1] if said else None

    def mails_refused(self, period: str, agency: str, reason: str) -> tuple[int, ...]:
        """Mails of which a report for that due stands refused for that reason, oldest first."""
        said = matching(
            self.connection, _verdict, Verdict, "id", period=period, agency=agency, outcome="refused", reason=reason
        )
        stands = [
            verdict for verdict in said if (now := self.latest_verdict(verdict.submission_id)) and now.id == verdict.id
        ]
        return tuple(int(one(self.connection, _submission, "mail_id", id=verdict.submission_id)) for verdict in stands)

    def verdicts_of(self, submission_id: int) -> tuple[Verdict, ...]:
        """Every verdict on a submission, oldest first."""
        return matching(self.connection, _verdict, Verdict, "id", submission_id=submission_id)

    def book(self, agency: str, type: str) -> tuple[BookEntry, ...]:  # noqa: A002
        """All submissions of a type that are an agency's, by (received_at, mail sha256, part, report).

        A person's word comes first: the latest decision ``agency`` on the submission or its mail stands above the
        submission's own agency.
        """
        rows = ask(self.connection, _BOOK, {"of_type": type, "of_agency": agency})
        if touched := {row[0] for row in ask(self.connection, _SET_BY_PEOPLE, {"of_agency": agency})}:
            rows += self.connection.execute(_JUDGED_NOW.where(_submission.c.type == type, _touched(touched)))
        unique = {row.id: row for row in rows}
        entries = (entry for entry in self._told(list(unique.values())) if whose(entry) == agency)
        return tuple(sorted(entries, key=_order))

    @remembered("submission", "verdict", "decision", "mail.received_at")
    def verdicts(
        self, period: str, as_of: datetime | None = None, received_by: datetime | None = None
    ) -> tuple[tuple[Submission, Verdict], ...]:
        """The submissions whose latest verdict is for this period, by (received_at, mail sha256, part, report)."""
        ever = select(_verdict.c.submission_id).where(_verdict.c.period == period)
        found = self._judged_so(ever, as_of, received_by)
        return tuple((submission, verdict) for submission, verdict in found if verdict.period == period)

    def _judged_so(
        self, ids: Select[tuple[int]] | CompoundSelect[tuple[int]], as_of: datetime | None, received_by: datetime | None
    ) -> list[tuple[Submission, Verdict]]:
        judged = _JUDGED_NOW if as_of is None else _judged(as_of)
        rows = sorted(self.connection.execute(judged.where(_submission.c.id.in_(ids))), key=_by_receipt)
        said = [(record(Submission, row), record(Verdict, row, prefix="v_")) for row in rows if row.v_id is not None]
        return [(s, v) for s, v in said if received_by is None or v.received_at <= received_by]

    def figures_of(self, period: str, as_of: datetime | None = None) -> dict[str, Json]:
        """The report of the latest acceptable revision of each agency, as read."""
        latest: dict[str, int] = {}
        for word in self.words(period, as_of=as_of):  # ordered by receipt: the last one wins
            if word.acceptable and not word.duplicate_of and word.reading_id is not None:
                latest[word.agency] = word.reading_id
        statement = select(_reading.c.id, _reading.c.report).where(_reading.c.id.in_(latest.values()))
        reports = {row.id: row.report for row in self.connection.execute(statement)}
        return {agency: reports[reading_id] for agency, reading_id in sorted(latest.items())}

    @remembered("submission", "verdict", "decision", "mail.received_at")
    def reports_of(
        self, period: str, as_of: datetime | None = None
    ) -> tuple[tuple[Word, Json, tuple[Decision, ...]], ...]:
        """The latest acceptable revision of each agency: the word on it, the report as read, what people decided on it.

        By agency; an agency without a report that could be read is left out.
        """
        return self._latest_reports(period, as_of, self._reports)

    def stated_of(
        self, period: str, as_of: datetime | None = None
    ) -> tuple[tuple[Word, Json, tuple[Decision, ...]], ...]:
        """The same; of each report its number and of each figure state, basis and value, quicker."""
        return self._latest_reports(period, as_of, self._stated)

    def _latest_reports(
        self, period: str, as_of: datetime | None, ask: Callable[[Collection[int]], dict[int, Json]]
    ) -> tuple[tuple[Word, Json, tuple[Decision, ...]], ...]:
        latest = {
            word.agency: (word, word.reading_id)
            for word in self.words(period, as_of=as_of)  # ordered by receipt: the last one wins
            if word.acceptable and not word.duplicate_of and word.reading_id is not None
        }
        reports = ask([number for _, number in latest.values()])
        decided = self._decided({f"submission:{word.submission_id}" for word, _ in latest.values()}, as_of)
        return tuple(
            (word, reports[number], decided.get(f"submission:{word.submission_id}", ()))
            for _, (word, number) in sorted(latest.items())
        )

    def _reports(self, readings: Collection[int]) -> dict[int, Json]:
        return {row.id: row.report for row in ask(self.connection, _REPORTS, {"readings": list(readings)})}

    def _stated(self, readings: Collection[int]) -> dict[int, Json]:
        found = ask(self.connection, _STATED, {"readings": list(readings)})
        return {number: report_of(*said) for number, *said in found}

    def stated_in(self, submission_ids: Collection[int]) -> dict[int, tuple[Json, tuple[Decision, ...]]]:
        """Submission → what its report states, and what people decided on it; one that could not be read is left out."""
        statement = (
            select(_submission.c.id, _stated.c.number, _stated.c.figures)
            .join(_stated, _stated.c.reading_id == _submission.c.reading_id)
            .where(among(_submission.c.id, submission_ids))
        )
        reports = {int(number): report_of(*said) for number, *said in self.connection.execute(statement)}
        decided = self._decided({f"submission:{number}" for number in reports}, None)
        return {number: (report, decided.get(f"submission:{number}", ())) for number, report in reports.items()}

    def decisions(self, target: str, as_of: datetime | None = None) -> tuple[Decision, ...]:
        """What persons decided about one target, oldest first."""
        if as_of is None:
            return matching(self.connection, _decision, Decision, "id", target=target)
        return self._decided({target}, as_of).get(target, ())

    def review(self, review_id: int) -> ReviewItem | None:
        """One thing persons must, or had to, look at."""
        statement = select(*columns(_review, ReviewItem)).where(_review.c.id == review_id)
        found = records(self.connection, statement, ReviewItem)
        return found[0] if found else None

    def reviews(self, *, open_only: bool = True, mail_id: int | None = None) -> tuple[ReviewItem, ...]:
        """What persons must look at, oldest first."""
        if open_only and mail_id is not None:
            return records(self.connection, _OPEN_OF_MAIL, ReviewItem, {"of_mail": mail_id})
        where: list[ColumnElement[bool]] = [_review.c.closed_at.is_(None)] if open_only else []
        if mail_id is not None:
            where.append(_review.c.mail_id == mail_id)
        statement = select(*columns(_review, ReviewItem)).where(*where).order_by(_review.c.id)
        return records(self.connection, statement, ReviewItem)

    def _told(self, rows: Sequence[Row]) -> list[BookEntry]:
        """Rows of submissions beside their latest verdict, with what people decided."""
        targets = {f"submission:{row.id}" for row in rows} | {f"mail:{row.mail_id}" for row in rows}
        decided = self._decided(targets, None)
        return [
            BookEntry(
                record(Submission, row),
                None if row.v_id is None else record(Verdict, row, prefix="v_"),
                decided.get(f"submission:{row.id}", ()),
                row.mail_sha256,
                decided.get(f"mail:{row.mail_id}", ()),
                row.mail_received_at,
            )
            for row in rows
        ]

    def _decided(self, targets: Collection[str], as_of: datetime | None) -> dict[str, tuple[Decision, ...]]:
        found: dict[str, tuple[Decision, ...]] = {}
        given = {"targets": sorted(targets)} | ({"as_of": as_of} if as_of else {})
        for decision in records(self.connection, _DECIDED_THEN if as_of else _DECIDED, Decision, given):
            found[decision.target] = (*found.get(decision.target, ()), decision)
        return found


def _judged(as_of: datetime | None) -> Select[tuple[object, ...]]:
    """Submissions known at ``as_of`` beside their latest verdict then."""
    word = select(func.max(_verdict.c.id)).where(_verdict.c.submission_id == _submission.c.id)
    if as_of is not None:
        word = word.where(_verdict.c.at <= as_of)
    statement = (
        select(
            *columns(_submission, Submission),
            _mail.c.sha256.label("mail_sha256"),
            _mail.c.received_at.label("mail_received_at"),
            *_VERDICT_COLUMNS,
        )
        .select_from(_submission)
        .join(_mail, _mail.c.id == _submission.c.mail_id)
        .outerjoin(_verdict, _verdict.c.id == word.correlate(_submission).scalar_subquery())
    )
    return statement if as_of is None else statement.where(_submission.c.recorded_at <= as_of)


_JUDGED_NOW = _judged(None)  # built once: it is asked for with every mail
_BOOK = _JUDGED_NOW.where(_submission.c.type == bindparam("of_type"), _submission.c.agency == bindparam("of_agency"))


def _touched(decided: Collection[str]) -> ColumnElement[bool]:
    """Submissions of these decisions, and of the mails of these."""
    return or_(
        _submission.c.id.in_(_numbers(decided, "submission:")),
        _submission.c.mail_id.in_(_numbers(decided, "mail:")),
    )


def _numbers(targets: Iterable[str], prefix: str) -> list[int]:
    return [int(target.removeprefix(prefix)) for target in targets if target.startswith(prefix)]


def _by_receipt(row: Row) -> tuple[datetime, str, int, int]:
    """By (received_at, mail sha256, part, report), as known now: an earlier sighting may have moved a mail."""
    return row.mail_received_at, row.mail_sha256, row.part_n, row.report_n


def whose(entry: BookEntry) -> str:
    """The agency a person said last, else the submission's own."""
    said = sorted((*entry.mail_decisions, *entry.decisions), key=lambda decision: decision.id)
    agencies = [decision.after for decision in said if decision.what == "agency" and decision.after]
    return agencies[-1] if agencies else entry.submission.agency


def _order(entry: BookEntry) -> tuple[datetime, str, int, int]:
    received = entry.mail_received_at or entry.submission.received_at
    return received, entry.mail_sha256, entry.submission.part_n, entry.submission.report_n
