"""The intake log as people read it: its entries, one mail's timeline, pages of mails.

Paging is by key (``before_id``), never by offset: page 1 000 costs what page 1 costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, or_, select

from storage.among import among
from storage.prepared import Row, ask
from storage.read_mails import MailQueries
from storage.read_search import Range, SearchQueries, Source, Wanted, holds_words
from storage.records import ASIDE, Entry, Json, Mail
from storage.rows import columns, record, records, remembered
from storage.search_tables import ANY_CLASS, within
from storage.tables import table

_entry, _payload = table("log_entry"), table("payload")
_mail, _state = table("mail"), table("mail_state")
_submission, _verdict = table("submission"), table("verdict")


SCANNED = 1000  # mails looked at for one page before the page says that it goes on
_FIRST_CHUNK, _CHUNK, _AT_ONCE = 128, 1000, 500
_PASSED_OVER = 48  # mails whose words alone are looked at cost as much as one of those
_LEAST = 4096  # of them looked at in one go
ENTRIES = select(*columns(_entry, Entry), _payload.c.text.label("payload_text")).outerjoin(
    _payload, _payload.c.seq == _entry.c.seq
)
_HEAD = ENTRIES.order_by(_entry.c.seq.desc()).limit(1)
_ASIDE = ENTRIES.where(_entry.c.kind == ASIDE).order_by(_entry.c.seq)
_ASIDE_THEN = _ASIDE.where(_entry.c.at <= bindparam("as_of"))
_OPEN_MOST = 12  # periods whose classes are not kept yet, the running ones among them


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is asked of the log; ``text`` folded, ``due_class`` only narrows where to look."""

    agency: str | None = None
    type: str | None = None
    period: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    due_class: str | None = None
    as_of: datetime | None = None


