"""Finding mails: by words, by keys, by when they were received. Newest first, a few at a time, whatever the size of the log.

Rules: one source gives numbers in falling order (the text index, a key, a state, all mails), the rarest of those asked for;
the other conditions are looked at on each mail it gives (``storage.read_log``). A word that stands whole in some mail is
meant whole; any other is the beginning of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    type_coerce,
)

from storage.among import among
from storage.read_periods import PERIODS
from storage.rows import Snapshot, remembered
from storage.search_tables import BLOCK
from storage.search_words import words
from storage.tables import table
from storage.text_postgresql import about, newest

RARE = 2000  # a source of no more mails than this is taken at once
_BEGINNINGS = 256  # words beginning alike; where there are more, FTS5 would gather every mail of each first
_ASKED = 12  # words of one question
_mail, _word, _key = table("mail"), table("search_word"), table("log_key")
_span, _due = table("mail_span"), table("due")
_LAST = chr(0x10FFFF)
_KEPT = select(table("class_count").c.period)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word asked for: any of these whole words; where it is the beginning of words, these are all of them, or too many."""

    whole: tuple[str, ...]
    begins: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of mails, both ends inside."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where the numbers come from: ``text``, ``state``, ``keys`` or ``all``."""

    name: str
    said: object = None


@dataclass(frozen=True, slots=True)
class Found:
    """The next mails of a source."""

    count: int
    under: list[int]  # those that stand under the keys asked for
    low: int  # the lowest number down to which none is missing
    looked: int  # mails looked through for them


