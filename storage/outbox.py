"""The outbox: claim → SMTP → mark (faults.md, ambiguous delivery).

Rules: a letter is claimed, with the name of the bytes about to go out, in a transaction of its own that is on disk before the first of
them goes; what became of the letter before is noted in the same one.

``pending → sending → sent | failed | unknown``; a passing refusal goes back to ``pending`` with the next try; ``unknown``
is settled by our own copy seen in the mailbox, else sent again with the same Message-ID after a while.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from storage.errors import Stale
from storage.ledger import Ledger, Tx
from storage.records import Letter

RESEND_AFTER = timedelta(minutes=15)
_SETTLED = ("sent", "failed", "unknown", "withheld")


class Fate:
    """What became of a letter that was claimed."""

    __slots__ = ("fields", "letter", "to", "why")

    def __init__(self, letter: Letter, to: str, why: str, **fields: Any) -> None:
        self.letter = letter  # as claimed
        self.to = to  # sent | failed | unknown | withheld, or pending: once more
        self.why = why  # the server's reply, or what went wrong
        self.fields = {"next_try_at": None, **fields}  # columns of the letter that change with it


class Outbox:
    """Letters on their way."""

    def __init__(self, ledger: Ledger, clock: str = "system", actor: str = "system") -> None:
        self.ledger = ledger
        self.clock = clock
        self.actor = actor

    def ready(self, now: datetime, limit: int = 10) -> tuple[Letter, ...]:
        """Pending letters whose try has come, oldest first."""
        with self.ledger.read() as q:
            return q.due_letters(now, limit)

    def pending(self) -> int:
        """How many letters are still to go."""
        with self.ledger.read() as q:
            return q.letters_pending()

    def turn(
        self, now: datetime, fate: Fate | None = None, letter: Letter | None = None, raw_sha256: str | None = None
    ) -> Letter | None:
        """ONE transaction: what became of the letter before, and the next one ``sending``, one more attempt counted.

        ``raw_sha256`` names the bytes of it in the vault. None when it is no longer to be sent (our own copy was seen), or none
        was given.
        """
        with self.ledger.write(now, self.clock, self.actor) as tx:
            if fate:
                self._note(tx, fate)
            if letter is None:
                return None
            claimed: dict[str, Any] = {"claimed_at": now, "attempts": letter.attempts + 1, "raw_sha256": raw_sha256}
            try:
                return tx.move_letter(letter, "sending", **claimed)
            except Stale:
                return None

    def _note(self, tx: Tx, fate: Fate) -> None:
        """Note it, unless our own copy was quicker than the answer: then it is settled already."""
        move = tx.settle_letter if fate.to in _SETTLED else tx.move_letter
        with suppress(Stale):
            move(fate.letter, fate.to, fate.why, **fate.fields)

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
        if not left:
            return ()
        with self.ledger.write(at, self.clock, self.actor) as tx:
            return tuple(
                tx.settle_letter(letter, "unknown", "interrupted", smtp_reply="interrupted") for letter in left
            )

    def resend_unknown(self, now: datetime) -> tuple[Letter, ...]:
        """Unknown letters claimed ``RESEND_AFTER`` or more ago are pending again, under the same Message-ID."""
        with self.ledger.read() as q:
            if not any(_old(letter, now - RESEND_AFTER) for letter in q.letters(state="unknown")):
                return ()
        with self.ledger.write(now, self.clock, self.actor) as tx:
            return tuple(
                tx.move_letter(letter, "pending", "not seen in the mailbox", next_try_at=None)
                for letter in tx.letters(state="unknown")
                if _old(letter, now - RESEND_AFTER)
            )


def _old(letter: Letter, limit: datetime) -> bool:
    return letter.claimed_at is None or letter.claimed_at <= limit
