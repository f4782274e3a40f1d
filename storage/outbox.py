"""The outbox: claim → SMTP → mark, each in its own short transaction (faults.md, ambiguous delivery).

``pending → sending → sent | failed | unknown``; a passing refusal goes back to ``pending`` with the next try; ``unknown``
is settled by our own copy seen in the mailbox, else sent again with the same Message-ID after a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.ledger import Ledger
from storage.records import Letter

RESEND_AFTER = timedelta(minutes=15)


class Outbox:
    """Letters on their way."""

    def __init__(self, ledger: Ledger, clock: str = "system", actor: str = "system") -> None:
        self.ledger = ledger
        self.clock = clock
        self.actor = actor

    def claim(self, now: datetime, limit: int = 10) -> tuple[Letter, ...]:
        """Take pending letters whose try has come: they are ``sending`` now, one more attempt counted."""
        with self.ledger.read() as q:
            if not q.any_letter("pending"):
                return ()
        with self.ledger.write(now, self.clock, self.actor) as tx:
            ready = tx.due_letters(now, limit)
            return tuple(
                tx.move_letter(letter, "sending", claimed_at=now, attempts=letter.attempts + 1) for letter in ready
            )

    def sent(self, letter: Letter, at: datetime, reply: str, raw_sha256: str) -> Letter:
        """The server took it; ``raw_sha256`` names the exact bytes in the vault."""
        fields = {"sent_at": at, "smtp_reply": reply, "raw_sha256": raw_sha256, "next_try_at": None}
        return self._settle(letter, "sent", at, reply, **fields)

    def retry(self, letter: Letter, at: datetime, next_try_at: datetime, reply: str) -> Letter:
        """A passing refusal: pending again until then."""
        with self.ledger.write(at, self.clock, self.actor) as tx:
            return tx.move_letter(letter, "pending", reply, next_try_at=next_try_at, smtp_reply=reply)

    def failed(self, letter: Letter, at: datetime, reply: str) -> Letter:
        """Refused for good."""
        return self._settle(letter, "failed", at, reply, smtp_reply=reply, next_try_at=None)

    def unknown(self, letter: Letter, at: datetime, reply: str = "", raw_sha256: str | None = None) -> Letter:
        """Nobody can say whether the server took it."""
        raw = raw_sha256 or letter.raw_sha256
        return self._settle(letter, "unknown", at, reply, smtp_reply=reply or None, raw_sha256=raw)

    def settle(self, message_id: str, at: datetime, raw_sha256: str | None = None) -> Letter | None:
        """Our own copy was seen in the mailbox: a letter unknown, still sending or owed anew has been sent.

        ``raw_sha256`` names the copy, for a letter whose own bytes were not noted before a crash. None when there is no
        such letter or nothing is left to settle.
        """
        with self.ledger.write(at, self.clock, self.actor) as tx:
            return tx.letter_seen(message_id, raw_sha256)

    def stale_sending(self, at: datetime) -> tuple[Letter, ...]:
        """At start-up: whatever stands in ``sending`` was left by a process that died: unknown."""
        with self.ledger.read() as q:
            left = q.letters(state="sending")
        return tuple(self.unknown(letter, at, "interrupted") for letter in left)

    def resend_unknown(self, now: datetime, after: timedelta = RESEND_AFTER) -> tuple[Letter, ...]:
        """Unknown letters claimed ``after`` or more ago are pending again, under the same Message-ID."""
        with self.ledger.read() as q:
            if not any(_old(letter, now - after) for letter in q.letters(state="unknown")):
                return ()
        with self.ledger.write(now, self.clock, self.actor) as tx:
            return tuple(
                tx.move_letter(letter, "pending", "not seen in the mailbox", next_try_at=None)
                for letter in tx.letters(state="unknown")
                if _old(letter, now - after)
            )

    def _settle(self, letter: Letter, to: str, at: datetime, why: str, **fields: object) -> Letter:
        with self.ledger.write(at, self.clock, self.actor) as tx:
            return tx.settle_letter(letter, to, why, **fields)


def _old(letter: Letter, limit: datetime) -> bool:
    return letter.claimed_at is None or letter.claimed_at <= limit
