"""What the pages of the console ask and nobody else: bounded in rows whatever the size of the ledger."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    TextClause,
    bindparam,
    false,
    func,
    or_,
    select,
    text,
)

from storage.among import among
from storage.prepared import ask, plain
from storage.read_periods import PERIODS
from storage.records import ASIDE, Letter, Verdict
from storage.rows import Snapshot, columns, record, records
from storage.tables import table

_verdict, _due, _period, _roster = table("verdict"), table("due"), table("period"), table("roster")
_counted, _decision, _entry = table("class_count"), table("decision"), table("log_entry")
_SUMS = select(_counted.c.period, _counted.c.sums).where(among(_counted.c.period, "periods"))
_review, _submission, _letter = table("review"), table("submission"), table("letter")
_LETTER_LINES = select(
    _letter.c.id, _letter.c.agency, _letter.c.kind, _letter.c.state
)  # each by its own index, then together
_LETTERS_OF_PERIOD = _LETTER_LINES.where(_letter.c.period == bindparam("of_period"))
_LETTERS_ABOUT = _LETTER_LINES.where(among(_letter.c.about, "abouts"))
_NEWEST = select(
    *(select(func.coalesce(func.max(t.c.id), 0)).scalar_subquery() for t in (_verdict, _due, _period, _roster)),
    select(func.coalesce(func.max(_entry.c.seq), 0)).where(_entry.c.kind == ASIDE).scalar_subquery(),
)
_NUMBERS = {  # by the index alone: a row holds all figures of a report, and SQLite would read it
    "sqlite": text(
        "SELECT reading_id, number FROM stated INDEXED BY ix_stated_number "
        "WHERE reading_id IN (SELECT value FROM json_each(:readings))"
    ),
    "postgresql": text("SELECT reading_id, number FROM stated WHERE reading_id = ANY (:readings)"),
}
_WANTED = {  # one value whatever is wanted: a list of pairs as values makes SQLite look through the whole table
    "sqlite": text(
        "SELECT c.period, c.agency, c.due_class FROM json_each(:wanted) w CROSS JOIN due_class c "
        "ON c.period = json_extract(w.value, '$[0]') AND c.agency = json_extract(w.value, '$[1]')"
    ),
    "postgresql": text(
        "SELECT c.period, c.agency, c.due_class "
        "FROM unnest(CAST(:periods AS text[]), CAST(:agencies AS text[])) w(period, agency) "
        "JOIN due_class c ON c.period = w.period AND c.agency = w.agency"
    ),
}
_CLASSES = {  # an object for each period: hundreds of rows would be fetched one by one
    name: text(
        f"SELECT period, {together} FROM due_class WHERE period IN :periods GROUP BY period"  # noqa: S608 - our own words
    ).bindparams(bindparam("periods", expanding=True))
    for name, together in (
        ("sqlite", "json_group_object(agency, due_class)"),
        ("postgresql", "CAST(json_object_agg(agency, due_class) AS text)"),
    )
}
_TALLIED = text("SELECT key, n FROM tally WHERE what = :what AND n > 0")  # kept by triggers (migration 0009)


@dataclass(frozen=True, slots=True)
class Stamp:
    """How far the tables have grown that decide a class."""

    verdict: int = 0
    due: int = 0
    period: int = 0
    roster: int = 0
    aside: int = 0  # position in the log where a mail was last set aside, or taken up


class ConsoleQueries(Snapshot):
    """Questions of pages."""

    __slots__ = ()

    def stamp(self) -> Stamp:
        """What stands now; equal stamps mean equal classes for every due whose moment has passed."""
        return Stamp(*ask(self.connection, _NEWEST)[0])

    def touched_since(self, stamp: Stamp) -> frozenset[str]:
        """Periods whose dues, or verdicts on a submission that ever was in them, were written after that stamp."""
        judged = select(_verdict.c.submission_id).where(_verdict.c.id > stamp.verdict)
        ever = select(_verdict.c.period).where(_verdict.c.submission_id.in_(judged), _verdict.c.period.is_not(None))
        found = set(self.connection.execute(ever.distinct()).scalars())
        for rows, name, after in ((_due, "period", stamp.due), (_period, "key", stamp.period)):
            found |= set(self.connection.execute(select(rows.c[name]).where(rows.c.id > after).distinct()).scalars())
        return frozenset(found)

    def periods_of_types(self, types: Collection[str]) -> frozenset[str]:
        """Every period ever opened of these types."""
        return frozenset(row.key for row in PERIODS.of(self.connection).opened if row.type in types)

    def periods_due_in(self, types: Collection[str], spans: Collection[tuple[datetime, datetime]]) -> frozenset[str]:
        """Periods of these types a due of which ever stood in one of these spans."""
        within = or_(false(), *(_due.c.due_at.between(first, last) for first, last in spans))
        asked = select(_due.c.period).where(_due.c.type.in_(list(types)), within).distinct()
        return frozenset(self.connection.execute(asked).scalars()) if types and spans else frozenset()

    def due_classes(self, periods: Collection[str]) -> dict[str, dict[str, str]]:
        """Period → agency → class, of the periods whose classes are kept."""
        asked = _CLASSES[self.connection.dialect.name]
        rows = self.connection.execute(asked, {"periods": list(periods)}) if periods else ()
        return {str(period): json.loads(classes) for period, classes in rows}

    def class_counts(self, periods: Collection[str]) -> dict[str, dict[str, int]]:
        """Period → class → how many dues, of the periods whose classes are kept."""
        statement = select(_counted.c.period, _counted.c.counts).where(_counted.c.period.in_(list(periods)))
        return {str(period): counts for period, counts in self.connection.execute(statement)}

    def kept_sums(self, periods: Collection[str]) -> dict[str, dict[str, list[Any]]]:
        """Period → result → what was added up of it, of the periods whose sums are kept."""
        rows = self.connection.execute(_SUMS, {"periods": list(periods)}).all()
        return {str(period): sums for period, sums in rows if sums is not None}

    def without_sums(self, limit: int) -> tuple[str, ...]:
        """Periods whose classes are kept and whose sums are not (yet), the latest due first."""
        bare = set(self.connection.execute(select(_counted.c.period).where(_counted.c.sums.is_(None))).scalars().all())
        return tuple(
            islice((row.key for row in reversed(PERIODS.of(self.connection).opened) if row.key in bare), limit)
        )

    def last_decision(self) -> int:
        """The number of the last decision of a person."""
        return int(self.connection.execute(select(func.coalesce(func.max(_decision.c.id), 0))).scalar_one())

    def classes_of(self, dues: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """(period, agency) → class, of those that are kept."""
        asked, given = _wanted(self.connection, sorted(dues))
        rows = self.connection.execute(asked, given)
        return {(period, agency): due_class for period, agency, due_class in rows}

    def tally(self, what: str) -> dict[str, int]:
        """How many there are of each kind, counted along with every write, none of which is 0.

        ``mail`` and ``letter`` by state, ``sighting`` by whether it is still ``there`` on the server or ``gone``.
        """
        rows = self.connection.execute(_TALLIED, {"what": what})
        return {str(key): int(n) for key, n in rows}

    def open_reviews(self) -> int:
        """How many items wait for a person."""
        return int(self.connection.execute(select(func.count()).where(_review.c.closed_at.is_(None))).scalar_one())

    def report_numbers(self, reading_ids: Collection[int]) -> dict[int, str]:
        """The number printed on each report: "245/BC-STC"; without opening the whole report."""
        name = self.connection.dialect.name
        given = json.dumps(list(reading_ids)) if name == "sqlite" else list(reading_ids)
        return {number: said for number, said in self.connection.execute(_NUMBERS[name], {"readings": given})}  # noqa: C416 - rows, not pairs

    def letter_kinds(self, period: str, mail_ids: Collection[int]) -> dict[str, tuple[str, ...]]:
        """Agency → kinds of the letters that left for it about that period, or about these mails, in order."""
        abouts = [f"mail:{mail_id}" for mail_id in mail_ids]
        asked = ((_LETTERS_OF_PERIOD, {"of_period": period}), (_LETTERS_ABOUT, {"abouts": abouts}))
        lines = {number: line for one, given in asked for number, *line in plain(self.connection, one, given)[1]}
        found: dict[str, dict[str, None]] = {}
        for _, (agency, kind, state) in sorted(lines.items()):
            if agency and state in ("sent", "unknown"):
                found.setdefault(agency, {})[kind] = None
        return {agency: tuple(kinds) for agency, kinds in found.items()}

    def words_of_agency(self, agency: str, periods: Collection[str]) -> dict[str, tuple[Verdict, int]]:
        """Period → the agency's last received, not duplicate submission for it: its latest verdict and its mail."""
        found: dict[str, tuple[Verdict, int]] = {}
        given = {"of_agency": agency, "periods": list(periods)}
        for row in self.connection.execute(_WORDS_OF_AGENCY, given).all():
            verdict = record(Verdict, row)
            if verdict.agency == agency and verdict.period and not verdict.duplicate_of:
                found[verdict.period] = (verdict, row.mail_id)
        return found

    def latest_words(self, mail_ids: Collection[int]) -> dict[int, tuple[Verdict, ...]]:
        """Mail → the latest verdict on each of its submissions."""
        found: dict[int, tuple[Verdict, ...]] = {}
        for row in self.connection.execute(_WORDS_OF_MAILS, {"mails": list(mail_ids)}).all():
            found[row.mail_id] = (*found.get(row.mail_id, ()), record(Verdict, row))
        return found

    def returned_letters(self, agency: str, limit: int) -> tuple[Letter, ...]:
        """Letters to an agency that did not arrive, the latest first."""
        where = (_letter.c.agency == agency, _letter.c.state == "failed")
        statement = select(*columns(_letter, Letter)).where(*where).order_by(_letter.c.id.desc()).limit(limit)
        return records(self.connection, statement, Letter)

    def waiting_letters(self, limit: int) -> tuple[Letter, ...]:
        """Letters that have not left for good, the latest first."""
        where = _letter.c.state.in_(("pending", "sending", "unknown", "failed"))
        statement = select(*columns(_letter, Letter)).where(where).order_by(_letter.c.id.desc()).limit(limit)
        return records(self.connection, statement, Letter)


