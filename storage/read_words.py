"""The latest verdicts of a period, or of one due, light: what boards, totals and classes are made from, by the hundred.

``as_of`` and ``received_by`` mean what they mean to ``storage.read_verdicts``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, func, select, type_coerce

from storage.among import among
from storage.prepared import Row, ask, plain
from storage.records import Json
from storage.rows import Snapshot, remembered
from storage.tables import SEVERAL, table

Days = tuple[date, date]  # first and last, both inside
_mail, _submission, _verdict = table("mail"), table("submission"), table("verdict")


@dataclass(frozen=True, slots=True)
class Word:
    """The latest verdict on a submission, of both only what a board is made from: boards show hundreds."""

    submission_id: int
    mail_id: int
    part_n: int
    report_n: int
    reading_id: int | None
    candidates: tuple[str, ...]
    findings: tuple[Json, ...]
    agency: str
    receipt: str | None
    revision: int | None
    received_at: datetime
    late_seconds: int
    outcome: str
    acceptable: bool
    creditable: bool
    duplicate_of: str | None
    reason: str | None
    timing: str

    @property
    def ref(self) -> str:
        """The submission's: "17.2.1"."""
        return f"{self.mail_id}.{self.part_n}.{self.report_n}"


_WORD_COLUMNS = (
    _submission.c.id,
    *(_submission.c[name] for name in ("mail_id", "part_n", "report_n", "reading_id", "candidates", "findings")),
    *(
        _verdict.c[name]
        for name in (
            "agency", "receipt", "revision", "received_at", "late_seconds", "outcome", "acceptable", "creditable",
            "duplicate_of", "reason", "timing",
        )
    ),
)  # fmt: skip


def _last(*columns: ColumnElement[Any], then: bool, of: ColumnElement[bool]) -> Select[Any]:
    """Of the latest verdicts (known at ``as_of``) and their submissions, those that are among these."""
    later = _verdict.alias("later")
    last = select(func.max(later.c.id)).where(later.c.submission_id == _verdict.c.submission_id)
    if then:
        last = last.where(later.c.at <= bindparam("as_of"))
    return (
        select(*columns)
        .select_from(_verdict)
        .join(_submission, _submission.c.id == _verdict.c.submission_id)
        .where(of, _verdict.c.id == last.correlate(_verdict).scalar_subquery())
    )


def _last_words(*, then: bool, of: ColumnElement[bool]) -> Select[Any]:
    """The latest verdicts, light, with their periods."""
    return _last(*_WORD_COLUMNS, _verdict.c.period.label("of_period"), then=then, of=of)


_OF_PERIOD = _verdict.c.period == bindparam("of_period")
_PERHAPS = select(_submission.c.id).where(
    SEVERAL,  # an index of its own: all others are passed over
    type_coerce(_submission.c.candidates, Text).like(bindparam("perhaps")),
)
_ON_DUES = _verdict.c.id.in_(
    select(_verdict.c.id)
    .where(_OF_PERIOD, _verdict.c.agency == bindparam("of_agency"))
    .union(select(_verdict.c.id).where(_OF_PERIOD, _verdict.c.submission_id.in_(_PERHAPS)))
)
_OF_AGENCY = _verdict.c.id.in_(
    select(_verdict.c.id)
    .where(_verdict.c.agency == bindparam("of_agency"))
    .union(select(_verdict.c.id).where(_verdict.c.submission_id.in_(_PERHAPS)))
)
_WORDS, _WORDS_THEN = (
    _last_words(then=then, of=_OF_PERIOD) for then in (False, True)
)  # built once: asked for by every page
_ON_DUE, _ON_DUE_THEN = (_last_words(then=then, of=_ON_DUES) for then in (False, True))
_ON_DUES_OF_AGENCY = _last_words(then=False, of=_OF_AGENCY)
_RECEIVED = select(_mail.c.id, _mail.c.received_at, _mail.c.sha256).where(among(_mail.c.id, "mails"))


def _windows(*, then: bool) -> Select[Any]:
    """What the latest acceptable verdicts of these periods say their reports cover, by receipt."""
    window = (_submission.c.window_from, _submission.c.window_to)
    said = (_verdict.c.period, _verdict.c.agency, _verdict.c.received_at, *window)
    stated = (_submission.c.window_from.is_not(None), _submission.c.window_to.is_not(None))
    counts = (_verdict.c.acceptable, func.coalesce(_verdict.c.duplicate_of, "") == "")
    found = _last(*said, then=then, of=among(_verdict.c.period, "periods"))
    return found.where(*stated, *counts).order_by(_verdict.c.received_at, _submission.c.id)


