"""What people ask about mails: where they were seen, what they hold, in which state they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select

from storage.among import among
from storage.prepared import ask, plain
from storage.records import Mail, Part, Reading, Sighting, Submission, Waiting
from storage.rows import Snapshot, columns, matching, one, record, records, remembered
from storage.tables import THERE, UNFILED, table

_mail, _sighting, _cursor = table("mail"), table("sighting"), table("cursor")
_part, _reading, _submission, _meta, _state = (
    table("part"),
    table("reading"),
    table("submission"),
    table("meta"),
    table("mail_state"),
)
_letter = table("letter")
_HEX = frozenset("0123456789abcdef")
_PRESENT = (
    select(_sighting.c.uid, _sighting.c.internaldate, _sighting.c.mail_id)
    .where(*(_sighting.c[name] == bindparam(name) for name in ("account", "folder", "uidvalidity")))
    .where(THERE)
    .order_by(_sighting.c.id)
)
_KNOWN = select(_sighting.c.uid).where(*(_sighting.c[name] == bindparam(name) for name in ("account", "folder")))
_KNOWN_OF = _KNOWN.where(among(_sighting.c.uid, "uids"))
_WAITING = (
    select(_mail.c.id, _mail.c.received_at)
    .where(_mail.c.state == "stored")
    .order_by(_mail.c.received_at, _mail.c.sha256)
)
_UNFILED = (
    select(*columns(_mail, Mail), *(column.label(f"s_{column.name}") for column in columns(_sighting, Sighting)))
    .join(_mail, _mail.c.id == _sighting.c.mail_id)
    .where(_sighting.c.account == bindparam("of_account"), UNFILED, among(_mail.c.state, "states"))
    .order_by(_sighting.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_FETCHED = select(_cursor.c.uidvalidity, _cursor.c.last_uid).where(
    _cursor.c.account == bindparam("account"), _cursor.c.folder == bindparam("folder")
)
WAITING = ("needs_review", "set_aside", "stored", "reading")  # states of a mail nobody has had the last word on

_verdict = table("verdict")


def _reported(mail_id: ColumnElement[int]) -> Select[Any]:
    """The submissions of a mail that were judged."""
    judged = select(_submission.c.id).join(_verdict, _verdict.c.submission_id == _submission.c.id)
    return judged.where(_submission.c.mail_id == mail_id)


_SPAN = (_mail.c.received_at >= bindparam("since"), _mail.c.received_at < bindparam("until"))
_OF_SPAN = select(*columns(_mail, Mail)).where(*_SPAN).order_by(_mail.c.id)
_LACKS_TOOL = "tool_missing"  # why a mail waits of which a file is not opened yet: it may be another report than what was read of it
_WAIT = _OF_SPAN.where(
    among(_mail.c.state, WAITING), or_(~_reported(_mail.c.id).exists(), _mail.c.reason == _LACKS_TOOL)
)
_LAST_THEN = (
    select(func.max(_state.c.id))
    .where(_state.c.mail_id.in_(select(_mail.c.id).where(*_SPAN)), _state.c.at <= bindparam("as_of"))
    .group_by(_state.c.mail_id)
)
_WAITED_THEN = _OF_SPAN.where(
    _mail.c.id.in_(
        select(_state.c.mail_id).where(
            _state.c.id.in_(_LAST_THEN),
            among(_state.c.after, WAITING),
            or_(
                _state.c.why == _LACKS_TOOL,
                ~_reported(_state.c.mail_id).where(_verdict.c.at <= bindparam("as_of")).exists(),
            ),
        )
    )
)


@dataclass(frozen=True, slots=True)
class StateChange:
    """A mail's move from one state to another."""

    mail_id: int
    before: str | None  # None: it came into being
    after: str
    why: str | None
    seq: int
    at: datetime


class Fetched(NamedTuple):
    """How far a folder is fetched."""

    uidvalidity: int
    last_uid: int


class Present(NamedTuple):
    """The mails that should lie in a folder, by uid: of two seen under one the later."""

    moments: dict[int, datetime]  # of receipt
    mails: dict[int, int]  # their numbers