def _wanted(connection: Connection, dues: list[tuple[str, str]]) -> tuple[TextClause, dict[str, object]]:
    """The statement that gives the kept classes of these dues, and what to give it."""
    name = connection.dialect.name
    if name == "sqlite":
        return _WANTED[name], {"wanted": json.dumps(dues)}
    return _WANTED[name], {"periods": [period for period, _ in dues], "agencies": [agency for _, agency in dues]}


def _last_words(submissions: Select[Any]) -> Select[Any]:
    """The latest verdict on each of these submissions, with its mail."""
    latest = select(func.max(_verdict.c.id)).where(_verdict.c.submission_id.in_(submissions))
    return (
        select(*columns(_verdict, Verdict), _submission.c.mail_id.label("mail_id"))
        .join(_submission, _submission.c.id == _verdict.c.submission_id)
        .where(_verdict.c.id.in_(latest.group_by(_verdict.c.submission_id)))
    )


_WORDS_OF_MAILS = _last_words(select(_submission.c.id).where(among(_submission.c.mail_id, "mails"))).order_by(
    _submission.c.part_n, _submission.c.report_n
)  # built once: asked for by every page of the log
_WORDS_OF_AGENCY = _last_words(
    select(_verdict.c.submission_id).where(
        _verdict.c.agency == bindparam("of_agency"), among(_verdict.c.period, "periods")
    )
).order_by(_verdict.c.received_at, _verdict.c.id)