_WINDOWS, _WINDOWS_THEN = (_windows(then=then) for then in (False, True))


class WordQueries(Snapshot):
    """Questions about what stands on the dues of a period."""

    __slots__ = ()

    @remembered("submission", "verdict", "mail.received_at")
    def words(
        self, period: str, as_of: datetime | None = None, received_by: datetime | None = None
    ) -> tuple[Word, ...]:
        """The submissions whose latest verdict is for this period; those of one due by (received_at, mail sha256, part, report)."""
        given = {"of_period": period} | ({"as_of": as_of} if as_of else {})
        return self._words(_WORDS_THEN if as_of else _WORDS, given, received_by)

    @remembered("submission", "verdict", "mail.received_at")
    def words_on_due(self, period: str, agency: str, as_of: datetime | None = None) -> tuple[Word, ...]:
        """Those of a period that are an agency's, and those in review that may be; in the same order."""
        given = {"of_period": period, "of_agency": agency, "perhaps": f'%"{agency}"%'}
        found = self._words(_ON_DUE_THEN if as_of else _ON_DUE, given | ({"as_of": as_of} if as_of else {}), None)
        return tuple(w for w in found if w.agency == agency or (w.outcome == "in_review" and agency in w.candidates))

    @remembered("submission", "verdict", "mail.received_at")
    def words_on_dues(self, agency: str) -> dict[str, tuple[Word, ...]]:
        """Period → the submissions whose latest verdict is an agency's, and those in review that may be; in the same order."""
        found: dict[str, list[Word]] = defaultdict(list)
        given = {"of_agency": agency, "perhaps": f'%"{agency}"%'}
        for row in self._in_order(_ON_DUES_OF_AGENCY, given):
            word = Word(*row[: len(_WORD_COLUMNS)])
            if row.of_period and (word.agency == agency or (word.outcome == "in_review" and agency in word.candidates)):
                found[row.of_period].append(word)
        return {period: tuple(words) for period, words in found.items()}

    @remembered("submission", "verdict", "mail.received_at")
    def words_by_agency(
        self, period: str, as_of: datetime | None = None, received_by: datetime | None = None
    ) -> dict[str, tuple[Word, ...]]:
        """Agency → those of a period that are its own, and those in review that may be; in the same order."""
        found: dict[str, list[Word]] = defaultdict(list)
        for word in self.words(period, as_of=as_of, received_by=received_by):
            perhaps = word.candidates if word.outcome == "in_review" else ()
            for agency in dict.fromkeys((word.agency, *perhaps)):
                found[agency].append(word)
        return {agency: tuple(words) for agency, words in found.items()}

    def windows(
        self, periods: Collection[str], as_of: datetime | None = None, received_by: datetime | None = None
    ) -> dict[str, dict[str, Days]]:
        """Period → agency → the days its latest acceptable report for it says it covers; the later received one wins."""
        given = {"periods": list(periods)} | ({"as_of": as_of} if as_of else {})
        found: dict[str, dict[str, Days]] = {period: {} for period in periods}
        for period, agency, at, first, last in plain(self.connection, _WINDOWS_THEN if as_of else _WINDOWS, given)[1]:
            if received_by is None or at <= received_by:
                found[period][agency] = (first, last)
        return found

    def _words(
        self, statement: Select[Any], given: Mapping[str, object], received_by: datetime | None
    ) -> tuple[Word, ...]:
        found = (Word(*row[: len(_WORD_COLUMNS)]) for row in self._in_order(statement, given))
        return tuple(word for word in found if received_by is None or word.received_at <= received_by)

    def _in_order(self, statement: Select[Any], given: Mapping[str, object]) -> list[Row]:
        """Its rows, those of one due by receipt as known now; a due with one word needs no order, so no mail is read for it."""
        rows = ask(self.connection, statement, given)
        dues = [{(row.of_period, agency) for agency in (row.agency, *row.candidates)} for row in rows]
        count = Counter(chain.from_iterable(dues))
        mails = {row.mail_id for row, of_row in zip(rows, dues, strict=True) if any(count[due] > 1 for due in of_row)}
        known = ask(self.connection, _RECEIVED, {"mails": sorted(mails)}) if mails else ()
        received = {number: (at, sha256) for number, at, sha256 in known}
        return sorted(
            rows, key=lambda row: (*received.get(row.mail_id, (row.received_at, "")), row.part_n, row.report_n)
        )
