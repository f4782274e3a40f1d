"""The intake log as people read it: its entries, one mail's timeline, pages of mails.

Paging is by key (``before_id``), never by offset: page 1 000 costs what page 1 costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select

from storage.read_mails import MailQueries
from storage.records import Entry, Json, Mail
from storage.rows import columns, record, records
from storage.tables import table

_entry, _payload = table("log_entry"), table("payload")
_mail, _state = table("mail"), table("mail_state")
_submission, _verdict = table("submission"), table("verdict")


class LogQueries(MailQueries):
    """Questions about the log."""

    __slots__ = ()

    def head(self, as_of: datetime | None = None) -> Entry | None:
        """The last entry (at or before a moment), None in an empty log."""
        where = [] if as_of is None else [_entry.c.at <= as_of]
        found = self._entries_where(*where, order=_entry.c.seq.desc(), limit=1)
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
        statement = (
            select(*columns(_entry, Entry), _payload.c.text.label("payload_text"))
            .outerjoin(_payload, _payload.c.seq == _entry.c.seq)
            .where(*where)
            .order_by(order)
            .limit(limit)
        )
        return tuple(
            record(Entry, row, payload=None if row.payload_text is None else json.loads(row.payload_text))
            for row in self.connection.execute(statement)
        )

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
        where = _mail_filters(since, until, text, as_of)
        if state is not None:
            where.append(_mail.c.state == state if as_of is None else _state_then(as_of) == state)
        if judged := _submission_filters(agency, type, period, as_of):
            where.append(_mail.c.id.in_(select(_submission.c.mail_id).where(*judged)))
        if before_id is not None:
            where.append(_mail.c.id < before_id)
        statement = select(*columns(_mail, Mail)).where(*where).order_by(_mail.c.id.desc()).limit(limit)
        found = records(self.connection, statement, Mail)
        return found if as_of is None else self._as_then(found, as_of)

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


def _state_then(as_of: datetime) -> ScalarSelect[Any]:
    """The state a mail had at that moment."""
    mine = select(_state.c.after).where(_state.c.mail_id == _mail.c.id, _state.c.at <= as_of)
    return mine.order_by(_state.c.id.desc()).limit(1).correlate(_mail).scalar_subquery()


def _mail_filters(
    since: datetime | None, until: datetime | None, text: str | None, as_of: datetime | None
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if since is not None:
        where.append(_mail.c.received_at >= since)
    if until is not None:
        where.append(_mail.c.received_at < until)
    if text:
        where.append(_mail.c.search.contains(text, autoescape=True))
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
