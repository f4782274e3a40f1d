"""Writing letters owed, in the transaction of the fact they report (architecture, promise 4), and moving them on.

Rules: UNIQUE(about, kind, n) makes a letter go out once; its Message-ID is final before the first try; the position and
hash of its log entry are printed in it; every change of state is a compare-and-set and a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from storage.chain import sha256_text
from storage.errors import Stale
from storage.prepared import write
from storage.records import Letter, returned_by
from storage.rows import change, insertion, one, values
from storage.tables import table
from storage.write_log import LogWriting, row_sha256

_letter, _change = table("letter"), table("letter_state")
PINNED = ("kind", "about", "to", "facts", "n", "agency", "period", "message_id")  # what never changes in a letter


def message_id(kind: str, n: int, about: str, bot_domain: str) -> str:
    """The fixed Message-ID (faults.md, ambiguous delivery).

    >>> message_id("reminder", 1, "due:weekly:2017-07-21/SNV", "cchc.example")
    '<reminder.1.07a7f3b9e40d59a56bc05fb4ef1fd4d5@cchc.example>'
    """
    return f"<{kind}.{n}.{sha256_text(about)[:32]}@{bot_domain}>"


class LetterWriting(LogWriting):
    """Writes about letters."""

    __slots__ = ()

    def add_letter(self, letter: Letter, bot_domain: str) -> Letter:
        """Owe a letter (state ``pending`` or ``withheld``); the one already there when that (about, kind, n) is taken.

        One whose copy lies in the mailbox already, from before the database was restored, has been sent.
        """
        final = message_id(letter.kind, letter.n, self._lasting(letter.about), bot_domain)
        known = one(self.connection, _letter, "id", about=letter.about, kind=letter.kind, n=letter.n)
        if known is not None and (there := self.letter(known)) is not None:
            return there
        named = replace(letter, message_id=final, created_at=self.at)
        pinned = {name: getattr(named, name) for name in PINNED}
        said = {"kind": letter.kind, "n": letter.n, "to": letter.to, "message_id": final, "state": letter.state}
        because = {"withheld_because": letter.withheld_because, "table": "letter", "row_sha256": row_sha256(pinned)}
        entry = self.log("letter", letter.about, said | because)
        named = replace(named, seq=entry.seq, hash=entry.hash)
        number = self._insert(_letter, values(_letter, named))
        self._change(number, None, letter.state, letter.withheld_because)
        copies = [m for m in self.mails_by_message_id(final) if m.state == "own"] if letter.state == "pending" else []
        return (copies and self.letter_seen(final, copies[0].sha256)) or replace(named, id=number)

    def _lasting(self, about: str) -> str:
        """What a letter is about by a name that outlives the database: a mail by its hash, for its number may come again."""
        kind, _, number = about.partition(":")
        mail = self.mail(int(number)) if kind == "mail" and number.isdigit() else None
        return f"mail:{mail.sha256}" if mail else about

    def move_letter(self, letter: Letter, to: str, why: str | None = None, **fields: Any) -> Letter:
        """Compare-and-set of a letter's state; ``Stale`` when it is no longer in ``letter.state`` at that attempt."""
        now = fields | {"state": to}
        was = {"id": letter.id, "state": letter.state, "attempts": letter.attempts}
        if change(self.connection, _letter, now, **was) != 1:
            raise Stale(f"letter {letter.id} is no longer {letter.state}")
        self._change(letter.id, letter.state, to, why)
        return replace(letter, **now)

    def letter_bounced(self, letter_id: int, mail_id: int, addresses: Sequence[str] = ()) -> bool:
        """A letter came back: it has failed for good, the bounce named; False when nothing new was learnt.

        ``addresses``: of its recipients those it came back from; none where that is all of them or not told.
        """
        letter = self.letter(letter_id)
        if letter is None or letter.state not in ("sent", "unknown", "sending", "failed"):
            return False
        back = set(addresses) or set(letter.to)
        if letter.state == "failed":
            if back <= set(letter.unreached):
                return False
            back |= set(letter.unreached)
        some = [address for address in letter.to if address in back]
        told = returned_by(mail_id, some if len(some) < len(letter.to) else ())
        self.settle_letter(letter, "failed", returned_by(mail_id), smtp_reply=told)
        return True

    def letter_seen(self, message_id: str, raw_sha256: str | None = None) -> Letter | None:
        """Our own copy lies in the mailbox: the letter was sent, whatever we knew of it; None when nothing is left to settle."""
        letter = self.letter_by_message_id(message_id)
        if letter is None or letter.state not in ("pending", "unknown", "sending"):
            return None
        fields = {"sent_at": letter.claimed_at or self.at, "raw_sha256": letter.raw_sha256 or raw_sha256}
        return self.settle_letter(letter, "sent", "seen in the mailbox", **fields)

    def settle_letter(self, letter: Letter, to: str, why: str, **fields: Any) -> Letter:
        """A letter's fate (sent, failed, unknown, withheld): the change and its log entry ``letter_sent`` … together."""
        moved = self.move_letter(letter, to, why, **fields)
        said = {"message_id": letter.message_id, "kind": letter.kind, "reply": why, "raw_sha256": moved.raw_sha256}
        self.log(f"letter_{to}", letter.about, said | {"attempts": letter.attempts, "letter_seq": letter.seq})
        return moved

    def _change(self, letter_id: int, before: str | None, after: str, why: str | None) -> None:
        row = {"letter_id": letter_id, "before": before, "after": after, "why": why, "at": self.at}
        write(self.connection, insertion(_change), row)