class MailQueries(Snapshot):
    """Questions about mails."""

    __slots__ = ()

    def mail(self, mail_id: int) -> Mail | None:
        """One mail, None when there is none."""
        found = matching(self.connection, _mail, Mail, id=mail_id)
        return found[0] if found else None

    def mail_by_sha256(self, prefix: str) -> Mail | None:
        """The one mail whose sha256 begins so; None when there is none, or more than one."""
        if not prefix or not _HEX.issuperset(prefix):
            return None
        found = self._mails(_mail.c.sha256 >= prefix, _mail.c.sha256 < prefix + "g", limit=2)  # a range uses the index
        return found[0] if len(found) == 1 else None

    def mails(self, state: str | Collection[str] | None = None) -> tuple[Mail, ...]:
        """Mails in order of id, of one state or several."""
        if isinstance(state, str):
            return matching(self.connection, _mail, Mail, "id", state=state)
        return self._mails(*([] if state is None else [_mail.c.state.in_(list(state))]))

    def waiting(self) -> list[Waiting]:
        """The mails not read yet, by (received_at, sha256): the order they are judged in."""
        return [Waiting(row.id, row.received_at) for row in ask(self.connection, _WAITING)]

    def mails_unread(self, seen_until: datetime, received_since: datetime) -> tuple[Mail, ...]:
        """Mails waiting or being read, fetched by then, received since then."""
        unread = _mail.c.state.in_(["stored", "reading"])
        return self._mails(unread, _mail.c.seen_at <= seen_until, _mail.c.received_at >= received_since)

    def mails_numbered(self, ids: Collection[int]) -> dict[int, Mail]:
        """Number → mail, of those there are."""
        return {mail.id: mail for mail in self._mails(_mail.c.id.in_(sorted(set(ids))))}

    def submissions_numbered(self, ids: Collection[int]) -> dict[int, tuple[Submission, ...]]:
        """Mail → its submissions, by part and report."""
        statement = select(*columns(_submission, Submission)).where(_submission.c.mail_id.in_(sorted(set(ids))))
        found: dict[int, tuple[Submission, ...]] = {}
        statement = statement.order_by(_submission.c.part_n, _submission.c.report_n)
        for submission in records(self.connection, statement, Submission):
            found[submission.mail_id] = (*found.get(submission.mail_id, ()), submission)
        return found

    def mail_hashes(self, ids: Collection[int]) -> dict[int, str]:
        """The sha256 of each of these mails."""
        found: dict[int, str] = {}
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), 500):  # databases bound the number of values in one statement
            some = select(_mail.c.id, _mail.c.sha256).where(_mail.c.id.in_(wanted[start : start + 500]))
            found |= {int(number): str(sha256) for number, sha256 in self.connection.execute(some)}
        return found

    def mails_by_message_id(self, message_id: str) -> tuple[Mail, ...]:
        """Mails that carry this Message-ID; a hint only, several may."""
        return matching(self.connection, _mail, Mail, "id", message_id=message_id)

    def _mails(self, *where: ColumnElement[bool], limit: int | None = None) -> tuple[Mail, ...]:
        statement = select(*columns(_mail, Mail)).where(*where).order_by(_mail.c.id).limit(limit)
        return records(self.connection, statement, Mail)

    def states(self, mail_id: int) -> tuple[StateChange, ...]:
        """Every change of a mail's state, oldest first."""
        statement = select(*columns(_state, StateChange)).where(_state.c.mail_id == mail_id).order_by(_state.c.id)
        return records(self.connection, statement, StateChange)

    def state_counts(self) -> dict[str, int]:
        """How many mails stand in each state."""
        statement = select(_mail.c.state, func.count()).group_by(_mail.c.state)
        return {state: count for state, count in self.connection.execute(statement)}  # noqa: C416 - rows, not pairs

    def cursor(self, account: str, folder: str) -> Fetched | None:
        """How far a folder is fetched, None when never."""
        found = ask(self.connection, _FETCHED, {"account": account, "folder": folder})
        return Fetched(int(found[0][0]), int(found[0][1])) if found else None

    def known_uids(self, account: str, folder: str, uids: Collection[int] | None = None) -> frozenset[int]:
        """Every uid of a folder, or those of these, under which a mail was kept."""
        given: dict[str, Any] = {"account": account, "folder": folder}
        if uids is None:
            return frozenset(row[0] for row in plain(self.connection, _KNOWN, given)[1])
        return frozenset(row[0] for row in plain(self.connection, _KNOWN_OF, given | {"uids": uids})[1])

    def unfiled(
        self, account: str, states: Collection[str], limit: int = 500, skip: int = 0
    ) -> tuple[tuple[Sighting, Mail], ...]:
        """Sightings still where they were first seen, of mails in one of these states, oldest first."""
        given = {"of_account": account, "states": sorted(states), "most": limit, "skip": skip}
        rows = ask(self.connection, _UNFILED, given)
        return tuple((record(Sighting, row, prefix="s_"), record(Mail, row)) for row in rows)

    def test_mails(self, agency: str, since: datetime, until: datetime) -> tuple[Mail, ...]:
        """Trials of an agency received in that span, by (received_at, sha256)."""
        return self._of_senders(since, until, ("test",)).get(agency, ())

    def unsettled_mails(self, agency: str, since: datetime, until: datetime) -> tuple[Mail, ...]:
        """Mails of an agency received in that span that wait for a person, or for a reading, oldest first."""
        return self._of_senders(since, until, WAITING).get(agency, ())

    @remembered("mail")
    def _of_senders(self, since: datetime, until: datetime, states: tuple[str, ...]) -> dict[str, tuple[Mail, ...]]:
        """Agency (its code stands as ``sender`` in the mail's facts) → its mails of that span in one of these states."""
        span = (_mail.c.received_at >= since, _mail.c.received_at < until)
        found: dict[str, tuple[Mail, ...]] = {}
        for mail in sorted(self._mails(*span, _mail.c.state.in_(states)), key=lambda m: (m.received_at, m.sha256)):
            sender = str(mail.facts.get("sender") or "")
            found[sender] = (*found.get(sender, ()), mail)
        return found

    def waiting_mails(self, since: datetime, until: datetime, as_of: datetime | None = None) -> tuple[Mail, ...]:
        """Mails received in that span that waited for a person, or for a reading, at that moment, and were no report, or wait for a tool; None: that wait now."""
        given = {"since": since, "until": until} | ({"as_of": as_of} if as_of else {})
        return records(self.connection, _WAITED_THEN if as_of else _WAIT, Mail, given)

    def sightings(self, mail_id: int | None = None, *, gone: bool | None = None) -> tuple[Sighting, ...]:
        """Where mails were seen; ``gone=False``: only what should still be there."""
        wanted = {"mail_id": mail_id, "gone": gone}
        given = {name: value for name, value in wanted.items() if value is not None}
        return matching(self.connection, _sighting, Sighting, "id", **given)

    def present(self, account: str, folder: str, uidvalidity: int) -> Present:
        """What should still lie in a folder."""
        given = {"account": account, "folder": folder, "uidvalidity": uidvalidity}
        rows = plain(self.connection, _PRESENT, given)[1]
        uids, moments, mails = zip(*rows, strict=True) if rows else ((), (), ())
        return Present(dict(zip(uids, moments, strict=True)), dict(zip(uids, mails, strict=True)))

    def erased_at(self, mail_id: int) -> int | None:
        """The position of the entry that says a mail was erased, None when it was not."""
        found = self.connection.execute(select(_mail.c.erased_seq).where(_mail.c.id == mail_id)).scalar()
        return None if found is None else int(found)

    def erased(self, hashes: Iterable[str]) -> frozenset[str]:
        """Which of these raw mails were erased: they are not to be kept again."""
        where = (_mail.c.sha256.in_(list(hashes)), _mail.c.erased_seq.is_not(None))
        return frozenset(self.connection.execute(select(_mail.c.sha256).where(*where)).scalars())

    def vault_names(self, prefix: str) -> set[str]:
        """The sha256 beginning so of every mail and letter that should lie in the vault (for the scrub)."""
        range_ = {"first": prefix, "beyond": prefix + "g"}  # a range uses the index
        return {str(name) for asked in _vault_names() for name in self.connection.execute(asked, range_).scalars()}

    def sighting_count(self) -> int:
        """How many sightings should still be on the server (the completeness ledger)."""
        statement = select(func.count()).select_from(_sighting).where(_sighting.c.gone.is_(False))
        return int(self.connection.execute(statement).scalar_one())

    def parts(self, mail_id: int) -> tuple[Part, ...]:
        """The parts of a mail in order."""
        return matching(self.connection, _part, Part, "n", mail_id=mail_id)

    def readings(self, mail_id: int) -> tuple[Reading, ...]:
        """Every reading of a mail, oldest first."""
        statement = select(*columns(_reading, Reading)).where(_reading.c.mail_id == mail_id).order_by(_reading.c.id)
        return records(self.connection, statement, Reading)

    @remembered("reading")
    def reading(self, reading_id: int) -> Reading | None:
        """One reading."""
        found = matching(self.connection, _reading, Reading, id=reading_id)
        return found[0] if found else None

    def submissions(self, mail_id: int) -> tuple[Submission, ...]:
        """The submissions of a mail, by part and report."""
        found = matching(self.connection, _submission, Submission, mail_id=mail_id)
        return tuple(sorted(found, key=lambda submission: (submission.part_n, submission.report_n)))

    def submission(self, submission_id: int) -> Submission | None:
        """One submission."""
        found = matching(self.connection, _submission, Submission, id=submission_id)
        return found[0] if found else None

    def meta(self, key: str) -> Any:
        """A small fact kept under that key, None when there is none."""
        return one(self.connection, _meta, "value", key=key)


@cache
def _vault_names() -> tuple[Select[Any], ...]:
    """Hashes of what should lie in the vault, between two words; built once, the scrub asks for each of 256 folders."""
    first: BindParameter[str] = bindparam("first")
    beyond: BindParameter[str] = bindparam("beyond")
    mails = select(_mail.c.sha256).where(_mail.c.erased_seq.is_(None))
    letters = select(_letter.c.raw_sha256)
    return (
        mails.where(_mail.c.sha256 >= first, _mail.c.sha256 < beyond),
        letters.where(_letter.c.raw_sha256 >= first, _letter.c.raw_sha256 < beyond),
    )
