"""What proving asks: which mails and letters belong to a period, which letters left last, who saw what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.read_log import ENTRIES, entry_of
from storage.records import Entry, Letter, Mail
from storage.rows import Snapshot, columns, record, records
from storage.tables import table

_entry, _mail, _letter = table("log_entry"), table("mail"), table("letter")
_submission, _verdict, _review = table("submission"), table("verdict"), table("review")
_WAITING = ("stored", "reading", "needs_review", "set_aside")
_SOME = 500  # databases bound the number of values in one statement


@dataclass(frozen=True, slots=True)
class Witness:
    """A letter that left, without what it says: its reader holds position and hash."""

    id: int
    kind: str
    to: list[str]
    sent_at: datetime | None
    seq: int
    hash: str
    message_id: str


class ProofQueries(Snapshot):
    """Questions of evidence."""

    __slots__ = ()

    def mails_of_period(self, period: str, since: datetime | None, until: datetime) -> tuple[Mail, ...]:
        """Every mail ever judged to be of that period, and every one received after ``since`` and not after ``until``."""
        judged = select(_submission.c.mail_id).join(_verdict, _verdict.c.submission_id == _submission.c.id)
        arrived = _mail.c.received_at <= until
        if since is not None:
            arrived &= _mail.c.received_at > since
        where = arrived | _mail.c.id.in_(judged.where(_verdict.c.period == period))
        return records(self.connection, select(*columns(_mail, Mail)).where(where).order_by(_mail.c.id), Mail)

    def letters_of_period(self, period: str, mail_ids: Collection[int]) -> tuple[Letter, ...]:
        """Every letter about that period or about one of these mails, oldest first."""
        found = {letter.id: letter for letter in self._letters(_letter.c.period == period)}
        abouts = [f"mail:{mail_id}" for mail_id in sorted(mail_ids)] + [f"period:{period}"]
        for start in range(0, len(abouts), _SOME):
            found |= {x.id: x for x in self._letters(_letter.c.about.in_(abouts[start : start + _SOME]))}
        return tuple(found[number] for number in sorted(found))

    def mails_to_forget(self, before: datetime, limit: int) -> tuple[Mail, ...]:
        """Mails received before that moment that nobody waits for and that are not erased, the oldest first."""
        where = (_mail.c.received_at < before, _mail.c.erased_seq.is_(None), _mail.c.state.not_in(_WAITING))
        statement = select(*columns(_mail, Mail)).where(*where).order_by(_mail.c.received_at).limit(limit)
        return records(self.connection, statement, Mail)

    def last_letters_sent(self, limit: int) -> tuple[Witness, ...]:
        """The letters that left last: what they print, others hold; the latest first. Bounded: only the newest are looked at."""
        newest = (
            select(*columns(_letter, Witness), _letter.c.state).order_by(_letter.c.id.desc()).limit(3 * limit + 100)
        )
        found = [record(Witness, row) for row in self.connection.execute(newest) if row.state == "sent"]
        return tuple(found[:limit])

    def _letters(self, where: object, limit: int | None = None) -> tuple[Letter, ...]:
        statement = select(*columns(_letter, Letter)).where(where).order_by(_letter.c.id.desc())  # type: ignore[arg-type]
        return records(self.connection, statement.limit(limit), Letter)

    def subjects_of_mails(self, mail_ids: Collection[int]) -> frozenset[str]:
        """What log entries about these mails have for a subject: the mails, their submissions, their items of review."""
        found, ids = {f"mail:{mail_id}" for mail_id in mail_ids}, sorted(mail_ids)
        for start in range(0, len(ids), _SOME):
            some = ids[start : start + _SOME]
            for kind, rows in (("submission", _submission), ("review", _review)):
                own = self.connection.execute(select(rows.c.id).where(rows.c.mail_id.in_(some)))
                found |= {f"{kind}:{number}" for number in own.scalars()}
        return frozenset(found | {f"access:mail:{mail_id}" for mail_id in mail_ids})

    def entries_of(self, kind: str, before_seq: int | None, limit: int) -> tuple[Entry, ...]:
        """Entries of one kind, the latest first; the next page before the last one's position."""
        older = [_entry.c.seq < before_seq] if before_seq else []
        statement = ENTRIES.where(_entry.c.kind == kind, *older).order_by(_entry.c.seq.desc()).limit(limit)
        return tuple(map(entry_of, self.connection.execute(statement)))
