"""The postman: claim → compose → keep → send → mark, letter by letter.

Rules (ambiguous delivery; a letter goes out once):

1. the exact bytes are in the vault before the first of them goes out; a letter whose delivery is in doubt is sent again with those
   very bytes, Message-ID included;
2. a refusal that may pass comes back after 1, 5 and 15 minutes, then every hour; after 48 hours it has failed. A server that cannot
   be reached fails no letter: they wait, and the rest of the outbox is not even tried now;
3. a letter that cannot be composed is set aside as failed with the reason ``compose`` and named to the caller; the next one goes on;
4. silence after the text is ``unknown``: our own copy settles it, else it goes again after a quarter of an hour (the outbox's part).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from notifier.compose import compose
from notifier.message import Attachment
from notifier.office import Office
from notifier.plain import one_line
from notifier.smtp import Smtp, SmtpResult
from storage.errors import Stale
from storage.failpoint import failpoint
from storage.outbox import Outbox
from storage.records import Letter
from storage.vault import Vault

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
GIVE_UP = timedelta(hours=48)  # since the letter was written
CLAIMED_AT_ONCE = 1  # letters that become unknown if we die now

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One round: what was done in it, and what is left."""

    sent: int = 0
    pending: int = 0  # letters in the outbox still to go, after this round
    failed: int = 0
    unknown: int = 0
    retried: int = 0
    unreachable: bool = False  # the server could not be reached or did not take our login
    reply: str = ""  # why not
    uncomposed: tuple[str, ...] = ()  # "kind about: what went wrong", one for each letter we could not write


class Postman:
    """Sends what the outbox owes."""

    def __init__(self, outbox: Outbox, vault: Vault, smtp: Smtp, office: Office) -> None:
        self.outbox = outbox
        self.vault = vault
        self.smtp = smtp
        self.office = office

    def deliver(self, now: datetime) -> Delivered:
        """Everything that may go now, once each."""
        done = Delivered()
        try:
            while not done.unreachable and (batch := self.outbox.claim(now, CLAIMED_AT_ONCE)):
                failpoint("outbox_claimed")
                for letter in batch:
                    done = self._put_back(letter, now, done) if done.unreachable else self._deliver(letter, now, done)
        finally:
            self.smtp.close()
        with self.outbox.ledger.read() as q:
            return replace(done, pending=q.outbox_counts().get("pending", 0))

    def _deliver(self, letter: Letter, now: datetime, done: Delivered) -> Delivered:
        try:
            raw = self._bytes(letter, now)
        except Exception as wrong:  # whatever a sender made us write must not stop the other letters
            log.exception("letter.uncomposed", kind=letter.kind, about=letter.about)
            reason = one_line(f"compose: {type(wrong).__name__}: {wrong}", 300)
            self.outbox.failed(letter, now, reason)
            told = f"{letter.kind} {letter.about}: {reason}"
            return replace(done, failed=done.failed + 1, uncomposed=(*done.uncomposed, told))
        try:
            sha256 = self.vault.put(raw)
        except OSError as full:
            self.outbox.retry(letter, now, now + WAITS[0], f"vault: {full}")
            return replace(done, retried=done.retried + 1)
        result = self.smtp.send(raw, self._envelope_from(), letter.to, self.office.self_copy)
        return self._mark(letter, now, result, sha256, done)

    def _bytes(self, letter: Letter, now: datetime) -> bytes:
        """The bytes that may already be out there, else freshly written."""
        if letter.raw_sha256 and self.vault.has(letter.raw_sha256):
            return self.vault.get(letter.raw_sha256)
        files = [Attachment(str(f["name"]), self.vault.get(str(f["sha256"]))) for f in letter.facts.get("attached", ())]
        return compose(letter, self.office, now, files).raw

    def _mark(self, letter: Letter, now: datetime, result: SmtpResult, sha256: str, done: Delivered) -> Delivered:
        reply = "; ".join((result.reply, *result.refused))
        try:
            if result.state == "sent":
                failpoint("after_250")
                self.outbox.sent(letter, now, reply, sha256)
                return replace(done, sent=done.sent + 1)
            if result.state == "unknown":
                self.outbox.unknown(letter, now, reply, sha256)
                return replace(done, unknown=done.unknown + 1)
            if result.state == "permanent" or (not result.unreachable and _too_old(letter, now)):
                self.outbox.failed(letter, now, reply)
                return replace(done, failed=done.failed + 1)
        except Stale:  # our own copy was quicker than the answer: settled already
            return done
        self.outbox.retry(letter, now, next_try(letter, now), reply)
        return replace(
            done,
            retried=done.retried + 1,
            unreachable=result.unreachable,
            reply=reply if result.unreachable else done.reply,
        )

    def _put_back(self, letter: Letter, now: datetime, done: Delivered) -> Delivered:
        self.outbox.retry(letter, now, now + WAITS[0], done.reply)  # not its fault: the short wait
        return replace(done, retried=done.retried + 1)

    def _envelope_from(self) -> str:
        return self.office.envelope_from or self.office.mailbox_address


def next_try(letter: Letter, now: datetime) -> datetime:
    """When a letter refused for now goes again: the wait grows with its attempts."""
    return now + WAITS[min(max(letter.attempts, 1), len(WAITS)) - 1]


def _too_old(letter: Letter, now: datetime) -> bool:
    return letter.created_at is not None and now - letter.created_at >= GIVE_UP