class LogQueries(MailQueries, SearchQueries):
    """Questions about the log."""

    __slots__ = ()

    def head(self, as_of: datetime | None = None) -> Entry | None:
        """The last entry (at or before a moment), None in an empty log."""
        if as_of is None:
            rows = ask(self.connection, _HEAD)
            return entry_of(rows[0]) if rows else None
        found = self._entries_where(_entry.c.at <= as_of, order=_entry.c.seq.desc(), limit=1)
        return found[0] if found else None

    def entries(self, after_seq: int = 0, limit: int | None = None) -> tuple[Entry, ...]:
        """Entries after that position, oldest first."""
        return self._entries_where(_entry.c.seq > after_seq, limit=limit)

    def entry(self, seq: int) -> Entry | None:
        """The entry at that position."""
        found = self._entries_where(_entry.c.seq == seq)
        return found[0] if found else None

    def entries_about(self, subjects: Iterable[str]) -> tuple[Entry, ...]:
        """Entries on any of these subjects, oldest first."""
        return self._entries_where(_entry.c.subject.in_(list(subjects)))

    @remembered(ASIDE)
    def aside(self, as_of: datetime | None = None) -> tuple[tuple[Mail, str], ...]:
        """The mails nobody could open (by that moment), each with the agency thought to have sent it: few, if any."""
        rows = ask(self.connection, _ASIDE_THEN, {"as_of": as_of}) if as_of else ask(self.connection, _ASIDE)
        last = {entry.subject: str((entry.payload or {}).get("agency") or "") for entry in map(entry_of, rows)}
        whose = {int(subject.removeprefix("mail:")): agency for subject, agency in last.items() if agency}
        return tuple((mail, whose[n]) for n, mail in self.mails_numbered(whose).items()) if whose else ()

    def timeline(self, mail_id: int) -> tuple[Json, ...]:
        """Everything that happened to a mail, its submissions and the letters about them, oldest first.

        ``{"seq", "at", "clock", "kind", "actor", "subject", "hash", "payload"}``; ``at`` is a moment, the payload of an
        erased entry None.
        """
        own = [f"submission:{submission.id}" for submission in self.submissions(mail_id)]
        found = self.entries_about([f"mail:{mail_id}", *own])
        return tuple({k: v for k, v in asdict(e).items() if k not in ("prev", "payload_sha256")} for e in found)

    def _entries_where(
        self, *where: ColumnElement[bool], order: Any = _entry.c.seq, limit: int | None = None
    ) -> tuple[Entry, ...]:
        statement = ENTRIES.where(*where).order_by(order).limit(limit)
        return tuple(map(entry_of, self.connection.execute(statement)))

    def log_page(
        self,
        *,
        agency: str | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word
        period: str | None = None,
        state: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        as_of: datetime | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> tuple[Mail, ...]:
        """Mails newest first; the next page begins before the last one's id. Fewer than ``limit``: it was the last.

        ``since <= received_at < until``; ``text`` is folded by the caller as the search text was; agency, type and
        period match the latest verdict of any of the mail's submissions, agency and type also the submission itself.
        With ``as_of``: what the log knew then, each mail in the state it had.
        """
        asked = LogFilter(agency, type, period, state, since, until, text, as_of=as_of)
        found: list[Mail] = []
        following: int | None = before_id
        while len(found) < limit:
            some, following = self.log_scan(asked, following, limit - len(found))
            found += some
            if following is None:
                break
        return tuple(found)

    def log_scan(
        self, asked: LogFilter, before_id: int | None, limit: int, scanned: int = SCANNED
    ) -> tuple[tuple[Mail, ...], int | None]:
        """Some of those mails, having looked at no more than ``scanned`` of the rarest thing asked for.

        At most ``limit``; and the id to go on before, None when there are no more.
        """
        wanted = self.wanted_words(asked.text) if asked.text else ()
        within = self.range_received(asked.since, asked.until)
        if wanted is None or within is None:
            return (), None
        if before_id is not None:
            within = Range(within.low, min(within.high, before_id - 1))
        sources = self._sources(asked, wanted)
        source = self.rarest(sources, within)
        where, keys = self._also(asked, wanted, source), self._keys_beside(asked, source)
        found: list[Mail] = []
        chunk = limit if len(sources) < 2 and not where else max(limit, _FIRST_CHUNK)
        while scanned > 0:
            seen = self.numbers(source, within, chunk, keys, max(_LEAST, scanned * _PASSED_OVER))
            found += self._of(seen.under, where, asked.as_of, limit - len(found))
            if len(found) >= limit:
                return tuple(found), found[-1].id
            if seen.low <= within.low:
                return tuple(found), None
            within, scanned = Range(within.low, seen.low - 1), scanned - max(chunk, seen.looked // _PASSED_OVER)
            chunk = min(_CHUNK, max(chunk * 4, 1))
        return tuple(found), within.high + 1

    def _sources(self, asked: LogFilter, wanted: tuple[Wanted, ...]) -> list[Source]:
        """The orders in which mails could be looked through, the usually rarer first."""
        found = [Source("keys", keys) for keys in self._keys(asked)]
        if indexed := self._indexed(wanted):
            found.append(Source("text", indexed))
        if asked.state is not None and asked.as_of is None:
            found.append(Source("state", asked.state))
        return found

    def _keys(self, asked: LogFilter) -> list[tuple[str, ...]]:
        """What a mail must stand under to hold what is asked, one of each: type and class among the agency's own mails."""
        found: list[tuple[str, ...]] = [(f"period:{asked.period}",)] if asked.period else []
        if asked.due_class is not None and (keys := self._class_keys(asked.agency, asked.due_class)):
            found.append(keys)
        if asked.type:
            found.append((within(asked.agency, f"type:{asked.type}"),))
        elif asked.agency:
            found.append((f"agency:{asked.agency}",))
        return found

    def _class_keys(self, agency: str | None, due_class: str) -> tuple[str, ...]:
        """What mails stand under whose due may be of that class; none when too many periods are without classes.

        Kept as such, of a period whose classes are not kept, or of one that was not open.
        """
        open_periods = self.without_classes(_OPEN_MOST + 1)
        if len(open_periods) > _OPEN_MOST:
            return ()
        kept = (within(agency, f"class:{due_class}"), within(agency, ANY_CLASS))
        return (*kept, *(f"period:{key}" for key in open_periods))

    def _also(self, asked: LogFilter, wanted: tuple[Wanted, ...], source: Source) -> list[ColumnElement[bool]]:
        """What is still to be looked at on each mail of that source; the class itself is the caller's."""
        where = _mail_filters(asked.since, asked.until, asked.as_of)
        if asked.state is not None and source.name != "state":
            where.append(
                _mail.c.state == asked.state if asked.as_of is None else _state_then(asked.as_of) == asked.state
            )
        if left := tuple(one for one in wanted if source.name != "text" or one not in self._indexed(wanted)):
            where.append(holds_words(left))
        if judged := _submission_filters(asked.agency, asked.type, asked.period, asked.as_of):
            where.append(
                _mail.c.id.in_(select(_submission.c.mail_id).where(*judged, _submission.c.mail_id == _mail.c.id))
            )
        return where

    def _keys_beside(self, asked: LogFilter, source: Source) -> list[tuple[str, ...]]:
        """What a mail of that source must stand under as well: no mail lacks a key that holds, most are passed over here."""
        return [keys for keys in self._keys(asked) if keys != source.said]

    def _of(
        self, numbers: Sequence[int], where: list[ColumnElement[bool]], as_of: datetime | None, limit: int
    ) -> tuple[Mail, ...]:
        """The mails of these numbers that hold the rest of what is asked."""
        found: list[Mail] = []
        # most hold the rest when they stand under every key: no more are looked at than may be shown
        at, many = 0, limit + 1
        while at < len(numbers) and len(found) < limit:
            some = among(_mail.c.id, numbers[at : at + many])
            statement = select(*columns(_mail, Mail)).where(some, *where).order_by(_mail.c.id.desc())
            found += records(self.connection, statement.limit(limit - len(found)), Mail)
            at, many = at + many, min(_AT_ONCE, many * 2)
        return tuple(found) if as_of is None else self._as_then(tuple(found), as_of)

    def _as_then(self, mails: tuple[Mail, ...], as_of: datetime) -> tuple[Mail, ...]:
        """The mails in the state they had at that moment."""
        ids = [mail.id for mail in mails]
        last = select(func.max(_state.c.id)).where(_state.c.mail_id.in_(ids), _state.c.at <= as_of)
        statement = select(_state).where(_state.c.id.in_(last.group_by(_state.c.mail_id)))
        then = {row.mail_id: row for row in self.connection.execute(statement)}
        return tuple(
            mail
            if mail.state == then[mail.id].after
            else replace(mail, state=then[mail.id].after, reason=then[mail.id].why, judged_at=None)
            for mail in mails
        )


def entry_of(row: Row) -> Entry:
    """An entry with its payload, None when that was erased."""
    return record(Entry, row, payload=None if row.payload_text is None else json.loads(row.payload_text))


def _state_then(as_of: datetime) -> ScalarSelect[Any]:
    """The state a mail had at that moment."""
    mine = select(_state.c.after).where(_state.c.mail_id == _mail.c.id, _state.c.at <= as_of)
    return mine.order_by(_state.c.id.desc()).limit(1).correlate(_mail).scalar_subquery()


def _mail_filters(since: datetime | None, until: datetime | None, as_of: datetime | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if since is not None:
        where.append(_mail.c.received_at >= since)
    if until is not None:
        where.append(_mail.c.received_at < until)
    if as_of is not None:
        where.append(_mail.c.id.in_(select(_state.c.mail_id).where(_state.c.before.is_(None), _state.c.at <= as_of)))
    return where


def _submission_filters(
    agency: str | None, kind: str | None, period: str | None, as_of: datetime | None
) -> list[ColumnElement[bool]]:
    """Conditions on a submission: each of agency, type and period is its own or its latest verdict's."""
    word = select(func.max(_verdict.c.id)).where(_verdict.c.submission_id == _submission.c.id)
    if as_of is not None:
        word = word.where(_verdict.c.at <= as_of)
    latest = word.correlate(_submission).scalar_subquery()
    where: list[ColumnElement[bool]] = []
    for name, value in (("agency", agency), ("type", kind), ("period", period)):
        if value is None:
            continue
        said = select(_verdict.c.id).where(_verdict.c.id == latest, _verdict.c[name] == value).exists()
        where.append(said if name == "period" else or_(said, _submission.c[name] == value))
    return where
