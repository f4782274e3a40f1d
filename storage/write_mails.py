"""Writing what became of mails: kept, seen, read, moved from state to state, filed.

Rules: a mail is one row per distinct content, however often and wherever it is seen (architecture, promise 2); its
``received_at`` is the border's moment when known, else the earliest INTERNALDATE seen, and a change of it is a log entry;
states change by compare-and-set, each change is a row saying when, from, to, why.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.errors import NotFound, Stale
from storage.prepared import ask, write
from storage.records import ASIDE, Mail, Part, Reading, Sighting
from storage.rows import change, columns, insertion, one, record, values
from storage.stated_tables import stated_by
from storage.tables import table
from storage.write_log import LogWriting
from storage.write_search import drop_classes, note_receipts, note_words

_mail, _sighting, _cursor = table("mail"), table("sighting"), table("cursor")
_part, _meta, _stated = table("part"), table("meta"), table("stated")
_OF_THAT_CONTENT = select(*columns(_mail, Mail)).where(
    _mail.c.sha256 == bindparam("sha256")
)  # built once: asked for each mail
_NO_PART = delete(_part).where(_part.c.mail_id == bindparam("mail_id"), _part.c.n == bindparam("n"))
_ONE_MORE = -1  # stands for "one attempt more than there have been"
_SETTABLE = frozenset(
    ("automatic", "reason", "border_received", "sent_at", "judged_at", "from_address", "subject", "message_id")
) | {"facts", "search"}


def new_mail(sighting: Sighting, seen_at: datetime) -> dict[str, Any]:
    """The row of a mail nobody has looked at yet."""
    return {
        "sha256": sighting.sha256,
        "size": sighting.size,
        "state": "stored",
        "version": 1,
        "attempts": 0,
        "received_at": sighting.border_received or sighting.internaldate,
        "internaldate": sighting.internaldate,
        "border_received": sighting.border_received,
        "seen_at": seen_at,
        "from_address": "",
        "subject": "",
        "facts": {},
        "search": "",
    }


def kept_said(sighting: Sighting) -> dict[str, Any]:
    """What the log says of a mail kept for the first time."""
    where = {name: getattr(sighting, name) for name in ("account", "folder", "uidvalidity", "uid")}
    clocks = {"internaldate": sighting.internaldate, "border_received": sighting.border_received}
    received = sighting.border_received or sighting.internaldate
    return {"sha256": sighting.sha256, "size": sighting.size, "received_at": received, **where, **clocks}


class MailWriting(LogWriting):
    """Writes about mails."""

    __slots__ = ()

    def keep(self, sighting: Sighting) -> tuple[int, bool]:
        """Record that a mail (its raw bytes already in the vault) was seen; (mail id, whether it is new to us).

        Idempotent: the same sighting again changes nothing but ``gone`` (a file touched later does not move its receipt).
        Seen elsewhere with an earlier moment, the mail's ``received_at`` moves (log entry ``received_earlier``); compare
        ``tx.mail(id)`` to see it.
        """
        seen_at = sighting.seen_at or self.at
        row = next(iter(ask(self.connection, _OF_THAT_CONTENT, {"sha256": sighting.sha256})), None)
        found = None if row is None else record(Mail, row)
        known = None
        if found:
            known = one(self.connection, _sighting, "id", **{name: getattr(sighting, name) for name in _SIGHTED})
        mail_id = found.id if found else self._new_mail(sighting, seen_at)
        if known is not None:
            change(self.connection, _sighting, {"gone": False} | ({"filed": True} if sighting.filed else {}), id=known)
            return mail_id, False
        write(self.connection, insertion(_sighting), values(_sighting, sighting, mail_id=mail_id, seen_at=seen_at))
        if found:
            self._earlier(found, sighting)
        return mail_id, found is None

    def _new_mail(self, sighting: Sighting, seen_at: datetime) -> int:
        row = new_mail(sighting, seen_at)
        mail_id = self._insert(_mail, row)
        note_receipts(self.connection, [(mail_id, row["received_at"])])
        self._state_row(mail_id, (None, "stored", None), "kept", kept_said(sighting))
        return mail_id

    def _earlier(self, mail: Mail, sighting: Sighting) -> None:
        internal = min(mail.internaldate, sighting.internaldate)
        border = mail.border_received or sighting.border_received
        self._reclock(mail, internal, border)

    def _reclock(self, mail: Mail, internal: datetime, border: datetime | None) -> None:
        if (internal, border) == (mail.internaldate, mail.border_received):
            return
        received = border or internal
        clocks = {"internaldate": internal, "border_received": border, "received_at": received}
        change(self.connection, _mail, clocks, id=mail.id)
        if received != mail.received_at:
            note_receipts(self.connection, [(mail.id, received)])
            self.forget("mail.received_at")
            kind = "received_earlier" if received < mail.received_at else "received_later"
            self.log(kind, f"mail:{mail.id}", {"before": mail.received_at, **clocks})

    def set_cursor(self, account: str, folder: str, uidvalidity: int, last_uid: int) -> None:
        """How far a folder is fetched; a new epoch replaces the old one."""
        where = (_cursor.c.account == account, _cursor.c.folder == folder)
        row = {"uidvalidity": uidvalidity, "last_uid": last_uid, "at": self.at}
        if self.connection.execute(update(_cursor).where(*where).values(row)).rowcount == 0:
            self.connection.execute(insert(_cursor), {"account": account, "folder": folder, **row})

    def begin_attempt(self, mail_id: int) -> Mail:
        """A mail is about to be opened: ``stored → reading``, one more attempt counted; the mail as it is now.

        Committed before anything is parsed, so that a mail that kills us is known by its count. ``Stale`` when the mail
        is not waiting.
        """
        return self.move_mail(mail_id, "reading", expect=("stored",), attempts=_ONE_MORE)

    def move_mail(
        self, mail_id: int, to: str, *, expect: Collection[str], why: str | None = None, **fields: Any
    ) -> Mail:
        """Compare-and-set of a mail's state; ``Stale`` when it stands in none of ``expect``.

        ``reason`` becomes ``why`` unless given in ``fields``; further fields as in ``set_mail_facts``, and ``attempts``.
        """
        mail = self._known(mail_id)
        attempts = fields.pop("attempts", mail.attempts)
        now = {
            "reason": why,
            **self._facts(fields),
            "state": to,
            "version": mail.version + 1,
            "attempts": mail.attempts + 1 if attempts == _ONE_MORE else attempts,
        }
        border = now.pop("border_received", None)
        was = {"id": mail_id, "version": mail.version, "state": mail.state}
        if mail.state not in expect or change(self.connection, _mail, now, **was) != 1:
            raise Stale(f"mail {mail_id} is {mail.state}, not {' or '.join(sorted(expect))}")
        self._state_row(mail_id, (mail.state, to, why), "state", {})
        return self._with_border(replace(mail, **_visible(now)), border)

    def _state_row(
        self, mail_id: int, change: tuple[str | None, str, str | None], kind: str, said: dict[str, Any]
    ) -> None:
        moved = dict(zip(("before", "after", "why"), change, strict=True))
        row = {"mail_id": mail_id, **moved, "at": self.at}
        self._append("mail_state", row, kind, f"mail:{mail_id}", **said, **moved)

    def set_mail_facts(self, mail_id: int, **fields: Any) -> Mail:
        """Set what was learned by opening a mail: sender, subject, folded ``search`` text, facts, clocks, reason.

        A ``border_received`` sets ``received_at`` as well (log entry when that moves it).
        """
        now = self._facts(fields)
        border = now.pop("border_received", None)
        mail = self._known(mail_id)
        if now:
            change(self.connection, _mail, now, id=mail_id)
        return self._with_border(replace(mail, **_visible(now)), border)

    def _facts(self, fields: dict[str, Any]) -> dict[str, Any]:
        """What to set; of the folded text its words, which are remembered."""
        if unknown := set(fields) - _SETTABLE:
            raise ValueError(f"not facts of a mail: {sorted(unknown)}")
        searched = {"search": note_words(self.connection, fields["search"])} if "search" in fields else {}
        return fields | searched

    def _known(self, mail_id: int) -> Mail:
        mail = self.mail(mail_id)
        if mail is None:
            raise NotFound(f"mail {mail_id}")
        return mail

    def _with_border(self, mail: Mail, border: datetime | None) -> Mail:
        if border is None:
            return mail
        self._reclock(mail, mail.internaldate, border)
        return replace(mail, border_received=border, received_at=border)

    def mark_filed(
        self,
        sighting: Sighting,
        folder: str | None = None,
        uidvalidity: int = 0,
        uid: int = 0,
        *,
        moved: bool = True,
    ) -> None:
        """A mail was filed away: moved (or copied, ``moved=False``) to ``folder``, or left where it is (no folder).

        With the new ``uid`` (COPYUID) it is at once a sighting there; without, the next reconcile finds it.
        """
        gone = moved and folder is not None
        where = {name: getattr(sighting, name) for name in _SIGHTED}
        change(self.connection, _sighting, {"filed": True, "gone": gone}, **where)
        if folder is not None and uid:
            place = {"folder": folder, "uidvalidity": uidvalidity, "uid": uid}
            fields = {name: getattr(sighting, name) for name in sighting.__slots__} | place
            self.keep(Sighting(**fields | {"filed": True, "gone": False, "seen_at": self.at}))

    def mark_gone(self, account: str, folder: str, uidvalidity: int, uids: Collection[int] | None = None) -> int:
        """Sightings no longer on the server: these uids, or the whole epoch; how many there were."""
        where = [_sighting.c.account == account, _sighting.c.folder == folder, _sighting.c.gone.is_(False)]
        where.append(_sighting.c.uidvalidity == uidvalidity)
        if uids is None:
            return self.connection.execute(update(_sighting).where(*where).values(gone=True)).rowcount
        wanted, count = sorted(uids), 0
        for start in range(0, len(wanted), 500):
            some = _sighting.c.uid.in_(wanted[start : start + 500])
            count += self.connection.execute(update(_sighting).where(*where, some).values(gone=True)).rowcount
        return count

    def note_aside(self, mail_id: int, agency: str) -> None:
        """Nobody could open this mail, and it may be any report of that agency's; "": it no longer stands in doubt.

        Every class there is may rest on it: all are worked out anew.
        """
        self.log(ASIDE, f"mail:{mail_id}", {"agency": agency})
        self.forget(ASIDE)
        drop_classes(self.connection)

    def add_part(self, part: Part) -> None:
        """What became of one part; a later reading of the mail replaces it."""
        write(self.connection, _NO_PART, {"mail_id": part.mail_id, "n": part.n})
        write(self.connection, insertion(_part), values(_part, part, without=()))

    def add_reading(self, reading: Reading) -> int:
        """One more reading of a report; its number. ``at`` is the transaction's."""
        row = values(table("reading"), reading, at=self.at)
        ref = f"{reading.mail_id}.{reading.part_n}.{reading.report_n}"
        said = {"ref": ref, "form": reading.form, "reader": reading.reader}
        number = self._append("reading", row, "reading", f"mail:{reading.mail_id}", **said)[0]
        write(self.connection, insertion(_stated), {"reading_id": number, **stated_by(reading.report)})
        return number

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a small fact (plain JSON) under a key."""
        if change(self.connection, _meta, {"value": value}, key=key) == 0:
            write(self.connection, insertion(_meta), {"key": key, "value": value})

    def erase_payload(self, seq: int, reason: str, second: str) -> None:
        """Remove an entry's payload for good; the chain still verifies. A log entry says who, why and with whom."""
        gone = self.connection.execute(delete(table("payload")).where(table("payload").c.seq == seq)).rowcount
        if gone == 0:
            raise NotFound(f"payload of entry {seq}")
        self.log("erased", f"entry:{seq}", {"reason": reason, "second": second})

    def erase_mail(self, mail_id: int, reason: str, second: str) -> Mail:
        """Note that a mail's raw bytes and what was copied out of its headers are erased.

        The vault's file is the caller's to remove, after the commit; the row, its hash, its place in the log stay.
        """
        mail = self._known(mail_id)
        entry = self.log("erased", f"mail:{mail_id}", {"reason": reason, "second": second, "sha256": mail.sha256})
        blank: dict[str, Any] = {"from_address": "", "subject": "", "message_id": None, "facts": {}, "search": ""}
        where = _mail.c.id == mail_id
        self.connection.execute(update(_mail).where(where).values(**blank, erased_seq=entry.seq))
        return mail


def _visible(change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in change.items() if name != "search"}


_SIGHTED = ("account", "folder", "uidvalidity", "uid", "sha256")