class SearchQueries(Snapshot):
    """Where mails are found."""

    __slots__ = ()

    def wanted_words(self, folded: str) -> tuple[Wanted, ...] | None:
        """What a folded question asks for; None when a word of it stands in no mail."""
        found = []
        asked = words(folded)[:_ASKED]
        whole = set(self.connection.execute(select(_word.c.word).where(_word.c.word.in_(asked))).scalars())
        for word in asked:
            if word in whole:
                found.append(Wanted((word,)))
                continue
            like = (_word.c.word >= word, _word.c.word < word + _LAST)
            longer = tuple(self.connection.execute(select(_word.c.word).where(*like).limit(_BEGINNINGS + 1)).scalars())
            if not longer:
                return None
            found.append(Wanted(longer if len(longer) <= _BEGINNINGS else (), word))
        return tuple(found) if found else None

    def range_received(self, since: datetime | None, until: datetime | None) -> Range | None:
        """The numbers between which every mail received in that span lies; None when there is none."""
        where = [_span.c.last >= since] if since is not None else []
        if until is not None:
            where.append(_span.c.first < until)
        low, high = self.connection.execute(
            select(func.min(_span.c.block), func.max(_span.c.block)).where(*where)
        ).one()
        return None if low is None else Range(low * BLOCK, (high + 1) * BLOCK - 1)

    def rarest(self, sources: list[Source], within: Range) -> Source:
        """Of several sources the one with the fewest mails, counted no further than ``RARE``."""
        if len(sources) < 2:
            return sources[0] if sources else Source("all")
        counted = [(self._count(source, within), n) for n, source in enumerate(sources)]
        return sources[min(counted)[1]]

    def _standing_under(self, numbers: list[int], keys: Sequence[tuple[str, ...]]) -> list[int]:
        for any_of in keys:
            some = select(_key.c.mail_id).where(_key.c.key.in_(any_of), among(_key.c.mail_id, numbers))
            there = set(self.connection.execute(some).scalars().all())
            numbers = [number for number in numbers if number in there]
        return numbers

    def _count(self, source: Source, within: Range) -> int:
        if _looks_through(self.connection, source):
            return about(self.connection, _tsquery(source.said), within.low, within.high, RARE + 1)  # type: ignore[arg-type]
        some = self._source(source, within, RARE + 1, ordered=False).subquery()
        return int(self.connection.execute(select(func.count()).select_from(some)).scalar_one())

    def numbers(
        self, source: Source, within: Range, limit: int, keys: Sequence[tuple[str, ...]] = (), most: int = 1 << 62
    ) -> Found:
        """The next mails of a source, the highest number first; and those that stand under one of each of these keys.

        Looked up among the keys alone: of a mail that lacks one nothing is read. ``most``: how many mails are looked through where
        the source is no index.
        """
        if _looks_through(self.connection, source):
            seen = newest(
                self.connection, _tsquery(source.said), within.low, within.high, limit, most=most  # type: ignore[arg-type]
            )  # fmt: skip
            return Found(
                len(seen.numbers), self._standing_under(seen.numbers, keys), seen.low, within.high - seen.low + 1
            )
        some = self._source(source, within, limit, ordered=True)
        if not keys:
            found = [int(number) for (number,) in self.connection.execute(some).all()]
            return Found(len(found), found, found[-1] if len(found) >= limit else within.low, len(found))
        given = some.subquery("given")
        (number,) = given.c
        asked = select(number, and_(*(_under(number, any_of) for any_of in keys))).order_by(number.desc())
        rows = [(int(one), holds) for one, holds in self.connection.execute(asked).all()]
        low = rows[-1][0] if len(rows) >= limit else within.low
        return Found(len(rows), [one for one, holds in rows if holds], low, len(rows))

    def _source(self, source: Source, within: Range, limit: int, *, ordered: bool) -> Select[Any]:
        if source.name == "text":
            return _by_text(source.said, within, limit, ordered=ordered)  # type: ignore[arg-type]
        if source.name == "keys":
            return _by_keys(source.said, within, limit)  # type: ignore[arg-type]
        where = _mail.c.state == source.said if source.name == "state" else true()
        found = select(_mail.c.id).where(where, _mail.c.id.between(within.low, within.high))
        return (found.order_by(_mail.c.id.desc()) if ordered else found).limit(limit)

    def _indexed(self, wanted: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
        """Those the text index is asked for; on SQLite no beginning of very many words, which is looked at on each mail."""
        sqlite = self.connection.dialect.name == "sqlite"
        return tuple(one for one in wanted if one.whole) if sqlite else wanted

    @remembered("period", "due", "class_count")
    def without_classes(self, limit: int) -> tuple[str, ...]:
        """Opened periods with dues the classes of which are not kept (yet), the latest first."""
        opened = [row.key for row in PERIODS.of(self.connection).opened]
        kept = set(self.connection.execute(_KEPT).scalars())
        missing = (key for key in reversed(opened) if key not in kept)
        return tuple(islice((key for key in missing if self._owed(key)), limit))

    def _owed(self, period: str) -> bool:
        return self.connection.execute(select(_due.c.id).where(_due.c.period == period).limit(1)).first() is not None


def _looks_through(connection: Connection, source: Source) -> bool:
    """Whether the mails themselves are looked through: the index of words of PostgreSQL knows no order."""
    return source.name == "text" and connection.dialect.name == "postgresql"


def _under(number: ColumnElement[int], keys: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a mail stands under any of these keys."""
    return select(_key.c.mail_id).where(_key.c.key.in_(keys), _key.c.mail_id == number).exists()


def _by_text(wanted: tuple[Wanted, ...], within: Range, limit: int, *, ordered: bool) -> Select[Any]:
    """The mails the index of SQLite gives, in its order."""
    number: ColumnElement[int] = literal_column("mail_text.rowid").label("mail_id")
    match = text("mail_text MATCH :asked").bindparams(asked=_fts5(wanted))
    found = select(number).select_from(text("mail_text")).where(match, number >= within.low, number <= within.high)
    return (found.order_by(number.desc()) if ordered else found).limit(limit)


def _by_keys(keys: tuple[str, ...], within: Range, limit: int) -> Select[Any]:
    """The mails under any of these keys: each in its own order, then together."""
    each = [
        select(_key.c.mail_id)
        .where(_key.c.key == key, _key.c.mail_id.between(within.low, within.high))
        .order_by(_key.c.mail_id.desc())
        .limit(limit)
        for key in keys
    ]
    if len(each) == 1:
        return each[0]
    some = (
        select(each[0].subquery().c.mail_id).union(*(select(one.subquery().c.mail_id) for one in each[1:])).subquery()
    )
    return select(some.c.mail_id).order_by(some.c.mail_id.desc()).limit(limit)


def holds_words(wanted: tuple[Wanted, ...]) -> ColumnElement[bool]:
    """Whether a mail's words hold what is asked for, looked at on the row itself."""
    padded = type_coerce(" " + _mail.c.search + " ", Text)
    return and_(*(_one_of(padded, one) for one in wanted))


def _one_of(padded: ColumnElement[str], wanted: Wanted) -> ColumnElement[bool]:
    tries = [f" {wanted.begins}"] if wanted.begins else [f" {word} " for word in wanted.whole]
    return or_(*(padded.contains(one, autoescape=True) for one in tries))


def _fts5(wanted: tuple[Wanted, ...]) -> str:
    each = (" OR ".join(f'"{word}"' for word in one.whole) for one in wanted)
    return " AND ".join(f"({one})" for one in each)


def _tsquery(wanted: tuple[Wanted, ...]) -> str:
    """A beginning stays one: many words would be looked for one after the other in every row."""
    each = (f"'{one.begins}':*" if one.begins else " | ".join(f"'{word}'" for word in one.whole) for one in wanted)
    return " & ".join(f"({one})" for one in each)
